//! How much memory a command takes at its peak. Linux only: it is read from /proc.

use std::process::{Child, ExitStatus};
use std::time::Duration;

/// Waits for a command; answers how it ended and the most memory that it held, in KB.
pub(crate) fn wait(child: &mut Child) -> (ExitStatus, u64) {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        // The system keeps the highest mark itself: only one of the last moments can be missed.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or(0));
        if let Some(code) = child.try_wait().unwrap() {
            return (code, peak);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
