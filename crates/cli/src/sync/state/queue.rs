//! Entries on their way into the database: gathered in memory, committed together by a thread.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redb::Database;

use super::{Entry, USERS};

/// So many entries, or so long, are committed together; a crash costs at most those.
const COMMIT_ENTRIES: usize = 4096;
const COMMIT_AFTER: Duration = Duration::from_millis(500);

/// The most entries that wait for the disk, some 300 bytes each.
const MOST_WAITING: usize = 2 * COMMIT_ENTRIES;

/// What the writing thread has to do.
#[derive(Default)]
pub(super) struct Queue {
    inner: Mutex<Waiting>,
    /// Something for the writer to do, or something done by it.
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// Entries to write, or to remove.
    pending: HashMap<String, Option<Entry>>,
    /// Those that are being committed.
    writing: Arc<HashMap<String, Option<Entry>>>,
    /// Somebody waits for everything to be committed.
    flush: bool,
    stop: bool,
    error: Option<redb::Error>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing in here can be left half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is on its way into the database about a user, if anything is.
    pub(super) fn get(&self, key: &str) -> Option<Option<Entry>> {
        let waiting = self.lock();
        let entry = waiting.pending.get(key);
        entry.or_else(|| waiting.writing.get(key)).cloned()
    }

    /// Takes an entry to write, or to remove; the next commit has it.
    pub(super) fn push(&self, key: &str, entry: Option<Entry>) -> anyhow::Result<()> {
        let mut waiting = self.lock();
        // A disk that does not keep up is waited for, so that memory stays bounded.
        while waiting.pending.len() >= MOST_WAITING && waiting.error.is_none() {
            waiting = self
                .changed
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        waiting.check()?;
        waiting.pending.insert(key.to_owned(), entry);
        if waiting.pending.len() >= COMMIT_ENTRIES {
            self.changed.notify_all();
        }
        Ok(())
    }

    /// Waits until everything so far is committed.
    pub(super) fn flush(&self) -> anyhow::Result<()> {
        let mut waiting = self.lock();
        while !(waiting.pending.is_empty() && waiting.writing.is_empty()) && waiting.error.is_none()
        {
            waiting.flush = true;
            self.changed.notify_all();
            waiting = self
                .changed
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        waiting.check()
    }

    /// Calls `work` while nothing is taken up by the writer.
    pub(super) fn at_rest<T>(&self, work: impl FnOnce() -> T) -> T {
        let _waiting = self.lock();
        work()
    }

    /// Has the writer commit what is left and end.
    pub(super) fn stop(&self) {
        self.lock().stop = true;
        self.changed.notify_all();
    }

    /// What the thread does: gathers for a while, commits, and begins again.
    pub(super) fn write_into(&self, database: &Database) {
        loop {
            let began = Instant::now();
            let mut waiting = self.lock();
            while !waiting.stop && !waiting.flush && waiting.pending.len() < COMMIT_ENTRIES {
                let left = COMMIT_AFTER.saturating_sub(began.elapsed());
                if left.is_zero() {
                    break;
                }
                let woken = self.changed.wait_timeout(waiting, left);
                waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
            }
            waiting.flush = false;
            let stop = waiting.stop;
            let entries = Arc::new(std::mem::take(&mut waiting.pending));
            waiting.writing = Arc::clone(&entries);
            drop(waiting);
            let result = commit(database, &entries);
            let mut waiting = self.lock();
            match result {
                Ok(()) => waiting.writing = Arc::default(),
                Err(error) => waiting.error = Some(error),
            }
            let failed = waiting.error.is_some();
            drop(waiting);
            self.changed.notify_all();
            if stop || failed {
                return;
            }
        }
    }
}

impl Waiting {
    /// The error of the last commit, told to whoever writes next.
    fn check(&self) -> anyhow::Result<()> {
        match &self.error {
            None => Ok(()),
            Some(error) => Err(anyhow::anyhow!("the state cannot be written: {error}")),
        }
    }
}

fn commit(
    database: &Database,
    entries: &HashMap<String, Option<Entry>>,
) -> Result<(), redb::Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let transaction = database.begin_write()?;
    {
        let mut users = transaction.open_table(USERS)?;
        for (key, entry) in entries {
            match entry {
                None => drop(users.remove(key.as_str())?),
                Some(entry) => {
                    let value =
                        serde_json::to_vec(entry).map_err(|error| redb::Error::Io(error.into()))?;
                    users.insert(key.as_str(), value.as_slice())?;
                }
            }
        }
    }
    transaction.commit()?;
    Ok(())
}
