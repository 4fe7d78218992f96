//! Whole crates for another API: what stands around the generated code where no hand-written
//! surface does.
//!
//! The photo crates have a surface, a runtime and manifests of their own, written by hand. Another
//! API has only its spec, so its three crates get the smallest frame that makes them compile by
//! themselves: manifests, a `lib.rs` each, and an `Operations` that sends through the client of
//! graph-photo. Connections, tokens, retries and errors are therefore the same code.
//!
//! A frame is [`Inputs`] like those that are read from this repository; the stages after that do
//! not know which they got. The texts are beside this file, in `frame/`.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use heck::ToKebabCase;
use serde_json::Value;

use super::provenance::MANIFESTS;
use super::{Files, Inputs};

/// The crate that the clients' code calls by this name in the photo crates.
pub(super) const PHOTO_MODEL: &str = "graph_photo_model";

/// Names that the new crates' code means something else by.
const TAKEN: [&str; 9] = [
    "alloc",
    "core",
    "graph-photo",
    "graph-photo-blocking",
    "http",
    "serde",
    "serde-json",
    "std",
    "test",
];

/// An API that gets crates of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The async client's crate; the others add `-model` and `-blocking`.
    pub name: String,
    /// What the API is called in prose.
    pub title: String,
    /// The way from the folder that is written to to the repository.
    pub root: String,
}

impl Frame {
    /// The frame of a spec, named after its `info.title`, for crates below `out`.
    #[must_use]
    pub fn of(spec: &Value, root: &Path, out: &Path) -> Self {
        let title = spec["info"]["title"].as_str().unwrap_or_default();
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let title = title.replace(['"', '\\'], "'");
        let mut name = title.to_kebab_case();
        name.retain(|c| c.is_ascii_alphanumeric() || c == '-');
        let name = name.trim_matches('-');
        let name = if TAKEN.contains(&name) {
            format!("{name}-api")
        } else if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name.to_owned()
        } else {
            "api".to_owned()
        };
        Self {
            name,
            title: if title.is_empty() {
                "API".to_owned()
            } else {
                title
            },
            root: way(out, root),
        }
    }

    /// The model's crate as Rust code names it.
    #[must_use]
    pub fn model(&self) -> String {
        format!("{}-model", self.name).replace('-', "_")
    }

    /// The names of the three crates: model, async, blocking.
    #[must_use]
    pub fn crates(&self) -> [String; 3] {
        [
            format!("{}-model", self.name),
            self.name.clone(),
            format!("{}-blocking", self.name),
        ]
    }

    /// Puts the frame around a spec.
    #[must_use]
    pub fn inputs(self, inputs: Inputs) -> Inputs {
        let [model, asynchronous, blocking] = self.crates();
        let surface = Files::from([(
            PathBuf::from("mod.rs"),
            include_str!("frame/surface.rs.in").to_owned(),
        )]);
        let fill = |text: &str, more: &[(&str, &str)]| {
            let mut filled = text
                .replace("@TITLE@", &self.title)
                .replace("@NAME@", &self.name)
                .replace("@ROOT@", &self.root)
                .replace("@RUST_VERSION@", env!("CARGO_PKG_RUST_VERSION"));
            for (mark, value) in more {
                filled = filled.replace(mark, value);
            }
            filled
        };
        let client = |own: &str, twin: &str, is_async: bool| {
            let (kind, twin_kind) = if is_async {
                ("async", "blocking")
            } else {
                ("blocking", "async")
            };
            let runtime = if is_async {
                "graph-photo"
            } else {
                "graph-photo-blocking"
            };
            let marks = [
                ("@KIND@", kind),
                ("@TWIN_KIND@", twin_kind),
                ("@TWIN@", twin),
                ("@CRATE@", own),
                ("@LIB@", &own.replace('-', "_")),
                ("@MODEL@", &model.replace('-', "_")),
                ("@RUNTIME@", &runtime.replace('-', "_")),
                ("@RUNTIME_CRATE@", runtime),
                // Derived code lies among the generated.
                (
                    "@SURFACE@",
                    if is_async {
                        "mod surface;"
                    } else {
                        "\nuse generated::surface;"
                    },
                ),
            ];
            (
                fill(include_str!("frame/client.rs.in"), &marks),
                fill(include_str!("frame/client.toml.in"), &marks),
            )
        };
        let (async_lib, async_manifest) = client(&asynchronous, &blocking, true);
        let (blocking_lib, blocking_manifest) = client(&blocking, &asynchronous, false);
        let model_lib = fill(include_str!("frame/model.rs.in"), &[]);
        let model_manifest = fill(include_str!("frame/model.toml.in"), &[]);
        let workspace = fill(include_str!("frame/workspace.toml.in"), &[]);

        let file = |path: &str, text: String| Files::from([(PathBuf::from(path), text)]);
        let manifests = MANIFESTS
            .map(PathBuf::from)
            .into_iter()
            .zip([async_manifest, blocking_manifest, model_manifest])
            .collect::<BTreeMap<_, _>>();
        Inputs {
            surface,
            asynchronous: file("crates/async/src/lib.rs", async_lib),
            blocking: file("crates/blocking/src/lib.rs", blocking_lib),
            model: Files::from([
                (PathBuf::from("Cargo.toml"), workspace),
                (PathBuf::from("crates/model/src/lib.rs"), model_lib),
            ]),
            manifests,
            frame: Some(self),
            legacy: None,
            legacy_client: BTreeMap::new(),
            ..inputs
        }
    }
}

/// The way from one folder to another, as manifests write it. Both are absolute.
fn way(from: &Path, to: &Path) -> String {
    let parts = |path: &Path| -> Vec<String> {
        path.components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect()
    };
    let (from, to) = (parts(from), parts(to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut steps = vec!["..".to_owned(); from.len() - shared];
    steps.extend(to.into_iter().skip(shared));
    if steps.is_empty() {
        ".".to_owned()
    } else {
        steps.join("/")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(title: &str) -> Frame {
        let spec = json!({ "info": { "title": title } });
        Frame::of(&spec, Path::new("/a/repository"), Path::new("/a/b/out"))
    }

    #[test]
    fn crates_are_named_after_the_title() {
        let frame = named("Mailbox  settings");
        assert_eq!(
            frame.crates(),
            [
                "mailbox-settings-model",
                "mailbox-settings",
                "mailbox-settings-blocking"
            ]
        );
        assert_eq!(frame.model(), "mailbox_settings_model");
        assert_eq!(frame.title, "Mailbox settings");
        assert_eq!(frame.root, "../../repository");
    }

    #[test]
    fn a_title_that_names_no_crate_does_not_try() {
        for title in ["", "123", "\u{4e2d}\u{6587}", "\"\\"] {
            let frame = named(title);
            assert_eq!(frame.name, "api", "{title}");
            assert!(!frame.title.is_empty() && !frame.title.contains(['"', '\\']));
        }
    }

    #[test]
    fn names_that_are_taken_are_not_taken_again() {
        assert_eq!(named("Graph photo").name, "graph-photo-api");
        assert_eq!(named("HTTP").name, "http-api");
    }

    #[test]
    fn the_way_leads_up_and_down() {
        let way = |from, to| way(Path::new(from), Path::new(to));
        assert_eq!(way("/a/b", "/a/b"), ".");
        assert_eq!(way("/a/b", "/a"), "..");
        assert_eq!(way("/a", "/a/b/c"), "b/c");
        assert_eq!(way("/x/y", "/a/b"), "../../a/b");
    }
}
