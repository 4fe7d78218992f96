//! The cut: the wanted paths and whatever they need, as Microsoft wrote it, and nothing else.
//!
//! Components are pulled in by `$ref` (and security schemes by name), never by a discriminator's
//! mapping: following the one of `microsoft.graph.entity` would bring in 1,720 schemas. Mapping
//! entries are kept if their schema is needed anyway, and dropped if not.
//!
//! Objects are written in alphabetical order. Microsoft's converters order members differently
//! from one revision to the next, and a diff between two slices should show changes, not that.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::error::TrimError;
use super::load::{Format, Outline, Piece};
use super::refs::{self, Found, Target};

/// A slice of a description, and what the cut has to say about it.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The slice, a complete OpenAPI document.
    pub document: Value,
    /// How the whole document was written.
    pub format: Format,
    /// The document's `openapi` field.
    pub openapi: String,
    /// How many paths the whole document has.
    pub paths_seen: usize,
    /// How many components the whole document has.
    pub components_seen: usize,
    /// Entries of discriminator mappings that were dropped.
    pub mapping_entries_dropped: usize,
    /// Configured paths that the document does not have.
    pub missing_paths: Vec<String>,
}

/// The depth at which path items and components lie: below the root, `paths` and the path, or
/// below the root, `components`, the kind and the name.
const PATH_DEPTH: usize = 2;
const COMPONENT_DEPTH: usize = 3;

pub(super) fn cut(
    mut outline: Outline<'_>,
    openapi: String,
    wanted: &[String],
) -> Result<Cut, TrimError> {
    let components_seen = outline.components.values().map(HashMap::len).sum();
    let mut paths = BTreeMap::new();
    let mut spellings: HashMap<String, String> = HashMap::new();
    for (path, piece) in std::mem::take(&mut outline.paths) {
        let pointer = format!("/paths/{}", refs::escape(&path));
        let item = piece.parse(outline.text, &pointer, PATH_DEPTH)?;
        if !item.is_object() {
            return Err(TrimError::Shape {
                pointer,
                problem: "must be an object of operations".to_owned(),
            });
        }
        if let Some(first) = spellings.insert(refs::same_spelling(&path).into_owned(), path.clone())
        {
            return Err(TrimError::SamePath {
                first,
                second: path,
            });
        }
        paths.insert(path, item);
    }
    let missing_paths = wanted
        .iter()
        .filter(|path| !spellings.contains_key(&*refs::same_spelling(path)))
        .cloned()
        .collect();

    let mut kept = reach(&outline, &paths)?;
    let names: BTreeSet<(String, String)> = kept
        .iter()
        .flat_map(|(kind, named)| named.keys().map(|name| (kind.clone(), name.clone())))
        .collect();
    let mut mapping_entries_dropped = 0;
    let mut prune = |value: &mut Value, named| {
        refs::discriminators(value, named, &mut |discriminator| {
            mapping_entries_dropped += prune_mapping(discriminator, &names);
        });
    };
    for item in paths.values_mut() {
        prune(item, false);
    }
    for named in kept.values_mut() {
        for component in named.values_mut() {
            prune(component, false);
        }
    }

    let mut document = Map::new();
    let mut head = outline.head;
    if let Some(Value::Array(tags)) = head.get_mut("tags") {
        let used: BTreeSet<&str> = paths.values().flat_map(tags_of).collect();
        tags.retain(|tag| tag["name"].as_str().is_some_and(|name| used.contains(name)));
    }
    for (key, value) in head {
        if !(key == "tags" && value.as_array().is_some_and(Vec::is_empty)) {
            document.insert(key, value);
        }
    }
    document.insert(
        "paths".to_owned(),
        Value::Object(paths.into_iter().collect()),
    );
    if !kept.is_empty() {
        let kinds = kept
            .into_iter()
            .map(|(kind, named)| (kind, Value::Object(named.into_iter().collect())))
            .collect();
        document.insert("components".to_owned(), Value::Object(kinds));
    }
    let mut document = Value::Object(document);
    document.sort_all_objects();
    Ok(Cut {
        document,
        format: outline.format,
        openapi,
        paths_seen: outline.paths_seen,
        components_seen,
        mapping_entries_dropped,
        missing_paths,
    })
}

/// Cuts a document in memory down to what its paths need: used after the overlay, which leaves
/// components behind that nothing refers to any more.
pub(super) fn drop_unreachable(document: Value) -> Result<Value, TrimError> {
    let openapi = document["openapi"].as_str().unwrap_or_default().to_owned();
    let outline = Outline::of_value(document, &|_| true, Format::Json)?;
    Ok(cut(outline, openapi, &[])?.document)
}

type Kept = BTreeMap<String, BTreeMap<String, Value>>;

/// Every component that the paths reach.
fn reach(outline: &Outline<'_>, paths: &BTreeMap<String, Value>) -> Result<Kept, TrimError> {
    let mut kept = Kept::new();
    // What is left to look for: kind, name, the segments below it, and who asked.
    let mut wanted: Vec<Wanted> = Vec::new();
    let scan = |value: &Value, base: &str, wanted: &mut Vec<Wanted>| {
        let mut pointer = base.to_owned();
        refs::walk(value, &mut pointer, false, &mut |pointer, found| {
            wanted.extend(Wanted::from(pointer, found, paths)?);
            Ok::<_, TrimError>(())
        })
    };
    for (path, item) in paths {
        scan(item, &format!("/paths/{}", refs::escape(path)), &mut wanted)?;
    }
    if let Some(security) = outline.head.get("security") {
        let holder = Value::Object(Map::from_iter([("security".to_owned(), security.clone())]));
        scan(&holder, "", &mut wanted)?;
    }
    while let Some(next) = wanted.pop() {
        if !kept
            .get(&next.kind)
            .is_some_and(|named| named.contains_key(&next.name))
        {
            let piece: Option<&Piece<'_>> = outline
                .components
                .get(&next.kind)
                .and_then(|named| named.get(&next.name));
            let Some(piece) = piece else {
                if next.optional {
                    continue;
                }
                return Err(
                    next.unresolved("which the document does not have; is it cut or damaged?")
                );
            };
            let base = format!(
                "/components/{}/{}",
                refs::escape(&next.kind),
                refs::escape(&next.name)
            );
            let value = piece.parse(outline.text, &base, COMPONENT_DEPTH)?;
            if !value.is_object() {
                return Err(TrimError::Shape {
                    pointer: base,
                    problem: "must be an object".to_owned(),
                });
            }
            // What an example holds is payload, in which a reference means nothing.
            if next.kind != "examples" {
                scan(&value, &base, &mut wanted)?;
            }
            kept.entry(next.kind.clone())
                .or_default()
                .insert(next.name.clone(), value);
        }
        if refs::descend(&kept[&next.kind][&next.name], &next.rest).is_none() {
            return Err(next.unresolved("and the component has no such part; correct the pointer"));
        }
    }
    Ok(kept)
}

/// A component that something refers to.
struct Wanted {
    kind: String,
    name: String,
    rest: Vec<String>,
    pointer: String,
    reference: String,
    optional: bool,
}

impl Wanted {
    fn from(
        pointer: &str,
        found: Found<'_>,
        paths: &BTreeMap<String, Value>,
    ) -> Result<Option<Self>, TrimError> {
        let reference = match found {
            Found::Ref(reference) => reference,
            Found::Security(name) => {
                return Ok(Some(Self {
                    kind: "securitySchemes".to_owned(),
                    name: name.to_owned(),
                    rest: Vec::new(),
                    pointer: pointer.to_owned(),
                    reference: name.to_owned(),
                    optional: true,
                }));
            }
        };
        let unresolved = |problem: &str| TrimError::UnresolvedRef {
            pointer: pointer.to_owned(),
            target: reference.to_owned(),
            problem: problem.to_owned(),
        };
        match refs::parse(reference) {
            Target::Component { kind, name, rest } => Ok(Some(Self {
                kind,
                name,
                rest,
                pointer: pointer.to_owned(),
                reference: reference.to_owned(),
                optional: false,
            })),
            Target::Path { path, rest } => match paths.get(&path) {
                Some(item) if refs::descend(item, &rest).is_some() => Ok(None),
                Some(_) => Err(unresolved(
                    "and that path has no such part; correct the pointer",
                )),
                None => Err(unresolved(
                    "a path that is not kept; add it to paths in trim.toml",
                )),
            },
            Target::Elsewhere { problem } => Err(unresolved(problem)),
        }
    }

    fn unresolved(self, problem: &str) -> TrimError {
        TrimError::UnresolvedRef {
            pointer: self.pointer,
            target: self.reference,
            problem: problem.to_owned(),
        }
    }
}

/// Drops the entries whose schema is not kept, and the mapping if none is left.
fn prune_mapping(discriminator: &mut Value, kept: &BTreeSet<(String, String)>) -> usize {
    let Some(Value::Object(mapping)) = discriminator.get_mut("mapping") else {
        return 0;
    };
    let before = mapping.len();
    mapping.retain(|_, target| {
        target
            .as_str()
            .and_then(refs::mapping_target)
            .is_some_and(|target| kept.contains(&target))
    });
    let dropped = before - mapping.len();
    if mapping.is_empty()
        && let Some(discriminator) = discriminator.as_object_mut()
    {
        discriminator.remove("mapping");
    }
    dropped
}

fn tags_of(item: &Value) -> impl Iterator<Item = &str> {
    item.as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, operation)| operation.get("tags")?.as_array())
        .flatten()
        .filter_map(Value::as_str)
}
