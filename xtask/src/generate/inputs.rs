//! What the generator reads, gathered before it starts.
//!
//! The spec decides the operations; the hand-written sources of both clients are read too: the
//! async surface because the blocking one is derived from it, the rest for the parity gate.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use heck::ToSnakeCase;
use serde_json::Value;

use super::frame::Frame;
use super::provenance;
use super::{Files, GenerateError};
use crate::compat_tables::SPEC_FILE;
use crate::trim::{self, SourceLock};

/// Everything [`super::generate`] depends on.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Where the spec came from, for messages.
    pub spec_path: PathBuf,
    /// The text of `spec/graph-photo.json`.
    pub spec: String,
    /// What `source.lock` says about the document that the spec was cut from, if there is one.
    pub source: Option<SourceLock>,
    /// `Cargo.toml` of the crates that hold generated code, by path from the root.
    pub manifests: BTreeMap<PathBuf, String>,
    /// The text of `outlook-v2.yaml`, what the compat tables are made from, if there are any.
    pub legacy: Option<String>,
    /// `crates/async/src/surface/`, by path below it.
    pub surface: BTreeMap<PathBuf, String>,
    /// `crates/compat/src/client/`, by path below it.
    pub legacy_client: BTreeMap<PathBuf, String>,
    /// The rest of `crates/async/src/` without its generated files, by path from the root.
    pub asynchronous: BTreeMap<PathBuf, String>,
    /// `crates/blocking/src/` without its generated files, by path from the root.
    pub blocking: BTreeMap<PathBuf, String>,
    /// What surrounds the generated code and is written with it: that of another API's crates. The
    /// photo crates' own is written by hand, so this is `None` for them.
    pub frame: Option<Frame>,
    /// With a frame: the files of the workspace and of the model crate, by path from the root.
    pub model: BTreeMap<PathBuf, String>,
}

impl Inputs {
    /// Reads the spec in `spec_dir` and the clients' sources below `root`.
    ///
    /// # Errors
    /// [`GenerateError::Read`] naming the file.
    pub fn read(root: &Path, spec_dir: &Path) -> Result<Self, GenerateError> {
        let spec_path = spec_dir.join("graph-photo.json");
        let spec = fs::read_to_string(&spec_path).map_err(|source| GenerateError::Read {
            path: spec_path.clone(),
            source,
            remedy: "write it with `cargo xtask trim --from FILE`, or name its folder with --spec",
        })?;
        // Another spec folder need not describe the legacy API again.
        let own_legacy = spec_dir.join(SPEC_FILE);
        let legacy_path = if own_legacy.is_file() {
            own_legacy
        } else {
            root.join("spec").join(SPEC_FILE)
        };
        let legacy = fs::read_to_string(&legacy_path).map_err(|source| GenerateError::Read {
            path: legacy_path,
            source,
            remedy: "run the command inside the repository",
        })?;
        let source = source_lock(&spec_dir.join("source.lock"))?;
        let mut manifests = BTreeMap::new();
        for path in provenance::MANIFESTS {
            let path = PathBuf::from(path);
            let absolute = root.join(&path);
            let text = fs::read_to_string(&absolute).map_err(|source| GenerateError::Read {
                path: absolute,
                source,
                remedy: "run the command inside the repository",
            })?;
            manifests.insert(path, text);
        }
        let mut asynchronous = sources(root, Path::new("crates/async/src"))?;
        let blocking = sources(root, Path::new("crates/blocking/src"))?;
        let surface_dir = Path::new("crates/async/src/surface");
        let surface = below(surface_dir, &asynchronous);
        let client_dir = Path::new("crates/compat/src/client");
        let legacy_client = below(client_dir, &sources(root, client_dir)?);
        asynchronous.retain(|path, _| !path.starts_with(surface_dir));
        Ok(Self {
            spec_path,
            spec,
            source,
            manifests,
            legacy: Some(legacy),
            surface,
            legacy_client,
            asynchronous,
            blocking,
            ..Self::default()
        })
    }

    /// As [`read`](Self::read), for crates that are written to `out` and not into the repository.
    ///
    /// The surface of the photo crates calls the operations of the repository's own spec. A spec that
    /// has all of them gets that surface; any other is another API, and gets a [`Frame`].
    ///
    /// # Errors
    /// [`GenerateError::Read`] naming the file.
    pub fn read_for(root: &Path, spec_dir: &Path, out: &Path) -> Result<Self, GenerateError> {
        let inputs = Self::read(root, spec_dir)?;
        let (root, out) = (absolute(root), absolute(out));
        if root == out {
            return Ok(inputs);
        }
        let own = fs::read_to_string(root.join("spec/graph-photo.json")).unwrap_or_default();
        let (Ok(own), Ok(spec)) = (
            serde_json::from_str::<Value>(&own),
            serde_json::from_str::<Value>(&inputs.spec),
        ) else {
            // Who cannot be read is told so when it is generated from.
            return Ok(inputs);
        };
        let offered = operation_names(&spec);
        if operation_names(&own).is_subset(&offered) {
            return Ok(inputs);
        }
        Ok(Frame::of(&spec, &root, &out).inputs(inputs))
    }

    /// All sources of the async and of the blocking client, hand-written and generated.
    pub(super) fn both_sources(&self, files: &Files) -> (Files, Files) {
        let generated = |prefix: &str| -> Files {
            files
                .iter()
                .filter(|(path, _)| path.starts_with(prefix))
                .map(|(path, text)| (path.clone(), text.clone()))
                .collect()
        };
        let mut left = generated("crates/async/src");
        left.extend(self.asynchronous.clone());
        left.extend(self.surface.iter().map(|(path, text)| {
            (
                Path::new("crates/async/src/surface").join(path),
                text.clone(),
            )
        }));
        let mut right = generated("crates/blocking/src");
        right.extend(self.blocking.clone());
        (left, right)
    }
}

/// The path from the root of the file system. A folder that is not there yet has no canonical
/// name, but one above it has.
fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for above in path.ancestors() {
        if let (Ok(known), Ok(rest)) = (above.canonicalize(), path.strip_prefix(above)) {
            return known.join(rest);
        }
    }
    path
}

/// The names of a spec's operations, as methods are named.
fn operation_names(spec: &Value) -> BTreeSet<String> {
    trim::operations(spec)
        .filter_map(|(_, _, operation)| operation["operationId"].as_str())
        .map(ToSnakeCase::to_snake_case)
        .collect()
}

/// A `source.lock`, or `None` where a hand-made spec has none.
fn source_lock(path: &Path) -> Result<Option<SourceLock>, GenerateError> {
    let read = |source| GenerateError::Read {
        path: path.to_owned(),
        source,
        remedy: "write it again with `cargo xtask trim --from FILE --origin TEXT`",
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(read(error)),
    };
    SourceLock::from_toml(&text)
        .map(Some)
        .map_err(|error| read(io::Error::new(io::ErrorKind::InvalidData, error)))
}

/// The files of a folder, by path below it.
fn below(dir: &Path, files: &BTreeMap<PathBuf, String>) -> BTreeMap<PathBuf, String> {
    files
        .iter()
        .filter_map(|(path, text)| {
            let below = path.strip_prefix(dir).ok()?;
            Some((below.to_path_buf(), text.clone()))
        })
        .collect()
}

/// The Rust files below `root`/`dir`, without `generated/`, by path from `root`.
fn sources(root: &Path, dir: &Path) -> Result<BTreeMap<PathBuf, String>, GenerateError> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let absolute = root.join(&folder);
        let failed = |source: io::Error| GenerateError::Read {
            path: absolute.clone(),
            source,
            remedy: "run the command inside the repository",
        };
        for entry in fs::read_dir(&absolute).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = folder.join(entry.file_name());
            if entry.file_type().map_err(failed)?.is_dir() {
                if entry.file_name() != "generated" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(root.join(&path)).map_err(failed)?;
                found.insert(path, text);
            }
        }
    }
    Ok(found)
}
