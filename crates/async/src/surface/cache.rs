//! Photos in memory for a while, and the knowledge that there is none.
//!
//! Users without a photo are the ones asked for over and over: each list of people asks for all of
//! them again. So what is kept is the answer, not only the photo.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graph_photo_model::{Fit, Photo, Size};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::operations::Operations;
use super::owner::Owner;

/// How much [`get_cached`](super::PhotoHandle::get_cached) keeps, and for how long.
///
/// ```
/// use std::time::Duration;
/// use graph_photo::CacheSettings;
///
/// let mut settings = CacheSettings::default();
/// settings.absent = Duration::from_secs(60);
/// assert_eq!(settings.fresh, Duration::from_secs(3600));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheSettings {
    /// How many bytes are kept at most; what was not asked for lately goes first. Default 64 MiB.
    pub max_bytes: u64,
    /// How long a photo is given out without asking; then its media etag is compared. Default one
    /// hour, as in Microsoft's Graph toolkit.
    pub fresh: Duration,
    /// How long a missing photo is not asked for again. Default 15 minutes.
    pub absent: Duration,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            max_bytes: 64 * 1024 * 1024,
            fresh: Duration::from_secs(3600),
            absent: Duration::from_secs(900),
        }
    }
}

/// Whose photo, in which size.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    owner: String,
    size: Option<(Size, Fit)>,
}

/// The key of an owner's photo.
pub(super) fn key(owner: Owner<'_>, size: Option<(Size, Fit)>) -> Key {
    Key {
        owner: format!("{owner:?}"),
        size,
    }
}

/// Forgets all sizes of an owner's photo, which was written.
pub(super) fn forget(operations: &Operations, owner: Owner<'_>) {
    if let Some(cache) = operations.cache() {
        let owner = format!("{owner:?}");
        cache.entries.retain(|key, _| key.owner != owner);
    }
}

#[derive(Debug, Clone)]
struct Entry {
    photo: Option<Photo>,
    since: Instant,
}

/// What the cache knows.
pub(super) enum LookUp {
    /// The answer.
    Fresh(Option<Photo>),
    /// A photo that may have changed.
    Stale(Photo),
    /// Nothing.
    Missing,
}

/// The photos of one client and its clones.
#[derive(Clone)]
pub(crate) struct PhotoCache {
    entries: Arc<Cache<Key, Entry, Bytes>>,
    settings: CacheSettings,
}

impl PhotoCache {
    pub(super) fn new(settings: CacheSettings) -> Self {
        // An absent photo takes some hundred bytes; a present one 10 KB and more.
        let items = usize::try_from(settings.max_bytes / 4096)
            .unwrap_or(usize::MAX)
            .max(16);
        Self {
            entries: Arc::new(Cache::with_weighter(items, settings.max_bytes, Bytes)),
            settings,
        }
    }

    pub(super) fn look_up(&self, key: &Key) -> LookUp {
        let Some(entry) = self.entries.get(key) else {
            return LookUp::Missing;
        };
        let age = entry.since.elapsed();
        match entry.photo {
            Some(photo) if age < self.settings.fresh => LookUp::Fresh(Some(photo)),
            Some(photo) => LookUp::Stale(photo),
            None if age < self.settings.absent => LookUp::Fresh(None),
            None => LookUp::Missing,
        }
    }

    pub(super) fn store(&self, key: Key, photo: Option<Photo>) {
        self.entries.insert(
            key,
            Entry {
                photo,
                since: Instant::now(),
            },
        );
    }
}

/// Weighs entries by the bytes they take.
#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Entry> for Bytes {
    fn weight(&self, key: &Key, entry: &Entry) -> u64 {
        let photo = entry.photo.as_ref().map_or(0, |photo| photo.bytes().len());
        (key.owner.len() + photo + 128) as u64
    }
}
