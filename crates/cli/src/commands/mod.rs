//! The commands, one file each: what a command takes, its help, and what it does.

pub(crate) mod auth;
pub(crate) mod completions;
pub(crate) mod delete;
pub(crate) mod dist;
pub(crate) mod gateway;
pub(crate) mod get;
pub(crate) mod info;
pub(crate) mod permissions;
pub(crate) mod put;
pub(crate) mod show;
pub(crate) mod sizes;
pub(crate) mod sync;

use crate::exit::NoPhoto;
use crate::owner::Owner;

/// The error of a command that found no photo.
fn no_photo(owner: &Owner) -> NoPhoto {
    let hint = match owner {
        Owner::User(_) => "; Graph gives the same answer for a user that does not exist",
        _ => "",
    };
    NoPhoto(format!("{owner} has no photo{hint}"))
}
