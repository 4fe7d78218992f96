//! Changes that are told in one go: the same thing happened to several operations or types.

use super::report::{Change, Place};

/// Changes that differ in nothing but the operation or type, and in what was and is there; in the
/// order of the first of each.
pub(super) fn grouped<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<Vec<&'a Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        let same = |other: &Change| {
            std::mem::discriminant(&other.place) == std::mem::discriminant(&change.place)
                && (other.rule, &other.what, &other.rust, &other.wire)
                    == (change.rule, &change.what, &change.rust, &change.wire)
        };
        match groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| same(first)))
        {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

/// Whether what was and is there is the same for all of a group, so that nothing is left to list.
pub(super) fn are_alike(group: &[&Change]) -> bool {
    let first = group.first().map(|first| (&first.old, &first.new));
    group
        .iter()
        .all(|change| Some((&change.old, &change.new)) == first)
}

/// What a group is about: `The API`, `Operation`, `12 operations`.
pub(super) fn kind(group: &[&Change]) -> String {
    let (one, many) = match group.first().map(|first| &first.place) {
        None | Some(Place::Api) => return "The API".to_owned(),
        Some(Place::Operation(_)) => ("Operation", "operations"),
        Some(Place::Type(_)) => ("Type", "types"),
    };
    match group.len() {
        1 => one.to_owned(),
        count => format!("{count} {many}"),
    }
}

/// The names of a group's operations or types.
pub(super) fn names(group: &[&Change]) -> String {
    let names: Vec<String> = group.iter().map(|change| name(change)).collect();
    names.join(", ")
}

/// The operation or type that changed, as code; nothing for the API as a whole.
pub(super) fn name(change: &Change) -> String {
    match &change.place {
        Place::Api => String::new(),
        Place::Operation(name) | Place::Type(name) => format!("`{name}`"),
    }
}
