//! The benchmark measures what it says; how fast that is, is for the benchmark to tell.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

use std::path::Path;

use xtask::bench::trim::{peak_memory, ratios};
use xtask::overlay::Overlay;
use xtask::trim::TrimConfig;

#[test]
fn ratios_compare_like_with_like() {
    let config = TrimConfig::from_toml(include_str!("../../spec/trim.toml")).unwrap();
    let overlay = Overlay::from_yaml(include_str!("../../spec/overlay.yaml")).unwrap();
    for text in [
        include_str!("fixtures/graph-1.0.9.json"),
        include_str!("fixtures/graph-newest-modules.yaml"),
    ] {
        let measured = ratios(text.as_bytes(), &config, &overlay).unwrap();
        assert_eq!(measured.bytes, text.len());
        assert!(!measured.plain.is_zero() && !measured.cut.is_zero());
        let ratio = measured.cut.as_secs_f64() / measured.plain.as_secs_f64();
        assert!((measured.cut_ratio - ratio).abs() < 1e-9);
    }
    assert!(ratios(b"{}", &config, &overlay).is_err());
}

#[test]
fn the_peak_of_memory_is_that_of_another_process() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_BIN_EXE_xtask"));
    let from = here.join("tests/fixtures/graph-1.0.9.json");
    let spec = here.join("../spec");
    let peak = peak_memory(program, &from, &spec).unwrap();
    if cfg!(target_os = "linux") {
        let peak = peak.unwrap();
        assert!((1_000_000..500_000_000).contains(&peak), "{peak}");
    }
    assert!(peak_memory(program, &here.join("no such file"), &spec).is_err());
}
