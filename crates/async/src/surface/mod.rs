//! The surface people use, written once for both clients.
//!
//! `cargo xtask generate` derives the blocking client's `generated/surface/` from these files by
//! erasing `async`; what differs between the backends is behind [`crate::runtime`].
//!
//! * `client`, `settings` and `auth`: the [`Client`], how it is configured, where tokens come from.
//! * `owner` and `photo`: whose photo, and what can be done with it.
//! * `batch`: many owners' photos at once. `cache`: photos, and their absence, for a while.
//! * `operations`, `answer`: Graph as Microsoft describes it, and the one place that sends.
//! * `body`, `byte_stream`: bytes on their way up and down.
//! * [`guide`]: what people read.

mod answer;
mod auth;
mod batch;
pub(crate) mod body;
mod byte_stream;
#[cfg(feature = "cache")]
mod cache;
mod client;
pub mod guide;
pub(crate) mod operations;
mod owner;
mod photo;
pub(crate) mod settings;

pub use answer::Answer;
pub use batch::Batch;
pub use body::Body;
pub use byte_stream::ByteStream;
#[cfg(feature = "cache")]
pub use cache::CacheSettings;
pub use client::{Client, ClientBuilder};
pub use operations::Operations;
pub use owner::{Contact, Folder, Group, Me, Team, User};
pub use photo::{
    ContactPhoto, DirectoryPhoto, PhotoHandle, PhotoStream, SizedPhoto, TeamPhoto, kinds,
};
