//! From a file to an outline: what the document holds, with only the wanted parts read.
//!
//! `load_json` and `load_yaml` make the outline; the
//! format is told from the content, because Microsoft's files go by many names.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use serde::de::DeserializeSeed;
use serde_json::{Map, Value};

use super::config::TrimConfig;
use super::error::TrimError;
use super::refs;
use super::strict::{Fault, FaultKind, Strict};
use super::{load_json, load_yaml};

/// The largest document that is read. Microsoft's largest has some 60 MB.
pub const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// YAML in the plain block style that Microsoft publishes, of which only the kept parts were
    /// parsed.
    Yaml,
    /// YAML in any other style, all of which was parsed.
    YamlOtherStyle,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::YamlOtherStyle => "YAML (not in plain block style, so read in full)",
        })
    }
}

/// A part of the document that may or may not be needed.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// Checked to be JSON, but not read; `offset` is where it starts.
    Json { text: &'a str, offset: usize },
    /// The lines of one entry of a block mapping, its key included.
    Yaml { text: &'a str, line: usize },
    /// Already read.
    Parsed(Value),
}

/// What a document holds.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub(super) format: Format,
    /// The whole text, to turn offsets into lines.
    pub(super) text: &'a str,
    /// `openapi`, `info`, `servers`, `security`, `tags`, `externalDocs`, and `swagger` if that is
    /// what it is.
    pub(super) head: Map<String, Value>,
    /// The wanted paths, in the document's spelling and order.
    pub(super) paths: Vec<(String, Piece<'a>)>,
    /// How many paths the document has.
    pub(super) paths_seen: usize,
    /// All components by kind and name.
    pub(super) components: HashMap<String, HashMap<String, Piece<'a>>>,
}

/// Top-level fields that are read in full. Anything else but paths and components is left out.
pub(super) const HEAD: &[&str] = &[
    "openapi",
    "swagger",
    "info",
    "servers",
    "security",
    "tags",
    "externalDocs",
];

/// Reads all of a file, or of standard input when the name is `-`.
///
/// # Errors
/// A directory, a file that cannot be read, one beyond [`MAX_BYTES`].
pub fn read(path: &Path) -> Result<Vec<u8>, TrimError> {
    let fail = |source| TrimError::Read {
        path: path.to_owned(),
        source,
    };
    let too_large = |bytes| TrimError::TooLarge {
        bytes,
        limit: MAX_BYTES,
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(fail)?;
    } else {
        let file = std::fs::File::open(path).map_err(fail)?;
        let about = file.metadata().map_err(fail)?;
        if about.is_dir() {
            return Err(TrimError::IsDirectory {
                path: path.to_owned(),
            });
        }
        if about.len() > MAX_BYTES {
            return Err(too_large(about.len()));
        }
        // Exactly what is needed, because the peak of memory is this buffer.
        bytes.reserve_exact(usize::try_from(about.len()).unwrap_or(0) + 1);
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(fail)?;
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}

/// Finds out what the document holds.
pub(super) fn outline<'a>(bytes: &'a [u8], config: &TrimConfig) -> Result<Outline<'a>, TrimError> {
    let text = std::str::from_utf8(bytes).map_err(|e| TrimError::NotUtf8 {
        offset: e.valid_up_to(),
        hint: match bytes {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => " (it starts like UTF-16)",
            [0x1f, 0x8b, ..] => " (it starts like gzip: unpack it first)",
            [0xfd, b'7', b'z', ..] => " (it starts like xz: unpack it first)",
            [b'P', b'K', ..] => " (it starts like a zip archive: unpack it first)",
            _ => "",
        },
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.trim_start();
    if start.is_empty() {
        return Err(TrimError::Empty { bytes: bytes.len() });
    }
    if start.starts_with(['{', '[', '"']) {
        // Flow-style YAML can start with a brace too. It is tried when this is no JSON, and not
        // JSON that was cut short; if it is neither, the first error is the one that counts.
        match load_json::outline(text, config) {
            Err(TrimError::Syntax {
                format,
                place,
                problem,
            }) if !problem.starts_with("EOF") => {
                load_yaml::whole(text, config).map_err(|_| TrimError::Syntax {
                    format,
                    place,
                    problem,
                })
            }
            outcome => outcome,
        }
    } else {
        load_yaml::outline(text, config)
    }
}

impl Piece<'_> {
    /// Reads the piece. `base` is its JSON pointer, `depth` how deep that is.
    pub(super) fn parse(&self, whole: &str, base: &str, depth: usize) -> Result<Value, TrimError> {
        let fault = std::cell::RefCell::new(Fault::default());
        let seed = || Strict {
            depth,
            fault: &fault,
        };
        match self {
            Self::Parsed(value) => Ok(value.clone()),
            Self::Json { text, offset } => {
                let mut deserializer = serde_json::Deserializer::from_str(text);
                seed().deserialize(&mut deserializer).map_err(|error| {
                    let at = offset + offset_of(text, error.line(), error.column());
                    let (line, column) = line_and_column(whole, at);
                    let place = format!("line {line}, column {column}");
                    explain(&fault.borrow(), base, place, "JSON", &error.to_string())
                })
            }
            Self::Yaml { text, line } => {
                load_yaml::refuse_deep_flow(text, base)?;
                // The piece is one entry, so it parses to a mapping with one member.
                let seed = Strict {
                    depth: depth.saturating_sub(1),
                    fault: &fault,
                };
                let parsed = seed.deserialize(serde_norway::Deserializer::from_str(text));
                let value = parsed.map_err(|error| {
                    let place = match error.location() {
                        Some(at) => {
                            format!("line {}, column {}", line + at.line() - 1, at.column())
                        }
                        None => format!("near line {line}"),
                    };
                    // The fault's own trail starts with the entry's key, and so does the base.
                    let parent = base.rsplit_once('/').map_or("", |(parent, _)| parent);
                    explain(&fault.borrow(), parent, place, "YAML", &error.to_string())
                })?;
                match value {
                    Value::Object(members) if members.len() == 1 => Ok(members
                        .into_iter()
                        .next()
                        .map_or(Value::Null, |(_, value)| value)),
                    _ => Err(TrimError::Syntax {
                        format: "YAML",
                        place: format!("line {line}"),
                        problem: format!("expected the one entry {base}"),
                    }),
                }
            }
        }
    }
}

/// Turns a parser's error into ours.
pub(super) fn explain(
    fault: &Fault,
    base: &str,
    place: String,
    format: &'static str,
    problem: &str,
) -> TrimError {
    let pointer = format!("{base}{}", fault.pointer());
    match fault.kind {
        FaultKind::Duplicate => TrimError::DuplicateKey { pointer, place },
        FaultKind::TooDeep => TrimError::TooDeep {
            pointer,
            limit: super::strict::MAX_NESTING,
        },
        FaultKind::NotJson => TrimError::Shape {
            pointer,
            problem: format!("({place}) is infinite or not a number"),
        },
        FaultKind::None if problem.contains("recursion limit") => TrimError::TooDeep {
            pointer,
            limit: super::strict::MAX_NESTING,
        },
        FaultKind::None => {
            // The place is told once, and for the whole document.
            let problem = problem
                .split(" at line ")
                .next()
                .unwrap_or(problem)
                .to_owned();
            let place = if pointer.is_empty() {
                place
            } else {
                format!("{place}, in {pointer}")
            };
            TrimError::Syntax {
                format,
                place,
                problem,
            }
        }
    }
}

/// The byte offset of a parser's line and column (both counted from one) in a piece.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (start + column.saturating_sub(1)).min(text.len())
}

/// Line and column, both counted from one, of a byte offset.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    (line, column)
}

impl Outline<'static> {
    /// The outline of a document that is already in memory.
    pub(super) fn of_value(
        document: Value,
        wanted: &impl Fn(&str) -> bool,
        format: Format,
    ) -> Result<Self, TrimError> {
        let shape = |pointer: &str, problem: &str| TrimError::Shape {
            pointer: pointer.to_owned(),
            problem: problem.to_owned(),
        };
        let Value::Object(document) = document else {
            return Err(TrimError::NotOpenApi30 {
                problem: "its root is not an object; give the description itself".to_owned(),
            });
        };
        let mut outline = Outline {
            format,
            text: "",
            head: Map::new(),
            paths: Vec::new(),
            paths_seen: 0,
            components: HashMap::new(),
        };
        for (key, value) in document {
            match key.as_str() {
                "paths" => {
                    let Value::Object(paths) = value else {
                        return Err(shape("/paths", "must be an object of path items"));
                    };
                    outline.paths_seen = paths.len();
                    outline.paths.extend(
                        paths
                            .into_iter()
                            .filter(|(path, _)| wanted(path))
                            .map(|(path, item)| (path, Piece::Parsed(item))),
                    );
                }
                "components" => {
                    let Value::Object(kinds) = value else {
                        return Err(shape("/components", "must be an object"));
                    };
                    for (kind, names) in kinds {
                        if kind.starts_with("x-") {
                            continue;
                        }
                        let Value::Object(names) = names else {
                            return Err(shape(
                                &format!("/components/{}", refs::escape(&kind)),
                                "must be an object",
                            ));
                        };
                        let pieces = names
                            .into_iter()
                            .map(|(name, v)| (name, Piece::Parsed(v)))
                            .collect();
                        outline.components.insert(kind, pieces);
                    }
                }
                key if HEAD.contains(&key) => {
                    outline.head.insert(key.to_owned(), value);
                }
                _ => {}
            }
        }
        Ok(outline)
    }
}
