//! Small specs with one feature each: what comes out of the generator, in all three crates, and
//! that it compiles with warnings denied.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use xtask::generate::{Files, Inputs, generate};

const TYPES: &str = "crates/model/src/generated/types.rs";
const TABLE: &str = "crates/model/src/generated/operations.rs";
const ASYNC: &str = "crates/async/src/generated/operations.rs";
const BLOCKING: &str = "crates/blocking/src/generated/operations.rs";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The features by name, each as a whole spec.
fn features() -> BTreeMap<String, Value> {
    let features: BTreeMap<String, Value> =
        serde_norway::from_str(include_str!("golden/features.yaml")).unwrap();
    features
        .into_iter()
        .map(|(name, feature)| {
            let paths = feature.get("paths").cloned().unwrap_or_else(|| {
                let content = json!({ "application/json": { "schema": feature["answer"] } });
                json!({ "/thing": { "get": { "operationId": "get_thing", "responses": {
                    "200": { "description": "ok", "content": content },
                } } } })
            });
            let components = feature
                .get("components")
                .cloned()
                .unwrap_or_else(|| json!({}));
            let spec = json!({
                "openapi": "3.0.3",
                "info": { "title": name, "version": "1" },
                "paths": paths,
                "components": components,
            });
            (name, spec)
        })
        .collect()
}

fn generated(spec: &Value) -> Files {
    generate(&Inputs {
        spec_path: "feature.json".into(),
        spec: spec.to_string(),
        legacy: fs::read_to_string(root().join("spec/outlook-v2.yaml")).unwrap(),
        ..Inputs::default()
    })
    .unwrap()
}

/// A generated file without what is the same in all of them.
fn part(files: &Files, path: &str) -> String {
    let (_, text) = files[Path::new(path)].split_once("\n\n").unwrap();
    // The error type that every model carries.
    text.split("/// Error types.")
        .next()
        .unwrap()
        .trim_end()
        .to_owned()
}

#[test]
fn every_feature_comes_out_as_it_did() {
    let features = features();
    assert!(features.len() >= 30, "{}", features.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, spec) in &features {
            let files = generated(spec);
            let mut shown = format!("// {}\n", spec["paths"]);
            for path in [TYPES, ASYNC, BLOCKING] {
                let _ = write!(shown, "\n// ==== {path}\n\n{}\n", part(&files, path));
            }
            insta::assert_snapshot!(name.replace(' ', "_"), shown);
        }
    });
}

// --- compiling ----------------------------------------------------------------------------

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
fn module(files: &Files, client: &str, keyword: &str) -> String {
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

/// Writes all features as modules of one crate.
fn write_crate(folder: &Path, client: &str, keyword: &str) {
    let source = folder.join("src");
    // Leftovers of features that were renamed.
    let _ = fs::remove_dir_all(&source);
    fs::create_dir_all(&source).unwrap();
    let model = root().join("crates/model").canonicalize().unwrap();
    let name = folder.file_name().unwrap().to_string_lossy();
    let manifest = format!(
        "[package]\nname = \"golden-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\ngraph-photo-model = {{ path = {model:?} }}\nhttp = \"1\"\nserde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\n[workspace]\n",
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The versions that the workspace is built with; nothing is looked up.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let operation = model.join("src/operation.rs");
    let mut lib = format!(
        "//! Golden.\n#![deny(warnings, missing_docs)]\n#[allow(dead_code, rustdoc::broken_intra_doc_links)]\n#[path = {operation:?}]\npub mod operation;\n{}",
        SURROUNDINGS.replace("ASYNC", keyword)
    );
    for (index, (name, spec)) in features().iter().enumerate() {
        let files = generated(spec);
        fs::write(
            source.join(format!("feature_{index}.rs")),
            format!("//! {name}\n{}", module(&files, client, keyword)),
        )
        .unwrap();
        let _ = write!(lib, "pub mod feature_{index};\n");
    }
    fs::write(source.join("lib.rs"), lib).unwrap();
}

fn compile(backend: &str, client: &str, keyword: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("golden")
        .join(backend);
    write_crate(&folder, client, keyword);
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--quiet", "--offline"])
        .current_dir(&folder)
        // One folder for both, so that the model crate is compiled once.
        .env("CARGO_TARGET_DIR", folder.with_file_name("target"))
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn every_feature_compiles_in_the_async_client() {
    compile("asynchronous", ASYNC, "async");
}

#[test]
fn every_feature_compiles_in_the_blocking_client() {
    compile("blocking", BLOCKING, "");
}

/// The same JSON with the keys of every object in another order.
fn rotated(value: &Value, by: usize) -> String {
    match value {
        Value::Object(object) => {
            let mut members: Vec<String> = object
                .iter()
                .map(|(key, value)| format!("{}:{}", json!(key), rotated(value, by)))
                .collect();
            let middle = by % members.len().max(1);
            members.rotate_left(middle);
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| rotated(item, by)).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

#[test]
fn the_order_of_keys_matters_to_no_feature() {
    for (name, spec) in features() {
        let expected = generated(&spec);
        for by in 1..3 {
            let shuffled = generate(&Inputs {
                spec: rotated(&spec, by),
                legacy: fs::read_to_string(root().join("spec/outlook-v2.yaml")).unwrap(),
                ..Inputs::default()
            })
            .unwrap();
            for path in [TYPES, TABLE, ASYNC, BLOCKING] {
                // Without the header, which names the hash of the bytes.
                assert_eq!(part(&shuffled, path), part(&expected, path), "{name}");
            }
        }
    }
}
