//! Async or blocking; each task with a program; and what the clients make of trouble.
//!
//! What can be done, each with an example that runs, is in [`tasks`].
//!
#![doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/async-or-blocking.md"))]
//!
//! # What becomes of a call in trouble
//!
//! Both clients were put before a server that misbehaves; this is what each call came to, and after
//! how many requests. `done` is success with every byte in place; anything else is the
//! [`ErrorKind`](crate::ErrorKind) and the status.
//!
#![doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/fault-matrix.md"))]

pub mod tasks;
