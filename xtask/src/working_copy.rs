//! A copy of the repository, for what changes sources and must not do so here.
//!
//! Copies stay below `target/` and are brought up to date, so that a second run compiles only what
//! changed since the first.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Copies what git knows or would know, leaving files alone that did not change, and removes what
/// is not there any more.
///
/// # Errors
/// When git cannot list the files, or one cannot be written or removed.
pub fn refresh(root: &Path, copy: &Path) -> Result<()> {
    let listed = Command::new("git")
        .current_dir(root)
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output()
        .context("starting git")?;
    ensure!(
        listed.status.success(),
        "git cannot list the files of {}",
        root.display()
    );
    let listed = String::from_utf8_lossy(&listed.stdout);
    let mut kept = BTreeSet::new();
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (root.join(name), copy.join(name));
        // Git may list what is deleted, and links to folders.
        let Ok(bytes) = fs::read(&from) else { continue };
        put(&to, &bytes)?;
        kept.insert(to);
    }
    remove_others(copy, &kept)
}

/// Removes files that are not among `kept`, but nothing that was built or belongs to git.
fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) -> Result<()> {
    let failed = || format!("clearing {}", folder.display());
    for entry in fs::read_dir(folder).with_context(failed)? {
        let entry = entry.with_context(failed)?;
        let path = entry.path();
        if entry.file_type().with_context(failed)?.is_dir() {
            if entry.file_name() != "target" && entry.file_name() != ".git" {
                remove_others(&path, kept)?;
            }
        } else if !kept.contains(&path) {
            fs::remove_file(&path).with_context(failed)?;
        }
    }
    Ok(())
}

/// Writes a file unless it holds that already.
///
/// # Errors
/// When it cannot be written.
pub fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|found| found == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_copy_follows_and_leaves_alone_what_did_not_change() {
        let folder = tempfile::tempdir().unwrap();
        let (root, copy) = (folder.path().join("root"), folder.path().join("copy"));
        fs::create_dir_all(root.join("a")).unwrap();
        fs::write(root.join("a/b.rs"), "1").unwrap();
        fs::write(root.join("c.rs"), "2").unwrap();
        let status = Command::new("git")
            .args(["init", "--quiet"])
            .arg(&root)
            .status();
        assert!(status.unwrap().success());
        refresh(&root, &copy).unwrap();
        let written = fs::metadata(copy.join("a/b.rs"))
            .unwrap()
            .modified()
            .unwrap();

        fs::remove_file(root.join("c.rs")).unwrap();
        fs::create_dir_all(copy.join("target")).unwrap();
        fs::write(copy.join("target/built"), "").unwrap();
        refresh(&root, &copy).unwrap();
        assert!(!copy.join("c.rs").exists() && copy.join("target/built").exists());
        let again = fs::metadata(copy.join("a/b.rs"))
            .unwrap()
            .modified()
            .unwrap();
        assert_eq!(written, again);
    }
}
