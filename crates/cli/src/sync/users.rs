//! Whose photos: one user per line of a file or of stdin, or all users that Graph lists.
//!
//! A line holds an object id or a user principal name and, after a tab or a comma, a name for the
//! report. Empty lines and lines that start with `#` and a space are left out.

use std::path::Path;
use std::pin::Pin;

use anyhow::Context as _;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use crate::photo_file;
use crate::sync::directory::Directory;

/// The longest line that is read; what is longer is no user.
const MAX_LINE: u64 = 4096;

/// A user, or a line that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    User(User),
    Malformed { line: u64, why: &'static str },
}

/// A user as the source names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    /// The object id or the user principal name.
    pub(crate) id: String,
    /// What people call the user.
    pub(crate) name: Option<String>,
}

impl User {
    /// The same for every spelling of the same id: Graph does not tell capitals from small letters.
    pub(crate) fn key(&self) -> String {
        self.id.to_lowercase()
    }
}

/// A source of users, read as it is needed.
pub(crate) enum Users {
    Lines {
        reader: Pin<Box<dyn AsyncBufRead + Send>>,
        number: u64,
        source: String,
    },
    Graph {
        directory: Directory,
        page: std::vec::IntoIter<User>,
        next: Option<String>,
    },
}

impl Users {
    /// The lines of a file, or of stdin if it is `-`.
    pub(crate) async fn open(path: &Path) -> anyhow::Result<Users> {
        let (reader, source): (Pin<Box<dyn AsyncBufRead + Send>>, String) =
            if path == Path::new("-") {
                (
                    Box::pin(BufReader::new(tokio::io::stdin())),
                    "stdin".to_owned(),
                )
            } else {
                let source = format!("--users {}", path.display());
                let file = tokio::fs::File::open(path)
                    .await
                    .with_context(|| source.clone())?;
                if file
                    .metadata()
                    .await
                    .with_context(|| source.clone())?
                    .is_dir()
                {
                    anyhow::bail!("{source}: is a directory; name a file with one user per line");
                }
                (Box::pin(BufReader::new(file)), source)
            };
        Ok(Users::Lines {
            reader,
            number: 0,
            source,
        })
    }

    /// All users of the tenant.
    pub(crate) fn all(directory: Directory) -> Users {
        Users::Graph {
            directory,
            page: Vec::new().into_iter(),
            next: Some(Directory::first_page()),
        }
    }

    /// The next user, `None` at the end.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Option<Item>> {
        match self {
            Users::Lines {
                reader,
                number,
                source,
            } => loop {
                let mut line = Vec::new();
                let read = reader
                    .take(MAX_LINE)
                    .read_until(b'\n', &mut line)
                    .await
                    .with_context(|| source.clone())?;
                if read == 0 {
                    return Ok(None);
                }
                *number += 1;
                if line.len() as u64 == MAX_LINE && !line.ends_with(b"\n") {
                    skip_line(reader).await.with_context(|| source.clone())?;
                    return Ok(Some(Item::Malformed {
                        line: *number,
                        why: "the line is too long",
                    }));
                }
                match parse(&line, *number) {
                    Some(item) => return Ok(Some(item)),
                    None => continue,
                }
            },
            Users::Graph {
                directory,
                page,
                next,
            } => loop {
                if let Some(user) = page.next() {
                    return Ok(Some(Item::User(user)));
                }
                let Some(url) = next.take() else {
                    return Ok(None);
                };
                let (users, following) = directory
                    .users(&url)
                    .await
                    .context("the list of users (GET /users)")?;
                (*page, *next) = (users.into_iter(), following);
            },
        }
    }
}

async fn skip_line(reader: &mut Pin<Box<dyn AsyncBufRead + Send>>) -> std::io::Result<()> {
    loop {
        let mut rest = Vec::new();
        let read = reader.take(MAX_LINE).read_until(b'\n', &mut rest).await?;
        if read == 0 || rest.ends_with(b"\n") {
            return Ok(());
        }
    }
}

/// The user of a line; `None` for lines that name nobody.
fn parse(line: &[u8], number: u64) -> Option<Item> {
    let malformed = |why| Some(Item::Malformed { line: number, why });
    let Ok(line) = std::str::from_utf8(line) else {
        return malformed("the line is not UTF-8");
    };
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() || line == "#" || line.starts_with("# ") {
        return None;
    }
    let (id, name) = match line.split_once(['\t', ',']) {
        Some((id, name)) => (id.trim(), Some(name.trim().trim_matches('"').to_owned())),
        None => (line, None),
    };
    let id = id.trim_matches('"');
    let id = id.strip_prefix("user:").unwrap_or(id);
    match check(id) {
        Err(why) => malformed(why),
        Ok(()) => {
            let name = name.filter(|name| !name.is_empty());
            Some(Item::User(User {
                id: id.to_owned(),
                name,
            }))
        }
    }
}

/// Whether an id can be a user's, and name a file.
pub(crate) fn check(id: &str) -> Result<(), &'static str> {
    if id.is_empty() {
        return Err("there is no user before the separator");
    }
    if id == "." || id == ".." || id == "me" {
        return Err("the id is none of a user");
    }
    if id.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("the id holds white space; a name goes after a tab or a comma");
    }
    if id.contains(['/', '\\', '?', ':']) {
        return Err("the id holds a character that no user principal name has");
    }
    if photo_file::name(id, "").len() > photo_file::MAX_NAME {
        return Err("the id is too long");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str, name: Option<&str>) -> Option<Item> {
        Some(Item::User(User {
            id: id.to_owned(),
            name: name.map(str::to_owned),
        }))
    }

    #[test]
    fn lines_are_users() {
        for (line, expected) in [
            ("adele@contoso.com\n", user("adele@contoso.com", None)),
            (
                "\u{feff}adele@contoso.com\r\n",
                user("adele@contoso.com", None),
            ),
            ("user:adele@contoso.com", user("adele@contoso.com", None)),
            ("a@b,Adele Vance", user("a@b", Some("Adele Vance"))),
            ("a@b\t\"Vance, Adele\"", user("a@b", Some("Vance, Adele"))),
            ("a@b,", user("a@b", None)),
            ("#EXT#x@contoso.com", user("#EXT#x@contoso.com", None)),
            ("", None),
            ("  \r\n", None),
            ("# our people", None),
        ] {
            assert_eq!(parse(line.as_bytes(), 1), expected, "{line:?}");
        }
        for line in [
            &b"a b"[..],
            b",name",
            b"..",
            b"a/b",
            b"me",
            b"\xff\xfe",
            &[b'a'; 300],
        ] {
            let item = parse(line, 7);
            assert!(
                matches!(item, Some(Item::Malformed { line: 7, .. })),
                "{line:?}: {item:?}"
            );
        }
    }

    #[tokio::test]
    async fn endless_lines_are_skipped_and_counted() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("users");
        std::fs::write(&path, format!("a@b\n{}\nc@d", "x".repeat(20_000))).unwrap();
        let mut users = Users::open(&path).await.unwrap();
        assert_eq!(users.next().await.unwrap(), user("a@b", None));
        assert!(matches!(
            users.next().await.unwrap(),
            Some(Item::Malformed { line: 2, .. })
        ));
        assert_eq!(users.next().await.unwrap(), user("c@d", None));
        assert_eq!(users.next().await.unwrap(), None);
    }
}
