//! The rules about parameters.

use super::json_kind::JsonKind;
use super::operations::{CALLS, Pair};
use super::report::{additive, breaking, docs, none};
use super::types::wire_effect;
use super::view::spell;
use crate::generate::ir::{Operation, Parameter};

impl Pair<'_> {
    pub(super) fn parameters(&mut self, old: &Operation, new: &Operation) {
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
}
