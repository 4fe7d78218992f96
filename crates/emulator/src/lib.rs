#![doc = include_str!("../README.md")]
//!
//! ## For those who read the source
//!
//! A request comes in at `server`, is understood by `route` and `operation`,
//! passes `token`, `permissions`, `throttle` and `faults` in `service`, and is
//! answered by `graph` from `tenant` (who there is) and `photos` (what they look
//! like). `photo` holds the rules for images, `errors` and `metadata` what goes
//! out.

pub mod blocking;

mod answer_body;
mod batch;
mod demo;
mod drawing;
mod emulator;
mod errors;
mod faults;
mod filter;
mod graph;
mod log;
mod metadata;
mod operation;
mod owner;
mod page;
mod permissions;
mod photo;
mod photos;
mod route;
mod server;
mod service;
mod store;
mod synthetic;
mod tenant;
mod throttle;
mod token;

pub use emulator::{Builder, DEFAULT_LOG_CAPACITY, Emulator, Server, StartError, demo_jpeg};
pub use faults::{Fault, FaultError, FaultKind};
pub use graph::{NoPhoto, PutError};
pub use log::RecordedRequest;
pub use metadata::PhotoId;
pub use owner::Owner;
pub use photo::{MAX_UPLOAD_BYTES, MIN_SIDE, PhotoError, SIZES};
pub use store::StoreError;
pub use throttle::{Throttle, ThrottleError};
pub use token::{Tokens, TokensError};
