//! YAML.

use std::cell::RefCell;

use serde::de::DeserializeSeed;

use super::config::TrimConfig;
use super::error::TrimError;
use super::load::{self, Format, Outline};
use super::strict::{Fault, Strict};

/// Reads the outline of a YAML document.
pub(super) fn outline<'a>(text: &'a str, config: &TrimConfig) -> Result<Outline<'a>, TrimError> {
    whole(text, config)
}

/// Reads all of a YAML document, whatever its style.
pub(super) fn whole(text: &str, config: &TrimConfig) -> Result<Outline<'static>, TrimError> {
    let fault = RefCell::new(Fault::default());
    let seed = Strict { depth: 0, fault: &fault };
    let document =
        seed.deserialize(serde_norway::Deserializer::from_str(text)).map_err(|error| {
            let place = match error.location() {
                Some(at) => format!("line {}, column {}", at.line(), at.column()),
                None => "at an unknown line".to_owned(),
            };
            load::explain(&fault.borrow(), "", place, "YAML", &error.to_string())
        })?;
    let wanted = |path: &str| config.wants(path, &mut String::new());
    Outline::of_value(document, &wanted, Format::YamlOtherStyle)
}
