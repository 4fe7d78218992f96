//! A service that speaks the Outlook v2.0 photo API to callers and Microsoft Graph to the other side.
//!
//! A program written for `https://outlook.office.com/api/v2.0/...` is pointed at the gateway instead, and goes on as it
//! was: URLs, JSON, "no photo" and errors are those it knows. So are beta's, and Exchange's `GetUserPhoto`.
//!
//! ```no_run
//! # async fn example(stop: impl Future<Output = ()>) -> Result<(), Box<dyn std::error::Error>> {
//! use graph_photo_compat::gateway::Gateway;
//!
//! let server = Gateway::builder()
//!     .listen(([127, 0, 0, 1], 8025).into())
//!     .graph("https://graph.microsoft.com")
//!     .bind()?;
//! println!("a photo is at {}/api/v2.0/me/photo/$value", server.url());
//! server.run_until(stop).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Who is let in
//!
//! Without a credential of its own the gateway hands the caller's bearer token on, so Graph decides; a token made for
//! Outlook is answered with 401, because Graph takes none. With a credential
//! ([`Builder::credential`]) it calls Graph in its own name, and [`InboundTokens`] say who may have that done.
//!
//! # For those who read the source
//!
//! | a request | is |
//! |---|---|
//! | accepted, decrypted, and seen to its end when the gateway stops | `server`, `tls`, `patience` |
//! | taken apart and led to its answer | `service`, by way of `route` |
//! | let in or not, and given a token | `caller`, `inbound`, `mailbox` |
//! | sent to Graph | `graph`, `upload` |
//! | answered in the legacy way | `answer`, `photo_id`, `no_photo`, `ews`, `refusal` |
//! | counted and logged | `record`, `metrics`, `access_log` |

#![allow(
    clippy::large_enum_variant,
    clippy::result_large_err,
    reason = "a request makes one of each at most; a box would cost what it saves"
)]

mod access_log;
mod answer;
mod builder;
mod caller;
mod ews;
mod graph;
mod inbound;
mod mailbox;
mod metrics;
mod no_photo;
mod patience;
mod photo_id;
mod record;
mod refusal;
mod route;
mod server;
mod service;
mod tls;
mod upload;

pub use builder::{Builder, Identity, StartError};
pub use inbound::{InboundTokens, InboundTokensError};
pub use mailbox::{Mailboxes, MailboxesError};
pub use server::Server;
pub use tls::{Tls, TlsError};

/// The gateway; made by [`Gateway::builder`], run as a [`Server`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Gateway;

impl Gateway {
    /// Starts configuring a gateway.
    pub fn builder() -> Builder {
        Builder::default()
    }
}
