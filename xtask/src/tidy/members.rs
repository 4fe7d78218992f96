//! What every crate of the workspace says about itself.

use std::path::Path;

use anyhow::{Context as _, Result};
use toml::{Table, Value};

use super::Finding;

/// The folders of the members that the workspace's Cargo.toml lists.
///
/// # Errors
/// When the text is no manifest of a workspace, or uses patterns, which this reader does not expand.
pub fn members(workspace: &str) -> Result<Vec<String>> {
    let table: Table = workspace.parse().context("Cargo.toml")?;
    let members = table
        .get("workspace")
        .and_then(|workspace| workspace.get("members"))
        .and_then(Value::as_array)
        .context("Cargo.toml has no workspace.members")?;
    members
        .iter()
        .map(|member| match member.as_str() {
            Some(folder) if !folder.contains(['*', '?', '[']) => Ok(folder.to_owned()),
            _ => anyhow::bail!(
                "Cargo.toml: workspace member {member:?} is a pattern\n    remedy: list the folder itself"
            ),
        })
        .collect()
}

/// Checks the manifest of one member.
///
/// # Errors
/// When the text is not TOML.
pub fn check(path: &Path, text: &str) -> Result<Vec<Finding>> {
    let table: Table = text.parse().with_context(|| path.display().to_string())?;
    let finding = |fault: &str, remedy| Finding {
        path: path.to_owned(),
        line: 0,
        fault: fault.to_owned(),
        remedy,
    };
    let mut findings = Vec::new();
    let lints = table.get("lints").and_then(|lints| lints.get("workspace"));
    if lints != Some(&Value::Boolean(true)) {
        findings.push(finding(
            "the lints of the workspace do not apply here",
            "add `[lints]` with `workspace = true`",
        ));
    }
    let package = table.get("package");
    // A text of its own, or `KEY.workspace = true`.
    let says = |key: &str| match package.and_then(|package| package.get(key)) {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(inherited) => inherited.get("workspace") == Some(&Value::Boolean(true)),
        None => false,
    };
    if !says("description") {
        findings.push(finding(
            "the crate has no description",
            "say in one sentence what it is for, in package.description",
        ));
    }
    if !says("license") {
        findings.push(finding(
            "the crate has no licence",
            "add `license.workspace = true`",
        ));
    }
    Ok(findings)
}
