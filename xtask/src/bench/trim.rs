//! How fast trim is, as ratios to plain parsers that read the same bytes in the same run.
//!
//! Ratios travel from machine to machine; milliseconds do not. Every round times all contestants
//! one after the other, so that a busy moment hits all of them, and the medians are compared.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::overlay::Overlay;
use crate::trim::{TrimConfig, TrimError, build_with, cut_document};

/// How many rounds are timed, after one that is not.
const ROUNDS: usize = 7;

/// What [`ratios`] measured.
#[derive(Debug, Clone)]
pub struct TrimRatios {
    /// Size of the document in bytes.
    pub bytes: usize,
    /// Load, check and cut.
    pub cut: Duration,
    /// All stages up to `graph-photo.json`, in memory.
    pub build: Duration,
    /// The plain parser: serde_json or serde_norway, into a `serde_json::Value`.
    pub plain: Duration,
    /// `cut` as a share of `plain`: the figure that is promised.
    pub cut_ratio: f64,
    /// `build` as a share of `plain`.
    pub build_ratio: f64,
}

/// What is promised for `cut_ratio` of a JSON document.
pub const JSON_FLOOR: f64 = 0.2;
/// What is promised for `cut_ratio` of a YAML document in plain block style.
pub const YAML_FLOOR: f64 = 0.6;
/// What is promised for the peak of memory, on top of the document's size, in bytes.
pub const MEMORY_FLOOR: u64 = 20_000_000;

/// Times trim against the plain parser of the same format.
///
/// # Errors
/// A document that cannot be trimmed.
pub fn ratios(
    bytes: &[u8],
    config: &TrimConfig,
    overlay: &Overlay,
) -> Result<TrimRatios, TrimError> {
    let json = bytes.trim_ascii_start().starts_with(b"{");
    let mut cut = Vec::with_capacity(ROUNDS);
    let mut build = Vec::with_capacity(ROUNDS);
    let mut plain = Vec::with_capacity(ROUNDS);
    for round in 0..=ROUNDS {
        settle();
        let (sliced, took) = time(|| cut_document(bytes, config));
        sliced?;
        settle();
        let (built, took_build) = time(|| build_with(bytes, config, overlay, None));
        built?;
        settle();
        let ((), took_plain) = time(|| {
            if json {
                let _ = black_box(serde_json::from_slice::<Value>(bytes));
            } else {
                let _ = black_box(serde_norway::from_slice::<Value>(bytes));
            }
        });
        if round > 0 {
            cut.push(took);
            build.push(took_build);
            plain.push(took_plain);
        }
    }
    let (cut, build, plain) = (median(cut), median(build), median(plain));
    Ok(TrimRatios {
        bytes: bytes.len(),
        cut,
        build,
        plain,
        cut_ratio: cut.as_secs_f64() / plain.as_secs_f64(),
        build_ratio: build.as_secs_f64() / plain.as_secs_f64(),
    })
}

/// The peak of memory, in bytes, of a whole trim of a file by another process, so that what this
/// one holds does not count. `None` where the system does not tell (it is read from `/proc`).
///
/// `xtask` is the program to run; `spec` the folder with `trim.toml` and `overlay.yaml`.
///
/// # Errors
/// The program cannot be started, or fails.
pub fn peak_memory(xtask: &Path, from: &Path, spec: &Path) -> std::io::Result<Option<u64>> {
    let out = tempfile::tempdir()?;
    for steering in ["trim.toml", "overlay.yaml"] {
        std::fs::copy(spec.join(steering), out.path().join(steering))?;
    }
    let output = std::process::Command::new(xtask)
        .args(["trim", "--from"])
        .arg(from)
        .arg("--out")
        .arg(out.path())
        .env(REPORT_MEMORY, "1")
        .output()?;
    if !output.status.success() {
        return Err(std::io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ));
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Ok(text
        .lines()
        .find_map(|line| line.strip_prefix(PEAK)?.trim().parse().ok()))
}

const REPORT_MEMORY: &str = "XTASK_REPORT_MEMORY";
const PEAK: &str = "peak memory in bytes:";

/// Says how much memory this process took at most, if [`peak_memory`] asked for it. Called by
/// `main` at its end.
pub fn report_memory_if_asked() {
    if std::env::var_os(REPORT_MEMORY).is_none() {
        return;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| {
            rest.trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<u64>()
                .ok()
        });
    if let Some(kilobytes) = kilobytes {
        eprintln!("{PEAK} {}", kilobytes * 1024);
    }
}

/// The allocator tidies up what was freed when the next large piece is asked for. A tree of half a
/// million values has just been dropped, and that is not to be charged to whoever comes next.
fn settle() {
    drop(black_box(vec![0_u8; 4 << 20]));
}

fn time<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = run();
    (result, start.elapsed())
}

pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
