//! From `spec/graph-photo.json` to the model crate and both clients.
//!
//! ```text
//! load -> normalise -> validate -> ir -> model types        (types, typify)
//!                                     -> operation table    (operation_table)
//!                                     -> async operations   (async_operations, progenitor)
//!                                     -> blocking operations (blocking_operations, ours)
//!                                     -> blocking surface   (erase, from crates/async/src/surface)
//!                                     -> compat tables      (crate::compat_tables, from outlook-v2.yaml)
//!                                     -> blocking legacy API (erase, from crates/compat/src/client)
//!                                     -> whole crates       (frame, for another API)
//!                                     -> parity gate -> files
//! ```
//!
//! [`generate`] is pure and deterministic: [`Inputs`] in, a map of paths to file contents out.
//! [`output`] is the only part that touches the disk, to write that map or to check it.

pub mod async_operations;
pub mod blocking_operations;
pub mod docs;
pub mod erase;
pub mod frame;
pub mod inputs;
pub mod ir;
pub mod method;
pub mod normalise;
pub mod operation_table;
pub mod output;
pub mod parity;
mod progenitor_run;
pub mod provenance;
pub mod source;
pub mod types;
pub mod validate;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use frame::Frame;
pub use inputs::Inputs;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use crate::problem::Problem;

/// Generated files by their path from the repository's root.
pub type Files = BTreeMap<PathBuf, String>;

/// Why nothing was generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A file could not be read.
    #[error("{path} cannot be read (remedy: {remedy})")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// The spec is not JSON.
    #[error(
        "{path}:{line}:{column} is not JSON (remedy: write it again with `cargo xtask trim --from FILE`)"
    )]
    NotJson {
        /// The file.
        path: PathBuf,
        /// The line of the fault, from 1.
        line: usize,
        /// The column of the fault, from 1.
        column: usize,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// The spec cannot be generated from; all that is wrong with it.
    #[error("{path} cannot be generated from:\n{}", listed(problems))]
    Refused {
        /// The file.
        path: PathBuf,
        /// What is wrong where, and the remedies.
        problems: Vec<Problem>,
    },
    /// The description of the legacy API cannot be generated from.
    #[error(transparent)]
    Legacy(#[from] crate::compat_tables::CompatError),
    /// An emitter met output of progenitor or typify that it does not know.
    #[error(
        "generation stopped: {0}\n    remedy: this is a fault of the generator, not of the spec; see xtask/src/generate/"
    )]
    Emitter(String),
    /// The two clients would differ.
    #[error("the clients differ in {} signatures:\n  {}\n    remedy: bring runtime/ or the emitters of the two clients together", .0.len(), .0.join("\n  "))]
    Parity(Vec<String>),
}

fn listed(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(|problem| format!("  {problem}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What the emitters start from: a spec read, normalised, validated, and typed.
pub struct Description {
    /// The operations.
    pub api: ir::Api,
    /// The content of `generated/types.rs`.
    pub types: TokenStream,
    /// The normal form that both were read from.
    pub normal: Value,
    operations: TokenStream,
}

/// The front half of [`generate`]: all that depends on the spec alone. [`crate::diff`] compares two
/// of these, so that what it says about Rust is what the emitters write.
///
/// # Errors
/// [`GenerateError::NotJson`], [`GenerateError::Refused`] or [`GenerateError::Emitter`], which name
/// `spec_path`.
pub fn describe(spec_path: &Path, spec: &str) -> Result<Description, GenerateError> {
    let refused = |problems| GenerateError::Refused {
        path: spec_path.to_owned(),
        problems,
    };
    let spec: Value = serde_json::from_str(spec).map_err(|source| GenerateError::NotJson {
        path: spec_path.to_owned(),
        line: source.line(),
        column: source.column(),
        source,
    })?;
    let normal = normalise::normalise(&spec).map_err(refused)?;
    let problems = validate::validate(&normal);
    if !problems.is_empty() {
        return Err(refused(problems));
    }
    let document: openapiv3::OpenAPI = serde_json::from_value(normal.clone()).map_err(|error| {
        refused(vec![Problem::new(
            "",
            format!("the normal form is not OpenAPI 3.0: {error}"),
            "mend the part of the spec it names",
        )])
    })?;
    let api = ir::read(&document).map_err(GenerateError::Emitter)?;
    let run = progenitor_run::run(&document, &api).map_err(refused)?;
    Ok(Description {
        api,
        types: types::emit(run.types).map_err(GenerateError::Emitter)?,
        normal,
        operations: run.operations,
    })
}

/// Generates every file, or says all that keeps it from doing so.
///
/// # Errors
/// See [`GenerateError`]; nothing is written in any case.
pub fn generate(inputs: &Inputs) -> Result<Files, GenerateError> {
    let Description {
        api,
        types,
        operations,
        ..
    } = describe(&inputs.spec_path, &inputs.spec)?;

    let mut files = Files::new();
    let header = source::header(&inputs.spec);
    let mut emit = |path: &str, docs: &str, tokens: TokenStream| -> Result<(), GenerateError> {
        let path = PathBuf::from(path);
        let text = source::file(&header, docs, tokens)
            .map_err(|fault| GenerateError::Emitter(format!("{}: {fault}", path.display())))?;
        files.insert(path, text);
        Ok(())
    };

    let constants = provenance::constants(&inputs.spec, inputs.source.as_ref());
    emit(
        "crates/model/src/generated/mod.rs",
        "What the spec says: [`types`] and the table of [`operations`].",
        quote! {
            pub mod operations;
            pub mod types;

            #constants
        },
    )?;
    emit(
        "crates/model/src/generated/types.rs",
        "Types of the API, as Microsoft describes them.",
        types,
    )?;
    emit(
        "crates/model/src/generated/operations.rs",
        "The operations of the API: names, paths, Microsoft's ids and the permissions they need.",
        operation_table::emit(&api),
    )?;
    let module = "The operations, one method for each that Microsoft describes.";
    emit(
        "crates/async/src/generated/mod.rs",
        module,
        quote!(
            mod operations;
        ),
    )?;
    let operations = async_operations::emit(operations, &api).map_err(GenerateError::Emitter)?;
    emit(
        "crates/async/src/generated/operations.rs",
        module,
        operations,
    )?;
    emit(
        "crates/blocking/src/generated/mod.rs",
        "The operations and the curated surface, derived from the async client.",
        quote! {
            mod operations;
            pub(crate) mod surface;
        },
    )?;
    emit(
        "crates/blocking/src/generated/operations.rs",
        module,
        blocking_operations::emit(&api),
    )?;

    files.extend(derived(
        &header,
        &inputs.surface,
        "crates/async/src/surface",
        "crates/blocking/src/generated/surface",
    )?);
    let legacy_client = derived(
        &header,
        &inputs.legacy_client,
        "crates/compat/src/client",
        "crates/compat/src/generated/blocking",
    )?;

    files.extend(provenance::manifests(
        &inputs.manifests,
        &inputs.spec,
        inputs.source.as_ref(),
    ));
    if let Some(legacy) = &inputs.legacy {
        files.extend(crate::compat_tables::from_description(legacy)?);
    }

    let (left, right) = inputs.both_sources(&files);
    parity::compare(&left, &right).map_err(GenerateError::Parity)?;
    parity::compare(&inputs.legacy_client, &legacy_client).map_err(GenerateError::Parity)?;
    files.extend(legacy_client);
    if let Some(frame) = &inputs.frame {
        let model = frame.model();
        for (path, text) in left.into_iter().chain(right) {
            let text = erase::replace_word(&text, frame::PHOTO_MODEL, &model);
            files.insert(path, text);
        }
        files.extend(inputs.model.clone());
    }
    Ok(files)
}

/// The blocking twins of hand-written async sources: those below `from`, to be written below `to`.
fn derived(
    header: &str,
    sources: &BTreeMap<PathBuf, String>,
    from: &str,
    to: &str,
) -> Result<Files, GenerateError> {
    sources
        .iter()
        .map(|(path, text)| {
            let origin = format!("{from}/{}", path.display());
            let erased = erase::erase(text)
                .map_err(|error| GenerateError::Emitter(format!("{origin}: {error}")))?;
            let twin = source::derived(header, &origin, &erased);
            Ok((Path::new(to).join(path), twin))
        })
        .collect()
}
