//! Generated code in a crate of its own, to see whether it compiles: what is around it, without an
//! HTTP client, and the manifest.

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
    generate(&inputs(spec.to_string())).unwrap()
}

/// A spec alone, as the generator's inputs.
pub(crate) fn inputs(spec: String) -> Inputs {
    Inputs {
        spec_path: "scratch.json".into(),
        spec,
        ..Inputs::default()
    }
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

/// A generated file without its header and its own docs.
pub(crate) fn bare(files: &Files, path: &str) -> String {
    let text = &files[Path::new(path)];
    let start = text.find("//!").unwrap();
    text[start..].split_once('\n').unwrap().1.to_owned()
}

/// Types and table of one feature as two modules. In the real crates they live in the model crate.
pub(crate) fn model(files: &Files) -> String {
    format!(
        "/// Types.\npub mod types {{\n{}\n}}\n/// The table.\npub mod operations {{\n{}\n}}\n",
        bare(files, TYPES),
        bare(files, TABLE).replace(
            "use crate::operation::",
            "use graph_photo_model::operation::"
        ),
    )
}

/// The methods of one feature, for a module whose parent has its [`model`] and the type to
/// implement; `client` is the path to the client's own types.
pub(crate) fn methods(files: &Files, path: &str, client: &str) -> String {
    bare(files, path)
        .replace(
            "{CommaSeparated, Error, Response, operations, types}",
            "{CommaSeparated, Error, Response}",
        )
        .replace(
            "use crate::surface::Operations;",
            "#[allow(unused_imports)]\nuse super::{Operations, operations, types};",
        )
        .replace("use crate::{Body", &format!("use {client}::{{Body"))
        .replace("graph_photo_model::types::", "types::")
}

/// One feature as a module, without an HTTP client.
pub(crate) fn module(files: &Files, client: &str, keyword: &str) -> String {
    format!(
        "{}\n{}mod methods {{\n{}\n}}\n",
        HOLDER.replace("ASYNC", keyword),
        model(files),
        methods(files, client, "crate"),
    )
}

/// What the root of a crate with [`module`]s must hold.
pub(crate) fn surroundings(keyword: &str) -> String {
    SURROUNDINGS.replace("ASYNC", keyword)
}

/// Makes `folder` a package with the workspace's versions, so that nothing is looked up.
pub(crate) fn package(folder: &Path) {
    package_with(folder, "");
}

/// As [`package`], with further dependencies; `@ROOT@` in them is the repository.
pub(crate) fn package_with(folder: &Path, dependencies: &str) {
    let source = folder.join("src");
    // Leftovers of earlier runs.
    let _ = fs::remove_dir_all(&source);
    fs::create_dir_all(&source).unwrap();
    let root = root().canonicalize().unwrap();
    let dependencies = dependencies.replace("@ROOT@", root.to_str().unwrap());
    let model = root.join("crates/model");
    let name = folder.file_name().unwrap().to_string_lossy();
    let manifest = format!(
        "[package]\nname = \"scratch-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\ngraph-photo-model = {{ path = {model:?} }}\nhttp = \"1\"\nserde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n{dependencies}\n[workspace]\n",
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

/// Runs `cargo check` there.
pub(crate) fn check(folder: &Path, arguments: &[&str]) -> Output {
    cargo(folder, "check", arguments)
}

/// Runs Cargo there. What it builds goes into [`target`].
pub(crate) fn cargo(folder: &Path, command: &str, arguments: &[&str]) -> Output {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([command, "--quiet", "--offline"])
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target())
        // Whatever their manifests say, so that dependencies are shared too.
        .env("CARGO_PROFILE_DEV_DEBUG", "2")
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap()
}

/// One folder for all scratch packages, so that what they share is compiled once.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("scratch")
}
