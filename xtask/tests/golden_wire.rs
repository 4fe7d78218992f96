//! Small specs with one feature each, on the wire: everything that comes out of them compiles with
//! warnings denied, and every operation is called through both clients against a server that only
//! records and answers. What goes out must be equal byte for byte, and is in the snapshots.
//!
//! All features are modules of one crate, because compiling is what takes time here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, its helpers too"
)]

mod features;
mod recorder;
mod sample;
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod scratch;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use xtask::generate::{Files, describe};
use xtask::trim::build;

use features::features;
use recorder::Recorder;
use sample::{Call, calls};
use scratch::{ASYNC, BLOCKING, cargo, generated, methods, model, package_with, target};

/// Both clients without TLS, which a recorder on this machine has no use for.
const CLIENTS: &str = r#"
graph-photo = { path = "@ROOT@/crates/async", default-features = false }
graph-photo-blocking = { path = "@ROOT@/crates/blocking", default-features = false }
tokio = { version = "1", default-features = false, features = ["rt"] }
"#;

/// What the methods of a feature belong to, in either client.
const HOLDER: &str = r#"
/// The operations.
#[derive(Debug, Clone)]
pub struct Operations {
    client: CRATE::Client,
}

impl Operations {
    /// Through this client.
    pub fn new(client: CRATE::Client) -> Self {
        Self { client }
    }

    pub(crate) ASYNC fn exec(
        &self,
        request: graph_photo_model::wire::Request<CRATE::Body>,
    ) -> Result<CRATE::Answer, graph_photo_model::Error> {
        self.client.operations().exec(request)WAIT
    }
}
"#;

/// A feature as a module: its types, its table, and a submodule for each client.
fn module(name: &str, files: &Files) -> String {
    let client = |name: &str, library: &str, path: &str, keyword: &str, wait: &str| {
        let holder = HOLDER
            .replace("CRATE", library)
            .replace("ASYNC", keyword)
            .replace("WAIT", wait);
        let methods = methods(files, path, library);
        format!(
            "/// The {name} client.\npub mod {name} {{\n#[allow(unused_imports)]\nuse super::{{operations, types}};\n{holder}\nmod methods {{\n{methods}\n}}\n}}\n"
        )
    };
    format!(
        "//! {name}\n{}{}{}",
        model(files),
        client("asynchronous", "graph_photo", ASYNC, "async", ".await"),
        client("blocking", "graph_photo_blocking", BLOCKING, "", ""),
    )
}

/// Calls every operation through both clients, and prints what each call returned, a line each.
fn program(features: &[(String, Vec<Call>)]) -> String {
    let mut program = String::from(
        r#"//! Calls everything.
#![deny(warnings)]
use std::fmt::Debug;

fn shown<T: serde::Serialize>(answer: Result<graph_photo_model::Response<T>, impl Debug>) {
    match answer {
        Ok(answer) => println!("{}", serde_json::to_string(&answer.into_inner()).unwrap()),
        Err(error) => println!("{:?}", format!("{error:?}")),
    }
}

fn main() {
    let base = std::env::args().nth(1).unwrap();
    let never = graph_photo_model::retry::Policy::NEVER;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asynchronous = graph_photo::Client::builder()
        .base_url(&base).bearer_token("token").user_agent("golden").retry(never).no_proxy()
        .build().unwrap();
    let blocking = graph_photo_blocking::Client::builder()
        .base_url(&base).bearer_token("token").user_agent("golden").retry(never).no_proxy()
        .build().unwrap();
"#,
    );
    for (index, (_, calls)) in features.iter().enumerate() {
        let _ = writeln!(
            program,
            "    {{\n        #[allow(unused_imports)]\n        use scratch_golden_wire::feature_{index}::{{asynchronous as a, blocking as b, types}};\n        let (a, b) = (a::Operations::new(asynchronous.clone()), b::Operations::new(blocking.clone()));"
        );
        for call in calls {
            let (name, arguments) = (&call.operation, &call.arguments);
            // A stream becomes its bytes, which is what there is to show.
            let (later, now) = if call.bytes {
                (
                    format!(
                        "runtime.block_on(async {{ let (status, headers, stream) = a.{name}({arguments}).await.unwrap().into_parts(); graph_photo_model::Response::new(status, headers, String::from_utf8_lossy(&stream.bytes().await.unwrap()).into_owned()) }})"
                    ),
                    format!(
                        "{{ let (status, headers, stream) = b.{name}({arguments}).unwrap().into_parts(); graph_photo_model::Response::new(status, headers, String::from_utf8_lossy(&stream.bytes().unwrap()).into_owned()) }}"
                    ),
                )
            } else {
                (
                    format!("runtime.block_on(a.{name}({arguments}))"),
                    format!("b.{name}({arguments})"),
                )
            };
            let wrap = |expression: String| {
                if call.bytes {
                    format!("Ok::<_, ()>({expression})")
                } else {
                    expression
                }
            };
            let _ = writeln!(
                program,
                "        shown({});\n        shown({});",
                wrap(later),
                wrap(now)
            );
        }
        program.push_str("    }\n");
    }
    program.push_str("}\n");
    program
}

/// What a maintainer gets who adds further owners to `paths` in trim.toml and nothing else: their
/// operations as Microsoft names them.
fn further_owners() -> Value {
    let further = [
        "/groups/{group-id}/team/photo",
        "/groups/{group-id}/team/photo/$value",
        "/me/contactFolders/{contactFolder-id}/childFolders/{contactFolder-id1}/contacts/{contact-id}/photo",
        "/me/contactFolders/{contactFolder-id}/childFolders/{contactFolder-id1}/contacts/{contact-id}/photo/$value",
    ];
    let lines: String = further
        .iter()
        .map(|path| format!("    {path:?},\n"))
        .collect();
    let trim_toml =
        include_str!("../../spec/trim.toml").replace("paths = [\n", &format!("paths = [\n{lines}"));
    let document = include_bytes!("fixtures/graph-1.0.9.json");
    let overlay = include_str!("../../spec/overlay.yaml");
    let mut spec = build(document, &trim_toml, overlay).unwrap().graph_photo;
    // The 43 are called elsewhere.
    let paths = spec["paths"].as_object_mut().unwrap();
    paths.retain(|path, _| further.contains(&path.as_str()));
    assert_eq!(paths.len(), further.len());
    spec
}

#[test]
fn every_feature_is_called_through_both_clients() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden-wire");
    package_with(&folder, CLIENTS);
    let mut lib = String::from("//! Golden.\n#![deny(warnings, missing_docs)]\n");
    let mut all = Vec::new();
    let mut specs = features();
    specs.insert(
        "further owners by configuration".to_owned(),
        further_owners(),
    );
    for (index, (name, spec)) in specs.into_iter().enumerate() {
        let source = folder.join(format!("src/feature_{index}.rs"));
        fs::write(source, module(&name, &generated(&spec))).unwrap();
        let _ = writeln!(lib, "pub mod feature_{index};");
        let description = describe(Path::new("golden.json"), &spec.to_string()).unwrap();
        all.push((name, calls(&description)));
    }
    fs::write(folder.join("src/lib.rs"), lib).unwrap();
    fs::write(folder.join("src/main.rs"), program(&all)).unwrap();
    let built = cargo(&folder, "build", &[]);
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );

    // Each call goes out twice, and is answered alike.
    let answers = all
        .iter()
        .flat_map(|(_, calls)| calls)
        .flat_map(|call| [call.answer.clone(), call.answer.clone()]);
    let recorder = Recorder::start(answers.collect());
    let output = Command::new(target().join("debug/scratch-golden-wire"))
        .arg(recorder.base_url())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let output = String::from_utf8(output.stdout).unwrap();
    let mut values = output.lines();
    let mut requests = recorder.finish().into_iter();

    let mut shown: BTreeMap<&str, String> = BTreeMap::new();
    for (name, calls) in &all {
        let text = shown.entry(name).or_default();
        for call in calls {
            let mut next = || recorder::comparable(&requests.next().unwrap());
            let (first, second) = (next(), next());
            assert_eq!(first, second, "{name}: {}", call.operation);
            let value: Value = serde_json::from_str(values.next().unwrap()).unwrap();
            let other: Value = serde_json::from_str(values.next().unwrap()).unwrap();
            assert_eq!(value, other, "{name}: {}", call.operation);
            assert_eq!(value, call.value, "{name}: {}", call.operation);
            let request = recorder::readable(&first);
            let _ = writeln!(
                text,
                "{}({})\n\n{request}\n=> {value}\n",
                call.operation, call.arguments
            );
        }
    }
    assert_eq!(requests.next(), None);
    assert!(shown.len() >= 30, "{}", shown.len());

    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden/wire");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, text) in shown {
            insta::assert_snapshot!(name.replace(' ', "_"), text.trim_end());
        }
    });
}
