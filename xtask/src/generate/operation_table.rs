//! The model crate's operation table: what each operation is and which permissions it needs.
//!
//! Clients use it to name operations in errors and the permission that a 403 was missing; anybody
//! may read it as data.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::attributes;
use super::ir::{Api, Grant, Operation, Permissions};

/// The items of `generated/operations.rs` in the model crate.
pub fn emit(api: &Api) -> TokenStream {
    let constants = api.operations.values().map(constant);
    let references = api.operations.values().map(|operation| {
        let name = operation.constant();
        quote!(&#name)
    });
    let count = api.operations.len();
    // An API whose permissions nobody described has no grants, and an unused import is a warning.
    let any_grant = api
        .operations
        .values()
        .filter_map(|operation| operation.docs.permissions.as_ref())
        .any(|permissions| {
            permissions.delegated_work.is_some()
                || permissions.delegated_personal.is_some()
                || permissions.application.is_some()
        });
    let grant = any_grant.then(|| quote!(Grant,));
    quote! {
        use crate::operation::{#grant Operation, Permissions};

        #[doc = " Every operation of the generated clients, by name."]
        pub static OPERATIONS: [&Operation; #count] = [#(#references),*];

        #(#constants)*
    }
}

fn constant(operation: &Operation) -> TokenStream {
    let constant = operation.constant();
    let docs = attributes(&format!(
        "`{} {}`: {}",
        operation.method.to_uppercase(),
        operation.path,
        operation.docs.summary.trim()
    ));
    let name = &operation.name;
    let method = operation.method.to_uppercase();
    let path = &operation.path;
    let microsoft_id = option(operation.docs.microsoft_id.as_deref());
    let docs_url = option(operation.docs.url.as_deref());
    let permissions = permissions(operation.docs.permissions.as_ref());
    quote! {
        #docs
        pub static #constant: Operation = Operation {
            name: #name,
            method: #method,
            path: #path,
            microsoft_id: #microsoft_id,
            docs_url: #docs_url,
            permissions: #permissions,
        };
    }
}

fn permissions(permissions: Option<&Permissions>) -> TokenStream {
    let unknown = Permissions::default();
    let permissions = permissions.unwrap_or(&unknown);
    let delegated_work = grant(permissions.delegated_work.as_ref());
    let delegated_personal = grant(permissions.delegated_personal.as_ref());
    let application = grant(permissions.application.as_ref());
    quote! {
        Permissions {
            delegated_work: #delegated_work,
            delegated_personal: #delegated_personal,
            application: #application,
        }
    }
}

fn grant(grant: Option<&Grant>) -> TokenStream {
    match grant {
        None => quote!(None),
        Some(Grant { least, higher }) => {
            quote!(Some(Grant { least: &[#(#least),*], higher: &[#(#higher),*] }))
        }
    }
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        None => quote!(None),
        Some(text) => quote!(Some(#text)),
    }
}
