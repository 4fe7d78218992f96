//! Photos on disk, so that they outlive the emulator (`--data DIR`).
//!
//! One file per photo: a line of JSON that says whose it is and what, then the
//! bytes as they were uploaded. A file is written beside its place, flushed to
//! the disk and renamed over it, so whoever kills the emulator finds the old
//! photo or the new one. A deleted photo leaves a file that says so; otherwise
//! a demo photo would be back after a restart.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::photo::{MediaType, Photo};
use crate::tenant::PhotoKey;

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not one that the emulator wrote, or was changed since.
    #[error("{} is damaged ({problem}); move it away to start without this photo", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Another emulator is using the directory.
    #[error("{} is in use by another emulator", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
}

/// The line at the head of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    owner: Owner,
    /// Absent when the photo was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    photo: Option<PhotoHead>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhotoHead {
    media_type: String,
    width: u32,
    height: u32,
    single_size: bool,
    bytes: u64,
    crc32: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Owner {
    User(String),
    Directory(String),
    Group(String),
    Contact { user: String, contact: String },
}

impl From<&PhotoKey> for Owner {
    fn from(key: &PhotoKey) -> Owner {
        match key {
            PhotoKey::User(id) => Owner::User(id.to_string()),
            PhotoKey::Directory(id) => Owner::Directory(id.to_string()),
            PhotoKey::Group(id) => Owner::Group(id.to_string()),
            PhotoKey::Contact { user, contact } => Owner::Contact {
                user: user.to_string(),
                contact: contact.to_string(),
            },
        }
    }
}

impl From<Owner> for PhotoKey {
    fn from(owner: Owner) -> PhotoKey {
        match owner {
            Owner::User(id) => PhotoKey::User(id.into()),
            Owner::Directory(id) => PhotoKey::Directory(id.into()),
            Owner::Group(id) => PhotoKey::Group(id.into()),
            Owner::Contact { user, contact } => PhotoKey::Contact {
                user: user.into(),
                contact: contact.into(),
            },
        }
    }
}

const EXTENSION: &str = "photo";
/// Files being written. One that is left was never anybody's photo.
const UNFINISHED: &str = "unfinished";

/// What stays as it is in a file name: safe on every file system.
const FILE_NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// What a directory holds; `None` for a photo that was deleted.
pub(crate) type Stored = Vec<(PhotoKey, Option<Photo>)>;

/// The directory, held for this emulator alone.
#[derive(Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    /// Locked; the lock goes with the process, however it ends.
    _lock: File,
}

impl Store {
    /// Opens the directory, making it if need be, and reads what it holds.
    pub(crate) fn open(directory: &Path) -> Result<(Store, Stored), StoreError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::Io { path, source }
        };
        fs::create_dir_all(directory).map_err(at(directory))?;
        let lock_path = directory.join(".lock");
        let lock = File::create(&lock_path).map_err(at(&lock_path))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => StoreError::InUse {
                path: directory.to_owned(),
            },
            fs::TryLockError::Error(source) => at(&lock_path)(source),
        })?;
        let mut photos = Vec::new();
        for entry in fs::read_dir(directory).map_err(at(directory))? {
            let path = entry.map_err(at(directory))?.path();
            match path.extension().and_then(|e| e.to_str()) {
                Some(UNFINISHED) => fs::remove_file(&path).map_err(at(&path))?,
                Some(EXTENSION) => {
                    let content = fs::read(&path).map_err(at(&path))?;
                    let photo = read(content.into()).map_err(|problem| StoreError::Damaged {
                        path: path.clone(),
                        problem,
                    })?;
                    photos.push(photo);
                }
                _ => {}
            }
        }
        let store = Store {
            directory: directory.to_owned(),
            _lock: lock,
        };
        Ok((store, photos))
    }

    /// Writes a photo, or that there is none any more.
    pub(crate) fn save(&self, key: &PhotoKey, photo: Option<&Photo>) -> io::Result<()> {
        let head = Head {
            owner: key.into(),
            photo: photo.map(|photo| PhotoHead {
                media_type: photo.media_type().as_str().to_owned(),
                width: photo.dimensions().width,
                height: photo.dimensions().height,
                single_size: photo.is_single_size(),
                bytes: photo.bytes().len() as u64,
                crc32: crc32fast::hash(photo.bytes()),
            }),
        };
        let name = file_name(key);
        let unfinished = self.directory.join(format!("{name}.{UNFINISHED}"));
        let mut file = File::create(&unfinished)?;
        serde_json::to_writer(&mut file, &head)?;
        file.write_all(b"\n")?;
        if let Some(photo) = photo {
            file.write_all(photo.bytes())?;
        }
        file.sync_all()?;
        drop(file);
        fs::rename(
            &unfinished,
            self.directory.join(format!("{name}.{EXTENSION}")),
        )?;
        // The new name is only on the disk once the directory is.
        #[cfg(unix)]
        File::open(&self.directory)?.sync_all()?;
        Ok(())
    }

    /// Removes what was written about a photo, so that it starts anew.
    pub(crate) fn forget(&self, key: &PhotoKey) -> io::Result<()> {
        let path = self
            .directory
            .join(format!("{}.{EXTENSION}", file_name(key)));
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

fn file_name(key: &PhotoKey) -> String {
    let encode = |id: &str| utf8_percent_encode(id, FILE_NAME).to_string();
    let name = match key {
        PhotoKey::User(id) => format!("user-{}", encode(id)),
        PhotoKey::Directory(id) => format!("directory-{}", encode(id)),
        PhotoKey::Group(id) => format!("group-{}", encode(id)),
        PhotoKey::Contact { user, contact } => {
            format!("contact-{}+{}", encode(user), encode(contact))
        }
    };
    if name.len() <= 200 {
        return name;
    }
    // File systems stop at 255; the head of the file has the ids in full.
    let hash = crc32fast::hash(name.as_bytes());
    format!("{}+{hash:08x}", &name[..180])
}

fn read(content: Bytes) -> Result<(PhotoKey, Option<Photo>), String> {
    let end = content
        .iter()
        .position(|b| *b == b'\n')
        .ok_or("its first line does not end")?;
    let head: Head = serde_json::from_slice(&content[..end]).map_err(|e| e.to_string())?;
    let bytes = content.slice(end + 1..);
    let photo = match head.photo {
        None => None,
        Some(photo) => {
            if photo.bytes != bytes.len() as u64 {
                return Err(format!("it holds {} bytes of {}", bytes.len(), photo.bytes));
            }
            if photo.crc32 != crc32fast::hash(&bytes) {
                return Err("its bytes were changed".to_owned());
            }
            let media_type = MediaType::ALL
                .into_iter()
                .find(|m| m.as_str() == photo.media_type)
                .ok_or_else(|| format!("its media type is '{}'", photo.media_type))?;
            Some(Photo::trusted(
                bytes,
                media_type,
                photo.width,
                photo.height,
                photo.single_size,
            ))
        }
    };
    Ok((head.owner.into(), photo))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(hue: u16) -> Photo {
        let bytes = crate::drawing::disc(96, hue, "S").unwrap();
        Photo::trusted(bytes, MediaType::Pjpeg, 96, 96, false)
    }

    #[test]
    fn what_was_saved_is_there_again() {
        let directory = tempfile::tempdir().unwrap();
        let key = PhotoKey::Contact {
            user: "u/../x".into(),
            contact: "c'ü".repeat(60).into(),
        };
        let gone = PhotoKey::User("gone".into());
        {
            let (store, before) = Store::open(directory.path()).unwrap();
            assert!(before.is_empty());
            store.save(&key, Some(&photo(10))).unwrap();
            store.save(&key, Some(&photo(20))).unwrap();
            store.save(&gone, None).unwrap();
            assert!(matches!(
                Store::open(directory.path()),
                Err(StoreError::InUse { .. })
            ));
        }
        fs::write(directory.path().join("user-x.unfinished"), b"torn").unwrap();
        let (_store, mut photos) = Store::open(directory.path()).unwrap();
        photos.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(photos.len(), 2);
        assert!(photos[0].0 == gone && photos[0].1.is_none());
        let read = photos[1].1.as_ref().unwrap();
        assert_eq!(photos[1].0, key);
        assert_eq!(read.bytes(), photo(20).bytes());
        assert_eq!(read.media_type(), MediaType::Pjpeg);
        assert!(!directory.path().join("user-x.unfinished").exists());
    }

    #[test]
    fn a_damaged_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let key = PhotoKey::User("a".into());
        drop({
            let (store, _) = Store::open(directory.path()).unwrap();
            store.save(&key, Some(&photo(10))).unwrap();
            store
        });
        let path = directory.path().join("user-a.photo");
        let mut content = fs::read(&path).unwrap();
        let last = content.len() - 1;
        content[last] ^= 1;
        fs::write(&path, &content).unwrap();
        let error = Store::open(directory.path()).unwrap_err().to_string();
        assert!(
            error.contains("user-a.photo is damaged (its bytes were changed)"),
            "{error}"
        );
        fs::write(&path, &content[..last]).unwrap();
        assert!(Store::open(directory.path()).is_err());
    }
}
