//! What an upload sends.

use bytes::Bytes;
use graph_photo_model::Error;
use graph_photo_model::media;

use crate::runtime::{AsyncRead, BoxedReader, boxed};

/// The bytes of an upload, with their length and, if it is known, their media type.
///
/// A body made from bytes knows its media type by looking at them and can be sent again when
/// Graph asks to retry. A body made from a reader is sent once.
///
/// ```
/// use graph_photo::Body;
///
/// let body = Body::from(&b"\xff\xd8\xff\xe0 and the rest of a JPEG"[..]);
/// assert_eq!(body.content_type(), Some("image/jpeg"));
/// assert_eq!(body.len(), 29);
/// ```
pub struct Body {
    content_type: Option<&'static str>,
    content: Content,
}

/// What a [`Body`] holds.
pub(crate) enum Content {
    /// Bytes in memory.
    Bytes(Bytes),
    /// A reader that will yield `length` bytes.
    Reader { reader: BoxedReader, length: u64 },
}

impl Body {
    /// A body that is read while it is sent; `length` is its exact size in bytes.
    ///
    /// The length is sent as Content-Length. A reader that ends early makes the upload fail, and
    /// what it has beyond the length is not sent.
    pub fn from_reader(reader: impl AsyncRead + Send + Sync + 'static, length: u64) -> Self {
        Self {
            content_type: None,
            content: Content::Reader {
                reader: boxed(reader),
                length,
            },
        }
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
            Content::Reader { length, .. } => *length,
        }
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A value as JSON, for operations that send JSON.
    #[allow(
        dead_code,
        reason = "no photo operation sends JSON, operations of other APIs do"
    )]
    pub(crate) fn json(value: &impl serde::Serialize) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(value)
            .map_err(|error| Error::invalid_input("body", error.to_string()))?;
        Ok(Self {
            content_type: None,
            content: Content::Bytes(bytes.into()),
        })
    }

    /// The bytes, if they are in memory.
    pub(crate) fn as_bytes(&self) -> Option<&Bytes> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::Reader { .. } => None,
        }
    }

    /// A copy to send again, which only bytes in memory can give.
    pub(crate) fn replay(&self) -> Option<Self> {
        let bytes = self.as_bytes()?.clone();
        Some(Self {
            content_type: self.content_type,
            content: Content::Bytes(bytes),
        })
    }

    /// What is sent.
    pub(crate) fn into_content(self) -> Content {
        self.content
    }
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
