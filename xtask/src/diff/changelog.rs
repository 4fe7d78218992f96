//! The report as entries for CHANGELOG.md, one line each, for its "Unreleased" section.
//!
//! The same changes as on the page for the pull request, told to users of the crates: what each
//! means for their programs is in the line, documentation is one line in all, and the first names
//! the document that the release speaks for.

use std::fmt::Write as _;

use super::grouping::{are_alike, grouped, kind, names};
use super::report::{Change, Level, Report};

/// The entries, under the headings of <https://keepachangelog.com>.
#[must_use]
pub fn entries(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_entries(&mut text, report);
    text
}

fn write_entries(text: &mut String, report: &Report) -> std::fmt::Result {
    if report.changes.is_empty() {
        return writeln!(text, "Nothing that a user could notice.");
    }
    let origin = |side: &super::report::Compared| {
        side.origin
            .clone()
            .unwrap_or_else(|| format!("spec {}", side.sha256.get(..12).unwrap_or_default()))
    };
    let (old, new) = (origin(&report.old), origin(&report.new));
    if old == new {
        writeln!(text, "Generated from {new}, as before.")?;
    } else {
        writeln!(text, "Generated from {new}; before, from {old}.")?;
    }
    for (level, title) in [(Level::Breaking, "Breaking"), (Level::Additive, "Added")] {
        let groups = grouped(
            report
                .changes
                .iter()
                .filter(|change| change.level() == level),
        );
        if !groups.is_empty() {
            writeln!(text, "\n### {title}\n")?;
        }
        for group in groups {
            writeln!(text, "* {}", line(&group))?;
        }
    }
    let words = report
        .changes
        .iter()
        .filter(|change| change.level() == Level::Docs)
        .count();
    if words > 0 {
        let places = if words == 1 { "place" } else { "places" };
        writeln!(
            text,
            "\n### Documentation\n\n* The documentation follows Microsoft's in {words} {places}."
        )?;
    }
    Ok(())
}

/// A group in one line: who, what, and what that means.
fn line(group: &[&Change]) -> String {
    let Some(first) = group.first() else {
        return String::new();
    };
    let mut line = format!("{} {}", kind(group), names(group))
        .trim_end()
        .to_owned();
    if group.len() > 1 {
        line.push_str(", each");
    }
    let _ = write!(line, ": {}", first.what.trim_end_matches('.'));
    if are_alike(group)
        && let (Some(old), Some(new)) = (&first.old, &first.new)
    {
        let _ = write!(line, " (was {}, is {})", one_line(old), one_line(new));
    }
    line.push('.');
    for effect in [&first.rust, &first.wire] {
        // What costs nobody anything needs no reason.
        if effect.level == Level::Breaking && !effect.because.is_empty() {
            let _ = write!(line, " {}", effect.because);
        }
    }
    line
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
