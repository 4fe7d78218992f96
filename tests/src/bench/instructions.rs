//! The same tasks under callgrind, which counts instructions and knows no noise of the machine.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Instructions of one call: those of `2 * calls` less those of `calls`, so that setting up does
/// not count. `None` where valgrind is not installed.
///
/// # Errors
/// When a run fails.
pub fn per_call(
    client: &str,
    task: &str,
    by: &str,
    base_url: &str,
    calls: usize,
) -> Result<Option<f64>> {
    let Some(once) = run(client, task, by, base_url, calls)? else {
        return Ok(None);
    };
    let Some(twice) = run(client, task, by, base_url, 2 * calls)? else {
        return Ok(None);
    };
    Ok(Some((twice as f64 - once as f64) / calls as f64))
}

fn run(client: &str, task: &str, by: &str, base_url: &str, calls: usize) -> Result<Option<u64>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["repeat", client, task, by, base_url, &calls.to_string()])
        .output();
    let output = match output {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed: {text}");
    let count = text
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .context("callgrind counted nothing")?
        .1;
    Ok(Some(count.trim().parse()?))
}
