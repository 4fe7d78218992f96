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
//! | how long the service asks to wait | [`retry_after`] |

pub mod base_url;
pub mod cloud;
pub mod error;
#[rustfmt::skip]
mod generated;
pub mod media;
pub mod no_photo;
pub mod operation;
pub mod photo;
pub mod response;
pub mod retry;
pub mod retry_after;
pub mod size;
pub mod token;
pub mod wire;

pub use cloud::{ApiVersion, Cloud};
pub use error::{Error, ErrorKind};
pub use generated::{SPEC_SHA256, operations, types};
pub use photo::{Photo, PhotoMetadata};
pub use size::{Fit, Size};
pub use operation::{Operation, Permissions};
pub use response::Response;
pub use wire::CommaSeparated;
