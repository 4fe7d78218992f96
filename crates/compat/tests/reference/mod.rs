//! The translation to Graph's spelling once more, the plain way: over a tree of `serde_json::Value`.
//!
//! Tests compare the streaming translator with it, the benchmark measures against it. It knows photos and collections
//! on the worldwide host; errors and answers to batches are left out.

use serde_json::{Map, Value};

/// Translates a tree.
pub(crate) fn to_graph(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(to_graph).collect()),
        Value::Object(members) => Value::Object(object(members)),
        other => other,
    }
}

fn object(members: Map<String, Value>) -> Map<String, Value> {
    members
        .into_iter()
        .map(|(name, value)| match name.as_str() {
            "Id" => ("id".to_owned(), photo_size(value)),
            "Width" => ("width".to_owned(), to_graph(value)),
            "Height" => ("height".to_owned(), to_graph(value)),
            "@odata.type" => (name, text(value, type_name)),
            _ if name.starts_with("@odata.") => (name, text(value, url)),
            _ => (name, to_graph(value)),
        })
        .collect()
}

fn text(value: Value, change: fn(String) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        other => to_graph(other),
    }
}

fn photo_size(value: Value) -> Value {
    text(value, |text| match text.split_once('X') {
        Some((width, height)) if number(width) && number(height) => format!("{width}x{height}"),
        _ => text,
    })
}

fn number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn type_name(text: String) -> String {
    let Some((before, name)) = text.split_once("Microsoft.OutlookServices.") else {
        return text;
    };
    let stem = name.trim_end_matches(')');
    let renamed = match stem {
        "Photo" => "profilePhoto".to_owned(),
        "ProfilePhoto" => return text,
        _ => stem[..1].to_lowercase() + &stem[1..],
    };
    format!("{before}microsoft.graph.{renamed}{}", &name[stem.len()..])
}

fn url(text: String) -> String {
    for (outlook, graph) in [("v2.0", "v1.0"), ("beta", "beta")] {
        let root = format!("https://outlook.office.com/api/{outlook}/");
        if let Some(rest) = text.strip_prefix(&root) {
            let rest = match rest.strip_prefix("Users(") {
                Some(rest) => format!("users({rest}"),
                None => rest.replacen("#Users(", "#users(", 1),
            };
            return format!("https://graph.microsoft.com/{graph}/{rest}");
        }
    }
    text
}
