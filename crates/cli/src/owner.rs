//! OWNER on the command line: the model's [`Owner`], and what the client offers for it.

use graph_photo::{
    Body, Client, ContactPhoto, DirectoryPhoto, Error, Photo, PhotoMetadata, TeamPhoto,
};

pub(crate) use graph_photo::Owner;

use crate::exit::Usage;

/// The id that names the photo's file: the innermost one.
pub(crate) fn file_id(owner: &Owner) -> &str {
    match owner {
        Owner::Me => "me",
        Owner::User(id) | Owner::Group(id) | Owner::Team(id) => id,
        Owner::Contact { contact, .. } => contact,
    }
}

/// A photo of any owner. Graph offers sizes and delete for some of them only.
pub(crate) enum OwnerPhoto<'c> {
    Directory(DirectoryPhoto<'c>),
    Contact(ContactPhoto<'c>),
    Team(TeamPhoto<'c>),
}

impl<'c> OwnerPhoto<'c> {
    pub(crate) fn of(owner: &'c Owner, client: &'c Client) -> OwnerPhoto<'c> {
        match owner {
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
