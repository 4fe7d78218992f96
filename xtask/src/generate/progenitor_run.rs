//! Runs progenitor over a validated normal form.

use std::panic::{self, AssertUnwindSafe};

use proc_macro2::TokenStream;

use super::ir::Api;
use crate::problem::Problem;

/// What progenitor and, through it, typify made of the document.
pub(super) struct Run {
    /// The whole client, before rewriting.
    pub(super) operations: TokenStream,
    /// The items of its `types` module.
    pub(super) types: TokenStream,
}

/// Runs progenitor.
///
/// [`super::validate`] refuses all that progenitor is known to panic on. Should one slip through
/// all the same, the maintainer gets a message and not a backtrace.
pub(super) fn run(document: &openapiv3::OpenAPI, api: &Api) -> Result<Run, Vec<Problem>> {
    let mut settings = progenitor::GenerationSettings::default();
    settings.with_derive("PartialEq");
    for (name, replacement) in &api.lists {
        settings.with_replacement(name, replacement, std::iter::empty());
    }
    let mut generator = progenitor::Generator::new(&settings);
    let attempt = quietly(|| generator.generate_tokens(document));
    let fault = match attempt {
        Ok(Ok(operations)) => {
            return Ok(Run {
                operations,
                types: generator.get_type_space().to_stream(),
            });
        }
        Ok(Err(error)) => error.to_string(),
        Err(payload) => payload
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| {
                payload
                    .downcast_ref::<&str>()
                    .map(|text| (*text).to_owned())
            })
            .unwrap_or_else(|| "it gave no reason".to_owned()),
    };
    Err(vec![Problem::new(
        "",
        format!("progenitor gave up: {fault}"),
        "find the construct it names and replace it through spec/overlay.yaml",
    )])
}

/// Calls `work` without the default panic message.
fn quietly<T>(work: impl FnOnce() -> T) -> std::thread::Result<T> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook);
    result
}
