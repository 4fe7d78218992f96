//! A document with one place changed into something else.

use serde_json::{Value, json};

/// A generator of numbers (xorshift64), so that a failure can be repeated.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    /// A number below `limit`, which may be 0 for 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Every place of a document, as a JSON pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                places(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Changes one place: removes it, or puts something else there, or a copy of another place. Says
/// what it did.
pub(crate) fn mutate(spec: &mut Value, numbers: &mut Numbers) -> String {
    let mut all = Vec::new();
    places(spec, "", &mut all);
    let place = all[1 + numbers.below(all.len() - 1)].clone();
    let other = spec
        .pointer(&all[numbers.below(all.len())])
        .unwrap()
        .clone();
    let replacements = [
        Value::Null,
        json!(""),
        json!(true),
        json!(7),
        json!([]),
        json!({}),
        json!("type"),
        json!({ "type": "string", "enum": ["", "a", "A", "1", "\u{e9}", "self"] }),
        json!({ "type": "array", "items": { "type": "array", "items": {} } }),
        json!({ "type": "object", "properties": { "x y": { "type": "integer" } } }),
        json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] }),
        other,
    ];
    let choice = numbers.below(replacements.len() + 3);
    if let Some(replacement) = replacements.get(choice) {
        *spec.pointer_mut(&place).unwrap() = replacement.clone();
        return format!("{place} = {replacement}");
    }
    let (parent, key) = place.rsplit_once('/').unwrap();
    match spec.pointer_mut(parent).unwrap() {
        Value::Object(members) => {
            members.remove(&key.replace("~1", "/").replace("~0", "~"));
        }
        Value::Array(items) => {
            items.remove(key.parse().unwrap());
        }
        _ => {}
    }
    format!("{place} removed")
}
