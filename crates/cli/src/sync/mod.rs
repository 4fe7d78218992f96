//! The photos of a whole organisation, kept up to date in a folder or an object store.
//!
//! | step | where |
//! |---|---|
//! | who is in it: a file, stdin, or Graph's list of users | [`users`], [`directory`], [`shard`] |
//! | what we have already | [`state`] |
//! | what Graph has | [`metadata`] |
//! | what to do about each user | [`run`] |
//! | how many requests at a time, and when to try again | [`pace`] |
//! | where the photos go | [`target`] |
//! | what is told meanwhile and afterwards | [`progress`], [`summary`], [`report`] |
//!
//! Three rules make a run safe to kill at any moment. A file appears under its name when it is
//! whole. The state says that a photo is there after it is there. What the state does not know is
//! fetched again, onto the same name.

pub(crate) mod directory;
mod metadata;
pub(crate) mod pace;
pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod shard;
pub(crate) mod state;
pub(crate) mod summary;
pub(crate) mod target;
pub(crate) mod users;
