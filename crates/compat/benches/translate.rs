//! Throughput of the translator on a collection of 100 MB, beside two ways to do without it.
//!
//! `cargo bench -p graph-photo-compat --bench translate [-- MEGABYTES] [--figures FILE]`; `cargo xtask bench` runs it too.
//!
//! The contenders take turns in one process, so that a busy machine slows all of them; printed are the best and the
//! median of the rounds, and the ratios of the medians. `--figures` writes the same figures for a program to read.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark may stop at the first surprise"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use graph_photo_compat::json::Translator;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[path = "../tests/reference/mod.rs"]
mod reference;

const ROUNDS: usize = 7;

/// Name, what to time (it gives the bytes written), and the times.
type Contender<'a> = (&'a str, &'a dyn Fn() -> usize, Vec<Duration>);

/// A photo without the map for unknown members that the public model has: the fastest typed form there is.
#[derive(Deserialize, Serialize)]
struct Photo {
    #[serde(rename = "@odata.id")]
    odata_id: String,
    #[serde(rename = "@odata.mediaContentType")]
    media_content_type: String,
    #[serde(rename = "@odata.mediaEtag")]
    media_etag: String,
    #[serde(rename(deserialize = "Id", serialize = "id"))]
    id: String,
    #[serde(rename(deserialize = "Width", serialize = "width"))]
    width: i32,
    #[serde(rename(deserialize = "Height", serialize = "height"))]
    height: i32,
}

#[derive(Deserialize, Serialize)]
struct Collection {
    #[serde(rename = "@odata.context")]
    odata_context: String,
    value: Vec<Photo>,
}

fn document(bytes: usize) -> Vec<u8> {
    let mut text = String::with_capacity(bytes + 512);
    text.push_str(r#"{"@odata.context":"https://outlook.office.com/api/v2.0/$metadata#Users('all')/photos","value":["#);
    let mut number = 0u64;
    while text.len() < bytes {
        if number > 0 {
            text.push(',');
        }
        let (key, size) = (
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            [48, 64, 96, 120, 240, 360, 432, 504, 648],
        );
        let size = size[(number % 9) as usize];
        text.push_str(&format!(
            concat!(
                r#"{{"@odata.id":"https://outlook.office.com/api/v2.0/Users('{:016x}-628b-7d04@1717622f-1d94-c0d4')/photos('{}X{}')","#,
                r#""@odata.mediaContentType":"image/jpeg","@odata.mediaEtag":"\"{:08X}\"","Id":"{}X{}","Width":{},"Height":{}}}"#
            ),
            key, size, size, key as u32, size, size, size, size
        ));
        number += 1;
    }
    text.push_str("]}");
    text.into_bytes()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let megabytes = arguments
        .iter()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(100);
    let json = arguments
        .windows(2)
        .find(|pair| pair[0] == "--figures")
        .map(|pair| pair[1].clone());
    let document = document(megabytes * 1_000_000);
    let mut contenders: [Contender<'_>; 4] = [
        (
            "stream",
            &|| {
                let mut out = Vec::with_capacity(document.len());
                Translator::to_graph()
                    .stream(black_box(document.as_slice()), &mut out)
                    .unwrap();
                out.len()
            },
            Vec::new(),
        ),
        (
            "translate (spooled)",
            &|| {
                let mut out = Vec::with_capacity(document.len());
                Translator::to_graph()
                    .translate(black_box(document.as_slice()), &mut out)
                    .unwrap();
                out.len()
            },
            Vec::new(),
        ),
        (
            "serde_json typed",
            &|| {
                let values: Collection = serde_json::from_slice(black_box(&document)).unwrap();
                let mut out = Vec::with_capacity(document.len());
                serde_json::to_writer(&mut out, &values).unwrap();
                out.len()
            },
            Vec::new(),
        ),
        (
            "serde_json::Value",
            &|| {
                let value = serde_json::from_slice(black_box(&document)).unwrap();
                let mut out = Vec::with_capacity(document.len());
                serde_json::to_writer(&mut out, &reference::to_graph(value)).unwrap();
                out.len()
            },
            Vec::new(),
        ),
    ];
    for _ in 0..ROUNDS {
        for (_, run, times) in &mut contenders {
            let start = Instant::now();
            black_box(run());
            times.push(start.elapsed());
        }
    }
    let speed = |time: Duration| document.len() as f64 / 1e6 / time.as_secs_f64();
    let mut medians = Vec::new();
    println!(
        "{} MB, {ROUNDS} interleaved rounds",
        document.len() / 1_000_000
    );
    for (name, _, times) in &mut contenders {
        times.sort();
        medians.push(speed(times[ROUNDS / 2]));
        println!(
            "{name:<22} best {:7.0} MB/s   median {:7.0} MB/s",
            speed(times[0]),
            speed(times[ROUNDS / 2])
        );
    }
    let mut figures = json!({
        "megabytes": document.len() / 1_000_000,
        "median_mb_per_s": {
            "stream": medians[0], "translate": medians[1], "typed": medians[2], "value": medians[3],
        },
    });
    for (ours, name) in [(0, "stream"), (1, "translate")] {
        let (typed, value) = (medians[ours] / medians[2], medians[ours] / medians[3]);
        println!(
            "{name} / typed {typed:.2} (at least 0.60)   {name} / Value {value:.2} (at least 4.00)"
        );
        figures[format!("{name}_by_typed")] = json!(typed);
        figures[format!("{name}_by_value")] = json!(value);
    }
    if let Some(path) = json {
        std::fs::write(path, figures.to_string()).unwrap();
    }
}
