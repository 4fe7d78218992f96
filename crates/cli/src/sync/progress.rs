//! What a person sees while a run is on: a bar on a terminal, a line every ten seconds elsewhere.

use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::{grouped, note};
use crate::sync::pace::Pace;
use crate::sync::summary::Counts;

const LINE_EVERY: Duration = Duration::from_secs(10);

/// Progress on stderr.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    total: Option<u64>,
    started: Instant,
    last_line: Mutex<Instant>,
    quiet: bool,
}

impl Progress {
    /// `total` is how many users there are, if that is known.
    pub(crate) fn new(total: Option<u64>, quiet: bool) -> Progress {
        let terminal = !quiet && std::io::IsTerminal::is_terminal(&std::io::stderr());
        let bar = terminal.then(|| {
            let (bar, template) = match total {
                Some(total) => (
                    ProgressBar::new(total),
                    "{bar:24} {human_pos}/{human_len} users  {per_sec}  {eta} left  {msg}",
                ),
                None => (
                    ProgressBar::new_spinner(),
                    "{spinner} {human_pos} users  {per_sec}  {msg}",
                ),
            };
            let style = ProgressStyle::with_template(template);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        let now = Instant::now();
        Progress {
            bar,
            total,
            started: now,
            last_line: Mutex::new(now),
            quiet,
        }
    }

    /// Shows where things are. `passed` counts all users that were read, those of other shards too.
    pub(crate) fn update(&self, passed: u64, counts: &Counts, pace: &Pace) {
        let failed = counts.failed.load(Ordering::Relaxed);
        let throttled = pace.throttled.load(Ordering::Relaxed);
        let message = format!("{} errors, {} at a time", grouped(failed), pace.limit());
        if let Some(bar) = &self.bar {
            bar.set_position(passed);
            bar.set_message(message);
            return;
        }
        if self.quiet {
            return;
        }
        let Ok(mut last) = self.last_line.try_lock() else {
            return;
        };
        if last.elapsed() < LINE_EVERY {
            return;
        }
        *last = Instant::now();
        let elapsed = self.started.elapsed();
        note(&line(passed, self.total, elapsed, &message, throttled));
    }

    /// Says something without disturbing the bar.
    pub(crate) fn say(&self, message: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| note(message)),
            None => note(message),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The line for who has no terminal. `message` is what a bar would say, too.
fn line(
    passed: u64,
    total: Option<u64>,
    elapsed: Duration,
    message: &str,
    throttled: u64,
) -> String {
    let rate = passed as f64 / elapsed.as_secs_f64().max(0.001);
    let left = total.filter(|_| rate > 0.0).map(|total| {
        let seconds = total.saturating_sub(passed) as f64 / rate;
        format!(", {} s left", grouped(seconds.ceil() as u64))
    });
    let of = total
        .map(|total| format!(" of {}", grouped(total)))
        .unwrap_or_default();
    format!(
        "{}{of} users, {rate:.0} a second, {message}, {} throttled{}",
        grouped(passed),
        grouped(throttled),
        left.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_rate_errors_and_time_left() {
        let shown = |passed, total, seconds| {
            let elapsed = Duration::from_secs(seconds);
            line(passed, total, elapsed, "3 errors, 16 at a time", 2)
        };
        assert_eq!(
            shown(5_000, Some(20_000), 10),
            "5,000 of 20,000 users, 500 a second, 3 errors, 16 at a time, 2 throttled, 30 s left"
        );
        // Graph does not say how many users it will list.
        assert_eq!(
            shown(5_000, None, 10),
            "5,000 users, 500 a second, 3 errors, 16 at a time, 2 throttled"
        );
        assert_eq!(
            shown(0, Some(20_000), 0),
            "0 of 20,000 users, 0 a second, 3 errors, 16 at a time, 2 throttled"
        );
    }
}
