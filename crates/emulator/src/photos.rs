//! The photos there are now, and where they go when they change.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::photo::Photo;
use crate::store::{Store, Stored};
use crate::synthetic::SyntheticUsers;
use crate::tenant::PhotoKey;

/// All photos. What is not held follows from a user's number, if it is
/// synthetic, or is not there.
#[derive(Debug, Default)]
pub(crate) struct Photos {
    /// `None` is a photo that was deleted.
    held: RwLock<HashMap<PhotoKey, Option<Arc<Photo>>>>,
    /// What is held at the start, without what a data directory adds.
    initial: HashMap<PhotoKey, Arc<Photo>>,
    synthetic: Option<Arc<SyntheticUsers>>,
    renders: Arc<AtomicU64>,
    /// Locked from before a change is written until it can be seen, so that
    /// disk and memory agree on which of two uploads came last.
    store: Mutex<Option<Store>>,
}

impl Photos {
    pub(crate) fn new(
        initial: impl IntoIterator<Item = (PhotoKey, Photo)>,
        synthetic: Option<Arc<SyntheticUsers>>,
        store: Option<(Store, Stored)>,
    ) -> Photos {
        let initial: HashMap<_, _> = initial
            .into_iter()
            .map(|(key, photo)| (key, Arc::new(photo)))
            .collect();
        let mut held: HashMap<_, _> = initial
            .iter()
            .map(|(key, photo)| (key.clone(), Some(photo.clone())))
            .collect();
        let store = store.map(|(store, stored)| {
            held.extend(
                stored
                    .into_iter()
                    .map(|(key, photo)| (key, photo.map(Arc::new))),
            );
            store
        });
        Photos {
            held: RwLock::new(held),
            initial,
            synthetic,
            renders: Arc::default(),
            store: Mutex::new(store),
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

    /// Changes photos, on disk first. Several keys are changed one after the
    /// other. Waits for the disk.
    pub(crate) fn set(&self, keys: &[PhotoKey], photo: Option<&Arc<Photo>>) -> io::Result<()> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            if let Some(store) = &*store {
                store.save(key, photo.map(|photo| &**photo))?;
            }
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            held.insert(key.clone(), photo.cloned());
        }
        Ok(())
    }

    /// Puts back the photos of the start, on disk too. Waits for the disk.
    pub(crate) fn reset(&self) -> io::Result<()> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &*store {
            for key in held.keys() {
                store.forget(key)?;
            }
        }
        *held = self
            .initial
            .iter()
            .map(|(key, photo)| (key.clone(), Some(photo.clone())))
            .collect();
        Ok(())
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
