//! The surface people use, written once for both clients.
//!
//! `cargo xtask generate` derives the blocking client's `generated/surface/` from these files by
//! erasing `async`; what differs between the backends is behind [`crate::runtime`].
//!
//! * `client` and `settings`: the [`Client`] and how it is configured.
//! * `owner` and `photo`: whose photo, and what can be done with it.
//! * `operations`, `answer`: Graph as Microsoft describes it, and the one place that sends.
//! * `body`, `byte_stream`: bytes on their way up and down.

mod answer;
pub(crate) mod body;
mod byte_stream;
mod client;
mod operations;
mod owner;
mod photo;
pub(crate) mod settings;

pub use body::Body;
pub use byte_stream::ByteStream;
pub use client::{Client, ClientBuilder};
pub use operations::Operations;
pub use owner::{Contact, Folder, Group, Me, Team, User};
pub use photo::{ContactPhoto, DirectoryPhoto, PhotoStream, SizedPhoto, TeamPhoto};
