//! The compat tables: committed ones are current, bad descriptions are refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::path::{Path, PathBuf};

use xtask::compat_tables::{CompatError, OUTPUT_DIR, SPEC_FILE, generate};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

#[test]
fn committed_tables_are_what_the_generator_writes() {
    let root = repository();
    let files = generate(&root.join("spec")).unwrap();
    for (path, expected) in &files {
        let found = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        assert!(
            found == *expected,
            "{} is stale: run `cargo xtask generate`",
            path.display()
        );
    }
    // The folder beside them holds the blocking client, derived from the async one and no table.
    for entry in std::fs::read_dir(root.join(OUTPUT_DIR)).unwrap() {
        let path = Path::new(OUTPUT_DIR).join(entry.unwrap().file_name());
        if root.join(&path).is_dir() {
            continue;
        }
        assert!(
            files.contains_key(&path),
            "{} is not generated any more: remove it",
            path.display()
        );
    }
    assert_eq!(
        files,
        generate(&root.join("spec")).unwrap(),
        "two runs differ"
    );
}

#[test]
fn descriptions_the_tables_cannot_hold_are_refused_with_their_place() {
    let text = std::fs::read_to_string(repository().join("spec").join(SPEC_FILE)).unwrap();
    for (from, to, pointer) in [
        ("openapi: 3.0.3", "openapi: 3.1.0", "/openapi"),
        (
            "x-graph-name: width",
            "x-graph-name: id",
            "/components/schemas/Photo/properties/Width",
        ),
        (
            "          x-graph-name: width\n",
            "",
            "/components/schemas/Photo/properties/Width",
        ),
        (
            "x-graph-name: width",
            "x-graph-name: wi/dth",
            "/components/schemas/Photo/properties/Width",
        ),
        (
            "x-graph-value: photo-size",
            "x-graph-value: photo-sice",
            "/components/schemas/Photo/properties/Id/x-graph-value",
        ),
        (
            "x-graph-unknown: Verbatim",
            "x-graph-unknown: Nothing",
            "/components/schemas/BatchResponse/x-graph-unknown",
        ),
        (
            "x-graph-path: /me/photo\n",
            "x-graph-path: /me/{size}\n",
            "/paths/~1me~1photo/x-graph-path",
        ),
        (
            "      x-graph-operation: me_get_photo\n",
            "",
            "/paths/~1me~1photo/get",
        ),
        ("  /me/photo:\n", "  /me/{photo}:\n", "/paths/~1me~1{photo}"),
        (
            "https://partner.outlook.cn/api/{version}",
            "https://partner.outlook.cn/{version}",
            "/servers/4/url",
        ),
        (
            "x-graph-type: microsoft.graph.profilePhoto\n",
            "x-graph-type: graph.profilePhoto\n",
            "/components/schemas/Photo",
        ),
    ] {
        assert!(
            text.contains(from),
            "{from} is not in the description any more"
        );
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(SPEC_FILE), text.replacen(from, to, 1)).unwrap();
        match generate(folder.path()) {
            Err(CompatError::Invalid { pointer: found, .. }) => assert_eq!(found, pointer),
            other => panic!("{to}: {other:?}"),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        generate(folder.path()),
        Err(CompatError::Read { .. })
    ));
    std::fs::write(folder.path().join(SPEC_FILE), "servers: [").unwrap();
    assert!(matches!(
        generate(folder.path()),
        Err(CompatError::Parse(_))
    ));
}

/// What the legacy API leads to exists: operations and paths are those of the description the clients are made from.
#[test]
fn every_graph_operation_and_path_is_one_of_the_clients() {
    let read = |name: &str| std::fs::read_to_string(repository().join("spec").join(name)).unwrap();
    let legacy: serde_norway::Value = serde_norway::from_str(&read(SPEC_FILE)).unwrap();
    let graph: serde_json::Value = serde_json::from_str(&read("graph-photo.json")).unwrap();
    // Parameters have other names there.
    let shape = |path: &str| {
        path.split(['{', '}'])
            .step_by(2)
            .collect::<Vec<_>>()
            .join("{}")
    };
    let graph_paths = graph["paths"].as_object().unwrap();
    for (path, item) in legacy["paths"].as_mapping().unwrap() {
        let target = item["x-graph-path"].as_str().unwrap();
        let found = graph_paths
            .iter()
            .find(|(path, _)| shape(path) == shape(target));
        let (_, operations) = found.unwrap_or_else(|| panic!("{path:?}: Graph has no {target}"));
        for method in ["get", "put", "patch"] {
            let Some(operation) = item.get(method) else {
                continue;
            };
            assert_eq!(
                operation["x-graph-operation"].as_str(),
                operations[method]["operationId"].as_str(),
                "{path:?}"
            );
        }
    }
}
