//! What can be done with an owner's photo.
//!
//! What the service refuses is not here: no sizes and no delete on [`ContactPhoto`] and
//! [`TeamPhoto`], and nothing that writes metadata anywhere.

use graph_photo_model::photo::{Photo, PhotoMetadata};
use graph_photo_model::size::{Fit, Size};
use graph_photo_model::{Error, ErrorKind, Response};

use super::body::Body;
use super::byte_stream::ByteStream;
use super::operations::Operations;
use super::owner::{ContactPlace, Directory, Owner};

/// The photo of the signed-in user, a user or a group.
#[derive(Debug, Clone, Copy)]
pub struct DirectoryPhoto<'c> {
    operations: &'c Operations,
    directory: Directory<'c>,
}

impl<'c> DirectoryPhoto<'c> {
    pub(super) fn new(operations: &'c Operations, directory: Directory<'c>) -> Self {
        Self {
            operations,
            directory,
        }
    }

    /// The largest photo, in memory; `None` if there is no photo.
    ///
    /// # Errors
    /// Every failure but a missing photo, each with its [`ErrorKind`].
    pub async fn get(&self) -> Result<Option<Photo>, Error> {
        fetch(self.owner().get_photo_content(self.operations).await).await
    }

    /// The largest photo as it arrives; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn stream(&self) -> Result<Option<PhotoStream>, Error> {
        stream(self.owner().get_photo_content(self.operations).await).await
    }

    /// What is known about the largest photo without its bytes; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn metadata(&self) -> Result<Option<PhotoMetadata>, Error> {
        metadata(self.owner().get_photo(self.operations, None).await)
    }

    /// The sizes there are, smallest first; empty if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn sizes(&self) -> Result<Vec<PhotoMetadata>, Error> {
        let listed = match self.directory.list_photos(self.operations).await {
            Ok(listed) => listed.into_inner().value,
            Err(error) if error.kind() == ErrorKind::NoPhoto => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut sizes: Vec<PhotoMetadata> = listed
            .into_iter()
            .filter_map(PhotoMetadata::from_graph)
            .collect();
        sizes.sort_by_key(PhotoMetadata::size);
        Ok(sizes)
    }

    /// The photo in one size; by default exactly that size, see [`SizedPhoto::fit`].
    pub fn size(&self, size: Size) -> SizedPhoto<'c> {
        SizedPhoto {
            operations: self.operations,
            directory: self.directory,
            size,
            fit: Fit::Exact,
        }
    }

    /// Replaces the photo: JPEG (or PNG or GIF, as observed), at most 4,194,304 bytes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] before anything is sent when the bytes cannot be a photo;
    /// otherwise the service's answer.
    pub async fn put(&self, photo: impl Into<Body>) -> Result<(), Error> {
        put(self.operations, self.owner(), photo.into()).await
    }

    /// Deletes the photo. Deleting a photo that is not there succeeds.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn delete(&self) -> Result<(), Error> {
        match self.directory.delete_photo_content(self.operations).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NoPhoto => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn owner(&self) -> Owner<'c> {
        Owner::Directory(self.directory)
    }
}

/// A photo in a size of one's choice; from [`DirectoryPhoto::size`].
#[derive(Debug, Clone, Copy)]
pub struct SizedPhoto<'c> {
    operations: &'c Operations,
    directory: Directory<'c>,
    size: Size,
    fit: Fit,
}

impl SizedPhoto<'_> {
    /// What to take when that very size is not there; default [`Fit::Exact`].
    ///
    /// The service does not choose: anything but [`Fit::Exact`] lists the sizes first, which is
    /// one more request.
    #[must_use]
    pub fn fit(mut self, fit: Fit) -> Self {
        self.fit = fit;
        self
    }

    /// The photo, in memory; `None` if there is none of a fitting size.
    ///
    /// # Errors
    /// Every failure but a missing photo, each with its [`ErrorKind`].
    pub async fn get(&self) -> Result<Option<Photo>, Error> {
        match self.choose().await? {
            Some(size) => {
                fetch(
                    self.directory
                        .get_photo_content_by_size(self.operations, &size)
                        .await,
                )
                .await
            }
            None => Ok(None),
        }
    }

    /// The photo as it arrives; `None` if there is none of a fitting size.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn stream(&self) -> Result<Option<PhotoStream>, Error> {
        match self.choose().await? {
            Some(size) => {
                stream(
                    self.directory
                        .get_photo_content_by_size(self.operations, &size)
                        .await,
                )
                .await
            }
            None => Ok(None),
        }
    }

    /// What is known about the photo without its bytes; `None` if there is none of a fitting size.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn metadata(&self) -> Result<Option<PhotoMetadata>, Error> {
        match self.choose().await? {
            Some(size) => metadata(
                self.directory
                    .get_photo_by_size(self.operations, &size)
                    .await,
            ),
            None => Ok(None),
        }
    }

    /// The size to ask for, as the service spells it.
    async fn choose(&self) -> Result<Option<String>, Error> {
        if self.fit == Fit::Exact {
            return Ok(Some(self.size.to_string()));
        }
        let all = DirectoryPhoto::new(self.operations, self.directory)
            .sizes()
            .await?;
        let available: Vec<Size> = all.iter().filter_map(PhotoMetadata::size).collect();
        Ok(
            graph_photo_model::size::choose(&available, self.size, self.fit)
                .map(|size| size.to_string()),
        )
    }
}

/// The photo of a contact. Graph offers no sizes and no delete here.
#[derive(Debug, Clone, Copy)]
pub struct ContactPhoto<'c> {
    operations: &'c Operations,
    place: ContactPlace<'c>,
}

impl<'c> ContactPhoto<'c> {
    pub(super) fn new(operations: &'c Operations, place: ContactPlace<'c>) -> Self {
        Self { operations, place }
    }

    /// The photo, in memory; `None` if there is no photo.
    ///
    /// # Errors
    /// Every failure but a missing photo, each with its [`ErrorKind`].
    pub async fn get(&self) -> Result<Option<Photo>, Error> {
        fetch(self.owner().get_photo_content(self.operations).await).await
    }

    /// The photo as it arrives; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn stream(&self) -> Result<Option<PhotoStream>, Error> {
        stream(self.owner().get_photo_content(self.operations).await).await
    }

    /// What is known about the photo without its bytes; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn metadata(&self) -> Result<Option<PhotoMetadata>, Error> {
        metadata(self.owner().get_photo(self.operations, None).await)
    }

    /// Replaces the photo; see [`DirectoryPhoto::put`].
    ///
    /// # Errors
    /// As [`DirectoryPhoto::put`].
    pub async fn put(&self, photo: impl Into<Body>) -> Result<(), Error> {
        put(self.operations, self.owner(), photo.into()).await
    }

    fn owner(&self) -> Owner<'c> {
        Owner::Contact(self.place)
    }
}

/// The photo of a team. Graph offers no sizes and no delete here.
#[derive(Debug, Clone, Copy)]
pub struct TeamPhoto<'c> {
    operations: &'c Operations,
    team: &'c str,
}

impl<'c> TeamPhoto<'c> {
    pub(super) fn new(operations: &'c Operations, team: &'c str) -> Self {
        Self { operations, team }
    }

    /// The photo, in memory; `None` if there is no photo.
    ///
    /// # Errors
    /// Every failure but a missing photo, each with its [`ErrorKind`].
    pub async fn get(&self) -> Result<Option<Photo>, Error> {
        fetch(self.owner().get_photo_content(self.operations).await).await
    }

    /// The photo as it arrives; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn stream(&self) -> Result<Option<PhotoStream>, Error> {
        stream(self.owner().get_photo_content(self.operations).await).await
    }

    /// What is known about the photo without its bytes; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn metadata(&self) -> Result<Option<PhotoMetadata>, Error> {
        metadata(self.owner().get_photo(self.operations, None).await)
    }

    /// Replaces the photo; see [`DirectoryPhoto::put`]. Needs a delegated token.
    ///
    /// # Errors
    /// As [`DirectoryPhoto::put`].
    pub async fn put(&self, photo: impl Into<Body>) -> Result<(), Error> {
        put(self.operations, self.owner(), photo.into()).await
    }

    fn owner(&self) -> Owner<'c> {
        Owner::Team(self.team)
    }
}

/// A photo on its way: its media type and its bytes as they arrive.
#[derive(Debug)]
pub struct PhotoStream {
    content_type: String,
    bytes: ByteStream,
}

impl PhotoStream {
    /// The media type the service gave, e.g. `image/jpeg`.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The size in bytes, if the service announced it.
    pub fn content_length(&self) -> Option<u64> {
        self.bytes.content_length()
    }

    /// The next bytes, `None` at the end; see [`ByteStream::chunk`].
    ///
    /// # Errors
    /// As [`ByteStream::chunk`].
    pub async fn chunk(&mut self) -> Result<Option<bytes::Bytes>, Error> {
        self.bytes.chunk().await
    }

    /// The bytes without the media type, to read them in another way.
    pub fn into_bytes(self) -> ByteStream {
        self.bytes
    }
}

/// The media type of an answer; Graph always gives one, legacy proxies may not.
fn content_type<T>(response: &Response<T>) -> Option<String> {
    let value = response.headers().get(http::header::CONTENT_TYPE)?;
    value.to_str().ok().map(str::to_owned)
}

async fn fetch(answer: Result<Response<ByteStream>, Error>) -> Result<Option<Photo>, Error> {
    let Some(response) = found(answer)? else {
        return Ok(None);
    };
    let content_type = content_type(&response);
    let etag = response
        .headers()
        .get(http::header::ETAG)
        .and_then(|etag| etag.to_str().ok())
        .map(str::to_owned);
    let bytes = response.into_inner().bytes().await?;
    Ok(Photo::from_graph(bytes, content_type, etag))
}

async fn stream(answer: Result<Response<ByteStream>, Error>) -> Result<Option<PhotoStream>, Error> {
    let Some(response) = found(answer)? else {
        return Ok(None);
    };
    let content_type =
        content_type(&response).unwrap_or_else(|| "application/octet-stream".to_owned());
    let mut bytes = response.into_inner();
    // The documented placeholder of "no photo" is a gif of one pixel: look before handing it out.
    if content_type.starts_with("image/gif") && bytes.is_placeholder().await? {
        return Ok(None);
    }
    Ok(Some(PhotoStream {
        content_type,
        bytes,
    }))
}

fn metadata(
    answer: Result<Response<graph_photo_model::types::ProfilePhoto>, Error>,
) -> Result<Option<PhotoMetadata>, Error> {
    Ok(found(answer)?.and_then(|response| PhotoMetadata::from_graph(response.into_inner())))
}

/// "No photo" in any of its spellings is `None`, not an error.
fn found<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NoPhoto => Ok(None),
        Err(error) => Err(error),
    }
}

async fn put(operations: &Operations, owner: Owner<'_>, body: Body) -> Result<(), Error> {
    if let Some(bytes) = body.as_bytes() {
        graph_photo_model::media::check_upload(bytes)?;
    }
    owner.put_photo_content(operations, body).await?;
    Ok(())
}
