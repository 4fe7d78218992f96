//! Small specs with one place changed into something random: refused with a located problem, or
//! generated; and what is generated compiles, in both clients, with warnings denied.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, its helpers too"
)]

mod features;
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod scratch;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use features::features;
use scratch::{ASYNC, BLOCKING, TABLE, TYPES, check, module, package, surroundings};
use serde_json::{Value, json};
use xtask::generate::{Files, GenerateError, Inputs, generate};

/// How many mutations of every feature.
const EACH: u64 = 5;

/// A generator of numbers (xorshift64), so that a failure can be repeated.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Every place of a document, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                places(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Changes one place: removes it, or puts something else there, or a copy of another place.
fn mutate(spec: &mut Value, numbers: &mut Numbers) {
    let mut all = Vec::new();
    places(spec, "", &mut all);
    let place = all[1 + numbers.below(all.len() - 1)].clone();
    let other = spec
        .pointer(&all[numbers.below(all.len())])
        .unwrap()
        .clone();
    let replacements = [
        Value::Null,
        json!(""),
        json!(true),
        json!(7),
        json!([]),
        json!({}),
        json!("type"),
        json!({ "type": "string", "enum": ["", "a", "A", "1", "\u{e9}", "self"] }),
        json!({ "type": "array", "items": { "type": "array", "items": {} } }),
        json!({ "type": "object", "properties": { "x y": { "type": "integer" } } }),
        json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] }),
        other,
    ];
    let choice = numbers.below(replacements.len() + 3);
    if let Some(replacement) = replacements.get(choice) {
        *spec.pointer_mut(&place).unwrap() = replacement.clone();
        return;
    }
    let (parent, key) = place.rsplit_once('/').unwrap();
    match spec.pointer_mut(parent).unwrap() {
        Value::Object(members) => {
            members.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Value::Array(items) => {
            items.remove(key.parse().unwrap());
        }
        _ => {}
    }
}

/// The accepted mutations, with what came of each.
fn accepted() -> Vec<(String, Files)> {
    let mut accepted = Vec::new();
    let mut all = 0;
    for (index, (name, spec)) in features().iter().enumerate() {
        for round in 0..EACH {
            all += 1;
            let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ ((index as u64) << 8 | round));
            numbers.below(1);
            let mut mutated = spec.clone();
            mutate(&mut mutated, &mut numbers);
            let inputs = Inputs {
                spec_path: "mutated.json".into(),
                spec: mutated.to_string(),
                ..Inputs::default()
            };
            match generate(&inputs) {
                Ok(files) => accepted.push((format!("{name}: {}", mutated["paths"]), files)),
                Err(GenerateError::Refused { problems, .. }) => {
                    assert!(!problems.is_empty());
                    for problem in problems {
                        assert!(!problem.remedy.is_empty(), "{problem}");
                        assert!(
                            !problem.fault.contains("progenitor gave up"),
                            "{problem}\n{mutated}"
                        );
                    }
                }
                Err(other) => panic!("{other}\n{mutated}"),
            }
        }
    }
    assert!(all >= 200, "{all}");
    assert!(accepted.len() >= 50, "{}", accepted.len());
    accepted
}

#[test]
fn mutations_are_refused_or_compile() {
    let accepted = accepted();
    for (backend, client, keyword) in [("asynchronous", ASYNC, "async"), ("blocking", BLOCKING, "")]
    {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mutations-{backend}"));
        package(&folder);
        let mut lib = format!(
            "//! Mutations.\n#![deny(warnings, missing_docs)]\n{}",
            surroundings(keyword)
        );
        for (index, (name, files)) in accepted.iter().enumerate() {
            assert!(files.contains_key(Path::new(TYPES)) && files.contains_key(Path::new(TABLE)));
            let name = name.replace('\n', " ");
            fs::write(
                folder.join(format!("src/mutation_{index}.rs")),
                format!(
                    "//! Mutated.\n// {name}\n{}",
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
}
