//! The pipeline from Microsoft's OpenAPI document to the two clients, and the chores around it.
//!
//! Start with [`trim`], which cuts the photo endpoints out of Microsoft's document and corrects
//! them through an [`overlay`].

pub mod bench;
pub mod overlay;
pub mod trim;
