//! What a sync knows of each user between runs, in an embedded database.
//!
//! One entry per user, written after the photo is in its place. Entries are committed together,
//! half a second's worth at a time ([`queue`]): a crash costs at most those, which are fetched again.

mod queue;

use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use redb::{Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use serde::{Deserialize, Serialize};

use self::queue::Queue;
use crate::exit::Usage;

const USERS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("users");
const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");

/// The layout of the entries; another number is another program's.
const FORMAT: &str = "1";

/// Pages kept in memory, in bytes. The state is read once, front to back or here and there.
const CACHE: usize = 4 * 1024 * 1024;

/// A run that was not finished is continued for so long; after that its first photos are old news.
const RESUMABLE: Duration = Duration::from_secs(24 * 60 * 60);

/// How a user came out of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
    /// The photo is new here.
    Added,
    /// The photo replaced an older one.
    Updated,
    /// The photo is as it was.
    Unchanged,
    /// There is no photo.
    NoPhoto,
    /// There is no mailbox that could hold a photo.
    NoMailbox,
    /// It is not known what there is.
    Failed,
}

/// What is known about a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The id as the source wrote it.
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The run that looked at the user last.
    pub(crate) run: u64,
    /// The process that did; a run that was killed goes on in another process.
    pub(crate) session: u64,
    pub(crate) outcome: Outcome,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// The file that is in the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<StoredFile>,
}

/// A photo in the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredFile {
    pub(crate) name: String,
    pub(crate) etag: Option<String>,
    /// Which size was asked for.
    pub(crate) variant: String,
    pub(crate) content_type: String,
    pub(crate) bytes: u64,
}

/// The database, and what is on its way into it.
///
/// A thread of its own commits, since a commit waits for the disk, and with it for the photos that
/// were written before.
pub(crate) struct State {
    database: Arc<Database>,
    queue: Arc<Queue>,
    writer: Option<JoinHandle<()>>,
}

/// What this process is within the life of the state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunId {
    pub(crate) run: u64,
    pub(crate) session: u64,
    /// Whether an earlier process began this run.
    pub(crate) resumed: bool,
}

impl State {
    /// Opens or makes the database, and begins a run or goes on with one that was not finished.
    /// `plan` says what the run does; an unfinished run of another plan is not continued.
    pub(crate) fn open(path: &Path, plan: &str) -> anyhow::Result<(State, RunId)> {
        let shown = || format!("the state {}", path.display());
        if !path.exists() {
            Self::make(path).with_context(shown)?;
        }
        let opened = Database::builder().set_cache_size(CACHE).create(path);
        let database = match opened {
            Ok(database) => database,
            Err(DatabaseError::DatabaseAlreadyOpen) => {
                return Err(Usage(format!(
                    "{} is in use: another sync is running on it; wait for it, or use --shard or \
                     --state",
                    shown()
                ))
                .into());
            }
            Err(DatabaseError::Storage(redb::StorageError::Corrupted(why))) => {
                anyhow::bail!(
                    "{} cannot be read ({why}); move it away, and the next run fetches every photo \
                     again",
                    shown()
                );
            }
            Err(error) => return Err(anyhow::Error::new(error).context(shown())),
        };
        let id = begin(&database, plan).with_context(shown)?;
        let (database, queue) = (Arc::new(database), Arc::new(Queue::default()));
        let writer = std::thread::Builder::new()
            .name("state".to_owned())
            .spawn({
                let (database, queue) = (Arc::clone(&database), Arc::clone(&queue));
                move || queue.write_into(&database)
            })?;
        Ok((
            State {
                database,
                queue,
                writer: Some(writer),
            },
            id,
        ))
    }

    /// Makes an empty database. It gets its name when it is whole: a run that is killed meanwhile
    /// must not leave something that no run can open.
    fn make(path: &Path) -> anyhow::Result<()> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let new = path.with_file_name(name);
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        drop(Database::builder().create(&new)?);
        std::fs::rename(&new, path)?;
        Ok(())
    }

    /// What is known about a user.
    pub(crate) fn get(&self, key: &str) -> anyhow::Result<Option<Entry>> {
        if let Some(entry) = self.queue.get(key) {
            return Ok(entry);
        }
        let transaction = self.database.begin_read()?;
        let users = transaction.open_table(USERS)?;
        let Some(value) = users.get(key)? else {
            return Ok(None);
        };
        // An entry that cannot be read is as good as none: the photo is fetched again.
        Ok(serde_json::from_slice(value.value()).ok())
    }

    /// Takes down what is known about a user now; it is committed within seconds.
    pub(crate) fn put(&self, key: &str, entry: Entry) -> anyhow::Result<()> {
        self.queue.push(key, Some(entry))
    }

    /// Forgets a user.
    pub(crate) fn remove(&self, key: &str) -> anyhow::Result<()> {
        self.queue.push(key, None)
    }

    /// Makes everything so far survive a crash.
    pub(crate) fn commit(&self) -> anyhow::Result<()> {
        self.queue.flush()
    }

    /// Commits, and calls `copy` to read the file. What is written meanwhile is not committed, so
    /// the file is as a crash would leave it, which is safe.
    pub(crate) fn with_file_at_rest<T>(&self, copy: impl FnOnce() -> T) -> anyhow::Result<T> {
        self.commit()?;
        Ok(self.queue.at_rest(copy))
    }

    /// Ends the run; the next one begins anew.
    pub(crate) fn finish(&self) -> anyhow::Result<()> {
        self.commit()?;
        let transaction = self.database.begin_write()?;
        transaction.open_table(META)?.remove("unfinished")?;
        transaction.commit()?;
        Ok(())
    }

    /// Goes through everything, in the order of the keys.
    pub(crate) fn each(
        &self,
        mut visit: impl FnMut(&str, Entry) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.commit()?;
        let transaction = self.database.begin_read()?;
        let users = transaction.open_table(USERS)?;
        for row in users.iter()? {
            let (key, value) = row?;
            if let Ok(entry) = serde_json::from_slice(value.value()) {
                visit(key.value(), entry)?;
            }
        }
        Ok(())
    }

    /// Up to `most` committed entries after a key, in the order of the keys.
    pub(crate) fn page(
        &self,
        after: &str,
        most: usize,
        page: &mut Vec<(String, Entry)>,
    ) -> anyhow::Result<()> {
        let transaction = self.database.begin_read()?;
        let users = transaction.open_table(USERS)?;
        let from = (Bound::Excluded(after), Bound::Unbounded);
        for row in users.range::<&str>(from)?.take(most) {
            let (key, value) = row?;
            if let Ok(entry) = serde_json::from_slice(value.value()) {
                page.push((key.value().to_owned(), entry));
            }
        }
        Ok(())
    }
}

/// Commits what is left and closes the database.
impl Drop for State {
    fn drop(&mut self) {
        self.queue.stop();
        if let Some(writer) = self.writer.take() {
            // If it panicked, what it had is fetched again.
            let _ = writer.join();
        }
    }
}

/// Begins a run, or goes on with one that was not finished.
fn begin(database: &Database, plan: &str) -> anyhow::Result<RunId> {
    let transaction = database.begin_write()?;
    let (run, session, resumed) = {
        transaction.open_table(USERS)?;
        let mut meta = transaction.open_table(META)?;
        let read =
            |meta: &redb::Table<'_, &str, &str>, name: &str| -> anyhow::Result<Option<String>> {
                Ok(meta.get(name)?.map(|value| value.value().to_owned()))
            };
        if let Some(format) = read(&meta, "format")?
            && format != FORMAT
        {
            anyhow::bail!("was written by another version of graph-photo (format {format})");
        }
        let number = |text: Option<String>| text.and_then(|n| n.parse().ok()).unwrap_or(0_u64);
        let last = number(read(&meta, "run")?);
        let session = number(read(&meta, "session")?) + 1;
        let now = SystemTime::now();
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let began = number(read(&meta, "began")?);
        let resumed = read(&meta, "unfinished")?.is_some_and(|unfinished| unfinished == plan)
            && now.saturating_sub(began) < RESUMABLE.as_secs();
        if !resumed {
            meta.insert("began", now.to_string().as_str())?;
        }
        let run = if resumed { last } else { last + 1 };
        meta.insert("format", FORMAT)?;
        meta.insert("run", run.to_string().as_str())?;
        meta.insert("session", session.to_string().as_str())?;
        meta.insert("unfinished", plan)?;
        (run, session, resumed)
    };
    transaction.commit()?;
    Ok(RunId {
        run,
        session,
        resumed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(run: RunId) -> Entry {
        Entry {
            id: "Adele@contoso.com".to_owned(),
            name: None,
            run: run.run,
            session: run.session,
            outcome: Outcome::NoPhoto,
            error: None,
            file: None,
        }
    }

    #[test]
    fn an_unfinished_run_goes_on_and_a_finished_one_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.redb");
        let (state, first) = State::open(&path, "plan").unwrap();
        assert!(!first.resumed);
        state.put("adele@contoso.com", entry(first)).unwrap();
        state.commit().unwrap();
        drop(state);

        let (state, second) = State::open(&path, "plan").unwrap();
        assert!(second.resumed);
        assert_eq!((second.run, second.session), (first.run, first.session + 1));
        assert_eq!(state.get("adele@contoso.com").unwrap(), Some(entry(first)));
        state.finish().unwrap();
        drop(state);

        let (_state, third) = State::open(&path, "plan").unwrap();
        assert!(!third.resumed);
        assert_eq!(third.run, first.run + 1);
    }

    #[test]
    fn another_plan_begins_anew() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.redb");
        let (_, first) = State::open(&path, "largest").unwrap();
        let (_, second) = State::open(&path, "96x96").unwrap();
        assert!(!second.resumed);
        assert_eq!(second.run, first.run + 1);
    }

    #[test]
    fn two_processes_do_not_share_a_state() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.redb");
        let _state = State::open(&path, "plan").unwrap();
        let error = State::open(&path, "plan").err().unwrap();
        assert!(
            error.to_string().contains("another sync is running"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_state_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.redb");
        std::fs::write(
            &path,
            "this is no database at all, but long enough to be read as one",
        )
        .unwrap();
        assert!(State::open(&path, "plan").is_err());
        assert!(
            std::fs::read(&path).unwrap().starts_with(b"this is"),
            "and left alone"
        );
    }
}
