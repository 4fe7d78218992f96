//! The parity gate: both clients offer the same public signatures, `async` erased. So do both kinds of
//! the legacy API in `crates/compat`.
//!
//! It reads the whole source of both crates, generated and hand-written, and compares every public
//! function, type, constant and trait implementation that users can name. What exists for one
//! backend only (an injected reqwest client, a ureq agent) lives in a file called `interop.rs` or
//! in a directory `interop/`, which the gate skips: the name says that the shared surface ends
//! there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{ImplItem, Item, Visibility};

use super::erase::erase;

/// The module that holds what only one backend can offer.
const INTEROP: &str = "interop";

/// Compares the public surface of two crates, given as their source files.
///
/// # Errors
/// A line for each signature that only one of the two has.
pub fn compare(
    asynchronous: &BTreeMap<PathBuf, String>,
    blocking: &BTreeMap<PathBuf, String>,
) -> Result<usize, Vec<String>> {
    let mut faults = Vec::new();
    let mut surface = |sources: &BTreeMap<PathBuf, String>| {
        let mut signatures = BTreeSet::new();
        for (path, source) in sources {
            if path.with_extension("").iter().any(|part| part == INTEROP) {
                continue;
            }
            match signatures_of(source) {
                Ok(found) => signatures.extend(found),
                Err(error) => faults.push(format!("{}: {error}", path.display())),
            }
        }
        signatures
    };
    let (left, right) = (surface(asynchronous), surface(blocking));
    faults.extend(
        left.difference(&right)
            .map(|s| format!("only in the async client: {s}")),
    );
    faults.extend(
        right
            .difference(&left)
            .map(|s| format!("only in the blocking client: {s}")),
    );
    if faults.is_empty() {
        Ok(left.len())
    } else {
        Err(faults)
    }
}

/// The public signatures in a source file, `async` erased.
///
/// # Errors
/// When the file does not parse.
pub fn signatures_of(source: &str) -> Result<BTreeSet<String>, syn::Error> {
    let mut file = erase(source)?;
    Normal.visit_file_mut(&mut file);
    let mut signatures = BTreeSet::new();
    collect(&file.items, &mut signatures);
    Ok(signatures)
}

fn collect(items: &[Item], signatures: &mut BTreeSet<String>) {
    let mut add = |text: String| {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // A trailing comma is a matter of line width.
        signatures.insert(
            text.replace(" ,)", ")")
                .replace(", >", " >")
                .replace(" , )", ")"),
        );
    };
    for item in items {
        match item {
            Item::Fn(item) if is_public(&item.vis) => {
                let signature = &item.sig;
                add(quote::quote!(#signature).to_string());
            }
            Item::Struct(item) if is_public(&item.vis) => {
                let (name, generics) = (&item.ident, &item.generics);
                add(format!("struct {name}{}", generics.to_token_stream()));
                for field in item.fields.iter().filter(|field| is_public(&field.vis)) {
                    let (field, kind) = (&field.ident, &field.ty);
                    add(format!(
                        "{name}.{}: {}",
                        field.to_token_stream(),
                        kind.to_token_stream()
                    ));
                }
            }
            Item::Enum(item) if is_public(&item.vis) => {
                let name = &item.ident;
                add(format!("enum {name}"));
                for variant in &item.variants {
                    add(format!("{name}::{}", variant.to_token_stream()));
                }
            }
            Item::Trait(item) if is_public(&item.vis) => {
                let mut item = item.clone();
                item.attrs.clear();
                add(item.to_token_stream().to_string());
            }
            Item::Type(item) if is_public(&item.vis) => {
                let (name, kind) = (&item.ident, &item.ty);
                add(format!("type {name} = {}", kind.to_token_stream()));
            }
            Item::Const(item) if is_public(&item.vis) => {
                let (name, kind) = (&item.ident, &item.ty);
                add(format!("const {name}: {}", kind.to_token_stream()));
            }
            Item::Mod(item) if is_public(&item.vis) => add(format!("mod {}", item.ident)),
            Item::Impl(item) if item.trait_.is_none() => {
                let (kind, generics) = (&item.self_ty, &item.generics);
                for member in &item.items {
                    if let ImplItem::Fn(function) = member
                        && is_public(&function.vis)
                    {
                        let signature = &function.sig;
                        add(format!(
                            "{}{}::{}",
                            kind.to_token_stream(),
                            generics.to_token_stream(),
                            signature.to_token_stream()
                        ));
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Takes away what a caller cannot see: attributes inside signatures and `mut` on arguments.
struct Normal;

impl VisitMut for Normal {
    fn visit_fn_arg_mut(&mut self, argument: &mut syn::FnArg) {
        if let syn::FnArg::Typed(argument) = argument {
            argument.attrs.clear();
            if let syn::Pat::Ident(pattern) = &mut *argument.pat {
                pattern.mutability = None;
            }
        }
        syn::visit_mut::visit_fn_arg_mut(self, argument);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> BTreeMap<PathBuf, String> {
        BTreeMap::from([(PathBuf::from("src/lib.rs"), text.to_owned())])
    }

    #[test]
    fn async_and_blocking_twins_agree() {
        let left = source(
            "pub struct C; impl C { pub async fn get(&self, id: &str) -> Result<u8, E> { todo().await } }",
        );
        let right = source(
            "pub struct C; impl C { pub fn get(&self, id: &str) -> Result<u8, E> { todo() } }",
        );
        assert_eq!(compare(&left, &right), Ok(2));
    }

    #[test]
    fn a_changed_argument_is_reported_on_both_sides() {
        let left = source("pub struct C; impl C { pub async fn get(&self, id: &str) {} }");
        let right = source("pub struct C; impl C { pub fn get(&self, id: String) {} }");
        let faults = compare(&left, &right).unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
    }

    #[test]
    fn a_missing_method_is_reported() {
        let left = source("pub struct C; impl C { pub fn get(&self) {} }");
        let right = source("pub struct C; impl C { fn get(&self) {} }");
        let faults = compare(&left, &right).unwrap_err();
        assert_eq!(faults, ["only in the async client: C::fn get (& self)"]);
    }
}
