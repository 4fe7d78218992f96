//! YAML: cut by indentation before anything is parsed, with the plain parser as the fallback.
//!
//! Microsoft publishes its descriptions in plain block style, where an entry of a mapping ends at
//! the next line that is indented no deeper than its key. Walking the lines is therefore enough to
//! find the wanted paths and every component; only what is kept goes to the parser. The walk
//! (`yaml_lines`) gives up ([`Stop::NotPlain`]) on anchors, tags, flow collections over several
//! lines, tabs, several documents. Such a document is read in full.
//!
//! The parser is serde_norway: a maintained fork of serde_yaml on libyaml, with limits on
//! recursion and on repeated aliases, that reads Microsoft's 25 MB in half a second. serde-saphyr
//! refuses that document at its default budget; serde_yaml itself is no longer maintained.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::de::DeserializeSeed;
use serde_json::Map;

use super::config::TrimConfig;
use super::error::TrimError;
use super::load::{self, Format, HEAD, Outline, Piece};
use super::refs;
use super::strict::{Fault, MAX_NESTING, Strict};
use super::yaml_lines::{Entry, Lines, Stop, only_line_feeds};

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

impl Open {
    fn at(line: &Entry<'_>, name: String) -> Self {
        Self {
            name,
            start: line.start,
            line: line.number,
            indent: line.indent,
        }
    }
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
    let mut lines = Lines::of(text);
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
                    open = Some(Open::at(&line, path.into_owned()));
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
                    open = Some(Open::at(&line, name.into_owned()));
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
