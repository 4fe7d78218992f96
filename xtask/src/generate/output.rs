//! The only part of the generator that touches the disk: writes the files, or checks them.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::Files;

/// How the files on disk differ from the generated ones.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Files whose content differs, with a unified diff.
    pub stale: Vec<(PathBuf, String)>,
    /// Files that should exist.
    pub missing: Vec<PathBuf>,
    /// Files in a `generated/` folder that nothing generates.
    pub orphaned: Vec<PathBuf>,
}

impl Drift {
    /// Whether the disk holds exactly the generated files.
    pub fn is_empty(&self) -> bool {
        self.stale.is_empty() && self.missing.is_empty() && self.orphaned.is_empty()
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, diff) in &self.stale {
            writeln!(f, "stale: {}\n{diff}", path.display())?;
        }
        for path in &self.missing {
            writeln!(f, "missing: {}", path.display())?;
        }
        for path in &self.orphaned {
            writeln!(f, "orphaned: {} (nothing generates it)", path.display())?;
        }
        Ok(())
    }
}

/// Compares `files` with what is below `root`.
///
/// # Errors
/// When a file exists but cannot be read.
pub fn check(root: &Path, files: &Files) -> io::Result<Drift> {
    let mut drift = Drift {
        orphaned: orphans(root, files)?,
        ..Drift::default()
    };
    for (path, expected) in files {
        match fs::read_to_string(root.join(path)) {
            Ok(found) if found == *expected => {}
            Ok(found) => {
                let name = path.display().to_string();
                let diff = TextDiff::from_lines(&found, expected)
                    .unified_diff()
                    .context_radius(2)
                    .header(&format!("{name} (on disk)"), &format!("{name} (generated)"))
                    .to_string();
                drift.stale.push((path.clone(), diff));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                drift.missing.push(path.clone())
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                drift
                    .stale
                    .push((path.clone(), "the file on disk is not UTF-8\n".to_owned()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(drift)
}

/// Writes `files` below `root` and removes what nothing generates any more.
///
/// Each file is written beside its target and renamed over it, and only if it changed, so that a
/// run without a change rebuilds nothing. Returns the paths that changed.
///
/// # Errors
/// The first failure of the file system; files already renamed stay.
pub fn write(root: &Path, files: &Files) -> io::Result<Vec<PathBuf>> {
    let mut changed = Vec::new();
    for (path, text) in files {
        let target = root.join(path);
        if fs::read(&target).is_ok_and(|found| found == text.as_bytes()) {
            continue;
        }
        let folder = target.parent().unwrap_or(root);
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(&target).map_err(|error| error.error)?;
        readable_by_all(&target)?;
        changed.push(path.clone());
    }
    for orphan in orphans(root, files)? {
        fs::remove_file(root.join(&orphan))?;
        changed.push(orphan);
    }
    Ok(changed)
}

/// Temporary files are private to their owner; sources are not.
#[cfg(unix)]
fn readable_by_all(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Files in the `generated/` folders that `files` fills, but that it does not name.
fn orphans(root: &Path, files: &Files) -> io::Result<Vec<PathBuf>> {
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    for path in files.keys() {
        let generated = path
            .ancestors()
            .find(|folder| folder.ends_with("generated"));
        folders.extend(generated.map(Path::to_path_buf));
    }
    let mut orphaned = Vec::new();
    let mut queue: Vec<PathBuf> = folders.into_iter().collect();
    while let Some(folder) = queue.pop() {
        let entries = match fs::read_dir(root.join(&folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                queue.push(path);
            } else if !files.contains_key(&path) {
                orphaned.push(path);
            }
        }
    }
    orphaned.sort();
    Ok(orphaned)
}
