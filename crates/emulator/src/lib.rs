//! A local Microsoft Graph for profile photos, for tests and development.

pub mod blocking;

mod answer_body;
mod demo;
mod drawing;
mod emulator;
mod errors;
mod graph;
mod log;
mod metadata;
mod operation;
mod photo;
mod photos;
mod route;
mod server;
mod service;
mod synthetic;
mod tenant;

pub use emulator::{Builder, DEFAULT_LOG_CAPACITY, Emulator, StartError, demo_jpeg};
pub use graph::NoPhoto;
pub use log::RecordedRequest;
pub use metadata::PhotoId;
pub use photo::{MAX_UPLOAD_BYTES, MIN_SIDE, PhotoError, SIZES};
pub use route::Version;
