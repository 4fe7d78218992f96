//! What can be done with an owner's photo.
//!
//! What the service refuses is not here: no sizes and no delete on [`ContactPhoto`] and
//! [`TeamPhoto`], and nothing that writes metadata anywhere.

use graph_photo_model::photo::{self, Photo, PhotoMetadata, Refresh};
use graph_photo_model::size::{Fit, Size};
use graph_photo_model::types::{ProfilePhoto, ProfilePhotoCollectionResponse};
use graph_photo_model::{Error, ErrorKind, Response};

use super::body::Body;
use super::byte_stream::ByteStream;
use super::operations::Operations;
use super::owner::{ContactPlace, Directory, Owner};

/// The photo of the signed-in user, a user or a group.
///
/// What the service takes compiles:
///
/// ```no_run
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// client.me().photo().delete().await?;
/// # Ok(())
/// # }
/// ```
///
/// What it refuses does not:
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.me().photo().set_metadata().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().me_patch_photo().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().me_delete_photo().await;
/// # }
/// ```
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
    /// An answer that breaks off is asked for again. The media etag is known only where the answer
    /// carries one; [`get_if_changed`](Self::get_if_changed) always tells it.
    ///
    /// # Errors
    /// Every failure but a missing photo, each with its [`ErrorKind`].
    pub async fn get(&self) -> Result<Option<Photo>, Error> {
        self.target().get().await
    }

    /// The largest photo as it arrives; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get); later failures come from the stream.
    pub async fn stream(&self) -> Result<Option<PhotoStream>, Error> {
        self.target().stream().await
    }

    /// What is known about the largest photo without its bytes; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn metadata(&self) -> Result<Option<PhotoMetadata>, Error> {
        self.target().metadata().await
    }

    /// The largest photo if its media etag is not `etag`; `None` for whatever there is.
    ///
    /// Graph honours no If-None-Match on photos, so the metadata is read first and the bytes only
    /// if they changed: one small request instead of one large, or two.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_if_changed<'e>(
        &self,
        etag: impl Into<Option<&'e str>>,
    ) -> Result<Refresh, Error> {
        self.target().get_if_changed(etag.into()).await
    }

    /// As [`get`](Self::get), from the cache while what it knows is fresh; a stale photo is
    /// refreshed by its media etag. Without [`ClientBuilder::cache`](super::ClientBuilder::cache)
    /// the same as [`get`](Self::get).
    ///
    /// # Errors
    /// As [`get`](Self::get); a failed refresh is an error, not the stale photo.
    #[cfg(feature = "cache")]
    pub async fn get_cached(&self) -> Result<Option<Photo>, Error> {
        self.target().get_cached().await
    }

    /// The sizes there are, smallest first; empty if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn sizes(&self) -> Result<Vec<PhotoMetadata>, Error> {
        let Some(listed) = found(self.directory.list_photos(self.operations).await)? else {
            return Ok(Vec::new());
        };
        let mut listed = listed.into_inner();
        let mut all = listed.value;
        // Nine sizes never took a second page; the bound keeps a service from leading in circles.
        for _ in 0..MAX_PAGES {
            let Some(next) = listed.odata_next_link.take() else {
                break;
            };
            // Only a link below the base URL is followed: the token goes nowhere else.
            let Some(path) = self.operations.base_url().relative(&next) else {
                let what = "the list of sizes goes on at another server; that link is not followed";
                let operation = self.directory.list_operation();
                return Err(
                    Error::local(ErrorKind::UnexpectedResponse, what).with_operation(operation)
                );
            };
            let path = path.to_owned();
            listed = self
                .operations
                .get_json::<ProfilePhotoCollectionResponse>(self.directory.list_operation(), path)
                .await?
                .into_inner();
            all.append(&mut listed.value);
        }
        let mut sizes: Vec<PhotoMetadata> = all
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

    /// Replaces the photo: JPEG, or PNG as Microsoft's own pages show it, at most 4,194,304 bytes
    /// and at least 48 by 48 pixels.
    ///
    /// The upload is looked at before anything is sent, and it is sent again when the service is
    /// busy, unless it is read while it is sent. After 504x504 pixels every size but 648x648 is
    /// there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] or [`ErrorKind::TooLarge`] before anything is sent when the
    /// bytes cannot be a photo; otherwise the service's answer.
    pub async fn put(&self, photo: impl Into<Body>) -> Result<(), Error> {
        put(self.operations, self.owner(), photo.into()).await
    }

    /// Deletes the photo. Deleting a photo that is not there succeeds.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn delete(&self) -> Result<(), Error> {
        let deleted = self.directory.delete_photo_content(self.operations).await;
        #[cfg(feature = "cache")]
        super::cache::forget(self.operations, self.owner());
        found(deleted).map(|_| ())
    }

    fn owner(&self) -> Owner<'c> {
        Owner::Directory(self.directory)
    }

    fn target(&self) -> Target<'c> {
        Target {
            operations: self.operations,
            what: What::Largest(self.owner()),
        }
    }
}

/// A photo in a size of one's choice; from [`DirectoryPhoto::size`].
///
/// What the service takes compiles:
///
/// ```no_run
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// client.me().photo().size(graph_photo::Size::S96).get().await?;
/// # Ok(())
/// # }
/// ```
///
/// What it refuses does not:
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.me().photo().size(graph_photo::Size::S96).put(vec![0]).await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.me().photo().size(graph_photo::Size::S96).delete().await;
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SizedPhoto<'c> {
    operations: &'c Operations,
    directory: Directory<'c>,
    size: Size,
    fit: Fit,
}

impl<'c> SizedPhoto<'c> {
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
    /// An answer that breaks off is asked for again. The media etag is known only where the answer
    /// carries one; [`get_if_changed`](Self::get_if_changed) always tells it.
    ///
    /// # Errors
    /// Every failure but a missing photo, each with its [`ErrorKind`].
    pub async fn get(&self) -> Result<Option<Photo>, Error> {
        self.target().get().await
    }

    /// The photo as it arrives; `None` if there is none of a fitting size.
    ///
    /// # Errors
    /// As [`get`](Self::get); later failures come from the stream.
    pub async fn stream(&self) -> Result<Option<PhotoStream>, Error> {
        self.target().stream().await
    }

    /// What is known about the photo without its bytes; `None` if there is none of a fitting size.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn metadata(&self) -> Result<Option<PhotoMetadata>, Error> {
        self.target().metadata().await
    }

    /// The photo if its media etag is not `etag`; `None` for whatever there is.
    ///
    /// Graph honours no If-None-Match on photos, so the metadata is read first and the bytes only
    /// if they changed: one small request instead of one large, or two.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_if_changed<'e>(
        &self,
        etag: impl Into<Option<&'e str>>,
    ) -> Result<Refresh, Error> {
        self.target().get_if_changed(etag.into()).await
    }

    /// As [`get`](Self::get), from the cache while what it knows is fresh; a stale photo is
    /// refreshed by its media etag. Without [`ClientBuilder::cache`](super::ClientBuilder::cache)
    /// the same as [`get`](Self::get).
    ///
    /// # Errors
    /// As [`get`](Self::get); a failed refresh is an error, not the stale photo.
    #[cfg(feature = "cache")]
    pub async fn get_cached(&self) -> Result<Option<Photo>, Error> {
        self.target().get_cached().await
    }

    fn target(&self) -> Target<'c> {
        Target {
            operations: self.operations,
            what: What::Size(self.directory, self.size, self.fit),
        }
    }
}

/// The photo of a contact. Graph offers no sizes and no delete here.
///
/// What the service takes compiles:
///
/// ```no_run
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// client.contact("c").photo().put(vec![0xFF]).await?;
/// # Ok(())
/// # }
/// ```
///
/// What it refuses does not:
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.contact("c").photo().size(graph_photo::Size::S96);
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.contact("c").photo().sizes().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.contact("c").photo().delete().await;
/// # }
/// ```
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
    /// An answer that breaks off is asked for again. The media etag is known only where the answer
    /// carries one; [`get_if_changed`](Self::get_if_changed) always tells it.
    ///
    /// # Errors
    /// Every failure but a missing photo, each with its [`ErrorKind`].
    pub async fn get(&self) -> Result<Option<Photo>, Error> {
        self.target().get().await
    }

    /// The photo as it arrives; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get); later failures come from the stream.
    pub async fn stream(&self) -> Result<Option<PhotoStream>, Error> {
        self.target().stream().await
    }

    /// What is known about the photo without its bytes; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn metadata(&self) -> Result<Option<PhotoMetadata>, Error> {
        self.target().metadata().await
    }

    /// The photo if its media etag is not `etag`; `None` for whatever there is.
    ///
    /// Graph honours no If-None-Match on photos, so the metadata is read first and the bytes only
    /// if they changed: one small request instead of one large, or two.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_if_changed<'e>(
        &self,
        etag: impl Into<Option<&'e str>>,
    ) -> Result<Refresh, Error> {
        self.target().get_if_changed(etag.into()).await
    }

    /// As [`get`](Self::get), from the cache while what it knows is fresh; a stale photo is
    /// refreshed by its media etag. Without [`ClientBuilder::cache`](super::ClientBuilder::cache)
    /// the same as [`get`](Self::get).
    ///
    /// # Errors
    /// As [`get`](Self::get); a failed refresh is an error, not the stale photo.
    #[cfg(feature = "cache")]
    pub async fn get_cached(&self) -> Result<Option<Photo>, Error> {
        self.target().get_cached().await
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

    fn target(&self) -> Target<'c> {
        Target {
            operations: self.operations,
            what: What::Largest(self.owner()),
        }
    }
}

/// The photo of a team. Graph offers no sizes and no delete here.
///
/// What the service takes compiles:
///
/// ```no_run
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// client.team("t").photo().put(vec![0xFF]).await?;
/// # Ok(())
/// # }
/// ```
///
/// What it refuses does not:
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.team("t").photo().size(graph_photo::Size::S96);
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.team("t").photo().sizes().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.team("t").photo().delete().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.team("t").photo().patch(vec![0]).await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().team_patch_photo_content("t", vec![0]).await;
/// # }
/// ```
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
    /// An answer that breaks off is asked for again. The media etag is known only where the answer
    /// carries one; [`get_if_changed`](Self::get_if_changed) always tells it.
    ///
    /// # Errors
    /// Every failure but a missing photo, each with its [`ErrorKind`].
    pub async fn get(&self) -> Result<Option<Photo>, Error> {
        self.target().get().await
    }

    /// The photo as it arrives; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get); later failures come from the stream.
    pub async fn stream(&self) -> Result<Option<PhotoStream>, Error> {
        self.target().stream().await
    }

    /// What is known about the photo without its bytes; `None` if there is no photo.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn metadata(&self) -> Result<Option<PhotoMetadata>, Error> {
        self.target().metadata().await
    }

    /// The photo if its media etag is not `etag`; `None` for whatever there is.
    ///
    /// Graph honours no If-None-Match on photos, so the metadata is read first and the bytes only
    /// if they changed: one small request instead of one large, or two.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_if_changed<'e>(
        &self,
        etag: impl Into<Option<&'e str>>,
    ) -> Result<Refresh, Error> {
        self.target().get_if_changed(etag.into()).await
    }

    /// As [`get`](Self::get), from the cache while what it knows is fresh; a stale photo is
    /// refreshed by its media etag. Without [`ClientBuilder::cache`](super::ClientBuilder::cache)
    /// the same as [`get`](Self::get).
    ///
    /// # Errors
    /// As [`get`](Self::get); a failed refresh is an error, not the stale photo.
    #[cfg(feature = "cache")]
    pub async fn get_cached(&self) -> Result<Option<Photo>, Error> {
        self.target().get_cached().await
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

    fn target(&self) -> Target<'c> {
        Target {
            operations: self.operations,
            what: What::Largest(self.owner()),
        }
    }
}

/// A list of sizes has fewer pages than this.
const MAX_PAGES: usize = 10;

/// What a read is for.
#[derive(Clone, Copy)]
struct Target<'c> {
    operations: &'c Operations,
    what: What<'c>,
}

#[derive(Clone, Copy)]
enum What<'c> {
    /// The largest photo.
    Largest(Owner<'c>),
    /// A size still to be chosen.
    Size(Directory<'c>, Size, Fit),
}

/// What is asked for, chosen.
enum Chosen<'c> {
    Largest(Owner<'c>),
    Size(Directory<'c>, String),
}

impl<'c> Target<'c> {
    async fn get(self) -> Result<Option<Photo>, Error> {
        match self.choose().await? {
            Some(chosen) => self.photo(&chosen).await,
            None => Ok(None),
        }
    }

    async fn stream(self) -> Result<Option<PhotoStream>, Error> {
        let Some(chosen) = self.choose().await? else {
            return Ok(None);
        };
        let Some(response) = found(chosen.content(self.operations).await)? else {
            return Ok(None);
        };
        let (status, headers, mut bytes) = response.into_parts();
        let content_type = headers
            .get(http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        // The start tells the placeholder of "no photo" (a gif of one pixel), and a sign-in page
        // of the network, before they are handed out.
        let start = bytes.peek(START).await?;
        if let Some(what) = photo::refusal(content_type, &start) {
            let operation = chosen.operation();
            return Err(Error::decode(operation, status, headers, &start, what));
        }
        let etag = headers
            .get(http::header::ETAG)
            .and_then(|etag| etag.to_str().ok())
            .map(str::to_owned);
        let looked_at = Photo::from_graph(start, content_type.map(str::to_owned), etag);
        Ok(looked_at.map(|photo| PhotoStream {
            content_type: photo.content_type().to_owned(),
            bytes,
        }))
    }

    async fn metadata(self) -> Result<Option<PhotoMetadata>, Error> {
        match self.choose().await? {
            Some(chosen) => metadata(chosen.metadata(self.operations).await),
            None => Ok(None),
        }
    }

    async fn get_if_changed(self, etag: Option<&str>) -> Result<Refresh, Error> {
        let Some(chosen) = self.choose().await? else {
            return Ok(Refresh::NoPhoto);
        };
        let Some(metadata) = metadata(chosen.metadata(self.operations).await)? else {
            return Ok(Refresh::NoPhoto);
        };
        let current = metadata.media_etag();
        if current.is_some() && current == etag {
            return Ok(Refresh::Unchanged);
        }
        // The etag is older than the bytes or of the same age: a change in between is found by
        // the next call.
        Ok(match self.photo(&chosen).await? {
            Some(photo) => Refresh::Changed(photo.with_media_etag(current)),
            None => Refresh::NoPhoto,
        })
    }

    #[cfg(feature = "cache")]
    async fn get_cached(self) -> Result<Option<Photo>, Error> {
        use super::cache::LookUp;

        let Some(cache) = self.operations.own_cache() else {
            return self.get().await;
        };
        let key = match self.what {
            What::Largest(owner) => super::cache::key(owner, None),
            What::Size(directory, size, fit) => {
                super::cache::key(Owner::Directory(directory), Some((size, fit)))
            }
        };
        let known = match cache.look_up(&key) {
            LookUp::Fresh(photo) => return Ok(photo),
            LookUp::Stale(photo) => Some(photo),
            LookUp::Missing => None,
        };
        let etag = known.as_ref().and_then(Photo::media_etag);
        let photo = match self.get_if_changed(etag).await? {
            Refresh::Unchanged => known,
            Refresh::Changed(photo) => Some(photo),
            Refresh::NoPhoto => None,
        };
        cache.store(key, photo.clone());
        Ok(photo)
    }

    async fn choose(self) -> Result<Option<Chosen<'c>>, Error> {
        match self.what {
            What::Largest(owner) => Ok(Some(Chosen::Largest(owner))),
            What::Size(directory, size, Fit::Exact) => {
                Ok(Some(Chosen::Size(directory, size.to_string())))
            }
            What::Size(directory, size, fit) => {
                let all = DirectoryPhoto::new(self.operations, directory)
                    .sizes()
                    .await?;
                let available: Vec<Size> = all.iter().filter_map(PhotoMetadata::size).collect();
                let chosen = graph_photo_model::size::choose(&available, size, fit);
                Ok(chosen.map(|size| Chosen::Size(directory, size.to_string())))
            }
        }
    }

    async fn photo(self, chosen: &Chosen<'c>) -> Result<Option<Photo>, Error> {
        let Some(response) = found(chosen.content(&self.operations.buffered()).await)? else {
            return Ok(None);
        };
        let (status, headers, bytes) = response.into_parts();
        let bytes = bytes.bytes().await?;
        Photo::from_answer(chosen.operation(), Response::new(status, headers, bytes))
    }
}

/// A gif's dimensions are in its first 10 bytes, and no format is told by more than 12.
const START: usize = 16;

impl Chosen<'_> {
    async fn content(&self, operations: &Operations) -> Result<Response<ByteStream>, Error> {
        match self {
            Self::Largest(owner) => owner.get_photo_content(operations).await,
            Self::Size(directory, size) => {
                directory.get_photo_content_by_size(operations, size).await
            }
        }
    }

    async fn metadata(&self, operations: &Operations) -> Result<Response<ProfilePhoto>, Error> {
        match self {
            Self::Largest(owner) => owner.get_photo(operations, None).await,
            Self::Size(directory, size) => directory.get_photo_by_size(operations, size).await,
        }
    }

    /// The operation behind [`content`](Self::content).
    fn operation(&self) -> &'static graph_photo_model::Operation {
        match self {
            Self::Largest(owner) => owner.content_operation(),
            Self::Size(directory, _) => directory.sized_content_operation(),
        }
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

    pub(crate) fn bytes_mut(&mut self) -> &mut ByteStream {
        &mut self.bytes
    }
}

fn metadata(answer: Result<Response<ProfilePhoto>, Error>) -> Result<Option<PhotoMetadata>, Error> {
    Ok(found(answer)?.and_then(|response| PhotoMetadata::from_graph(response.into_inner())))
}

/// "No photo" in any of its spellings is `None`, not an error.
pub(super) fn found<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NoPhoto => Ok(None),
        Err(error) => Err(error),
    }
}

async fn put(operations: &Operations, owner: Owner<'_>, mut body: Body) -> Result<(), Error> {
    body.check().await?;
    let sent = owner.put_photo_content(operations, body).await;
    #[cfg(feature = "cache")]
    super::cache::forget(operations, owner);
    sent.map(|_| ())
}
