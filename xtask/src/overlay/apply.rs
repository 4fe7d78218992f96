//! Carrying out the actions of an overlay on a document in memory.

use serde_json::Value;

use super::{Change, Overlay, OverlayError};

/// What each action of an overlay did to one document.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// One entry per action, in order.
    pub actions: Vec<ActionOutcome>,
}

/// What one action did.
#[derive(Debug, Clone)]
pub struct ActionOutcome {
    /// The action's place in the overlay, counted from zero.
    pub index: usize,
    /// The action's description, or its target when it has none.
    pub description: String,
    /// How many nodes it selected.
    pub nodes: usize,
}

impl Report {
    /// Actions that selected something.
    pub fn applied(&self) -> usize {
        self.actions.iter().filter(|a| a.nodes > 0).count()
    }

    /// Actions whose target selected nothing. That is no error: revisions differ, and an action
    /// may be there for another one.
    pub fn without_effect(&self) -> impl Iterator<Item = &ActionOutcome> {
        self.actions.iter().filter(|a| a.nodes == 0)
    }
}

/// Applies every action in order.
///
/// Objects merge member by member, arrays grow at their end, everything else is replaced, as the
/// Overlay specification says. A target that selects nothing is reported, not refused.
///
/// # Errors
/// An action that selects a string, number, boolean or null (Overlay 1.0.0 targets objects and
/// arrays only), that merges a non-object into an object, or that removes the whole document. The
/// document is then left half changed: apply to a copy if that matters.
///
/// ```
/// use serde_json::json;
/// use xtask::overlay::{Overlay, apply};
///
/// let overlay = Overlay::from_value(json!({
///     "overlay": "1.0.0",
///     "info": { "title": "Example", "version": "1" },
///     "actions": [
///         { "target": "$.info", "update": { "title": "Photos" } },
///         { "target": "$.paths['/gone']", "remove": true },
///     ],
/// }))?;
/// let mut document = json!({ "info": { "title": "OData Service", "version": "v1.0" } });
/// let report = apply(&mut document, &overlay)?;
/// assert_eq!(document["info"]["title"], "Photos");
/// assert_eq!(report.without_effect().count(), 1);
/// # Ok::<(), xtask::overlay::OverlayError>(())
/// ```
pub fn apply(document: &mut Value, overlay: &Overlay) -> Result<Report, OverlayError> {
    let mut report = Report::default();
    for (index, action) in overlay.actions.iter().enumerate() {
        // Only locations are kept, because the borrow of the document must end before it changes.
        let mut pointers = Vec::new();
        for node in action.path.query_located(document).dedup().iter() {
            let pointer = node.location().to_json_pointer();
            if !(node.node().is_object() || node.node().is_array()) {
                return Err(OverlayError::Target {
                    action: action.label.clone(),
                    pointer,
                    problem: format!(
                        "the target selects {}, and Overlay 1.0.0 targets objects and arrays: select the object that holds it",
                        kind(node.node())
                    ),
                });
            }
            pointers.push(pointer);
        }
        report.actions.push(ActionOutcome {
            index,
            description: action
                .description
                .clone()
                .unwrap_or_else(|| action.target.clone()),
            nodes: pointers.len(),
        });
        let refuse = |pointer: &str, problem: &str| OverlayError::Target {
            action: action.label.clone(),
            pointer: pointer.to_owned(),
            problem: problem.to_owned(),
        };
        match &action.change {
            Change::Remove => {
                // Later siblings and deeper nodes first, so that the locations stay true.
                pointers.sort_by_cached_key(|pointer| removal_order(pointer));
                for pointer in pointers.iter().rev() {
                    if pointer.is_empty() {
                        return Err(refuse(pointer, "the whole document cannot be removed"));
                    }
                    remove(document, pointer);
                }
            }
            Change::Update(update) => {
                for pointer in &pointers {
                    let Some(node) = document.pointer_mut(pointer) else {
                        continue;
                    };
                    match node {
                        Value::Array(items) => items.push(update.clone()),
                        Value::Object(_) if !update.is_object() => {
                            return Err(refuse(
                                pointer,
                                "an object can only be updated with an object",
                            ));
                        }
                        _ => merge(node, update),
                    }
                }
            }
        }
    }
    Ok(report)
}

/// Objects merge, arrays grow, everything else is replaced.
fn merge(node: &mut Value, update: &Value) {
    match (node, update) {
        (Value::Object(node), Value::Object(update)) => {
            for (key, value) in update {
                match node.get_mut(key) {
                    Some(child) => merge(child, value),
                    None => {
                        node.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(node), Value::Array(update)) => node.extend(update.iter().cloned()),
        (node, update) => *node = update.clone(),
    }
}

/// Path segments with array indexes padded, so that text order is document order.
fn removal_order(pointer: &str) -> Vec<String> {
    pointer
        .split('/')
        .map(|segment| format!("{segment:0>20}"))
        .collect()
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else {
        return;
    };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.remove(&last.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Some(index) = last.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
