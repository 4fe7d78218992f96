//! A photo and what is known about it.
//!
//! The clients fill these from Graph's answers; what an answer means is decided here, so that both
//! decide alike. The size always comes from `width` and `height`: the `id` is `default`, `240x240`
//! or `240X240`, as the service likes.

use std::fmt;

use bytes::Bytes;

use crate::attachment::{FileAttachment, data_url};
use crate::error::Error;
use crate::media::{self, ImageKind};
use crate::no_photo::is_placeholder;
use crate::operation::Operation;
use crate::response::Response;
use crate::size::Size;
use crate::types::ProfilePhoto;

/// What Graph knows about a photo without its bytes.
///
/// ```
/// use graph_photo_model::{PhotoMetadata, Size, types::ProfilePhoto};
///
/// let json = r#"{ "@odata.mediaContentType": "image/jpeg", "@odata.mediaEtag": "\"BA09D118\"",
///                 "id": "240X240", "width": 240, "height": 240 }"#;
/// let metadata = PhotoMetadata::from_graph(serde_json::from_str(json)?).unwrap();
/// assert_eq!(metadata.size(), Some(Size::S240));
/// assert_eq!(metadata.media_etag(), Some("\"BA09D118\""));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoMetadata(ProfilePhoto);

impl PhotoMetadata {
    /// Graph's answer; `None` if it is the documented placeholder for "no photo" (a gif of one
    /// pixel without an etag).
    pub fn from_graph(photo: ProfilePhoto) -> Option<Self> {
        let placeholder = is_placeholder(
            photo.odata_media_content_type.as_deref(),
            photo.odata_media_etag.as_deref(),
            photo.width,
            photo.height,
        );
        (!placeholder).then_some(Self(photo))
    }

    /// Width and height in pixels, if Graph gave both.
    pub fn size(&self) -> Option<Size> {
        Size::from_metadata(self.0.width, self.0.height)
    }

    /// The media type of the photo, e.g. `image/jpeg`; `image/pjpeg` occurs too.
    pub fn content_type(&self) -> Option<&str> {
        self.0.odata_media_content_type.as_deref()
    }

    /// The media etag with its quotes; it changes when the photo does.
    pub fn media_etag(&self) -> Option<&str> {
        self.0
            .odata_media_etag
            .as_deref()
            .filter(|etag| !etag.is_empty())
    }

    /// The answer as Graph gave it.
    pub fn as_graph(&self) -> &ProfilePhoto {
        &self.0
    }

    /// The answer as Graph gave it.
    pub fn into_graph(self) -> ProfilePhoto {
        self.0
    }
}

/// A photo in memory.
///
/// ```
/// use graph_photo_model::Photo;
///
/// let gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;";
/// // One pixel as a gif is how older services say "no photo".
/// assert!(Photo::from_graph(gif.to_vec().into(), Some("image/gif".into()), None).is_none());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    bytes: Bytes,
    content_type: String,
    media_etag: Option<String>,
    size: Option<Size>,
}

impl Photo {
    /// The bytes of an answer; `None` if they are the placeholder for "no photo".
    ///
    /// The media type is the answer's if it names an image, else what the bytes show: batches and
    /// proxies give wrong ones. The size is read from the bytes.
    pub fn from_graph(
        bytes: Bytes,
        content_type: Option<String>,
        media_etag: Option<String>,
    ) -> Option<Self> {
        let kind = media::sniff(&bytes);
        let size = media::dimensions(&bytes);
        if kind == Some(ImageKind::Gif)
            && size.is_some_and(|size| (size.width(), size.height()) == (1, 1))
            && media_etag.as_deref().is_none_or(str::is_empty)
        {
            return None;
        }
        let content_type = content_type
            .filter(|given| names_image(given))
            .or_else(|| kind.map(|kind| kind.content_type().to_owned()))
            .unwrap_or_else(|| UNKNOWN.to_owned());
        Some(Self {
            bytes,
            content_type,
            media_etag,
            size,
        })
    }

    /// The photo in a successful answer; `None` if it is the placeholder for "no photo".
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the answer is
    /// empty or something else than a photo, such as the page of a network that wants a sign-in.
    pub fn from_answer(
        operation: &'static Operation,
        answer: Response<Bytes>,
    ) -> Result<Option<Self>, Error> {
        let (status, headers, bytes) = answer.into_parts();
        let text = |name| {
            headers
                .get(name)
                .and_then(|value: &http::HeaderValue| value.to_str().ok())
                .map(str::to_owned)
        };
        let content_type = text(http::header::CONTENT_TYPE);
        match refusal(content_type.as_deref(), &bytes) {
            None => Ok(Self::from_graph(
                bytes,
                content_type,
                text(http::header::ETAG),
            )),
            Some(what) => Err(Error::decode(operation, status, headers, &bytes, what)),
        }
    }

    /// The photo with the media etag of its metadata.
    #[must_use]
    pub fn with_media_etag(mut self, etag: Option<&str>) -> Self {
        self.media_etag = etag.map(str::to_owned);
        self
    }

    /// The photo itself.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The photo itself, without a copy.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// The media type, e.g. `image/jpeg`.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The media etag with its quotes, where the answer or the metadata gave one.
    pub fn media_etag(&self) -> Option<&str> {
        self.media_etag.as_deref().filter(|etag| !etag.is_empty())
    }

    /// Width and height in pixels, read from the photo; `None` for formats we cannot read.
    pub fn size(&self) -> Option<Size> {
        self.size
    }

    /// The photo as a file attachment of an Outlook message.
    pub fn to_attachment(&self) -> FileAttachment {
        FileAttachment::photo(self.bytes.clone())
    }

    /// The photo as a `data:` URL, for an `<img>` in a page.
    pub fn to_data_url(&self) -> String {
        data_url(&self.bytes)
    }

    /// The file name extension for the media type, without the dot; `bin` for an unknown one.
    pub fn extension(&self) -> &'static str {
        ImageKind::from_content_type(&self.content_type)
            .or_else(|| media::sniff(&self.bytes))
            .map_or("bin", ImageKind::extension)
    }
}

const UNKNOWN: &str = "application/octet-stream";

fn names_image(content_type: &str) -> bool {
    content_type
        .get(..6)
        .is_some_and(|start| start.eq_ignore_ascii_case("image/"))
}

/// Why the start of an answer is no photo; `None` if it can be one.
///
/// ```
/// use graph_photo_model::photo::refusal;
///
/// assert!(refusal(Some("text/html"), b"<html>").is_some());
/// assert!(refusal(Some("application/json"), b"\xff\xd8\xff\xe0").is_none());
/// ```
pub fn refusal(content_type: Option<&str>, start: &[u8]) -> Option<&'static str> {
    let plausible =
        content_type.is_none_or(|given| names_image(given) || given.starts_with(UNKNOWN));
    if start.is_empty() {
        Some("the answer is empty where a photo should be")
    } else if !plausible && media::sniff(start).is_none() {
        Some("the answer is no image")
    } else {
        None
    }
}

/// What became of a photo since its media etag was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// It is the same.
    Unchanged,
    /// It is another one; its [`Photo::media_etag`] is the one to note.
    Changed(Photo),
    /// There is no photo any more, or there never was.
    NoPhoto,
}

/// Says how large the photo is, not what it shows.
impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Photo")
            .field("bytes", &self.bytes.len())
            .field("content_type", &self.content_type)
            .field("media_etag", &self.media_etag)
            .field("size", &self.size)
            .finish()
    }
}
