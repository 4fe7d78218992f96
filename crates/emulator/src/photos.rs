//! The photos there are now, and where they go when they change.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::photo::Photo;
use crate::synthetic::SyntheticUsers;
use crate::tenant::PhotoKey;

/// All photos. What is not held follows from a user's number, if it is
/// synthetic, or is not there.
#[derive(Debug, Default)]
pub(crate) struct Photos {
    /// `None` is a photo that was deleted.
    held: RwLock<HashMap<PhotoKey, Option<Arc<Photo>>>>,
    synthetic: Option<Arc<SyntheticUsers>>,
    renders: Arc<AtomicU64>,
}

impl Photos {
    pub(crate) fn new(
        initial: impl IntoIterator<Item = (PhotoKey, Photo)>,
        synthetic: Option<Arc<SyntheticUsers>>,
    ) -> Photos {
        let held = initial
            .into_iter()
            .map(|(key, photo)| (key, Some(Arc::new(photo))))
            .collect();
        Photos {
            held: RwLock::new(held),
            synthetic,
            renders: Arc::default(),
        }
    }

    pub(crate) fn get(&self, key: &PhotoKey) -> Option<Arc<Photo>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(photo) = held.get(key) {
            return photo.clone();
        }
        drop(held);
        match (key, &self.synthetic) {
            (PhotoKey::User(id), Some(synthetic)) => synthetic.photo(id),
            _ => None,
        }
    }

    pub(crate) fn set(&self, key: PhotoKey, photo: Option<Arc<Photo>>) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.insert(key, photo);
    }

    /// How often an upload was decoded to make its sizes.
    pub(crate) fn renders(&self) -> u64 {
        self.renders.load(Ordering::Relaxed)
    }

    /// Where [`Photo::sized`] counts what it renders.
    pub(crate) fn render_counter(&self) -> &Arc<AtomicU64> {
        &self.renders
    }
}
