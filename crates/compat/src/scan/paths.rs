//! Photo paths without a host, which some legacy host may be put in front of.

use std::ops::Range;

use memchr::memmem;

use super::literal::Literal;
use super::{Certainty, Finding, Kind, Text, covers};
use crate::url::{self, Mapping};

/// How far before `photo` its string literal may begin, in bytes.
const REACH: usize = 160;

/// Stands for what is joined in front of a path.
const JOINED: &str = "zq98qz";

pub(super) fn find(text: &Text<'_>, taken: &[Range<usize>]) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for at in memmem::find_iter(&text.lower, b"photo") {
        if covers(taken, at)
            || found
                .last()
                .is_some_and(|finding| finding.span.contains(&at))
        {
            continue;
        }
        if let Some(finding) = path(text, at) {
            found.push(finding);
        }
    }
    found
}

fn path(text: &Text<'_>, at: usize) -> Option<Finding> {
    let (start, quote) = opening(text, at)?;
    let open_key = text.bytes.get(start..)?.starts_with(b"')");
    let literal = Literal::read(text.bytes, start, Some(quote), open_key);
    if literal.end <= at || !literal.closed {
        return None;
    }
    let before = text.before(start);
    let value = literal.value.as_str();
    // A placeholder in front is the root: `{BASE}/me/photo`.
    let value = match literal.placeholders.first() {
        Some((word, _)) => value
            .strip_prefix(word.as_str())
            .filter(|rest| rest.starts_with('/'))
            .unwrap_or(value),
        None => value,
    };
    let trimmed = value.trim_start_matches('/');
    let lower = trimmed.to_ascii_lowercase();
    let candidate = if let Some(rest) = trimmed.strip_prefix("')/") {
        // The second half of `"/Users('" + email + "')/photo"`.
        if memmem::find(before, b"users('").is_none()
            && memmem::find(before, b"users(\\'").is_none()
        {
            return None;
        }
        format!("users/{JOINED}/{rest}")
    } else if lower.starts_with("photo") && value.starts_with('/') {
        // The second half of `base + "/users/" + id + "/photo"`.
        memmem::find(before, b"/users/")?;
        format!("users/{JOINED}/{trimmed}")
    } else {
        trimmed.to_owned()
    };
    let lower = candidate.to_ascii_lowercase();
    let versioned = if lower.starts_with("api/") {
        candidate.clone()
    } else if lower.starts_with("v2.0/") || lower.starts_with("beta/") || lower.starts_with("v1.0/")
    {
        format!("api/{candidate}")
    } else {
        format!("api/v2.0/{candidate}")
    };
    let Ok(Mapping::Photo(request)) =
        url::to_graph(&format!("https://outlook.office.com/{versioned}"))
    else {
        return None;
    };
    let mut finding = text.finding(Kind::Path, Certainty::Likely, start..literal.end);
    let graph = request.url.strip_prefix("https://graph.microsoft.com")?;
    // A path without a version keeps none: that is part of the root.
    let graph = if versioned.len() > candidate.len() + 4 {
        graph.split_once("/v1.0")?.1
    } else {
        graph
    };
    let graph = if graph.contains(JOINED) {
        graph.replace(JOINED, "{…}")
    } else {
        graph.to_owned()
    };
    // A relative path stays one.
    let relative = value == trimmed && !value.starts_with("')/");
    let graph = if relative {
        graph.trim_start_matches('/').to_owned()
    } else {
        graph
    };
    finding.replacement = Some(literal.restore(&literal.escape(&graph)));
    finding.operations = request.operations.to_vec();
    Some(finding)
}

/// The quote that opens the string literal around `at`, and the byte after it.
fn opening(text: &Text<'_>, at: usize) -> Option<(usize, u8)> {
    let line_start = text.lines.get(text.line(at)).copied()?;
    let from = line_start.max(at.saturating_sub(REACH));
    for place in (from..at).rev() {
        let byte = *text.bytes.get(place)?;
        match byte {
            b'"' | b'`' => return Some((place + 1, byte)),
            b'\'' => {
                let before = place
                    .checked_sub(1)
                    .and_then(|before| text.bytes.get(before));
                let after = text.bytes.get(place + 1);
                // Quotes of an OData key belong to the path.
                let key = text.lower.get(..place)?;
                let opens_key = [&b"users("[..], b"photos(", b"users(\\", b"photos(\\"]
                    .iter()
                    .any(|name| key.ends_with(name));
                if opens_key || after == Some(&b')') || (before == Some(&b'\\') && after.is_some())
                {
                    continue;
                }
                if before == Some(&b'\'') || after == Some(&b'\'') {
                    continue;
                }
                return Some((place + 1, byte));
            }
            b' ' | b'\t' => return None,
            _ => {}
        }
    }
    None
}
