//! From the retired Outlook REST v2.0 photo API to Microsoft Graph.
//!
//! Microsoft switched the Outlook REST API off on 2024-03-31. What callers still hold in its spelling is translated
//! here, without any network:
//!
//! - [`json`]: documents, streamed, in either direction;
//! - [`model`]: the same documents as typed values;
//! - [`url`]: request URLs, to the Graph URL and the operation of the clients;
//! - [`scope`]: OAuth scopes, to Graph permissions;
//! - [`scan`]: source text of any language, to where all of these are used.
//!
//! All of it follows tables generated from `spec/outlook-v2.yaml` by `cargo xtask generate`.
//!
//! Programs move in steps: with the feature `async` there is `client::OutlookClient`, with `blocking` there is
//! `blocking::OutlookClient`, the legacy API in Rust on top of the Graph client of that kind. Each is deprecated, and its
//! module's `guide` takes a program through the move. The blocking one is derived from the async one by
//! `cargo xtask generate`. For programs in other languages there is `gateway`, behind the feature of that name: the legacy
//! API as a service, which `graph-photo gateway` runs. Without these features the crate brings no HTTP client.

#[cfg(any(feature = "async", feature = "blocking"))]
mod answer;
#[cfg(feature = "async")]
pub mod client;
#[rustfmt::skip]
mod generated;
#[cfg(feature = "gateway")]
pub mod gateway;
pub mod json;
pub mod model;
pub mod scan;
pub mod scope;
mod tables;
pub mod url;

#[cfg(feature = "blocking")]
pub use generated::blocking;
