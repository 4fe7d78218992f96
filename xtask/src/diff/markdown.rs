//! The report as a page for a pull request.
//!
//! Written for a reader who knows neither the code nor the two specs: what changed, what that means
//! for whom, the heaviest first. Changes that several operations share are told once, with a table
//! where only the values differ.

use std::fmt::Write as _;

use super::grouping::{are_alike, grouped, kind, name, names};
use super::report::{Change, Effect, Level, Report};

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
    let broken = (
        count(Level::Breaking, |change| &change.rust),
        count(Level::Breaking, |change| &change.wire),
    );
    writeln!(text, "{}\n", in_short(broken))?;
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
    for (level, title, about) in [
        (
            Level::Breaking,
            "Breaking",
            "Something that worked may stop working.",
        ),
        (
            Level::Additive,
            "Additive",
            "There is more than before; what worked still works.",
        ),
        (
            Level::Docs,
            "Documentation",
            "The documentation says something else; no program does.",
        ),
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
        writeln!(text, "\n## {title}\n\n{about}\n")?;
        for group in groups {
            entry(text, &group)?;
        }
    }
    Ok(())
}

/// The answer to the first question of whoever opens the page.
fn in_short((rust, wire): (usize, usize)) -> String {
    let things = |count: usize| match count {
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    };
    let rust = match rust {
        0 => "Every program that compiles today still compiles".to_owned(),
        count => format!(
            "{} below can keep a program from compiling until it is adapted",
            things(count)
        ),
    };
    let wire = match wire {
        0 => "programs that are built already keep working".to_owned(),
        count => format!(
            "{} can make a program fail that is built already",
            things(count)
        ),
    };
    format!("{rust}; {wire}.")
}

fn entry(text: &mut String, group: &[&Change]) -> std::fmt::Result {
    let Some(first) = group.first() else {
        return Ok(());
    };
    let alike = are_alike(group);
    let mut subject = kind(group);
    if alike {
        subject = format!("{subject} {}", names(group)).trim_end().to_owned();
    }
    let each = if group.len() > 1 { ", each" } else { "" };
    writeln!(
        text,
        "* **{subject}{each}:** {}.",
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
                name(change),
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
