//! No path of somebody's machine, no token and no private key in what is committed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use regex::bytes::{Regex, RegexSet};

use super::Finding;

/// What is looked for, and its name. A token is told by its form and length, so that names such as
/// `ghp_` in a text like this one are none.
const PATTERNS: [(&str, &str); 7] = [
    (
        "a path of somebody's machine",
        r"(?:/home/|/Users/|[A-Za-z]:\\+Users\\+)[A-Za-z0-9][A-Za-z0-9._-]*[/\\]",
    ),
    ("a path of somebody's machine", r"/root/[A-Za-z0-9.]"),
    (
        "a JSON Web Token",
        r"\beyJ[A-Za-z0-9_-]{12,}\.eyJ[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{12,}",
    ),
    (
        "a token of GitHub",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50})",
    ),
    (
        "a token of npm or crates.io",
        r"\b(?:npm_[A-Za-z0-9]{36}|cio[A-Za-z0-9]{32}\b)",
    ),
    ("a key of a cloud", r"\bAKIA[0-9A-Z]{16}\b"),
    (
        "a private key",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{16}",
    ),
];

/// Looks through all files that git tracks below `root`.
///
/// # Errors
/// When git does not list the files, or one cannot be read.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let own = own_paths(root);
    let mut findings = Vec::new();
    for path in tracked(root)? {
        let file = root.join(&path);
        // A file that is removed but not committed, or a link.
        if !file.is_file() {
            continue;
        }
        let content =
            std::fs::read(&file).with_context(|| format!("reading {}", path.display()))?;
        findings.extend(search(&path, &content, &own)?);
    }
    Ok(findings)
}

/// Searches one file; `own` are further paths that must not be in it.
///
/// # Errors
/// None that the patterns can cause; the regular expressions' interface has one.
pub fn search(path: &Path, content: &[u8], own: &[String]) -> Result<Vec<Finding>> {
    let own: Vec<String> = own.iter().map(|path| regex::escape(path)).collect();
    let patterns: Vec<(&str, &str)> = PATTERNS
        .into_iter()
        .chain(
            own.iter()
                .map(|path| ("the path of this clone", path.as_str())),
        )
        .collect();
    let set = RegexSet::new(patterns.iter().map(|(_, pattern)| pattern))?;
    let mut findings = Vec::new();
    for index in set.matches(content) {
        let Some((name, pattern)) = patterns.get(index) else {
            continue;
        };
        for found in Regex::new(pattern)?.find_iter(content) {
            let before = content.get(..found.start()).unwrap_or_default();
            findings.push(Finding {
                path: path.to_owned(),
                line: memchr::memchr_iter(b'\n', before).count() + 1,
                // Not what was found: a report that repeats a secret is a leak of its own.
                fault: format!("there is {name}"),
                remedy: "replace it by something made up; a real secret must be revoked too",
            });
        }
    }
    findings.dedup();
    Ok(findings)
}

/// Where this clone is, unless that could be anything's name.
fn own_paths(root: &Path) -> Vec<String> {
    let absolute = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let path = absolute.to_string_lossy().into_owned();
    if path.matches(['/', '\\']).count() >= 2 {
        vec![path]
    } else {
        Vec::new()
    }
}

fn tracked(root: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "-z"])
        .output()
        .context("starting git (remedy: install git; tidy asks it which files are tracked)")?;
    anyhow::ensure!(
        output.status.success(),
        "git ls-files failed: {}\n    remedy: run the command in a clone of the repository",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .collect())
}
