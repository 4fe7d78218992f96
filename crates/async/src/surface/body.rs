//! What an upload sends.

use std::path::Path;

use bytes::Bytes;
use graph_photo_model::error::BoxError;
use graph_photo_model::media::{self, MAX_UPLOAD_BYTES, UPLOAD_START_BYTES};
use graph_photo_model::{Error, ErrorKind};

use crate::runtime::{AsyncRead, Stream, Upload, read_file};

/// The bytes of an upload, with their length and, if it is known, their media type.
///
/// A body made from bytes or a file is sent again when Graph asks to retry. A body made from a
/// reader or a stream is sent once.
///
/// ```
/// use graph_photo::Body;
///
/// let body = Body::from(&b"\xff\xd8\xff\xe0 and the rest of a JPEG"[..]);
/// assert_eq!(body.content_type(), Some("image/jpeg"));
/// assert_eq!(body.len(), 27);
/// ```
pub struct Body {
    content_type: Option<&'static str>,
    content: Content,
}

/// What a [`Body`] holds.
pub(crate) enum Content {
    /// Bytes in memory.
    Bytes(Bytes),
    /// Bytes that are read while they are sent, and how many there are.
    Upload(Box<Upload>, u64),
}

impl Body {
    /// A body that is read while it is sent; `length` is its exact size in bytes.
    ///
    /// The length is sent as Content-Length. A reader that ends early makes the upload fail, and
    /// what it has beyond the length is not sent.
    ///
    /// ```
    /// # async fn example(client: graph_photo::Client, jpeg: Vec<u8>) -> Result<(), graph_photo::Error> {
    /// use graph_photo::Body;
    ///
    /// let length = jpeg.len() as u64;
    /// let body = Body::from_reader(std::io::Cursor::new(jpeg), length);
    /// client.me().photo().put(body).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_reader(reader: impl AsyncRead + Send + 'static, length: u64) -> Self {
        Self {
            content_type: None,
            content: Content::Upload(Box::new(Upload::from_reader(reader)), length),
        }
    }

    /// A body that arrives in chunks while it is sent; `length` is its exact size in bytes, as with
    /// [`from_reader`](Self::from_reader).
    pub fn from_stream<S, E>(chunks: S, length: u64) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        Self {
            content_type: None,
            content: Content::Upload(Box::new(Upload::from_stream(chunks)), length),
        }
    }

    /// A file. It is read into memory, being at most 4,194,304 bytes, so that it can be checked
    /// whole and sent again.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] before reading; [`ErrorKind::InvalidInput`] if it cannot be read.
    pub async fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        match read_file(path, MAX_UPLOAD_BYTES).await {
            Ok(bytes) if bytes.len() as u64 > MAX_UPLOAD_BYTES => {
                Err(too_large(bytes.len() as u64))
            }
            Ok(bytes) => Ok(Bytes::from(bytes).into()),
            Err(error) => Err(Error::invalid_input(
                "the file",
                format!("{} cannot be read", path.display()),
            )
            .with_source(error)),
        }
    }

    /// A photo made to fit: turned upright, scaled down to `size` at most and compressed as JPEG
    /// until the service takes it. A photo that fits already is sent as it is.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if it is no JPEG or PNG that can be decoded.
    #[cfg(feature = "resize")]
    pub fn resized(photo: impl Into<Bytes>, size: graph_photo_model::Size) -> Result<Self, Error> {
        graph_photo_model::resize::fit(photo.into(), size).map(Self::from)
    }

    /// The body with this media type instead of the one its bytes show.
    #[must_use]
    pub fn with_content_type(mut self, content_type: &'static str) -> Self {
        self.content_type = Some(content_type);
        self
    }

    /// The media type, if it was given or the bytes show it.
    pub fn content_type(&self) -> Option<&'static str> {
        self.content_type
    }

    /// The size in bytes.
    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Upload(_, length) => *length,
        }
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Refuses what the service would refuse, and learns the media type; of what is read while it
    /// is sent, the start is looked at.
    pub(crate) async fn check(&mut self) -> Result<(), Error> {
        let info = match &mut self.content {
            Content::Bytes(bytes) => media::check_upload(bytes)?,
            Content::Upload(_, length) if *length == 0 || *length > MAX_UPLOAD_BYTES => {
                media::check_upload_start(b"", *length)?
            }
            Content::Upload(upload, length) => {
                let wanted = usize::try_from(*length)
                    .unwrap_or(UPLOAD_START_BYTES)
                    .min(UPLOAD_START_BYTES);
                let start = upload.start(wanted).await.map_err(|error| {
                    Error::invalid_input("the photo", "cannot be read").with_source(error)
                })?;
                media::check_upload_start(start, *length)?
            }
        };
        self.content_type.get_or_insert(info.content_type());
        Ok(())
    }

    /// Refuses what no upload may exceed.
    pub(crate) fn check_length(&self) -> Result<(), Error> {
        if self.len() > MAX_UPLOAD_BYTES {
            Err(too_large(self.len()))
        } else {
            Ok(())
        }
    }

    /// A value as JSON. No photo operation sends JSON;
    /// [`Operations::exec`](super::Operations::exec) is for those that do.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the value cannot be written as JSON.
    pub fn json(value: &impl serde::Serialize) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(value)
            .map_err(|error| Error::invalid_input("body", error.to_string()))?;
        Ok(Self::of_json(bytes))
    }

    /// JSON that is written already.
    pub(crate) fn of_json(bytes: Vec<u8>) -> Self {
        Self {
            content_type: None,
            content: Content::Bytes(bytes.into()),
        }
    }

    /// A copy to send again, which only bytes in memory can give.
    pub(crate) fn replay(&self) -> Option<Self> {
        match &self.content {
            Content::Bytes(bytes) => Some(Self {
                content_type: self.content_type,
                content: Content::Bytes(bytes.clone()),
            }),
            Content::Upload(..) => None,
        }
    }

    /// What is sent.
    pub(crate) fn into_content(self) -> Content {
        self.content
    }
}

fn too_large(length: u64) -> Error {
    Error::local(
        ErrorKind::TooLarge,
        format!(
            "the photo has {length} bytes and the service takes at most {MAX_UPLOAD_BYTES}; scale it down or compress it more"
        ),
    )
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body")
            .field("content_type", &self.content_type)
            .field("len", &self.len())
            .finish()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        let content_type = media::sniff(&bytes).map(|kind| kind.content_type());
        Self {
            content_type,
            content: Content::Bytes(bytes),
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}
