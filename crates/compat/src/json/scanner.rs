//! Reads JSON byte by byte, checks it against RFC 8259 and copies it, renaming as it goes.
//!
//! The input passes through one buffer. What lies before `kept` has been written; from there to the cursor `at` it has
//! been checked and possibly changed in place, and is written when room is needed. A name or a value that may have to
//! be rewritten is held in the buffer whole; everything else may be cut anywhere. No recursion and no tree: the state is
//! one [`Level`] for each object or array that is open.

use std::io::{self, Read, Write};

use super::annotation;
use super::error::{Position, TranslateError};
use super::plan::{Found, Plan};
use super::{MAX_DEPTH, MAX_TOKEN};
use crate::tables::Value;

/// Size of the input buffer at first: most documents are a single photo.
const FIRST_BUFFER: usize = 4 * 1024;

/// Size of both buffers for larger documents; the input buffer grows further for a long name.
const BUFFER: usize = 128 * 1024;

/// How much of a name is remembered for the pointer in an error.
const POINTER_NAME: usize = 128;

/// What a step gives; the error is boxed to keep the good case in registers.
type Scan<T> = Result<T, Box<TranslateError>>;

/// An object or array that is open.
#[derive(Clone, Copy)]
struct Level {
    object: bool,
    shape: usize,
    /// Length of `Scanner::pointer` outside this level.
    pointer: usize,
    /// Which mapped names have been seen: for member n, bit 2n in the spelling translated from, bit 2n+1 in the other;
    /// above bit 32 the same for annotations of the member (`Id@odata.type`).
    seen: u64,
    /// Number of the element being read.
    index: u64,
}

/// What is known about the value that comes next.
#[derive(Clone, Copy)]
struct Expected {
    shape: usize,
    rule: Rule,
}

#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Kept,
    PhotoSize,
    Url,
    TypeName,
}

pub(super) struct Scanner<'plan, R, W> {
    plan: &'plan Plan,
    reader: R,
    writer: W,
    buffer: Vec<u8>,
    /// End of what was read and is UTF-8.
    end: usize,
    /// End of what was read.
    filled: usize,
    at: usize,
    kept: usize,
    eof: bool,
    /// Bytes, line feeds, and characters since the last of those, that have left the buffer.
    gone: u64,
    lines: u64,
    columns: u64,
    out: Vec<u8>,
    scratch: Vec<u8>,
    levels: Vec<Level>,
    pointer: Vec<u8>,
    name: Vec<u8>,
}

impl<'plan> Scanner<'plan, io::Empty, Vec<u8>> {
    /// A scanner of a document that is its buffer already: nothing is read, and nothing leaves the output buffer before
    /// the end unless that is full.
    pub(super) fn of_bytes(plan: &'plan Plan, document: Vec<u8>) -> Self {
        let end = match std::str::from_utf8(&document) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        Self {
            end,
            filled: document.len(),
            eof: true,
            out: Vec::with_capacity(document.len() + document.len() / 8),
            ..Self::over(plan, document, io::empty(), Vec::new())
        }
    }

    /// Translates the whole document and gives the result.
    pub(super) fn into_bytes(mut self) -> Result<Vec<u8>, TranslateError> {
        self.document().map_err(|error| *error)?;
        self.keep(self.at).map_err(|error| *error)?;
        if self.writer.is_empty() {
            return Ok(self.out);
        }
        self.writer.append(&mut self.out);
        Ok(self.writer)
    }
}

impl<'plan, R: Read, W: Write> Scanner<'plan, R, W> {
    pub(super) fn new(plan: &'plan Plan, reader: R, writer: W) -> Self {
        Self::over(plan, vec![0; FIRST_BUFFER], reader, writer)
    }

    fn over(plan: &'plan Plan, buffer: Vec<u8>, reader: R, writer: W) -> Self {
        Self {
            plan,
            reader,
            writer,
            buffer,
            end: 0,
            filled: 0,
            at: 0,
            kept: 0,
            eof: false,
            gone: 0,
            lines: 0,
            columns: 0,
            out: Vec::new(),
            scratch: Vec::new(),
            levels: Vec::new(),
            pointer: Vec::new(),
            name: Vec::new(),
        }
    }

    /// Translates the whole document.
    pub(super) fn run(mut self) -> Result<(), TranslateError> {
        self.translate().map_err(|error| *error)
    }

    fn translate(&mut self) -> Scan<()> {
        self.document()?;
        self.keep(self.at)?;
        self.writer.write_all(&self.out).map_err(unwritable)?;
        self.writer.flush().map_err(unwritable)
    }

    fn document(&mut self) -> Scan<()> {
        let mut expected = Expected {
            shape: 0,
            rule: Rule::Kept,
        };
        loop {
            if self.value(expected)? {
                // Something was opened: an empty one closes at once, else its first element or member comes.
                let Some(level) = self.levels.last().copied() else {
                    continue;
                };
                let closing = if level.object { b'}' } else { b']' };
                if self.token()? == Some(closing) {
                    self.at += 1;
                    self.close();
                } else {
                    expected = self.next_in(level)?;
                    continue;
                }
            }
            // A value is complete: a comma or the end of what holds it.
            loop {
                let Some(level) = self.levels.last_mut() else {
                    return self.end_of_document();
                };
                level.index += 1;
                let level = *level;
                match self.token()? {
                    Some(b',') => {
                        self.at += 1;
                        expected = self.next_in(level)?;
                        break;
                    }
                    Some(b'}') if level.object => self.at += 1,
                    Some(b']') if !level.object => self.at += 1,
                    Some(_) if level.object => {
                        return Err(self.syntax("expected , or } after a member"));
                    }
                    Some(_) => return Err(self.syntax("expected , or ] after an element")),
                    None if level.object => {
                        return Err(self.syntax("the document ends inside an object"));
                    }
                    None => return Err(self.syntax("the document ends inside an array")),
                }
                self.close();
            }
        }
    }

    fn end_of_document(&mut self) -> Scan<()> {
        match self.token()? {
            None => Ok(()),
            Some(_) => Err(self.syntax("expected nothing more after the document's one value")),
        }
    }

    /// Reads a member's name, or nothing in an array, and tells what value to expect.
    fn next_in(&mut self, level: Level) -> Scan<Expected> {
        if !level.object {
            return Ok(Expected {
                shape: level.shape,
                rule: Rule::Kept,
            });
        }
        match self.token()? {
            Some(b'"') => {}
            Some(_) => return Err(self.syntax("expected a member's name in double quotes")),
            None => return Err(self.syntax("the document ends inside an object")),
        }
        let expected = self.member_name(level.shape)?;
        match self.token()? {
            Some(b':') => self.at += 1,
            Some(_) => return Err(self.syntax("expected : after a member's name")),
            None => return Err(self.syntax("the document ends after a member's name")),
        }
        Ok(expected)
    }

    /// Reads a value; `true` if it opened an object or array whose inside comes next.
    fn value(&mut self, expected: Expected) -> Scan<bool> {
        match self.token()? {
            Some(b'"') => {
                if expected.rule == Rule::Kept {
                    self.at += 1;
                    self.text()?;
                } else {
                    self.rewritten(expected.rule)?;
                }
            }
            Some(opening @ (b'{' | b'[')) => {
                self.open(opening == b'{', expected.shape)?;
                return Ok(true);
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.literal(b"true")?,
            Some(b'f') => self.literal(b"false")?,
            Some(b'n') => self.literal(b"null")?,
            Some(0xef) if self.gone == 0 && self.at == 0 => {
                return Err(self.syntax("expected a value; remove the byte order mark"));
            }
            Some(_) => return Err(self.syntax("expected a value")),
            None => return Err(self.syntax("the document ends where a value should be")),
        }
        Ok(false)
    }

    fn open(&mut self, object: bool, shape: usize) -> Scan<()> {
        if self.levels.len() >= MAX_DEPTH {
            return Err(Box::new(TranslateError::TooDeep {
                position: self.position(self.at),
            }));
        }
        let pointer = self.pointer.len();
        if let Some(parent) = self.levels.last() {
            let (object, index) = (parent.object, parent.index);
            self.point(object, index);
        }
        self.levels.push(Level {
            object,
            shape,
            pointer,
            seen: 0,
            index: 0,
        });
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) {
        if let Some(level) = self.levels.pop() {
            self.pointer.truncate(level.pointer);
        }
    }

    /// Adds the current member or element to the pointer.
    fn point(&mut self, object: bool, index: u64) {
        self.pointer.push(b'/');
        if !object {
            self.pointer.extend_from_slice(index.to_string().as_bytes());
            return;
        }
        for byte in &self.name {
            match byte {
                b'~' => self.pointer.extend_from_slice(b"~0"),
                b'/' => self.pointer.extend_from_slice(b"~1"),
                other => self.pointer.push(*other),
            }
        }
        if self.name.len() == POINTER_NAME {
            self.pointer.extend_from_slice("…".as_bytes());
        }
    }

    /// Reads and renames a member's name, the cursor on its opening quote.
    #[inline]
    fn member_name(&mut self, shape: usize) -> Scan<Expected> {
        let (mut close, escaped) = self.whole_string()?;
        let mut open = self.at + 1;
        let raw = self.buffer.get(open..close).unwrap_or_default();
        self.name.clear();
        let decoded;
        let name = if escaped {
            decoded = annotation::decode(raw);
            decoded.as_slice()
        } else {
            raw
        };
        self.name
            .extend_from_slice(name.get(..POINTER_NAME).unwrap_or(name));
        let mut expected = Expected {
            shape: self.plan.unknown(shape),
            rule: Rule::Kept,
        };
        let mut owner = None;
        let mut annotated = false;
        if let Some(annotation) = name.strip_prefix(b"@odata.") {
            expected.rule = annotation_rule(annotation);
        } else if let Some(found) = self.plan.find(shape, name) {
            expected.shape = found.member.shape;
            if found.member.value == Value::PhotoSize {
                expected.rule = Rule::PhotoSize;
            }
            owner = Some((found, raw.len()));
        } else if let Some(sign) = memchr::memchr(b'@', name)
            && let Some((property, annotation)) = name.split_at_checked(sign)
            && let Some(annotation) = annotation.strip_prefix(b"@odata.")
        {
            expected.rule = annotation_rule(annotation);
            annotated = true;
            // With escapes the sign need not stand at the same place as written; then the property is written plainly.
            let written = if escaped {
                memchr::memchr(b'@', raw).unwrap_or(0)
            } else {
                sign
            };
            owner = self
                .plan
                .find(shape, property)
                .map(|found| (found, written));
        }
        if let Some((found, written)) = owner {
            self.note(found, annotated, open)?;
            if found.before && found.member.from != found.member.to {
                // Writing a longer name may move the buffer.
                (open, close) = self.rename(open, close, written, found.member.to)?;
            }
        }
        debug_assert!(open <= close);
        self.at = close + 1;
        Ok(expected)
    }

    /// Notes that a mapped name was seen, and refuses the one that would clash with it.
    #[inline]
    fn note(&mut self, found: Found, annotated: bool, at: usize) -> Scan<()> {
        if found.member.from == found.member.to {
            return Ok(());
        }
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        let first = 2 * found.index + if annotated { 32 } else { 0 };
        let (own, other) = if found.before {
            (first, first + 1)
        } else {
            (first + 1, first)
        };
        level.seen |= 1 << (own & 63);
        if level.seen & (1 << (other & 63)) == 0 {
            return Ok(());
        }
        let other = if found.before {
            found.member.to
        } else {
            found.member.from
        };
        let suffix = if annotated { "@odata.…" } else { "" };
        let position = self.position(at - 1);
        self.point(true, 0);
        Err(Box::new(TranslateError::Collision {
            pointer: String::from_utf8_lossy(&self.pointer).into_owned(),
            position,
            other: format!("{other}{suffix}"),
            name: format!("{}{suffix}", found.member.to),
        }))
    }

    /// Replaces the first `length` bytes of the name between `open` and `close`.
    fn rename(
        &mut self,
        open: usize,
        close: usize,
        length: usize,
        to: &str,
    ) -> Scan<(usize, usize)> {
        if let Some(raw) = self.buffer.get_mut(open..open + length)
            && annotation::respell(raw, to)
        {
            return Ok((open, close));
        }
        self.keep(open)?;
        self.write(to.as_bytes())?;
        self.kept = open + length;
        Ok((open, close))
    }

    /// Reads a string that may have to be rewritten, the cursor on its opening quote.
    #[inline]
    fn rewritten(&mut self, rule: Rule) -> Scan<()> {
        let (close, escaped) = self.whole_string()?;
        let open = self.at + 1;
        if rule == Rule::PhotoSize {
            annotation::photo_size(
                self.buffer.get_mut(open..close).unwrap_or_default(),
                escaped,
                self.plan.direction,
            );
        } else {
            let mut scratch = std::mem::take(&mut self.scratch);
            let raw = self.buffer.get(open..close).unwrap_or_default();
            if annotation::rewrite(
                self.plan,
                raw,
                escaped,
                rule == Rule::TypeName,
                &mut scratch,
            ) {
                self.keep(open)?;
                self.write(&scratch)?;
                self.kept = close;
            }
            self.scratch = scratch;
        }
        self.at = close + 1;
        Ok(())
    }

    /// Brings a string into the buffer whole, the cursor staying on its opening quote; tells where it closes and
    /// whether it holds escapes.
    #[inline]
    fn whole_string(&mut self) -> Scan<(usize, bool)> {
        // Distances from the opening quote, because the buffer moves when it is filled.
        let mut length = 1;
        let mut escaped = false;
        loop {
            let rest = self
                .buffer
                .get(self.at + length..self.end)
                .unwrap_or_default();
            length += plain_length(rest);
            match self
                .buffer
                .get(self.at + length..self.end)
                .and_then(|rest| rest.first())
            {
                // A document in memory is in the buffer whole, whatever is in it.
                Some(b'"') if length > MAX_TOKEN => return Err(self.too_long()),
                Some(b'"') => return Ok((self.at + length, escaped)),
                Some(b'\\') => {
                    escaped = true;
                    length += self.escape(length)?;
                }
                Some(_) => return Err(self.control_character(self.at + length)),
                None => {
                    if !self.fill(self.at)? {
                        self.at += length;
                        return Err(self.syntax("the document ends inside a string"));
                    }
                }
            }
        }
    }

    /// Skips the rest of a string that stays as it is.
    #[inline]
    fn text(&mut self) -> Scan<()> {
        loop {
            let rest = self.buffer.get(self.at..self.end).unwrap_or_default();
            self.at += plain_length(rest);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.at += self.escape(0)?,
                Some(_) => return Err(self.control_character(self.at)),
                None => {
                    if !self.fill(self.at)? {
                        return Err(self.syntax("the document ends inside a string"));
                    }
                }
            }
        }
    }

    /// Checks the escape `ahead` bytes from the cursor and tells its length.
    fn escape(&mut self, ahead: usize) -> Scan<usize> {
        let mut length = 2;
        while self.end - self.at < ahead + length || length == 2 {
            if let Some(kind) = self
                .buffer
                .get(self.at + ahead + 1..self.end)
                .and_then(|rest| rest.first())
            {
                match kind {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => return Ok(2),
                    b'u' => length = 6,
                    _ => {
                        self.at += ahead;
                        return Err(self.syntax("expected one of \"\\/bfnrtu after \\"));
                    }
                }
            }
            if self.end - self.at < ahead + length && !self.fill(self.at)? {
                self.at = self.end;
                return Err(self.syntax("the document ends inside a string"));
            }
        }
        let digits = self
            .buffer
            .get(self.at + ahead + 2..self.at + ahead + 6)
            .unwrap_or_default();
        if digits.iter().all(u8::is_ascii_hexdigit) {
            return Ok(6);
        }
        self.at += ahead;
        Err(self.syntax("expected four hexadecimal digits after \\u"))
    }

    fn control_character(&mut self, at: usize) -> Box<TranslateError> {
        self.at = at;
        self.syntax("a control character in a string; write it as \\u00XX")
    }

    fn number(&mut self) -> Scan<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.ahead()? == Some(b'0') {
            self.at += 1;
            if matches!(self.ahead()?, Some(b'0'..=b'9')) {
                return Err(self.syntax("a number with a leading zero"));
            }
        } else {
            self.digits()?;
        }
        if self.ahead()? == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.ahead()?, Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.ahead()?, Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// At least one digit.
    fn digits(&mut self) -> Scan<()> {
        let mut any = false;
        while matches!(self.ahead()?, Some(b'0'..=b'9')) {
            self.at += 1;
            any = true;
        }
        if any {
            Ok(())
        } else {
            Err(self.syntax("expected a digit"))
        }
    }

    fn literal(&mut self, word: &[u8]) -> Scan<()> {
        for wanted in word {
            if self.ahead()? != Some(*wanted) {
                return Err(self.syntax("expected a value"));
            }
            self.at += 1;
        }
        Ok(())
    }

    /// The byte under the cursor, if it is in the buffer.
    #[inline]
    fn peek(&self) -> Option<u8> {
        if self.at < self.end {
            self.buffer.get(self.at).copied()
        } else {
            None
        }
    }

    /// The byte under the cursor, read if need be.
    #[inline]
    fn ahead(&mut self) -> Scan<Option<u8>> {
        loop {
            if let Some(byte) = self.peek() {
                return Ok(Some(byte));
            }
            if !self.fill(self.at)? {
                return Ok(None);
            }
        }
    }

    /// Skips white space and shows the byte after it.
    #[inline]
    fn token(&mut self) -> Scan<Option<u8>> {
        loop {
            match self.ahead()? {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                other => return Ok(other),
            }
        }
    }

    /// Reads more, giving up everything in the buffer before `mark` (which is the cursor, or before it); `false` at the
    /// end of the document.
    #[cold]
    fn fill(&mut self, mark: usize) -> Scan<bool> {
        if self.eof {
            return if self.end < self.filled {
                Err(self.not_utf8())
            } else {
                Ok(false)
            };
        }
        self.keep(mark)?;
        let gone = self.buffer.get(..mark).unwrap_or_default();
        (self.lines, self.columns) = advance(gone, self.lines, self.columns);
        self.gone += mark as u64;
        self.buffer.copy_within(mark..self.filled, 0);
        self.at -= mark;
        self.end -= mark;
        self.filled -= mark;
        self.kept = 0;
        // Not for the read that only finds the end of a small document.
        if self.gone >= FIRST_BUFFER as u64 && self.buffer.len() < BUFFER {
            self.buffer.resize(BUFFER, 0);
        }
        if self.filled == self.buffer.len() {
            if self.buffer.len() >= MAX_TOKEN {
                return Err(self.too_long());
            }
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let end = self.end;
        while self.end == end && !self.eof {
            let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
            match self.reader.read(room) {
                Ok(0) => self.eof = true,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Box::new(TranslateError::Read(error))),
            }
            self.end += match std::str::from_utf8(
                self.buffer.get(self.end..self.filled).unwrap_or_default(),
            ) {
                Ok(text) => text.len(),
                Err(error) => {
                    // An incomplete character may be completed by the next read; anything else ends the document.
                    self.eof |= error.error_len().is_some();
                    error.valid_up_to()
                }
            };
        }
        if self.end > end {
            return Ok(true);
        }
        if self.end < self.filled {
            Err(self.not_utf8())
        } else {
            Ok(false)
        }
    }

    #[cold]
    fn too_long(&self) -> Box<TranslateError> {
        Box::new(TranslateError::TooLong {
            position: self.position(self.at),
        })
    }

    fn not_utf8(&mut self) -> Box<TranslateError> {
        self.at = self.end;
        self.syntax("a byte that is not UTF-8")
    }

    /// Hands over everything up to `to`.
    #[inline]
    fn keep(&mut self, to: usize) -> Scan<()> {
        let from = self.kept;
        self.kept = to;
        let span = self.buffer.get(from..to).unwrap_or_default();
        put(&mut self.out, &mut self.writer, span).map_err(unwritable)
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Scan<()> {
        put(&mut self.out, &mut self.writer, bytes).map_err(unwritable)
    }

    /// The place of a byte in the buffer.
    fn position(&self, at: usize) -> Position {
        let (lines, columns) = advance(
            self.buffer.get(..at).unwrap_or_default(),
            self.lines,
            self.columns,
        );
        Position {
            line: lines + 1,
            column: columns + 1,
            offset: self.gone + at as u64,
        }
    }

    /// A syntax error under the cursor.
    #[cold]
    fn syntax(&self, problem: &str) -> Box<TranslateError> {
        Box::new(TranslateError::Syntax {
            position: self.position(self.at),
            problem: problem.to_owned(),
        })
    }
}

fn unwritable(error: io::Error) -> Box<TranslateError> {
    Box::new(TranslateError::Write(error))
}

/// Appends to the output buffer, emptying it when it is full.
#[inline]
fn put<W: Write>(out: &mut Vec<u8>, writer: &mut W, bytes: &[u8]) -> io::Result<()> {
    if out.len() + bytes.len() > BUFFER {
        writer.write_all(out)?;
        out.clear();
        if bytes.len() >= BUFFER {
            return writer.write_all(bytes);
        }
    }
    out.extend_from_slice(bytes);
    Ok(())
}

/// What happens to an annotation's value, by its name without `@odata.`.
#[inline]
fn annotation_rule(name: &[u8]) -> Rule {
    if name == b"type" {
        Rule::TypeName
    } else {
        Rule::Url
    }
}

/// Lines and columns after some more bytes.
fn advance(bytes: &[u8], lines: u64, columns: u64) -> (u64, u64) {
    // Continuation bytes of UTF-8 are not characters of their own.
    let characters = |bytes: &[u8]| {
        if bytes.is_ascii() {
            return bytes.len() as u64;
        }
        bytes.iter().filter(|byte| (**byte & 0xc0) != 0x80).count() as u64
    };
    match memchr::memrchr(b'\n', bytes) {
        Some(last) => (
            lines + memchr::memchr_iter(b'\n', bytes).count() as u64,
            characters(bytes.get(last + 1..).unwrap_or_default()),
        ),
        None => (lines, columns + characters(bytes)),
    }
}

/// How many bytes come before the next quote, backslash or control character; eight at a time.
#[inline]
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;
    // The top bit of each byte that is zero; bytes above the lowest such one may be marked wrongly.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
    let mut length = 0;
    while let Some(chunk) = bytes.get(length..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let quote = zeros(word ^ (ONES * b'"' as u64));
        let backslash = zeros(word ^ (ONES * b'\\' as u64));
        // Less than 0x20.
        let control = word.wrapping_sub(ONES * 0x20) & !word & TOPS;
        let found = quote | backslash | control;
        if found != 0 {
            return length + (found.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    let rest = bytes.get(length..).unwrap_or_default();
    length
        + rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
            .unwrap_or(rest.len())
}
