//! Generated code in a crate of its own, to see whether it compiles: what is around it, without an
//! HTTP client, and the manifest.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use xtask::generate::{Files, Inputs, generate};

pub(crate) const TYPES: &str = "crates/model/src/generated/types.rs";
pub(crate) const TABLE: &str = "crates/model/src/generated/operations.rs";
pub(crate) const ASYNC: &str = "crates/async/src/generated/operations.rs";
pub(crate) const BLOCKING: &str = "crates/blocking/src/generated/operations.rs";

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What the generator makes of a spec, without the photo surface.
pub(crate) fn generated(spec: &Value) -> Files {
    generate(&Inputs {
        spec_path: "scratch.json".into(),
        spec: spec.to_string(),
        legacy: fs::read_to_string(root().join("spec/outlook-v2.yaml")).unwrap(),
        ..Inputs::default()
    })
    .unwrap()
}

/// What generated operations expect around them, without an HTTP client: this is about their types.
const SURROUNDINGS: &str = r#"
/// Stands for the client's body.
pub struct Body;
impl Body {
    /// JSON.
    pub fn json<T: serde::Serialize + ?Sized>(_: &T) -> Result<Self, graph_photo_model::Error> { Ok(Self) }
    /// The type of bytes.
    pub fn content_type(&self) -> Option<&'static str> { None }
}
impl From<Vec<u8>> for Body { fn from(_: Vec<u8>) -> Self { Self } }
/// Stands for the client's stream.
pub struct ByteStream;
/// Stands for what comes back.
pub struct Answer;
impl Answer {
    /// JSON.
    pub ASYNC fn json<T: serde::de::DeserializeOwned>(self) -> Result<graph_photo_model::Response<T>, graph_photo_model::Error> { unimplemented!() }
    /// Bytes.
    pub fn stream(self) -> graph_photo_model::Response<ByteStream> { unimplemented!() }
    /// Nothing.
    pub ASYNC fn empty(self) -> Result<graph_photo_model::Response<()>, graph_photo_model::Error> { unimplemented!() }
}
"#;

/// Where the methods of one feature live.
const HOLDER: &str = r#"
/// What holds the operations.
pub struct Operations;
impl Operations {
    /// Sends.
    pub ASYNC fn exec(&self, _: graph_photo_model::wire::Request<crate::Body>) -> Result<crate::Answer, graph_photo_model::Error> { Ok(crate::Answer) }
}
"#;

/// One feature as a module. In the real crates, types and table live in the model crate.
pub(crate) fn module(files: &Files, client: &str, keyword: &str) -> String {
    let bare = |path: &str| -> String {
        let text = &files[Path::new(path)];
        let start = text.find("//!").unwrap();
        text[start..].split_once('\n').unwrap().1.to_owned()
    };
    let operations = bare(client)
        .replace(
            "{CommaSeparated, Error, Response, operations, types}",
            "{CommaSeparated, Error, Response}",
        )
        .replace(
            "use crate::surface::Operations;",
            "use super::Operations;\n#[allow(unused_imports)]\nuse super::{operations, types};",
        )
        .replace("graph_photo_model::types::", "super::types::");
    // The rows of the real table can only be written in the model crate.
    let mut rows = String::new();
    for line in bare(TABLE).lines() {
        if let Some(name) = line
            .strip_prefix("pub static ")
            .and_then(|line| line.split_once(": Operation ="))
        {
            let _ = writeln!(
                rows,
                "#[allow(missing_docs)] pub static {}: graph_photo_model::Operation = graph_photo_model::Operation::new(\"x\", \"GET\", \"/x\");",
                name.0
            );
        }
    }
    format!(
        "{}\n/// Types.\npub mod types {{\n{}\n}}\n/// The table as it is generated.\npub mod table {{\n{}\n}}\n/// A table for the methods.\npub mod operations {{\n{rows}\n}}\nmod methods {{\n{operations}\n}}\n",
        HOLDER.replace("ASYNC", keyword),
        bare(TYPES),
        bare(TABLE),
    )
}

/// What the root of a crate with [`module`]s must hold.
pub(crate) fn surroundings(keyword: &str) -> String {
    let operation = root()
        .canonicalize()
        .unwrap()
        .join("crates/model/src/operation.rs");
    format!(
        "/// The rows of the table.\n#[allow(dead_code, rustdoc::broken_intra_doc_links)]\n#[path = {operation:?}]\npub mod operation;\n{}",
        SURROUNDINGS.replace("ASYNC", keyword)
    )
}

/// Makes `folder` a package with the workspace's versions, so that nothing is looked up.
pub(crate) fn package(folder: &Path) {
    let source = folder.join("src");
    // Leftovers of earlier runs.
    let _ = fs::remove_dir_all(&source);
    fs::create_dir_all(&source).unwrap();
    let model = root().canonicalize().unwrap().join("crates/model");
    let name = folder.file_name().unwrap().to_string_lossy();
    let manifest = format!(
        "[package]\nname = \"scratch-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\ngraph-photo-model = {{ path = {model:?} }}\nhttp = \"1\"\nserde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\n[workspace]\n",
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

/// Runs `cargo check` there.
pub(crate) fn check(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--quiet", "--offline"])
        .args(arguments)
        .current_dir(folder)
        // One folder for all of them, so that the model crate is compiled once.
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("scratch"),
        )
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap()
}
