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

pub mod error;
pub mod no_photo;
pub mod operation;
pub mod response;
pub mod retry_after;
pub mod wire;

pub use error::{Error, ErrorKind};
pub use operation::{Operation, Permissions};
pub use response::Response;
pub use wire::CommaSeparated;
