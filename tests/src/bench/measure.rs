//! Interleaved runs in CPU time, and what their ratios say.

use anyhow::Result;
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

/// The CPU time of this process so far, in seconds.
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// What the runs of one task came to.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// CPU time of a call by hand, in microseconds; the median.
    pub floor_us: f64,
    /// The client's CPU time by that of the floor run beside it: the median of the pairs.
    pub ratio: f64,
    /// The 95 % interval of that median, from the order of the pairs.
    pub interval: [f64; 2],
    /// The floor against itself, measured in the same way: what is noise.
    pub floor_against_itself: [f64; 2],
}

/// Measures what runs in this process, as [`Pairs::measure`].
///
/// # Errors
/// When a run fails.
pub fn paired(
    rounds: usize,
    calls: usize,
    floor: impl FnMut() -> Result<()>,
    client: impl FnMut() -> Result<()>,
) -> Result<Figures> {
    let mut pairs = Pairs::default();
    pairs.measure(rounds, calls, spent_here(floor), spent_here(client))?;
    Ok(pairs.figures())
}

fn spent_here(mut run: impl FnMut() -> Result<()>) -> impl FnMut() -> Result<f64> {
    move || {
        let start = cpu_seconds();
        run()?;
        Ok(cpu_seconds() - start)
    }
}

/// The runs of one task, as they come in.
#[derive(Debug, Default)]
pub struct Pairs {
    floors: Vec<f64>,
    ratios: Vec<f64>,
    noise: Vec<f64>,
}

impl Pairs {
    /// Measures `rounds` triples: the floor, the client, the floor again, each in turn first. A run says
    /// itself how many seconds of CPU time it took.
    ///
    /// # Errors
    /// When a run fails.
    pub fn measure(
        &mut self,
        rounds: usize,
        calls: usize,
        mut floor: impl FnMut() -> Result<f64>,
        mut client: impl FnMut() -> Result<f64>,
    ) -> Result<()> {
        let time = |run: &mut dyn FnMut() -> Result<f64>| -> Result<f64> {
            Ok(run()? / calls as f64 * 1e6)
        };
        floor()?;
        client()?;
        for round in 0..rounds {
            let (first, ours, second) = match round % 3 {
                0 => {
                    let first = time(&mut floor)?;
                    let ours = time(&mut client)?;
                    (first, ours, time(&mut floor)?)
                }
                1 => {
                    let ours = time(&mut client)?;
                    let first = time(&mut floor)?;
                    (first, ours, time(&mut floor)?)
                }
                _ => {
                    let first = time(&mut floor)?;
                    let second = time(&mut floor)?;
                    (first, time(&mut client)?, second)
                }
            };
            self.floors.push(first);
            self.ratios.push(ours / ((first + second) / 2.0));
            self.noise.push(second / first);
        }
        Ok(())
    }

    /// What they say.
    pub fn figures(mut self) -> Figures {
        let interval = interval(&mut self.ratios);
        Figures {
            floor_us: median(&mut self.floors),
            ratio: median(&mut self.ratios),
            interval,
            floor_against_itself: self::interval(&mut self.noise),
        }
    }
}

/// The middle of the values.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    }
}

/// The 95 % interval of the median by the binomial distribution of ranks.
fn interval(values: &mut [f64]) -> [f64; 2] {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let reach = 1.96 * n.sqrt() / 2.0;
    let low = (n / 2.0 - reach).floor().max(0.0) as usize;
    let high = ((n / 2.0 + reach).ceil() as usize).min(values.len() - 1);
    [values[low], values[high]]
}
