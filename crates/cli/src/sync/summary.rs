//! The numbers at the end of a run.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::output::grouped;
use crate::sync::state::Outcome;

/// What was counted during a run.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) added: AtomicU64,
    pub(crate) updated: AtomicU64,
    pub(crate) unchanged: AtomicU64,
    pub(crate) no_photo: AtomicU64,
    pub(crate) no_mailbox: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) malformed: AtomicU64,
    pub(crate) duplicates: AtomicU64,
    /// Users that the killed run had done already; counted above as well.
    pub(crate) resumed: AtomicU64,
    /// Files removed because of `--delete`.
    pub(crate) deleted: AtomicU64,
    /// Files kept though there is no photo any more, for want of `--delete`.
    pub(crate) kept: AtomicU64,
    /// Bytes of photos transferred.
    pub(crate) bytes: AtomicU64,
}

impl Counts {
    pub(crate) fn add(counter: &AtomicU64, number: u64) {
        counter.fetch_add(number, Ordering::Relaxed);
    }

    pub(crate) fn outcome(&self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Added => &self.added,
            Outcome::Updated => &self.updated,
            Outcome::Unchanged => &self.unchanged,
            Outcome::NoPhoto => &self.no_photo,
            Outcome::NoMailbox => &self.no_mailbox,
            Outcome::Failed => &self.failed,
        };
        Counts::add(counter, 1);
    }

    /// Whether anything is known about anybody yet.
    pub(crate) fn any_success(&self) -> bool {
        self.users() > self.failed.load(Ordering::Relaxed)
    }

    /// Users that are accounted for, one way or another.
    pub(crate) fn users(&self) -> u64 {
        let counters = [
            &self.added,
            &self.updated,
            &self.unchanged,
            &self.no_photo,
            &self.no_mailbox,
            &self.failed,
        ];
        counters
            .iter()
            .map(|counter| counter.load(Ordering::Relaxed))
            .sum()
    }
}

/// The summary as `--json` prints it; the text says the same.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// Whether the run came to its end.
    pub(crate) complete: bool,
    pub(crate) shard: String,
    pub(crate) users: u64,
    pub(crate) added: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) no_photo: u64,
    pub(crate) no_mailbox: u64,
    pub(crate) failed: u64,
    pub(crate) malformed: u64,
    pub(crate) duplicates: u64,
    pub(crate) resumed: u64,
    pub(crate) deleted: u64,
    pub(crate) kept: u64,
    pub(crate) bytes: u64,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    pub(crate) throttled: u64,
    pub(crate) seconds: f64,
}

impl Summary {
    /// The summary for people.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut row = |name: &str, number: u64, note: &str| {
            text += format!("{name:<13}{:>11}  {note}", grouped(number)).trim_end();
            text.push('\n');
        };
        row("users", self.users, "");
        row("added", self.added, "");
        row("updated", self.updated, "");
        row("unchanged", self.unchanged, "");
        row("no photo", self.no_photo, "");
        let mut some = |name: &str, number: u64, note: &str| {
            if number > 0 {
                row(name, number, note);
            }
        };
        some("no mailbox", self.no_mailbox, "");
        some("failed", self.failed, "run it again to retry them");
        some(
            "malformed",
            self.malformed,
            "lines of the users file that name nobody",
        );
        some(
            "duplicates",
            self.duplicates,
            "lines that name a user again",
        );
        some(
            "resumed",
            self.resumed,
            "of these were done by the run before this one",
        );
        some("deleted", self.deleted, "files of photos that went away");
        some(
            "kept",
            self.kept,
            "files of photos that went away; --delete removes them",
        );
        row("bytes", self.bytes, "");
        let mut some = |name: &str, number: u64, note: &str| {
            if number > 0 {
                text += format!("{name:<13}{:>11}  {note}", grouped(number)).trim_end();
                text.push('\n');
            }
        };
        some("requests", self.requests, "");
        some("retries", self.retries, "");
        some("throttled", self.throttled, "answers that asked to wait");
        text
    }
}
