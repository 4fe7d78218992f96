//! Types, errors and rules of the Microsoft Graph profile photo API, without an HTTP client.
//!
//! Both clients, `graph-photo` (async) and `graph-photo-blocking`, are thin: what a request looks
//! like, what an answer means and what to do about a failure is decided here, once.
//!
//! | to find out | read |
//! |---|---|
//! | how a request is written | [`wire`] |
//! | what an operation is and who may call it | [`operation`] |
//! | what a successful call returns | [`response`] |
//! | what can go wrong, and how that is told | [`error`] |
//! | which answer means "there is no photo" | [`no_photo`] |
//! | whether to try again, and when | [`retry`], and [`retry_after`] for the header |
//! | photo sizes, and choosing one | [`size`] |
//! | what the bytes are, and what may be uploaded | [`media`] |
//! | many requests in one | [`batch`] |
//! | a photo in a message or a page | [`attachment`] |
//! | where Graph is, and who may see the token | [`cloud`], [`base_url`], [`token`] |
//! | whose photo, as a value | [`owner`] |
//! | a photo and what is known about it | [`photo`] |
//! | which proxy is used | [`proxy`] |
//! | which certificates are trusted | [`trust`] |
//! | what a client reports about each request | [`exchange`] |
//! | how base64 is read and written | [`base64_text`] |
//!
//! Nothing in here waits, sends or reads a clock; time and chance are arguments.

pub mod attachment;
pub mod base64_text;
pub mod base_url;
pub mod batch;
pub mod claims;
pub mod cloud;
pub mod error;
pub mod exchange;
#[rustfmt::skip]
mod generated;
pub mod media;
pub mod no_photo;
pub mod operation;
pub mod owner;
pub mod photo;
pub mod proxy;
#[cfg(feature = "resize")]
pub mod resize;
pub mod response;
pub mod retry;
pub mod retry_after;
pub mod size;
pub mod token;
pub mod trust;
pub mod wire;

pub use attachment::{FileAttachment, data_url};
pub use base_url::BaseUrl;
pub use cloud::{ApiVersion, Cloud};
pub use error::{Error, ErrorKind};
pub use exchange::{Exchange, ExchangeOutcome};
pub use generated::{SPEC_ORIGIN, SPEC_SHA256, UPSTREAM_SHA256, operations, types};
pub use media::{ImageKind, UploadInfo};
pub use operation::{Account, Grant, Operation, Permissions};
pub use owner::Owner;
pub use photo::{Photo, PhotoMetadata, Refresh};
pub use response::Response;
pub use size::{Fit, Size};
pub use token::BearerToken;
pub use wire::CommaSeparated;
