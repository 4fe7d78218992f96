//! A download as an iterator of chunks and as a reader.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use graph_photo_model::Error;

use crate::surface::{ByteStream, PhotoStream};

/// The chunks as they arrive; after an error it is over.
impl Iterator for ByteStream {
    type Item = Result<Bytes, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.chunk().transpose()
    }
}

/// The bytes as they arrive, for [`std::io::copy`]; an error is the source of the I/O error.
impl Read for ByteStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut chunk) = self.chunk().map_err(io::Error::other)? else {
            return Ok(0);
        };
        let most = chunk.len().min(buffer.len());
        chunk.copy_to_slice(&mut buffer[..most]);
        if chunk.has_remaining() {
            self.put_back(chunk);
        }
        Ok(most)
    }
}

/// The chunks as they arrive.
impl Iterator for PhotoStream {
    type Item = Result<Bytes, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.bytes_mut().next()
    }
}

/// The bytes as they arrive, for [`std::io::copy`].
impl Read for PhotoStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.bytes_mut().read(buffer)
    }
}
