//! The pipeline's benchmark: trim and generate, as ratios.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::document::padded;
use super::openapi_format;
use super::trim::{JSON_FLOOR, MEMORY_FLOOR, YAML_FLOOR, peak_memory, ratios};
use crate::generate::{Inputs, generate};
use crate::overlay::Overlay;
use crate::trim::TrimConfig;

/// Measures, prints, and returns what belongs into `target/bench.json`.
///
/// With `against`, openapi-format is compared with too; see [`openapi_format`].
///
/// Without `from`, documents of 20 MB (JSON), 47 MB (JSON) and 20 MB (YAML) are made from
/// `spec/upstream.json`.
///
/// # Errors
/// Unreadable input, or a document that cannot be trimmed.
pub fn run(root: &Path, from: Option<&Path>, against: bool) -> Result<Value> {
    let spec = root.join("spec");
    let text = |name: &str| {
        let path = spec.join(name);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    };
    let config = TrimConfig::from_toml(&text("trim.toml")?)?;
    let overlay = Overlay::from_yaml(&text("overlay.yaml")?)?;
    let mut documents: Vec<(String, Vec<u8>)> = Vec::new();
    match from {
        Some(path) => {
            let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
            documents.push((path.display().to_string(), bytes));
        }
        None => {
            let slice: Value = serde_json::from_str(&text("upstream.json")?)?;
            documents.push((
                "20 MB of JSON".into(),
                serde_json::to_vec(&padded(&slice, 20_000_000))?,
            ));
            documents.push((
                "47 MB of JSON".into(),
                serde_json::to_vec(&padded(&slice, 47_000_000))?,
            ));
            documents.push((
                "20 MB of YAML".into(),
                serde_norway::to_string(&padded(&slice, 16_000_000))?.into_bytes(),
            ));
        }
    }

    println!("trim, against a plain parse of the same bytes into serde_json::Value:");
    let mut measured = Vec::new();
    let mut compared = Value::Null;
    for (name, bytes) in &documents {
        let found = ratios(bytes, &config, &overlay)?;
        let json = bytes.trim_ascii_start().starts_with(b"{");
        let promised = if json { JSON_FLOOR } else { YAML_FLOOR };
        let folder = tempfile::tempdir()?;
        let file = folder.path().join(if json {
            "document.json"
        } else {
            "document.yaml"
        });
        fs::write(&file, bytes)?;
        let peak = peak_memory(&std::env::current_exe()?, &file, &spec)?;
        if against && compared.is_null() {
            compared = openapi_format::run(&file, &spec)?;
        }
        let above = peak.map(|peak| peak.saturating_sub(bytes.len() as u64));
        println!(
            "  {name} ({} bytes): cut {:.3} of a plain parse (at most {promised}), with the overlay {:.3}; peak memory the file plus {} MB (at most {})",
            bytes.len(),
            found.cut_ratio,
            found.build_ratio,
            above.map_or_else(
                || "?".to_owned(),
                |above| format!("{:.1}", above as f64 / 1e6)
            ),
            MEMORY_FLOOR / 1_000_000,
        );
        measured.push(json!({
            "document": name,
            "bytes": bytes.len(),
            "cut_ratio": found.cut_ratio,
            "cut_ratio_promised": promised,
            "build_ratio": found.build_ratio,
            "peak_memory_above_file": above,
        }));
    }

    let inputs = Inputs::read(root, &spec)?;
    let parse = fastest(|| serde_json::from_str::<Value>(&inputs.spec).is_ok());
    let whole = fastest(|| generate(&inputs).is_ok());
    println!(
        "generate, everything from spec/graph-photo.json: {:.3} s (under 1 s), {:.0} times a plain parse of that file",
        whole.as_secs_f64(),
        whole.as_secs_f64() / parse.as_secs_f64()
    );
    Ok(json!({
        "trim": measured,
        "openapi_format": compared,
        "generate_seconds": whole.as_secs_f64(),
    }))
}

/// The shortest of five runs: noise only ever adds.
fn fastest(mut run: impl FnMut() -> bool) -> Duration {
    (0..5)
        .map(|_| {
            let started = Instant::now();
            std::hint::black_box(run());
            started.elapsed()
        })
        .min()
        .unwrap_or_default()
}
