//! Which document a release speaks for: constants in the model crate, and `[package.metadata]` of
//! every crate that holds generated code, where tools find it without building anything.

use std::collections::BTreeMap;
use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::quote;

use super::source::sha256;
use crate::trim::SourceLock;

/// The manifests that say it.
pub const MANIFESTS: [&str; 3] = [
    "crates/async/Cargo.toml",
    "crates/blocking/Cargo.toml",
    "crates/model/Cargo.toml",
];

const UNKNOWN: &str = "unknown";
const COMMENT: &str =
    "# Written by `cargo xtask generate`: the document that the generated code speaks for.\n";
const TABLE: &str = "[package.metadata.spec]\n";

/// The constants of the model crate.
pub fn constants(spec: &str, source: Option<&SourceLock>) -> TokenStream {
    let spec = sha256(spec.as_bytes());
    let origin = source.map_or(UNKNOWN, |source| source.origin.as_str());
    let upstream = source.map_or(UNKNOWN, |source| source.sha256.as_str());
    quote! {
        #[doc = " SHA-256 of the `spec/graph-photo.json` that this release was generated from."]
        pub const SPEC_SHA256: &str = #spec;

        #[doc = " The document of Microsoft's that this release speaks for: package@version or repository@commit."]
        pub const SPEC_ORIGIN: &str = #origin;

        #[doc = " SHA-256 of that document, before anything was cut or corrected."]
        pub const UPSTREAM_SHA256: &str = #upstream;
    }
}

/// The manifests with their table brought up to date; all else in them stays as it is.
pub fn manifests(
    texts: &BTreeMap<PathBuf, String>,
    spec: &str,
    source: Option<&SourceLock>,
) -> BTreeMap<PathBuf, String> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut table = format!(
        "{COMMENT}{TABLE}sha256 = {}\n",
        quoted(&sha256(spec.as_bytes()))
    );
    if let Some(source) = source {
        table.push_str(&format!(
            "origin = {}\nupstream-sha256 = {}\n",
            quoted(&source.origin),
            quoted(&source.sha256)
        ));
    }
    texts
        .iter()
        .map(|(path, text)| (path.clone(), with_table(text, &table)))
        .collect()
}

/// Replaces the table, or adds it at the end.
fn with_table(text: &str, table: &str) -> String {
    let Some(start) = text.find(TABLE) else {
        return format!("{}\n\n{table}", text.trim_end());
    };
    let rest = text.get(start + TABLE.len()..).unwrap_or_default();
    // The table ends where another begins, or a comment about it.
    let mut end = rest.len();
    let mut offset = 0;
    for line in rest.split_inclusive('\n') {
        if line.starts_with(['[', '#']) {
            end = offset;
            break;
        }
        offset += line.len();
    }
    let before = text.get(..start).unwrap_or_default();
    let before = before.strip_suffix(COMMENT).unwrap_or(before);
    let after = rest.get(end..).unwrap_or_default();
    if after.is_empty() {
        format!("{before}{table}")
    } else {
        format!("{before}{table}\n{after}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_added_once_and_replaced_after_that() {
        let manifest = "[package]\nname = \"a\"\n\n[dependencies]\nb = \"1\"\n";
        let one = format!("{COMMENT}{TABLE}sha256 = \"1\"\n");
        let two = format!("{COMMENT}{TABLE}sha256 = \"2\"\norigin = \"x\"\n");
        let first = with_table(manifest, &one);
        assert_eq!(first, format!("{manifest}\n{one}"));
        assert_eq!(with_table(&first, &one), first);
        let second = with_table(&first, &two);
        assert_eq!(second, format!("{manifest}\n{two}"));
        // Tables that somebody adds below stay.
        let below = format!("{second}\n[features]\nc = []\n");
        assert_eq!(
            with_table(&below, &one),
            format!("{manifest}\n{one}\n[features]\nc = []\n")
        );
        assert_eq!(with_table(&below, &two), below);
    }
}
