//! The legacy API in Rust: both kinds have the same signatures, and the compiler walks their callers home.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, in its helpers too"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use syn::{Attribute, Expr, ImplItem, Item, Lit, Meta, Visibility};
use xtask::generate::parity;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The sources in a folder of the compat crate.
fn sources(folder: &str) -> BTreeMap<PathBuf, String> {
    let folder = root().join("crates/compat/src").join(folder);
    fs::read_dir(&folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            (path.file_name().unwrap().into(), text)
        })
        .collect()
}

#[test]
fn both_kinds_have_the_same_signatures() {
    let compared = parity::compare(&sources("client"), &sources("generated/blocking")).unwrap();
    // Five types, fourteen methods, and the guide.
    assert_eq!(compared, 20);
}

/// The note of `#[deprecated]` and the docs.
fn note_and_docs(attributes: &[Attribute]) -> (Option<String>, String) {
    let text = |value: &Expr| match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => text.value(),
            other => panic!("{other:?} is no text"),
        },
        other => panic!("{other:?} is no literal"),
    };
    let mut note = None;
    let mut docs = String::new();
    for attribute in attributes {
        match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("doc") => {
                docs.push_str(&text(&meta.value));
                docs.push('\n');
            }
            Meta::List(list) if list.path.is_ident("deprecated") => {
                let argument: syn::MetaNameValue = list.parse_args().unwrap();
                assert!(argument.path.is_ident("note"));
                note = Some(text(&argument.value));
            }
            _ => {}
        }
    }
    (note, docs)
}

/// Every public item of a file, with its attributes.
fn public_items(source: &str) -> Vec<(String, Vec<Attribute>)> {
    let mut found = Vec::new();
    for item in syn::parse_file(source).unwrap().items {
        match item {
            Item::Struct(item) if matches!(item.vis, Visibility::Public(_)) => {
                found.push((item.ident.to_string(), item.attrs));
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let kind = &item.self_ty;
                let kind = quote::quote!(#kind).to_string();
                let kind = kind.split(' ').next().unwrap();
                for member in item.items {
                    match member {
                        ImplItem::Fn(method) if matches!(method.vis, Visibility::Public(_)) => {
                            found.push((format!("{kind}::{}", method.sig.ident), method.attrs));
                        }
                        _ => {}
                    }
                }
            }
            Item::Enum(_) | Item::Use(_) | Item::Impl(_) | Item::Fn(_) | Item::Struct(_) => {}
            Item::Mod(item) if item.content.is_none() => {}
            other => panic!("what is {other:?}?"),
        }
    }
    found
}

/// A note names what to write in backticks, and the docs link to it: rustdoc refuses a link to what does not exist.
#[test]
fn every_item_is_deprecated_in_favour_of_something_that_exists() {
    for folder in ["client", "generated/blocking"] {
        let mut shown = String::new();
        for (file, source) in sources(folder) {
            for (name, attributes) in public_items(&source) {
                let (note, docs) = note_and_docs(&attributes);
                let note =
                    note.unwrap_or_else(|| panic!("{}: {name} is not deprecated", file.display()));
                let replacements: Vec<&str> = note.split('`').skip(1).step_by(2).collect();
                let named: Vec<&str> = replacements
                    .into_iter()
                    .filter(|name| name.contains("::"))
                    .collect();
                assert!(!named.is_empty(), "{name}: the note names nothing: {note}");
                for replacement in named {
                    assert!(replacement.starts_with("graph_photo"), "{name}: {note}");
                    let link = format!("[`{replacement}`]");
                    assert!(docs.contains(&link), "{name}: the docs lack {link}");
                }
                shown.push_str(&format!("{name}: {note}\n"));
            }
        }
        insta::assert_snapshot!(folder.replace('/', "_"), shown);
    }
}

const MANIFEST: &str = r#"[package]
name = "caller"
version = "0.1.0"
edition = "2024"

[dependencies]
graph-photo-blocking = { path = "ROOT/crates/blocking", default-features = false }
graph-photo-compat = { path = "ROOT/crates/compat", features = ["blocking"] }

[workspace]
"#;

const PROGRAM: &str = r#"//! A caller that has come as far as the legacy API on Graph.
use graph_photo_compat::blocking::OutlookClient;

fn main() -> Result<(), graph_photo_blocking::Error> {
    let graph = graph_photo_blocking::Client::builder().bearer_token("token").build()?;
    let outlook = OutlookClient::new(graph);
    let photo = outlook.users("adele@contoso.com").photo();
    println!("{:?}", photo.get()?.id);
    println!("{} bytes", photo.get_value()?.len());
    println!("{} sizes", outlook.me().photos().get()?.value.len());
    outlook.me().photo().patch_value(Vec::new())?;
    Ok(())
}
"#;

/// What the compiler says to a caller, as the caller sees it.
#[test]
fn the_compiler_names_what_to_write_instead() {
    // A fixed place, so that the next run finds what this one has built.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compat_client");
    fs::create_dir_all(folder.join("src")).unwrap();
    let root = root().canonicalize().unwrap();
    let manifest = MANIFEST.replace("ROOT", root.to_str().unwrap());
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/main.rs"), PROGRAM).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--message-format", "json"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut shown = String::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let message: serde_json::Value = serde_json::from_str(line).unwrap();
        if message["target"]["name"] != "caller" || message["reason"] != "compiler-message" {
            continue;
        }
        let place = &message["message"]["spans"][0];
        let text = message["message"]["message"].as_str().unwrap();
        if place["line_start"].is_u64() {
            shown.push_str(&format!("{}: {text}\n", place["line_start"]));
        }
    }
    // The guide quotes one of them, broken into lines.
    let guide = sources("generated/blocking")[Path::new("guide.rs")].replace("\n//! ", " ");
    let (_, quoted) = guide.split_once("```text warning: ").unwrap();
    let (quoted, _) = quoted.split_once(" ```").unwrap();
    assert!(shown.contains(quoted), "the guide quotes {quoted}");
    insta::assert_snapshot!(shown);
}
