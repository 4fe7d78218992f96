//! The documentation of a generated operation.
//!
//! All sentences come from the overlay; this file only arranges them, the same way in both
//! clients and in the model crate's operation table.

use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::quote;

use super::ir::{Grant, Operation, Permissions};

/// The docs of `operation` as `#[doc]` attributes, one per line.
pub fn doc_attributes(operation: &Operation) -> TokenStream {
    attributes(&markdown(operation))
}

/// `text` as `#[doc]` attributes, one per line.
pub fn attributes(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    });
    quote!(#(#[doc = #lines])*)
}

/// The docs of `operation` as Markdown.
pub fn markdown(operation: &Operation) -> String {
    let docs = &operation.docs;
    let mut text = String::new();
    let summary = match docs.summary.trim() {
        "" => format!(
            "Sends a {} request to `{}`.",
            operation.method.to_uppercase(),
            operation.path
        ),
        summary => sentence(summary),
    };
    line(&mut text, &summary);
    if !docs.description.trim().is_empty() {
        line(&mut text, "");
        for paragraph in docs.description.trim().lines() {
            line(&mut text, paragraph.trim_end());
        }
    }
    line(&mut text, "");
    line(
        &mut text,
        &format!("`{} {}`", operation.method.to_uppercase(), operation.path),
    );
    line(&mut text, "");
    match (&docs.microsoft_id, &docs.url) {
        (Some(id), Some(url)) => line(
            &mut text,
            &format!("Microsoft's operationId: `{id}`; [Microsoft's page]({url})."),
        ),
        (Some(id), None) => line(&mut text, &format!("Microsoft's operationId: `{id}`.")),
        (None, Some(url)) => {
            line(
                &mut text,
                &format!("Not in Microsoft's OpenAPI document; from [Microsoft's page]({url})."),
            );
        }
        (None, None) => line(&mut text, "Not in Microsoft's OpenAPI document."),
    }
    let described: Vec<_> = operation.parameters().collect();
    if !described.is_empty() {
        line(&mut text, "\n# Arguments");
        for parameter in described {
            line(
                &mut text,
                &format!(
                    "* `{}`: {}",
                    parameter.ident,
                    one_line(&parameter.description)
                ),
            );
        }
        // Bodies explain themselves through their types.
    }
    if let Some(permissions) = &docs.permissions {
        line(&mut text, "\n# Permissions");
        permissions_table(&mut text, permissions);
    }
    line(&mut text, "\n# Errors");
    if docs.errors.is_empty() {
        line(
            &mut text,
            "Any answer but a success is an error with its status, code and request ids.",
        );
    } else {
        line(
            &mut text,
            "Known answers of the service; any other failure is an error of its kind too.",
        );
        line(&mut text, "");
        line(&mut text, "| Status | Code | When |");
        line(&mut text, "|---|---|---|");
        for error in &docs.errors {
            let status = error
                .status
                .as_str()
                .map_or_else(|| error.status.to_string(), str::to_owned);
            let code = if error.code.is_empty() {
                "-".to_owned()
            } else {
                format!("`{}`", error.code)
            };
            line(
                &mut text,
                &format!("| {status} | {code} | {} |", one_line(&error.meaning)),
            );
        }
    }
    if !docs.notes.is_empty() {
        line(&mut text, "\n# Limits");
        for note in &docs.notes {
            line(&mut text, &format!("* {}", one_line(note)));
        }
    }
    text
}

fn permissions_table(text: &mut String, permissions: &Permissions) {
    line(text, "| Account | Least privileged | Also sufficient |");
    line(text, "|---|---|---|");
    for (account, grant) in [
        ("Delegated, work or school", &permissions.delegated_work),
        ("Delegated, personal", &permissions.delegated_personal),
        ("Application", &permissions.application),
    ] {
        let row = match grant {
            Some(Grant { least, higher }) => {
                format!("| {account} | {} | {} |", names(least), names(higher))
            }
            None => format!("| {account} | not supported | - |"),
        };
        line(text, &row);
    }
}

fn names(permissions: &[String]) -> String {
    if permissions.is_empty() {
        return "-".to_owned();
    }
    permissions
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn line(text: &mut String, content: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{content}");
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sentence(text: &str) -> String {
    let text = one_line(text);
    if text.ends_with(['.', '!', '?']) {
        text
    } else {
        format!("{text}.")
    }
}
