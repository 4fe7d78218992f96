//! Runs progenitor over a validated normal form.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

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

thread_local! {
    /// Whether panics of this thread are caught and reported in our own words.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Calls `work` without the default panic message. The hook is the process's, so it is set once and
/// asks whose panic it is: those of other threads are shown as ever.
fn quietly<T>(work: impl FnOnce() -> T) -> std::thread::Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CAUGHT.get() {
                usual(info);
            }
        }));
    });
    CAUGHT.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CAUGHT.set(false);
    result
}
