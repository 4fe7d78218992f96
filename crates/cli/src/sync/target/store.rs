//! An object store as a target: S3, Azure Blob Storage, Google Cloud Storage.
//!
//! Credentials come from the environment variables that each cloud's own tools use. Photos are put
//! in one request each, so a photo is there whole or not at all.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::{Bytes, BytesMut};
use graph_photo::PhotoStream;
use object_store::path::{Path as Key, PathPart};
use object_store::{
    Attribute, Attributes, ObjectStore, ObjectStoreExt as _, PutOptions, PutPayload,
};

use super::{OWN, WriteError};

/// A prefix of a bucket or container.
pub(crate) struct Store {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
}

impl Store {
    pub(crate) async fn open(to: &str) -> anyhow::Result<Store> {
        // The store's HTTP client takes what the process has; Graph's client brings its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url: url::Url = to.parse().context("it is not a URL")?;
        let variables = std::env::vars().map(|(name, value)| (name.to_lowercase(), value));
        let (store, prefix) = object_store::parse_url_opts(&url, variables)
            .context("its URL or the credentials in the environment are incomplete")?;
        let store = Store {
            store: store.into(),
            prefix,
        };
        // Fails now, in one clear sentence, and not once per photo.
        store.get(&store.own("probe")).await?;
        Ok(store)
    }

    fn key(&self, name: &str) -> Key {
        // The name is percent-encoded already, as it is for files.
        match PathPart::parse(name) {
            Ok(part) => self.prefix.clone().join(part),
            Err(_) => self.prefix.clone().join(name),
        }
    }

    fn own(&self, name: &str) -> Key {
        self.prefix.clone().join(OWN).join(name)
    }

    async fn get(&self, key: &Key) -> anyhow::Result<Option<Bytes>> {
        match self.store.get(key).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn write(
        &self,
        name: &str,
        content_type: &str,
        photo: &mut PhotoStream,
    ) -> Result<u64, WriteError> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = photo.chunk().await.map_err(WriteError::Graph)? {
            bytes.extend_from_slice(&chunk);
        }
        let length = bytes.len() as u64;
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, content_type.to_owned().into());
        let options = PutOptions {
            attributes,
            ..PutOptions::default()
        };
        self.store
            .put_opts(
                &self.key(name),
                PutPayload::from_bytes(bytes.freeze()),
                options,
            )
            .await
            .map_err(|error| {
                WriteError::Target(anyhow::Error::new(error).context(format!("cannot put {name}")))
            })?;
        Ok(length)
    }

    pub(super) async fn remove(&self, name: &str) -> anyhow::Result<()> {
        match self.store.delete(&self.key(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot delete {name}")),
        }
    }

    pub(super) async fn read(&self, name: &str) -> anyhow::Result<Bytes> {
        self.get(&self.key(name))
            .await?
            .with_context(|| format!("{name} is gone"))
    }

    pub(super) async fn fetch_state(&self, shard: &str, path: &Path) -> anyhow::Result<()> {
        if let Some(state) = self.get(&self.own(&format!("{shard}.redb"))).await? {
            std::fs::write(path, state).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    pub(super) async fn keep_state(&self, shard: &str, state: Bytes) -> anyhow::Result<()> {
        let key = self.own(&format!("{shard}.redb"));
        self.store
            .put(&key, state.into())
            .await
            .context("cannot keep the state in the store")?;
        Ok(())
    }
}
