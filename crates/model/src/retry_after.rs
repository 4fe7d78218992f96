//! The Retry-After header: how long the service asks to wait.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;

/// Reads Retry-After from an answer's headers: seconds, with a fraction or without (Microsoft's own
/// clients accept both), or an HTTP date. A date that has passed means zero. `None` if there is no
/// such header or it says nothing readable; then the caller's own delay applies.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use graph_photo_model::retry_after::retry_after;
/// use http::{HeaderMap, HeaderValue, header::RETRY_AFTER};
///
/// let mut headers = HeaderMap::new();
/// headers.insert(RETRY_AFTER, HeaderValue::from_static("1.5"));
/// assert_eq!(retry_after(&headers, SystemTime::now()), Some(Duration::from_millis(1500)));
/// ```
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    parse(headers.get(RETRY_AFTER)?.to_str().ok()?, now)
}

/// Reads the value of a Retry-After header, as [`retry_after`] does.
#[must_use]
pub fn parse(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let number = !value.is_empty()
        && value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if number {
        let seconds: f64 = value.parse().ok()?;
        // More than a duration can hold is still an answer: longer than anybody waits.
        return Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_fractions_and_dates() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (value, expected) in [
            ("0", Some(Duration::ZERO)),
            (" 60 ", Some(Duration::from_secs(60))),
            ("0.25", Some(Duration::from_millis(250))),
            ("99999999999999999999999", Some(Duration::MAX)),
            (
                "Sun, 06 Nov 1994 08:50:07 GMT",
                Some(Duration::from_secs(30)),
            ),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(Duration::ZERO)),
            ("", None),
            (".", None),
            ("-1", None),
            ("soon", None),
            ("1e3", None),
            ("inf", None),
            ("NaN", None),
        ] {
            assert_eq!(parse(value, now), expected, "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(value in any::<String>(), seconds in any::<u32>()) {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(seconds));
            let _ = parse(&value, now);
            prop_assert_eq!(
                parse(&seconds.to_string(), now),
                Some(Duration::from_secs(u64::from(seconds)))
            );
        }

        #[test]
        fn fractions_are_read_to_the_millisecond(millis in 0_u64..100_000_000) {
            let text = format!("{}.{:03}", millis / 1000, millis % 1000);
            let found = parse(&text, SystemTime::UNIX_EPOCH).unwrap();
            prop_assert!(found.abs_diff(Duration::from_millis(millis)) < Duration::from_micros(1));
        }

        #[test]
        fn a_date_is_counted_from_now(now in 0_u64..4_000_000_000, ahead in -100_000_i64..100_000) {
            let date = now.saturating_add_signed(ahead);
            let time = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let text = httpdate::fmt_http_date(time(date));
            let expected = Duration::from_secs(date.saturating_sub(now));
            prop_assert_eq!(parse(&text, time(now)), Some(expected));
        }
    }
}
