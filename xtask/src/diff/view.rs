//! What there is to compare of a spec: its operations, and the Rust types generated for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use serde_json::Value;

use crate::generate::ir::{self, Answer, Body, ParameterType, TypeReference};
use crate::generate::{GenerateError, describe, types};

/// A spec as its users see it.
#[derive(Debug, Clone)]
pub struct View {
    /// The operations by name.
    pub operations: BTreeMap<String, OperationView>,
    /// The types by their Rust names.
    pub types: BTreeMap<String, TypeView>,
    /// Where the API is served.
    pub server: Option<String>,
    /// Types that are part of what is sent.
    sent: BTreeSet<String>,
    /// Types that are part of what comes back.
    received: BTreeSet<String>,
}

/// An operation, with what [`ir`] leaves out because no client needs it.
#[derive(Debug, Clone)]
pub struct OperationView {
    /// As the emitters see it.
    pub ir: ir::Operation,
    /// The statuses it is described to answer with.
    pub statuses: BTreeSet<String>,
    /// The type of its errors.
    pub error: Option<String>,
}

/// A generated type.
#[derive(Debug, Clone)]
pub struct TypeView {
    /// Its fields or values.
    pub shape: Shape,
    /// Traits it implements, derived or not, as they are written.
    pub traits: BTreeSet<String>,
    /// Its documentation.
    pub docs: String,
}

/// What a generated type is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Fields by their names in JSON.
    Struct(BTreeMap<String, Field>),
    /// Variants by their values in JSON.
    Enum(BTreeMap<String, Variant>),
    /// One unnamed value of this type, or another name for it.
    Wrapper(String),
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its Rust name.
    pub ident: String,
    /// Its Rust type.
    pub rust: String,
    /// Whether JSON without it is refused.
    pub required: bool,
    /// Its documentation.
    pub docs: String,
}

/// A variant of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Its Rust name.
    pub ident: String,
    /// What it holds, as written; empty for plain values.
    pub holds: String,
    /// Its documentation.
    pub docs: String,
}

impl View {
    /// Reads a spec the way the generator does.
    ///
    /// # Errors
    /// When the generator refuses it; the message names `path`.
    pub fn read(path: &Path, spec: &str) -> Result<Self, GenerateError> {
        let description = describe(path, spec)?;
        let types = read_types(description.types).map_err(GenerateError::Emitter)?;
        // `describe` has parsed it once already.
        let source: Value = serde_json::from_str(spec).unwrap_or_default();
        let mut view = Self {
            operations: BTreeMap::new(),
            types,
            server: source["servers"][0]["url"].as_str().map(str::to_owned),
            sent: BTreeSet::new(),
            received: BTreeSet::new(),
        };
        for (name, ir) in description.api.operations {
            let statuses = source["paths"][&ir.path][&ir.method]["responses"]
                .as_object()
                .into_iter()
                .flat_map(serde_json::Map::keys)
                .filter(|status| !status.starts_with("x-"))
                .cloned()
                .collect();
            let error = description.normal["paths"][&ir.path][&ir.method]["responses"]["4XX"]
                ["content"]["application/json"]["schema"]["$ref"]
                .as_str()
                .and_then(|reference| reference.rsplit('/').next())
                .map(str::to_owned);
            view.mark(&ir, error.as_deref());
            view.operations.insert(
                name,
                OperationView {
                    ir,
                    statuses,
                    error,
                },
            );
        }
        Ok(view)
    }

    /// Whether values of this type are sent.
    #[must_use]
    pub fn is_sent(&self, name: &str) -> bool {
        self.sent.contains(name)
    }

    /// Whether values of this type come back.
    #[must_use]
    pub fn is_received(&self, name: &str) -> bool {
        self.received.contains(name)
    }

    /// Notes which types an operation sends and receives.
    fn mark(&mut self, operation: &ir::Operation, error: Option<&str>) {
        for parameter in operation.parameters() {
            match &parameter.kind {
                ParameterType::Named(name) => reach(&self.types, name, &mut self.sent),
                ParameterType::List(list) => reach(&self.types, list, &mut self.sent),
                ParameterType::Text | ParameterType::Primitive(_) => {}
            }
        }
        if let Some(Body::Json(sent)) = &operation.body {
            reach(&self.types, &type_name(sent), &mut self.sent);
        }
        if let Answer::Json(received) = &operation.answer {
            reach(&self.types, &type_name(received), &mut self.received);
        }
        if let Some(error) = error {
            reach(&self.types, error, &mut self.received);
        }
    }
}

/// Adds every type named in the Rust type `rust`, and those in their fields.
fn reach(types: &BTreeMap<String, TypeView>, rust: &str, found: &mut BTreeSet<String>) {
    for name in rust.split(|c: char| !c.is_alphanumeric() && c != '_') {
        let Some(view) = types.get(name) else {
            continue;
        };
        if !found.insert(name.to_owned()) {
            continue;
        }
        match &view.shape {
            Shape::Struct(fields) => fields
                .values()
                .for_each(|field| reach(types, &field.rust, found)),
            Shape::Enum(variants) => variants
                .values()
                .for_each(|variant| reach(types, &variant.holds, found)),
            Shape::Wrapper(inner) => reach(types, inner, found),
        }
    }
}

/// A type of a body as it is written in Rust, without its path.
#[must_use]
pub fn type_name(reference: &TypeReference) -> String {
    spell(&reference.rust_type())
}

/// Rust as a person would write it: no spaces inside types, no paths to well-known names.
#[must_use]
pub fn spell(tokens: &TokenStream) -> String {
    let mut text: String = tokens.to_string().split_whitespace().collect();
    for path in [
        "::graph_photo_model::types::",
        "::graph_photo_model::",
        "::std::option::",
        "::std::string::",
        "::std::vec::",
        "::std::boxed::",
        "::std::collections::",
        "::std::convert::",
        "::std::str::",
        "::std::fmt::",
        "::std::default::",
        "::serde::",
        "types::",
    ] {
        text = text.replace(path, "");
    }
    text.replace("::serde_json::", "serde_json::")
}

/// The types of a `generated/types.rs`.
fn read_types(tokens: TokenStream) -> Result<BTreeMap<String, TypeView>, String> {
    let file: syn::File =
        syn::parse2(tokens).map_err(|error| format!("the types do not parse: {error}"))?;
    let mut found = BTreeMap::new();
    for item in &file.items {
        let (name, shape, attributes) = match item {
            syn::Item::Struct(item) => (&item.ident, struct_shape(&item.fields), &item.attrs),
            syn::Item::Enum(item) => {
                let variants = item.variants.iter().map(|variant| {
                    let ident = variant.ident.to_string();
                    let view = Variant {
                        holds: spell(&variant.fields.to_token_stream()),
                        docs: docs_of(&variant.attrs),
                        ident: ident.clone(),
                    };
                    (types::wire_name(&ident, &variant.attrs), view)
                });
                (&item.ident, Shape::Enum(variants.collect()), &item.attrs)
            }
            syn::Item::Type(item) => {
                let inner = spell(&item.ty.to_token_stream());
                (&item.ident, Shape::Wrapper(inner), &item.attrs)
            }
            _ => continue,
        };
        found.insert(
            name.to_string(),
            TypeView {
                shape,
                traits: derives(attributes),
                docs: docs_of(attributes),
            },
        );
    }
    for item in &file.items {
        if let syn::Item::Impl(item) = item
            && let Some((_, path, _)) = &item.trait_
            && let Some(last) = path.segments.last()
            && let Some(view) = found.get_mut(&spell(&item.self_ty.to_token_stream()))
        {
            view.traits.insert(spell(&last.to_token_stream()));
        }
    }
    Ok(found)
}

fn struct_shape(fields: &syn::Fields) -> Shape {
    if let syn::Fields::Unnamed(fields) = fields {
        let inner: Vec<String> = fields
            .unnamed
            .iter()
            .map(|field| spell(&field.ty.to_token_stream()))
            .collect();
        return Shape::Wrapper(inner.join(", "));
    }
    let fields = fields.iter().map(|field| {
        let ident = field.ident.as_ref().map(ToString::to_string);
        let ident = ident.unwrap_or_default();
        let rust = spell(&field.ty.to_token_stream());
        let view = Field {
            // serde reads a missing `Option` as `None`.
            required: !rust.starts_with("Option<") && !has_default(&field.attrs),
            rust,
            docs: docs_of(&field.attrs),
            ident: ident.clone(),
        };
        (types::wire_name(&ident, &field.attrs), view)
    });
    Shape::Struct(fields.collect())
}

fn has_default(attributes: &[syn::Attribute]) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
        .map(|attribute| spell(&attribute.meta.to_token_stream()))
        .any(|meta| meta.contains("(default") || meta.contains(",default"))
}

fn derives(attributes: &[syn::Attribute]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
    {
        // What is no list of paths does not compile either.
        let _ = attribute.parse_nested_meta(|meta| {
            if let Some(last) = meta.path.segments.last() {
                names.insert(last.ident.to_string());
            }
            Ok(())
        });
    }
    names
}

fn docs_of(attributes: &[syn::Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let syn::Meta::NameValue(meta) = &attribute.meta else {
            return None;
        };
        let syn::Expr::Lit(literal) = &meta.value else {
            return None;
        };
        match &literal.lit {
            syn::Lit::Str(text) if meta.path.is_ident("doc") => Some(text.value()),
            _ => None,
        }
    });
    let text: Vec<String> = lines.collect();
    text.join("\n").trim().to_owned()
}
