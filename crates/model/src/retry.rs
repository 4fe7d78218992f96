//! Whether to send a request again, and after how long: one pure function for both clients.
//!
//! [`decide`] gets everything it depends on as an argument, the clock and the random number
//! included; the clients only wait and send. What it retries:
//!
//! | what happened | sent again |
//! |---|---|
//! | 429, 503 | any request: the service did not take it up |
//! | 504 | an idempotent request: it may have been carried out |
//! | no connection | any request: nothing was sent |
//! | connection lost midway | an idempotent request |
//! | anything else | no |
//!
//! and of these only requests whose body can be sent again from the start.

use std::time::{Duration, SystemTime};

use http::{HeaderValue, Method, StatusCode};

use crate::error::ErrorKind;
use crate::retry_after;

/// The limits of retrying. The defaults are four attempts (Microsoft's own clients retry three
/// times), waits that start at half a second and double, no wait longer than 180 seconds (the cap
/// of Microsoft's clients) and no new attempt that would start later than 300 seconds after the
/// first.
///
/// ```
/// use std::time::Duration;
/// use graph_photo_model::retry::Policy;
///
/// let patient = Policy::DEFAULT.with_max_attempts(10).with_max_elapsed(Duration::from_secs(3600));
/// assert_eq!(patient.base_delay, Duration::from_millis(500));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The most attempts, the first one included. 1 means no retry.
    pub max_attempts: u32,
    /// The wait after the first attempt where the service names none; doubled after each.
    pub base_delay: Duration,
    /// The longest single wait. If the service asks for more, the call ends with its error, which
    /// carries the Retry-After.
    pub max_delay: Duration,
    /// How long after the start of the call a new attempt may still begin.
    pub max_elapsed: Duration,
}

impl Policy {
    /// The default limits.
    pub const DEFAULT: Self = Self {
        max_attempts: 4,
        base_delay: Duration::from_millis(500),
        max_delay: Duration::from_secs(180),
        max_elapsed: Duration::from_secs(300),
    };

    /// No retry at all.
    pub const NEVER: Self = Self {
        max_attempts: 1,
        ..Self::DEFAULT
    };

    /// The same limits with another number of attempts.
    #[must_use]
    pub const fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The same limits with another first wait.
    #[must_use]
    pub const fn with_base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// The same limits with another longest wait.
    #[must_use]
    pub const fn with_max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// The same limits with another total time.
    #[must_use]
    pub const fn with_max_elapsed(mut self, elapsed: Duration) -> Self {
        self.max_elapsed = elapsed;
        self
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The service answered with this status.
    Status(StatusCode),
    /// No whole answer came. [`ErrorKind::Connect`] means that nothing was sent.
    Failed(ErrorKind),
}

/// An attempt that did not succeed, and all that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// How it ended.
    pub outcome: Outcome,
    /// The Retry-After header of the answer.
    pub retry_after: Option<&'a HeaderValue>,
    /// Whether sending the request twice leaves the service in the state that sending it once does:
    /// [`is_idempotent`] of the method, or what the caller knows better (a `$batch` of reads is).
    pub idempotent: bool,
    /// Whether the body can be sent again from the start. A request without a body can.
    pub replayable: bool,
    /// The number of this attempt; the first is 1.
    pub number: u32,
    /// The time since the first attempt began.
    pub elapsed: Duration,
    /// The time of day, which a Retry-After date is counted from.
    pub now: SystemTime,
    /// A random number from 0 up to 1, which spreads callers that failed together.
    pub random: f64,
}

/// What to do after an attempt that did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Wait this long, then send the request again.
    Wait(Duration),
    /// Return the error.
    Stop(StopReason),
}

/// Why a request is not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// Sending it again would end the same way.
    NotRetryable,
    /// It may have been carried out already, and twice is not once.
    NotIdempotent,
    /// Its body cannot be sent a second time.
    NotReplayable,
    /// [`Policy::max_attempts`] is reached.
    AttemptsUsedUp,
    /// The service asks for a wait longer than [`Policy::max_delay`].
    WaitTooLong,
    /// The next attempt would begin after [`Policy::max_elapsed`].
    TimeUsedUp,
}

/// Whether a method may be sent twice. PATCH is among them: on `photo/$value` it replaces the whole
/// photo as PUT does (Microsoft's update page offers both for the same operation), so a second one
/// changes nothing.
#[must_use]
pub fn is_idempotent(method: &Method) -> bool {
    method.is_idempotent() || method == Method::PATCH
}

/// Decides about the next attempt.
///
/// A wait is at least what the service asked for, else `base_delay` doubled per attempt and cut by
/// up to half at random; what the service asked for is prolonged by up to a tenth at random, so
/// that many callers that were told the same do not return at once.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use graph_photo_model::retry::{Attempt, Decision, Outcome, Policy, decide};
/// use http::{HeaderValue, StatusCode};
///
/// let header = HeaderValue::from_static("2");
/// let attempt = Attempt {
///     outcome: Outcome::Status(StatusCode::TOO_MANY_REQUESTS),
///     retry_after: Some(&header),
///     idempotent: true,
///     replayable: true,
///     number: 1,
///     elapsed: Duration::ZERO,
///     now: SystemTime::now(),
///     random: 0.0,
/// };
/// assert_eq!(decide(&Policy::DEFAULT, &attempt), Decision::Wait(Duration::from_secs(2)));
/// ```
#[must_use]
pub fn decide(policy: &Policy, attempt: &Attempt<'_>) -> Decision {
    match wait(policy, attempt) {
        Ok(wait) => Decision::Wait(wait),
        Err(reason) => Decision::Stop(reason),
    }
}

fn wait(policy: &Policy, attempt: &Attempt<'_>) -> Result<Duration, StopReason> {
    let safe = match attempt.outcome {
        Outcome::Status(StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
        | Outcome::Failed(ErrorKind::Connect) => true,
        Outcome::Status(StatusCode::GATEWAY_TIMEOUT)
        | Outcome::Failed(ErrorKind::Transport | ErrorKind::Body) => attempt.idempotent,
        _ => return Err(StopReason::NotRetryable),
    };
    if !safe {
        return Err(StopReason::NotIdempotent);
    }
    if !attempt.replayable {
        return Err(StopReason::NotReplayable);
    }
    if attempt.number >= policy.max_attempts {
        return Err(StopReason::AttemptsUsedUp);
    }
    let random = if attempt.random.is_finite() {
        attempt.random.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let asked = attempt
        .retry_after
        .and_then(|value| value.to_str().ok())
        .and_then(|value| retry_after::parse(value, attempt.now));
    let wait = match asked {
        Some(asked) if asked > policy.max_delay => return Err(StopReason::WaitTooLong),
        Some(asked) => {
            let spread = scale(asked, 0.1 * random);
            asked.saturating_add(spread).min(policy.max_delay)
        }
        None => {
            let doublings = attempt.number.saturating_sub(1);
            let delay = policy
                .base_delay
                .saturating_mul(2_u32.saturating_pow(doublings))
                .min(policy.max_delay);
            scale(delay, 1.0 - 0.5 * random)
        }
    };
    match attempt.elapsed.checked_add(wait) {
        Some(total) if total <= policy.max_elapsed => Ok(wait),
        _ => Err(StopReason::TimeUsedUp),
    }
}

/// A part of a duration; `part` is between 0 and 1.
fn scale(duration: Duration, part: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * part)
        .unwrap_or(duration)
        .min(duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn attempt(outcome: Outcome) -> Attempt<'static> {
        Attempt {
            outcome,
            retry_after: None,
            idempotent: true,
            replayable: true,
            number: 1,
            elapsed: Duration::ZERO,
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777),
            random: 0.0,
        }
    }

    fn status(code: u16) -> Outcome {
        Outcome::Status(StatusCode::from_u16(code).unwrap())
    }

    const RETRIED: [Outcome; 6] = [
        Outcome::Status(StatusCode::TOO_MANY_REQUESTS),
        Outcome::Status(StatusCode::SERVICE_UNAVAILABLE),
        Outcome::Status(StatusCode::GATEWAY_TIMEOUT),
        Outcome::Failed(ErrorKind::Connect),
        Outcome::Failed(ErrorKind::Transport),
        Outcome::Failed(ErrorKind::Body),
    ];

    #[test]
    fn waits_double_and_shrink_by_up_to_half() {
        let wait = |number, random| {
            decide(
                &Policy::DEFAULT,
                &Attempt {
                    number,
                    random,
                    ..attempt(status(503))
                },
            )
        };
        assert_eq!(wait(1, 0.0), Decision::Wait(Duration::from_millis(500)));
        assert_eq!(wait(2, 0.0), Decision::Wait(Duration::from_millis(1000)));
        assert_eq!(wait(3, 0.0), Decision::Wait(Duration::from_millis(2000)));
        assert_eq!(wait(3, 1.0), Decision::Wait(Duration::from_millis(1000)));
        assert_eq!(wait(4, 0.0), Decision::Stop(StopReason::AttemptsUsedUp));
        let capped = Policy::DEFAULT.with_max_delay(Duration::from_millis(300));
        assert_eq!(
            decide(&capped, &attempt(status(503))),
            Decision::Wait(Duration::from_millis(300))
        );
    }

    #[test]
    fn what_is_sent_again() {
        let policy = Policy::DEFAULT;
        for outcome in RETRIED {
            assert!(
                matches!(decide(&policy, &attempt(outcome)), Decision::Wait(_)),
                "{outcome:?}"
            );
            let stream = Attempt {
                replayable: false,
                ..attempt(outcome)
            };
            assert_eq!(
                decide(&policy, &stream),
                Decision::Stop(StopReason::NotReplayable)
            );
            let post = Attempt {
                idempotent: false,
                ..attempt(outcome)
            };
            let untouched = matches!(
                outcome,
                Outcome::Failed(ErrorKind::Connect)
                    | Outcome::Status(
                        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
                    )
            );
            assert_eq!(
                decide(&policy, &post) == Decision::Stop(StopReason::NotIdempotent),
                !untouched,
                "{outcome:?}"
            );
        }
        for outcome in [
            status(400),
            status(401),
            status(404),
            status(500),
            status(501),
            status(502),
            Outcome::Failed(ErrorKind::Timeout),
            Outcome::Failed(ErrorKind::Tls),
            Outcome::Failed(ErrorKind::UnexpectedResponse),
        ] {
            assert_eq!(
                decide(&policy, &attempt(outcome)),
                Decision::Stop(StopReason::NotRetryable),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn retry_after_is_honoured_up_to_the_caps() {
        let decide_for = |value: &'static str, elapsed| {
            let header = HeaderValue::from_static(value);
            decide(
                &Policy::DEFAULT,
                &Attempt {
                    retry_after: Some(&header),
                    elapsed: Duration::from_secs(elapsed),
                    ..attempt(status(429))
                },
            )
        };
        let wait = |millis| Decision::Wait(Duration::from_millis(millis));
        assert_eq!(decide_for("7", 0), wait(7000));
        assert_eq!(decide_for("0.25", 0), wait(250));
        assert_eq!(decide_for("0", 0), wait(0));
        assert_eq!(decide_for("Sun, 06 Nov 1994 08:50:07 GMT", 0), wait(30_000));
        assert_eq!(decide_for("Sun, 06 Nov 1994 07:00:00 GMT", 0), wait(0));
        assert_eq!(decide_for("nonsense", 0), wait(500));
        assert_eq!(
            decide_for("181", 0),
            Decision::Stop(StopReason::WaitTooLong)
        );
        assert_eq!(
            decide_for("100", 201),
            Decision::Stop(StopReason::TimeUsedUp)
        );
    }

    #[test]
    fn patch_replaces_the_photo_and_post_does_not() {
        for method in [
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
        ] {
            assert!(is_idempotent(&method), "{method}");
        }
        assert!(!is_idempotent(&Method::POST));
    }

    fn durations() -> impl Strategy<Value = Duration> {
        prop_oneof![
            (0_u64..400_000).prop_map(Duration::from_millis),
            Just(Duration::MAX),
        ]
    }

    /// A Retry-After in each of its spellings, and the wait it asks for at the time of `attempt`.
    fn asked() -> impl Strategy<Value = (String, Duration)> {
        let now = attempt(status(429)).now;
        prop_oneof![
            (0_u64..1000).prop_map(|s| (s.to_string(), Duration::from_secs(s))),
            (0_u64..1_000_000).prop_map(|ms| {
                let text = format!("{}.{:03}", ms / 1000, ms % 1000);
                // As far as a fraction can be told.
                (
                    text,
                    Duration::from_millis(ms).saturating_sub(Duration::from_micros(1)),
                )
            }),
            (-1000_i64..1000).prop_map(move |s| {
                let ahead = Duration::from_secs(s.unsigned_abs());
                let date = if s < 0 { now - ahead } else { now + ahead };
                let wait = if s < 0 { Duration::ZERO } else { ahead };
                (httpdate::fmt_http_date(date), wait)
            }),
        ]
    }

    prop_compose! {
        fn policies()(
            max_attempts in 0_u32..20,
            base_delay in durations(),
            max_delay in durations(),
            max_elapsed in durations(),
        ) -> Policy {
            Policy { max_attempts, base_delay, max_delay, max_elapsed }
        }
    }

    proptest! {
        // Few combinations lead to a wait at all.
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn no_wait_breaks_a_promise(
            policy in policies(),
            code in prop_oneof![prop::sample::select(vec![429_u16, 503, 504]), 100_u16..600],
            asked in prop::option::of(asked()),
            number in prop_oneof![1_u32..20, any::<u32>()],
            elapsed in durations(),
            idempotent in any::<bool>(),
            replayable in any::<bool>(),
            random in prop_oneof![0.0..1.0_f64, Just(f64::NAN), Just(-5.0), Just(1e300)],
        ) {
            let header = asked.as_ref().map(|(text, _)| HeaderValue::from_str(text).unwrap());
            let least = asked.map_or(Duration::ZERO, |(_, least)| least);
            let attempt = Attempt {
                retry_after: header.as_ref(),
                idempotent, replayable, number, elapsed, random,
                ..attempt(status(code))
            };
            if let Decision::Wait(wait) = decide(&policy, &attempt) {
                prop_assert!(wait <= policy.max_delay);
                prop_assert!(elapsed + wait <= policy.max_elapsed);
                prop_assert!(replayable && number < policy.max_attempts);
                prop_assert!(wait >= least);
            } else if least > policy.max_delay {
                prop_assert!(decide(&policy, &attempt) != Decision::Stop(StopReason::TimeUsedUp));
            }
        }

        #[test]
        fn it_ends(policy in policies(), which in 0_usize..6, random in 0.0..1.0_f64) {
            let mut elapsed = Duration::ZERO;
            let mut number = 1;
            while let Decision::Wait(wait) =
                decide(&policy, &Attempt { number, elapsed, random, ..attempt(RETRIED[which]) })
            {
                elapsed += wait;
                number += 1;
                prop_assert!(number <= policy.max_attempts);
            }
            prop_assert!(elapsed <= policy.max_elapsed);
        }
    }
}
