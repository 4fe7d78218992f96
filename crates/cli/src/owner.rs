//! OWNER: whose photo a command is about, as it is written on the command line.
//!
//! `me`, `user:ID`, `group:ID`, `team:ID`, `contact:ID`, `folder:F/contact:ID`,
//! `user:ID/contact:ID` and `user:ID/folder:F/contact:ID`. Ids are taken as they are, slashes and
//! all: only `/folder:` and `/contact:` end one.

use std::fmt;
use std::str::FromStr;

use graph_photo::{
    Body, Client, ContactPhoto, DirectoryPhoto, Error, Photo, PhotoMetadata, TeamPhoto,
};

use crate::exit::Usage;

/// Whose photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The signed-in user.
    Me,
    /// A user, by object id or user principal name.
    User(String),
    /// A Microsoft 365 group, by object id.
    Group(String),
    /// A team, by the id of its group.
    Team(String),
    /// A contact, in a folder or not, of a user or of the signed-in one.
    Contact {
        user: Option<String>,
        folder: Option<String>,
        contact: String,
    },
}

/// The forms of OWNER, for help texts and errors.
pub(crate) const FORMS: &str = "me, user:ID, group:ID, team:ID, contact:ID, folder:F/contact:ID, \
                                user:ID/contact:ID, user:ID/folder:F/contact:ID";

/// Text that is no OWNER.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OwnerError {
    #[error("{0:?} lacks the kind of owner; did you mean user:{0}?")]
    NoKind(String),
    #[error("{0:?} is no kind of owner; the forms are {FORMS}")]
    UnknownKind(String),
    #[error("the id after {0:?} is empty")]
    Empty(&'static str),
    #[error("a folder has no photo of its own; add /contact:ID")]
    FolderAlone,
    #[error("a {0} has no contacts; the forms are {FORMS}")]
    NoContacts(&'static str),
    #[error("{0:?} cannot be an id: `.` and `..` mean something else in a URL")]
    Dots(String),
    #[error("an id holds a control character")]
    Control,
}

impl FromStr for Owner {
    type Err = OwnerError;

    fn from_str(text: &str) -> Result<Owner, OwnerError> {
        if text == "me" {
            return Ok(Owner::Me);
        }
        let Some((kind, rest)) = text.split_once(':') else {
            return Err(if text.is_empty() || text.contains('/') {
                OwnerError::UnknownKind(text.to_owned())
            } else {
                OwnerError::NoKind(text.to_owned())
            });
        };
        match kind {
            "user" => user(rest),
            "group" | "team" if rest.contains("/contact:") => {
                Err(OwnerError::NoContacts(if kind == "group" {
                    "group"
                } else {
                    "team"
                }))
            }
            "group" => Ok(Owner::Group(id("group:", rest)?)),
            "team" => Ok(Owner::Team(id("team:", rest)?)),
            "contact" => Ok(Owner::Contact {
                user: None,
                folder: None,
                contact: id("contact:", rest)?,
            }),
            "folder" => {
                let (folder, contact) = folder(rest)?;
                Ok(Owner::Contact {
                    user: None,
                    folder: Some(folder),
                    contact,
                })
            }
            // `me/contact:ID` is a natural guess, and means what it says.
            "me/contact" | "me/folder" => text.trim_start_matches("me/").parse(),
            _ if kind.contains('@') => Err(OwnerError::NoKind(text.to_owned())),
            _ => Err(OwnerError::UnknownKind(kind.to_owned())),
        }
    }
}

fn user(rest: &str) -> Result<Owner, OwnerError> {
    if let Some((user, rest)) = rest.split_once("/folder:") {
        let (folder, contact) = folder(rest)?;
        return Ok(Owner::Contact {
            user: Some(id("user:", user)?),
            folder: Some(folder),
            contact,
        });
    }
    if let Some((user, contact)) = rest.split_once("/contact:") {
        return Ok(Owner::Contact {
            user: Some(id("user:", user)?),
            folder: None,
            contact: id("contact:", contact)?,
        });
    }
    Ok(Owner::User(id("user:", rest)?))
}

fn folder(rest: &str) -> Result<(String, String), OwnerError> {
    let (folder, contact) = rest
        .split_once("/contact:")
        .ok_or(OwnerError::FolderAlone)?;
    Ok((id("folder:", folder)?, id("contact:", contact)?))
}

/// An id that a URL can carry.
fn id(kind: &'static str, text: &str) -> Result<String, OwnerError> {
    match text {
        "" => Err(OwnerError::Empty(kind)),
        "." | ".." => Err(OwnerError::Dots(text.to_owned())),
        _ if text.chars().any(char::is_control) => Err(OwnerError::Control),
        _ => Ok(text.to_owned()),
    }
}

/// The form that [`FromStr`] reads back.
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Me => f.write_str("me"),
            Owner::User(id) => write!(f, "user:{id}"),
            Owner::Group(id) => write!(f, "group:{id}"),
            Owner::Team(id) => write!(f, "team:{id}"),
            Owner::Contact {
                user,
                folder,
                contact,
            } => {
                if let Some(user) = user {
                    write!(f, "user:{user}/")?;
                }
                if let Some(folder) = folder {
                    write!(f, "folder:{folder}/")?;
                }
                write!(f, "contact:{contact}")
            }
        }
    }
}

impl Owner {
    /// The id that names the photo's file: the innermost one.
    pub(crate) fn id(&self) -> &str {
        match self {
            Owner::Me => "me",
            Owner::User(id) | Owner::Group(id) | Owner::Team(id) => id,
            Owner::Contact { contact, .. } => contact,
        }
    }

    /// What the client offers for this owner's photo.
    pub(crate) fn photo<'c>(&'c self, client: &'c Client) -> OwnerPhoto<'c> {
        match self {
            Owner::Me => OwnerPhoto::Directory(client.me().photo()),
            Owner::User(id) => OwnerPhoto::Directory(client.user(id).photo()),
            Owner::Group(id) => OwnerPhoto::Directory(client.group(id).photo()),
            Owner::Team(id) => OwnerPhoto::Team(client.team(id).photo()),
            Owner::Contact {
                user,
                folder,
                contact,
            } => OwnerPhoto::Contact(match (user, folder) {
                (None, None) => client.contact(contact).photo(),
                (None, Some(folder)) => client.folder(folder).contact(contact).photo(),
                (Some(user), None) => client.user(user).contact(contact).photo(),
                (Some(user), Some(folder)) => {
                    client.user(user).folder(folder).contact(contact).photo()
                }
            }),
        }
    }
}

/// A photo of any owner. Graph offers sizes and delete for some of them only.
pub(crate) enum OwnerPhoto<'c> {
    Directory(DirectoryPhoto<'c>),
    Contact(ContactPhoto<'c>),
    Team(TeamPhoto<'c>),
}

impl<'c> OwnerPhoto<'c> {
    pub(crate) async fn metadata(&self) -> Result<Option<PhotoMetadata>, Error> {
        match self {
            OwnerPhoto::Directory(photo) => photo.metadata().await,
            OwnerPhoto::Contact(photo) => photo.metadata().await,
            OwnerPhoto::Team(photo) => photo.metadata().await,
        }
    }

    pub(crate) async fn get(&self) -> Result<Option<Photo>, Error> {
        match self {
            OwnerPhoto::Directory(photo) => photo.get().await,
            OwnerPhoto::Contact(photo) => photo.get().await,
            OwnerPhoto::Team(photo) => photo.get().await,
        }
    }

    pub(crate) async fn put(&self, photo: Body) -> Result<(), Error> {
        match self {
            OwnerPhoto::Directory(target) => target.put(photo).await,
            OwnerPhoto::Contact(target) => target.put(photo).await,
            OwnerPhoto::Team(target) => target.put(photo).await,
        }
    }

    /// The photo of a user or a group, which alone have sizes and can be deleted; `what` continues
    /// the sentence "Graph ... the photo of a team".
    pub(crate) fn directory(&self, what: &str) -> Result<DirectoryPhoto<'c>, Usage> {
        match self {
            OwnerPhoto::Directory(photo) => Ok(*photo),
            OwnerPhoto::Contact(_) => Err(Usage(format!("Graph {what} the photo of a contact"))),
            OwnerPhoto::Team(_) => Err(Usage(format!(
                "Graph {what} the photo of a team; name its group instead: group:ID, with the same id"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_read_back_as_they_were_written() {
        for text in [
            "me",
            "user:adele@contoso.com",
            "user:a_b#EXT#@contoso.com",
            "group:22222222-0000-4000-8000-000000000001",
            "team:t",
            "contact:AAMk/AD+g=",
            "folder:F/contact:C",
            "user:u/contact:c",
            "user:u/folder:f/contact:c/d",
        ] {
            assert_eq!(text.parse::<Owner>().unwrap().to_string(), text);
        }
        assert_eq!("me/contact:c".parse::<Owner>(), "contact:c".parse());
        assert_eq!(
            "me/folder:f/contact:c".parse::<Owner>(),
            "folder:f/contact:c".parse()
        );
    }

    #[test]
    fn what_is_no_owner_is_told_with_the_remedy() {
        let mut lines = String::new();
        for text in [
            "",
            "adele@contoso.com",
            "users:adele@contoso.com",
            "user:",
            "user:..",
            "user:a\u{7}",
            "folder:F",
            "group:g/contact:c",
            "team:t/contact:c",
            "user:/contact:c",
            "user:u/contact:",
            "a/b",
            "Me",
        ] {
            lines += &format!("{text:?}: {}\n", text.parse::<Owner>().unwrap_err());
        }
        insta::assert_snapshot!(lines);
    }
}
