//! `source.lock`: exactly which document the slice was cut from.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The content of `source.lock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLock {
    /// Where the document came from: package@version or repository@commit.
    pub origin: String,
    /// `v1.0` or `beta`.
    pub api: String,
    /// How the document is written: JSON or YAML.
    pub format: String,
    /// Its `openapi` field.
    pub openapi: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The SHA-256 of those bytes, in hexadecimal.
    pub sha256: String,
}

const HEADER: &str = "\
# Written by `cargo xtask trim`. The document that upstream.json was cut from, byte for byte.
";

impl SourceLock {
    /// The text of the file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let quote = |text: &str| serde_json::Value::from(text).to_string();
        format!(
            "{HEADER}origin = {}\napi = {}\nformat = {}\nopenapi = {}\nbytes = {}\nsha256 = {}\n",
            quote(&self.origin),
            quote(&self.api),
            quote(&self.format),
            quote(&self.openapi),
            self.bytes,
            quote(&self.sha256),
        )
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// TOML that does not parse or lacks a field.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

/// The SHA-256 of a document, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
