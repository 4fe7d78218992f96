//! Who calls Graph: where the token comes from ([`token`]) and what it says ([`claims`]).
//!
//! A token is never printed, not even in part, and is no argument of the command line, where every
//! user of the machine could read it.

#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "azure")]
mod certificate;
pub(crate) mod claims;
mod device_code;
pub(crate) mod token;

pub(crate) use token::{TokenArgs, TokenSource};
