//! One run: for each user, compare what Graph knows with what we have, and act on the difference.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use graph_photo::{Client, ErrorKind, Fit, PhotoMetadata, Size};
use graph_photo_model::batch;
use graph_photo_model::media::ImageKind;
use tokio::task::JoinSet;

use crate::photo_file;
use crate::sync::pace::{Pace, Stopped};
use crate::sync::progress::Progress;
use crate::sync::shard::Shard;
use crate::sync::state::{Entry, Outcome, RunId, State, StoredFile};
use crate::sync::summary::Counts;
use crate::sync::target::{Target, WriteError};
use crate::sync::users::{Item, User, Users};

/// The extensions that a photo can have been written with, by a run that was killed before it could
/// say so.
const EXTENSIONS: [ImageKind; 3] = [ImageKind::Jpeg, ImageKind::Png, ImageKind::Gif];

/// Which of a user's photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) size: Option<Size>,
    pub(crate) fit: Fit,
}

impl Variant {
    /// How the state remembers it.
    pub(crate) fn name(self) -> String {
        match self.size {
            None => "largest".to_owned(),
            Some(size) => format!("{size} {}", self.fit),
        }
    }
}

/// All that a run works with.
pub(crate) struct Run {
    pub(crate) client: Client,
    pub(crate) target: Target,
    pub(crate) state: State,
    pub(crate) id: RunId,
    pub(crate) pace: Arc<Pace>,
    pub(crate) variant: Variant,
    pub(crate) shard: Shard,
    pub(crate) delete: bool,
    pub(crate) counts: Counts,
    pub(crate) progress: Progress,
    /// Users that were read but are not done.
    pub(crate) in_flight: Mutex<HashSet<String>>,
    /// Users that were read.
    pub(crate) passed: AtomicU64,
    /// What ended the run before its time.
    pub(crate) fatal: Mutex<Option<anyhow::Error>>,
}

/// A user on the way, with what was known before.
pub(super) struct Job {
    pub(super) user: User,
    key: String,
    before: Option<Entry>,
}

impl Run {
    /// Goes through all users. Answers whether it came to the end of them.
    pub(crate) async fn all(self: &Arc<Self>, mut users: Users, concurrency: usize) -> bool {
        let mut chunks = JoinSet::new();
        let mut chunk: Vec<Job> = Vec::with_capacity(batch::MAX_ITEMS);
        let ended = loop {
            if self.pace.is_stopped() {
                break false;
            }
            let item = match users.next().await {
                Ok(Some(item)) => item,
                Ok(None) => break !self.pace.is_stopped(),
                Err(error) => {
                    self.give_up(error);
                    break false;
                }
            };
            match self.admit(item) {
                Ok(Some(job)) => chunk.push(job),
                Ok(None) => continue,
                Err(error) => {
                    self.give_up(error);
                    break false;
                }
            }
            if chunk.len() == batch::MAX_ITEMS {
                while chunks.len() >= concurrency {
                    let _ = chunks.join_next().await;
                }
                let full = std::mem::replace(&mut chunk, Vec::with_capacity(batch::MAX_ITEMS));
                let run = Arc::clone(self);
                chunks.spawn(async move { run.chunk(full).await });
            }
        };
        if !chunk.is_empty() && !self.pace.is_stopped() {
            let run = Arc::clone(self);
            chunks.spawn(async move { run.chunk(chunk).await });
        }
        while chunks.join_next().await.is_some() {}
        ended && !self.pace.is_stopped()
    }

    /// Removes, or counts, the files of users that nobody listed any more. Only for a run that saw
    /// all users.
    pub(crate) async fn unlisted(&self) -> anyhow::Result<()> {
        let mut gone = Vec::new();
        self.state.each(|key, entry| {
            if entry.run != self.id.run
                && let Some(file) = entry.file
            {
                gone.push((key.to_owned(), file.name));
            }
            Ok(())
        })?;
        for (key, name) in gone {
            if self.delete {
                self.target.remove(&name).await?;
                self.state.remove(&key)?;
                Counts::add(&self.counts.deleted, 1);
            } else {
                Counts::add(&self.counts.kept, 1);
            }
        }
        Ok(())
    }

    /// Decides whether a user is ours to do in this process.
    fn admit(&self, item: Item) -> anyhow::Result<Option<Job>> {
        self.passed.fetch_add(1, Ordering::Relaxed);
        let user = match item {
            Item::User(user) => user,
            Item::Malformed { line, why } => {
                // Every shard reads every line; one of them tells.
                if self.shard.is_first() {
                    Counts::add(&self.counts.malformed, 1);
                    self.progress.say(&format!("users, line {line}: {why}"));
                }
                return Ok(None);
            }
        };
        let key = user.key();
        if !self.shard.has(&key) {
            return Ok(None);
        }
        if self.in_flight().contains(&key) {
            Counts::add(&self.counts.duplicates, 1);
            return Ok(None);
        }
        let before = self.state.get(&key)?;
        if let Some(entry) = &before
            && entry.run == self.id.run
        {
            if entry.session == self.id.session {
                Counts::add(&self.counts.duplicates, 1);
                return Ok(None);
            }
            if entry.outcome != Outcome::Failed {
                Counts::add(&self.counts.resumed, 1);
                self.counts.outcome(entry.outcome);
                let seen = Entry {
                    session: self.id.session,
                    ..entry.clone()
                };
                self.state.put(&key, seen)?;
                return Ok(None);
            }
        }
        self.in_flight().insert(key.clone());
        Ok(Some(Job { user, key, before }))
    }

    /// Does up to twenty users.
    async fn chunk(&self, jobs: Vec<Job>) {
        let known = self.metadata(&jobs).await;
        let done = jobs
            .into_iter()
            .zip(known)
            .map(|(job, known)| self.user(job, known));
        // Wakes the one that can go on; `join_all` would look at all twenty each time.
        let mut done: FuturesUnordered<_> = done.collect();
        while done.next().await.is_some() {}
        self.progress.update(
            self.passed.load(Ordering::Relaxed),
            &self.counts,
            &self.pace,
        );
    }

    /// Does one user: everything that can happen ends in an entry of the state, unless the run is
    /// stopped.
    async fn user(&self, job: Job, known: Result<Option<PhotoMetadata>, Stopped>) {
        let Job { user, key, before } = job;
        let file = before.and_then(|entry| entry.file);
        let result = match known {
            Ok(None) => self.without_photo(&user, file).await,
            Ok(Some(metadata)) => self.with_photo(&user, &metadata, file).await,
            Err(Stopped::Failed(error)) => self.failed(&error, file),
            Err(Stopped::Interrupted) => Ok(None),
        };
        match result {
            Ok(Some((outcome, error, file))) => {
                let entry = Entry {
                    id: user.id,
                    name: user.name,
                    run: self.id.run,
                    session: self.id.session,
                    outcome,
                    error,
                    file,
                };
                // Only what is written down counts.
                match self.state.put(&key, entry) {
                    Ok(()) => self.counts.outcome(outcome),
                    Err(error) => self.give_up(error),
                }
            }
            Ok(None) => {}
            Err(error) => self.give_up(error),
        }
        self.in_flight().remove(&key);
    }

    async fn without_photo(&self, user: &User, file: Option<StoredFile>) -> Done {
        let Some(file) = file else {
            if self.delete && self.id.resumed {
                for kind in EXTENSIONS {
                    self.target
                        .remove(&photo_file::name(&user.id, kind.extension()))
                        .await?;
                }
            }
            return Ok(Some((Outcome::NoPhoto, None, None)));
        };
        if !self.delete {
            Counts::add(&self.counts.kept, 1);
            return Ok(Some((Outcome::NoPhoto, None, Some(file))));
        }
        self.target.remove(&file.name).await?;
        Counts::add(&self.counts.deleted, 1);
        Ok(Some((Outcome::NoPhoto, None, None)))
    }

    async fn with_photo(
        &self,
        user: &User,
        metadata: &PhotoMetadata,
        before: Option<StoredFile>,
    ) -> Done {
        let variant = self.variant.name();
        if let Some(file) = &before
            && file.etag.is_some()
            && file.etag.as_deref() == metadata.media_etag()
            && file.variant == variant
            && self.target.holds(&file.name, file.bytes)
        {
            return Ok(Some((Outcome::Unchanged, None, before)));
        }
        let (content_type, name, bytes) = match self.transfer(user, metadata).await {
            Ok(Some(transferred)) => transferred,
            // It went away between the two requests.
            Ok(None) => return self.without_photo(user, before).await,
            Err(WriteError::Graph(error)) => return self.failed(&error, before),
            Err(WriteError::Target(error)) if self.pace.is_stopped() && error.is::<Interrupt>() => {
                return Ok(None);
            }
            Err(WriteError::Target(error)) => return Err(error),
        };
        Counts::add(&self.counts.bytes, bytes);
        let outcome = match &before {
            None => Outcome::Added,
            Some(_) => Outcome::Updated,
        };
        if let Some(old) = before.filter(|old| old.name != name) {
            self.target.remove(&old.name).await?;
        }
        let etag = metadata.media_etag().map(str::to_owned);
        let file = StoredFile {
            name,
            etag,
            variant,
            content_type,
            bytes,
        };
        Ok(Some((outcome, None, Some(file))))
    }

    /// Gets the bytes into the target; `None` if there is no photo after all. A photo that does not
    /// come whole is asked for again.
    async fn transfer(
        &self,
        user: &User,
        metadata: &PhotoMetadata,
    ) -> Result<Option<(String, String, u64)>, WriteError> {
        let refused = Mutex::new(None);
        let transferred = self
            .pace
            .call(async || {
                let photo = self.client.user(&user.id).photo();
                let stream = match self.variant.size {
                    None => photo.stream().await,
                    Some(size) => photo.size(size).fit(self.variant.fit).stream().await,
                }?;
                let Some(mut stream) = stream else {
                    return Ok(None);
                };
                let content_type = content_type(stream.content_type(), metadata);
                let extension =
                    ImageKind::from_content_type(&content_type).map_or("bin", ImageKind::extension);
                let name = photo_file::name(&user.id, extension);
                if stream
                    .content_length()
                    .is_some_and(|length| length <= SMALL)
                {
                    let bytes = stream.into_bytes().bytes().await?;
                    return Ok(Some((content_type, name, Content::Here(bytes))));
                }
                match self.target.write(&name, &content_type, &mut stream).await {
                    Ok(length) => Ok(Some((content_type, name, Content::Written(length)))),
                    Err(WriteError::Graph(error)) => Err(error),
                    Err(WriteError::Target(error)) => {
                        // Another attempt would meet the same disk.
                        *refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        Ok(None)
                    }
                }
            })
            .await;
        if let Some(error) = refused.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(WriteError::Target(error));
        }
        match transferred {
            Ok(None) => Ok(None),
            Ok(Some((content_type, name, Content::Written(length)))) => {
                Ok(Some((content_type, name, length)))
            }
            // Written while another request has the place of this one.
            Ok(Some((content_type, name, Content::Here(bytes)))) => {
                let length = bytes.len() as u64;
                let written = self.target.write_whole(&name, &content_type, bytes).await;
                written.map_err(WriteError::Target)?;
                Ok(Some((content_type, name, length)))
            }
            Err(Stopped::Failed(error)) => Err(WriteError::Graph(error)),
            Err(Stopped::Interrupted) => Err(WriteError::Target(Interrupt.into())),
        }
    }

    /// Judges a failure: of one user, or of the whole run.
    fn failed(&self, error: &graph_photo::Error, file: Option<StoredFile>) -> Done {
        match error.kind() {
            ErrorKind::NoMailbox => Ok(Some((Outcome::NoMailbox, None, file))),
            // Nobody's photo can be had with this token; what is done stays done.
            ErrorKind::Unauthorized => {
                Err(anyhow::Error::new(crate::exit::NotAuthorised(format!(
                    "{error}. What was done so far is kept: get a new token and run the same command \
                 again"
                ))))
            }
            ErrorKind::Connect | ErrorKind::Tls => Err(anyhow::Error::new(Unreachable(format!(
                "{error}. What was done so far is kept: run the same command again when Graph can \
                 be reached"
            )))),
            // With this token it would go on like this; one forbidden user among others is a
            // failure of that user.
            ErrorKind::Forbidden if !self.counts.any_success() => Err(anyhow::Error::new(
                crate::exit::NotAuthorised(error.to_string()),
            )),
            _ => Ok(Some((Outcome::Failed, Some(error.to_string()), file))),
        }
    }

    /// Ends the run because of something that is no single user's.
    fn give_up(&self, error: anyhow::Error) {
        let mut fatal = self.fatal.lock().unwrap_or_else(PoisonError::into_inner);
        // The first one is the cause, the others follow from it.
        fatal.get_or_insert(error);
        drop(fatal);
        self.pace.stop();
    }

    fn in_flight(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Photos up to this size, in bytes, are held in memory whole.
const SMALL: u64 = 256 * 1024;

/// A photo that was transferred.
enum Content {
    /// In memory.
    Here(Bytes),
    /// In the target, with this length.
    Written(u64),
}

/// What is to be written down about a user; `None` if the run was stopped before that was known.
type Done = anyhow::Result<Option<(Outcome, Option<String>, Option<StoredFile>)>>;

/// The network is away for longer than the run's patience.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unreachable(String);

/// Stands for a transfer that the end of the run cut short.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
struct Interrupt;

/// The type of the photo: the answer's, unless that says nothing.
fn content_type(answer: &str, metadata: &PhotoMetadata) -> String {
    if ImageKind::from_content_type(answer).is_some() {
        return answer.to_owned();
    }
    metadata.content_type().unwrap_or(answer).to_owned()
}
