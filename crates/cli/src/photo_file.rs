//! Files with photos: how they are named, and how they appear whole or not at all.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tempfile::NamedTempFile;

/// What stays as it is in a file name. Everything else could mean something to a shell, a file
/// system or a URL.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'@');

/// The longest name that common file systems take, less the room for an extension.
pub(crate) const MAX_NAME: usize = 240;

/// The file name for an id: percent-encoded, the extension after a dot.
///
/// A leading dot is encoded too, so that no photo hides; so is a trailing one through the
/// extension that follows it.
pub(crate) fn name(id: &str, extension: &str) -> String {
    let mut name = utf8_percent_encode(id, KEPT).to_string();
    if name.starts_with('.') {
        name.replace_range(..1, "%2E");
    }
    name.push('.');
    name.push_str(extension);
    name
}

/// A file that is written beside its final name and takes that name when it is complete.
pub(crate) struct Pending {
    temporary: NamedTempFile,
    path: PathBuf,
}

impl Pending {
    /// Starts writing what will be `path`; the temporary file is in `directory`, which must be on
    /// the same device.
    pub(crate) fn create(path: &Path, directory: &Path, prefix: &str) -> io::Result<Pending> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix).suffix(".part");
        // As any program would create it; the umask takes its share.
        #[cfg(unix)]
        let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder.tempfile_in(directory).map_err(plain)?;
        Ok(Pending {
            temporary,
            path: path.to_owned(),
        })
    }

    /// Adds bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.temporary.write_all(bytes).map_err(plain)
    }

    /// Adds all of another file, from its start.
    pub(crate) fn append(&mut self, file: &mut File) -> io::Result<()> {
        file.rewind()?;
        io::copy(file, &mut self.temporary)?;
        Ok(())
    }

    /// Gives the file its name, over whatever had it before.
    pub(crate) fn finish(self) -> io::Result<File> {
        self.temporary
            .persist(&self.path)
            .map_err(|error| error.error)
    }
}

/// The system's error without the temporary file's name, which means nothing to anybody.
fn plain(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((what, _)) => io::Error::new(error.kind(), what.to_owned()),
        None => error,
    }
}

/// Writes a whole file at once, or nothing of it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut pending = Pending::create(path, directory, ".graph-photo-")?;
    pending.write(bytes)?;
    pending.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_and_readable() {
        for (id, expected) in [
            ("adele@contoso.com", "adele@contoso.com.jpg"),
            ("a/b", "a%2Fb.jpg"),
            ("a\\b:c", "a%5Cb%3Ac.jpg"),
            (".hidden", "%2Ehidden.jpg"),
            ("..", "%2E..jpg"),
            ("müller", "m%C3%BCller.jpg"),
            ("x_y#EXT#@contoso.com", "x_y%23EXT%23@contoso.com.jpg"),
        ] {
            assert_eq!(name(id, "jpg"), expected);
        }
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("photo.jpg");
        std::fs::write(&path, "old").unwrap();
        let mut pending = Pending::create(&path, directory.path(), "x").unwrap();
        pending.write(b"half").unwrap();
        drop(pending);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }
}
