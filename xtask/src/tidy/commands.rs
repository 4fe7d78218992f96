//! The commands that README.md and CONTRIBUTING.md tell people to run.
//!
//! `cargo xtask` is checked by parsing it as xtask would; for others it is checked that the program
//! or script is one that a reader has after cloning.

use std::path::Path;

use clap::error::ErrorKind;

use super::Finding;

/// Commands that come with Rust or with this workspace.
const PROGRAMS: [&str; 3] = ["cargo", "graph-photo", "git"];
/// Subcommands of cargo that come with Rust.
const CARGO: [&str; 12] = [
    "add", "bench", "build", "check", "clippy", "doc", "fmt", "install", "run", "test", "update",
    "xtask",
];

/// Checks the shell blocks of a page, and the inline code that starts with `cargo xtask`.
#[must_use]
pub fn check(root: &Path, page: &Path, text: &str, xtask: &clap::Command) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut in_shell = false;
    let mut in_other = false;
    for (index, line) in text.lines().enumerate() {
        let mut find = |fault: Option<String>| {
            findings.extend(fault.map(|fault| Finding {
                path: page.to_owned(),
                line: index + 1,
                fault,
                remedy: "mend the command, or what it should run",
            }));
        };
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let opens = !in_shell && !in_other;
            in_shell = opens && matches!(language.trim(), "sh" | "bash" | "shell" | "console");
            in_other = opens && !in_shell;
        } else if in_shell {
            let command = line.trim().trim_start_matches("$ ");
            if !command.is_empty() && !command.starts_with('#') {
                find(fault(root, command, xtask, true));
            }
        } else if !in_other {
            for code in line.split('`').skip(1).step_by(2) {
                if code.starts_with("cargo xtask ") {
                    find(fault(root, code, xtask, false));
                }
            }
        }
    }
    findings
}

/// What is wrong with a command; `whole` if it is to be run as it stands.
fn fault(root: &Path, command: &str, xtask: &clap::Command, whole: bool) -> Option<String> {
    let mut words = words(command);
    // Settings of the environment come first.
    while words.first().is_some_and(|word| is_assignment(word)) {
        words.remove(0);
    }
    let (program, rest) = words.split_first()?;
    if program.contains('/') {
        let exists = root.join(program).is_file();
        return (!exists).then(|| format!("`{program}` is not in the repository"));
    }
    if !PROGRAMS.contains(&program.as_str()) {
        return Some(format!("nobody has `{program}` after cloning"));
    }
    if program != "cargo" {
        return None;
    }
    let (subcommand, rest) = rest.split_first()?;
    if subcommand != "xtask" {
        let known = CARGO.contains(&subcommand.as_str());
        return (!known).then(|| format!("`cargo {subcommand}` does not come with Rust"));
    }
    let arguments = std::iter::once("xtask").chain(rest.iter().map(String::as_str));
    let error = xtask.clone().try_get_matches_from(arguments).err()?;
    let accepted = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => true,
        // `cargo xtask trim` in a sentence is a name and not a call.
        ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand => !whole,
        _ => false,
    };
    let first = error.to_string();
    let first = first.lines().next().unwrap_or_default().to_owned();
    (!accepted).then(|| format!("`{command}`: {first}"))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
    })
}

/// The words of a command up to a pipe, a redirection, a list or a comment; quotes keep words
/// together.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(character),
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, '|' | '>' | '<' | ';' | '&') => break,
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}
