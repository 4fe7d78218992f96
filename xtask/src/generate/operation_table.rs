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
    // An unused import is a warning, and not every API has its permissions described.
    let described = || {
        api.operations
            .values()
            .filter_map(|operation| operation.docs.permissions.as_ref())
    };
    let any_grant = described().any(|permissions| {
        permissions.delegated_work.is_some()
            || permissions.delegated_personal.is_some()
            || permissions.application.is_some()
    });
    let grant = any_grant.then(|| quote!(Grant,));
    let permissions = described().next().map(|_| quote!(Permissions,));
    quote! {
        use crate::operation::{#grant Operation, #permissions};

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
    let (microsoft_id, docs_url) = (&operation.docs.microsoft_id, &operation.docs.url);
    let reference = (microsoft_id.is_some() || docs_url.is_some()).then(|| {
        let (id, url) = (option(microsoft_id.as_deref()), option(docs_url.as_deref()));
        quote!(.with_reference(#id, #url))
    });
    let permissions = operation.docs.permissions.as_ref().map(|permissions| {
        let permissions = self::permissions(permissions);
        quote!(.with_permissions(#permissions))
    });
    quote! {
        #docs
        pub static #constant: Operation =
            Operation::new(#name, #method, #path) #reference #permissions;
    }
}

fn permissions(permissions: &Permissions) -> TokenStream {
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
