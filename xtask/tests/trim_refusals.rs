//! What trim refuses, in which words, and that it never panics and never leaves half a folder.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, its helpers too"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use xtask::overlay::Overlay;
use xtask::trim::strict::MAX_NESTING;
use xtask::trim::{TrimConfig, TrimError, build, build_with, cut_document};

const TRIM_TOML: &str = include_str!("../../spec/trim.toml");
const OVERLAY: &str = include_str!("../../spec/overlay.yaml");
const OLDER: &str = include_str!("fixtures/graph-older.json");
const V1_0_9: &str = include_str!("fixtures/graph-1.0.9.json");
const NEWEST: &str = include_str!("fixtures/graph-newest-modules.yaml");

/// What steers the trim, read once.
static STEERING: LazyLock<(TrimConfig, Overlay)> = LazyLock::new(|| {
    (
        TrimConfig::from_toml(TRIM_TOML).unwrap(),
        Overlay::from_yaml(OVERLAY).unwrap(),
    )
});

fn refusal(bytes: impl AsRef<[u8]>) -> TrimError {
    let config = TrimConfig::from_toml(r#"paths = ["/me/photo"]"#).unwrap();
    match cut_document(bytes.as_ref(), &config) {
        Err(error) => error,
        Ok(cut) => panic!("accepted: {}", cut.document),
    }
}

fn with_get(get: &str) -> String {
    format!(r#"{{"openapi":"3.0.1","info":{{}},"paths":{{"/me/photo":{{"get":{get}}}}}}}"#)
}

#[test]
fn refusals_name_the_place_and_the_remedy() {
    let nested = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    let bomb: String =
        std::iter::once("openapi: 3.0.1\ninfo: {}\na0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned())
            .chain((1..12).map(|n| {
                let item = format!("*a{}", n - 1);
                format!("a{n}: &a{n} [{}]\n", vec![item; 8].join(", "))
            }))
            .chain(std::iter::once("paths:\n  /me/photo: *a11\n".to_owned()))
            .collect();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("white space", b" \n\t ".repeat(1000)),
        ("Latin-1", b"{\"openapi\": \"\xe9\"}".to_vec()),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec()),
        ("gzip", b"\x1f\x8b\x08\0".to_vec()),
        ("a number", b"12".to_vec()),
        ("an array", b"[1, 2]".to_vec()),
        ("prose", b"Not Found".to_vec()),
        ("HTML", b"<!DOCTYPE html>\n<html><body>Not: found</body></html>".to_vec()),
        ("control characters", vec![0; 20]),
        ("truncated JSON", V1_0_9.as_bytes()[..V1_0_9.len() / 2].to_vec()),
        ("truncated YAML", NEWEST.as_bytes()[..20_000].to_vec()),
        ("YAML truncated in a quote", format!("{}\n  x: \"", &NEWEST[..1000]).into_bytes()),
        ("trailing comma", b"{\"openapi\": \"3.0.1\",\n \"info\": {},, }".to_vec()),
        ("Swagger 2", br#"{"swagger": "2.0", "paths": {}}"#.to_vec()),
        ("OpenAPI 3.1", b"openapi: 3.1.0\npaths: {}\n".to_vec()),
        ("OpenAPI as a number", b"openapi: 3.0\npaths: {}\n".to_vec()),
        ("3.0.x without x", br#"{"openapi": "3.0.", "paths": {}}"#.to_vec()),
        ("some other JSON", br#"{"name": "left-pad", "version": "1.0.0"}"#.to_vec()),
        ("no paths", br#"{"openapi": "3.0.1", "info": {}}"#.to_vec()),
        ("other paths", br#"{"openapi": "3.0.1", "info": {}, "paths": {"/me": {}}}"#.to_vec()),
        ("paths as an array", br#"{"openapi": "3.0.1", "info": {}, "paths": []}"#.to_vec()),
        ("components as text", br#"{"openapi": "3.0.1", "components": "no"}"#.to_vec()),
        ("schemas as an array", br#"{"openapi": "3.0.1", "components": {"schemas": []}}"#.to_vec()),
        ("info missing", br#"{"openapi": "3.0.1", "paths": {"/me/photo": {}}}"#.to_vec()),
        ("path item as text", br#"{"openapi": "3.0.1", "info": {}, "paths": {"/me/photo": "x"}}"#.to_vec()),
        ("dangling", with_get(r##"{"$ref": "#/components/schemas/gone"}"##).into_bytes()),
        ("dangling below", with_get(r##"{"$ref": "#/paths/~1me~1photo/put"}"##).into_bytes()),
        ("another document", with_get(r#"{"$ref": "common.yaml#/a"}"#).into_bytes()),
        ("a path that is not kept", with_get(r##"{"$ref": "#/paths/~1me/get"}"##).into_bytes()),
        ("nowhere", with_get(r##"{"$ref": "#/info/title"}"##).into_bytes()),
        ("no pointer", with_get(r##"{"$ref": "#photo"}"##).into_bytes()),
        ("not UTF-8 inside", with_get(r##"{"$ref": "#/components/schemas/%ff"}"##).into_bytes()),
        ("nested", with_get(&nested).into_bytes()),
        ("nested YAML", format!("openapi: 3.0.1\nx: {}", "[".repeat(100_000)).into_bytes()),
        ("alias bomb", bomb.into_bytes()),
        ("equal keys", with_get(r#"{"a": 1, "b": {"a": 1, "a": 2}}"#).into_bytes()),
        ("equal paths", br#"{"openapi": "3.0.1", "info": {}, "paths": {"/me/photo": {}, "/me/photo": {}}}"#.to_vec()),
        ("equal sections", br#"{"openapi": "3.0.1", "openapi": "3.0.2"}"#.to_vec()),
        ("equal schemas", br#"{"openapi": "3.0.1", "components": {"schemas": {"a": {}, "a": {}}}}"#.to_vec()),
        ("equal paths in YAML", b"openapi: 3.0.1\ninfo: {}\npaths:\n  /me/photo:\n    get: {}\n  /me/photo:\n    put: {}\n".to_vec()),
        ("infinity", b"openapi: 3.0.1\ninfo: {}\npaths:\n  /me/photo:\n    get: .inf\n".to_vec()),
    ];
    let table: Vec<String> = cases
        .iter()
        .map(|(name, bytes)| {
            let error = refusal(bytes);
            let mut message = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                message.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            format!("{name}\n    {message}")
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn one_path_in_two_spellings_is_refused() {
    let config = TrimConfig::from_toml(r#"paths = ["/users/{user-id}/photo"]"#).unwrap();
    let text = r#"{"openapi":"3.0.1","info":{},"paths":{"/users/{userId}/photo":{},"/users/{user-id}/photo":{}}}"#;
    let error = cut_document(text.as_bytes(), &config).unwrap_err();
    assert!(matches!(error, TrimError::SamePath { .. }), "{error}");
}

#[test]
fn nesting_is_counted_from_the_root() {
    // The root, paths, the path and get are four levels above the value of get.
    let levels = |count: usize| with_get(&format!("{}1{}", "[".repeat(count), "]".repeat(count)));
    let config = TrimConfig::from_toml(r#"paths = ["/me/photo"]"#).unwrap();
    assert!(cut_document(levels(MAX_NESTING - 3).as_bytes(), &config).is_ok());
    let error = refusal(levels(MAX_NESTING - 2));
    assert!(
        matches!(
            error,
            TrimError::TooDeep {
                limit: MAX_NESTING,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn brackets_in_brackets_are_counted_before_a_parser_of_yaml_sees_them() {
    let config = TrimConfig::from_toml(r#"paths = ["/me/photo"]"#).unwrap();
    let levels = 200_000;
    let deep = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let plain = format!("openapi: 3.0.1\ninfo: {{}}\npaths:\n  /me/photo:\n    get: {deep}\n");
    let error = cut_document(plain.as_bytes(), &config).unwrap_err();
    assert!(error.to_string().contains("/paths/~1me~1photo"), "{error}");
    let other_style = format!("%YAML 1.2\n---\n{plain}");
    let error = cut_document(other_style.as_bytes(), &config).unwrap_err();
    assert!(matches!(error, TrimError::TooDeep { .. }), "{error}");
}

#[test]
fn what_is_not_kept_may_be_nested_without_limit() {
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    let text = format!(
        r#"{{"x-deep":{deep},"openapi":"3.0.1","info":{{}},"paths":{{"/x":{deep},"/me/photo":{{}}}}}}"#
    );
    let config = TrimConfig::from_toml(r#"paths = ["/me/photo"]"#).unwrap();
    assert!(cut_document(text.as_bytes(), &config).is_ok());
}

#[test]
fn steering_files_are_checked_too() {
    let table: Vec<String> = [
        "paths = []",
        "paths = [\"me/photo\"]",
        "paths = [\"/a/{x-y}\", \"/a/{xY}\"]",
        "paths = [\"/a\"]\nmirrors = []",
        "paths = [\"/a\"]\n[[mirror]]\nfrom = \"users\"\nto = \"/me\"",
        "paths = \"/a\"",
        "paths = [",
    ]
    .iter()
    .map(|text| {
        format!(
            "{}\n    {}",
            text.replace('\n', "; "),
            TrimConfig::from_toml(text).unwrap_err()
        )
    })
    .collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn an_overlay_that_breaks_the_description_is_refused() {
    let overlay = |actions: &str| {
        let overlay =
            format!("overlay: 1.0.0\ninfo: {{ title: t, version: v }}\nactions: {actions}");
        let bytes = with_get(r#"{"operationId": "a"}"#);
        let error = build(bytes.as_bytes(), r#"paths = ["/me/photo"]"#, &overlay).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        format!("{error}: {}", source.unwrap_or_default())
    };
    let table = [
        overlay(
            r##"[{ target: "$.paths[*].get", update: { a: { $ref: "#/components/schemas/x" } } }]"##,
        ),
        overlay(r#"[{ target: "$.paths", update: { /x: { get: { operationId: a } } } }]"#),
        overlay(r#"[{ target: "$.paths", update: { "/x/{id}": { get: {} } } }]"#),
        overlay(r#"[{ target: "$.openapi", remove: true }]"#),
        overlay(r#"[{ target: "$", remove: true }]"#),
        overlay(r#"[{ target: "$.paths", update: text }]"#),
    ];
    insta::assert_snapshot!(table.join("\n"));
}

// ---- The command

fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("trim")
        .args(arguments)
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap()
}

/// A folder that already holds what an earlier trim wrote.
fn earlier(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    ["upstream.json", "graph-photo.json", "source.lock"]
        .into_iter()
        .map(|name| {
            let path = folder.join(name);
            std::fs::write(&path, "earlier").unwrap();
            (path, "earlier")
        })
        .collect()
}

#[test]
fn the_command_writes_three_files_and_says_what_it_did() {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("graph.yaml");
    std::fs::write(&from, NEWEST).unwrap();
    let out = folder.path().join("out/spec");
    let output = xtask(&[
        "--from",
        from.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--origin",
        "a \"test\"",
    ]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let summary = String::from_utf8(output.stdout).unwrap();
    let summary = summary.replace(out.to_str().unwrap(), "OUT");
    let summary: Vec<&str> = summary
        .lines()
        .filter(|line| !line.starts_with("  in "))
        .collect();
    insta::assert_snapshot!(summary.join("\n"));

    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let built = build(NEWEST.as_bytes(), TRIM_TOML, OVERLAY).unwrap();
    assert_eq!(
        read("graph-photo.json"),
        xtask::trim::to_text(&built.graph_photo)
    );
    assert_eq!(
        read("upstream.json"),
        xtask::trim::to_text(&built.cut.document)
    );
    let lock = xtask::trim::SourceLock::from_toml(&read("source.lock")).unwrap();
    assert_eq!(lock.origin, "a \"test\"");
    assert_eq!(lock.bytes, NEWEST.len() as u64);
    assert_eq!(
        lock.sha256,
        xtask::trim::source_lock::sha256(NEWEST.as_bytes())
    );
    assert_eq!(
        (
            lock.api.as_str(),
            lock.openapi.as_str(),
            lock.format.as_str()
        ),
        ("v1.0", "3.0.4", "YAML")
    );
    let left: Vec<_> = std::fs::read_dir(&out)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 3, "no temporary files stay: {left:?}");
}

#[test]
fn a_refused_document_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let before = earlier(folder.path());
    let from = folder.path().join("broken.json");
    std::fs::write(&from, &V1_0_9[..V1_0_9.len() / 2]).unwrap();
    let output = xtask(&[
        "--from",
        from.to_str().unwrap(),
        "--out",
        folder.path().to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.starts_with("error: the document is not readable as JSON, line "),
        "{message}"
    );
    for (path, text) in before {
        assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    }
}

#[test]
fn the_output_folder_may_steer_the_trim() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trim.toml"), "paths = [\"/me/photo\"]\n").unwrap();
    std::fs::write(
        folder.path().join("overlay.yaml"),
        "overlay: 1.0.0\ninfo: { title: t, version: v }\nactions: [{ target: $.info, update: { title: own } }]\n",
    )
    .unwrap();
    let from = folder.path().join("graph.json");
    std::fs::write(&from, V1_0_9).unwrap();
    let output = xtask(&[
        "--from",
        from.to_str().unwrap(),
        "--out",
        folder.path().to_str().unwrap(),
    ]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(folder.path().join("graph-photo.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["info"]["title"], "own");
    assert_eq!(document["paths"].as_object().unwrap().len(), 1);
}

#[test]
fn usage_errors_end_with_2_and_failures_with_1() {
    assert_eq!(xtask(&[]).status.code(), Some(2));
    assert_eq!(
        xtask(&["--from", "x", "--api", "v2.0"]).status.code(),
        Some(2)
    );
    assert_eq!(xtask(&["--from", "no such file"]).status.code(), Some(1));
    let folder = tempfile::tempdir().unwrap();
    let output = xtask(&["--from", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is a directory"));
}

#[test]
fn a_document_may_come_from_standard_input() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["trim", "--from", "-", "--out"])
        .arg(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(OLDER.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert!(folder.path().join("graph-photo.json").exists());
}

// ---- Never a panic

/// Changes one place of a document at random: another type, another name, gone, or doubled.
fn mutate(value: &mut Value, choice: &mut impl Iterator<Item = u32>) {
    let pick = choice.next().unwrap_or(0);
    match value {
        Value::Object(members) if !members.is_empty() && !pick.is_multiple_of(8) => {
            let key = members
                .keys()
                .nth(pick as usize / 8 % members.len())
                .unwrap()
                .clone();
            match choice.next().unwrap_or(0) % 12 {
                0 => {
                    members.remove(&key);
                }
                1 => {
                    let child = members.remove(&key).unwrap_or_default();
                    members.insert(format!("{key}/~%"), child);
                }
                2 => {
                    members.insert(key, json!({ "$ref": "#/components/schemas/gone" }));
                }
                3 => {
                    let copy = members.clone();
                    members.insert(key, Value::Object(copy));
                }
                _ => mutate(members.get_mut(&key).unwrap(), choice),
            }
        }
        Value::Array(items) if !items.is_empty() && !pick.is_multiple_of(8) => {
            let at = pick as usize / 8 % items.len();
            match choice.next().unwrap_or(0) % 6 {
                0 => {
                    items.remove(at);
                }
                1 => {
                    let item = items[at].clone();
                    items.push(item);
                }
                _ => mutate(&mut items[at], choice),
            }
        }
        _ => {
            *value = match pick / 8 % 7 {
                0 => Value::Null,
                1 => json!(true),
                2 => json!(-1.5e300),
                3 => json!(""),
                4 => json!([]),
                5 => json!({}),
                _ => json!({ "$ref": "#/components/parameters/top" }),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is wrong with the structure: accepted, with operations that are in order, or
    /// refused in words.
    #[test]
    fn mutated_structures_never_panic(
        which in 0..3_usize,
        rounds in prop::collection::vec(prop::collection::vec(any::<u32>(), 30), 1..8),
    ) {
        let text = [OLDER, V1_0_9, NEWEST][which];
        let mut document: Value = serde_norway::from_str(text).unwrap();
        for choices in rounds {
            mutate(&mut document, &mut choices.into_iter());
        }
        let (config, overlay) = &*STEERING;
        for bytes in [document.to_string(), serde_norway::to_string(&document).unwrap()] {
            match build_with(bytes.as_bytes(), config, overlay, None) {
                Ok(built) => {
                    let count = xtask::trim::operations(&built.graph_photo).count();
                    prop_assert!(count >= 43, "{count} operations");
                }
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }

    /// Whatever is wrong with the bytes.
    #[test]
    fn mutated_bytes_never_panic(
        which in 0..3_usize,
        edits in prop::collection::vec((any::<usize>(), any::<u8>(), 0..4_u8), 1..20),
    ) {
        let mut bytes = [OLDER, V1_0_9, NEWEST][which].as_bytes().to_vec();
        for (at, byte, edit) in edits {
            let at = at % bytes.len().max(1);
            match edit {
                _ if bytes.is_empty() => break,
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                2 => bytes.insert(at, byte),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let _ = cut_document(&bytes, &STEERING.0);
    }

    /// Text that was never a description.
    #[test]
    fn any_text_never_panics(text in "[\\[\\]{}:,\\-?|>&*!#%'\" \na-z0-9./$~]{0,200}") {
        let _ = cut_document(text.as_bytes(), &STEERING.0);
        let _ = Overlay::from_yaml(&text);
        let _ = TrimConfig::from_toml(&text);
    }
}
