//! What the tests that cross crates share.
//!
//! * [`cases`]: the protocol cases in `spec/cases/`, and who runs them.
//! * [`wire`]: a server that records requests byte for byte, in front of the emulator or with
//!   answers of its own.
//! * [`mod@bench`]: the clients against hand-written reqwest and ureq.
//! * [`proxy`]: a forward proxy.
//! * [`scripted`]: a server that answers by a script.
//! * [`mod@http_client`]: what services are called with.
//! * [`tls`]: an authority of our own, and a server that speaks TLS before one that does not.
//! * [`operations`]: every operation of both clients, called from one list.

pub mod bench;
pub mod cases;
pub mod http_client;
pub mod operations;
pub mod proxy;
pub mod scripted;
pub mod tls;
pub mod wire;
