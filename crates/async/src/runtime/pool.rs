//! The idle connections to one origin.
//!
//! A stack: the connection that was used last is used next, so that those that a quiet hour does not
//! need sink to the bottom. From there they are closed by a task that looks every half minute, so
//! that no call has to ask what time it is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use hyper::client::conn::http1::SendRequest;
use tokio::time::sleep;

pub(super) type Sender = SendRequest<reqwest::Body>;

/// A connection is kept for 60 to 90 seconds without a request; reqwest keeps its own for 90.
const ROUND: Duration = Duration::from_secs(30);
const MAX_ROUNDS: u8 = 3;

/// Connections that are ready for a request.
#[derive(Default)]
pub(super) struct Pool(Mutex<State>);

#[derive(Default)]
struct State {
    /// The last one used lies on top.
    idle: Vec<Idle>,
    /// Whether the task is running that closes what nobody needs.
    is_swept: bool,
}

struct Idle {
    sender: Sender,
    /// How often it was passed by.
    rounds: u8,
}

impl Pool {
    /// A connection that nobody uses and that the server has not closed.
    pub(super) fn take(&self) -> Option<Sender> {
        let mut state = self.state();
        loop {
            let sender = state.idle.pop()?.sender;
            if sender.is_ready() {
                return Some(sender);
            }
        }
    }

    /// Keeps a connection for the next request.
    pub(super) fn put(&self, sender: Sender) {
        self.state().idle.push(Idle { sender, rounds: 0 });
    }

    /// Has the current runtime close what nobody needs, for as long as there is the pool.
    pub(super) fn keep_swept(self: &Arc<Self>) {
        if std::mem::replace(&mut self.state().is_swept, true) {
            return;
        }
        let sweeper = Sweeper(Arc::downgrade(self));
        tokio::spawn(async move {
            loop {
                sleep(ROUND).await;
                match sweeper.0.upgrade() {
                    Some(pool) => pool.sweep(),
                    None => return,
                }
            }
        });
    }

    fn sweep(&self) {
        let mut state = self.state();
        for idle in &mut state.idle {
            idle.rounds += 1;
        }
        // Those below have waited longer.
        let unneeded = state.idle.partition_point(|idle| idle.rounds >= MAX_ROUNDS);
        state.idle.drain(..unneeded);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task's hold on its pool. When its runtime ends, the next one may start another.
struct Sweeper(Weak<Pool>);

impl Drop for Sweeper {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.state().is_swept = false;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a test may stop at the first surprise, in its helpers too"
    )]

    use hyper::client::conn::http1::handshake;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt as _, DuplexStream, duplex};
    use tokio::time::Instant;

    use super::*;

    /// A connection and its other end.
    async fn connection() -> (Sender, DuplexStream) {
        let (near, far) = duplex(64);
        let (mut sender, connection) = handshake(TokioIo::new(near)).await.unwrap();
        tokio::spawn(connection);
        sender.ready().await.unwrap();
        (sender, far)
    }

    /// How long it takes until the other end sees its connection closed.
    async fn closed(far: &mut DuplexStream) -> Duration {
        let since = Instant::now();
        assert_eq!(far.read(&mut [0]).await.unwrap(), 0);
        since.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_needs_is_closed() {
        let pool = Arc::new(Pool::default());
        pool.keep_swept();
        let (unused, mut far_unused) = connection().await;
        let (used, mut far_used) = connection().await;
        pool.put(unused);
        pool.put(used);
        // Between two looks of the task.
        sleep(ROUND / 2).await;
        for _ in 0..2 {
            sleep(ROUND).await;
            let used = pool.take().unwrap();
            pool.put(used);
        }
        // After 90 seconds, of which 75 have passed; what was used then is kept until 150.
        assert!(closed(&mut far_unused).await <= ROUND);
        let waited = closed(&mut far_used).await;
        assert!(waited > ROUND && waited <= 2 * ROUND, "{waited:?}");
        assert!(pool.take().is_none());
    }

    #[tokio::test]
    async fn a_connection_that_the_server_closed_is_not_handed_out() {
        let pool = Pool::default();
        let (open, _far) = connection().await;
        let (mut closed, far) = connection().await;
        drop(far);
        while closed.ready().await.is_ok() {
            tokio::task::yield_now().await;
        }
        pool.put(open);
        pool.put(closed);
        assert!(pool.take().is_some());
        assert!(pool.take().is_none());
    }

    #[test]
    fn another_runtime_sweeps_again() {
        let pool = Arc::new(Pool::default());
        for _ in 0..2 {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap();
            runtime.block_on(async { pool.keep_swept() });
            assert!(pool.state().is_swept);
            drop(runtime);
            assert!(!pool.state().is_swept);
        }
    }
}
