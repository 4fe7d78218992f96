//! How many requests at a time, and when to try one again.
//!
//! The limit grows by one for each limit's worth of successes and is halved by a 429, as TCP does;
//! a Retry-After holds up every request, since Graph counts them together.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use graph_photo::retry::{self, Attempt, Decision, Outcome, Policy};
use graph_photo::{Error, ErrorKind};
use tokio::sync::Notify;

/// Why a call gave no answer.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The run is being stopped; nothing is known about the outcome.
    Interrupted,
    /// The call failed, after as many attempts as made sense.
    Failed(Error),
}

/// Shared by all calls of a run.
#[derive(Debug)]
pub(crate) struct Pace {
    inner: Mutex<Inner>,
    changed: Notify,
    stop: AtomicBool,
    stopped: Notify,
    policy: Policy,
    /// Requests sent, those that were sent again, and 429s among the answers.
    pub(crate) requests: AtomicU64,
    pub(crate) retries: AtomicU64,
    pub(crate) throttled: AtomicU64,
}

#[derive(Debug)]
struct Inner {
    limit: f64,
    most: f64,
    in_flight: usize,
    /// No request begins before.
    paused_until: Option<Instant>,
    last_cut: Option<Instant>,
}

/// A place among the requests in flight, given back when dropped.
struct Slot<'p>(&'p Pace);

impl Pace {
    /// At most `most` requests at a time; a call may take `patience` with all its attempts.
    pub(crate) fn new(most: usize, patience: Duration) -> Pace {
        let most = most.max(1) as f64;
        let mut policy = Policy::DEFAULT;
        policy.max_attempts = 8;
        policy.base_delay = Duration::from_millis(250);
        policy.max_delay = patience;
        policy.max_elapsed = patience;
        Pace {
            inner: Mutex::new(Inner {
                // Half of what is allowed, to find out gently.
                limit: (most / 2.0).max(1.0),
                most,
                in_flight: 0,
                paused_until: None,
                last_cut: None,
            }),
            changed: Notify::new(),
            stop: AtomicBool::new(false),
            stopped: Notify::new(),
            policy,
            requests: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
        }
    }

    /// Lets no further request begin.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        self.stopped.notify_waiters();
        self.changed.notify_waiters();
    }

    /// Whether [`stop`](Self::stop) was called.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// How many requests may be in flight now.
    pub(crate) fn limit(&self) -> usize {
        self.lock().limit as usize
    }

    /// Makes a call, again if that may help. `call` is only used for reads.
    pub(crate) async fn call<T, F, C>(&self, call: C) -> Result<T, Stopped>
    where
        C: Fn() -> F,
        F: Future<Output = Result<T, Error>>,
    {
        let started = Instant::now();
        let mut number = 1;
        loop {
            let result = {
                let _slot = self.slot().await?;
                self.requests.fetch_add(1, Ordering::Relaxed);
                call().await
            };
            let error = match result {
                Ok(value) => {
                    self.succeeded();
                    return Ok(value);
                }
                Err(error) => error,
            };
            self.note(&error);
            match self.decide(&error, number, started.elapsed()) {
                Decision::Stop(_) => return Err(Stopped::Failed(error)),
                Decision::Wait(wait) => self.wait(wait).await?,
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
            number += 1;
        }
    }

    /// Takes notice of an answer that was a failure, even within a batch.
    pub(crate) fn note(&self, error: &Error) {
        if error.kind() == ErrorKind::Throttled {
            self.throttled.fetch_add(1, Ordering::Relaxed);
            self.cut(error.retry_after());
        }
    }

    /// What to do about a failure of a read.
    pub(crate) fn decide(&self, error: &Error, number: u32, elapsed: Duration) -> Decision {
        let outcome = match (error.kind(), error.status()) {
            (ErrorKind::Connect, _) => Outcome::Failed(ErrorKind::Connect),
            // Reads can be repeated after whatever went wrong on the way or in the service.
            (ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::Body, _) => {
                Outcome::Failed(ErrorKind::Body)
            }
            (ErrorKind::Service | ErrorKind::UnexpectedResponse, Some(status))
                if ![429, 503, 504].contains(&status.as_u16()) =>
            {
                Outcome::Failed(ErrorKind::Body)
            }
            // An answer without a status that anybody documented: 404 with an empty or HTML body.
            (_, Some(status)) => Outcome::Status(status),
            (kind, None) => Outcome::Failed(kind),
        };
        // A network that is away for a minute uses up time, not attempts.
        let number = match outcome {
            Outcome::Failed(ErrorKind::Connect) => number.min(self.policy.max_attempts - 1).min(6),
            _ => number,
        };
        retry::decide(
            &self.policy,
            &Attempt {
                outcome,
                retry_after: error.headers().get(http::header::RETRY_AFTER),
                idempotent: true,
                replayable: true,
                number,
                elapsed,
                now: SystemTime::now(),
                random: fastrand::f64(),
            },
        )
    }

    /// Waits, unless the run is stopped.
    pub(crate) async fn wait(&self, wait: Duration) -> Result<(), Stopped> {
        let stopped = self.stopped.notified();
        if self.is_stopped() {
            return Err(Stopped::Interrupted);
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            () = stopped => Err(Stopped::Interrupted),
        }
    }

    async fn slot(&self) -> Result<Slot<'_>, Stopped> {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // Counted as a waiter from here on, so that no change is missed.
            changed.as_mut().enable();
            if self.is_stopped() {
                return Err(Stopped::Interrupted);
            }
            let pause = {
                let mut inner = self.lock();
                let now = Instant::now();
                match inner.paused_until.filter(|until| *until > now) {
                    Some(until) => Some(until - now),
                    None if (inner.in_flight as f64) < inner.limit.floor() => {
                        inner.in_flight += 1;
                        return Ok(Slot(self));
                    }
                    None => None,
                }
            };
            match pause {
                Some(pause) => self.wait(pause).await?,
                None => changed.await,
            }
        }
    }

    fn succeeded(&self) {
        let mut inner = self.lock();
        let before = inner.limit.floor();
        inner.limit = (inner.limit + 1.0 / inner.limit).min(inner.most);
        if inner.limit.floor() > before {
            // A place more than those that are given back.
            self.changed.notify_one();
        }
    }

    fn cut(&self, retry_after: Option<Duration>) {
        let mut inner = self.lock();
        let now = Instant::now();
        // The requests in flight are all told at once; that is one cut, not as many.
        if inner
            .last_cut
            .is_none_or(|last| now - last > Duration::from_secs(1))
        {
            inner.limit = (inner.limit / 2.0).max(1.0);
            inner.last_cut = Some(now);
        }
        if let Some(until) = retry_after.and_then(|wait| now.checked_add(wait)) {
            inner.paused_until = inner.paused_until.max(Some(until));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here can be left half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
        self.0.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn throttled() -> Error {
        Error::from_response(
            None,
            http::StatusCode::TOO_MANY_REQUESTS,
            http::HeaderMap::new(),
            b"",
            SystemTime::now(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_halves_the_limit_and_success_restores_it() {
        let pace = Pace::new(16, Duration::from_secs(300));
        assert_eq!(pace.limit(), 8);
        let attempts = AtomicUsize::new(0);
        let answer = pace
            .call(async || match attempts.fetch_add(1, Ordering::Relaxed) {
                0 => Err(throttled()),
                _ => Ok(7),
            })
            .await;
        assert!(matches!(answer, Ok(7)));
        assert_eq!(pace.limit(), 4);
        for _ in 0..200 {
            let _ = pace.call(async || Ok(())).await;
        }
        assert_eq!(pace.limit(), 16);
        assert_eq!(pace.requests.load(Ordering::Relaxed), 202);
        assert_eq!(pace.retries.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_the_limit_are_in_flight() {
        let pace = Pace::new(4, Duration::from_secs(300));
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let calls = (0..100).map(|_| {
            pace.call(async || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            })
        });
        let done = futures_util::future::join_all(calls).await;
        assert!(done.iter().all(Result::is_ok));
        assert_eq!(most.load(Ordering::SeqCst), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_that_is_away_for_a_minute_is_waited_for() {
        let pace = Pace::new(4, Duration::from_secs(300));
        // tokio's clock is paused and std's is not, so the attempts stand for the time.
        let attempts = AtomicUsize::new(0);
        let answer = pace
            .call(async || match attempts.fetch_add(1, Ordering::Relaxed) {
                0..20 => Err(Error::transport(ErrorKind::Connect, None, "refused")),
                _ => Ok(()),
            })
            .await;
        assert!(answer.is_ok());
    }

    #[tokio::test]
    async fn stopping_ends_every_wait() {
        let pace = Pace::new(4, Duration::from_secs(300));
        let call =
            pace.call(async || Err::<(), _>(Error::transport(ErrorKind::Connect, None, "x")));
        let stop = async {
            tokio::task::yield_now().await;
            pace.stop();
        };
        let (answer, ()) = futures_util::future::join(call, stop).await;
        assert!(matches!(answer, Err(Stopped::Interrupted)));
        assert!(matches!(
            pace.call(async || Ok(())).await,
            Err(Stopped::Interrupted)
        ));
    }
}
