//! `Id`, `Width` and `Height` in the legacy spelling, near a photo's metadata.
//!
//! The names are common, so they count only where metadata is fetched close by, and only as keys (`["Width"]`), tags
//! (`json:"Width"`), members of something that sounds like an answer (`photo.Width`) or of a type named after photos.

use std::ops::Range;

use memchr::memmem;

use super::{Certainty, Finding, Kind, Text, covers};
use crate::generated::shapes::SHAPES;

/// How many lines before and after a request its answer is looked for.
const BEFORE: usize = 25;
const AFTER: usize = 40;

/// How many lines above a member its type's name may stand.
const TYPE_HEADER: usize = 8;

/// What an answer is called.
const ANSWERS: [&[u8]; 14] = [
    b"photo",
    b"meta",
    b"response",
    b"resp",
    b"result",
    b"json",
    b"body",
    b"data",
    b"payload",
    b"answer",
    b"entity",
    b"picture",
    b"reply",
    b"avatar",
];

/// What a picture on a screen is called, or part of one.
const PICTURES: [&[u8]; 12] = [
    b"img",
    b"image",
    b"bitmap",
    b"canvas",
    b"window",
    b"screen",
    b"rect",
    b"bounds",
    b"frame",
    b"texture",
    b"view",
    b"database",
];

pub(super) fn find(text: &Text<'_>, findings: &[Finding]) -> Vec<Finding> {
    // In the order of the findings; those that touch are one.
    let mut near: Vec<Range<usize>> = Vec::new();
    let mut spans: Vec<Range<usize>> = findings
        .iter()
        .map(|finding| finding.span.clone())
        .collect();
    spans.sort_by_key(|span| span.start);
    let mut requests: Vec<_> = findings
        .iter()
        .filter(|finding| is_metadata(finding))
        .collect();
    requests.sort_by_key(|finding| finding.start);
    for request in requests {
        let lines = (request.start.line - 1).saturating_sub(BEFORE)..request.end.line + AFTER;
        match near.last_mut() {
            Some(last) if lines.start <= last.end => last.end = last.end.max(lines.end),
            _ => near.push(lines),
        }
    }
    if near.is_empty() {
        return Vec::new();
    }
    let members = SHAPES
        .iter()
        .find(|shape| shape.name == "Photo")
        .map(|shape| shape.members)
        .unwrap_or_default();
    let mut found = Vec::new();
    for member in members
        .iter()
        .filter(|member| member.outlook != member.graph)
    {
        for at in memmem::find_iter(text.bytes, member.outlook.as_bytes()) {
            let span = at..at + member.outlook.len();
            let line = text.line(at);
            if !covers(&near, line) || covers(&spans, at) {
                continue;
            }
            let Some(certainty) = use_of(text, &span, line) else {
                continue;
            };
            let mut finding = text.finding(Kind::Field, certainty, span);
            finding.replacement = Some(member.graph.to_owned());
            found.push(finding);
        }
    }
    found
}

/// Whether the answer is metadata: bytes have no fields.
fn is_metadata(finding: &Finding) -> bool {
    matches!(finding.kind, Kind::Url | Kind::Path)
        && !finding.operations.is_empty()
        && finding
            .operations
            .iter()
            .all(|operation| !operation.name.contains("content"))
}

/// Whether a name is used as a property, and how sure that is.
fn use_of(text: &Text<'_>, span: &Range<usize>, line: usize) -> Option<Certainty> {
    let before = text.bytes.get(..span.start)?;
    let after = text.bytes.get(span.end..)?;
    let word =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if word(before.last()) || word(after.first()) {
        return None;
    }
    match (before.last(), after.first()) {
        (Some(open @ (b'"' | b'\'')), Some(close)) if open == close => {
            return Some(Certainty::Likely);
        }
        // A Ruby symbol.
        (Some(b':'), _) if before.ends_with(b"[:") => return Some(Certainty::Likely),
        _ => {}
    }
    let receiver = [&b"."[..], b"->", b"?.", b"!."]
        .iter()
        .find_map(|sign| before.strip_suffix(*sign))
        // A member of a Perl hash, and of an R list; a dollar without a name before it begins a variable.
        .or_else(|| {
            before
                .strip_suffix(b"->{")
                .filter(|_| after.first() == Some(&b'}'))
        })
        .or_else(|| {
            before
                .strip_suffix(b"$")
                .filter(|receiver| word(receiver.last()))
        });
    if let Some(receiver) = receiver {
        if after.first() == Some(&b'(') {
            return None;
        }
        let length = receiver
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"_$.?!".contains(byte))
            .count();
        let receiver = receiver
            .get(receiver.len() - length..)?
            .to_ascii_lowercase();
        let sounds = |names: &[&[u8]]| {
            names
                .iter()
                .any(|name| memmem::find(&receiver, name).is_some())
        };
        return (sounds(&ANSWERS) && !sounds(&PICTURES)).then_some(Certainty::Likely);
    }
    declared_in_photo_type(text, before, after, line).then_some(Certainty::Possible)
}

/// Whether this is the declaration of a member, in a type named after photos.
fn declared_in_photo_type(text: &Text<'_>, before: &[u8], after: &[u8], line: usize) -> bool {
    let after = after.trim_ascii_start();
    let declared = after.starts_with(b"{")
        || after.starts_with(b":")
        || after.starts_with(b"?:")
        || after.starts_with(b";")
        || after.first().is_some_and(u8::is_ascii_lowercase)
            && before.trim_ascii_end().len() < before.len();
    declared
        && (line.saturating_sub(TYPE_HEADER)..line).rev().any(|above| {
            let header = text.line_bytes(above).to_ascii_lowercase();
            memmem::find(&header, b"photo").is_some()
                && [
                    &b"class "[..],
                    b"struct ",
                    b"interface ",
                    b"record ",
                    b"type ",
                ]
                .iter()
                .any(|word| memmem::find(&header, word).is_some())
        })
}
