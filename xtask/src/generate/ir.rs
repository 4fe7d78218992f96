//! Our own view of an operation, read from the normal form.
//!
//! progenitor's intermediate form is private, so what the blocking emitter, the operation table
//! and the docs need is read again, in `read`, from `openapiv3` types. [`super::parity`] proves that
//! both readings agree.

mod read;

use std::collections::BTreeMap;

use heck::ToShoutySnakeCase;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde::Deserialize;

pub use self::read::read;

/// An API as the emitters see it.
#[derive(Debug, Clone)]
pub struct Api {
    /// The operations by name.
    pub operations: BTreeMap<String, Operation>,
    /// Names of list schemas and the Rust type that replaces each.
    pub lists: BTreeMap<String, String>,
}

/// One operation: a method on both clients.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The method's name, e.g. `user_get_photo`.
    pub name: String,
    /// The HTTP method in lower case.
    pub method: String,
    /// The path template, e.g. `/users/{user-id}/photo`.
    pub path: String,
    /// Path parameters in the order of the path.
    pub path_parameters: Vec<Parameter>,
    /// Query parameters by name.
    pub query_parameters: Vec<Parameter>,
    /// Header parameters by name.
    pub header_parameters: Vec<Parameter>,
    /// What is sent.
    pub body: Option<Body>,
    /// What comes back.
    pub answer: Answer,
    /// The Accept header.
    pub accept: String,
    /// What the docs say.
    pub docs: Docs,
}

/// A parameter of an operation.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name on the wire.
    pub wire: String,
    /// Its name in Rust.
    pub ident: String,
    /// Its type.
    pub kind: ParameterType,
    /// Whether it must be given.
    pub required: bool,
    /// What it means.
    pub description: String,
}

/// The types a parameter can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterType {
    /// Text, borrowed.
    Text,
    /// A Rust primitive passed by value.
    Primitive(&'static str),
    /// A generated enum, by value.
    Named(String),
    /// A list sent as one comma-separated value; holds the replacing type.
    List(String),
}

/// A request body.
#[derive(Debug, Clone)]
pub enum Body {
    /// Bytes of this media type unless the bytes say otherwise.
    Bytes(String),
    /// A generated type as JSON.
    Json(TypeReference),
}

/// What a successful answer holds.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Nothing.
    Empty,
    /// A stream of bytes.
    Bytes,
    /// A generated type as JSON.
    Json(TypeReference),
}

/// A type in the model crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeReference {
    /// A generated type by name.
    Named(String),
    /// Text.
    Text,
    /// A Rust primitive.
    Primitive(&'static str),
    /// A list of a type.
    Vec(Box<TypeReference>),
    /// JSON of unknown shape.
    Json,
}

/// What the documentation of an operation is made of; all of it comes from the overlay.
#[derive(Debug, Clone, Default)]
pub struct Docs {
    /// One line.
    pub summary: String,
    /// More lines.
    pub description: String,
    /// The operation's id in Microsoft's document, if it is there.
    pub microsoft_id: Option<String>,
    /// Microsoft's page.
    pub url: Option<String>,
    /// Permissions per account kind; absent where the spec says nothing.
    pub permissions: Option<Permissions>,
    /// Limits, one sentence each.
    pub notes: Vec<String>,
    /// Errors the service is known to answer with.
    pub errors: Vec<KnownError>,
}

/// `x-permissions` of an operation.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Permissions {
    /// Delegated, work or school account; `None` if not supported.
    pub delegated_work: Option<Grant>,
    /// Delegated, personal Microsoft account; `None` if not supported.
    pub delegated_personal: Option<Grant>,
    /// Application; `None` if not supported.
    pub application: Option<Grant>,
}

/// Permissions for one kind of account.
#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The least privileged ones.
    pub least: Vec<String>,
    /// Others that are enough too.
    #[serde(default)]
    pub higher: Vec<String>,
}

/// An entry of `x-errors`.
#[derive(Debug, Clone, Deserialize)]
pub struct KnownError {
    /// HTTP status.
    pub status: serde_json::Value,
    /// Graph's error code.
    #[serde(default)]
    pub code: String,
    /// When it is answered.
    pub meaning: String,
}

impl Operation {
    /// The constant in `graph_photo_model::operations` that describes this operation.
    pub fn constant(&self) -> proc_macro2::Ident {
        format_ident!("{}", self.name.to_shouty_snake_case())
    }

    /// The method's name as an identifier.
    pub fn ident(&self) -> proc_macro2::Ident {
        format_ident!("{}", self.name)
    }

    /// The path as a format string, `/users/{}/photo`.
    pub fn path_format(&self) -> String {
        let mut format = self.path.clone();
        for parameter in &self.path_parameters {
            format = format.replace(&format!("{{{}}}", parameter.wire), "{}");
        }
        format
    }

    /// All parameters in the order of the method's arguments.
    pub fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.path_parameters
            .iter()
            .chain(&self.query_parameters)
            .chain(&self.header_parameters)
    }
}

impl Parameter {
    /// The parameter's name as an identifier, raw where it is a keyword.
    pub fn ident(&self) -> proc_macro2::Ident {
        rust_ident(&self.ident)
    }

    /// The argument's type.
    pub fn rust_type(&self) -> TokenStream {
        let inner = match &self.kind {
            ParameterType::Text => quote!(&str),
            ParameterType::Primitive(name) => {
                let name = format_ident!("{name}");
                quote!(#name)
            }
            ParameterType::Named(name) => {
                let name = format_ident!("{name}");
                quote!(types::#name)
            }
            ParameterType::List(item) => {
                let list: TokenStream = item.parse().unwrap_or_default();
                quote!(&#list)
            }
        };
        if self.required {
            inner
        } else {
            quote!(Option<#inner>)
        }
    }
}

impl TypeReference {
    /// The type as written in a client's generated code.
    pub fn rust_type(&self) -> TokenStream {
        match self {
            Self::Named(name) => {
                let name = format_ident!("{name}");
                quote!(types::#name)
            }
            Self::Text => quote!(::std::string::String),
            Self::Primitive(name) => {
                let name = format_ident!("{name}");
                quote!(#name)
            }
            Self::Vec(item) => {
                let item = item.rust_type();
                quote!(::std::vec::Vec<#item>)
            }
            Self::Json => quote!(::serde_json::Value),
        }
    }
}

/// An identifier from a snake_case name, following progenitor for keywords (`type` -> `type_`).
pub fn rust_ident(name: &str) -> proc_macro2::Ident {
    if syn::parse_str::<syn::Ident>(name).is_ok() {
        format_ident!("{name}")
    } else {
        format_ident!("{name}_")
    }
}
