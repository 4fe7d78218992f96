//! A reader or an iterator of known length as a request body.

use std::io::{self, Read};

use bytes::{Buf, Bytes, BytesMut};
use graph_photo_model::error::BoxError;

/// Where the bytes of an upload come from, and those already taken from there.
pub(crate) struct Upload {
    start: BytesMut,
    source: Source,
}

enum Source {
    Reader(Box<dyn Read + Send>),
    Chunks(Box<dyn Iterator<Item = io::Result<Bytes>> + Send>, Bytes),
}

impl Upload {
    pub(crate) fn from_reader(reader: impl Read + Send + 'static) -> Self {
        Self {
            start: BytesMut::new(),
            source: Source::Reader(Box::new(reader)),
        }
    }

    pub(crate) fn from_stream<S, E>(chunks: S) -> Self
    where
        S: Iterator<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        let chunks = chunks.map(|chunk| chunk.map_err(io::Error::other));
        Self {
            start: BytesMut::new(),
            source: Source::Chunks(Box::new(chunks), Bytes::new()),
        }
    }

    /// The first `wanted` bytes, or all if there are fewer; they are still sent.
    pub(crate) fn start(&mut self, wanted: usize) -> io::Result<&[u8]> {
        let mut have = self.start.len();
        self.start.resize(wanted.max(have), 0);
        while have < wanted {
            match self.source.read(&mut self.start[have..]) {
                Ok(0) => break,
                Ok(read) => have += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.start.truncate(have);
        Ok(&self.start)
    }

    /// A reader that yields exactly `length` bytes, or fails.
    pub(super) fn into_reader(self, length: u64) -> UploadReader {
        UploadReader {
            upload: self,
            remaining: length,
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Reader(reader) => reader.read(buffer),
            Self::Chunks(chunks, current) => {
                while current.is_empty() {
                    match chunks.next() {
                        Some(chunk) => *current = chunk?,
                        None => return Ok(0),
                    }
                }
                let most = current.len().min(buffer.len());
                current.copy_to_slice(&mut buffer[..most]);
                Ok(most)
            }
        }
    }
}

/// Yields exactly `remaining` bytes.
pub(super) struct UploadReader {
    upload: Upload,
    remaining: u64,
}

impl Read for UploadReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.remaining)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let start = &mut self.upload.start;
        let read = if start.is_empty() {
            self.upload.source.read(&mut buffer[..most])?
        } else {
            let most = most.min(start.len());
            start.copy_to_slice(&mut buffer[..most]);
            most
        };
        if read == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!(
                    "the upload ended {} bytes before its stated length",
                    self.remaining
                ),
            ));
        }
        self.remaining -= read as u64;
        Ok(read)
    }
}
