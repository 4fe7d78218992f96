//! Derives the blocking curated surface from the async one by erasing `async`.
//!
//! `crates/async/src/surface/` is written once, by hand; its blocking twin is this stage's output,
//! so the two cannot drift apart. Erasing means: no `async`, no `.await`, `AsyncFn` becomes `Fn`,
//! `AsyncRead` becomes `Read`, `Stream` becomes `Iterator`, a type parameter that is only a
//! `Future<Output = T>` becomes `T` (so that callbacks lose their future), and in docs, notes and
//! paths `graph_photo` becomes `graph_photo_blocking`. What really differs between
//! the backends lives in each crate's own `runtime/`, behind the same names.
//!
//! The legacy API in `crates/compat/src/client/` is derived in the same way: there the module
//! `graph_photo_compat::client` becomes `graph_photo_compat::blocking`.
//!
//! An item that exists for one backend only is marked in the async source with
//! `#[cfg_attr(any(), blocking(omit))]` (never active, so the compiler ignores it) and is left out.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, LitStr};

/// The blocking twin of an async source file, unformatted tokens parsed back to a file.
///
/// # Errors
/// When the source does not parse as Rust.
pub fn erase(source: &str) -> Result<syn::File, syn::Error> {
    let mut file = syn::parse_file(source)?;
    let mut eraser = Eraser {
        in_code_block: false,
    };
    omit(&mut file.items);
    eraser.visit_file_mut(&mut file);
    Ok(file)
}

fn is_omitted(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        let text = list.tokens.to_string().replace(' ', "");
        list.path.is_ident("cfg_attr") && text == "any(),blocking(omit)"
    })
}

fn omit(items: &mut Vec<syn::Item>) {
    items.retain(|item| !is_omitted(item_attributes(item)));
    for item in items {
        match item {
            syn::Item::Impl(item) => item.items.retain(|member| match member {
                syn::ImplItem::Fn(function) => !is_omitted(&function.attrs),
                _ => true,
            }),
            syn::Item::Mod(syn::ItemMod {
                content: Some((_, items)),
                ..
            }) => omit(items),
            _ => {}
        }
    }
}

fn item_attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        _ => &[],
    }
}

/// Erases `async` from text that shows code: doc comments and the README.
///
/// ```
/// use xtask::generate::erase::erase_text;
/// assert_eq!(
///     erase_text("let p = graph_photo::Client::new().get().await?;"),
///     "let p = graph_photo_blocking::Client::new().get()?;",
/// );
/// ```
pub fn erase_text(text: &str) -> String {
    let mut erased = text
        .replace(".await", "")
        .replace("async fn ", "fn ")
        .replace("async move {", "{")
        .replace("async {", "{")
        .replace("async |", "|")
        .replace("AsyncFn(", "Fn(")
        .replace("graph_photo_compat::client", "graph_photo_compat::blocking");
    // What starts the runtime has nothing to start.
    if let Some(start) = erased.find("#[tokio::main")
        && let Some(length) = erased.get(start..).and_then(|rest| rest.find(']'))
    {
        erased.replace_range(start..=start + length, "");
        erased.truncate(erased.trim_end_matches(' ').len());
    }
    for name in ["graph_photo", "graph-photo"] {
        erased = replace_word(
            &erased,
            name,
            &if name.contains('_') {
                format!("{name}_blocking")
            } else {
                format!("{name}-blocking")
            },
        );
    }
    erased
}

/// Replaces whole identifiers only: `graph_photo_model` and `graph_photo_blocking` stay.
pub(super) fn replace_word(text: &str, word: &str, replacement: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    let belongs = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    while let Some(start) = rest.find(word) {
        let end = start + word.len();
        let whole = !rest[..start].ends_with(belongs) && !rest[end..].starts_with(belongs);
        result.push_str(&rest[..start]);
        result.push_str(if whole { replacement } else { word });
        rest = &rest[end..];
    }
    result.push_str(rest);
    result
}

/// Takes the type parameters that stand for futures out of the generics: each with what it yields.
fn take_futures(generics: &mut syn::Generics) -> Vec<(proc_macro2::Ident, syn::Type)> {
    let Some(clause) = &mut generics.where_clause else {
        return Vec::new();
    };
    let mut futures = Vec::new();
    let predicates = std::mem::take(&mut clause.predicates);
    for predicate in predicates {
        match future_predicate(&predicate) {
            Some(future) => futures.push(future),
            None => clause.predicates.push(predicate),
        }
    }
    let parameters = std::mem::take(&mut generics.params);
    generics.params = parameters
        .into_iter()
        .filter(|parameter| match parameter {
            syn::GenericParam::Type(parameter) => {
                futures.iter().all(|(name, _)| *name != parameter.ident)
            }
            _ => true,
        })
        .collect();
    futures
}

/// `R: Future<Output = T> + ...` as `(R, T)`.
fn future_predicate(predicate: &syn::WherePredicate) -> Option<(proc_macro2::Ident, syn::Type)> {
    let syn::WherePredicate::Type(predicate) = predicate else {
        return None;
    };
    let syn::Type::Path(bounded) = &predicate.bounded_ty else {
        return None;
    };
    let name = bounded.path.get_ident()?.clone();
    predicate.bounds.iter().find_map(|bound| {
        let syn::TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let last = bound
            .path
            .segments
            .last()
            .filter(|last| last.ident == "Future")?;
        let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
            return None;
        };
        arguments.args.iter().find_map(|argument| match argument {
            syn::GenericArgument::AssocType(output) if output.ident == "Output" => {
                Some((name.clone(), output.ty.clone()))
            }
            _ => None,
        })
    })
}

/// Puts a type in the place of a type parameter.
struct Substitute {
    name: proc_macro2::Ident,
    output: syn::Type,
}

impl VisitMut for Substitute {
    fn visit_type_mut(&mut self, kind: &mut syn::Type) {
        if let syn::Type::Path(path) = kind
            && path.path.is_ident(&self.name)
        {
            *kind = self.output.clone();
            return;
        }
        visit_mut::visit_type_mut(self, kind);
    }
}

struct Eraser {
    in_code_block: bool,
}

impl VisitMut for Eraser {
    fn visit_signature_mut(&mut self, signature: &mut syn::Signature) {
        signature.asyncness = None;
        for (name, output) in take_futures(&mut signature.generics) {
            Substitute { name, output }.visit_signature_mut(signature);
        }
        visit_mut::visit_signature_mut(self, signature);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        loop {
            match expr {
                Expr::Await(awaited) => *expr = (*awaited.base).clone(),
                Expr::Async(block) => {
                    let block = block.block.clone();
                    *expr = syn::parse_quote!(#block);
                }
                _ => break,
            }
        }
        if let Expr::Closure(closure) = expr {
            closure.asyncness = None;
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_ident_mut(&mut self, ident: &mut proc_macro2::Ident) {
        let erased = match ident.to_string().as_str() {
            "AsyncFn" => "Fn",
            "AsyncFnMut" => "FnMut",
            "AsyncFnOnce" => "FnOnce",
            "AsyncRead" => "Read",
            "Stream" => "Iterator",
            "graph_photo" => "graph_photo_blocking",
            _ => return,
        };
        *ident = proc_macro2::Ident::new(erased, ident.span());
    }

    fn visit_macro_mut(&mut self, invocation: &mut syn::Macro) {
        // Macro bodies are opaque to the visitor; awaits inside would survive.
        let text = invocation.tokens.to_string();
        if text.contains(". await") || text.contains("async ") {
            let erased = text
                .replace(" . await", "")
                .replace("async move", "")
                .replace("async ", "");
            if let Ok(tokens) = erased.parse() {
                invocation.tokens = tokens;
            }
        }
    }

    fn visit_attribute_mut(&mut self, attribute: &mut syn::Attribute) {
        // A note that names what to write instead.
        if let syn::Meta::List(list) = &mut attribute.meta
            && list.path.is_ident("deprecated")
            && let Ok(tokens) = erase_text(&list.tokens.to_string()).parse()
        {
            list.tokens = tokens;
        }
        if let syn::Meta::NameValue(meta) = &mut attribute.meta
            && meta.path.is_ident("doc")
            && let Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) = &mut meta.value
        {
            let value = text.value();
            if value.trim_start().starts_with("```") {
                self.in_code_block = !self.in_code_block;
            }
            let erased = if self.in_code_block {
                erase_text(&value)
            } else {
                erase_prose(&value)
            };
            *text = LitStr::new(&erased, text.span());
        }
    }
}

/// Prose keeps its words; only code in backticks is rewritten.
fn erase_prose(text: &str) -> String {
    text.split('`')
        .enumerate()
        .map(|(index, part)| {
            if index % 2 == 1 {
                erase_text(part)
            } else {
                part.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn awaits_and_async_disappear() {
        let source = "impl A { pub async fn get(&self) -> Result<u8, E> { let x = self.b().await?; x.c(async |y| y.await).await } }";
        let erased = prettyplease::unparse(&erase(source).unwrap());
        assert!(
            !erased.contains("async") && !erased.contains("await"),
            "{erased}"
        );
        assert!(erased.contains("let x = self.b()?;"), "{erased}");
    }

    #[test]
    fn an_item_marked_for_one_backend_is_left_out() {
        let source = "impl A { #[cfg_attr(any(), blocking(omit))] pub fn only_async(&self) {} pub fn both(&self) {} }";
        let erased = prettyplease::unparse(&erase(source).unwrap());
        assert!(
            !erased.contains("only_async") && erased.contains("both"),
            "{erased}"
        );
    }

    #[test]
    fn a_callback_loses_its_future() {
        let source = "impl A { pub fn on<F, R>(self, f: F) -> Self where F: Fn(&str) -> R + Send, R: Future<Output = Result<u8, E>> + Send { self } }";
        let erased = prettyplease::unparse(&erase(source).unwrap());
        assert!(
            erased.contains("pub fn on<F>(self, f: F)")
                && erased.contains("F: Fn(&str) -> Result<u8, E> + Send"),
            "{erased}"
        );
        assert!(!erased.contains("Future"), "{erased}");
    }

    #[test]
    fn a_note_and_the_runtime_of_an_example_are_erased() {
        let source = "/// ```\n/// # #[tokio::main(flavor = \"current_thread\")]\n/// # async fn main() {}\n/// use graph_photo_compat::client::A;\n/// ```\n#[deprecated(note = \"use `graph_photo::B`\")] pub struct A;";
        let erased = prettyplease::unparse(&erase(source).unwrap());
        assert_eq!(
            erased,
            "/// ```\n/// #\n/// # fn main() {}\n/// use graph_photo_compat::blocking::A;\n/// ```\n#[deprecated(note = \"use `graph_photo_blocking::B`\")]\npub struct A;\n"
        );
    }

    #[test]
    fn only_whole_names_change() {
        assert_eq!(
            erase_text("use graph_photo_model::X; use graph_photo::Y;"),
            "use graph_photo_model::X; use graph_photo_blocking::Y;"
        );
    }
}
