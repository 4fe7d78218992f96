//! What goes to stdout: text for people, or one JSON object per line.
//!
//! Messages about what was done go to stderr, so that stdout holds data and nothing else.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;
use graph_photo::{Photo, PhotoMetadata};
use serde::Serialize;

use crate::owner::Owner;

/// A photo as `--json` tells of it. `id`, `width` and `height` are Graph's own names; the key set
/// is the same for every command, with `null` for what is not known.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhotoLine<'a> {
    pub(crate) owner: String,
    pub(crate) id: Option<&'a str>,
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) media_etag: Option<&'a str>,
    /// The size of the photo in bytes, where it was transferred.
    pub(crate) bytes: Option<u64>,
    /// Where the photo was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<&'a str>,
}

impl<'a> PhotoLine<'a> {
    pub(crate) fn of_metadata(owner: &Owner, metadata: &'a PhotoMetadata) -> PhotoLine<'a> {
        PhotoLine {
            owner: owner.to_string(),
            id: metadata.as_graph().id.as_deref(),
            width: metadata.size().map(|size| size.width()),
            height: metadata.size().map(|size| size.height()),
            content_type: metadata.content_type(),
            media_etag: metadata.media_etag(),
            bytes: None,
            file: None,
        }
    }

    pub(crate) fn of_photo(owner: &Owner, photo: &'a Photo) -> PhotoLine<'a> {
        PhotoLine {
            owner: owner.to_string(),
            id: None,
            width: photo.size().map(|size| size.width()),
            height: photo.size().map(|size| size.height()),
            content_type: Some(photo.content_type()),
            media_etag: photo.media_etag(),
            bytes: Some(photo.bytes().len() as u64),
            file: None,
        }
    }
}

/// Prints one JSON object on a line of its own.
pub(crate) fn json_line(value: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_string(value)?;
    line.push('\n');
    text(&line)
}

/// Prints text as it is.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    bytes(text.as_bytes())
}

/// Writes bytes as they are.
pub(crate) fn bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .context("stdout")
}

/// Tells what was done, on stderr.
pub(crate) fn note(message: &str) {
    // Nobody reading stderr is no reason to fail.
    let _ = writeln!(io::stderr(), "{message}");
}

/// Tells why the command failed. Some errors have a line for each problem.
pub(crate) fn complain(error: &anyhow::Error) {
    let text = format!("{error:#}");
    let lines: Vec<String> = text.lines().map(printable).collect();
    note(&format!("graph-photo: {}", lines.join("\n")));
}

/// Whether stdout is somebody's terminal.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// A number with commas between thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Text from outside, fit for a terminal: control characters are shown, not obeyed.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, shown) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (4_194_304, "4,194,304"),
            (12_345, "12,345"),
        ] {
            assert_eq!(grouped(number), shown);
        }
    }
}
