//! `trim.toml`: which paths are kept, which may be mirrored, and where each API is served.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use super::error::TrimError;
use super::refs;

/// The content of `trim.toml`.
///
/// ```
/// use xtask::trim::TrimConfig;
///
/// let config = TrimConfig::from_toml(r#"paths = ["/me/photo"]"#)?;
/// assert_eq!(config.paths(), ["/me/photo"]);
/// # Ok::<(), xtask::trim::TrimError>(())
/// ```
#[derive(Debug, Clone)]
pub struct TrimConfig {
    paths: Vec<String>,
    mirrors: Vec<Mirror>,
    apis: BTreeMap<String, Api>,
    spelled: HashSet<String>,
}

/// A part of the API that is another part under a second name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// The prefix that the document describes, for example `/users/{user-id}`.
    pub from: String,
    /// The prefix under which the same is served, for example `/me`.
    pub to: String,
    /// Path parameters of `from` that `to` has no place for.
    #[serde(default)]
    pub drop: Vec<String>,
}

/// Where one API is served.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The base URL, without a slash at the end.
    pub server: String,
    /// What to say about it in `servers`.
    #[serde(default)]
    pub description: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    paths: Vec<String>,
    #[serde(default)]
    mirror: Vec<Mirror>,
    #[serde(default)]
    api: BTreeMap<String, Api>,
}

impl TrimConfig {
    /// Reads and checks the text of a `trim.toml`.
    ///
    /// # Errors
    /// TOML that does not parse, unknown keys, a path that does not start with a slash or occurs
    /// twice, a mirror that starts nowhere.
    pub fn from_toml(text: &str) -> Result<Self, TrimError> {
        let wrong = |problem: String| TrimError::Config {
            path: "trim.toml".to_owned(),
            problem,
        };
        let File { paths, mirror, api } = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        if paths.is_empty() {
            return Err(wrong(
                "paths is empty; name at least one path template".to_owned(),
            ));
        }
        let mut spelled = HashSet::new();
        for path in &paths {
            if !path.starts_with('/') {
                return Err(wrong(format!("path {path:?} must start with a slash")));
            }
            if !spelled.insert(refs::same_spelling(path).into_owned()) {
                return Err(wrong(format!("path {path:?} occurs twice")));
            }
        }
        for rule in &mirror {
            if !(rule.from.starts_with('/') && rule.to.starts_with('/')) {
                return Err(wrong(format!(
                    "mirror from {:?} to {:?}: both must be path prefixes that start with a slash",
                    rule.from, rule.to
                )));
            }
        }
        Ok(Self {
            paths,
            mirrors: mirror,
            apis: api,
            spelled,
        })
    }

    /// The path templates to keep, as written.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The mirror rules.
    #[must_use]
    pub fn mirrors(&self) -> &[Mirror] {
        &self.mirrors
    }

    /// The APIs by name, for example `v1.0` and `beta`.
    #[must_use]
    pub fn apis(&self) -> &BTreeMap<String, Api> {
        &self.apis
    }

    /// The spelling of a path in `trim.toml`, given the document's.
    pub(super) fn spelling(&self, path: &str) -> Option<&str> {
        let spelled = refs::same_spelling(path);
        self.paths
            .iter()
            .find(|p| refs::same_spelling(p) == spelled)
            .map(String::as_str)
    }

    /// Whether a path is to be kept; `buffer` saves an allocation per path of the document.
    pub(super) fn wants(&self, path: &str, buffer: &mut String) -> bool {
        refs::spell_into(path, buffer);
        self.spelled.contains(buffer.as_str())
    }
}
