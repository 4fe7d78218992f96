//! YAML: cut by indentation before anything is parsed, with the plain parser as the fallback.
//!
//! Microsoft publishes its descriptions in plain block style, where an entry of a mapping ends at
//! the next line that is indented no deeper than its key. Walking the lines is therefore enough to
//! find the wanted paths and every component; only what is kept goes to the parser. The walk knows
//! about block scalars, quoted and plain scalars over several lines, sequences that are not
//! indented, and long keys on lines of their own, and gives up ([`Stop::NotPlain`]) on anything whose end it cannot be sure of:
//! anchors, tags, flow collections over several lines, tabs, several documents. Such a document is
//! read in full.
//!
//! The parser is serde_norway: a maintained fork of serde_yaml on libyaml, with limits on
//! recursion and on repeated aliases, that reads Microsoft's 25 MB in half a second. serde-saphyr
//! refuses that document at its default budget; serde_yaml itself is no longer maintained.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use memchr::{memchr, memchr2, memmem};
use serde::de::DeserializeSeed;
use serde_json::Map;

use super::config::TrimConfig;
use super::error::TrimError;
use super::load::{self, Format, HEAD, Outline, Piece};
use super::refs;
use super::strict::{Fault, MAX_NESTING, Strict};

/// Reads the outline of a YAML document.
pub(super) fn outline<'a>(text: &'a str, config: &TrimConfig) -> Result<Outline<'a>, TrimError> {
    match by_indentation(text, config) {
        Ok(outline) => Ok(outline),
        Err(Stop::NotPlain) => whole(text, config),
        Err(Stop::Refused(error)) => Err(error),
    }
}

/// Reads all of a YAML document, whatever its style.
pub(super) fn whole(text: &str, config: &TrimConfig) -> Result<Outline<'static>, TrimError> {
    refuse_deep_flow(text, "")?;
    let fault = RefCell::new(Fault::default());
    let seed = Strict {
        depth: 0,
        fault: &fault,
    };
    let document = seed
        .deserialize(serde_norway::Deserializer::from_str(text))
        .map_err(|error| {
            let place = match error.location() {
                Some(at) => format!("line {}, column {}", at.line(), at.column()),
                None => "at an unknown line".to_owned(),
            };
            load::explain(&fault.borrow(), "", place, "YAML", &error.to_string())
        })?;
    let wanted = |path: &str| config.wants(path, &mut String::new());
    Outline::of_value(document, &wanted, Format::YamlOtherStyle)
}

/// libyaml needs quadratic time for brackets nested in brackets, long before the parser could
/// count levels. Quotes are not looked at, hence a limit that no prose comes near. `pointer` says
/// where the text belongs.
pub(super) fn refuse_deep_flow(text: &str, pointer: &str) -> Result<(), TrimError> {
    const LIMIT: usize = 4000;
    let mut open = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > LIMIT {
            return Err(TrimError::TooDeep {
                pointer: pointer.to_owned(),
                limit: MAX_NESTING,
            });
        }
    }
    Ok(())
}

/// Why the walk ended early.
enum Stop {
    /// Not certainly plain block style: read all of it.
    NotPlain,
    /// Wrong in a way that reading all of it would not mend.
    Refused(TrimError),
}

/// What the lines being walked belong to.
enum Within<'a> {
    /// Nothing that is kept.
    Other,
    /// A field of the head, whose text starts there.
    Head {
        key: String,
        start: usize,
        line: usize,
    },
    /// `paths`, whose entries are indented by this much once the first is seen.
    Paths { indent: Option<usize> },
    /// `components`, likewise, and the kind that is being walked.
    Components {
        indent: Option<usize>,
        kind: Option<Kind<'a>>,
    },
}

struct Kind<'a> {
    name: String,
    indent: Option<usize>,
    pieces: HashMap<String, Piece<'a>>,
}

/// A piece whose end has not been seen.
struct Open {
    name: String,
    start: usize,
    line: usize,
    indent: usize,
}

fn by_indentation<'a>(text: &'a str, config: &TrimConfig) -> Result<Outline<'a>, Stop> {
    only_line_feeds(text)?;
    let mut outline = Outline {
        format: Format::Yaml,
        text,
        head: Map::new(),
        paths: Vec::new(),
        paths_seen: 0,
        components: HashMap::new(),
    };
    let mut lines = Lines {
        text,
        position: 0,
        line: 1,
    };
    let mut within = Within::Other;
    let mut open: Option<Open> = None;
    let mut top_level: Vec<String> = Vec::new();
    let mut spelled = String::new();

    while let Some(line) = lines.next_entry()? {
        let finished =
            open.take_if(|open| line.indent <= open.indent && !line.is_item_at(open.indent));
        if let Some(finished) = finished {
            let piece = Piece::Yaml {
                text: &text[finished.start..line.start],
                line: finished.line,
            };
            keep(finished.name, piece, &mut within, &mut outline)?;
        }
        if line.indent == 0 {
            if line.item {
                // The value of the key above it, not indented.
                if matches!(within, Within::Paths { .. } | Within::Components { .. })
                    || top_level.is_empty()
                {
                    return Err(Stop::NotPlain);
                }
                continue;
            }
            close(&mut within, line.start, &mut outline)?;
            let key = line.key()?;
            within = match &*key {
                "paths" | "components" if !line.empty_value => return Err(Stop::NotPlain),
                "paths" => Within::Paths { indent: None },
                "components" => Within::Components {
                    indent: None,
                    kind: None,
                },
                key if HEAD.contains(&key) => Within::Head {
                    key: key.to_owned(),
                    start: line.start,
                    line: line.number,
                },
                _ => Within::Other,
            };
            if top_level.iter().any(|seen| *seen == key) {
                return Err(duplicate(&[&key], line.number));
            }
            top_level.push(key.into_owned());
            continue;
        }
        match &mut within {
            Within::Other | Within::Head { .. } => {
                if top_level.is_empty() {
                    return Err(Stop::NotPlain);
                }
            }
            Within::Paths { indent } => {
                if !line.is_child(indent)? {
                    continue;
                }
                outline.paths_seen += 1;
                let path = line.key()?;
                if config.wants(&path, &mut spelled) {
                    if outline.paths.iter().any(|(kept, _)| *kept == path) {
                        return Err(duplicate(&["paths", &path], line.number));
                    }
                    open = Some(line.open(path.into_owned()));
                }
            }
            Within::Components { indent, kind } => {
                if line.is_child(indent)? {
                    if let Some(kind) = kind.take() {
                        outline.components.insert(kind.name, kind.pieces);
                    }
                    let name = line.key()?;
                    if !line.empty_value {
                        // {} as a rule; anything else is for the parser to judge.
                        return Err(Stop::NotPlain);
                    }
                    if outline.components.contains_key(&*name) {
                        return Err(duplicate(&["components", &name], line.number));
                    }
                    if !name.starts_with("x-") {
                        *kind = Some(Kind {
                            name: name.into_owned(),
                            indent: None,
                            pieces: HashMap::new(),
                        });
                    }
                } else if let Some(kind) = kind {
                    if !line.is_child(&mut kind.indent)? {
                        continue;
                    }
                    let name = line.key()?;
                    if kind.pieces.contains_key(&*name) {
                        return Err(duplicate(&["components", &kind.name, &name], line.number));
                    }
                    open = Some(line.open(name.into_owned()));
                }
            }
        }
    }
    let end = text.len();
    if let Some(open) = open {
        let piece = Piece::Yaml {
            text: &text[open.start..end],
            line: open.line,
        };
        keep(open.name, piece, &mut within, &mut outline)?;
    }
    close(&mut within, end, &mut outline)?;
    if top_level.is_empty() {
        Err(Stop::NotPlain)
    } else {
        Ok(outline)
    }
}

/// Files a piece whose end is known.
fn keep<'a>(
    name: String,
    piece: Piece<'a>,
    within: &mut Within<'a>,
    outline: &mut Outline<'a>,
) -> Result<(), Stop> {
    match within {
        Within::Paths { .. } => outline.paths.push((name, piece)),
        Within::Components {
            kind: Some(kind), ..
        } => {
            kind.pieces.insert(name, piece);
        }
        _ => return Err(Stop::NotPlain),
    }
    Ok(())
}

/// Ends a top-level entry.
fn close<'a>(within: &mut Within<'a>, end: usize, outline: &mut Outline<'a>) -> Result<(), Stop> {
    match std::mem::replace(within, Within::Other) {
        Within::Other => {}
        Within::Head { key, start, line } => {
            let piece = Piece::Yaml {
                text: &outline.text[start..end],
                line,
            };
            let value = piece
                .parse(outline.text, &format!("/{}", refs::escape(&key)), 1)
                .map_err(Stop::Refused)?;
            outline.head.insert(key, value);
        }
        // Without entries they are null or empty, which the parser tells apart.
        Within::Paths { indent } => {
            if indent.is_none() {
                return Err(Stop::NotPlain);
            }
        }
        Within::Components { indent, kind } => {
            if indent.is_none() {
                return Err(Stop::NotPlain);
            }
            if let Some(kind) = kind {
                outline.components.insert(kind.name, kind.pieces);
            }
        }
    }
    Ok(())
}

fn duplicate(trail: &[&str], line: usize) -> Stop {
    Stop::Refused(TrimError::DuplicateKey {
        pointer: trail
            .iter()
            .map(|key| format!("/{}", refs::escape(key)))
            .collect(),
        place: format!("line {line}"),
    })
}

/// YAML 1.1 also breaks lines at a lone carriage return and at three characters of Unicode.
fn only_line_feeds(text: &str) -> Result<(), Stop> {
    let bytes = text.as_bytes();
    let lone_return = memchr::memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n'));
    let breaks = ["\u{85}", "\u{2028}", "\u{2029}"];
    if lone_return
        || breaks
            .iter()
            .any(|b| memmem::find(bytes, b.as_bytes()).is_some())
    {
        return Err(Stop::NotPlain);
    }
    Ok(())
}

/// The lines of a document on which a node starts.
struct Lines<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

/// A line on which a node starts, that is: no blank line, no comment, no continuation of a scalar.
struct Entry<'a> {
    /// Where the line starts.
    start: usize,
    /// Its number, counted from one.
    number: usize,
    /// How far it is indented.
    indent: usize,
    /// Whether it is an item of a sequence.
    item: bool,
    /// Its key, as written, if it has one.
    key: Option<&'a str>,
    /// Whether nothing follows the key.
    empty_value: bool,
}

impl<'a> Entry<'a> {
    /// An item of a sequence may stand as deep as the key that it belongs to.
    fn is_item_at(&self, indent: usize) -> bool {
        self.item && self.indent == indent
    }

    /// Whether this is an entry of the mapping whose first entry set the indentation.
    fn is_child(&self, indent: &mut Option<usize>) -> Result<bool, Stop> {
        if indent.is_none() && self.item {
            return Err(Stop::NotPlain);
        }
        let indent = *indent.get_or_insert(self.indent);
        if self.indent < indent {
            return Err(Stop::NotPlain);
        }
        if self.indent > indent {
            return Ok(false);
        }
        // An item is the value of the entry above it, not indented.
        Ok(!self.item)
    }

    /// The key as text.
    fn key(&self) -> Result<Cow<'a, str>, Stop> {
        let key = self.key.ok_or(Stop::NotPlain)?;
        if let Some(inner) = key.strip_prefix('\'').and_then(|k| k.strip_suffix('\'')) {
            return Ok(if inner.contains('\'') {
                inner.replace("''", "'").into()
            } else {
                inner.into()
            });
        }
        match key.strip_prefix('"').and_then(|k| k.strip_suffix('"')) {
            Some(inner) if inner.contains('\\') => Err(Stop::NotPlain),
            Some(inner) => Ok(inner.into()),
            None => Ok(key.into()),
        }
    }

    fn open(&self, name: String) -> Open {
        Open {
            name,
            start: self.start,
            line: self.number,
            indent: self.indent,
        }
    }
}

impl<'a> Lines<'a> {
    fn next_entry(&mut self) -> Result<Option<Entry<'a>>, Stop> {
        let bytes = self.text.as_bytes();
        loop {
            let start = self.position;
            if start >= bytes.len() {
                return Ok(None);
            }
            let indent = bytes[start..].iter().take_while(|b| **b == b' ').count();
            let first = start + indent;
            match bytes.get(first) {
                None | Some(b'\n' | b'\r' | b'#') => self.next_line(first),
                Some(b'\t') => return Err(Stop::NotPlain),
                Some(_) if indent == 0 && self.marker(start) => {
                    // One document start before anything else is harmless.
                    let only = &bytes[start..self.end_of_line(start)];
                    if only.trim_ascii() == b"---" && self.text[..start].trim().is_empty() {
                        self.next_line(start);
                    } else {
                        return Err(Stop::NotPlain);
                    }
                }
                Some(_) => return self.entry(start, indent).map(Some),
            }
        }
    }

    /// Reads the node that starts on a line, and moves past all lines of its scalar.
    fn entry(&mut self, start: usize, indent: usize) -> Result<Entry<'a>, Stop> {
        let bytes = self.text.as_bytes();
        let number = self.line;
        let mut at = start + indent;
        let mut item = false;
        // How deep the node is indented: continuation lines are indented deeper.
        let mut parent = indent;
        // A dash starts an item; a colon the value of a key that stands on a line of its own.
        while matches!(bytes[at], b'-' | b':') && self.is_blank(at + 1) {
            item = true;
            parent = at - start;
            at = self.skip_blanks(at + 1);
            if self.ends(at) {
                self.next_line(at);
                return Ok(Entry {
                    start,
                    number,
                    indent,
                    item,
                    key: None,
                    empty_value: true,
                });
            }
        }
        if bytes[at] == b'?' && self.is_blank(at + 1) {
            return self.long_key(at, start, number, indent, item);
        }
        let node = at;
        let (key_end, colon) = match bytes[at] {
            b'"' | b'\'' => {
                let close = self.close_quote(at)?;
                let colon = self.skip_blanks(close);
                if !self.is_colon(colon) {
                    return self.after_scalar(close, start, number, indent, item);
                }
                if memchr(b'\n', &bytes[node..close]).is_some() {
                    return Err(Stop::NotPlain);
                }
                (close, colon)
            }
            b'?' | b'%' | b'@' | b'`' | b'&' | b'*' | b'!' => return Err(Stop::NotPlain),
            b'[' | b'{' | b'|' | b'>' => {
                self.value(at, parent)?;
                return Ok(Entry {
                    start,
                    number,
                    indent,
                    item,
                    key: None,
                    empty_value: false,
                });
            }
            _ => match self.plain_key(at) {
                Some(colon) => (colon, colon),
                // A plain scalar as an item may go on; one on a line of its own may be anything.
                None if item => {
                    self.skip_deeper(at, parent);
                    return Ok(Entry {
                        start,
                        number,
                        indent,
                        item,
                        key: None,
                        empty_value: false,
                    });
                }
                None => return Err(Stop::NotPlain),
            },
        };
        let key = Some(self.text[node..key_end].trim_end());
        let value = self.skip_blanks(colon + 1);
        let empty_value = self.ends(value);
        if empty_value {
            self.next_line(value);
        } else {
            self.value(value, node - start)?;
        }
        Ok(Entry {
            start,
            number,
            indent,
            item,
            key,
            empty_value,
        })
    }

    /// Moves past a value; continuation lines are indented deeper than `parent`.
    fn value(&mut self, at: usize, parent: usize) -> Result<(), Stop> {
        let bytes = self.text.as_bytes();
        match bytes[at] {
            b'"' | b'\'' => {
                let close = self.close_quote(at)?;
                self.must_end(close)
            }
            b'|' | b'>' => {
                self.skip_deeper(at, parent);
                Ok(())
            }
            b'[' | b'{' => {
                let close = self.close_flow(at)?;
                self.must_end(close)
            }
            b'&' | b'*' | b'!' | b'%' | b'@' | b'`' => Err(Stop::NotPlain),
            _ => {
                self.skip_deeper(at, parent);
                Ok(())
            }
        }
    }

    /// A key on a line of its own, which emitters use for long ones: `? 'key'`.
    fn long_key(
        &mut self,
        at: usize,
        start: usize,
        number: usize,
        indent: usize,
        item: bool,
    ) -> Result<Entry<'a>, Stop> {
        let bytes = self.text.as_bytes();
        let first = self.skip_blanks(at + 1);
        let end = match bytes.get(first) {
            Some(b'"' | b'\'') => self.close_quote(first)?,
            Some(c) if c.is_ascii_alphanumeric() || *c == b'/' => self.end_of_line(first),
            _ => return Err(Stop::NotPlain),
        };
        let key = self.text[first..end].trim_end();
        if memchr(b'\n', key.as_bytes()).is_some() || key.contains(": ") || key.contains(" #") {
            return Err(Stop::NotPlain);
        }
        self.must_end(end)?;
        Ok(Entry {
            start,
            number,
            indent,
            item,
            key: Some(key),
            empty_value: true,
        })
    }

    fn after_scalar(
        &mut self,
        close: usize,
        start: usize,
        number: usize,
        indent: usize,
        item: bool,
    ) -> Result<Entry<'a>, Stop> {
        self.must_end(close)?;
        Ok(Entry {
            start,
            number,
            indent,
            item,
            key: None,
            empty_value: false,
        })
    }

    /// Where the colon of a plain key is, if the line has one.
    fn plain_key(&self, at: usize) -> Option<usize> {
        let line = &self.text.as_bytes()[at..self.end_of_line(at)];
        for colon in memchr::memchr_iter(b':', line) {
            if matches!(line.get(colon + 1), None | Some(b' ' | b'\r' | b'\t')) {
                // What follows " #" is a comment, and no key.
                return (memmem::find(&line[..colon], b" #").is_none()).then_some(at + colon);
            }
        }
        None
    }

    /// The byte after the quote that closes the scalar, be it on this line or a later one.
    fn close_quote(&self, open: usize) -> Result<usize, Stop> {
        let bytes = self.text.as_bytes();
        let mut at = open + 1;
        if bytes[open] == b'\'' {
            loop {
                at += memchr(b'\'', &bytes[at..]).ok_or(Stop::NotPlain)? + 1;
                if bytes.get(at) != Some(&b'\'') {
                    return Ok(at);
                }
                at += 1;
            }
        }
        loop {
            at +=
                memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()).ok_or(Stop::NotPlain)?;
            if bytes[at] == b'"' {
                return Ok(at + 1);
            }
            at += 2;
        }
    }

    /// The byte after the bracket that closes a flow collection on the same line.
    fn close_flow(&self, open: usize) -> Result<usize, Stop> {
        let bytes = self.text.as_bytes();
        let end = self.end_of_line(open);
        let (mut at, mut depth) = (open, 0_usize);
        while at < end {
            match bytes[at] {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Ok(at + 1);
                    }
                }
                b'"' | b'\'' if matches!(bytes[at - 1], b' ' | b'[' | b'{' | b',' | b':') => {
                    at = self.close_quote(at)?;
                    continue;
                }
                b'&' | b'*' | b'!' | b'#' | b'\t' => return Err(Stop::NotPlain),
                _ => {}
            }
            at += 1;
        }
        Err(Stop::NotPlain)
    }

    /// Moves past this line and all that are blank or indented deeper than `parent`.
    fn skip_deeper(&mut self, at: usize, parent: usize) {
        let bytes = self.text.as_bytes();
        self.next_line(at);
        while self.position < bytes.len() {
            let rest = &bytes[self.position..];
            let indent = rest.iter().take_while(|b| **b == b' ').count();
            let blank = matches!(rest.get(indent), None | Some(b'\n' | b'\r'));
            if !blank && indent <= parent {
                return;
            }
            self.next_line(self.position);
        }
    }

    /// Moves past the end of a scalar, after which only a comment may follow.
    fn must_end(&mut self, at: usize) -> Result<(), Stop> {
        let after = self.skip_blanks(at);
        let comment = self.text.as_bytes().get(after) == Some(&b'#');
        if !self.ends(after) || (comment && after == at) {
            return Err(Stop::NotPlain);
        }
        // The scalar may have gone over several lines.
        let lines = memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.position..after]).count();
        self.line += lines;
        self.next_line(after);
        Ok(())
    }

    fn marker(&self, at: usize) -> bool {
        let rest = &self.text[at..];
        rest.starts_with("---") || rest.starts_with("...") || rest.starts_with('%')
    }

    fn is_colon(&self, at: usize) -> bool {
        let bytes = self.text.as_bytes();
        bytes.get(at) == Some(&b':')
            && matches!(bytes.get(at + 1), None | Some(b' ' | b'\n' | b'\r' | b'\t'))
    }

    fn is_blank(&self, at: usize) -> bool {
        matches!(
            self.text.as_bytes().get(at),
            None | Some(b' ' | b'\n' | b'\r')
        )
    }

    fn skip_blanks(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        at + rest
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count()
    }

    /// Whether nothing but a comment is left on the line.
    fn ends(&self, at: usize) -> bool {
        matches!(
            self.text.as_bytes().get(at),
            None | Some(b'\n' | b'\r' | b'#')
        )
    }

    fn end_of_line(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length)
    }

    /// Moves to the line after the one that `at` is on.
    fn next_line(&mut self, at: usize) {
        self.position = self.end_of_line(at) + 1;
        self.line += 1;
    }
}
