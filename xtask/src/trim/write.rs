//! The only place where trim touches the disk.
//!
//! All files are written beside their place first and renamed only when every one of them is
//! complete, so that a full disk or an interrupted run leaves the old ones as they were.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::TrimError;

/// Writes the files into a folder, which is made if need be. Returns where they went.
pub(super) fn write_all(
    folder: &Path,
    files: &[(&str, String)],
) -> Result<Vec<PathBuf>, TrimError> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |source| TrimError::Write { path, source }
    };
    std::fs::create_dir_all(folder).map_err(fail(folder))?;
    let mut ready = Vec::with_capacity(files.len());
    for (name, text) in files {
        let path = folder.join(name);
        let mut file = NamedTempFile::new_in(folder).map_err(fail(&path))?;
        file.write_all(text.as_bytes()).map_err(fail(&path))?;
        set_permissions(&file).map_err(fail(&path))?;
        ready.push((file, path));
    }
    let mut written = Vec::with_capacity(ready.len());
    for (file, path) in ready {
        file.persist(&path).map_err(|e| fail(&path)(e.error))?;
        written.push(path);
    }
    Ok(written)
}

/// Temporary files are private; what is checked in is not.
#[cfg(unix)]
fn set_permissions(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_permissions(_: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}
