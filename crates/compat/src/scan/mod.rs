//! Finds uses of the legacy photo API in source text of any language.
//!
//! [`scan`] looks at one file, [`join`] at what only a whole tree tells (a host constant in one file, photo paths in
//! another), [`fix`] rewrites what is certain. Nothing here touches the disk; `graph-photo migrate scan` walks the tree.
//!
//! There is no parser behind it. Text is what all languages share: a string literal that holds a legacy URL looks the
//! same in each of them, give or take escapes and placeholders, which `literal` understands. Whether a URL is a photo's
//! is decided by [`crate::url`], whether a scope is, by [`crate::scope`], so the scanner knows no forms of its own.

mod fields;
mod literal;
mod paths;
mod urls;

use std::cell::Cell;
use std::fmt;
use std::ops::Range;

use crate::url::Operation;

/// How far back on its line the context of a literal is looked for, in bytes.
const BEFORE: usize = 320;

/// How sure the scanner is of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Certainty {
    /// It may be something else that looks alike.
    Possible,
    /// It is the legacy API, but the replacement needs a look: a placeholder, a joined string, another rule behind it.
    Likely,
    /// A literal whose replacement is known; [`fix`] rewrites it.
    Certain,
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        })
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A photo URL with its host.
    Url,
    /// A host, or a root of the legacy API, that photo paths are joined to.
    HostConstant,
    /// A photo path that a legacy host is put in front of.
    Path,
    /// An OAuth scope with a legacy host.
    Scope,
    /// A use of `Id`, `Width` or `Height` near a photo URL.
    Field,
}

impl Kind {
    /// Short name, as in reports: `legacy-url`, `legacy-host`, `legacy-path`, `legacy-scope`, `legacy-field`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Url => "legacy-url",
            Self::HostConstant => "legacy-host",
            Self::Path => "legacy-path",
            Self::Scope => "legacy-scope",
            Self::Field => "legacy-field",
        }
    }

    /// What it is, in a sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::Url => "A photo URL of the retired Outlook REST API or of its relatives.",
            Self::HostConstant => {
                "A root of the retired Outlook REST API that photo paths are joined to."
            }
            Self::Path => "A photo path that is sent to the retired Outlook REST API.",
            Self::Scope => "An OAuth scope of the retired Outlook REST API.",
            Self::Field => "A photo property in the retired API's spelling.",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Place {
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
}

/// One use of the legacy API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// How sure that is.
    pub certainty: Certainty,
    /// First byte and the byte after the last.
    pub span: Range<usize>,
    /// Where it begins.
    pub start: Place,
    /// Where it ends (the place after its last character).
    pub end: Place,
    /// The text found.
    pub text: String,
    /// What to write instead; a placeholder is written as it was, or as `{expression}` where strings were joined.
    pub replacement: Option<String>,
    /// Operations of the clients that replace it.
    pub operations: Vec<Operation>,
    /// What to know about it.
    pub notes: Vec<String>,
}

/// What one file holds.
#[derive(Clone, Debug, Default)]
pub struct FileScan {
    /// Uses of the legacy API, in the order of the file.
    pub findings: Vec<Finding>,
    /// Host constants without photo paths, or the other way round: [`join`] finds the other half.
    halves: Vec<Finding>,
    /// Whether a Graph host occurs: then photo paths may be Graph's.
    graph: bool,
}

/// Scans one file. Any encoding that writes ASCII as ASCII will do.
///
/// ```
/// use graph_photo_compat::scan::{Certainty, fix, scan};
///
/// let source = br#"fetch("https://outlook.office.com/api/v2.0/me/photo/$value")"#;
/// let found = scan(source).findings;
/// assert_eq!((found[0].start.line, found[0].start.column), (1, 8));
/// assert_eq!(found[0].certainty, Certainty::Certain);
/// let fixed = fix(source, &found).unwrap();
/// assert_eq!(fixed, br#"fetch("https://graph.microsoft.com/v1.0/me/photo/$value")"#);
/// ```
pub fn scan(source: &[u8]) -> FileScan {
    let text = Text::new(source);
    let mut urls = urls::find(&text);
    let mut paths = paths::find(&text, &urls.taken);
    // A path can have a host in its query: a whole URL there is surer than the path, and a mere host is part of it.
    let sure = spans(&urls.findings);
    paths.retain(|path| !overlaps(&sure, &path.span));
    let held = spans(&paths);
    urls.hosts.retain(|host| !overlaps(&held, &host.span));
    let graph = urls.graph;
    let mut scanned = FileScan {
        findings: urls.findings,
        halves: Vec::new(),
        graph,
    };
    if paths.is_empty() || urls.hosts.is_empty() {
        scanned.halves = urls.hosts;
        scanned.halves.extend(paths);
    } else {
        scanned.findings.append(&mut urls.hosts);
        scanned.findings.extend(paths.into_iter().map(|mut path| {
            if graph {
                path.certainty = Certainty::Possible;
                path.notes.push(
                    "the file names a Graph host as well: this may be Graph's path".to_owned(),
                );
            }
            path
        }));
    }
    let fields = fields::find(&text, &scanned.findings);
    scanned.findings.extend(fields);
    scanned
        .findings
        .sort_by_key(|finding| (finding.span.start, finding.span.end));
    scanned
}

/// Joins the halves that lie in different files of one tree: a legacy host constant here, photo paths there.
pub fn join<'a>(files: impl IntoIterator<Item = &'a mut FileScan>) {
    let mut files: Vec<_> = files.into_iter().collect();
    let graph_anywhere = files.iter().any(|file| file.graph);
    for file in &mut files {
        // Paths beside a Graph host are Graph's. So may be any path that Graph writes alike, once the tree has moved
        // in part.
        let graph = file.graph;
        file.halves.retain(|half| {
            let graphs_too =
                graph_anywhere && half.replacement.as_deref() == Some(half.text.as_str());
            half.kind == Kind::HostConstant || !(graph || graphs_too)
        });
    }
    let holds = |kind: Kind| {
        let is = |finding: &Finding| finding.kind == kind;
        files
            .iter()
            .any(|file| file.halves.iter().any(is) || file.findings.iter().any(is))
    };
    if !holds(Kind::HostConstant) || !holds(Kind::Path) {
        return;
    }
    for file in &mut files {
        let halves = std::mem::take(&mut file.halves);
        file.findings.extend(halves.into_iter().map(|mut half| {
            half.certainty = Certainty::Possible;
            half.notes.push(match half.kind {
                Kind::HostConstant => "photo paths are in other files of the tree".to_owned(),
                _ => "the legacy host is in another file of the tree".to_owned(),
            });
            half
        }));
        file.findings
            .sort_by_key(|finding| (finding.span.start, finding.span.end));
    }
}

/// Rewrites every certain finding; `None` if there is none. Everything else stays byte for byte.
pub fn fix(source: &[u8], findings: &[Finding]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(source.len());
    let mut copied = 0;
    for finding in findings
        .iter()
        .filter(|finding| finding.certainty == Certainty::Certain)
    {
        let Some(replacement) = &finding.replacement else {
            continue;
        };
        // Findings do not overlap, and come in order.
        let Some(before) = source.get(copied..finding.span.start) else {
            continue;
        };
        out.extend_from_slice(before);
        out.extend_from_slice(replacement.as_bytes());
        copied = finding.span.end;
    }
    if copied == 0 {
        return None;
    }
    out.extend_from_slice(source.get(copied..).unwrap_or_default());
    Some(out)
}

/// Whether one of some ranges, in order and apart from each other, holds `at`.
fn covers(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.start <= at);
    next.checked_sub(1)
        .and_then(|last| ranges.get(last))
        .is_some_and(|range| range.contains(&at))
}

/// Where findings are, in order.
fn spans(findings: &[Finding]) -> Vec<Range<usize>> {
    let mut spans: Vec<_> = findings
        .iter()
        .map(|finding| finding.span.clone())
        .collect();
    spans.sort_by_key(|span| span.start);
    spans
}

/// Whether one of some ranges, in order and apart from each other, has a part of `span`.
fn overlaps(ranges: &[Range<usize>], span: &Range<usize>) -> bool {
    let next = ranges.partition_point(|range| range.start < span.end);
    next.checked_sub(1)
        .and_then(|last| ranges.get(last))
        .is_some_and(|range| range.end > span.start)
}

/// A file's text, and the same in lower case for searching.
struct Text<'a> {
    bytes: &'a [u8],
    lower: Vec<u8>,
    /// Where each line begins.
    lines: Vec<usize>,
    /// A byte, and the characters before it on its line.
    last_place: Cell<(usize, usize)>,
}

impl<'a> Text<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let lines = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1))
            .collect();
        Self {
            bytes,
            lower: bytes.to_ascii_lowercase(),
            lines,
            last_place: Cell::new((0, 0)),
        }
    }

    /// Index of the line that holds a byte.
    fn line(&self, at: usize) -> usize {
        self.lines
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    }

    /// What stands before `at` on its line, in lower case, but no more than [`BEFORE`] bytes: a minified file is one line.
    fn before(&self, at: usize) -> &[u8] {
        let line_start = self.lines.get(self.line(at)).copied().unwrap_or_default();
        self.lower
            .get(line_start.max(at.saturating_sub(BEFORE))..at)
            .unwrap_or_default()
    }

    /// A line, without its end.
    fn line_bytes(&self, line: usize) -> &'a [u8] {
        let start = self.lines.get(line).copied().unwrap_or(self.bytes.len());
        let end = self
            .lines
            .get(line + 1)
            .map_or(self.bytes.len(), |next| next - 1);
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Line and column of a byte. Goes on counting from the last place asked for, if that is before it on the same
    /// line: a minified file is one line.
    fn place(&self, at: usize) -> Place {
        let line = self.line(at);
        let start = self.lines.get(line).copied().unwrap_or_default();
        let (known, known_columns) = self.last_place.get();
        let (from, columns) = if (start..=at).contains(&known) {
            (known, known_columns)
        } else {
            (start, 0)
        };
        let between = self.bytes.get(from..at).unwrap_or_default();
        let columns = columns
            + between
                .iter()
                .filter(|byte| (**byte & 0xc0) != 0x80)
                .count();
        self.last_place.set((at, columns));
        Place {
            line: line + 1,
            column: columns + 1,
        }
    }

    fn finding(&self, kind: Kind, certainty: Certainty, span: Range<usize>) -> Finding {
        Finding {
            kind,
            certainty,
            start: self.place(span.start),
            end: self.place(span.end),
            text: String::from_utf8_lossy(self.bytes.get(span.clone()).unwrap_or_default())
                .into_owned(),
            span,
            replacement: None,
            operations: Vec::new(),
            notes: Vec::new(),
        }
    }
}
