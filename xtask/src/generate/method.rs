//! What a generated method consists of: the same statements in both clients.
//!
//! The async emitter reads signatures and calls from progenitor's output and checks them against
//! the spec; the blocking emitter reads them from [`super::ir`]. Both write the body through this
//! module, with the only difference that one awaits.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::{self, VisitMut};

use super::ir::{Answer, Body, Operation, ParameterType};

/// The whole of `generated/operations.rs`, before formatting.
pub fn file(methods: &[TokenStream]) -> TokenStream {
    let mut operations: syn::ItemImpl = syn::parse_quote! {
        #[allow(clippy::too_many_arguments, reason = "query options as Microsoft declares them")]
        impl Operations {
            #(#methods)*
        }
    };
    Shorten.visit_item_impl_mut(&mut operations);
    quote! {
        // Not every API has paths with values, queries, bodies and streams.
        #[allow(unused_imports)]
        use graph_photo_model::wire::{QueryParam, RequestBuilder, encode_path};
        #[allow(unused_imports)]
        use graph_photo_model::{CommaSeparated, Error, Response, operations, types};

        use http::Method;

        #[allow(unused_imports)]
        use crate::{Body, ByteStream};
        use crate::surface::Operations;

        #operations
    }
}

/// Writes imported and prelude types by their names, as a person would.
struct Shorten;

impl VisitMut for Shorten {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let names: Vec<&str> = segments.iter().map(String::as_str).collect();
        let drop = match (path.leading_colon.is_some(), names.as_slice()) {
            (true, ["graph_photo_model", ..]) => 1,
            (true, ["std", "string", "String"] | ["std", "vec", "Vec"]) => 2,
            _ => 0,
        };
        if drop > 0 {
            path.leading_colon = None;
            path.segments = std::mem::take(&mut path.segments)
                .into_iter()
                .skip(drop)
                .collect();
        }
        visit_mut::visit_path_mut(self, path);
    }
}

/// The expression that builds the transport-neutral request.
pub fn request(operation: &Operation) -> TokenStream {
    let verb = quote::format_ident!("{}", operation.method.to_uppercase());
    let constant = operation.constant();
    let accept = &operation.accept;
    let queries = operation.query_parameters.iter().map(|parameter| {
        let (wire, ident) = (&parameter.wire, parameter.ident());
        let value = match (&parameter.kind, parameter.required) {
            // Generated types are written by their own Display, which is their name on the wire.
            (ParameterType::Named(_), true) => quote!(#ident.to_string()),
            (ParameterType::Named(_), false) => quote!(#ident.map(|value| value.to_string())),
            _ => quote!(#ident),
        };
        quote!(.query(&QueryParam::new(#wire, &#value)))
    });
    let headers = operation.header_parameters.iter().map(|parameter| {
        let (wire, ident) = (&parameter.wire, parameter.ident());
        let value = match (&parameter.kind, parameter.required) {
            (ParameterType::Text, true) => quote!(Some(#ident)),
            (ParameterType::Text, false) => quote!(#ident),
            (_, true) => quote!(Some(#ident.to_string())),
            (_, false) => quote!(#ident.map(|value| value.to_string())),
        };
        quote!(.header(#wire, #value))
    });
    let body = match &operation.body {
        None => quote!(),
        // The bytes' own type where the caller's body knows it, else what the spec asks for.
        Some(Body::Bytes(media_type)) => {
            quote!(.body(body.content_type().unwrap_or(#media_type), body))
        }
        Some(Body::Json(_)) => quote!(.body("application/json", Body::json(body)?)),
    };
    quote! {
        RequestBuilder::new(Method::#verb, url)
            .operation(&operations::#constant)
            .accept(#accept)
            #(#queries)*
            #(#headers)*
            #body
            .build()?
    }
}

/// The statements of a method; `wait` is `.await` or nothing.
pub fn body(operation: &Operation, request: &TokenStream, wait: &TokenStream) -> TokenStream {
    let path = operation.path_format();
    let values = operation.path_parameters.iter().map(|parameter| {
        let (wire, ident) = (&parameter.wire, parameter.ident());
        quote!(encode_path(#wire, #ident)?)
    });
    let url = if operation.path_parameters.is_empty() {
        quote!(let url = #path.to_owned();)
    } else {
        quote!(let url = format!(#path, #(#values),*);)
    };
    let into_body = matches!(operation.body, Some(Body::Bytes(_)))
        .then(|| quote!(let body: Body = body.into();));
    let answer = match operation.answer {
        Answer::Empty => quote!(answer.empty()#wait),
        Answer::Bytes => quote!(Ok(answer.stream())),
        Answer::Json(_) => quote!(answer.json()#wait),
    };
    quote! {
        #url
        #into_body
        let request = #request;
        let answer = self.exec(request)#wait?;
        #answer
    }
}
