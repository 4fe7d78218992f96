//! Profile photos on Microsoft Graph: the async client (reqwest).
//!
//! ```
//! # async fn example(token: String) -> Result<(), graph_photo::Error> {
//! use graph_photo::{Client, Size};
//!
//! let client = Client::builder().bearer_token(token).build()?;
//! let photo = client.user("adele@contoso.com").photo().size(Size::S96).get().await?;
//! # let _ = photo;
//! # Ok(())
//! # }
//! ```
//!
//! The blocking twin is `graph-photo-blocking`: the same names, the same arguments, the same
//! models and errors; swapping is changing the import and deleting `.await`.
//!
//! Where things are: [`Client`] leads to the owners ([`User`], [`Group`], ...) and their photos;
//! [`Client::operations`] is Graph as Microsoft describes it; types and errors are those of
//! [`graph_photo_model`]. The [`guide`] has a program for each task.
//!
//! # Features
//!
//! | feature | brings |
//! |---|---|
//! | `tls` (default) | https, by rustls with ring |
//! | `azure` | tokens from the credentials of `azure_identity`: `ClientBuilder::credential` |
//! | `cache` | photos, and the knowledge that there is none, kept for a while: `ClientBuilder::cache` |
//! | `hyper` | sending without reqwest's layers between: `ClientBuilder::over_hyper` |
//! | `resize` | uploads made to fit: `Body::resized` |

#[rustfmt::skip]
mod generated;
mod interop;
mod runtime;
mod surface;

pub use graph_photo_model::{
    ApiVersion, BearerToken, Cloud, Error, ErrorKind, Exchange, ExchangeOutcome, FileAttachment,
    Fit, Owner, Photo, PhotoMetadata, Refresh, Response, Size, data_url, operations, retry, types,
    wire,
};
pub use surface::*;

/// The User-Agent header unless [`ClientBuilder::user_agent`] sets another.
pub const USER_AGENT: &str = concat!("graph-photo/", env!("CARGO_PKG_VERSION"));
