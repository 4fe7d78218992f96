//! Who a photo belongs to, as a value: for batches, command lines and lists.
//!
//! The clients' handles (`client.user(id).photo()`) know at compile time what an owner offers; an
//! [`Owner`] is the same as data, and so it can hold any of them.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::operation::Operation;
use crate::operations;
use crate::size::Size;
use crate::wire::encode_path;

/// The owner of a photo. Written as on the command line: `me`, `user:ID`, `group:ID`, `team:ID`,
/// `contact:ID`, `folder:F/contact:ID`, `user:ID/contact:ID`, `user:ID/folder:F/contact:ID`.
///
/// ```
/// use graph_photo_model::Owner;
///
/// # fn main() -> Result<(), graph_photo_model::Error> {
/// let owner: Owner = "user:adele@contoso.com".parse()?;
/// assert_eq!(owner, Owner::user("adele@contoso.com"));
/// assert_eq!(owner.photo_path()?, "/users/adele%40contoso.com/photo");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// The signed-in user.
    Me,
    /// A user, by object id or user principal name.
    User(String),
    /// A Microsoft 365 group, by object id.
    Group(String),
    /// A team, by the id it shares with its group.
    Team(String),
    /// A contact.
    Contact {
        /// Whose contact; `None` is the signed-in user's.
        user: Option<String>,
        /// In which contact folder; `None` is the default one.
        folder: Option<String>,
        /// The id of the contact.
        contact: String,
    },
}

impl Owner {
    /// A user, by object id or user principal name.
    pub fn user(id: impl Into<String>) -> Self {
        Self::User(id.into())
    }

    /// A Microsoft 365 group, by object id.
    pub fn group(id: impl Into<String>) -> Self {
        Self::Group(id.into())
    }

    /// A team, by the id it shares with its group.
    pub fn team(id: impl Into<String>) -> Self {
        Self::Team(id.into())
    }

    /// A contact of the signed-in user in the default folder.
    pub fn contact(id: impl Into<String>) -> Self {
        Self::Contact {
            user: None,
            folder: None,
            contact: id.into(),
        }
    }

    /// Whether the service offers the photo in sizes: for users and groups, not for teams and
    /// contacts.
    #[must_use]
    pub const fn has_sizes(&self) -> bool {
        matches!(self, Self::Me | Self::User(_) | Self::Group(_))
    }

    /// The path of the photo below the base URL, encoded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an id that is empty, `.` or
    /// `..`.
    pub fn photo_path(&self) -> Result<String, Error> {
        Ok(format!("{}/photo", self.path()?))
    }

    /// The path of the photo in one size below the base URL.
    ///
    /// # Errors
    ///
    /// As [`photo_path`](Self::photo_path), and for an owner that [has no sizes](Self::has_sizes).
    pub fn sized_photo_path(&self, size: Size) -> Result<String, Error> {
        if self.has_sizes() {
            Ok(format!("{}/photos/{size}", self.path()?))
        } else {
            Err(Error::invalid_input(
                "size",
                "cannot be chosen for photos of teams and contacts; the service keeps one",
            ))
        }
    }

    fn path(&self) -> Result<String, Error> {
        Ok(match self {
            Self::Me => "/me".to_owned(),
            Self::User(id) => format!("/users/{}", encode_path("user-id", id)?),
            Self::Group(id) => format!("/groups/{}", encode_path("group-id", id)?),
            Self::Team(id) => format!("/teams/{}", encode_path("team-id", id)?),
            Self::Contact {
                user,
                folder,
                contact,
            } => {
                let mut path = match user {
                    None => "/me".to_owned(),
                    Some(user) => format!("/users/{}", encode_path("user-id", user)?),
                };
                if let Some(folder) = folder {
                    let folder = encode_path("contactFolder-id", folder)?;
                    path += &format!("/contactFolders/{folder}");
                }
                path += &format!("/contacts/{}", encode_path("contact-id", contact)?);
                path
            }
        })
    }

    /// The operation that reads the photo's metadata.
    #[must_use]
    pub fn get_photo(&self) -> &'static Operation {
        match self {
            Self::Me => &operations::ME_GET_PHOTO,
            Self::User(_) => &operations::USER_GET_PHOTO,
            Self::Group(_) => &operations::GROUP_GET_PHOTO,
            Self::Team(_) => &operations::TEAM_GET_PHOTO,
            Self::Contact { user, folder, .. } => match (user, folder) {
                (None, None) => &operations::ME_CONTACT_GET_PHOTO,
                (Some(_), None) => &operations::USER_CONTACT_GET_PHOTO,
                (None, Some(_)) => &operations::ME_FOLDER_CONTACT_GET_PHOTO,
                (Some(_), Some(_)) => &operations::USER_FOLDER_CONTACT_GET_PHOTO,
            },
        }
    }

    /// The operation that reads the photo itself.
    #[must_use]
    pub fn get_photo_content(&self) -> &'static Operation {
        match self {
            Self::Me => &operations::ME_GET_PHOTO_CONTENT,
            Self::User(_) => &operations::USER_GET_PHOTO_CONTENT,
            Self::Group(_) => &operations::GROUP_GET_PHOTO_CONTENT,
            Self::Team(_) => &operations::TEAM_GET_PHOTO_CONTENT,
            Self::Contact { user, folder, .. } => match (user, folder) {
                (None, None) => &operations::ME_CONTACT_GET_PHOTO_CONTENT,
                (Some(_), None) => &operations::USER_CONTACT_GET_PHOTO_CONTENT,
                (None, Some(_)) => &operations::ME_FOLDER_CONTACT_GET_PHOTO_CONTENT,
                (Some(_), Some(_)) => &operations::USER_FOLDER_CONTACT_GET_PHOTO_CONTENT,
            },
        }
    }

    /// The operation that reads the metadata of one size; for an owner without sizes, of the photo.
    #[must_use]
    pub fn get_photo_by_size(&self) -> &'static Operation {
        match self {
            Self::Me => &operations::ME_GET_PHOTO_BY_SIZE,
            Self::User(_) => &operations::USER_GET_PHOTO_BY_SIZE,
            Self::Group(_) => &operations::GROUP_GET_PHOTO_BY_SIZE,
            Self::Team(_) | Self::Contact { .. } => self.get_photo(),
        }
    }

    /// The operation that reads the photo in one size; for an owner without sizes, the photo.
    #[must_use]
    pub fn get_photo_content_by_size(&self) -> &'static Operation {
        match self {
            Self::Me => &operations::ME_GET_PHOTO_CONTENT_BY_SIZE,
            Self::User(_) => &operations::USER_GET_PHOTO_CONTENT_BY_SIZE,
            Self::Group(_) => &operations::GROUP_GET_PHOTO_CONTENT_BY_SIZE,
            Self::Team(_) | Self::Contact { .. } => self.get_photo_content(),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Me => f.write_str("me"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Group(id) => write!(f, "group:{id}"),
            Self::Team(id) => write!(f, "team:{id}"),
            Self::Contact {
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

impl FromStr for Owner {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "me" {
            return Ok(Self::Me);
        }
        let (mut user, mut folder) = (None, None);
        let mut rest = text;
        loop {
            let (kind, value) = rest.split_once(':').ok_or_else(|| unknown(rest))?;
            let nested = user.is_some() || folder.is_some();
            match kind {
                "group" | "team" if value.contains("/contact:") => {
                    return Err(refused(format!(
                        "{text:?} cannot be, since a {kind} has no contacts; {FORMS}"
                    )));
                }
                "group" if !nested => return Ok(Self::Group(id(kind, value)?)),
                "team" if !nested => return Ok(Self::Team(id(kind, value)?)),
                "contact" => {
                    let contact = id(kind, value)?;
                    return Ok(Self::Contact {
                        user,
                        folder,
                        contact,
                    });
                }
                "user" | "folder" => {
                    // An id can hold a slash (contact folders are base64): only what starts the
                    // next part ends this one.
                    let next = ["/folder:", "/contact:"]
                        .iter()
                        .filter_map(|start| value.find(start))
                        .min();
                    let Some(next) = next else {
                        return match kind {
                            "user" if !nested => Ok(Self::User(id(kind, value)?)),
                            _ => Err(refused(
                                "cannot be a folder, which has no photo of its own; add /contact:ID",
                            )),
                        };
                    };
                    let (name, after) = value.split_at(next);
                    let place = if kind == "user" {
                        &mut user
                    } else {
                        &mut folder
                    };
                    if place.is_some() {
                        return Err(refused(format!("{text:?} names two of a kind; {FORMS}")));
                    }
                    *place = Some(id(kind, name)?);
                    rest = after.strip_prefix('/').unwrap_or(after);
                }
                _ => return Err(unknown(text)),
            }
        }
    }
}

const FORMS: &str = "the forms are me, user:ID, group:ID, team:ID, contact:ID, \
                     folder:F/contact:ID, user:ID/contact:ID and user:ID/folder:F/contact:ID";

fn refused(why: impl AsRef<str>) -> Error {
    Error::invalid_input("owner", why)
}

/// Text that starts with no kind of owner.
fn unknown(text: &str) -> Error {
    let kind = text.split_once(':').map(|(kind, _)| kind);
    refused(match kind {
        Some("me/contact" | "me/folder") => format!(
            "{text:?} is written without me/: {}",
            text.trim_start_matches("me/")
        ),
        // A user principal name is the first thing that people try.
        None if !text.is_empty() && !text.contains('/') => {
            format!("{text:?} lacks its kind; did you mean user:{text}?")
        }
        Some(kind) if kind.contains('@') => {
            format!("{text:?} lacks its kind; did you mean user:{text}?")
        }
        _ => format!("{text:?} is of no known kind; {FORMS}"),
    })
}

/// An id that a URL can carry.
fn id(kind: &str, text: &str) -> Result<String, Error> {
    match text {
        "" => Err(refused(format!("has no id after {kind}:"))),
        "." | ".." => Err(refused(format!(
            "cannot have the id {text:?}, which means something else in a URL"
        ))),
        _ if text.chars().any(char::is_control) => Err(refused(format!(
            "cannot have the id {text:?}, which holds a control character"
        ))),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_back() {
        for (text, path) in [
            ("me", "/me/photo"),
            ("user:adele@contoso.com", "/users/adele%40contoso.com/photo"),
            ("group:g", "/groups/g/photo"),
            ("team:t", "/teams/t/photo"),
            ("contact:c/d=", "/me/contacts/c%2Fd%3D/photo"),
            (
                "folder:f/contact:c",
                "/me/contactFolders/f/contacts/c/photo",
            ),
            ("user:u/contact:c", "/users/u/contacts/c/photo"),
            (
                "user:u/folder:f/contact:c",
                "/users/u/contactFolders/f/contacts/c/photo",
            ),
        ] {
            let owner: Owner = text.parse().unwrap();
            assert_eq!(owner.to_string(), text);
            assert_eq!(owner.photo_path().unwrap(), path);
        }
    }

    #[test]
    fn anything_else_is_refused_with_the_remedy() {
        let mut lines = String::new();
        for text in [
            "",
            "adele@contoso.com",
            "adele@contoso.com/contact:c",
            "users:adele@contoso.com",
            "user:",
            "user:..",
            "user:a\u{7}",
            "folder:F",
            "user:u/folder:f",
            "group:g/contact:c",
            "team:t/contact:c",
            "user:/contact:c",
            "user:u/contact:",
            "me/contact:c",
            "mailbox:x",
            "folder:f/folder:g/contact:c",
            "a/b",
            "Me",
        ] {
            lines += &format!("{text:?}: {}\n", text.parse::<Owner>().unwrap_err());
        }
        insta::assert_snapshot!(lines);
        // What a caller makes without parsing is refused no later than it is sent.
        assert!(Owner::user("..").photo_path().is_err());
        assert!(Owner::team("t").sized_photo_path(Size::S48).is_err());
    }

    #[test]
    fn operations_match_the_paths() {
        let owner: Owner = "user:u/folder:f/contact:c".parse().unwrap();
        assert_eq!(owner.get_photo().name, "user_folder_contact_get_photo");
        assert_eq!(
            owner.get_photo_content().path,
            "/users/{user-id}/contactFolders/{contactFolder-id}/contacts/{contact-id}/photo/$value"
        );
    }
}
