//! Rewrites the values of `@odata.*` members and of the photo's `Id`.
//!
//! Values are handled as they stand between the quotes, escapes and all, and only the parts that differ between the
//! two services are replaced: a document that writes `\/` for `/` gets `\/` back.

use super::Direction;
use super::plan::Plan;
use crate::generated::hosts::{GRAPH_NAMESPACE, OUTLOOK_NAMESPACE, TYPE_NAMES};
use crate::tables::TypeName;

/// One character of a JSON string: its code (a UTF-16 unit if escaped, else a byte) and how many bytes it takes.
/// The scanner has checked the escapes already.
fn unit(raw: &[u8], at: usize) -> Option<(u32, usize)> {
    let byte = *raw.get(at)?;
    if byte != b'\\' {
        return Some((u32::from(byte), 1));
    }
    match *raw.get(at + 1)? {
        b'u' => {
            let digits = std::str::from_utf8(raw.get(at + 2..at + 6)?).ok()?;
            Some((u32::from_str_radix(digits, 16).ok()?, 6))
        }
        b'b' => Some((8, 2)),
        b't' => Some((9, 2)),
        b'n' => Some((10, 2)),
        b'f' => Some((12, 2)),
        b'r' => Some((13, 2)),
        other => Some((u32::from(other), 2)),
    }
}

/// Decodes the escapes of a JSON string; a lone surrogate becomes U+FFFD.
pub(super) fn decode(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some((code, length)) = unit(raw, at) {
        at += length;
        if length == 1 {
            out.extend(u8::try_from(code));
            continue;
        }
        let mut decoded = char::from_u32(code);
        if decoded.is_none()
            && let Some((low, 6)) = unit(raw, at)
            && (0xd800..0xdc00).contains(&code)
            && (0xdc00..0xe000).contains(&low)
        {
            at += 6;
            decoded = char::from_u32(0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00));
        }
        let mut utf8 = [0; 4];
        out.extend_from_slice(
            decoded
                .unwrap_or(char::REPLACEMENT_CHARACTER)
                .encode_utf8(&mut utf8)
                .as_bytes(),
        );
    }
    out
}

/// Changes the case of the letter at `at`, whether it is written plainly or as `\u00XX`.
fn flip_case(raw: &mut [u8], at: usize, length: usize) {
    let place = if length == 6 { at + 4 } else { at };
    if let Some(byte) = raw.get_mut(place) {
        // Cases differ by 0x20: in the third of the four hex digits, by 2.
        *byte ^= if length == 6 { 0x02 } else { 0x20 };
    }
}

/// Spells the name `raw` as `to`, in place, if the two differ only by the case of ASCII letters.
pub(super) fn respell(raw: &mut [u8], to: &str) -> bool {
    let mut flips = [(0usize, 0usize); 32];
    let mut count = 0;
    let mut at = 0;
    for wanted in to.bytes() {
        let Some((code, length)) = unit(raw, at) else {
            return false;
        };
        let Ok(found) = u8::try_from(code) else {
            return false;
        };
        if found != wanted {
            if !found.eq_ignore_ascii_case(&wanted) {
                return false;
            }
            let Some(slot) = flips.get_mut(count) else {
                return false;
            };
            *slot = (at, length);
            count += 1;
        }
        at += length;
    }
    if at != raw.len() {
        return false;
    }
    for (at, length) in flips.iter().take(count) {
        flip_case(raw, *at, *length);
    }
    true
}

/// `240X240` to `240x240` and back, in place; anything else stays.
/// `escaped` tells whether there are escapes in it.
pub(super) fn photo_size(raw: &mut [u8], escaped: bool, direction: Direction) {
    let from = match direction {
        Direction::ToGraph => b'X',
        Direction::ToOutlook => b'x',
    };
    if !escaped {
        let digits = |part: Option<&[u8]>| {
            part.is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
        };
        if let Some(cross) = memchr::memchr(from, raw)
            && digits(raw.get(..cross))
            && digits(raw.get(cross + 1..))
        {
            flip_case(raw, cross, 1);
        }
        return;
    }
    let from = u32::from(from);
    let digit = |code: u32| (0x30..0x3a).contains(&code);
    let mut cross = None;
    let (mut before, mut after) = (0, 0);
    let mut at = 0;
    while let Some((code, length)) = unit(raw, at) {
        match cross {
            None if digit(code) => before += 1,
            None if code == from => cross = Some((at, length)),
            Some(_) if digit(code) => after += 1,
            _ => return,
        }
        at += length;
    }
    if before > 0
        && after > 0
        && let Some((at, length)) = cross
    {
        flip_case(raw, at, length);
    }
}

/// Rewrites an annotation into `out`; `false` if nothing in it changes (and `out` is then of no use).
/// `escaped` tells whether there are escapes in it.
pub(super) fn rewrite(
    plan: &Plan,
    raw: &[u8],
    escaped: bool,
    type_name: bool,
    out: &mut Vec<u8>,
) -> bool {
    out.clear();
    if type_name {
        return rewrite_rest(plan.direction, raw, escaped, false, out);
    }
    // Most annotations are no URLs.
    if !matches!(raw.first(), Some(b'h' | b'H' | b'\\')) {
        return false;
    }
    let rest = match plan.root(raw) {
        Some((length, root)) => {
            out.extend_from_slice(root);
            length
        }
        None => match rewrite_root(plan, raw, out) {
            Some(length) => length,
            None => return false,
        },
    };
    rewrite_rest(
        plan.direction,
        raw.get(rest..).unwrap_or_default(),
        escaped,
        true,
        out,
    );
    true
}

/// [`rewrite`] for text that stands in no JSON.
pub(super) fn rewrite_text(plan: &Plan, text: &str, type_name: bool) -> String {
    let mut out = Vec::new();
    // A backslash here is one, no escape; neither URLs nor type names have any.
    if !text.contains('\\') && rewrite(plan, text.as_bytes(), false, type_name, &mut out) {
        String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
    } else {
        text.to_owned()
    }
}

/// [`photo_size`] for text that stands in no JSON.
pub(super) fn photo_size_text(text: &str, direction: Direction) -> String {
    let mut raw = text.as_bytes().to_vec();
    photo_size(&mut raw, false, direction);
    String::from_utf8(raw).unwrap_or_else(|_| text.to_owned())
}

/// Writes the root that replaces the one `raw` begins with, and tells where the rest begins.
fn rewrite_root(plan: &Plan, raw: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let scheme = [&b"https://"[..], b"http://"]
        .into_iter()
        .find_map(|scheme| skip(raw, 0, scheme))?;
    // The slash as this document writes it.
    let slash: &[u8] = if raw.get(scheme - 2) == Some(&b'\\') {
        b"\\/"
    } else {
        b"/"
    };
    let (host_end, graph_or_outlook) = plan
        .hosts
        .iter()
        .find_map(|(from, to)| Some((skip(raw, scheme, from.as_bytes())?, *to)))?;
    let version = match plan.direction {
        Direction::ToGraph => skip(raw, host_end, b"/api/")?,
        Direction::ToOutlook => skip(raw, host_end, b"/")?,
    };
    let (end, new_version) = plan
        .versions
        .iter()
        .find_map(|(from, to)| Some((skip(raw, version, from.as_bytes())?, *to)))?;
    if let Some((code, _)) = unit(raw, end)
        && !matches!(u8::try_from(code), Ok(b'/' | b'?' | b'#'))
    {
        return None;
    }
    out.extend_from_slice(raw.get(..scheme)?);
    out.extend_from_slice(graph_or_outlook.as_bytes());
    out.extend_from_slice(slash);
    if plan.direction == Direction::ToOutlook {
        out.extend_from_slice(b"api");
        out.extend_from_slice(slash);
    }
    out.extend_from_slice(new_version.as_bytes());
    Some(end)
}

/// Where `raw` goes on after `text`, in any case, if that is what stands at `at`.
fn skip(raw: &[u8], mut at: usize, text: &[u8]) -> Option<usize> {
    for wanted in text {
        let (code, length) = unit(raw, at)?;
        if !u8::try_from(code).ok()?.eq_ignore_ascii_case(wanted) {
            return None;
        }
        at += length;
    }
    Some(at)
}

/// Copies `raw`, changing type names and (in a URL) the case of the `Users` segment; nothing between single quotes.
fn rewrite_rest(
    direction: Direction,
    raw: &[u8],
    escaped: bool,
    url: bool,
    out: &mut Vec<u8>,
) -> bool {
    let (mut changed, mut quoted, mut boundary) = (false, false, true);
    let (mut at, mut copied) = (0, 0);
    while let Some(byte) = raw.get(at).copied() {
        if boundary && !quoted && byte.is_ascii_alphabetic() {
            let rest = raw.get(at..).unwrap_or_default();
            let start = out.len();
            let before = raw.get(copied..at).unwrap_or_default();
            let taken = if url && let Some(name) = users(direction, rest) {
                out.extend_from_slice(before);
                out.extend_from_slice(name);
                name.len()
            } else if let Some((taken, name)) = type_name(direction, rest) {
                out.extend_from_slice(before);
                name.write(out);
                taken
            } else {
                0
            };
            if out.len() > start {
                at += taken;
                copied = at;
                (changed, boundary) = (true, false);
                continue;
            }
        }
        let (code, length) = match byte {
            b'\\' if escaped => unit(raw, at).unwrap_or((0, 1)),
            _ => (u32::from(byte), 1),
        };
        at += length;
        boundary = matches!(u8::try_from(code), Ok(b'/' | b'#' | b'(' | b'?'));
        if code == u32::from(b'\'') {
            quoted = !quoted;
            if quoted && !escaped {
                at += memchr::memchr(b'\'', raw.get(at..).unwrap_or_default())
                    .unwrap_or(raw.len() - at);
            }
        }
    }
    out.extend_from_slice(raw.get(copied..).unwrap_or_default());
    changed
}

/// The new spelling of the `Users` segment, if `rest` begins with one.
fn users(direction: Direction, rest: &[u8]) -> Option<&'static [u8]> {
    let (from, to): (&[u8], &[u8]) = match direction {
        Direction::ToGraph => (b"Users", b"users"),
        Direction::ToOutlook => (b"users", b"Users"),
    };
    let after = rest.strip_prefix(from)?;
    match after.first() {
        Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'_' => None,
        _ => Some(to),
    }
}

/// A type name of the other side.
struct NewName<'a> {
    namespace: &'static str,
    /// The first letter, if only that changes; else `rest` is the whole name.
    first: Option<u8>,
    rest: &'a str,
}

impl NewName<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.namespace.as_bytes());
        out.push(b'.');
        out.extend(self.first);
        out.extend_from_slice(self.rest.as_bytes());
    }
}

/// Length and replacement of the type name that `rest` begins with.
fn type_name(direction: Direction, rest: &[u8]) -> Option<(usize, NewName<'_>)> {
    let (from, namespace) = match direction {
        Direction::ToGraph => (OUTLOOK_NAMESPACE, GRAPH_NAMESPACE),
        Direction::ToOutlook => (GRAPH_NAMESPACE, OUTLOOK_NAMESPACE),
    };
    let name = rest.strip_prefix(from.as_bytes())?.strip_prefix(b".")?;
    let length = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    let name = std::str::from_utf8(name.get(..length)?).ok()?;
    let taken = from.len() + 1 + length;
    // This side's name and the other's.
    let sides = |names: &'static TypeName| match direction {
        Direction::ToGraph => (names.outlook, names.graph),
        Direction::ToOutlook => (names.graph, names.outlook),
    };
    if let Some((_, to)) = TYPE_NAMES.iter().map(sides).find(|(from, _)| *from == name) {
        return Some((
            taken,
            NewName {
                namespace,
                first: None,
                rest: to,
            },
        ));
    }
    let first = *name.as_bytes().first()?;
    let right_case = match direction {
        Direction::ToGraph => first.is_ascii_uppercase(),
        Direction::ToOutlook => first.is_ascii_lowercase(),
    };
    // A name that could not find its way back is left as it is.
    if !right_case
        || TYPE_NAMES
            .iter()
            .map(sides)
            .any(|(_, to)| first_letter_apart(to, name))
    {
        return None;
    }
    Some((
        taken,
        NewName {
            namespace,
            first: Some(first ^ 0x20),
            rest: name.get(1..)?,
        },
    ))
}

/// Whether two names differ in nothing but the case of their first letter.
fn first_letter_apart(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) && one.get(1..) == other.get(1..)
}
