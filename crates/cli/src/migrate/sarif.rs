//! Findings as SARIF 2.1.0 (OASIS), in the shape that code-scanning services take.

use std::io::Write;
use std::ops::Range;

use graph_photo_compat::scan::{Certainty, Finding, Kind};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

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
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Writes one run.
pub(super) fn write(out: &mut dyn Write, found: &[Located<'_>]) -> anyhow::Result<()> {
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
            "results": open.map(result).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)?;
    Ok(())
}

fn result(located: &Located<'_>) -> Value {
    let finding = located.finding;
    let uri = utf8_percent_encode(located.file, PATH).to_string();
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
            "artifactLocation": { "uri": uri },
            "region": region(finding),
        } }],
        "properties": { "certainty": finding.certainty.to_string() },
    });
    if let (Certainty::Certain, Some(replacement)) = (finding.certainty, &finding.replacement) {
        insert(
            &mut result,
            "fixes",
            json!([{
                "description": { "text": format!("Write {replacement}") },
                "artifactChanges": [{
                    "artifactLocation": { "uri": uri },
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
