//! Specs with one place changed into something random: refused with a located problem, or generated;
//! and what is generated compiles, in both clients, with warnings denied.
//!
//! Small specs of one feature each are changed before they are generated from; the slice of
//! Microsoft's document before it is trimmed. `cargo xtask soak spec-mutants` runs many more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, its helpers too"
)]

mod features;
mod mutate;
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod scratch;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use features::features;
use mutate::{Numbers, mutate};
use scratch::{ASYNC, BLOCKING, TABLE, TYPES, bare, check, inputs, module, package, surroundings};
use serde_json::Value;
use xtask::generate::{Files, GenerateError, generate};
use xtask::trim::{TrimConfig, build, cut_document, to_text};

const TRIM_TOML: &str = include_str!("../../spec/trim.toml");
const OVERLAY: &str = include_str!("../../spec/overlay.yaml");
const SLICE: &[u8] = include_bytes!("fixtures/graph-1.0.9.json");

/// A part of the slice, so that CI has to generate less.
const A_USERS: &str = r#"
paths = [
    "/users/{user-id}/photo",
    "/users/{user-id}/photo/$value",
    "/users/{user-id}/photos",
    "/users/{user-id}/photos/{profilePhoto-id}",
    "/groups/{group-id}/team/photo",
]
"#;

/// The overlay puts right much of what a mutation breaks; this one leaves it to the generator.
const UNCORRECTED: &str = r#"
overlay: 1.0.0
info: { title: Nothing, version: 1.0.0 }
actions:
  - { target: $.info, description: Nothing, x-reason: none, x-source: none, update: { x-corrected: false } }
"#;

/// What became of a number of mutations.
#[derive(Default)]
struct Fates {
    all: usize,
    refused: usize,
    /// What was generated: where from, and the files. Equal files are here once.
    generated: Vec<(String, Files)>,
    seen: BTreeSet<String>,
}

impl Fates {
    /// Generates from a spec, or sees that it is refused as it should be.
    fn add(&mut self, from: String, spec: String) {
        self.all += 1;
        match generate(&inputs(spec)) {
            Ok(files) => {
                let code: String = [TYPES, TABLE, ASYNC, BLOCKING]
                    .map(|path| bare(&files, path))
                    .concat();
                if self.seen.insert(code) {
                    self.generated.push((from, files));
                }
            }
            Err(GenerateError::Refused { problems, .. }) => {
                self.refused += 1;
                assert!(!problems.is_empty());
                for problem in problems {
                    assert!(!problem.remedy.is_empty(), "{problem}");
                    assert!(
                        !problem.fault.contains("progenitor gave up"),
                        "{problem}\n{from}"
                    );
                }
            }
            Err(other) => panic!("{other}\n{from}"),
        }
    }

    /// Compiles all of them as modules of one crate per backend.
    fn compile(&self, name: &str) {
        for (backend, client, keyword) in
            [("asynchronous", ASYNC, "async"), ("blocking", BLOCKING, "")]
        {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{backend}"));
            package(&folder);
            let mut lib = format!(
                "//! Mutations.\n#![deny(warnings, missing_docs)]\n{}",
                surroundings(keyword)
            );
            for (index, (from, files)) in self.generated.iter().enumerate() {
                let from = from.replace('\n', " ");
                fs::write(
                    folder.join(format!("src/mutation_{index}.rs")),
                    format!(
                        "//! Mutated.\n// {from}\n{}",
                        module(files, client, keyword)
                    ),
                )
                .unwrap();
                let _ = writeln!(lib, "pub mod mutation_{index};");
            }
            fs::write(folder.join("src/lib.rs"), lib).unwrap();
            let output = check(&folder, &[]);
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        println!(
            "{name}: {} mutations, {} refused, {} different results compiled in both clients",
            self.all,
            self.refused,
            self.generated.len()
        );
    }
}

/// Every feature, changed in one place, `each` times.
fn of_features(each: u64) -> Fates {
    let mut fates = Fates::default();
    for (index, (name, spec)) in features().iter().enumerate() {
        for round in 0..each {
            let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ ((index as u64) << 8 | round << 32));
            numbers.below(1);
            let mut mutated = spec.clone();
            mutate(&mut mutated, &mut numbers);
            fates.add(format!("{name}: {}", mutated["paths"]), mutated.to_string());
        }
    }
    fates
}

/// The slice of Microsoft's document, changed in one place before it is trimmed.
fn of_the_slice(rounds: u64, trim_toml: &str, overlay: &str) -> Fates {
    let config = TrimConfig::from_toml(trim_toml).unwrap();
    let slice: Value = cut_document(SLICE, &config).unwrap().document;
    let mut fates = Fates::default();
    for round in 0..rounds {
        let mut numbers = Numbers(0x2545_f491_4f6c_dd1d ^ (round << 16));
        numbers.below(1);
        let mut mutated = slice.clone();
        let change = mutate(&mut mutated, &mut numbers);
        match build(mutated.to_string().as_bytes(), trim_toml, overlay) {
            Ok(built) => fates.add(change, to_text(&built.graph_photo)),
            Err(error) => {
                fates.all += 1;
                fates.refused += 1;
                // As the command prints it: with its causes.
                let message = format!("{:#}", anyhow::Error::from(error));
                assert!(message.contains('/'), "says no place: {message}\n{change}");
            }
        }
    }
    fates
}

#[test]
fn mutated_features_are_refused_or_compile() {
    let fates = of_features(5);
    assert!(fates.all >= 200, "{}", fates.all);
    assert!(
        fates.refused >= 20 && fates.generated.len() >= 50,
        "{} {}",
        fates.refused,
        fates.generated.len()
    );
    fates.compile("features");
}

#[test]
fn a_mutated_slice_is_refused_or_compiles() {
    let fates = of_the_slice(250, A_USERS, UNCORRECTED);
    assert!(
        fates.refused >= 20 && fates.generated.len() >= 20,
        "{} {}",
        fates.refused,
        fates.generated.len()
    );
    fates.compile("slice");
}

#[test]
#[ignore = "takes minutes; cargo xtask soak spec-mutants runs it"]
fn many_mutations_are_refused_or_compile() {
    of_features(40).compile("many-features");
    of_the_slice(2_000, A_USERS, UNCORRECTED).compile("many-uncorrected-slices");
    of_the_slice(2_000, TRIM_TOML, OVERLAY).compile("many-slices");
}
