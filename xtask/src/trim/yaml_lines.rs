//! The lines of a YAML document in plain block style on which a node starts.
//!
//! Knows block scalars, quoted and plain scalars over several lines, sequences that are not
//! indented, and long keys on lines of their own, and gives up ([`Stop::NotPlain`]) on anything whose
//! end it cannot be sure of. What the lines belong to is for `load_yaml`.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use super::error::TrimError;

/// Why the walk ended early.
pub(super) enum Stop {
    /// Not certainly plain block style: read all of it.
    NotPlain,
    /// Wrong in a way that reading all of it would not mend.
    Refused(TrimError),
}

/// YAML 1.1 also breaks lines at a lone carriage return and at three characters of Unicode.
pub(super) fn only_line_feeds(text: &str) -> Result<(), Stop> {
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
pub(super) struct Lines<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

/// A line on which a node starts, that is: no blank line, no comment, no continuation of a scalar.
pub(super) struct Entry<'a> {
    /// Where the line starts.
    pub(super) start: usize,
    /// Its number, counted from one.
    pub(super) number: usize,
    /// How far it is indented.
    pub(super) indent: usize,
    /// Whether it is an item of a sequence.
    pub(super) item: bool,
    /// Its key, as written, if it has one.
    pub(super) key: Option<&'a str>,
    /// Whether nothing follows the key.
    pub(super) empty_value: bool,
}

impl<'a> Entry<'a> {
    /// An item of a sequence may stand as deep as the key that it belongs to.
    pub(super) fn is_item_at(&self, indent: usize) -> bool {
        self.item && self.indent == indent
    }

    /// Whether this is an entry of the mapping whose first entry set the indentation.
    pub(super) fn is_child(&self, indent: &mut Option<usize>) -> Result<bool, Stop> {
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
    pub(super) fn key(&self) -> Result<Cow<'a, str>, Stop> {
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
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self {
            text,
            position: 0,
            line: 1,
        }
    }

    pub(super) fn next_entry(&mut self) -> Result<Option<Entry<'a>>, Stop> {
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
