//! The blocking client's operations, emitted from our own [`super::ir`].
//!
//! progenitor cannot emit ureq and its intermediate form is private; this is the second reading of
//! the spec that [`super::parity`] holds against progenitor's.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::doc_attributes;
use super::ir::{Answer, Api, Body, Operation};
use super::method;

/// The body of the blocking client's `generated/operations.rs`.
pub fn emit(api: &Api) -> TokenStream {
    let methods: Vec<TokenStream> = api.operations.values().map(emit_method).collect();
    method::file(&methods)
}

fn emit_method(operation: &Operation) -> TokenStream {
    let docs = doc_attributes(operation);
    let name = operation.ident();
    let mut arguments: Vec<TokenStream> = operation
        .parameters()
        .map(|parameter| {
            let (ident, kind) = (parameter.ident(), parameter.rust_type());
            quote!(#ident: #kind)
        })
        .collect();
    match &operation.body {
        None => {}
        Some(Body::Bytes(_)) => arguments.push(quote!(body: impl Into<Body>)),
        Some(Body::Json(reference)) => {
            let kind = reference.rust_type();
            arguments.push(quote!(body: &#kind));
        }
    }
    let answer = match &operation.answer {
        Answer::Empty => quote!(()),
        Answer::Bytes => quote!(ByteStream),
        Answer::Json(reference) => reference.rust_type(),
    };
    let request = method::request(operation);
    let body = method::body(operation, &request, &quote!());
    quote! {
        #docs
        pub fn #name(&self, #(#arguments),*) -> Result<Response<#answer>, Error> {
            #body
        }
    }
}
