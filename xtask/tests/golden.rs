//! Small specs with one feature each: what comes out of the generator, in all three crates, and
//! that it compiles with warnings denied.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

mod scratch;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use xtask::generate::{Files, Inputs, generate};

use scratch::{
    ASYNC, BLOCKING, TABLE, TYPES, check, generated, module, package, root, surroundings,
};

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

fn compile(backend: &str, client: &str, keyword: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("golden-{backend}"));
    package(&folder);
    let source = folder.join("src");
    let mut lib = format!(
        "//! Golden.\n#![deny(warnings, missing_docs)]\n{}",
        surroundings(keyword)
    );
    for (index, (name, spec)) in features().iter().enumerate() {
        let files = generated(spec);
        fs::write(
            source.join(format!("feature_{index}.rs")),
            format!("//! {name}\n{}", module(&files, client, keyword)),
        )
        .unwrap();
        let _ = writeln!(lib, "pub mod feature_{index};");
    }
    fs::write(source.join("lib.rs"), lib).unwrap();
    let output = check(&folder, &[]);
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
