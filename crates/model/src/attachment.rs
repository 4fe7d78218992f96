//! A photo as something else: an attachment of an Outlook message, or a `data:` URL.

use bytes::Bytes;
use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::base64_text;
use crate::media::{ImageKind, sniff};

/// The value of `@odata.type` for a file in a message.
pub const FILE_ATTACHMENT: &str = "#microsoft.graph.fileAttachment";

/// A photo attached to a message; goes into the `attachments` of the message's JSON.
///
/// It is written with Graph's own names, `name`, `contentType` and `contentBytes`. Microsoft's page
/// on photos shows `Name` and `ContentBytes`, the spelling of the retired Outlook API: both are
/// read, and [`to_outlook_json`](Self::to_outlook_json) writes that one for code that expects it.
/// A message takes up to 3 MB in this way; a larger file needs an upload session.
///
/// ```
/// use graph_photo_model::attachment::FileAttachment;
///
/// let photo = FileAttachment::photo(b"GIF89a".as_slice());
/// assert_eq!(
///     serde_json::to_string(&photo).unwrap(),
///     r##"{"@odata.type":"#microsoft.graph.fileAttachment","name":"photo.gif","contentType":"image/gif","contentBytes":"R0lGODlh"}"##
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct FileAttachment {
    /// The file name that the reader sees.
    pub name: String,
    /// The media type of the content.
    pub content_type: String,
    /// The file itself.
    pub content: Bytes,
}

impl FileAttachment {
    /// Attaches a photo, named after its format: `photo.jpg`.
    #[must_use]
    pub fn photo(content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let kind = sniff(&content);
        Self {
            name: format!("photo.{}", kind.map_or("bin", ImageKind::extension)),
            content_type: kind.map_or(UNKNOWN, ImageKind::content_type).to_owned(),
            content,
        }
    }

    /// The same attachment under another name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The attachment as Microsoft's page on photos spells it: `ContentBytes` and `Name`.
    #[must_use]
    pub fn to_outlook_json(&self) -> serde_json::Value {
        serde_json::json!({
            "@odata.type": FILE_ATTACHMENT,
            "ContentBytes": base64_text::encode(&self.content),
            "ContentType": self.content_type,
            "Name": self.name,
        })
    }
}

const UNKNOWN: &str = "application/octet-stream";

/// The content is shown by its length only.
impl std::fmt::Debug for FileAttachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileAttachment")
            .field("name", &self.name)
            .field("content_type", &self.content_type)
            .field("content", &format_args!("{} bytes", self.content.len()))
            .finish()
    }
}

impl Serialize for FileAttachment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("FileAttachment", 4)?;
        object.serialize_field("@odata.type", FILE_ATTACHMENT)?;
        object.serialize_field("name", &self.name)?;
        object.serialize_field("contentType", &self.content_type)?;
        object.serialize_field("contentBytes", &base64_text::encode(&self.content))?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for FileAttachment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Spelling {
            #[serde(alias = "Name")]
            name: Option<String>,
            #[serde(rename = "contentType", alias = "ContentType")]
            content_type: Option<String>,
            #[serde(rename = "contentBytes", alias = "ContentBytes")]
            content_bytes: String,
        }
        let read = Spelling::deserialize(deserializer)?;
        let content = base64_text::decode(&read.content_bytes)
            .map_err(|error| de::Error::custom(format_args!("contentBytes: {error}")))?;
        let mut attachment = Self::photo(content);
        attachment.name = read.name.unwrap_or(attachment.name);
        attachment.content_type = read.content_type.unwrap_or(attachment.content_type);
        Ok(attachment)
    }
}

/// A photo as a `data:` URL, for an `<img>` in a page. The media type is told from the bytes; what
/// is no known image becomes `application/octet-stream`, so that a page never runs what it was
/// given as a photo.
///
/// ```
/// use graph_photo_model::attachment::data_url;
///
/// assert_eq!(data_url(b"GIF89a"), "data:image/gif;base64,R0lGODlh");
/// ```
#[must_use]
pub fn data_url(photo: &[u8]) -> String {
    let content_type = sniff(photo).map_or(UNKNOWN, ImageKind::content_type);
    format!("data:{content_type};base64,{}", base64_text::encode(photo))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_read() {
        let photo = FileAttachment::photo(b"\xFF\xD8\xFF\xE0".as_slice()).with_name("mypic.jpg");
        for json in [
            serde_json::to_string(&photo).unwrap(),
            photo.to_outlook_json().to_string(),
            format!(
                r#"{{"@odata.type":"{FILE_ATTACHMENT}","ContentBytes":"_9j_4A","Name":"mypic.jpg"}}"#
            ),
        ] {
            assert_eq!(
                serde_json::from_str::<FileAttachment>(&json).unwrap(),
                photo
            );
        }
        assert_eq!(
            photo.to_outlook_json(),
            serde_json::json!({
                "@odata.type": "#microsoft.graph.fileAttachment",
                "ContentBytes": "/9j/4A==",
                "ContentType": "image/jpeg",
                "Name": "mypic.jpg",
            })
        );
        let broken = serde_json::from_str::<FileAttachment>(r#"{"contentBytes":"%"}"#);
        assert!(broken.unwrap_err().to_string().contains("contentBytes"));
    }

    #[test]
    fn a_page_never_runs_a_photo() {
        assert!(data_url(b"<script>").starts_with("data:application/octet-stream;base64,"));
        assert_eq!(
            FileAttachment::photo(b"<svg/>".as_slice()).content_type,
            "application/octet-stream"
        );
    }
}
