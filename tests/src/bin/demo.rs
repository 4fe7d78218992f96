//! `cargo xtask demo`: the main job end to end, through both clients, on an in-process emulator.
//!
//! Each client uploads a photo, reads its metadata (once more for a caller of Outlook REST v2.0, in
//! that API's shape), lists the sizes, downloads one size and the largest, deletes the photo and
//! sees that there is none. Both must see the same, and what they
//! downloaded must be what was uploaded.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use graph_photo_compat::model::OutlookPhoto;
use graph_photo_compat::url::Mapping;
use graph_photo_emulator::{Emulator, demo_jpeg};
use graph_photo_model::types::ProfilePhoto;

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
    ($client:expr, $size:expr, $jpeg:expr, $emulator:expr, [$($wait:tt)*]) => {{
        let mut steps = Steps::new($emulator);
        let photo = $client.user("lidia@contoso.com").photo();
        steps.start("put");
        photo.put($jpeg.clone())$($wait)*?;
        steps.done(format!("{} bytes sent", $jpeg.len()));

        steps.start("metadata");
        let metadata = photo.metadata()$($wait)*?.context("the photo just uploaded has no metadata")?;
        steps.done(format!("{} {}", size(metadata.size()), metadata.content_type().unwrap_or("-")));

        steps.start("legacy v2.0");
        let user = legacy_user()?;
        let graph = $client.operations().user_get_photo(&user, None)$($wait)*?.into_inner();
        steps.done(legacy_shape(graph)?);

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
        steps.rows
    }};
}

/// What a program written for Outlook REST v2.0 still asks for.
const LEGACY_URL: &str = "https://outlook.office.com/api/v2.0/Users('lidia@contoso.com')/photo";

/// The user that the legacy URL names, once the compat layer has led it to the clients' operation.
fn legacy_user() -> Result<String> {
    let Mapping::Photo(request) = graph_photo_compat::url::to_graph(LEGACY_URL)? else {
        anyhow::bail!("{LEGACY_URL} is not taken for a photo");
    };
    let get = request
        .operations
        .iter()
        .find(|operation| operation.method == "GET");
    anyhow::ensure!(
        get.is_some_and(|operation| operation.name == "user_get_photo"),
        "{LEGACY_URL} leads to {:?}",
        request.operations
    );
    let user = request
        .url
        .split('/')
        .nth_back(1)
        .context("the Graph URL names no user")?;
    Ok(percent_encoding::percent_decode_str(user)
        .decode_utf8()?
        .into_owned())
}

/// Graph's answer as the legacy program expects it.
fn legacy_shape(photo: ProfilePhoto) -> Result<String> {
    let mut photo = OutlookPhoto::from(photo);
    photo.derive_id();
    let json = serde_json::to_value(&photo)?;
    Ok(format!(
        "Id {}, Width {}",
        json["Id"].as_str().unwrap_or("-"),
        json["Width"]
    ))
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
    let jpeg = demo_jpeg(648, 200, "L").context("drawing a photo")?;

    let client = graph_photo::Client::builder()
        .base_url(emulator.base_url())
        .bearer_token("demo")
        .build()
        .context("building the async client")?;
    let asynchronous = runtime
        .block_on(async {
            anyhow::Ok(scenario!(client, graph_photo::Size::S48, jpeg, &emulator, [.await]))
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
                "{} {:<36} {:>6.1} ms",
                row.status,
                row.result,
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
