//! A photo that is read as it arrives.

use graph_photo_model::Error;

use crate::surface::byte_stream::ByteStream;

/// A photo on its way: its media type and its bytes as they arrive.
///
/// ```
/// # async fn example(
/// #     client: graph_photo::Client,
/// #     mut file: std::fs::File,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use std::io::Write;
///
/// if let Some(mut photo) = client.me().photo().stream().await? {
///     println!("{}, {:?} bytes", photo.content_type(), photo.content_length());
///     while let Some(bytes) = photo.chunk().await? {
///         file.write_all(&bytes)?;
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PhotoStream {
    content_type: String,
    bytes: ByteStream,
}

impl PhotoStream {
    pub(super) fn new(content_type: String, bytes: ByteStream) -> Self {
        Self {
            content_type,
            bytes,
        }
    }

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
