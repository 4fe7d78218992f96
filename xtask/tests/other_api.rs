//! Nothing in the pipeline knows photos: another part of Microsoft's document, with a trim.toml and
//! an overlay.yaml of its own, becomes a model crate and two clients that compile by themselves and
//! answer alike.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

mod recorder;
#[allow(dead_code, reason = "shared with tests that need more of it")]
mod scratch;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use recorder::{Answer, Recorder};
use scratch::{cargo, root, target};
use serde_json::{Value, json};

const FIXTURE: &str = "tests/fixtures/presence";

/// Runs `cargo xtask`, as it is in this build.
fn xtask(arguments: &[&str], folder: &Path) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// The same calls through either client; `a`/`A` is what differs.
const PROGRAM: &str = r##"
//! Reads a presence, sets one, and makes a category.

use CRATE::{Client, Error, Operations, types};
use PRESENCE_MODEL::operations;

ASYNC fn calls(base: String) -> Result<(), Error> {
    let client = Client::builder()
        .base_url(base).bearer_token("token").user_agent("test").no_proxy().build()?;
    let presence = Operations::new(client);

    let found: types::Presence = presence
        .get_presence("adele@contoso.com", None, Some(&[types::SelectValue2::Availability].into()))WAIT?
        .into_inner();
    println!("{:?} {:?}", found.availability, found.activity);

    let mut session = types::SetMyPresenceRequest::default();
    session.session_id = Some("22553876-f5ab-4529-bffb-cfe50aa89f87".to_owned());
    session.availability = Some("Available".to_owned());
    session.activity = Some("Available".to_owned());
    session.expiration_duration = Some("PT1H".to_owned());
    let () = presence.set_my_presence(&session)WAIT?.into_inner();

    let mut category = types::OutlookCategory::default();
    category.display_name = Some("Urgent".to_owned());
    category.color = Some(types::CategoryColor::Preset0);
    let made = presence.create_my_category(&category)WAIT?.into_inner();
    println!("{:?} {:?}", made.id, made.color.map(|color| color.to_string()));

    let refused = presence.get_my_presence(None, None)WAIT.unwrap_err();
    println!("{:?} {}", refused.kind(), refused);
    println!("{} {:?}", operations::OPERATIONS.len(), operations::GET_MY_PRESENCE.permissions.least());
    Ok(())
}
"##;

const ASYNC_MAIN: &str = r#"
fn main() -> Result<(), Error> {
    let base = std::env::args().nth(1).unwrap_or_default();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(calls(base))
}
"#;
const BLOCKING_MAIN: &str = r#"
fn main() -> Result<(), Error> {
    calls(std::env::args().nth(1).unwrap_or_default())
}
"#;

fn answers() -> Vec<Answer> {
    let ok = |body: Value| Answer {
        status: "200 OK",
        media_type: Some("application/json"),
        body: body.to_string().into_bytes(),
    };
    vec![
        ok(
            json!({ "@odata.type": "#microsoft.graph.presence", "id": "1", "availability": "Busy", "activity": null }),
        ),
        Answer {
            status: "204 No Content",
            media_type: None,
            body: Vec::new(),
        },
        ok(json!({ "id": "7", "displayName": "Urgent", "color": "preset0" })),
        Answer {
            status: "403 Forbidden",
            media_type: Some("application/json"),
            body: json!({ "error": { "code": "Authorization_RequestDenied", "message": "no" } })
                .to_string()
                .into_bytes(),
        },
    ]
}

#[test]
fn another_part_of_graph_becomes_two_clients_with_one_command_each() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-api");
    let _ = fs::remove_dir_all(&folder);
    let (spec, out) = (folder.join("spec"), folder.join("out"));
    fs::create_dir_all(&spec).unwrap();
    for steering in ["trim.toml", "overlay.yaml"] {
        fs::copy(fixture.join(steering), spec.join(steering)).unwrap();
    }
    let document = fixture.join("graph-1.0.9.json");
    let (document, spec, out) = (
        document.to_str().unwrap(),
        spec.to_str().unwrap(),
        out.to_str().unwrap(),
    );
    xtask(&["trim", "--from", document, "--out", spec], &folder);
    let generate = ["generate", "--spec", spec, "--out", out];
    let said = xtask(&generate, &folder);
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(
        said.contains("presence-model, presence and presence-blocking"),
        "{said}"
    );
    let check = [&generate[..], &["--check"]].concat();
    xtask(&check, &folder);

    // What a user adds: a program for either client.
    let out = Path::new(out);
    assert!(!out.join("crates/compat").exists());
    for (name, library, keyword, wait, main, more) in [
        (
            "async",
            "presence",
            "async",
            ".await",
            ASYNC_MAIN,
            "\n[dev-dependencies]\ntokio = { version = \"1\", default-features = false, features = [\"rt\"] }\n",
        ),
        ("blocking", "presence_blocking", "", "", BLOCKING_MAIN, ""),
    ] {
        let examples = out.join(format!("crates/{name}/examples"));
        fs::create_dir_all(&examples).unwrap();
        let program = PROGRAM
            .replace("CRATE", library)
            .replace("PRESENCE_MODEL", "presence_model")
            .replace("ASYNC", keyword)
            .replace("WAIT", wait);
        fs::write(
            examples.join(format!("calls_{name}.rs")),
            format!("{}{main}", program.trim_start()),
        )
        .unwrap();
        let manifest = out.join(format!("crates/{name}/Cargo.toml"));
        let text = fs::read_to_string(&manifest).unwrap();
        fs::write(manifest, text + more).unwrap();
    }
    fs::copy(root().join("Cargo.lock"), out.join("Cargo.lock")).unwrap();
    let built = cargo(
        out,
        "build",
        &["--workspace", "--examples", "--no-default-features"],
    );
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(
        built.status.success() && !said.contains("warning"),
        "{said}"
    );

    let run = |name: &str| {
        let recorder = Recorder::start(answers());
        let output = Command::new(target().join("debug/examples").join(name))
            .arg(recorder.base_url())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let requests: Vec<Vec<u8>> = recorder
            .finish()
            .iter()
            .map(|request| recorder::comparable(request))
            .collect();
        (String::from_utf8(output.stdout).unwrap(), requests)
    };
    let (printed, requests) = run("calls_async");
    assert_eq!((printed.clone(), requests.clone()), run("calls_blocking"));
    let requests: Vec<String> = requests
        .iter()
        .map(|request| recorder::readable(request))
        .collect();
    insta::assert_snapshot!(format!("{}\n---\n{printed}", requests.join("\n---\n")));
}
