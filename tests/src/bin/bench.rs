//! Compares the clients with hand-written reqwest and ureq, and the gateway with a plain reverse proxy; writes
//! `target/bench.json`.
//!
//! `bench [FILTER]` measures the tasks whose names hold the filter. `serve`, `repeat` and
//! `between` are for its own child processes.

use anyhow::{Context, Result, bail};
use futures_util::future::try_join_all;
use graph_photo_tests::bench::gateway::{self, Between, Running};
use graph_photo_tests::bench::measure::{Figures, Pairs, paired};
use graph_photo_tests::bench::server::Server;
use graph_photo_tests::bench::{By, Task, asynchronous, blocking, processor, server, valgrind};
use serde_json::{Value, json};

/// Pairs per task; an interval of the median needs some.
const ROUNDS: usize = 31;
/// How often a gateway and a proxy are started anew, and the pairs of each start. Where their heaps
/// happen to lie decides how often malloc gives memory back and takes it again; that stays as it is
/// for as long as a process runs, and moves the ratio of one start by several percent.
const STARTS: usize = 21;
const ROUNDS_PER_START: usize = 3;
/// Requests of a run over each connection, at least.
const CALLS_PER_CONNECTION: usize = 60;
/// Connections that requests come over, at once.
const CONNECTIONS: [usize; 3] = [1, 8, 32];
/// Calls in flight at once, in the second half of the report.
const IN_FLIGHT: usize = 32;

/// The async client without reqwest between it and hyper; the floor stays reqwest.
const OVER_HYPER: &str = "async over hyper";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["serve"] => {
            processor::keep_to(processor::SERVER);
            Ok(server::run()?)
        }
        ["repeat", client, task, by, base_url, calls] => {
            repeat(client, task, by, base_url, calls.parse()?)
        }
        ["between", which, root] => gateway::run(which, root),
        [] => compare("").and_then(|()| compare_gateway("")),
        [filter] => compare(filter).and_then(|()| compare_gateway(filter)),
        _ => bail!("usage: bench [FILTER]"),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}

fn repeat(client: &str, task: &str, by: &str, base_url: &str, calls: usize) -> Result<()> {
    let task = Task::ALL
        .into_iter()
        .find(|known| known.name() == task)
        .context("no such task")?;
    let by = if by == "floor" { By::Floor } else { By::Client };
    if client == "async" {
        let bench = asynchronous::Bench::new(base_url)?;
        runtime()?.block_on(async {
            for _ in 0..calls {
                bench.run(task, by).await?;
            }
            Ok(())
        })
    } else {
        let bench = blocking::Bench::new(base_url)?;
        (0..calls).try_for_each(|_| bench.run(task, by))
    }
}

fn compare(filter: &str) -> Result<()> {
    let server = Server::start()?;
    processor::keep_to(processor::MEASURED);
    let base_url = server.base_url();
    let runtime = runtime()?;
    let over_reqwest = asynchronous::Bench::new(&base_url)?;
    let over_hyper = asynchronous::Bench::over_hyper(&base_url)?;
    let blocking = blocking::Bench::new(&base_url)?;
    let mut figures = serde_json::Map::new();
    println!("CPU time of a call through the client by that of the same call written by hand");
    println!(
        "{:<38} {:>10} {:>7}  {:<15} floor/floor",
        "", "floor us", "ratio", "95 %"
    );
    for task in Task::ALL {
        for (client, in_flight) in [
            ("async", 1),
            ("async", IN_FLIGHT),
            (OVER_HYPER, 1),
            (OVER_HYPER, IN_FLIGHT),
            ("blocking", 1),
            ("blocking", IN_FLIGHT),
        ] {
            let name = match in_flight {
                1 => format!("{client} {}", task.name()),
                _ => format!("{client} {}, {in_flight} at once", task.name()),
            };
            if !name.contains(filter) {
                continue;
            }
            let calls = task.calls().max(in_flight) / in_flight * in_flight;
            let measured = if client != "blocking" {
                let asynchronous = match client {
                    OVER_HYPER => &over_hyper,
                    _ => &over_reqwest,
                };
                let run = |by| {
                    runtime.block_on(async {
                        for _ in 0..calls / in_flight {
                            try_join_all((0..in_flight).map(|_| asynchronous.run(task, by)))
                                .await?;
                        }
                        Ok(())
                    })
                };
                paired(ROUNDS, calls, || run(By::Floor), || run(By::Client))?
            } else {
                let run = |by| {
                    let one = || (0..calls / in_flight).try_for_each(|_| blocking.run(task, by));
                    if in_flight == 1 {
                        return one();
                    }
                    std::thread::scope(|scope| {
                        let threads: Vec<_> = (0..in_flight).map(|_| scope.spawn(one)).collect();
                        threads.into_iter().try_for_each(|thread| {
                            thread
                                .join()
                                .unwrap_or_else(|_| Err(anyhow::anyhow!("a call panicked")))
                        })
                    })
                };
                paired(ROUNDS, calls, || run(By::Floor), || run(By::Client))?
            };
            show(&name, &measured);
            figures.insert(name, json!({ "cpu": measured }));
        }
    }
    count(filter, &base_url, &mut figures)?;
    write("clients", figures)
}

/// What the gateway costs over a proxy that hands everything on.
fn compare_gateway(filter: &str) -> Result<()> {
    let server = Server::start()?;
    processor::keep_to(processor::SERVER);
    let root = server.base_url().replace("/v1.0", "");
    let mut figures = serde_json::Map::new();
    println!(
        "\nCPU time of a request through the gateway, and through a proxy on reqwest, by that through a plain hyper reverse proxy"
    );
    println!(
        "{:<38} {:>10} {:>7}  {:<15} proxy/proxy",
        "", "proxy us", "ratio", "95 %"
    );
    for (between, what, photo, calls) in [
        (Between::Gateway, "metadata", false, 960),
        (Between::ReqwestProxy, "metadata", false, 960),
        (Between::Gateway, "photo 60 KB", true, 480),
        (Between::ReqwestProxy, "photo 60 KB", true, 480),
    ] {
        for connections in CONNECTIONS {
            let name = format!("{} {what}, {connections} at once", between.name());
            // `bench gateway` is the whole comparison.
            if !name.contains(filter) && filter != "gateway" {
                continue;
            }
            // A connection is slower at first: its buffers have yet to grow.
            let calls = calls.max(CALLS_PER_CONNECTION * connections);
            let mut pairs = Pairs::default();
            for _ in 0..STARTS {
                let mut proxy = Running::start(Between::Proxy, &root, connections)?;
                let mut other = Running::start(between, &root, connections)?;
                pairs.measure(
                    ROUNDS_PER_START,
                    calls,
                    || proxy.measure(Between::Proxy.target(photo), calls),
                    || other.measure(between.target(photo), calls),
                )?;
            }
            let measured = pairs.figures();
            show(&name, &measured);
            figures.insert(name, json!({ "cpu": measured }));
        }
    }
    write("gateway", figures)
}

/// What does not depend on how busy the machine is.
fn count(filter: &str, base_url: &str, figures: &mut serde_json::Map<String, Value>) -> Result<()> {
    println!("\nInstructions, allocations and peak heap of a call, by hand and through the client");
    println!(
        "{:<38} {:>10} {:>7}  {:<15} {:>13}  peak KB",
        "", "floor", "ratio", "floor/floor", "allocations"
    );
    for client in ["async", "blocking"] {
        for task in Task::ALL {
            let name = format!("{client} {}", task.name());
            if !name.contains(filter) {
                continue;
            }
            let Some(counts) = valgrind::count(client, task, base_url)? else {
                println!("valgrind is not installed: nothing counted");
                return Ok(());
            };
            let [low, high] = counts.floor_against_itself;
            let [floor, ours] = counts.allocations;
            let [least, most] = counts.peak_bytes.map(|bytes| bytes / 1024);
            println!(
                "{name:<38} {:>10.0} {:>7.3}  {low:.3} to {high:.3}  {floor:>5.1} {ours:>7.1}  {least} {most}",
                counts.floor_instructions, counts.ratio
            );
            figures[&name]["counted"] = json!(counts);
        }
    }
    Ok(())
}

fn show(name: &str, figures: &Figures) {
    let [low, high] = figures.interval;
    let [floor_low, floor_high] = figures.floor_against_itself;
    println!(
        "{name:<38} {:>10.1} {:>7.3}  {low:.3} to {high:.3}  {floor_low:.3} to {floor_high:.3}",
        figures.floor_us, figures.ratio
    );
}

/// Adds the figures to `target/bench.json`, beside those of other benchmarks.
fn write(subject: &str, figures: serde_json::Map<String, Value>) -> Result<()> {
    if figures.is_empty() {
        return Ok(());
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench.json");
    // A file of an interrupted run is no reason to fail: it is written anew.
    let mut all: Value = std::fs::read(path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_else(|| json!({}));
    if !all.is_object() {
        all = json!({});
    }
    all[subject] = figures.into();
    std::fs::write(path, serde_json::to_vec_pretty(&all)?)
        .with_context(|| format!("{path} cannot be written"))
}
