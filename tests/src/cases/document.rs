//! Reads case files and expands families into single cases.
//!
//! A file has a `kind`, `tables` of rows, and `cases`. A case with `for_each` stands for one case
//! per row of that table, or per combination of rows of several; `${column}` in it is replaced by
//! the row's value. A text that is nothing but `${column}` becomes the value itself, whatever its
//! type. `constants.yaml` holds values and tables that every file may use.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

/// The file whose `values` and `tables` all others share.
const SHARED: &str = "constants.yaml";

/// A case file, expanded: every case is written out.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file's name without extension, `errors`.
    pub name: String,
    /// What kind of cases it holds.
    pub kind: String,
    /// What the file is about, for the documentation.
    pub about: String,
    /// The cases as JSON objects; each has a `name`.
    pub cases: Vec<Value>,
}

type Row = Map<String, Value>;

/// The case files of a folder as they stand, by path, the shared one included.
///
/// # Errors
/// When the folder or a file cannot be read, or a file is not YAML.
pub fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Value>> {
    let mut files = BTreeMap::new();
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("reading {}", path.display()))?;
            let value = serde_norway::from_str(&text)
                .with_context(|| format!("{} is not YAML", path.display()))?;
            files.insert(path, value);
        }
    }
    Ok(files)
}

/// Reads and expands all case files of a folder, in the order of their names.
///
/// # Errors
/// When a file cannot be read, names a table or column that does not exist, or two cases share a
/// name; the error names the file and the case.
pub fn read(folder: &Path) -> Result<Vec<Document>> {
    let mut files = files(folder)?;
    let shared = files.remove(&folder.join(SHARED)).unwrap_or_default();
    let values = object(shared.get("values")).unwrap_or_default();
    let shared_tables = object(shared.get("tables")).unwrap_or_default();
    let mut documents = Vec::new();
    let mut names = BTreeMap::new();
    for (path, value) in files {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut tables = shared_tables.clone();
        tables.extend(object(value.get("tables")).unwrap_or_default());
        let text = |key: &str| {
            value
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let mut cases = Vec::new();
        for case in value
            .get("cases")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let title = case
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or("a case without a name");
            expand(case, &tables, &values, &mut cases)
                .with_context(|| format!("{}: {title}", path.display()))?;
        }
        for case in &cases {
            let title = case
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            ensure!(
                names.insert(title.clone(), name.clone()).is_none(),
                "{}: two cases are named {title:?}\n    remedy: put a column of the table into the name",
                path.display()
            );
        }
        documents.push(Document {
            name,
            kind: text("kind"),
            about: text("about"),
            cases,
        });
    }
    Ok(documents)
}

fn object(value: Option<&Value>) -> Option<Map<String, Value>> {
    value?.as_object().cloned()
}

/// Appends the cases that `case` stands for.
fn expand(
    case: &Value,
    tables: &Map<String, Value>,
    values: &Row,
    expanded: &mut Vec<Value>,
) -> Result<()> {
    let mut case = case.as_object().cloned().context("a case is an object")?;
    let names: Vec<String> = match case.remove("for_each") {
        None => Vec::new(),
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Some(other) => {
            bail!("for_each is {other}\n    remedy: name a table, or list names of tables")
        }
    };
    let mut rows = vec![values.clone()];
    for name in &names {
        let table = tables
            .get(name)
            .and_then(Value::as_array)
            .with_context(|| format!("there is no table {name:?}"))?;
        ensure!(
            !table.is_empty(),
            "the table {name:?} has no rows, so no case would run"
        );
        let mut combined = Vec::with_capacity(rows.len() * table.len());
        for row in &rows {
            for more in table {
                let more = more
                    .as_object()
                    .with_context(|| format!("a row of {name:?} is not an object"))?;
                let mut row = row.clone();
                row.extend(more.clone());
                combined.push(row);
            }
        }
        rows = combined;
    }
    for row in &rows {
        expanded.push(substitute(&Value::Object(case.clone()), row, 0)?);
    }
    Ok(())
}

/// Replaces `${column}` everywhere in a value. Rows may use the shared values, so what is put in
/// is looked at again.
fn substitute(value: &Value, row: &Row, depth: usize) -> Result<Value> {
    ensure!(depth < 64, "the values refer to each other in a circle");
    Ok(match value {
        Value::String(text) => match whole(text).map(|name| lookup(name, row)) {
            Some(found) => substitute(found?, row, depth + 1)?,
            None => Value::String(fill(text, row, depth)?),
        },
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| substitute(item, row, depth + 1))
                .collect::<Result<_>>()?,
        ),
        Value::Object(members) => {
            let mut filled = Map::new();
            for (key, member) in members {
                filled.insert(fill(key, row, depth)?, substitute(member, row, depth + 1)?);
            }
            Value::Object(filled)
        }
        other => other.clone(),
    })
}

/// The name in a text that is `${name}` and nothing else.
fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    (!name.contains(['$', '{', '}'])).then_some(name)
}

fn lookup<'r>(name: &str, row: &'r Row) -> Result<&'r Value> {
    row.get(name)
        .with_context(|| format!("there is no column or value {name:?}"))
}

/// Replaces `${column}` within a text.
fn fill(text: &str, row: &Row, depth: usize) -> Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after
            .split_once('}')
            .with_context(|| format!("${{ without }} in {text:?}"))?;
        filled.push_str(before);
        match substitute(lookup(name, row)?, row, depth + 1)? {
            Value::String(value) => filled.push_str(&value),
            value @ (Value::Number(_) | Value::Bool(_)) => filled.push_str(&value.to_string()),
            value => bail!("{name:?} is {value}, which cannot stand inside a text"),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn expanded(case: &Value, tables: &Value) -> Result<Vec<Value>> {
        let mut cases = Vec::new();
        let values = object(Some(&json!({ "jpeg": { "hex": "ffd8" } }))).unwrap_or_default();
        expand(case, tables.as_object().unwrap(), &values, &mut cases)?;
        Ok(cases)
    }

    #[test]
    fn tables_are_combined_and_whole_values_keep_their_type() {
        let tables =
            json!({ "a": [{ "x": 1, "k": "p" }, { "x": 2, "k": "q" }], "b": [{ "y": "${jpeg}" }] });
        let case = json!({ "name": "n ${x}", "for_each": ["a", "b"], "n": "${x}", "with": { "${k}": "${y}" } });
        assert_eq!(
            expanded(&case, &tables).unwrap(),
            [
                json!({ "name": "n 1", "n": 1, "with": { "p": { "hex": "ffd8" } } }),
                json!({ "name": "n 2", "n": 2, "with": { "q": { "hex": "ffd8" } } }),
            ]
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let tables = json!({ "a": [{ "x": "${x}" }], "none": [] });
        for (case, says) in [
            (json!({ "name": "${z}" }), "\"z\""),
            (json!({ "name": "n", "for_each": "c" }), "\"c\""),
            (json!({ "name": "n", "for_each": "none" }), "no rows"),
            (json!({ "name": "${x}", "for_each": "a" }), "circle"),
            (json!({ "name": "n ${jpeg}" }), "inside a text"),
        ] {
            let error = format!("{:#}", expanded(&case, &tables).unwrap_err());
            assert!(error.contains(says), "{error}");
        }
    }
}
