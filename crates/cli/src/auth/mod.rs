//! Who calls Graph: where the token comes from ([`token`]).
//!
//! A token is never printed, not even in part, and is no argument of the command line, where every
//! user of the machine could read it.

#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "azure")]
mod certificate;
mod client_secret;
mod device_code;
mod oauth;
pub(crate) mod token;

pub(crate) use token::{SignIn, TokenArgs, TokenSource};
