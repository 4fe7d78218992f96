//! `cargo xtask demo`: the main job end to end, through both clients, on an in-process emulator.
//!
//! Each client uploads a photo, reads its metadata (once more through the legacy API in Rust, as a
//! caller of Outlook REST v2.0 knows it, and as a program in any language does, through the
//! gateway), lists the sizes, downloads one size and the largest,
//! deletes the photo and sees that there is none. Both must see the same, and what they downloaded
//! must be what was uploaded.

#![allow(deprecated, reason = "the legacy API in Rust is deprecated as a whole")]

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use graph_photo_compat::gateway::Gateway;
use graph_photo_compat::model::OutlookPhoto;
use graph_photo_emulator::{Emulator, demo_jpeg};
use graph_photo_model::Response;

/// What one step gave.
struct Row {
    step: &'static str,
    /// HTTP statuses of the requests that the step took, as the emulator answered them.
    status: String,
    /// What the caller saw.
    result: String,
    time: Duration,
}

/// The same program for both clients; `$wait` is `.await` or nothing.
macro_rules! scenario {
    ($client:expr, $legacy:ident, $gateway:expr, $size:expr, $jpeg:expr, $emulator:expr, [$($wait:tt)*]) => {{
        let mut steps = Steps::new($emulator);
        let photo = $client.user("lidia@contoso.com").photo();
        steps.start("put");
        photo.put($jpeg.clone())$($wait)*?;
        steps.done(format!("{} bytes sent", $jpeg.len()));

        steps.start("metadata");
        let metadata = photo.metadata()$($wait)*?.context("the photo just uploaded has no metadata")?;
        steps.done(format!("{} {}", size(metadata.size()), metadata.content_type().unwrap_or("-")));

        steps.start("legacy v2.0");
        let outlook = graph_photo_compat::$legacy::OutlookClient::new($client.clone());
        let legacy = outlook.users("lidia@contoso.com").photo();
        steps.done(legacy_shape(&legacy.get()$($wait)*?));

        steps.start("gateway v2.0");
        steps.done(legacy_shape(&legacy_program($gateway)?));

        steps.start("sizes");
        let sizes = photo.sizes()$($wait)*?;
        steps.done(format!("{} sizes up to {}", sizes.len(), size(sizes.last().and_then(|s| s.size()))));

        steps.start("get 48x48");
        let small = photo.size($size).get()$($wait)*?.context("there is no 48x48")?;
        steps.done(format!("{} bytes, {}", small.bytes().len(), size(small.size())));

        steps.start("get largest");
        let largest = photo.get()$($wait)*?.context("the photo just uploaded is gone")?;
        let same = if *largest.bytes() == $jpeg { "as uploaded" } else { "NOT as uploaded" };
        steps.done(format!("{} bytes, {}, {same}", largest.bytes().len(), size(largest.size())));

        steps.start("delete");
        photo.delete()$($wait)*?;
        steps.done("deleted".to_owned());

        steps.start("get again");
        let gone = photo.get()$($wait)*?;
        steps.done(if gone.is_none() { "no photo".to_owned() } else { "STILL THERE".to_owned() });

        // Graph's 404, and its word that the user exists, become the legacy placeholder.
        steps.start("legacy again");
        steps.done(legacy_shape(&legacy.get()$($wait)*?));
        steps.rows
    }};
}

/// A program that knows nothing of Graph: it asks for v2.0's URL over HTTP, only the host is the gateway's.
fn legacy_program(host: &str) -> Result<Response<OutlookPhoto>> {
    let url = format!("{host}/api/v2.0/Users('lidia@contoso.com')/photo");
    let mut answer = ureq::get(url)
        .header("authorization", "Bearer demo")
        .call()?;
    let photo = serde_json::from_slice(&answer.body_mut().read_to_vec()?)?;
    Ok(Response::new(
        answer.status(),
        answer.headers().clone(),
        photo,
    ))
}

/// What the legacy program sees.
fn legacy_shape(answer: &Response<OutlookPhoto>) -> String {
    format!(
        "Id {}, Width {}, status {}",
        answer.id.as_deref().unwrap_or("-"),
        answer
            .width
            .map_or("-".to_owned(), |width| width.to_string()),
        answer.status().as_u16(),
    )
}

struct Steps<'e> {
    emulator: &'e Emulator,
    rows: Vec<Row>,
    current: (&'static str, Instant),
}

impl<'e> Steps<'e> {
    fn new(emulator: &'e Emulator) -> Self {
        Self {
            emulator,
            rows: Vec::new(),
            current: ("", Instant::now()),
        }
    }

    fn start(&mut self, step: &'static str) {
        self.emulator.clear_requests();
        self.current = (step, Instant::now());
    }

    fn done(&mut self, result: String) {
        let (step, started) = self.current;
        let statuses: Vec<String> = self
            .emulator
            .requests()
            .iter()
            .map(|request| request.status.to_string())
            .collect();
        self.rows.push(Row {
            step,
            status: statuses.join(" "),
            result,
            time: started.elapsed(),
        });
    }
}

fn size(size: Option<graph_photo_model::Size>) -> String {
    size.map_or_else(|| "-".to_owned(), |size| size.to_string())
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("error: the clients did not agree; compare the columns above");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let emulator = runtime
        .block_on(Emulator::start())
        .context("starting the emulator")?;
    let gateway = Gateway::builder()
        .graph(emulator.root_url())
        .bind()
        .context("starting the gateway")?;
    let gateway_url = gateway.url();
    runtime.spawn(gateway.run_until(std::future::pending()));
    let jpeg = demo_jpeg(648, 200, "L").context("drawing a photo")?;

    let client = graph_photo::Client::builder()
        .base_url(emulator.base_url())
        .bearer_token("demo")
        .build()
        .context("building the async client")?;
    let asynchronous = runtime
        .block_on(async {
            anyhow::Ok(scenario!(client, client, &gateway_url, graph_photo::Size::S48, jpeg, &emulator, [.await]))
        })
        .context("the async client")?;

    let client = graph_photo_blocking::Client::builder()
        .base_url(emulator.base_url())
        .bearer_token("demo")
        .build()
        .context("building the blocking client")?;
    let blocking = (|| {
        anyhow::Ok(scenario!(
            client,
            blocking,
            &gateway_url,
            graph_photo_blocking::Size::S48,
            jpeg,
            &emulator,
            []
        ))
    })()
    .context("the blocking client")?;

    let agreed = print(
        &mut io::stdout().lock(),
        &emulator.base_url(),
        &asynchronous,
        &blocking,
    )?;
    let sound = asynchronous
        .iter()
        .all(|row| !row.result.contains("NOT") && !row.result.contains("STILL"));
    Ok(agreed && sound)
}

/// Prints the table and the two programs; says whether both clients saw the same.
fn print(
    out: &mut impl Write,
    url: &str,
    asynchronous: &[Row],
    blocking: &[Row],
) -> io::Result<bool> {
    writeln!(out, "One photo, both clients, on an emulator at {url}\n")?;
    writeln!(
        out,
        "{:<12}  {:<50}  {:<50}  same",
        "", "graph-photo (async, reqwest)", "graph-photo-blocking (ureq)"
    )?;
    let mut agreed = asynchronous.len() == blocking.len();
    for (left, right) in asynchronous.iter().zip(blocking) {
        let same = left.status == right.status && left.result == right.result;
        agreed &= same;
        let cell = |row: &Row| {
            format!(
                "{:<40} {:>6.1} ms",
                format!("{} {}", row.status, row.result),
                row.time.as_secs_f64() * 1000.0
            )
        };
        writeln!(
            out,
            "{:<12}  {:<50}  {:<50}  {}",
            left.step,
            cell(left),
            cell(right),
            if same { "yes" } else { "NO" }
        )?;
    }
    writeln!(
        out,
        "\nThe same program in both (crates/async/examples/download.rs, crates/blocking/examples/download_blocking.rs):\n"
    )?;
    writeln!(
        out,
        "{}",
        include_str!("../../../crates/async/examples/download.rs")
    )?;
    writeln!(
        out,
        "{}",
        include_str!("../../../crates/blocking/examples/download_blocking.rs")
    )?;
    Ok(agreed)
}
