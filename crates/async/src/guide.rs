//! Async or blocking? And what the clients make of trouble.
//!
//! The two crates are the same but for `.await`:
//!
//! | take | when |
//! |---|---|
//! | `graph-photo` | the program runs on tokio already, or has many photos in flight at once |
//! | `graph-photo-blocking` | it does not: a script, a command, a plug-in, a thread of its own. No tokio and no reqwest are compiled in |
//!
//! Inside an async program the blocking client would hold up a worker thread; outside one the async
//! client needs a runtime. Neither starts the other behind your back.
//!
//! # The same program in both
//!
//! With `graph-photo`:
//!
//! ```no_run
//! use graph_photo::{Client, Fit, Size};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder().bearer_token(std::env::var("GRAPH_PHOTO_TOKEN")?).build()?;
//! let photo = client.user("adele@contoso.com").photo();
//! match photo.size(Size::S96).fit(Fit::Down).get().await? {
//!     Some(found) => std::fs::write(format!("adele.{}", found.extension()), found.bytes())?,
//!     None => println!("no photo"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! With `graph-photo-blocking`:
//!
//! ```text
//! use graph_photo_blocking::{Client, Fit, Size};
//!
//! let client = Client::builder().bearer_token(std::env::var("GRAPH_PHOTO_TOKEN")?).build()?;
//! let photo = client.user("adele@contoso.com").photo();
//! match photo.size(Size::S96).fit(Fit::Down).get()? {
//!     Some(found) => std::fs::write(format!("adele.{}", found.extension()), found.bytes())?,
//!     None => println!("no photo"),
//! }
//! ```
//!
//! # What becomes of a call in trouble
//!
//! Both clients were put before a server that misbehaves; this is what each call came to, and after
//! how many requests. `done` is success with every byte in place; anything else is the
//! [`ErrorKind`](crate::ErrorKind) and the status.
//!
#![doc = include_str!("fault-matrix.md")]
