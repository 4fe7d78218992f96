//! Whose photo: the signed-in user, users, groups, teams and contacts.

use graph_photo_model::types::{PhotoProperty, ProfilePhoto, ProfilePhotoCollectionResponse};
use graph_photo_model::{CommaSeparated, Error, Response};

use super::body::Body;
use super::byte_stream::ByteStream;
use super::operations::Operations;
use super::photo::{ContactPhoto, DirectoryPhoto, TeamPhoto};

/// The signed-in user; from [`Client::me`](super::Client::me).
#[derive(Debug, Clone, Copy)]
pub struct Me<'c> {
    operations: &'c Operations,
}

impl<'c> Me<'c> {
    pub(super) fn new(operations: &'c Operations) -> Self {
        Self { operations }
    }

    /// The user's own photo.
    pub fn photo(self) -> DirectoryPhoto<'c> {
        DirectoryPhoto::new(self.operations, Directory::Me)
    }

    /// A contact of the user, by id.
    pub fn contact(self, id: &'c str) -> Contact<'c> {
        Contact {
            operations: self.operations,
            place: ContactPlace {
                user: None,
                folder: None,
                contact: id,
            },
        }
    }

    /// A contact folder of the user, by id.
    pub fn folder(self, id: &'c str) -> Folder<'c> {
        Folder {
            operations: self.operations,
            user: None,
            folder: id,
        }
    }
}

/// A user; from [`Client::user`](super::Client::user).
#[derive(Debug, Clone, Copy)]
pub struct User<'c> {
    operations: &'c Operations,
    id: &'c str,
}

impl<'c> User<'c> {
    pub(super) fn new(operations: &'c Operations, id: &'c str) -> Self {
        Self { operations, id }
    }

    /// The user's photo.
    pub fn photo(self) -> DirectoryPhoto<'c> {
        DirectoryPhoto::new(self.operations, Directory::User(self.id))
    }

    /// A contact of the user, by id.
    pub fn contact(self, id: &'c str) -> Contact<'c> {
        let place = ContactPlace {
            user: Some(self.id),
            folder: None,
            contact: id,
        };
        Contact {
            operations: self.operations,
            place,
        }
    }

    /// A contact folder of the user, by id.
    pub fn folder(self, id: &'c str) -> Folder<'c> {
        Folder {
            operations: self.operations,
            user: Some(self.id),
            folder: id,
        }
    }
}

/// A Microsoft 365 group; from [`Client::group`](super::Client::group).
#[derive(Debug, Clone, Copy)]
pub struct Group<'c> {
    operations: &'c Operations,
    id: &'c str,
}

impl<'c> Group<'c> {
    pub(super) fn new(operations: &'c Operations, id: &'c str) -> Self {
        Self { operations, id }
    }

    /// The group's photo.
    pub fn photo(self) -> DirectoryPhoto<'c> {
        DirectoryPhoto::new(self.operations, Directory::Group(self.id))
    }
}

/// A team; from [`Client::team`](super::Client::team).
#[derive(Debug, Clone, Copy)]
pub struct Team<'c> {
    operations: &'c Operations,
    id: &'c str,
}

impl<'c> Team<'c> {
    pub(super) fn new(operations: &'c Operations, id: &'c str) -> Self {
        Self { operations, id }
    }

    /// The team's photo.
    pub fn photo(self) -> TeamPhoto<'c> {
        TeamPhoto::new(self.operations, self.id)
    }
}

/// A contact folder; from [`User::folder`] or [`Client::folder`](super::Client::folder).
#[derive(Debug, Clone, Copy)]
pub struct Folder<'c> {
    operations: &'c Operations,
    user: Option<&'c str>,
    folder: &'c str,
}

impl<'c> Folder<'c> {
    /// A contact in this folder, by id.
    pub fn contact(self, id: &'c str) -> Contact<'c> {
        let place = ContactPlace {
            user: self.user,
            folder: Some(self.folder),
            contact: id,
        };
        Contact {
            operations: self.operations,
            place,
        }
    }
}

/// A contact; from [`User::contact`], [`Folder::contact`] or
/// [`Client::contact`](super::Client::contact).
#[derive(Debug, Clone, Copy)]
pub struct Contact<'c> {
    operations: &'c Operations,
    place: ContactPlace<'c>,
}

impl<'c> Contact<'c> {
    /// The contact's photo.
    pub fn photo(self) -> ContactPhoto<'c> {
        ContactPhoto::new(self.operations, self.place)
    }
}

/// Where a contact is; no user means the signed-in one.
#[derive(Debug, Clone, Copy)]
pub(super) struct ContactPlace<'c> {
    user: Option<&'c str>,
    folder: Option<&'c str>,
    contact: &'c str,
}

/// The owners whose photos come in sizes and can be deleted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Directory<'c> {
    Me,
    User(&'c str),
    Group(&'c str),
}

/// Any owner, mapped to its operations.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner<'c> {
    Directory(Directory<'c>),
    Team(&'c str),
    Contact(ContactPlace<'c>),
}

type Select<'s> = Option<&'s CommaSeparated<PhotoProperty>>;

impl Owner<'_> {
    pub(super) async fn get_photo(
        self,
        o: &Operations,
        select: Select<'_>,
    ) -> Result<Response<ProfilePhoto>, Error> {
        match self {
            Owner::Directory(Directory::Me) => o.me_get_photo(select).await,
            Owner::Directory(Directory::User(id)) => o.user_get_photo(id, select).await,
            Owner::Directory(Directory::Group(id)) => o.group_get_photo(id, select).await,
            Owner::Team(id) => o.team_get_photo(id, select).await,
            Owner::Contact(ContactPlace {
                user,
                folder,
                contact,
            }) => match (user, folder) {
                (None, None) => o.me_contact_get_photo(contact, select).await,
                (Some(user), None) => o.user_contact_get_photo(user, contact, select).await,
                (None, Some(folder)) => {
                    o.me_folder_contact_get_photo(folder, contact, select).await
                }
                (Some(user), Some(folder)) => {
                    o.user_folder_contact_get_photo(user, folder, contact, select)
                        .await
                }
            },
        }
    }

    pub(super) async fn get_photo_content(
        self,
        o: &Operations,
    ) -> Result<Response<ByteStream>, Error> {
        match self {
            Owner::Directory(Directory::Me) => o.me_get_photo_content().await,
            Owner::Directory(Directory::User(id)) => o.user_get_photo_content(id).await,
            Owner::Directory(Directory::Group(id)) => o.group_get_photo_content(id).await,
            Owner::Team(id) => o.team_get_photo_content(id).await,
            Owner::Contact(ContactPlace {
                user,
                folder,
                contact,
            }) => match (user, folder) {
                (None, None) => o.me_contact_get_photo_content(contact).await,
                (Some(user), None) => o.user_contact_get_photo_content(user, contact).await,
                (None, Some(folder)) => {
                    o.me_folder_contact_get_photo_content(folder, contact).await
                }
                (Some(user), Some(folder)) => {
                    o.user_folder_contact_get_photo_content(user, folder, contact)
                        .await
                }
            },
        }
    }

    pub(super) async fn put_photo_content(
        self,
        o: &Operations,
        body: Body,
    ) -> Result<Response<()>, Error> {
        match self {
            Owner::Directory(Directory::Me) => o.me_put_photo_content(body).await,
            Owner::Directory(Directory::User(id)) => o.user_put_photo_content(id, body).await,
            Owner::Directory(Directory::Group(id)) => o.group_put_photo_content(id, body).await,
            Owner::Team(id) => o.team_put_photo_content(id, body).await,
            Owner::Contact(ContactPlace {
                user,
                folder,
                contact,
            }) => match (user, folder) {
                (None, None) => o.me_contact_put_photo_content(contact, body).await,
                (Some(user), None) => o.user_contact_put_photo_content(user, contact, body).await,
                (None, Some(folder)) => {
                    o.me_folder_contact_put_photo_content(folder, contact, body)
                        .await
                }
                (Some(user), Some(folder)) => {
                    o.user_folder_contact_put_photo_content(user, folder, contact, body)
                        .await
                }
            },
        }
    }
}

impl Directory<'_> {
    pub(super) async fn list_photos(
        self,
        o: &Operations,
    ) -> Result<Response<ProfilePhotoCollectionResponse>, Error> {
        match self {
            Directory::Me => o.me_list_photos(None, None, None, None, None, None).await,
            Directory::User(id) => {
                o.user_list_photos(id, None, None, None, None, None, None)
                    .await
            }
            Directory::Group(id) => {
                o.group_list_photos(id, None, None, None, None, None, None)
                    .await
            }
        }
    }

    pub(super) async fn get_photo_by_size(
        self,
        o: &Operations,
        size: &str,
    ) -> Result<Response<ProfilePhoto>, Error> {
        match self {
            Directory::Me => o.me_get_photo_by_size(size, None).await,
            Directory::User(id) => o.user_get_photo_by_size(id, size, None).await,
            Directory::Group(id) => o.group_get_photo_by_size(id, size, None).await,
        }
    }

    pub(super) async fn get_photo_content_by_size(
        self,
        o: &Operations,
        size: &str,
    ) -> Result<Response<ByteStream>, Error> {
        match self {
            Directory::Me => o.me_get_photo_content_by_size(size).await,
            Directory::User(id) => o.user_get_photo_content_by_size(id, size).await,
            Directory::Group(id) => o.group_get_photo_content_by_size(id, size).await,
        }
    }

    pub(super) async fn delete_photo_content(self, o: &Operations) -> Result<Response<()>, Error> {
        match self {
            Directory::Me => o.me_delete_photo_content(None).await,
            Directory::User(id) => o.user_delete_photo_content(id, None).await,
            Directory::Group(id) => o.group_delete_photo_content(id, None).await,
        }
    }
}
