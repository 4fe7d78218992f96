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
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(mut peeked) = self.take_peeked() {
            let most = peeked.len().min(buffer.len());
            peeked.copy_to_slice(&mut buffer[..most]);
            if peeked.has_remaining() {
                self.put_back(peeked);
            }
            return Ok(most);
        }
        // Straight into the caller's buffer; a chunk in between would be one more copy.
        let arrived = match self.incoming() {
            None => return Ok(0),
            Some(incoming) => incoming.read(buffer),
        };
        let arrived = arrived.map(|read| (read > 0).then(|| &buffer[..read]));
        let arrived = self.arrived(arrived).map_err(io::Error::other)?;
        Ok(arrived.map_or(0, <[u8]>::len))
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
