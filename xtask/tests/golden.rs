//! Small specs with one feature each: what comes out of the generator, in all three crates.
//! `golden_wire.rs` compiles it and calls it.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

mod features;
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod scratch;

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};
use xtask::generate::{Files, Inputs, generate};

use features::features;
use scratch::{ASYNC, BLOCKING, TABLE, TYPES, generated};

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
