//! The same tasks under valgrind, which counts and knows no noise of the machine: callgrind the
//! instructions, dhat the allocations and the most memory held at once.
//!
//! A call's share is the difference between a run of twice as many calls and one of as many, so
//! that setting up does not count.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::Task;
use super::measure::median;

/// How often instructions are counted; the median is reported.
const ROUNDS: usize = 5;

/// What was counted for one task.
#[derive(Debug, Clone, Serialize)]
pub struct Counts {
    /// Instructions of a call by hand, in user space.
    pub floor_instructions: f64,
    /// Those of a call through the client by that.
    pub ratio: f64,
    /// The least and the most of the floor's counts by their median: what is noise.
    pub floor_against_itself: [f64; 2],
    /// Allocations of a call by hand and through the client.
    pub allocations: [f64; 2],
    /// The most heap held at once, in bytes, by hand and through the client.
    pub peak_bytes: [u64; 2],
}

/// Counts a task; `None` where valgrind is not installed.
///
/// # Errors
/// When a run fails.
pub fn count(client: &str, task: Task, base_url: &str) -> Result<Option<Counts>> {
    if let Err(error) = Command::new("valgrind").arg("--version").output()
        && error.kind() == std::io::ErrorKind::NotFound
    {
        return Ok(None);
    }
    let calls = (task.calls() / 4).max(4);
    let run = |tool: &Tool, by: &str, calls: usize| tool.run(client, task, by, base_url, calls);
    let per_call = |tool: &Tool, by: &str| -> Result<f64> {
        let once = run(tool, by, calls)?;
        let twice = run(tool, by, 2 * calls)?;
        Ok((twice.total as f64 - once.total as f64) / calls as f64)
    };
    let (mut floor, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        floor.push(per_call(&CALLGRIND, "floor")?);
        ours.push(per_call(&CALLGRIND, "client")?);
    }
    let middle = median(&mut floor);
    Ok(Some(Counts {
        floor_instructions: middle,
        ratio: median(&mut ours) / middle,
        // Sorted by now.
        floor_against_itself: [floor[0] / middle, floor[ROUNDS - 1] / middle],
        allocations: [per_call(&DHAT, "floor")?, per_call(&DHAT, "client")?],
        peak_bytes: [
            run(&DHAT, "floor", calls)?.peak,
            run(&DHAT, "client", calls)?.peak,
        ],
    }))
}

/// A tool of valgrind's and the lines of its report.
struct Tool {
    arguments: [&'static str; 2],
    /// What stands before the total.
    total: (&'static str, &'static str),
    /// What stands before the peak, if it has one.
    peak: Option<&'static str>,
}

const CALLGRIND: Tool = Tool {
    arguments: ["--tool=callgrind", "--callgrind-out-file=/dev/null"],
    total: ("Collected : ", ""),
    peak: None,
};

const DHAT: Tool = Tool {
    arguments: ["--tool=dhat", "--dhat-out-file=/dev/null"],
    total: ("Total: ", " bytes in "),
    peak: Some("At t-gmax: "),
};

struct Counted {
    total: u64,
    peak: u64,
}

impl Tool {
    fn run(
        &self,
        client: &str,
        task: Task,
        by: &str,
        base_url: &str,
        calls: usize,
    ) -> Result<Counted> {
        let output = Command::new("valgrind")
            .args(self.arguments)
            .arg(std::env::current_exe()?)
            .args(["repeat", client, task.name(), by, base_url])
            .arg(calls.to_string())
            .output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "valgrind failed: {text}");
        let after = |mark: &str| -> Result<&str> {
            let found = text.lines().find_map(|line| line.split_once(mark));
            Ok(found
                .with_context(|| format!("valgrind says no '{mark}'"))?
                .1)
        };
        let (mark, then) = self.total;
        let total = after(mark)?;
        Ok(Counted {
            total: number(total.split_once(then).map_or(total, |(_, rest)| rest))?,
            peak: match self.peak {
                Some(mark) => number(after(mark)?)?,
                None => 0,
            },
        })
    }
}

/// The number that a text starts with, written with commas.
fn number(text: &str) -> Result<u64> {
    let digits: String = text
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits
        .parse()
        .with_context(|| format!("no number in '{text}'"))
}
