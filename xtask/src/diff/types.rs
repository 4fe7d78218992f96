//! The rules about types.
//!
//! Generated structs and enums are `#[non_exhaustive]`: nobody outside the model crate builds one
//! with a literal or matches one without a wildcard, so further fields and values are additive in
//! Rust. On the wire they are not always: a released client refuses an answer with a value of an
//! enum that it does not know.

use std::collections::{BTreeMap, BTreeSet};

use super::json_kind::{JsonKind, Relation};
use super::report::{Change, Effect, Place, additive, breaking, docs, none};
use super::view::{Field, Shape, TypeView, Variant, View};

/// Old names of types to their new ones.
pub type Renamed = BTreeMap<String, String>;

/// Compares all types; returns those that only changed their name.
pub fn compare(old: &View, new: &View, changes: &mut Vec<Change>) -> Renamed {
    let renamed = renamed(old, new);
    for (name, before) in &old.types {
        if let Some(name_now) = renamed.get(name) {
            changes.push(change(
                name,
                "type-renamed",
                format!("is now called `{name_now}`"),
                breaking("Programs that name the type do not compile."),
                none(),
            ));
        } else if let Some(after) = new.types.get(name) {
            Types {
                name,
                old,
                new,
                renamed: &renamed,
                changes,
            }
            .one(before, after);
        } else {
            changes.push(change(
                name,
                "type-removed",
                "is gone".to_owned(),
                breaking("Programs that name the type do not compile."),
                none(),
            ));
        }
    }
    for name in new.types.keys() {
        if !old.types.contains_key(name) && !renamed.values().any(|new| new == name) {
            changes.push(change(
                name,
                "type-added",
                "is new".to_owned(),
                additive(""),
                none(),
            ));
        }
    }
    renamed
}

/// Types that are gone, and have a double under a new name and no other.
fn renamed(old: &View, new: &View) -> Renamed {
    fn bare(shape: &Shape) -> Shape {
        let mut shape = shape.clone();
        match &mut shape {
            Shape::Struct(fields) => fields.values_mut().for_each(|field| field.docs.clear()),
            Shape::Enum(values) => values.values_mut().for_each(|value| value.docs.clear()),
            Shape::Wrapper(_) => {}
        }
        shape
    }
    let only_in = |one: &View, other: &View| -> Vec<(String, Shape)> {
        one.types
            .iter()
            .filter(|(name, _)| !other.types.contains_key(*name))
            .map(|(name, view)| (name.clone(), bare(&view.shape)))
            .filter(|(_, shape)| match shape {
                Shape::Struct(members) => !members.is_empty(),
                Shape::Enum(members) => !members.is_empty(),
                Shape::Wrapper(_) => false,
            })
            .collect()
    };
    let (gone, fresh) = (only_in(old, new), only_in(new, old));
    gone.iter()
        .filter_map(|(name, shape)| {
            let twin = |others: &[(String, Shape)]| -> Option<String> {
                let mut equal = others.iter().filter(|(_, other)| other == shape);
                let (name, _) = equal.next()?;
                equal.next().is_none().then(|| name.clone())
            };
            twin(&gone)?;
            Some((name.clone(), twin(&fresh)?))
        })
        .collect()
}

fn change(name: &str, rule: &'static str, what: String, rust: Effect, wire: Effect) -> Change {
    Change {
        place: Place::Type(name.to_owned()),
        rule,
        what,
        old: None,
        new: None,
        rust,
        wire,
    }
}

/// What a change of the values that a place can hold does on the wire.
#[must_use]
pub fn wire_effect(relation: Relation, sent: bool, received: bool) -> Effect {
    match relation {
        Relation::Same => none(),
        Relation::Widened if received => breaking(
            "Answers may hold values that released clients do not expect and refuse to read.",
        ),
        Relation::Widened => additive("The service takes more than before."),
        Relation::Narrowed if sent => {
            breaking("The service takes less than before: what was accepted may be refused.")
        }
        Relation::Narrowed => additive("The service answers with less variety than before."),
        Relation::Other if sent || received => {
            breaking("Released clients and the service no longer mean the same JSON.")
        }
        Relation::Other => none(),
    }
}

/// The comparison of one type that is in both specs.
struct Types<'a> {
    name: &'a str,
    old: &'a View,
    new: &'a View,
    renamed: &'a Renamed,
    changes: &'a mut Vec<Change>,
}

impl Types<'_> {
    fn one(&mut self, before: &TypeView, after: &TypeView) {
        match (&before.shape, &after.shape) {
            (Shape::Struct(old), Shape::Struct(new)) => self.fields(old, new),
            (Shape::Enum(old), Shape::Enum(new)) => self.values(old, new),
            (Shape::Wrapper(old), Shape::Wrapper(new)) if old == new => {}
            (Shape::Wrapper(old), Shape::Wrapper(new)) => {
                let wire = self.wire_of(old, new);
                self.push(
                    "type-changed",
                    format!("stands for `{new}`, formerly for `{old}`"),
                    breaking("Programs that use what is inside do not compile."),
                    wire,
                );
            }
            (old, new) => {
                let wire = wire_effect(Relation::Other, self.sent(), self.received());
                self.push(
                    "type-changed",
                    format!("is {} now, formerly {}", kind(new), kind(old)),
                    breaking("Programs that use what is inside do not compile."),
                    wire,
                );
            }
        }
        self.traits(&before.traits, &after.traits);
        self.reworded("the type", &before.docs, &after.docs);
    }

    fn sent(&self) -> bool {
        self.old.is_sent(self.name) || self.new.is_sent(self.name)
    }

    fn received(&self) -> bool {
        self.old.is_received(self.name) || self.new.is_received(self.name)
    }

    fn wire_of(&self, old: &str, new: &str) -> Effect {
        let relation = JsonKind::of(old, &self.old.types)
            .relation(&JsonKind::of(new, &self.new.types), self.renamed);
        wire_effect(relation, self.sent(), self.received())
    }

    fn push(&mut self, rule: &'static str, what: String, rust: Effect, wire: Effect) {
        self.changes.push(change(self.name, rule, what, rust, wire));
    }

    fn fields(&mut self, old: &BTreeMap<String, Field>, new: &BTreeMap<String, Field>) {
        for (wire, before) in old {
            match new.get(wire) {
                Some(after) => self.field(wire, before, after),
                None => self.push(
                    "field-removed",
                    format!("property `{wire}` is gone"),
                    breaking(&format!("Programs that use the field `{}` do not compile.", before.ident)),
                    breaking("Released clients miss it in answers, or send it to a service that no longer knows it."),
                ),
            }
        }
        for (wire, after) in new {
            if old.contains_key(wire) {
                continue;
            }
            let needed = after.required && self.sent();
            self.push(
                "field-added",
                format!(
                    "has a new property `{wire}`, the field `{}: {}`{}",
                    after.ident,
                    after.rust,
                    if after.required {
                        ", which is required"
                    } else {
                        ""
                    }
                ),
                additive(""),
                if needed {
                    breaking("Released clients do not send what is now required.")
                } else {
                    additive("Released clients ignore it.")
                },
            );
        }
    }

    fn field(&mut self, wire: &str, before: &Field, after: &Field) {
        if before.ident != after.ident {
            self.push(
                "field-renamed",
                format!(
                    "property `{wire}` is the field `{}`, formerly `{}`",
                    after.ident, before.ident
                ),
                breaking("Programs that use the field do not compile."),
                none(),
            );
        }
        let types_differ = self.after_renames(&before.rust) != after.rust;
        if before.required != after.required {
            let rust = if types_differ {
                breaking(&format!(
                    "The field `{}` is `{}`, formerly `{}`.",
                    after.ident, after.rust, before.rust
                ))
            } else {
                none()
            };
            let (what, wire_effect) = if after.required {
                (
                    "required",
                    if self.sent() {
                        breaking("Released clients may leave it out, which is no longer accepted.")
                    } else {
                        additive("Answers always hold it.")
                    },
                )
            } else {
                (
                    "optional",
                    if self.received() {
                        breaking("Released clients refuse an answer without it.")
                    } else {
                        additive("It may be left out.")
                    },
                )
            };
            self.push(
                "field-requiredness",
                format!("property `{wire}` is {what} now"),
                rust,
                wire_effect,
            );
        }
        let value = |rust: &str| -> String {
            let inner = rust
                .strip_prefix("Option<")
                .and_then(|rest| rest.strip_suffix('>'));
            inner.unwrap_or(rust).to_owned()
        };
        let (old, new) = (value(&before.rust), value(&after.rust));
        if self.after_renames(&old) != new {
            let wire_effect = self.wire_of(&old, &new);
            self.push(
                "field-type",
                format!("property `{wire}` is `{new}` now, formerly `{old}`"),
                breaking("Programs that use the field do not compile."),
                wire_effect,
            );
        }
        self.reworded(&format!("property `{wire}`"), &before.docs, &after.docs);
    }

    /// A Rust type of the old spec in the names of the new one.
    fn after_renames(&self, rust: &str) -> String {
        let mut result = String::new();
        let mut word = String::new();
        for character in rust.chars().chain(std::iter::once(' ')) {
            if character.is_alphanumeric() || character == '_' {
                word.push(character);
            } else {
                result.push_str(self.renamed.get(&word).unwrap_or(&word));
                word.clear();
                result.push(character);
            }
        }
        result.pop();
        result
    }

    fn values(&mut self, old: &BTreeMap<String, Variant>, new: &BTreeMap<String, Variant>) {
        for (value, before) in old {
            let Some(after) = new.get(value) else {
                let wire = wire_effect(Relation::Narrowed, self.sent(), self.received());
                self.push(
                    "value-removed",
                    format!("value `{value}` is gone"),
                    breaking(&format!(
                        "Programs that name `{}` do not compile.",
                        before.ident
                    )),
                    wire,
                );
                continue;
            };
            if before.ident != after.ident {
                self.push(
                    "value-renamed",
                    format!(
                        "value `{value}` is the variant `{}`, formerly `{}`",
                        after.ident, before.ident
                    ),
                    breaking("Programs that name the variant do not compile."),
                    none(),
                );
            }
            if before.holds != after.holds {
                let wire = wire_effect(Relation::Other, self.sent(), self.received());
                self.push(
                    "value-type",
                    format!(
                        "variant `{}` holds `{}` now, formerly `{}`",
                        after.ident, after.holds, before.holds
                    ),
                    breaking("Programs that use what it holds do not compile."),
                    wire,
                );
            }
            self.reworded(&format!("value `{value}`"), &before.docs, &after.docs);
        }
        for (value, after) in new {
            if !old.contains_key(value) {
                let wire = wire_effect(Relation::Widened, self.sent(), self.received());
                self.push(
                    "value-added",
                    format!("has a new value `{value}`, the variant `{}`", after.ident),
                    additive("Matches have a wildcard, because the enum is non-exhaustive."),
                    wire,
                );
            }
        }
    }

    fn traits(&mut self, old: &BTreeSet<String>, new: &BTreeSet<String>) {
        for name in old.difference(new) {
            self.push(
                "trait-removed",
                format!("no longer implements `{name}`"),
                breaking("Programs that rely on it do not compile."),
                none(),
            );
        }
        for name in new.difference(old) {
            self.push(
                "trait-added",
                format!("implements `{name}` now"),
                additive(""),
                none(),
            );
        }
    }

    fn reworded(&mut self, what: &str, old: &str, new: &str) {
        if old != new {
            self.changes.push(Change {
                old: Some(old.to_owned()),
                new: Some(new.to_owned()),
                ..change(
                    self.name,
                    "docs",
                    format!("the documentation of {what} is reworded"),
                    docs(),
                    none(),
                )
            });
        }
    }
}

fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::Struct(_) => "a struct",
        Shape::Enum(_) => "an enum",
        Shape::Wrapper(_) => "a wrapper of another type",
    }
}
