//! Which processor a benchmark runs on.
//!
//! Waking a thread on another processor costs three times what it costs on the same one. Left to
//! the scheduler, one of two equal clients measured 2.4 times the other, whichever its server's
//! thread happened to sit beside. So the measured process keeps to one processor and the server to
//! another, and every call pays the same.

/// The processor of what is measured.
pub const MEASURED: usize = 0;
/// The processor of the server.
pub const SERVER: usize = 1;

/// Keeps this process to one processor. Where that cannot be had, as on a machine with a single
/// one, nothing changes but that figures are noisier.
#[cfg(target_os = "linux")]
pub fn keep_to(processor: usize) {
    use rustix::thread::{CpuSet, sched_setaffinity};

    let mut only = CpuSet::new();
    only.set(processor);
    let _ = sched_setaffinity(None, &only);
}

/// Only Linux lets us choose.
#[cfg(not(target_os = "linux"))]
pub fn keep_to(_: usize) {}
