//! Reading an overlay and checking it as a document, before any description is touched.

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use super::OverlayError;

/// The one version of the Overlay specification that this engine implements.
const VERSION: &str = "1.0.0";

/// How many brackets a target may nest. The JSONPath parser is recursive and tries alternatives at
/// every level; real targets need four.
const MAX_TARGET_NESTING: usize = 8;

/// How many brackets the text may nest; libyaml needs quadratic time for them.
const MAX_TEXT_NESTING: usize = 1000;

/// An overlay: what to change in a description, in which order.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// `info.title`.
    pub title: String,
    /// `info.version`, the overlay's own version.
    pub version: String,
    /// `extends`: the description that the overlay was written for. Kept for the reader; the
    /// engine applies an overlay to whatever it is given.
    pub extends: Option<String>,
    /// The actions, in the order in which they are applied.
    pub actions: Vec<Action>,
}

/// One action of an overlay.
#[derive(Debug, Clone)]
pub struct Action {
    /// The JSONPath as written.
    pub target: String,
    /// The JSONPath, ready to run.
    pub path: JsonPath,
    /// `description`: what the action does.
    pub description: Option<String>,
    /// `x-reason`: why the action is needed.
    pub reason: Option<String>,
    /// `x-source`: where the reason is known from.
    pub source: Option<String>,
    /// What happens to the selected nodes.
    pub change: Change,
    pub(super) label: String,
}

/// What an action does with the nodes that it selects.
#[derive(Debug, Clone)]
pub enum Change {
    /// `remove: true`.
    Remove,
    /// `update`: merged into objects, appended to arrays.
    Update(Value),
}

impl Overlay {
    /// Reads an overlay from YAML or JSON text and checks all of it.
    ///
    /// # Errors
    /// Anything that the Overlay specification does not allow: another version, no `info`, no
    /// actions, unknown fields, an action without target or without anything to do, a JSONPath
    /// that does not parse.
    ///
    /// ```
    /// use xtask::overlay::Overlay;
    ///
    /// let overlay = Overlay::from_yaml(r#"
    /// overlay: 1.0.0
    /// info: { title: Example, version: 1.0.0 }
    /// actions:
    ///   - target: $.info
    ///     update: { title: Photos }
    /// "#)?;
    /// assert_eq!(overlay.actions.len(), 1);
    /// # Ok::<(), xtask::overlay::OverlayError>(())
    /// ```
    pub fn from_yaml(text: &str) -> Result<Self, OverlayError> {
        if nesting(text) > MAX_TEXT_NESTING {
            return Err(OverlayError::Syntax(format!(
                "brackets are nested deeper than {MAX_TEXT_NESTING}"
            )));
        }
        let value: Value =
            serde_norway::from_str(text).map_err(|e| OverlayError::Syntax(e.to_string()))?;
        Self::from_value(value)
    }

    /// Checks an overlay that is already parsed.
    ///
    /// # Errors
    /// As [`Overlay::from_yaml`].
    pub fn from_value(value: Value) -> Result<Self, OverlayError> {
        let Value::Object(mut document) = value else {
            return Err(wrong(
                "document",
                "must be an object with overlay, info and actions",
            ));
        };
        match document.remove("overlay") {
            Some(Value::String(version)) if version == VERSION => {}
            Some(other) => {
                return Err(wrong(
                    "/overlay",
                    format!("is {other}; this engine implements {VERSION}"),
                ));
            }
            None => {
                return Err(wrong(
                    "/overlay",
                    format!("is missing: write overlay: {VERSION}"),
                ));
            }
        }
        let Some(Value::Object(mut info)) = document.remove("info") else {
            return Err(wrong("/info", "must be an object with title and version"));
        };
        let title = required_string(&mut info, "title")?;
        let version = required_string(&mut info, "version")?;
        only_extensions(&info).map_err(|key| wrong(format!("/info/{key}"), "is unknown"))?;
        let extends = match document.remove("extends") {
            None => None,
            Some(Value::String(uri)) => Some(uri),
            Some(_) => return Err(wrong("/extends", "must be a URI")),
        };
        let actions = match document.remove("actions") {
            Some(Value::Array(actions)) if !actions.is_empty() => actions,
            _ => return Err(wrong("/actions", "must be a list of at least one action")),
        };
        only_extensions(&document).map_err(|key| {
            wrong(
                format!("/{key}"),
                "is unknown: use overlay, info, extends, actions or x-...",
            )
        })?;
        let actions = actions
            .into_iter()
            .enumerate()
            .map(|(index, action)| Action::from_value(index, action))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            title,
            version,
            extends,
            actions,
        })
    }

    /// Insists that every action has a `description`, an `x-reason` and an `x-source`.
    ///
    /// # Errors
    /// Names the first action that lacks one of them.
    pub fn require_reasons(&self) -> Result<(), OverlayError> {
        for action in &self.actions {
            for (field, text) in [
                ("description", &action.description),
                ("x-reason", &action.reason),
                ("x-source", &action.source),
            ] {
                if text.as_deref().is_none_or(|text| text.trim().is_empty()) {
                    return Err(OverlayError::Action {
                        action: action.label.clone(),
                        problem: format!(
                            "has no {field}; every deviation says what it does, why, and where that is known from"
                        ),
                    });
                }
            }
        }
        Ok(())
    }
}

impl Action {
    fn from_value(index: usize, value: Value) -> Result<Self, OverlayError> {
        let mut label = format!("action {index}");
        let bad = |label: &str, problem: String| OverlayError::Action {
            action: label.to_owned(),
            problem,
        };
        let Value::Object(mut fields) = value else {
            return Err(bad(&label, "must be an object".to_owned()));
        };
        let mut text = |label: &str, key: &str| match fields.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(bad(label, format!("{key} must be a string"))),
        };
        let description = text(&label, "description")?;
        if let Some(description) = &description {
            label = format!("action {index} ({description:?})");
        }
        let target = text(&label, "target")?.ok_or_else(|| {
            bad(
                &label,
                "has no target: say with a JSONPath what to change".to_owned(),
            )
        })?;
        let reason = text(&label, "x-reason")?;
        let source = text(&label, "x-source")?;
        if nesting(&target) > MAX_TARGET_NESTING {
            return Err(bad(
                &label,
                format!(
                    "target is nested deeper than {MAX_TARGET_NESTING} brackets; split the action"
                ),
            ));
        }
        let path = JsonPath::parse(&target).map_err(|e| {
            bad(
                &label,
                format!("target {target:?} is not a JSONPath (RFC 9535): {e}"),
            )
        })?;
        let remove = match fields.remove("remove") {
            None | Some(Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(other) => {
                return Err(bad(
                    &label,
                    format!("remove must be true or false, not {other}"),
                ));
            }
        };
        // The specification: update has no impact when remove is true.
        let change = match (remove, fields.remove("update")) {
            (true, _) => Change::Remove,
            (false, Some(update)) => Change::Update(update),
            (false, None) => {
                return Err(bad(
                    &label,
                    "does nothing: give it update, or remove: true".to_owned(),
                ));
            }
        };
        only_extensions(&fields).map_err(|key| {
            bad(
                &label,
                format!("{key} is unknown: use target, description, update, remove or x-..."),
            )
        })?;
        Ok(Self {
            target,
            path,
            description,
            reason,
            source,
            change,
            label,
        })
    }
}

fn wrong(place: impl Into<String>, problem: impl Into<String>) -> OverlayError {
    OverlayError::Document {
        place: place.into(),
        problem: problem.into(),
    }
}

fn required_string(map: &mut Map<String, Value>, key: &str) -> Result<String, OverlayError> {
    match map.remove(key) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(wrong(format!("/info/{key}"), "must be a string")),
        None => Err(wrong(format!("/info/{key}"), "is missing")),
    }
}

fn only_extensions(rest: &Map<String, Value>) -> Result<(), String> {
    match rest.keys().find(|key| !key.starts_with("x-")) {
        None => Ok(()),
        Some(key) => Err(key.clone()),
    }
}

/// How deep brackets are nested, without a look at quotes.
fn nesting(text: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}
