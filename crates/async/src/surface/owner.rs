//! Whose photo: the signed-in user, users, groups, teams and contacts.

use graph_photo_model::operation::{Grant, Permissions};
use graph_photo_model::types::{PhotoProperty, ProfilePhoto, ProfilePhotoCollectionResponse};
use graph_photo_model::wire::encode_path;
use graph_photo_model::{CommaSeparated, Error, ErrorKind, Operation, Response, operations};

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

/// Microsoft's page on getting a user.
static GET_USER: Operation = Operation::new("get_user", "GET", "/users/{user-id}")
    .with_reference(None, Some("https://learn.microsoft.com/graph/api/user-get"))
    .with_permissions(Permissions {
        delegated_work: Some(Grant {
            least: &["User.ReadBasic.All"],
            higher: &[
                "User.Read.All",
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
        }),
        delegated_personal: None,
        application: Some(Grant {
            least: &["User.Read.All"],
            higher: &[
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
        }),
    });

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

    /// Whether the directory knows the user. A missing photo does not say: Graph answers
    /// `ImageNotFound` for an unknown user too. One more request, with a permission of its own,
    /// `User.ReadBasic.All`.
    ///
    /// ```
    /// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
    /// let adele = client.user("adele@contoso.com");
    /// if adele.photo().get().await?.is_none() && !adele.exists().await? {
    ///     println!("there is no Adele");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Every failure but an unknown user.
    pub async fn exists(self) -> Result<bool, Error> {
        let path = format!("/users/{}?$select=id", encode_path("user-id", self.id)?);
        match self
            .operations
            .get_json::<serde::de::IgnoredAny>(&GET_USER, path)
            .await
        {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), ErrorKind::NoSuchUser | ErrorKind::NotFound) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
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

    /// The operation behind [`get_photo_content`](Self::get_photo_content).
    pub(super) fn content_operation(self) -> &'static Operation {
        match self {
            Owner::Directory(Directory::Me) => &operations::ME_GET_PHOTO_CONTENT,
            Owner::Directory(Directory::User(_)) => &operations::USER_GET_PHOTO_CONTENT,
            Owner::Directory(Directory::Group(_)) => &operations::GROUP_GET_PHOTO_CONTENT,
            Owner::Team(_) => &operations::TEAM_GET_PHOTO_CONTENT,
            Owner::Contact(ContactPlace { user, folder, .. }) => match (user, folder) {
                (None, None) => &operations::ME_CONTACT_GET_PHOTO_CONTENT,
                (Some(_), None) => &operations::USER_CONTACT_GET_PHOTO_CONTENT,
                (None, Some(_)) => &operations::ME_FOLDER_CONTACT_GET_PHOTO_CONTENT,
                (Some(_), Some(_)) => &operations::USER_FOLDER_CONTACT_GET_PHOTO_CONTENT,
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

    /// The operation behind [`list_photos`](Self::list_photos).
    pub(super) fn list_operation(self) -> &'static Operation {
        match self {
            Directory::Me => &operations::ME_LIST_PHOTOS,
            Directory::User(_) => &operations::USER_LIST_PHOTOS,
            Directory::Group(_) => &operations::GROUP_LIST_PHOTOS,
        }
    }

    /// The operation behind [`get_photo_content_by_size`](Self::get_photo_content_by_size).
    pub(super) fn sized_content_operation(self) -> &'static Operation {
        match self {
            Directory::Me => &operations::ME_GET_PHOTO_CONTENT_BY_SIZE,
            Directory::User(_) => &operations::USER_GET_PHOTO_CONTENT_BY_SIZE,
            Directory::Group(_) => &operations::GROUP_GET_PHOTO_CONTENT_BY_SIZE,
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
