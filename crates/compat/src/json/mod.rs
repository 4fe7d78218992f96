//! Streaming translation of JSON documents between the legacy spelling and Graph's.
//!
//! [`Translator`] is the entrance. The work is done by three parts:
//!
//! - `scanner` reads the bytes, checks that they are JSON and copies them; it never builds a tree.
//! - `plan` says, for one direction, what a member's name becomes and what happens to its value.
//! - `annotation` rewrites the values of `@odata.*` members.
//!
//! # What changes
//!
//! - Names: those that `spec/outlook-v2.yaml` maps, in photos, in collections, and in whatever objects are nested in
//!   them. Nothing is renamed inside an `error`, nor in the envelope of a batch answer.
//! - Values: the photo's `Id` (`240X240` there, `240x240` here), URLs in `@odata.*` members, and type names in
//!   `@odata.type` members. No other text changes, whatever it looks like.
//! - Everything else is copied byte for byte: numbers, escapes, white space, the order of members, members nobody knows.
//!
//! The way back is exact for a document in the legacy spelling: names as the description writes them, `Id` with a
//! capital `X`, URLs below the cloud's first host in v2.0 or beta with `Users` capitalised, type names beginning
//! with a capital. (The second worldwide host needs [`Translator::outlook_host`]; v1.0, which never had photos, comes
//! back as v2.0.)

mod annotation;
mod error;
mod plan;
mod scanner;

use std::io::{self, Read, Seek, SeekFrom, Write};

pub use error::{Position, TranslateError};

use tempfile::SpooledData;

use crate::generated::hosts::CLOUDS;

/// How deep objects and arrays may be nested.
pub const MAX_DEPTH: usize = 512;

/// How long a member's name, or a value that may have to be rewritten, may be, in bytes as written.
pub const MAX_TOKEN: usize = 1 << 20;

/// How much of a result [`Translator::translate`] keeps in memory before it goes on in a temporary file.
const SPOOL_IN_MEMORY: usize = 1 << 20;

/// How much of a spooled result is handed to the writer at once.
const COPY_CHUNK: usize = 256 << 10;

/// Which way to translate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the legacy spelling to Graph's.
    ToGraph,
    /// From Graph's spelling to the legacy one.
    ToOutlook,
}

/// Translates whole JSON documents: photos, collections, errors, answers to batches.
///
/// Memory does not grow with the document: some 300 KiB for [`stream`](Self::stream) and 1.5 MiB for
/// [`translate`](Self::translate), plus up to [`MAX_TOKEN`] for a long name.
///
/// ```
/// use graph_photo_compat::json::Translator;
///
/// let legacy = r#"{"Id": "240X240", "Width": 240, "Height": 240, "note": "Width stays in text"}"#;
/// let graph = Translator::to_graph().translate_str(legacy)?;
/// assert_eq!(graph, r#"{"id": "240x240", "width": 240, "height": 240, "note": "Width stays in text"}"#);
/// assert_eq!(Translator::to_outlook().translate_str(&graph)?, legacy);
/// # Ok::<(), graph_photo_compat::json::TranslateError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Translator {
    plan: plan::Plan,
}

/// A host that no cloud of the legacy API had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} is not a host of the Outlook REST API; the worldwide ones are outlook.office.com and outlook.office365.com"
)]
pub struct UnknownHost(pub String);

impl Translator {
    /// Translates from the legacy spelling to Graph's.
    pub fn to_graph() -> Self {
        Self::new(Direction::ToGraph)
    }

    /// Translates from Graph's spelling to the legacy one.
    pub fn to_outlook() -> Self {
        Self::new(Direction::ToOutlook)
    }

    /// Translates in the given direction.
    pub fn new(direction: Direction) -> Self {
        Self {
            plan: plan::Plan::new(direction),
        }
    }

    /// Names the legacy host that URLs of its cloud are given on the way to the legacy spelling, for callers of a
    /// cloud that had two.
    ///
    /// ```
    /// use graph_photo_compat::json::Translator;
    ///
    /// let graph = r#"{"@odata.id":"https://graph.microsoft.com/v1.0/users('adele@contoso.com')/photo"}"#;
    /// let legacy = Translator::to_outlook().outlook_host("outlook.office365.com")?.translate_str(graph)?;
    /// assert_eq!(legacy, r#"{"@odata.id":"https://outlook.office365.com/api/v2.0/Users('adele@contoso.com')/photo"}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn outlook_host(mut self, host: &str) -> Result<Self, UnknownHost> {
        for (number, cloud) in CLOUDS.iter().enumerate() {
            if let Some(known) = cloud
                .outlook
                .iter()
                .find(|known| known.eq_ignore_ascii_case(host))
            {
                self.plan.answer_from(number, known);
                return Ok(self);
            }
        }
        Err(UnknownHost(host.to_owned()))
    }

    /// Gives URLs below `from` the root `to`, before any other rule: for a Graph that stands elsewhere than Microsoft's,
    /// and for callers who are to be told another version than the one that matches. Neither ends with a slash.
    ///
    /// ```
    /// use graph_photo_compat::json::Translator;
    ///
    /// let translator = Translator::to_outlook()
    ///     .root("http://127.0.0.1:8787/v1.0", "https://outlook.office.com/api/v2.0");
    /// let graph = r#"{"@odata.id":"http://127.0.0.1:8787/v1.0/users('adele@contoso.com')/photo"}"#;
    /// let legacy = translator.translate_str(graph)?;
    /// assert_eq!(legacy, r#"{"@odata.id":"https://outlook.office.com/api/v2.0/Users('adele@contoso.com')/photo"}"#);
    /// # Ok::<(), graph_photo_compat::json::TranslateError>(())
    /// ```
    #[must_use]
    pub fn root(mut self, from: &str, to: &str) -> Self {
        self.plan.replace_root(from, to);
        self
    }

    /// Translates a document as it is read. When it is refused, the writer has already been given what came before
    /// the fault: for a writer that cannot take that back, use [`translate`](Self::translate).
    ///
    /// # Errors
    ///
    /// [`TranslateError`] says what is wrong and where.
    pub fn stream<R: Read, W: Write>(&self, reader: R, writer: W) -> Result<(), TranslateError> {
        scanner::Scanner::new(&self.plan, reader, writer).run()
    }

    /// Translates a document and writes the result only once all of it is known to be good: a refused document leaves
    /// the writer untouched. A result over 1 MiB waits in an unnamed temporary file.
    ///
    /// # Errors
    ///
    /// [`TranslateError`] says what is wrong and where. If the writer fails midway, it has been given a part.
    pub fn translate<R: Read, W: Write>(
        &self,
        reader: R,
        mut writer: W,
    ) -> Result<(), TranslateError> {
        let mut spool = tempfile::spooled_tempfile(SPOOL_IN_MEMORY);
        self.stream(reader, &mut spool)?;
        let mut file = match spool.into_inner() {
            SpooledData::InMemory(result) => {
                writer
                    .write_all(result.get_ref())
                    .map_err(TranslateError::Write)?;
                return writer.flush().map_err(TranslateError::Write);
            }
            SpooledData::OnDisk(file) => file,
        };
        file.seek(SeekFrom::Start(0))
            .map_err(TranslateError::Read)?;
        let mut chunk = vec![0; COPY_CHUNK];
        loop {
            match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => writer
                    .write_all(chunk.get(..count).unwrap_or_default())
                    .map_err(TranslateError::Write)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(TranslateError::Read(error)),
            }
        }
        writer.flush().map_err(TranslateError::Write)
    }

    /// Translates the value of a URL annotation, as text without JSON's escapes.
    pub(crate) fn url_text(&self, text: &str) -> String {
        annotation::rewrite_text(&self.plan, text, false)
    }

    /// Translates a type name.
    pub(crate) fn type_text(&self, text: &str) -> String {
        annotation::rewrite_text(&self.plan, text, true)
    }

    /// Translates the value of a photo's id.
    pub(crate) fn size_text(&self, text: &str) -> String {
        annotation::photo_size_text(text, self.plan.direction)
    }

    /// Translates a document held in memory, without a copy of it beside the result.
    ///
    /// ```
    /// use graph_photo_compat::json::Translator;
    ///
    /// let legacy = Translator::to_outlook().translate_bytes(br#"{"id":"240x240"}"#.to_vec())?;
    /// assert_eq!(legacy, br#"{"Id":"240X240"}"#);
    /// # Ok::<(), graph_photo_compat::json::TranslateError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TranslateError`] says what is wrong and where.
    pub fn translate_bytes(&self, document: Vec<u8>) -> Result<Vec<u8>, TranslateError> {
        scanner::Scanner::of_bytes(&self.plan, document).into_bytes()
    }

    /// As [`translate_bytes`](Self::translate_bytes), for text.
    ///
    /// # Errors
    ///
    /// [`TranslateError`] says what is wrong and where.
    pub fn translate_str(&self, document: &str) -> Result<String, TranslateError> {
        let out = self.translate_bytes(document.into())?;
        // The scanner lets only UTF-8 through and replaces text by text.
        String::from_utf8(out).map_err(|error| {
            TranslateError::Write(io::Error::new(io::ErrorKind::InvalidData, error))
        })
    }
}
