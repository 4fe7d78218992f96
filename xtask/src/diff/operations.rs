//! The rules about operations.

use std::collections::BTreeMap;

use super::report::{Change, Effect, Place, additive, breaking, docs, none};
use super::types::Renamed;
use super::view::{OperationView, View};
use crate::generate::ir::Operation;

pub(super) const CALLS: &str = "Calls of the method do not compile.";

/// Compares all operations, and where they are served.
pub fn compare(old: &View, new: &View, renamed: &Renamed, changes: &mut Vec<Change>) {
    if old.server != new.server {
        let show = |server: &Option<String>| server.clone().unwrap_or_else(|| "nowhere".to_owned());
        changes.push(Change {
            place: Place::Api,
            rule: "server",
            what: format!(
                "the API is served at {}, formerly at {}",
                show(&new.server),
                show(&old.server)
            ),
            old: None,
            new: None,
            rust: none(),
            wire: breaking("Released clients ask the former place."),
        });
    }
    let renames = renamed_operations(old, new);
    for (name, before) in &old.operations {
        let name_now = renames.get(name).unwrap_or(name);
        if name_now != name {
            changes.push(change(
                name,
                "operation-renamed",
                format!("is now called `{name_now}`"),
                breaking(CALLS),
                none(),
            ));
        }
        match new.operations.get(name_now) {
            Some(after) => Pair {
                name: name_now,
                old,
                new,
                renamed,
                changes,
            }
            .all(before, after),
            None => changes.push(change(
                name,
                "operation-removed",
                format!("is gone ({})", request_line(&before.ir)),
                breaking(CALLS),
                breaking("The description no longer offers it."),
            )),
        }
    }
    for (name, after) in &new.operations {
        if !old.operations.contains_key(name) && !renames.values().any(|now| now == name) {
            changes.push(change(
                name,
                "operation-added",
                format!("is new ({})", request_line(&after.ir)),
                additive(""),
                additive(""),
            ));
        }
    }
}

/// Operations that are gone while another name now stands for the same request.
fn renamed_operations(old: &View, new: &View) -> BTreeMap<String, String> {
    let mut renames = BTreeMap::new();
    for (name, before) in &old.operations {
        if new.operations.contains_key(name) {
            continue;
        }
        let same = new.operations.iter().find(|(now, after)| {
            !old.operations.contains_key(*now) && target(&after.ir) == target(&before.ir)
        });
        if let Some((now, _)) = same {
            renames.insert(name.clone(), now.clone());
        }
    }
    renames
}

fn request_line(operation: &Operation) -> String {
    format!("`{} {}`", operation.method.to_uppercase(), operation.path)
}

/// Method and path; the names of path parameters do not travel.
fn target(operation: &Operation) -> (String, String) {
    (operation.method.clone(), operation.path_format())
}

fn change(name: &str, rule: &'static str, what: String, rust: Effect, wire: Effect) -> Change {
    Change {
        place: Place::Operation(name.to_owned()),
        rule,
        what,
        old: None,
        new: None,
        rust,
        wire,
    }
}

/// The comparison of one operation that is in both specs.
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    pub(super) old: &'a View,
    pub(super) new: &'a View,
    pub(super) renamed: &'a Renamed,
    pub(super) changes: &'a mut Vec<Change>,
}

impl Pair<'_> {
    fn all(&mut self, before: &OperationView, after: &OperationView) {
        if target(&before.ir) != target(&after.ir) {
            self.push(
                "request-line",
                format!(
                    "sends {}, formerly {}",
                    request_line(&after.ir),
                    request_line(&before.ir)
                ),
                none(),
                breaking("Released clients send the former request."),
            );
        }
        self.parameters(&before.ir, &after.ir);
        self.body(before.ir.body.as_ref(), after.ir.body.as_ref());
        self.answer(before, after);
        self.permissions(
            before.ir.docs.permissions.as_ref(),
            after.ir.docs.permissions.as_ref(),
        );
        self.documentation(&before.ir, &after.ir);
    }

    pub(super) fn push(&mut self, rule: &'static str, what: String, rust: Effect, wire: Effect) {
        self.changes.push(change(self.name, rule, what, rust, wire));
    }

    pub(super) fn reworded(&mut self, what: &str, old: &str, new: &str) {
        if old != new {
            self.changes.push(Change {
                old: Some(old.to_owned()),
                new: Some(new.to_owned()),
                ..change(self.name, "docs", what.to_owned(), docs(), none())
            });
        }
    }

    // --- what is sent ---------------------------------------------------------------------

    fn documentation(&mut self, old: &Operation, new: &Operation) {
        let (a, b) = (&old.docs, &new.docs);
        self.reworded("the summary is reworded", &a.summary, &b.summary);
        self.reworded(
            "the description is reworded",
            &a.description,
            &b.description,
        );
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        self.reworded(
            "points to another page of Microsoft's",
            &text(&a.url),
            &text(&b.url),
        );
        self.microsoft_id(&text(&a.microsoft_id), &text(&b.microsoft_id));
        self.listed("limit", &a.notes, &b.notes);
        let errors = |operation: &Operation| -> Vec<String> {
            let known = operation.docs.errors.iter();
            known
                .map(|error| {
                    let status = error
                        .status
                        .as_str()
                        .map_or_else(|| error.status.to_string(), str::to_owned);
                    format!("{status} {}: {}", error.code, error.meaning)
                })
                .collect()
        };
        self.listed("known error", &errors(old), &errors(new));
    }

    /// Microsoft's own name, which leads to its reference; empty if its document lacks the operation.
    fn microsoft_id(&mut self, old: &str, new: &str) {
        let what = match (old, new) {
            (old, new) if old == new => return,
            ("", _) => "is in Microsoft's document now, under the name below",
            (_, "") => {
                "is no longer in Microsoft's document under the name below; the clients keep offering it"
            }
            _ => "has another name in Microsoft's document",
        };
        self.changes.push(Change {
            old: Some(old.to_owned()),
            new: Some(new.to_owned()),
            ..change(self.name, "microsoft-id", what.to_owned(), docs(), none())
        });
    }

    pub(super) fn listed(&mut self, kind: &str, old: &[String], new: &[String]) {
        let missing = |from: &[String], other: &[String]| -> Vec<String> {
            from.iter()
                .filter(|entry| !other.contains(entry))
                .cloned()
                .collect()
        };
        for gone in missing(old, new) {
            self.push(
                "docs",
                format!("no longer documents the {kind} \"{gone}\""),
                docs(),
                none(),
            );
        }
        for fresh in missing(new, old) {
            self.push(
                "docs",
                format!("documents the {kind} \"{fresh}\""),
                docs(),
                none(),
            );
        }
    }
}
