//! The report as a page for a pull request.
//!
//! Written for a reader who knows neither the code nor the two specs: what changed, what that means
//! for whom, the heaviest first. Changes that several operations share are told once, with a table
//! where only the values differ.

use std::fmt::Write as _;

use super::report::{Change, Effect, Level, Place, Report};

/// A text longer than this is cut in the page; `--format json` has all of it.
const LONGEST_QUOTE: usize = 240;

/// The page.
#[must_use]
pub fn page(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_page(&mut text, report);
    text
}

fn write_page(text: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(text, "# What changes for users\n")?;
    for (label, side) in [("From", &report.old), ("To", &report.new)] {
        let origin = side.origin.as_deref().unwrap_or("origin unknown");
        let hash = side.sha256.get(..12).unwrap_or_default();
        writeln!(text, "* {label} `{}`: {origin} (spec {hash})", side.name)?;
    }
    writeln!(
        text,
        "\n**Version step: {}**: {}.\n",
        report.semver.name(),
        report.semver.advice()
    )?;
    if report.changes.is_empty() {
        return writeln!(text, "Nothing that a user could notice.");
    }
    let count = |level: Level, of: fn(&Change) -> &Effect| {
        report
            .changes
            .iter()
            .filter(|change| of(change).level == level)
            .count()
    };
    writeln!(text, "| | Rust | wire |\n|---|---|---|")?;
    for level in [Level::Breaking, Level::Additive, Level::Docs] {
        writeln!(
            text,
            "| {} | {} | {} |",
            level.name(),
            count(level, |change| &change.rust),
            count(level, |change| &change.wire)
        )?;
    }
    writeln!(
        text,
        "\n\"Rust\" is a program whose author upgrades the crates and compiles again. \"Wire\" is a program\n\
         built before, talking to a service that behaves as described now."
    )?;
    for (level, title) in [
        (Level::Breaking, "Breaking"),
        (Level::Additive, "Additive"),
        (Level::Docs, "Documentation"),
    ] {
        let groups = grouped(
            report
                .changes
                .iter()
                .filter(|change| change.level() == level),
        );
        if groups.is_empty() {
            continue;
        }
        writeln!(text, "\n## {title}\n")?;
        for group in groups {
            entry(text, &group)?;
        }
    }
    Ok(())
}

/// Changes that differ in nothing but the operation or type, and in what was and is there; in the
/// order of the first of each.
fn grouped<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<Vec<&'a Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        let same = |other: &Change| {
            std::mem::discriminant(&other.place) == std::mem::discriminant(&change.place)
                && (other.rule, &other.what, &other.rust, &other.wire)
                    == (change.rule, &change.what, &change.rust, &change.wire)
        };
        match groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| same(first)))
        {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

fn entry(text: &mut String, group: &[&Change]) -> std::fmt::Result {
    let Some(first) = group.first() else {
        return Ok(());
    };
    let name = |change: &Change| match &change.place {
        Place::Api => None,
        Place::Operation(name) | Place::Type(name) => Some(format!("`{name}`")),
    };
    let names: Vec<String> = group.iter().filter_map(|change| name(change)).collect();
    let alike = group
        .iter()
        .all(|change| (&change.old, &change.new) == (&first.old, &first.new));
    let kind = match (&first.place, names.len()) {
        (Place::Api, _) => "The API",
        (Place::Operation(_), 1) => "Operation",
        (Place::Operation(_), _) => "Operations",
        (Place::Type(_), 1) => "Type",
        (Place::Type(_), _) => "Types",
    };
    let mut subject = kind.to_owned();
    if names.len() > 1 {
        subject = format!("{} {}", names.len(), subject.to_lowercase());
    }
    if alike && !names.is_empty() {
        write!(subject, " {}", names.join(", "))?;
    }
    writeln!(
        text,
        "* **{subject}:** {}.",
        first.what.trim_end_matches('.')
    )?;
    for (audience, effect) in [("Rust", &first.rust), ("Wire", &first.wire)] {
        if effect.level == Level::None || (effect.level == Level::Docs && effect.because.is_empty())
        {
            continue;
        }
        let because = if effect.because.is_empty() {
            String::new()
        } else {
            format!(". {}", effect.because)
        };
        writeln!(text, "  * {audience}: {}{because}", effect.level.name())?;
    }
    if !alike {
        writeln!(text, "\n  | | was | is |\n  |---|---|---|")?;
        for change in group {
            let cell = |value: &Option<String>| {
                let value = value.as_deref().map(quote).unwrap_or_default();
                value.replace('|', "\\|")
            };
            writeln!(
                text,
                "  | {} | {} | {} |",
                name(change).unwrap_or_default(),
                cell(&change.old),
                cell(&change.new)
            )?;
        }
        writeln!(text)?;
    } else if let (Some(old), Some(new)) = (&first.old, &first.new) {
        for (label, value) in [("was", old), ("is", new)] {
            writeln!(text, "  * {label}: {}", quote(value))?;
        }
    }
    Ok(())
}

/// One line, cut where it gets long.
fn quote(value: &str) -> String {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "-".to_owned();
    }
    match line.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("\"{} ...\"", line.get(..end).unwrap_or(&line)),
        None => format!("\"{line}\""),
    }
}
