//! Runs legacy cases: documents, URLs and scopes of the retired Outlook REST API.
//!
//! Legacy calls are run by [`facade`](super::facade) and [`gateway`](super::gateway).

use anyhow::Result;
use graph_photo_compat::json::Translator;
use graph_photo_compat::scope::{self, GraphScope};
use graph_photo_compat::url::{self, Mapping};

use super::case::{LegacyDocumentCase, LegacyScopeCase, LegacyUrlCase};

/// Translates a document to Graph and, if the case says so, back.
///
/// # Errors
/// When the case itself is at fault.
pub fn document(case: &LegacyDocumentCase) -> Result<Vec<String>> {
    let (outlook, graph) = (case.outlook.bytes()?, case.graph.bytes()?);
    let mut differences = Vec::new();
    let mut translate = |way: &str, translator: Translator, from: &[u8], to: &[u8]| {
        let mut found = Vec::new();
        match translator.translate(from, &mut found) {
            Ok(()) if found == to => {}
            Ok(()) => differences.push(format!(
                "{way}: expected {}, found {}",
                String::from_utf8_lossy(to),
                String::from_utf8_lossy(&found)
            )),
            Err(error) => differences.push(format!("{way}: {error}")),
        }
    };
    translate("to Graph", Translator::to_graph(), &outlook, &graph);
    if case.both_ways {
        translate("to Outlook", Translator::to_outlook(), &graph, &outlook);
    }
    Ok(differences)
}

/// Maps a URL.
pub fn url(case: &LegacyUrlCase) -> Vec<String> {
    match (url::to_graph(&case.url), &case.graph, &case.refused) {
        (Ok(Mapping::Photo(request)), Some(expected), _) => {
            let mut differences = Vec::new();
            if request.url != *expected {
                differences.push(format!("expected {expected}, found {}", request.url));
            }
            let found: std::collections::BTreeMap<String, String> = request
                .operations
                .iter()
                .map(|operation| (operation.method.to_owned(), operation.name.to_owned()))
                .collect();
            if found != case.operations {
                differences.push(format!(
                    "operations: expected {:?}, found {found:?}",
                    case.operations
                ));
            }
            differences
        }
        (Err(error), _, Some(says)) if error.to_string().contains(says) => Vec::new(),
        (found, _, _) => vec![format!(
            "expected {:?} {:?}, found {found:?}",
            case.graph, case.refused
        )],
    }
}

/// Maps a scope.
pub fn scope(case: &LegacyScopeCase) -> Vec<String> {
    match scope::to_graph(&case.scope) {
        Ok(mapped) => {
            let least = match &mapped {
                GraphScope::Photo(photo) => Some(photo.least_privileged.clone()),
                _ => None,
            };
            let found = (mapped.scope().to_owned(), least);
            let expected = (case.graph.clone(), case.least_privileged.clone());
            if found == expected {
                Vec::new()
            } else {
                vec![format!("expected {expected:?}, found {found:?}")]
            }
        }
        Err(error) => vec![error.to_string()],
    }
}
