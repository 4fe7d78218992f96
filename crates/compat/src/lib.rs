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
