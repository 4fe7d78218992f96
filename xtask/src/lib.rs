//! The pipeline from Microsoft's OpenAPI document to the two clients, and the chores around it.

pub mod compat_tables;
