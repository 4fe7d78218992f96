//! Trouble on demand: errors, delays and broken connections, by rule.
//!
//! Whether a request is struck follows from the fault's seed, the request's
//! method and path, and how often that path was asked for; not from the clock
//! and not from the order in which connections happen to be served. So the
//! same seed gives the same trouble, run after run, at any concurrency.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Map, Value};

use crate::errors::Refusal;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaultKind {
    /// An error of the given status, in Graph's envelope.
    Status,
    /// The connection closes without an answer.
    Drop,
    /// The connection is reset.
    Reset,
    /// The answer promises its full length and ends half way.
    Truncate,
    /// The answer comes late, and its body piecemeal if a pace is given.
    Slow,
    /// A page of HTML, as gateways send, in place of JSON.
    Html,
    /// An empty `text/plain` body.
    Empty,
}

impl FaultKind {
    const ALL: [FaultKind; 7] = [
        FaultKind::Status,
        FaultKind::Drop,
        FaultKind::Reset,
        FaultKind::Truncate,
        FaultKind::Slow,
        FaultKind::Html,
        FaultKind::Empty,
    ];

    /// The name used in a fault's text: `status`, `drop` and so on.
    pub fn as_str(self) -> &'static str {
        match self {
            FaultKind::Status => "status",
            FaultKind::Drop => "drop",
            FaultKind::Reset => "reset",
            FaultKind::Truncate => "truncate",
            FaultKind::Slow => "slow",
            FaultKind::Html => "html",
            FaultKind::Empty => "empty",
        }
    }
}

/// A rule for trouble, written `kind=status,status=503,rate=0.1,retry-after=1`.
///
/// | key | meaning | default |
/// |---|---|---|
/// | `kind` | a [`FaultKind`] | required |
/// | `status` | status of the answer, for `status`, `html` and `empty` | 503 |
/// | `code` | Graph's error code, for `status` | by status |
/// | `retry-after` | seconds, sent as `Retry-After` | none |
/// | `rate` | share of requests struck, 0 to 1 | 1 |
/// | `times` | strike so often and no more | no limit |
/// | `path` | path after the version; `*` stands for anything | any |
/// | `method` | HTTP method | any |
/// | `seed` | another seed strikes other requests | 0 |
/// | `delay` | how late the answer is, for `slow` (`500ms`, `2s`) | 1s |
/// | `pace` | bytes of body per second, for `slow` | at once |
///
/// ```
/// use graph_photo_emulator::Fault;
///
/// let fault: Fault = "kind=status,status=429,retry-after=1,times=1".parse()?;
/// assert_eq!(fault.to_string(), "kind=status,status=429,retry-after=1,times=1");
/// # Ok::<(), graph_photo_emulator::FaultError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    kind: FaultKind,
    status: Option<StatusCode>,
    code: Option<String>,
    retry_after: Option<u64>,
    rate: f64,
    times: Option<u64>,
    path: Option<String>,
    method: Option<Method>,
    seed: u64,
    delay: Option<Duration>,
    pace: Option<u64>,
}

/// A fault's text that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("fault '{text}': {problem}")]
pub struct FaultError {
    text: String,
    problem: String,
}

impl Fault {
    /// A fault of this kind that strikes every request.
    pub fn new(kind: FaultKind) -> Fault {
        Fault {
            kind,
            status: None,
            code: None,
            retry_after: None,
            rate: 1.0,
            times: None,
            path: None,
            method: None,
            seed: 0,
            delay: None,
            pace: None,
        }
    }

    fn from_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Fault, String> {
        let mut kind = None;
        let mut fault = Fault::new(FaultKind::Status);
        for (key, value) in pairs {
            let number = || {
                value
                    .parse::<u64>()
                    .map_err(|_| format!("{key} must be a whole number, not '{value}'"))
            };
            match key {
                "kind" => {
                    let known = FaultKind::ALL.into_iter().find(|k| k.as_str() == value);
                    kind = Some(known.ok_or_else(|| {
                        let known: Vec<_> = FaultKind::ALL.iter().map(|k| k.as_str()).collect();
                        format!("kind must be one of {}, not '{value}'", known.join(", "))
                    })?);
                }
                "status" => {
                    let status = value.parse().ok().filter(|n: &u16| (200..600).contains(n));
                    let status = status.and_then(|n| StatusCode::from_u16(n).ok());
                    fault.status = Some(status.ok_or_else(|| {
                        format!("status must be a number from 200 to 599, not '{value}'")
                    })?);
                }
                "code" => fault.code = Some(value.to_owned()),
                "retry-after" => fault.retry_after = Some(number()?),
                "rate" => {
                    let rate = value.parse().ok().filter(|r| (0.0..=1.0).contains(r));
                    fault.rate =
                        rate.ok_or_else(|| format!("rate must be from 0 to 1, not '{value}'"))?;
                }
                "times" => fault.times = Some(number()?),
                "path" => fault.path = Some(value.to_owned()),
                "method" => {
                    let method = Method::from_bytes(value.to_uppercase().as_bytes());
                    fault.method =
                        Some(method.map_err(|_| format!("'{value}' is no HTTP method"))?);
                }
                "seed" => fault.seed = number()?,
                "delay" => {
                    fault.delay = Some(humantime::parse_duration(value).map_err(|_| {
                        format!("delay must be a time such as 500ms or 2s, not '{value}'")
                    })?);
                }
                "pace" => fault.pace = Some(number()?.max(1)),
                _ => return Err(format!("there is no key '{key}'")),
            }
        }
        fault.kind = kind.ok_or("kind is missing")?;
        Ok(fault)
    }

    /// Reads what `PUT /_emulator/faults` takes: the text, or the same keys as
    /// an object.
    pub(crate) fn from_json(value: &Value) -> Result<Fault, FaultError> {
        match value {
            Value::String(text) => text.parse(),
            Value::Object(map) => {
                let pairs: Vec<(&str, String)> = map
                    .iter()
                    .map(|(key, value)| {
                        let text = match value {
                            Value::String(text) => text.clone(),
                            other => other.to_string(),
                        };
                        (key.as_str(), text)
                    })
                    .collect();
                Fault::from_pairs(pairs.iter().map(|(k, v)| (*k, v.as_str()))).map_err(|problem| {
                    FaultError {
                        text: crate::errors::shorten(&value.to_string()).to_owned(),
                        problem,
                    }
                })
            }
            other => Err(FaultError {
                text: crate::errors::shorten(&other.to_string()).to_owned(),
                problem: "a fault is a text or an object".to_owned(),
            }),
        }
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("kind", self.kind.as_str().to_owned())];
        let mut add = |key, value: Option<String>| pairs.extend(value.map(|value| (key, value)));
        add("status", self.status.map(|s| s.as_str().to_owned()));
        add("code", self.code.clone());
        add("retry-after", self.retry_after.map(|n| n.to_string()));
        add("rate", (self.rate < 1.0).then(|| self.rate.to_string()));
        add("times", self.times.map(|n| n.to_string()));
        add("path", self.path.clone());
        add("method", self.method.as_ref().map(|m| m.to_string()));
        add("seed", (self.seed != 0).then(|| self.seed.to_string()));
        let delay = self
            .delay
            .map(|d| humantime::format_duration(d).to_string());
        add("delay", delay);
        add("pace", self.pace.map(|n| n.to_string()));
        pairs
    }

    fn concerns(&self, method: &Method, path: &str) -> bool {
        if self.method.as_ref().is_some_and(|m| m != method) {
            return false;
        }
        let Some(pattern) = &self.path else {
            return true;
        };
        let unversioned = path
            .get(1..)
            .and_then(|p| p.find('/'))
            .map(|at| &path[at + 1..]);
        matches(pattern, path) || unversioned.is_some_and(|path| matches(pattern, path))
    }
}

/// Whether `path` is what `pattern` describes. `*` stands for any text, slashes
/// included; case does not count.
fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().flat_map(char::to_lowercase).collect();
    let path: Vec<char> = path.chars().flat_map(char::to_lowercase).collect();
    let (mut p, mut t) = (0, 0);
    // Where to go back to: the last star, and how much of the path it takes.
    let mut star: Option<(usize, usize)> = None;
    while t < path.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == path.get(t) {
            p += 1;
            t += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            p = at + 1;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let problem = |problem: String| FaultError {
            text: text.to_owned(),
            problem,
        };
        let pairs = text
            .split(',')
            .map(|pair| {
                let (key, value) = pair
                    .split_once('=')
                    .ok_or_else(|| problem(format!("'{pair}' is not KEY=VALUE")))?;
                Ok((key.trim(), value.trim()))
            })
            .collect::<Result<Vec<_>, _>>()?;
        Fault::from_pairs(pairs.into_iter()).map_err(problem)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (key, value)) in self.pairs().into_iter().enumerate() {
            let comma = if n > 0 { "," } else { "" };
            write!(f, "{comma}{key}={value}")?;
        }
        Ok(())
    }
}

/// What a fault does to one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Strike {
    pub(crate) kind: FaultKind,
    pub(crate) status: StatusCode,
    code: Option<String>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) delay: Duration,
    pub(crate) pace: Option<u64>,
}

impl Strike {
    /// The error that a `status` fault answers.
    pub(crate) fn refusal(&self) -> Refusal {
        let (code, message) = match self.status.as_u16() {
            429 => (
                "TooManyRequests",
                "The server is busy. Please try again later.",
            ),
            500 => (
                "ErrorInternalServerError",
                "An internal server error occurred. The operation failed.",
            ),
            502 => ("BadGateway", "Failed to execute backend request."),
            503 => (
                "ServiceNotAvailable",
                "The service is temporarily unavailable.",
            ),
            504 => ("GatewayTimeout", "The backend did not answer in time."),
            507 => ("InsufficientStorage", "The storage quota is exceeded."),
            _ => ("UnknownError", ""),
        };
        let mut refusal = match &self.code {
            Some(code) => Refusal::new(self.status, code.clone(), message),
            None => Refusal::new(self.status, code, message),
        };
        refusal.retry_after = self.retry_after;
        refusal
    }
}

/// Paths share this many counters, so that memory does not grow with them.
const COUNTERS: usize = 1 << 14;

/// A fault in force.
#[derive(Debug)]
struct Active {
    fault: Fault,
    asked: Vec<AtomicU32>,
    struck: AtomicU64,
}

impl Active {
    fn new(fault: Fault) -> Active {
        Active {
            fault,
            asked: std::iter::repeat_with(AtomicU32::default)
                .take(COUNTERS)
                .collect(),
            struck: AtomicU64::new(0),
        }
    }

    fn strikes(&self, method: &Method, path: &str) -> bool {
        if !self.fault.concerns(method, path) {
            return false;
        }
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(method.as_str().as_bytes());
        hasher.update(b" ");
        hasher.update(path.as_bytes());
        let hash = hasher.finalize();
        let Some(counter) = self.asked.get(hash as usize % COUNTERS) else {
            return false;
        };
        let nth = counter.fetch_add(1, Ordering::Relaxed);
        let lot = scramble(self.fault.seed ^ scramble(u64::from(hash) << 32 | u64::from(nth)));
        // The upper 53 bits as a number from 0 up to, not including, 1.
        if (lot >> 11) as f64 / (1_u64 << 53) as f64 >= self.fault.rate {
            return false;
        }
        let limit = self.fault.times.unwrap_or(u64::MAX);
        self.struck
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
                (n < limit).then_some(n + 1)
            })
            .is_ok()
    }
}

/// The finaliser of SplitMix64: spreads neighbouring numbers evenly.
fn scramble(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// The faults in force, in the order in which they are tried.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: RwLock<Arc<Vec<Active>>>,
}

impl Faults {
    /// Replaces all faults. Counters start anew, so the same faults set again
    /// strike the same requests again.
    pub(crate) fn set(&self, faults: impl IntoIterator<Item = Fault>) {
        let new = Arc::new(faults.into_iter().map(Active::new).collect());
        *self.active.write().unwrap_or_else(PoisonError::into_inner) = new;
    }

    fn active(&self) -> Arc<Vec<Active>> {
        let active = self.active.read().unwrap_or_else(PoisonError::into_inner);
        active.clone()
    }

    /// Which fault, if any, strikes this request.
    pub(crate) fn strike(&self, method: &Method, path: &str) -> Option<Strike> {
        let active = self.active();
        let fault = &active.iter().find(|a| a.strikes(method, path))?.fault;
        Some(Strike {
            kind: fault.kind,
            status: fault.status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
            code: fault.code.clone(),
            retry_after: fault.retry_after,
            delay: fault.delay.unwrap_or(Duration::from_secs(1)),
            pace: fault.pace,
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        let active = self.active();
        let list = active.iter().map(|active| {
            let mut map = Map::new();
            for (key, value) in active.fault.pairs() {
                map.insert(key.to_owned(), value.into());
            }
            map.insert("text".to_owned(), active.fault.to_string().into());
            let struck = active.struck.load(Ordering::Relaxed);
            map.insert("struck".to_owned(), struck.into());
            Value::Object(map)
        });
        Value::Array(list.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active(text: &str) -> Active {
        Active::new(text.parse().unwrap())
    }

    #[test]
    fn the_text_of_the_issue_reads_back() {
        let text = "kind=status,status=503,retry-after=1,rate=0.1,path=/users/*,method=PUT,seed=7";
        let fault: Fault = text.parse().unwrap();
        assert_eq!(fault.to_string(), text);
        assert_eq!(fault.to_string().parse::<Fault>().unwrap(), fault);
    }

    proptest::proptest! {
        #[test]
        fn texts_read_back(
            kind in 0_usize..7,
            status in 200_u16..600,
            retry in proptest::option::of(0_u64..1000),
            rate in 0.0..=1.0_f64,
            times in proptest::option::of(0_u64..9),
            path in proptest::option::of("[a-z/*$]{1,12}"),
            seed in 0_u64..99,
            delay in 0_u64..100_000,
        ) {
            let fault = Fault {
                status: StatusCode::from_u16(status).ok(),
                retry_after: retry,
                rate,
                times,
                path,
                seed,
                delay: Some(Duration::from_millis(delay)),
                ..Fault::new(FaultKind::ALL[kind])
            };
            proptest::prop_assert_eq!(fault.to_string().parse::<Fault>(), Ok(fault));
        }

        #[test]
        fn no_text_panics(text in "(kind=|status=|path=|[a-z0-9=,*.]){0,12}", path in "\\PC{0,30}") {
            if let Ok(fault) = text.parse::<Fault>() {
                let _ = fault.concerns(&Method::GET, &path);
            }
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, problem) in [
            ("", "'' is not KEY=VALUE"),
            ("rate=0.1", "kind is missing"),
            (
                "kind=fire",
                "kind must be one of status, drop, reset, truncate, slow, html, empty, not 'fire'",
            ),
            ("kind=drop,rate=2", "rate must be from 0 to 1, not '2'"),
            ("kind=drop,rate=NaN", "rate must be from 0 to 1, not 'NaN'"),
            (
                "kind=status,status=99",
                "status must be a number from 200 to 599, not '99'",
            ),
            (
                "kind=slow,delay=soon",
                "delay must be a time such as 500ms or 2s, not 'soon'",
            ),
            ("kind=drop,colour=red", "there is no key 'colour'"),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            assert_eq!(error.problem, problem, "{text}");
        }
    }

    #[test]
    fn the_same_seed_strikes_the_same_requests() {
        let pattern = |seed: u32| {
            let fault = active(&format!("kind=drop,rate=0.5,seed={seed}"));
            (0..64)
                .map(|n| fault.strikes(&Method::GET, &format!("/v1.0/users/{}/photo", n % 8)))
                .collect::<Vec<_>>()
        };
        assert_eq!(pattern(7), pattern(7));
        assert_ne!(pattern(7), pattern(8));
    }

    #[test]
    fn the_rate_holds_over_many_requests() {
        let fault = active("kind=drop,rate=0.1,seed=3");
        let struck = (0..20_000)
            .filter(|n| fault.strikes(&Method::GET, &format!("/v1.0/users/u{}/photo", n % 500)))
            .count();
        assert!((1_800..2_200).contains(&struck), "{struck}");
    }

    #[test]
    fn times_limits_and_path_and_method_choose() {
        let fault = active("kind=drop,times=2,path=/users/*/photo/$value,method=PUT");
        let path = "/beta/users/u/photo/$value";
        assert!(!fault.strikes(&Method::GET, path));
        assert!(!fault.strikes(&Method::PUT, "/v1.0/me/photo/$value"));
        assert!(fault.strikes(&Method::PUT, path));
        assert!(fault.strikes(&Method::PUT, &path.to_uppercase()));
        assert!(!fault.strikes(&Method::PUT, path));
    }

    #[test]
    fn stars_stand_for_anything() {
        assert!(matches("*", ""));
        assert!(matches("/a*c*", "/abbcab"));
        assert!(matches("*photo", "/me/photo"));
        assert!(!matches("/me", "/me/photo"));
        assert!(!matches("*x", "/me"));
    }
}
