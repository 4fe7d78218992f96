//! How a photo is read, whatever it is of: in memory, as a stream, from the cache, or its metadata.

use graph_photo_model::photo::{self, Photo, PhotoMetadata, Refresh};
use graph_photo_model::size::{self, Fit, Size};
use graph_photo_model::types::ProfilePhoto;
use graph_photo_model::{Error, Operation, Response};

use super::{DirectoryPhoto, PhotoStream, found};
use crate::surface::auth::without_token;
use crate::surface::byte_stream::ByteStream;
use crate::surface::operations::Operations;
use crate::surface::owner::{Directory, Owner};

/// What a read is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'c> {
    pub(super) operations: &'c Operations,
    pub(super) what: What<'c>,
}

/// Which photo.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'c> {
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
    /// Whose photo it is.
    pub(super) fn owner(self) -> Owner<'c> {
        match self.what {
            What::Largest(owner) => owner,
            What::Size(directory, ..) => Owner::Directory(directory),
        }
    }

    pub(super) async fn get(self) -> Result<Option<Photo>, Error> {
        match self.choose().await? {
            Some(chosen) => self.photo(&chosen).await,
            None => Ok(None),
        }
    }

    pub(super) async fn stream(self) -> Result<Option<PhotoStream>, Error> {
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
            let error = Error::decode(chosen.operation(), status, headers, &start, what);
            return Err(without_token(error, bytes.token().as_ref()));
        }
        let etag = headers
            .get(http::header::ETAG)
            .and_then(|etag| etag.to_str().ok())
            .map(str::to_owned);
        let looked_at = Photo::from_graph(start, content_type.map(str::to_owned), etag);
        Ok(looked_at.map(|photo| PhotoStream::new(photo.content_type().to_owned(), bytes)))
    }

    pub(super) async fn metadata(self) -> Result<Option<PhotoMetadata>, Error> {
        match self.choose().await? {
            Some(chosen) => metadata(chosen.metadata(self.operations).await),
            None => Ok(None),
        }
    }

    pub(super) async fn get_if_changed(self, etag: Option<&str>) -> Result<Refresh, Error> {
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
    pub(super) async fn get_cached(self) -> Result<Option<Photo>, Error> {
        use crate::surface::cache::{LookUp, key};

        let Some(cache) = self.operations.own_cache() else {
            return self.get().await;
        };
        let size = match self.what {
            What::Largest(_) => None,
            What::Size(_, size, fit) => Some((size, fit)),
        };
        let key = key(self.owner(), size);
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
            What::Size(directory, wanted, fit) => {
                let all = DirectoryPhoto::new(self.operations, directory)
                    .sizes()
                    .await?;
                let available: Vec<Size> = all.iter().filter_map(PhotoMetadata::size).collect();
                let chosen = size::choose(&available, wanted, fit);
                Ok(chosen.map(|size| Chosen::Size(directory, size.to_string())))
            }
        }
    }

    async fn photo(self, chosen: &Chosen<'c>) -> Result<Option<Photo>, Error> {
        let Some(response) = found(chosen.content(&self.operations.buffered()).await)? else {
            return Ok(None);
        };
        let (status, headers, bytes) = response.into_parts();
        let token = bytes.token();
        let bytes = bytes.bytes().await?;
        Photo::from_answer(chosen.operation(), Response::new(status, headers, bytes))
            .map_err(|error| without_token(error, token.as_ref()))
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
    fn operation(&self) -> &'static Operation {
        match self {
            Self::Largest(owner) => owner.content_operation(),
            Self::Size(directory, _) => directory.sized_content_operation(),
        }
    }
}

fn metadata(answer: Result<Response<ProfilePhoto>, Error>) -> Result<Option<PhotoMetadata>, Error> {
    Ok(found(answer)?.and_then(|response| PhotoMetadata::from_graph(response.into_inner())))
}
