//! The rules about operations.

use std::collections::{BTreeMap, BTreeSet};

use super::json_kind::JsonKind;
use super::report::{Change, Effect, Place, additive, breaking, docs, none};
use super::types::{Renamed, wire_effect};
use super::view::{OperationView, View, spell, type_name};
use crate::generate::ir::{Answer, Body, Grant, Operation, Parameter, Permissions};

const CALLS: &str = "Calls of the method do not compile.";

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
struct Pair<'a> {
    name: &'a str,
    old: &'a View,
    new: &'a View,
    renamed: &'a Renamed,
    changes: &'a mut Vec<Change>,
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

    fn push(&mut self, rule: &'static str, what: String, rust: Effect, wire: Effect) {
        self.changes.push(change(self.name, rule, what, rust, wire));
    }

    fn reworded(&mut self, what: &str, old: &str, new: &str) {
        if old != new {
            self.changes.push(Change {
                old: Some(old.to_owned()),
                new: Some(new.to_owned()),
                ..change(self.name, "docs", what.to_owned(), docs(), none())
            });
        }
    }

    // --- what is sent ---------------------------------------------------------------------

    fn parameters(&mut self, old: &Operation, new: &Operation) {
        // Path parameters are known by their place, for their names do not travel.
        if old.path_parameters.len() == new.path_parameters.len() {
            for (before, after) in old.path_parameters.iter().zip(&new.path_parameters) {
                if before.wire != after.wire {
                    self.push(
                        "argument-renamed",
                        format!(
                            "argument `{}` is called `{}` now",
                            before.ident, after.ident
                        ),
                        docs(),
                        none(),
                    );
                }
                self.parameter(before, after);
            }
        } else {
            self.some("path", &old.path_parameters, &new.path_parameters);
        }
        self.some("query", &old.query_parameters, &new.query_parameters);
        self.some("header", &old.header_parameters, &new.header_parameters);

        let order = |one: &Operation, other: &Operation| -> Vec<String> {
            let names = |operation: &Operation| -> Vec<String> {
                let optional = operation
                    .query_parameters
                    .iter()
                    .chain(&operation.header_parameters);
                optional.map(|parameter| parameter.wire.clone()).collect()
            };
            let other = names(other);
            names(one)
                .into_iter()
                .filter(|name| other.contains(name))
                .collect()
        };
        let (before, after) = (order(old, new), order(new, old));
        if before != after {
            self.push(
                "arguments-reordered",
                format!(
                    "takes its arguments in the order {}, formerly {}",
                    after.join(", "),
                    before.join(", ")
                ),
                breaking(
                    "Calls do not compile or, where the types are equal, mean something else.",
                ),
                none(),
            );
        }
    }

    fn some(&mut self, place: &str, old: &[Parameter], new: &[Parameter]) {
        for before in old {
            match new.iter().find(|after| after.wire == before.wire) {
                Some(after) => self.parameter(before, after),
                None => self.push(
                    "parameter-removed",
                    format!("{place} parameter `{}` is gone", before.wire),
                    breaking(CALLS),
                    breaking("Released clients may send what the service no longer knows."),
                ),
            }
        }
        for after in new {
            if old.iter().any(|before| before.wire == after.wire) {
                continue;
            }
            let (kind, wire) = if after.required {
                ("required", breaking("Released clients do not send it."))
            } else {
                ("optional", additive("Released clients do without it."))
            };
            self.push(
                "parameter-added",
                format!("has a new {kind} {place} parameter `{}`", after.wire),
                breaking("Arguments have places, so every call needs one more."),
                wire,
            );
        }
    }

    fn parameter(&mut self, before: &Parameter, after: &Parameter) {
        let wire = &after.wire;
        if before.required != after.required {
            let (now, effect) = if after.required {
                ("required", breaking("Released clients may leave it out."))
            } else {
                ("optional", additive("It may be left out."))
            };
            self.push(
                "parameter-requiredness",
                format!("parameter `{wire}` is {now} now"),
                breaking(CALLS),
                effect,
            );
        }
        let value = |parameter: &Parameter| -> String {
            let required = Parameter {
                required: true,
                ..parameter.clone()
            };
            spell(&required.rust_type())
        };
        let (old, new) = (value(before), value(after));
        if old != new {
            let relation = JsonKind::of(&old, &self.old.types)
                .relation(&JsonKind::of(&new, &self.new.types), self.renamed);
            self.push(
                "parameter-type",
                format!("parameter `{wire}` is `{new}` now, formerly `{old}`"),
                breaking(CALLS),
                wire_effect(relation, true, false),
            );
        }
        self.reworded(
            &format!("the documentation of parameter `{wire}` is reworded"),
            &before.description,
            &after.description,
        );
    }

    fn body(&mut self, old: Option<&Body>, new: Option<&Body>) {
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

    fn answer(&mut self, before: &OperationView, after: &OperationView) {
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

    fn permissions(&mut self, old: Option<&Permissions>, new: Option<&Permissions>) {
        let (old, new) = match (old, new) {
            (None, None) => return,
            (None, Some(_)) => {
                return self.push(
                    "permissions-described",
                    "says now which permissions it needs".to_owned(),
                    docs(),
                    none(),
                );
            }
            (Some(_), None) => {
                return self.push(
                    "permissions-described",
                    "no longer says which permissions it needs".to_owned(),
                    docs(),
                    none(),
                );
            }
            (Some(old), Some(new)) => (old, new),
        };
        for (account, old, new) in [
            (
                "work or school accounts",
                &old.delegated_work,
                &new.delegated_work,
            ),
            (
                "personal accounts",
                &old.delegated_personal,
                &new.delegated_personal,
            ),
            ("applications", &old.application, &new.application),
        ] {
            self.grant(account, old.as_ref(), new.as_ref());
        }
    }

    fn grant(&mut self, account: &str, old: Option<&Grant>, new: Option<&Grant>) {
        fn code(names: &[String]) -> String {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(" and ")
            }
        }
        let (old, new) = match (old, new) {
            (None, None) => return,
            (None, Some(new)) => {
                return self.push(
                    "account-supported",
                    format!("works for {account} now, with {}", code(&new.least)),
                    docs(),
                    additive(""),
                );
            }
            (Some(_), None) => {
                return self.push(
                    "account-unsupported",
                    format!("is not supported for {account} any more"),
                    docs(),
                    breaking("Calls with such a token are refused."),
                );
            }
            (Some(old), Some(new)) => (old, new),
        };
        let enough = |grant: &Grant| -> BTreeSet<String> {
            grant.least.iter().chain(&grant.higher).cloned().collect()
        };
        let (before, after) = (enough(old), enough(new));
        let lost: Vec<String> = before.difference(&after).cloned().collect();
        let gained: Vec<String> = after.difference(&before).cloned().collect();
        if !lost.is_empty() {
            self.push(
                "permission-removed",
                format!("{} is no longer enough for {account}", code(&lost)),
                docs(),
                breaking("Tokens that have only this are refused."),
            );
        }
        if !gained.is_empty() {
            self.push(
                "permission-added",
                format!("{} is enough for {account} now", code(&gained)),
                docs(),
                additive(""),
            );
        }
        if old.least != new.least {
            self.push(
                "permission-least",
                format!(
                    "the least privileged permission for {account} is {}, formerly {}",
                    code(&new.least),
                    code(&old.least)
                ),
                docs(),
                none(),
            );
        }
    }

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

    fn listed(&mut self, kind: &str, old: &[String], new: &[String]) {
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

/// Whether media type `wide` takes in `narrow`: `image/*` takes in `image/png`.
fn covers(wide: &str, narrow: &str) -> bool {
    wide == narrow
        || wide == "*/*"
        || wide
            .strip_suffix('*')
            .is_some_and(|family| family.ends_with('/') && narrow.starts_with(family))
}
