//! Findings as SARIF 2.1.0 (OASIS), with what code-scanning services ask for beyond it.
//!
//! GitHub wants paths relative to the repository's root, and a fingerprint of the line, so that an alert stays the
//! same alert when lines are added above it.

use std::collections::HashMap;
use std::io::Write;
use std::ops::Range;
use std::path::{Component, Path};

use anyhow::Context as _;
use graph_photo_compat::scan::{Certainty, Finding, Kind};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::fingerprint::line_hashes;
use super::scan::Located;

/// Every kind of finding is a rule.
const RULES: [Kind; 5] = [
    Kind::Url,
    Kind::HostConstant,
    Kind::Path,
    Kind::Scope,
    Kind::Field,
];

/// What a path may not hold as part of a URI.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b':')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The name that the specification suggests for the root of the scanned sources; who reads the log knows where it is.
const ROOT: &str = "%SRCROOT%";

/// Writes one run; `scanned` is the path that was asked for.
pub(super) fn write(
    out: &mut dyn Write,
    scanned: &Path,
    found: &[Located<'_>],
) -> anyhow::Result<()> {
    let rules: Vec<_> = RULES
        .iter()
        .map(|kind| {
            json!({
                "id": kind.name(),
                "shortDescription": { "text": kind.description() },
                "fullDescription": { "text": kind.description() },
                "help": { "text": "The Outlook REST API was switched off on 2024-03-31. Write what the message says, or run graph-photo migrate scan --fix." },
                "defaultConfiguration": { "level": "warning" },
                "properties": { "tags": ["migration", "microsoft-graph"] },
            })
        })
        .collect();
    // What has been rewritten is no result any more.
    let open = found.iter().filter(|located| !located.fixed);
    let mut hashes: HashMap<&Path, Vec<String>> = HashMap::new();
    let mut results = Vec::new();
    for located in open {
        if !hashes.contains_key(located.path) {
            let source =
                std::fs::read(located.path).with_context(|| located.path.display().to_string())?;
            hashes.insert(located.path, line_hashes(&source));
        }
        let hash = hashes
            .get(located.path)
            .and_then(|lines| lines.get(located.finding.start.line.saturating_sub(1)));
        results.push(result(located, &uri(located.path, scanned), hash));
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "graph-photo migrate scan",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: { "description": { "text": "The root of the repository" } } },
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)?;
    Ok(())
}

/// A path as a URI below the root: relative to the working directory, or, for what lies elsewhere, to what was scanned.
fn uri(path: &Path, scanned: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let inside = |path: &Path| {
        path.components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
    };
    let relative = path.strip_prefix(&here).unwrap_or(path);
    let relative = if inside(relative) {
        relative
    } else {
        match path.strip_prefix(scanned) {
            Ok(below) if !below.as_os_str().is_empty() => below,
            _ => Path::new(path.file_name().unwrap_or_default()),
        }
    };
    let segments: Vec<_> = relative
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => {
                Some(utf8_percent_encode(&name.to_string_lossy(), PATH).to_string())
            }
            _ => None,
        })
        .collect();
    segments.join("/")
}

fn result(located: &Located<'_>, uri: &str, hash: Option<&String>) -> Value {
    let finding = located.finding;
    let artifact = json!({ "uri": uri, "uriBaseId": ROOT });
    let mut result = json!({
        "ruleId": finding.kind.name(),
        "ruleIndex": RULES.iter().position(|kind| *kind == finding.kind),
        "level": match finding.certainty {
            Certainty::Certain => "error",
            Certainty::Likely => "warning",
            _ => "note",
        },
        "message": { "text": message(finding) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": artifact,
            "region": region(finding),
        } }],
        "properties": { "certainty": finding.certainty.to_string() },
    });
    if let Some(hash) = hash {
        insert(
            &mut result,
            "partialFingerprints",
            json!({ "primaryLocationLineHash": hash }),
        );
    }
    if let (Certainty::Certain, Some(replacement)) = (finding.certainty, &finding.replacement) {
        insert(
            &mut result,
            "fixes",
            json!([{
                "description": { "text": format!("Write {replacement}") },
                "artifactChanges": [{
                    "artifactLocation": artifact,
                    "replacements": [{
                        "deletedRegion": region(finding),
                        "insertedContent": { "text": replacement },
                    }],
                }],
            }]),
        );
    }
    result
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn region(finding: &Finding) -> Value {
    let Range { start, end } = finding.start..finding.end;
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn message(finding: &Finding) -> String {
    let mut text = finding.kind.description().to_owned();
    if let Some(replacement) = &finding.replacement {
        text.push_str(&format!(" Write {replacement} instead."));
    }
    for operation in &finding.operations {
        text.push_str(&format!(
            " {} is client.operations().{}(..).",
            operation.method, operation.name
        ));
    }
    for note in &finding.notes {
        text.push_str(&format!(" Note: {note}."));
    }
    text
}
