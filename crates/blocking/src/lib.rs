//! Profile photos on Microsoft Graph: the blocking client (ureq), without an async runtime.
//!
//! ```
//! # fn example(token: String) -> Result<(), graph_photo_blocking::Error> {
//! use graph_photo_blocking::{Client, Size};
//!
//! let client = Client::builder().bearer_token(token).build()?;
//! let photo = client.user("adele@contoso.com").photo().size(Size::S96).get()?;
//! # let _ = photo;
//! # Ok(())
//! # }
//! ```
//!
//! The async twin is `graph-photo`: the same names, the same arguments, the same models and
//! errors; swapping is changing the import and adding `.await`.
//!
//! Where things are: [`Client`] leads to the owners ([`User`], [`Group`], ...) and their photos;
//! [`Client::operations`] is Graph as Microsoft describes it; types and errors are those of
//! [`graph_photo_model`]. The [`guide`] has a program for each task. Everything but `runtime/` is generated.
//!
//! # Features
//!
//! | feature | brings |
//! |---|---|
//! | `tls` (default) | https, by rustls with ring |
//! | `cache` | photos, and the knowledge that there is none, kept for a while: `ClientBuilder::cache` |
//! | `oauth` | signing in by client credentials or device code: the module `oauth` |
//! | `resize` | uploads made to fit: `Body::resized` |

#[rustfmt::skip]
mod generated;
mod interop;
mod runtime;

use generated::surface;

pub use graph_photo_model::{
    ApiVersion, BearerToken, Cloud, Error, ErrorKind, Exchange, ExchangeOutcome, FileAttachment,
    Fit, Owner, Photo, PhotoMetadata, Refresh, Response, Size, data_url, operations, retry, types,
    wire,
};
#[cfg(feature = "oauth")]
pub use interop::{ClientCredentials, DeviceCode, DevicePrompt};
pub use surface::*;

/// The User-Agent header unless [`ClientBuilder::user_agent`] sets another.
pub const USER_AGENT: &str = concat!("graph-photo-blocking/", env!("CARGO_PKG_VERSION"));
