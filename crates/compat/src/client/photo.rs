//! A user of the legacy API and the user's photos.

#![allow(
    deprecated,
    reason = "what is deprecated for callers is not so for its own parts"
)]

use bytes::Bytes;
use graph_photo::{Body, ByteStream, Client, Error, ErrorKind, Response, operations};

use crate::answer;
use crate::model::{OutlookPhoto, OutlookPhotoCollection};

/// Whose photo.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner<'c> {
    Me,
    User(&'c str),
}

/// Whose photo, and where to ask for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'c> {
    pub(super) graph: &'c Client,
    pub(super) owner: Owner<'c>,
}

impl Place<'_> {
    /// Graph says "no photo" of users that do not exist, too; the legacy service told them apart. Fails if the
    /// directory does not know the user.
    async fn expect_user(self, no_photo: &Error) -> Result<(), Error> {
        let Owner::User(id) = self.owner else {
            return Ok(());
        };
        match self.graph.user(id).exists().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(answer::no_such_user(no_photo)),
            // A token that reads photos need not be allowed to read the directory.
            Err(error) if error.kind() == ErrorKind::Forbidden => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// `/me` or `/Users('{user_id}')`; from [`OutlookClient`](super::OutlookClient).
///
/// In its place: [`graph_photo::Me`] and [`graph_photo::User`].
#[deprecated(note = "use `graph_photo::Me` or `graph_photo::User`")]
#[derive(Debug, Clone, Copy)]
pub struct OutlookUser<'c> {
    place: Place<'c>,
}

impl<'c> OutlookUser<'c> {
    pub(super) fn new(place: Place<'c>) -> Self {
        Self { place }
    }

    /// `/photo`: the largest photo.
    ///
    /// In its place: [`graph_photo::Me::photo`] and [`graph_photo::User::photo`].
    #[deprecated(note = "use `graph_photo::Me::photo` or `graph_photo::User::photo`")]
    pub fn photo(self) -> UserPhoto<'c> {
        UserPhoto { place: self.place }
    }

    /// `/photos`: the photo in its sizes. The legacy service had them in beta only; here they are in v2.0 as well.
    ///
    /// In its place: [`graph_photo::DirectoryPhoto::sizes`] for the list, [`graph_photo::DirectoryPhoto::size`] for
    /// one of them.
    #[deprecated(
        note = "use `graph_photo::DirectoryPhoto::sizes` or `graph_photo::DirectoryPhoto::size`"
    )]
    pub fn photos(self) -> UserPhotos<'c> {
        UserPhotos { place: self.place }
    }
}

/// `/photo`; from [`OutlookUser::photo`].
///
/// In its place: [`graph_photo::DirectoryPhoto`].
///
/// ```
/// # #![allow(deprecated)]
/// # use graph_photo_compat::client::OutlookClient;
/// # async fn example(outlook: OutlookClient, picture: Vec<u8>) -> Result<(), graph_photo::Error> {
/// let photo = outlook.me().photo();
/// photo.put_value(picture).await?;
/// println!("{:?}", photo.get().await?.id);
/// # Ok(())
/// # }
/// ```
#[deprecated(note = "use `graph_photo::DirectoryPhoto`")]
#[derive(Debug, Clone, Copy)]
pub struct UserPhoto<'c> {
    place: Place<'c>,
}

impl UserPhoto<'_> {
    /// `GET /photo`: what is known about the largest photo, with status 200. Without a photo it is the placeholder:
    /// `Id` is `1X1`, the media type `image/gif`, the etag empty.
    ///
    /// In its place: [`graph_photo::DirectoryPhoto::metadata`], which gives `None` where this gives the placeholder.
    ///
    /// # Errors
    /// Every failure but a missing photo, each with its [`ErrorKind`]; an unknown user is one, which takes a second
    /// request to find out.
    #[deprecated(
        note = "use `graph_photo::DirectoryPhoto::metadata`, which gives `None` for the 1X1 placeholder"
    )]
    pub async fn get(&self) -> Result<Response<OutlookPhoto>, Error> {
        let graph = self.place.graph.operations();
        let answer = match self.place.owner {
            Owner::Me => graph.me_get_photo(None).await,
            Owner::User(id) => graph.user_get_photo(id, None).await,
        };
        match answer {
            Ok(answer) => Ok(answer::photo(answer)),
            Err(error) if error.kind() == ErrorKind::NoPhoto => {
                self.place.expect_user(&error).await?;
                Ok(answer::without_photo(&error, OutlookPhoto::no_photo()))
            }
            Err(error) => Err(error),
        }
    }

    /// `GET /photo/$value`: the bytes of the largest photo, with status 200; their media type is the Content-Type
    /// among the headers.
    ///
    /// In its place: [`graph_photo::DirectoryPhoto::get`], which gives `None` where this fails with 404.
    ///
    /// # Errors
    /// Every failure; a missing photo is [`ErrorKind::NoPhoto`] with status 404.
    #[deprecated(
        note = "use `graph_photo::DirectoryPhoto::get`, which gives `None` where this fails with 404"
    )]
    pub async fn get_value(&self) -> Result<Response<Bytes>, Error> {
        let graph = self.place.graph.operations();
        match self.place.owner {
            Owner::Me => {
                let answer = graph.me_get_photo_content().await?;
                value(&operations::ME_GET_PHOTO_CONTENT, answer).await
            }
            Owner::User(id) => {
                let answer = graph.user_get_photo_content(id).await?;
                value(&operations::USER_GET_PHOTO_CONTENT, answer).await
            }
        }
    }

    /// `PUT /photo/$value`: replaces the photo, at most 4,194,304 bytes; status 200, whatever 2xx Graph gives.
    ///
    /// In its place: [`graph_photo::DirectoryPhoto::put`], which looks at the photo before it is sent.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] before anything is sent; otherwise the service's answer.
    #[deprecated(note = "use `graph_photo::DirectoryPhoto::put`")]
    pub async fn put_value(&self, photo: impl Into<Body>) -> Result<Response<()>, Error> {
        let graph = self.place.graph.operations();
        let answer = match self.place.owner {
            Owner::Me => graph.me_put_photo_content(photo).await,
            Owner::User(id) => graph.user_put_photo_content(id, photo).await,
        };
        answer.map(answer::set)
    }

    /// `PATCH /photo/$value`: the same as [`put_value`](Self::put_value), for the legacy service and for Graph.
    ///
    /// In its place: [`graph_photo::DirectoryPhoto::put`].
    ///
    /// # Errors
    /// As [`put_value`](Self::put_value).
    #[deprecated(note = "use `graph_photo::DirectoryPhoto::put`, Graph takes either verb")]
    pub async fn patch_value(&self, photo: impl Into<Body>) -> Result<Response<()>, Error> {
        let graph = self.place.graph.operations();
        let answer = match self.place.owner {
            Owner::Me => graph.me_patch_photo_content(photo).await,
            Owner::User(id) => graph.user_patch_photo_content(id, photo).await,
        };
        answer.map(answer::set)
    }
}

/// `/photos`; from [`OutlookUser::photos`].
///
/// In its place: [`graph_photo::DirectoryPhoto`].
///
/// ```
/// # #![allow(deprecated)]
/// # use graph_photo_compat::client::OutlookClient;
/// # async fn example(outlook: OutlookClient) -> Result<(), graph_photo::Error> {
/// for photo in &outlook.users("adele@contoso.com").photos().get().await?.value {
///     println!("{:?}", photo.id);
/// }
/// let small = outlook.me().photos().size("48x48").get_value().await?;
/// println!("{} bytes", small.len());
/// # Ok(())
/// # }
/// ```
#[deprecated(note = "use `graph_photo::DirectoryPhoto`")]
#[derive(Debug, Clone, Copy)]
pub struct UserPhotos<'c> {
    place: Place<'c>,
}

impl<'c> UserPhotos<'c> {
    /// `GET /photos`: what is known about each size, with status 200; an empty list if there is no photo.
    ///
    /// In its place: [`graph_photo::DirectoryPhoto::sizes`].
    ///
    /// # Errors
    /// As [`UserPhoto::get`].
    #[deprecated(note = "use `graph_photo::DirectoryPhoto::sizes`")]
    pub async fn get(&self) -> Result<Response<OutlookPhotoCollection>, Error> {
        let graph = self.place.graph.operations();
        let answer = match self.place.owner {
            Owner::Me => {
                graph
                    .me_list_photos(None, None, None, None, None, None)
                    .await
            }
            Owner::User(id) => {
                graph
                    .user_list_photos(id, None, None, None, None, None, None)
                    .await
            }
        };
        match answer {
            Ok(answer) => Ok(answer::photos(answer)),
            Err(error) if error.kind() == ErrorKind::NoPhoto => {
                self.place.expect_user(&error).await?;
                let none = OutlookPhotoCollection::default();
                Ok(answer::without_photo(&error, none))
            }
            Err(error) => Err(error),
        }
    }

    /// `/photos('{size}')`: one size, such as `48x48`; `48X48` and the `HR48x48` of Exchange Web Services are taken
    /// too.
    ///
    /// In its place: [`graph_photo::DirectoryPhoto::size`].
    #[deprecated(note = "use `graph_photo::DirectoryPhoto::size`")]
    pub fn size(&self, size: &'c str) -> SizedUserPhoto<'c> {
        SizedUserPhoto {
            place: self.place,
            size,
        }
    }
}

/// `/photos('{size}')`; from [`UserPhotos::size`].
///
/// In its place: [`graph_photo::SizedPhoto`].
#[deprecated(note = "use `graph_photo::SizedPhoto`")]
#[derive(Debug, Clone, Copy)]
pub struct SizedUserPhoto<'c> {
    place: Place<'c>,
    size: &'c str,
}

impl SizedUserPhoto<'_> {
    /// `GET /photos('{size}')`: what is known about the photo in this size; the placeholder, as with
    /// [`UserPhoto::get`], if there is none.
    ///
    /// In its place: [`graph_photo::SizedPhoto::metadata`], which gives `None` where this gives the placeholder.
    ///
    /// # Errors
    /// As [`UserPhoto::get`]; [`ErrorKind::InvalidInput`] for a size that is not width and height.
    #[deprecated(
        note = "use `graph_photo::SizedPhoto::metadata`, which gives `None` for the 1X1 placeholder"
    )]
    pub async fn get(&self) -> Result<Response<OutlookPhoto>, Error> {
        let size = answer::size(self.size)?;
        let graph = self.place.graph.operations();
        let answer = match self.place.owner {
            Owner::Me => graph.me_get_photo_by_size(&size, None).await,
            Owner::User(id) => graph.user_get_photo_by_size(id, &size, None).await,
        };
        match answer {
            Ok(answer) => Ok(answer::photo(answer)),
            Err(error) if error.kind() == ErrorKind::NoPhoto => {
                self.place.expect_user(&error).await?;
                Ok(answer::without_photo(&error, OutlookPhoto::no_photo()))
            }
            Err(error) => Err(error),
        }
    }

    /// `GET /photos('{size}')/$value`: the bytes of the photo in this size.
    ///
    /// In its place: [`graph_photo::SizedPhoto::get`], which gives `None` where this fails with 404.
    ///
    /// # Errors
    /// As [`UserPhoto::get_value`]; [`ErrorKind::InvalidInput`] for a size that is not width and height.
    #[deprecated(
        note = "use `graph_photo::SizedPhoto::get`, which gives `None` where this fails with 404"
    )]
    pub async fn get_value(&self) -> Result<Response<Bytes>, Error> {
        let size = answer::size(self.size)?;
        let graph = self.place.graph.operations();
        match self.place.owner {
            Owner::Me => {
                let answer = graph.me_get_photo_content_by_size(&size).await?;
                value(&operations::ME_GET_PHOTO_CONTENT_BY_SIZE, answer).await
            }
            Owner::User(id) => {
                let answer = graph.user_get_photo_content_by_size(id, &size).await?;
                value(&operations::USER_GET_PHOTO_CONTENT_BY_SIZE, answer).await
            }
        }
    }
}

async fn value(
    operation: &'static graph_photo_model::Operation,
    answer: Response<ByteStream>,
) -> Result<Response<Bytes>, Error> {
    let (status, headers, bytes) = answer.into_parts();
    let bytes = bytes.bytes().await?;
    answer::value(operation, Response::new(status, headers, bytes))
}
