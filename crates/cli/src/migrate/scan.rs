//! `graph-photo migrate scan`: walks a source tree, reports legacy photo calls, rewrites the certain ones.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use graph_photo_compat::scan::{Certainty, FileScan, Finding, fix, join, scan};
use serde::Serialize;

use super::map::OperationLine;
use super::{replace, sarif, stage};

/// Exit code when something was found and --fix was not given.
const FOUND: u8 = 7;

/// Files larger than this are no source files.
const LARGEST: u64 = 16 << 20;

/// How much of a file is looked at to tell text from binary.
const SAMPLE: usize = 8 << 10;

/// Find uses of the retired photo API in a source tree of any language
///
/// Honours .gitignore and .ignore, skips binary files and files over 16 MiB, and does not follow
/// symbolic links. Exits with 7 if there are findings, unless --fix is given.
#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    /// File or directory
    path: PathBuf,

    /// Rewrite what is certain (literal URLs and scopes) and print the changes as a diff
    #[arg(long)]
    fix: bool,

    /// How to print the findings; with --fix and text, those that are left go to standard error
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Format {
    /// For people: path:line:column
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code-scanning tools
    Sarif,
}

/// A finding and the file it is in.
pub(super) struct Located<'a> {
    pub(super) path: &'a Path,
    /// Path as printed, with forward slashes.
    pub(super) file: &'a str,
    pub(super) finding: &'a Finding,
    /// Whether `--fix` rewrote it.
    pub(super) fixed: bool,
}

pub(super) fn run(args: &ScanArgs) -> anyhow::Result<ExitCode> {
    let (mut files, complete) = walk(&args.path)?;
    join(files.values_mut());
    files.retain(|_, file| !file.findings.is_empty());
    let mut diff = String::new();
    if args.fix {
        diff = rewrite(&files)?;
    }
    let names: Vec<_> = files.keys().map(|path| printed(path)).collect();
    let found: Vec<_> = files
        .iter()
        .zip(&names)
        .flat_map(|((path, file), name)| {
            file.findings.iter().map(|finding| Located {
                path,
                file: name,
                finding,
                fixed: args.fix
                    && finding.certainty == Certainty::Certain
                    && finding.replacement.is_some(),
            })
        })
        .collect();
    let mut out = io::stdout().lock();
    match args.format {
        Format::Text if args.fix => {
            out.write_all(diff.as_bytes())?;
            text(
                &mut io::stderr().lock(),
                found.iter().filter(|located| !located.fixed),
            )?;
            eprintln!("{}", summary(&found));
        }
        Format::Text => {
            text(&mut out, found.iter())?;
            eprintln!("{}", summary(&found));
        }
        Format::Json => json(&mut out, &found)?,
        Format::Sarif => sarif::write(&mut out, &args.path, &found)?,
    }
    out.flush()?;
    if !complete {
        return Ok(ExitCode::FAILURE);
    }
    Ok(if found.is_empty() || args.fix {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FOUND)
    })
}

/// Scans every file below `root`; `false` if some could not be read (each of them named on standard error).
fn walk(root: &Path) -> anyhow::Result<(BTreeMap<PathBuf, FileScan>, bool)> {
    std::fs::metadata(root).with_context(|| root.display().to_string())?;
    let mut files = BTreeMap::new();
    let mut complete = true;
    let walker = ignore::WalkBuilder::new(root)
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    for entry in walker {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                eprintln!("graph-photo: {error}");
                complete = false;
                continue;
            }
        };
        // The root itself may be a symbolic link; below it none is followed.
        let is_file = if entry.depth() == 0 {
            entry.path().is_file()
        } else {
            entry.file_type().is_some_and(|kind| kind.is_file())
        };
        if !is_file {
            continue;
        }
        match read(entry.path()) {
            Ok(Some(source)) => {
                files.insert(entry.into_path(), scan(&source));
            }
            Ok(None) => {}
            Err(error) => {
                eprintln!("graph-photo: {}: {error}", entry.path().display());
                complete = false;
            }
        }
    }
    Ok((files, complete))
}

/// A file's text, or nothing if it is no source file.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    if std::fs::metadata(path)?.len() > LARGEST {
        return Ok(None);
    }
    let source = std::fs::read(path)?;
    let binary = source.iter().take(SAMPLE).any(|byte| *byte == 0);
    Ok((!binary).then_some(source))
}

/// Rewrites the certain findings of all files, or of none: every new file is complete beside its old one before the
/// first takes its place. Gives the changes as a diff.
fn rewrite(files: &BTreeMap<PathBuf, FileScan>) -> anyhow::Result<String> {
    let mut diff = String::new();
    let mut staged = Vec::new();
    for (path, file) in files {
        let target = std::fs::canonicalize(path).with_context(|| path.display().to_string())?;
        let source = std::fs::read(&target).with_context(|| path.display().to_string())?;
        let unchanged = file.findings.iter().all(|finding| {
            source
                .get(finding.span.clone())
                .is_some_and(|text| String::from_utf8_lossy(text) == finding.text)
        });
        anyhow::ensure!(
            unchanged,
            "{} changed while it was scanned; nothing was rewritten",
            path.display()
        );
        let Some(fixed) = fix(&source, &file.findings) else {
            continue;
        };
        let (before, after) = (
            String::from_utf8_lossy(&source),
            String::from_utf8_lossy(&fixed),
        );
        let name = printed(path);
        diff.push_str(
            &similar::TextDiff::from_lines(before.as_ref(), after.as_ref())
                .unified_diff()
                .header(&format!("a/{name}"), &format!("b/{name}"))
                .to_string(),
        );
        let mut new = stage(&target)?;
        new.write_all(&fixed)
            .with_context(|| path.display().to_string())?;
        staged.push((new, target));
    }
    for (new, target) in staged {
        replace(new, &target)?;
    }
    Ok(diff)
}

/// A path as reports print it: relative where it was given so, with forward slashes.
fn printed(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

fn text<'a>(out: &mut dyn Write, found: impl Iterator<Item = &'a Located<'a>>) -> io::Result<()> {
    for Located { file, finding, .. } in found {
        let Finding {
            start,
            certainty,
            kind,
            ..
        } = finding;
        writeln!(
            out,
            "{file}:{}:{}: {certainty} {kind}: {}",
            start.line,
            start.column,
            one_line(&finding.text)
        )?;
        if let Some(replacement) = &finding.replacement {
            writeln!(out, "    write: {}", one_line(replacement))?;
        }
        for operation in &finding.operations {
            writeln!(out, "    {:<5} {}", operation.method, operation.name)?;
        }
        for note in &finding.notes {
            writeln!(out, "    note: {}", one_line(note))?;
        }
    }
    Ok(())
}

/// Text from a source file, safe for a terminal.
fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|letter| {
            if letter.is_control() {
                letter.escape_default().collect::<Vec<_>>()
            } else {
                vec![letter]
            }
        })
        .collect()
}

fn summary(found: &[Located<'_>]) -> String {
    let count = |certainty| {
        found
            .iter()
            .filter(|located| located.finding.certainty == certainty)
            .count()
    };
    let mut files: Vec<_> = found.iter().map(|located| located.file).collect();
    files.dedup();
    let fixed = found.iter().filter(|located| located.fixed).count();
    format!(
        "{} findings in {} files: {} certain, {} likely, {} possible{}",
        found.len(),
        files.len(),
        count(Certainty::Certain),
        count(Certainty::Likely),
        count(Certainty::Possible),
        if fixed > 0 {
            format!("; {fixed} rewritten")
        } else {
            String::new()
        }
    )
}

/// One finding in `--format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonFinding<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    kind: &'static str,
    certainty: String,
    text: &'a str,
    replacement: Option<&'a str>,
    operations: Vec<OperationLine>,
    notes: &'a [String],
    fixed: bool,
}

fn json(out: &mut dyn Write, found: &[Located<'_>]) -> anyhow::Result<()> {
    let findings: Vec<_> = found
        .iter()
        .map(
            |Located {
                 file,
                 finding,
                 fixed,
                 ..
             }| JsonFinding {
                file,
                line: finding.start.line,
                column: finding.start.column,
                end_line: finding.end.line,
                end_column: finding.end.column,
                kind: finding.kind.name(),
                certainty: finding.certainty.to_string(),
                text: &finding.text,
                replacement: finding.replacement.as_deref(),
                operations: OperationLine::all(&finding.operations),
                notes: &finding.notes,
                fixed: *fixed,
            },
        )
        .collect();
    let report = serde_json::json!({ "summary": summary(found), "findings": findings });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)?;
    Ok(())
}
