//! `$filter` and `$orderby` on the list of sizes, and how options are written that are lists.
//!
//! Microsoft's OpenAPI declares both for `/photos`; nobody has reported what
//! the service makes of them. This is the part of OData that three properties
//! need: comparisons, joined by `and` and `or`.

use std::cmp::Ordering;

use crate::errors::{Refusal, shorten};
use crate::photo::Size;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Property {
    Id,
    Height,
    Width,
}

impl Property {
    fn named(name: &str) -> Option<Property> {
        match name.to_ascii_lowercase().as_str() {
            "id" => Some(Property::Id),
            "height" => Some(Property::Height),
            "width" => Some(Property::Width),
            _ => None,
        }
    }

    fn compare(self, a: Size, b: Size) -> Ordering {
        match self {
            Property::Id => id(a).cmp(&id(b)),
            Property::Height => a.height.cmp(&b.height),
            Property::Width => a.width.cmp(&b.width),
        }
    }
}

fn id(size: Size) -> String {
    format!("{}x{}", size.width, size.height)
}

/// The items of an option: `$select=` has none; one of `id,` that is empty is left for the option to refuse.
pub(crate) fn list(value: &str) -> impl Iterator<Item = &str> {
    let items = (!value.is_empty()).then(|| value.split(','));
    items
        .into_iter()
        .flatten()
        .map(|item| item.trim_matches(SPACE))
}

/// What OData lets stand between words (its ABNF: SP and HTAB); other white space is a mistake.
const SPACE: [char; 2] = [' ', '\t'];

/// Sorts as `$orderby` says: `width desc`, or several, separated by commas.
pub(crate) fn order(sizes: &mut [Size], by: &str) -> Result<(), Refusal> {
    let mut keys: Vec<(Property, bool)> = Vec::new();
    for part in list(by) {
        let mut words = part.split(SPACE).filter(|word| !word.is_empty());
        let property = words.next().and_then(Property::named);
        let descending = match words.next() {
            None | Some("asc") => Some(false),
            Some("desc") => Some(true),
            Some(_) => None,
        };
        match (property, descending, words.next()) {
            (Some(property), Some(descending), None)
                if keys.iter().all(|(known, _)| *known != property) =>
            {
                keys.push((property, descending));
            }
            _ => {
                return Err(Refusal::bad_request(format!(
                    "Invalid orderby clause '{}': expected id, height or width, each once, with asc or desc.",
                    shorten(part)
                )));
            }
        }
    }
    sizes.sort_by(|a, b| {
        keys.iter()
            .map(|(property, descending)| {
                let order = property.compare(*a, *b);
                if *descending { order.reverse() } else { order }
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Ok(())
}

/// Whether a size is one that `$filter` asks for. `and` binds before `or`.
pub(crate) fn accepts(filter: &str, size: Size) -> Result<bool, Refusal> {
    let mut accepted = false;
    for alternative in split_words(filter, "or") {
        let mut all = true;
        for comparison in split_words(&alternative, "and") {
            all &= compare(&comparison, size)?;
        }
        accepted |= all;
    }
    Ok(accepted)
}

/// Splits at a word that stands by itself.
fn split_words(text: &str, at: &str) -> Vec<String> {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .split(|word| *word == at)
        .map(|words| words.join(" "))
        .collect()
}

fn compare(comparison: &str, size: Size) -> Result<bool, Refusal> {
    let words: Vec<&str> = comparison.split(' ').collect();
    let evaluated = match words[..] {
        [name, operator, value] => Property::named(name).and_then(|property| {
            let order = match property {
                Property::Id => {
                    let text = value.strip_prefix('\'')?.strip_suffix('\'')?;
                    id(size).cmp(&text.to_ascii_lowercase())
                }
                Property::Height => size.height.cmp(&value.parse().ok()?),
                Property::Width => size.width.cmp(&value.parse().ok()?),
            };
            match operator {
                "eq" => Some(order.is_eq()),
                "ne" => Some(order.is_ne()),
                "gt" => Some(order.is_gt()),
                "ge" => Some(order.is_ge()),
                "lt" => Some(order.is_lt()),
                "le" => Some(order.is_le()),
                _ => None,
            }
        }),
        _ => None,
    };
    evaluated.ok_or_else(|| {
        Refusal::bad_request(format!(
            "Invalid filter clause '{}': the emulator knows comparisons of id, height and width, joined by and and or.",
            shorten(comparison)
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes() -> Vec<Size> {
        [48, 96, 120, 240]
            .map(|side| Size {
                width: side,
                height: side,
            })
            .to_vec()
    }

    fn filtered(filter: &str) -> Result<Vec<u32>, String> {
        let mut kept = Vec::new();
        for size in sizes() {
            if accepts(filter, size).map_err(|r| r.message.into_owned())? {
                kept.push(size.width);
            }
        }
        Ok(kept)
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(id|width|height|eq|or|and|'|[0-9]| |\\PC){0,12}") {
            let _ = filtered(&text);
            let _ = order(&mut sizes(), &text);
        }
    }

    #[test]
    fn comparisons_are_joined() {
        assert_eq!(filtered("width ge 96"), Ok(vec![96, 120, 240]));
        assert_eq!(filtered("width gt 48 and height lt 240"), Ok(vec![96, 120]));
        assert_eq!(filtered("id eq '48X48' or width eq 240"), Ok(vec![48, 240]));
        for wrong in [
            "",
            "width",
            "width like 4",
            "colour eq 1",
            "width eq x",
            "id eq 48x48",
        ] {
            assert!(filtered(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn orders_are_followed() {
        let ordered = |by: &str| {
            let mut sizes = sizes();
            order(&mut sizes, by).map(|()| sizes.iter().map(|s| s.width).collect::<Vec<_>>())
        };
        assert_eq!(ordered("width desc"), Ok(vec![240, 120, 96, 48]));
        // Ids are texts: "120x120" comes before "48x48".
        assert_eq!(ordered("id,width desc"), Ok(vec![120, 240, 48, 96]));
        assert!(ordered("width,width desc").is_err());
        assert!(ordered("colour").is_err());
        assert!(ordered("width sideways").is_err());
    }
}
