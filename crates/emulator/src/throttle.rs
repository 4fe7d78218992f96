//! Graph's limits on how much one application may ask of one mailbox.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;

use crate::errors::Refusal;

/// Limits per application and mailbox. Beyond them the answer is 429 with
/// `Retry-After`.
///
/// Written `graph`, or `graph` with some limits changed:
/// `concurrent=2,requests=100,window=10s,upload=8000000,upload-window=5m`.
///
/// ```
/// use graph_photo_emulator::Throttle;
///
/// let limits: Throttle = "requests=100,window=10s".parse()?;
/// assert_eq!(limits.concurrent, Throttle::graph().concurrent);
/// assert_eq!(limits.requests, 100);
/// # Ok::<(), graph_photo_emulator::ThrottleError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Throttle {
    /// Requests at the same time.
    pub concurrent: u32,
    /// Requests within [`Throttle::window`].
    pub requests: u32,
    /// The time over which requests are counted.
    pub window: Duration,
    /// Bytes uploaded within [`Throttle::upload_window`].
    pub upload_bytes: u64,
    /// The time over which uploads are counted.
    pub upload_window: Duration,
}

impl Throttle {
    /// The limits that Microsoft documents for Outlook's resources, photos
    /// among them: 4 requests at a time, 10,000 in 10 minutes, and 150 MB of
    /// uploads in 5 minutes (an older page said 15 MB in 30 seconds).
    pub fn graph() -> Throttle {
        Throttle {
            concurrent: 4,
            requests: 10_000,
            window: Duration::from_secs(600),
            upload_bytes: 150_000_000,
            upload_window: Duration::from_secs(300),
        }
    }
}

/// A text of limits that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("throttle '{text}': {problem}")]
pub struct ThrottleError {
    text: String,
    problem: String,
}

impl FromStr for Throttle {
    type Err = ThrottleError;

    fn from_str(text: &str) -> Result<Throttle, ThrottleError> {
        let problem = |problem: String| ThrottleError {
            text: text.to_owned(),
            problem,
        };
        let mut limits = Throttle::graph();
        for part in text.split(',').map(str::trim) {
            if part == "graph" {
                continue;
            }
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| problem(format!("'{part}' is neither graph nor KEY=VALUE")))?;
            let count = || value.parse().ok().filter(|n: &u32| *n > 0);
            let time = || {
                humantime::parse_duration(value)
                    .ok()
                    .filter(|t| !t.is_zero())
            };
            let wrong = || problem(format!("'{value}' is no good for {key}"));
            match key {
                "concurrent" => limits.concurrent = count().ok_or_else(wrong)?,
                "requests" => limits.requests = count().ok_or_else(wrong)?,
                "window" => limits.window = time().ok_or_else(wrong)?,
                "upload" => limits.upload_bytes = value.parse().map_err(|_| wrong())?,
                "upload-window" => limits.upload_window = time().ok_or_else(wrong)?,
                _ => return Err(problem(format!("there is no limit '{key}'"))),
            }
        }
        Ok(limits)
    }
}

/// An application and a mailbox.
type Key = (String, String);

/// What one application did to one mailbox lately.
#[derive(Debug)]
struct Account {
    running: u32,
    window_start: Instant,
    requests: u32,
    upload_start: Instant,
    uploaded: u64,
}

/// The limits at work.
#[derive(Debug)]
pub(crate) struct Throttler {
    limits: Throttle,
    accounts: Mutex<HashMap<Key, Account>>,
}

/// A request that was let in; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Admission {
    throttler: Arc<Throttler>,
    key: Key,
}

/// Accounts kept before those that have nothing to remember are forgotten.
const SWEEP_AT: usize = 4096;

impl Throttler {
    pub(crate) fn new(limits: Throttle) -> Throttler {
        Throttler {
            limits,
            accounts: Mutex::default(),
        }
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<Key, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a request in, or says when to come back.
    pub(crate) fn admit(
        self: &Arc<Self>,
        app: &str,
        mailbox: &str,
        now: Instant,
    ) -> Result<Admission, Refusal> {
        let limits = self.limits;
        let key = (app.to_owned(), mailbox.to_owned());
        let mut accounts = self.accounts();
        if accounts.len() >= SWEEP_AT && !accounts.contains_key(&key) {
            accounts.retain(|_, account| {
                account.running > 0
                    || now.duration_since(account.window_start) < limits.window
                    || now.duration_since(account.upload_start) < limits.upload_window
            });
        }
        let account = accounts.entry(key.clone()).or_insert_with(|| Account {
            running: 0,
            window_start: now,
            requests: 0,
            upload_start: now,
            uploaded: 0,
        });
        if now.duration_since(account.window_start) >= limits.window {
            account.window_start = now;
            account.requests = 0;
        }
        if account.requests >= limits.requests {
            let wait = limits.window - now.duration_since(account.window_start);
            return Err(throttled(
                "TooManyRequests",
                "The server is busy. Please try again later.",
                wait,
            ));
        }
        // Refused requests count too; hammering does not help.
        account.requests += 1;
        if account.running >= limits.concurrent {
            return Err(throttled(
                "ApplicationThrottled",
                "Application is over its MailboxConcurrency limit.",
                Duration::from_secs(1),
            ));
        }
        account.running += 1;
        Ok(Admission {
            throttler: self.clone(),
            key,
        })
    }
}

impl Admission {
    /// Counts the bytes of an upload.
    pub(crate) fn upload(&self, bytes: u64, now: Instant) -> Result<(), Refusal> {
        let limits = self.throttler.limits;
        let mut accounts = self.throttler.accounts();
        let Some(account) = accounts.get_mut(&self.key) else {
            return Ok(());
        };
        if now.duration_since(account.upload_start) >= limits.upload_window {
            account.upload_start = now;
            account.uploaded = 0;
        }
        if account.uploaded + bytes > limits.upload_bytes {
            let wait = limits.upload_window - now.duration_since(account.upload_start);
            return Err(throttled(
                "ApplicationThrottled",
                "Application is over its upload limit.",
                wait,
            ));
        }
        account.uploaded += bytes;
        Ok(())
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some(account) = self.throttler.accounts().get_mut(&self.key) {
            account.running = account.running.saturating_sub(1);
        }
    }
}

fn throttled(code: &'static str, message: &'static str, wait: Duration) -> Refusal {
    // Rounded up: who waits exactly so long must not come too early.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, code, message).retry_after(seconds.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttler(text: &str) -> Arc<Throttler> {
        Arc::new(Throttler::new(text.parse().unwrap()))
    }

    #[test]
    fn four_at_a_time_for_each_application_and_mailbox() {
        let throttler = throttler("graph");
        let now = Instant::now();
        let running: Vec<_> = (0..4)
            .map(|_| throttler.admit("app", "adele", now).unwrap())
            .collect();
        let refused = throttler.admit("app", "adele", now).unwrap_err();
        assert_eq!(
            (refused.status.as_u16(), refused.retry_after),
            (429, Some(1))
        );
        assert!(throttler.admit("app", "alex", now).is_ok());
        assert!(throttler.admit("other", "adele", now).is_ok());
        drop(running);
        assert!(throttler.admit("app", "adele", now).is_ok());
    }

    #[test]
    fn the_window_opens_again_when_retry_after_says() {
        let throttler = throttler("requests=2,window=10s");
        let start = Instant::now();
        throttler.admit("app", "m", start).unwrap();
        throttler.admit("app", "m", start).unwrap();
        let later = start + Duration::from_millis(3_500);
        let refused = throttler.admit("app", "m", later).unwrap_err();
        assert_eq!(refused.retry_after, Some(7));
        assert!(
            throttler
                .admit("app", "m", later + Duration::from_secs(7))
                .is_ok()
        );
    }

    #[test]
    fn uploads_have_a_quota_of_their_own() {
        let throttler = throttler("upload=1000,upload-window=30s");
        let now = Instant::now();
        let admission = throttler.admit("app", "m", now).unwrap();
        admission.upload(600, now).unwrap();
        assert_eq!(
            admission.upload(600, now).unwrap_err().retry_after,
            Some(30)
        );
        admission
            .upload(600, now + Duration::from_secs(30))
            .unwrap();
    }

    #[test]
    fn mistakes_are_named() {
        for text in ["", "on", "requests=0", "window=0s", "colour=red"] {
            assert!(text.parse::<Throttle>().is_err(), "{text}");
        }
    }
}
