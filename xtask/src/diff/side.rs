//! What OLD and NEW mean: a spec folder, a folder that holds spec/, or a git revision.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::trim::SourceLock;

const SPEC: &str = "graph-photo.json";
const LOCK: &str = "source.lock";

/// One of the two specs to compare.
#[derive(Debug, Clone)]
pub struct Side {
    /// As it was given; messages and the report name it so.
    pub name: String,
    /// The text of its `graph-photo.json`.
    pub spec: String,
    /// `origin` of its `source.lock`, if there is one.
    pub origin: Option<String>,
}

/// Why a side could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SideError {
    /// Neither a folder nor a revision.
    #[error(
        "{name:?} is neither a folder with {SPEC} or spec/{SPEC} nor a git revision\n    remedy: name a spec folder, a folder that holds spec/, or a revision such as HEAD~1"
    )]
    Unknown {
        /// As given.
        name: String,
    },
    /// A revision without a spec.
    #[error(
        "revision {name:?} has no spec/{SPEC}\n    remedy: choose a later one; `git log -- spec/{SPEC}` lists them"
    )]
    NoSpec {
        /// As given.
        name: String,
    },
    /// A file could not be read.
    #[error("{path} cannot be read (remedy: check that it is a readable UTF-8 file)")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// git could not be started.
    #[error("git cannot be started (remedy: install git, or name folders instead of revisions)")]
    Git {
        /// What the system said.
        source: std::io::Error,
    },
}

impl Side {
    /// Finds and reads what `name` means. A folder wins over a revision of the same name; revisions
    /// are those of the repository at `root`.
    ///
    /// # Errors
    /// See [`SideError`].
    pub fn read(root: &Path, name: &str) -> Result<Self, SideError> {
        let folder = Path::new(name);
        for folder in [folder.to_owned(), folder.join("spec")] {
            if folder.join(SPEC).is_file() {
                return Self::from_folder(name, &folder);
            }
        }
        Self::from_revision(root, name)
    }

    fn from_folder(name: &str, folder: &Path) -> Result<Self, SideError> {
        let read = |file: &str| {
            let path = folder.join(file);
            std::fs::read_to_string(&path).map_err(|source| SideError::Read { path, source })
        };
        let lock = if folder.join(LOCK).is_file() {
            Some(read(LOCK)?)
        } else {
            None
        };
        Ok(Self {
            name: name.to_owned(),
            spec: read(SPEC)?,
            origin: lock.as_deref().and_then(origin),
        })
    }

    fn from_revision(root: &Path, name: &str) -> Result<Self, SideError> {
        let unknown = || SideError::Unknown {
            name: name.to_owned(),
        };
        let commit = git(
            root,
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &format!("{name}^{{commit}}"),
            ],
        )?
        .ok_or_else(unknown)?;
        // From here on a name that git made, which cannot be taken for an option.
        let commit = commit.trim();
        // `./` is the workspace, wherever it lies in its repository.
        let file = |file: &str| git(root, &["show", &format!("{commit}:./spec/{file}")]);
        Ok(Self {
            name: name.to_owned(),
            spec: file(SPEC)?.ok_or_else(|| SideError::NoSpec {
                name: name.to_owned(),
            })?,
            origin: file(LOCK)?.as_deref().and_then(origin),
        })
    }
}

/// `origin` of a source.lock. One that cannot be read leaves the report without it.
fn origin(lock: &str) -> Option<String> {
    SourceLock::from_toml(lock).ok().map(|lock| lock.origin)
}

/// What git prints, or `None` if it fails.
fn git(root: &Path, arguments: &[&str]) -> Result<Option<String>, SideError> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .map_err(|source| SideError::Git { source })?;
    Ok(output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}
