//! The rules about what is sent and what comes back.

use std::collections::BTreeSet;

use super::json_kind::JsonKind;
use super::operations::{CALLS, Pair};
use super::report::{additive, breaking, docs, none};
use super::types::wire_effect;
use super::view::{OperationView, View, type_name};
use crate::generate::ir::{Answer, Body};

impl Pair<'_> {
    pub(super) fn body(&mut self, old: Option<&Body>, new: Option<&Body>) {
        let show = |body: &Body| match body {
            Body::Bytes(media_type) => format!("bytes ({media_type})"),
            Body::Json(kind) => format!("`{}` as JSON", type_name(kind)),
        };
        match (old, new) {
            (None, None) => {}
            (None, Some(new)) => self.push(
                "body-added",
                format!("sends a body now: {}", show(new)),
                breaking("Every call needs one more argument."),
                breaking("Released clients do not send it."),
            ),
            (Some(old), None) => self.push(
                "body-removed",
                format!("no longer sends a body, formerly {}", show(old)),
                breaking(CALLS),
                breaking("Released clients send what the service no longer expects."),
            ),
            (Some(Body::Bytes(old)), Some(Body::Bytes(new))) => {
                if old != new {
                    self.push(
                        "body-media-type",
                        format!("bodies are {new}, formerly {old}"),
                        none(),
                        if covers(new, old) {
                            additive("The former type is still accepted.")
                        } else {
                            breaking("Released clients send the former type.")
                        },
                    );
                }
            }
            (Some(Body::Json(a)), Some(Body::Json(b))) => {
                let (old, new) = (type_name(a), type_name(b));
                if old != new {
                    let relation = JsonKind::of(&old, &self.old.types)
                        .relation(&JsonKind::of(&new, &self.new.types), self.renamed);
                    self.push(
                        "body-type",
                        format!("sends `{new}`, formerly `{old}`"),
                        breaking(CALLS),
                        wire_effect(relation, true, false),
                    );
                }
            }
            (Some(old), Some(new)) => self.push(
                "body-type",
                format!("sends {}, formerly {}", show(new), show(old)),
                breaking(CALLS),
                breaking("Released clients send the former body."),
            ),
        }
    }

    // --- what comes back ------------------------------------------------------------------

    pub(super) fn answer(&mut self, before: &OperationView, after: &OperationView) {
        let show = |answer: &Answer| match answer {
            Answer::Empty => "nothing".to_owned(),
            Answer::Bytes => "bytes".to_owned(),
            Answer::Json(kind) => format!("`{}`", type_name(kind)),
        };
        let (old, new) = (show(&before.ir.answer), show(&after.ir.answer));
        if old != new {
            let wire = match (&before.ir.answer, &after.ir.answer) {
                (Answer::Empty, _) => additive("Released clients ignore the body."),
                (Answer::Json(a), Answer::Json(b)) => {
                    let relation = JsonKind::of(&type_name(a), &self.old.types)
                        .relation(&JsonKind::of(&type_name(b), &self.new.types), self.renamed);
                    wire_effect(relation, false, true)
                }
                _ => breaking("Released clients cannot read the answer."),
            };
            self.push(
                "answer-type",
                format!("answers with {new}, formerly with {old}"),
                breaking("Programs that use the answer do not compile."),
                wire,
            );
        }
        if before.ir.accept != after.ir.accept {
            let types =
                |accept: &str| -> Vec<String> { accept.split(", ").map(str::to_owned).collect() };
            let accepted = types(&before.ir.accept);
            let all_known = types(&after.ir.accept)
                .iter()
                .all(|new| accepted.iter().any(|old| covers(old, new)));
            self.push(
                "answer-media-type",
                format!(
                    "asks for {}, formerly for {}",
                    after.ir.accept, before.ir.accept
                ),
                none(),
                if all_known {
                    additive("Released clients accept these too.")
                } else {
                    breaking("Released clients do not say that they accept the new type.")
                },
            );
        }
        self.statuses(&before.statuses, &after.statuses);
        if before.error != after.error {
            let show = |error: &Option<String>| {
                error
                    .as_ref()
                    .map_or("no JSON".to_owned(), |name| format!("`{name}`"))
            };
            let kind = |error: &Option<String>, view: &View| {
                error.as_ref().map(|name| JsonKind::of(name, &view.types))
            };
            let wire = match (kind(&before.error, self.old), kind(&after.error, self.new)) {
                (Some(a), Some(b)) => wire_effect(a.relation(&b, self.renamed), false, true),
                (None, _) => additive(""),
                (_, None) => {
                    breaking("Released clients look for a code that is no longer described.")
                }
            };
            self.push(
                "error-type",
                format!(
                    "errors are {}, formerly {}",
                    show(&after.error),
                    show(&before.error)
                ),
                none(),
                wire,
            );
        }
    }

    /// The clients take any 2XX for success and anything else for an error, so statuses matter to
    /// nobody's code; but the reader of a report should know them.
    fn statuses(&mut self, old: &BTreeSet<String>, new: &BTreeSet<String>) {
        let list = |statuses: Vec<&String>| -> String {
            statuses.into_iter().cloned().collect::<Vec<_>>().join(", ")
        };
        let (gone, fresh): (Vec<_>, Vec<_>) =
            (old.difference(new).collect(), new.difference(old).collect());
        if gone.is_empty() && fresh.is_empty() {
            return;
        }
        let effect = if fresh.is_empty() {
            docs()
        } else {
            additive("The clients take any 2XX for success and the rest for errors.")
        };
        let what = match (list(gone), list(fresh)) {
            (gone, fresh) if gone.is_empty() => format!("is described to answer {fresh} too"),
            (gone, fresh) if fresh.is_empty() => format!("is no longer described to answer {gone}"),
            (gone, fresh) => format!("is described to answer {fresh}, formerly {gone}"),
        };
        self.push("statuses", what, none(), effect);
    }

    // --- who may, and what is said about it -----------------------------------------------
}

/// Whether media type `wide` takes in `narrow`: `image/*` takes in `image/png`.
fn covers(wide: &str, narrow: &str) -> bool {
    wide == narrow
        || wide == "*/*"
        || wide
            .strip_suffix('*')
            .is_some_and(|family| family.ends_with('/') && narrow.starts_with(family))
}
