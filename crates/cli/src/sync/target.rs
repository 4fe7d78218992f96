//! Where photos go: a folder, or a prefix of an object store.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use graph_photo::PhotoStream;

use crate::photo_file::Pending;

#[cfg(feature = "stores")]
mod store;

/// The directory of what is ours in a target, beside the photos.
pub(crate) const OWN: &str = ".graph-photo";

/// Why a photo is not in the target.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// It did not come whole.
    Graph(graph_photo::Error),
    /// The target did not take it.
    Target(anyhow::Error),
}

/// A folder or an object store.
pub(crate) enum Target {
    Folder(Folder),
    #[cfg(feature = "stores")]
    Store(store::Store),
}

/// A folder on this machine.
#[derive(Clone)]
pub(crate) struct Folder {
    directory: PathBuf,
    /// On the same device as the photos, so that renaming is all it takes.
    temporary: PathBuf,
    /// What this shard's temporary files begin with.
    prefix: String,
    /// Whether the last write took its time.
    slow: Arc<AtomicBool>,
}

/// A write that takes longer does not go to the page cache only. The next one then gets a thread of
/// its own, so that a slow disk does not hold up the network; for a quick one, changing threads and
/// back costs as much as the write.
const SLOW: Duration = Duration::from_millis(1);

impl Target {
    /// Opens a folder, which is made if need be, or an object store by its URL. `shard` keeps the
    /// temporary files of shards apart.
    pub(crate) async fn open(to: &str, shard: &str) -> anyhow::Result<Target> {
        if let Some((scheme, _)) = to.split_once("://") {
            #[cfg(feature = "stores")]
            return store::Store::open(to)
                .await
                .map(Target::Store)
                .with_context(|| format!("--to: cannot use the {scheme} store"));
            #[cfg(not(feature = "stores"))]
            return Err(crate::exit::Usage(format!(
                "--to: this build has no object stores ({scheme}://...); install one that has them \
                 with `cargo install --path crates/cli --features stores`, or name a folder"
            ))
            .into());
        }
        Folder::open(Path::new(to), shard).map(Target::Folder)
    }

    /// Where the state is unless `--state` says otherwise; `None` if the target cannot hold a
    /// database.
    pub(crate) fn state_path(&self, shard: &str) -> Option<PathBuf> {
        match self {
            Target::Folder(folder) => {
                Some(folder.directory.join(OWN).join(format!("{shard}.redb")))
            }
            #[cfg(feature = "stores")]
            Target::Store(_) => None,
        }
    }

    /// Puts a photo into its place as it arrives; answers its length.
    pub(crate) async fn write(
        &self,
        name: &str,
        content_type: &str,
        photo: &mut PhotoStream,
    ) -> Result<u64, WriteError> {
        match self {
            Target::Folder(folder) => {
                // The type is in the extension.
                let _ = content_type;
                folder.write(name, photo).await
            }
            #[cfg(feature = "stores")]
            Target::Store(store) => store.write(name, content_type, photo).await,
        }
    }

    /// Puts a photo that is here already into its place.
    pub(crate) async fn write_whole(
        &self,
        name: &str,
        content_type: &str,
        photo: Bytes,
    ) -> anyhow::Result<()> {
        match self {
            Target::Folder(folder) => {
                let _ = content_type;
                if !folder.is_slow() {
                    return folder.write_whole(name, &photo);
                }
                let (folder, name) = (folder.clone(), name.to_owned());
                tokio::task::spawn_blocking(move || folder.write_whole(&name, &photo)).await?
            }
            #[cfg(feature = "stores")]
            Target::Store(store) => store.write_whole(name, content_type, photo).await,
        }
    }

    /// Removes a photo; that it is not there is no error.
    pub(crate) async fn remove(&self, name: &str) -> anyhow::Result<()> {
        match self {
            Target::Folder(folder) => {
                let path = folder.directory.join(name);
                match std::fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        Err(error).with_context(|| format!("cannot remove {}", path.display()))
                    }
                    _ => Ok(()),
                }
            }
            #[cfg(feature = "stores")]
            Target::Store(store) => store.remove(name).await,
        }
    }

    /// Whether a photo is there with the length it should have. An object store is trusted: asking
    /// costs a request for each photo.
    pub(crate) fn holds(&self, name: &str, bytes: u64) -> bool {
        match self {
            Target::Folder(folder) => std::fs::symlink_metadata(folder.directory.join(name))
                .is_ok_and(|metadata| metadata.is_file() && metadata.len() == bytes),
            #[cfg(feature = "stores")]
            Target::Store(_) => true,
        }
    }

    /// A photo that is there.
    pub(crate) async fn read(&self, name: &str) -> anyhow::Result<Bytes> {
        match self {
            Target::Folder(folder) => Ok(std::fs::read(folder.directory.join(name))?.into()),
            #[cfg(feature = "stores")]
            Target::Store(store) => store.read(name).await,
        }
    }

    /// Gets the state of the last run, if the target keeps it, to where a database can be opened.
    pub(crate) async fn fetch_state(&self, shard: &str, path: &Path) -> anyhow::Result<()> {
        match self {
            Target::Folder(_) => {
                let _ = (shard, path);
                Ok(())
            }
            #[cfg(feature = "stores")]
            Target::Store(store) => store.fetch_state(shard, path).await,
        }
    }

    /// Keeps the state in the target, if that cannot hold the database itself.
    pub(crate) async fn keep_state(&self, shard: &str, state: Bytes) -> anyhow::Result<()> {
        match self {
            Target::Folder(_) => {
                let _ = (shard, state);
                Ok(())
            }
            #[cfg(feature = "stores")]
            Target::Store(store) => store.keep_state(shard, state).await,
        }
    }
}

impl Folder {
    fn open(directory: &Path, shard: &str) -> anyhow::Result<Folder> {
        let shown = || format!("--to {}", directory.display());
        if directory.exists() && !directory.is_dir() {
            anyhow::bail!("{}: is no directory", shown());
        }
        let temporary = directory.join(OWN).join("tmp");
        std::fs::create_dir_all(&temporary).with_context(shown)?;
        let folder = Folder {
            directory: directory.to_owned(),
            temporary,
            prefix: format!("{shard}-"),
            slow: Arc::default(),
        };
        // What a killed run left half written.
        for entry in std::fs::read_dir(&folder.temporary).with_context(shown)? {
            let entry = entry.with_context(shown)?;
            if entry
                .file_name()
                .to_string_lossy()
                .starts_with(&folder.prefix)
            {
                std::fs::remove_file(entry.path()).with_context(shown)?;
            }
        }
        Ok(folder)
    }

    fn is_slow(&self) -> bool {
        self.slow.load(Ordering::Relaxed)
    }

    fn write_whole(&self, name: &str, photo: &[u8]) -> anyhow::Result<()> {
        let started = Instant::now();
        let path = self.directory.join(name);
        let write = || {
            let mut pending = Pending::create(&path, &self.temporary, &self.prefix)?;
            pending.write(photo)?;
            pending.finish()
        };
        write().with_context(|| format!("cannot write {}", path.display()))?;
        self.slow.store(started.elapsed() > SLOW, Ordering::Relaxed);
        Ok(())
    }

    async fn write(&self, name: &str, photo: &mut PhotoStream) -> Result<u64, WriteError> {
        let path = self.directory.join(name);
        let failed = |error: io::Error| {
            WriteError::Target(
                anyhow::Error::new(error).context(format!("cannot write {}", path.display())),
            )
        };
        let mut pending = Pending::create(&path, &self.temporary, &self.prefix).map_err(failed)?;
        let mut length = 0;
        while let Some(chunk) = photo.chunk().await.map_err(WriteError::Graph)? {
            pending.write(&chunk).map_err(failed)?;
            length += chunk.len() as u64;
        }
        pending.finish().map_err(failed)?;
        Ok(length)
    }
}
