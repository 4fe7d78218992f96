//! `graph-photo sync`: the photos of a whole organisation, kept up to date.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use graph_photo::retry::Policy;
use graph_photo::{Fit, Size};
use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::connection::ConnectionArgs;
use crate::sync::directory::Directory;
use crate::sync::pace::Pace;
use crate::sync::progress::Progress;
use crate::sync::report;
use crate::sync::run::{Run, Variant};
use crate::sync::shard::Shard;
use crate::sync::state::{Outcome, State};
use crate::sync::summary::{Counts, Summary};
use crate::sync::target::Target;
use crate::sync::users::Users;
use crate::{exit, output};

const EXAMPLES: &str = "\
Examples:
  graph-photo sync --users users.txt --to photos
  graph-photo sync --all-users --to photos --delete --report photos.html
  cut -d, -f1 staff.csv | graph-photo sync --users - --to photos --size 96 --fit down
  graph-photo sync --all-users --to s3://bucket/photos --shard 1/4
  graph-photo sync --all-users --to photos --emulator --report photos.html

A users file has one user per line: the object id or the user principal name and, after a tab or a
comma, a name for the report. Listing all users needs User.ReadBasic.All (or User.Read.All for an
application), reading photos ProfilePhoto.Read.All.

Photos are named by the percent-encoded id, with the extension of their type. What is known about
them is kept in .graph-photo/ in the target. A run that was interrupted or killed goes on where it
stopped when the same command is given again.";

/// Keep the photos of many users up to date in a folder or an object store
///
/// Asks for the metadata of twenty users at a time and transfers a photo only if its media etag has
/// changed. Exit code 6 if some users failed or the run was interrupted.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SyncArgs {
    /// A file with one user per line, or - for stdin
    #[arg(long, value_name = "FILE", required_unless_present = "all_users")]
    users: Option<PathBuf>,

    /// All users that Graph lists
    #[arg(long, conflicts_with = "users")]
    all_users: bool,

    /// Where the photos go: a folder, or s3://BUCKET/PREFIX, az://CONTAINER/PREFIX,
    /// gs://BUCKET/PREFIX, with the credentials that each cloud's tools take from the environment
    #[arg(long, value_name = "DIR|URL")]
    to: String,

    /// In this size, such as 96 or 96x96, instead of the largest
    #[arg(long, value_name = "SIZE")]
    size: Option<Size>,

    /// If that size is missing: "exact" takes none, "down" the largest below it, "any" the largest
    /// below it or else the smallest above it
    #[arg(long, value_name = "FIT", default_value = "exact", requires = "size")]
    fit: Fit,

    /// Remove the files of users who have no photo any more, or are not listed any more
    #[arg(long)]
    delete: bool,

    /// The most requests at a time; fewer while Graph asks to slow down
    #[arg(long, value_name = "N", default_value_t = 16,
          value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,

    /// Do the share I of N of the users, so that N runs can divide the work
    #[arg(
        long,
        value_name = "I/N",
        default_value = "1/1",
        hide_default_value = true
    )]
    shard: Shard,

    /// Keep the state in this file instead of .graph-photo/ in the target
    #[arg(long, value_name = "PATH")]
    state: Option<PathBuf>,

    /// How long to keep trying a user while Graph is unreachable or throttling, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    patience: u64,

    /// Write a contact sheet: one HTML file with thumbnails, and who has no photo and why
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Print failures and the summary as lines of JSON
    #[arg(long)]
    json: bool,

    /// No progress
    #[arg(long)]
    quiet: bool,

    #[command(flatten)]
    connection: ConnectionArgs,
}

/// A user that failed, as `--json` tells of it.
#[derive(Serialize)]
struct FailedLine<'a> {
    owner: String,
    error: &'a str,
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    summary: &'a Summary,
}

pub(crate) async fn run(args: SyncArgs) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let concurrency = usize::from(args.concurrency);
    let pace = Arc::new(Pace::new(concurrency, Duration::from_secs(args.patience)));
    // Retries are the pace's: it has to see every 429.
    let connection = args
        .connection
        .connect_with(|builder| builder.retry(Policy::NEVER))
        .await?;
    let total = match &args.users {
        Some(path) => count_lines(path).await,
        None => None,
    };
    let users = match &args.users {
        Some(path) => Users::open(path).await?,
        None => {
            let (base_url, token) = (connection.base_url.clone(), connection.token.clone());
            Users::all(Directory::new(base_url, token, Arc::clone(&pace))?)
        }
    };

    let variant = Variant {
        size: args.size,
        fit: args.fit,
    };
    let shard = args.shard.name();
    let target = Target::open(&args.to, &shard).await?;
    // A database cannot be in an object store; it is copied there.
    let scratch = tempfile::tempdir().context("no temporary directory")?;
    let (path, copied) = match (&args.state, target.state_path(&shard)) {
        (Some(path), _) => (path.clone(), false),
        (None, Some(path)) => (path, false),
        (None, None) => (scratch.path().join("state.redb"), true),
    };
    if copied {
        target.fetch_state(&shard, &path).await?;
    }
    let plan = format!("{} shard {}", variant.name(), args.shard);
    let (state, id) = State::open(&path, &plan)?;
    if id.resumed && !args.quiet {
        output::note("going on with a run that was not finished");
    }
    let run = Arc::new(Run {
        client: connection.client.clone(),
        target,
        state,
        id,
        pace: Arc::clone(&pace),
        variant,
        shard: args.shard,
        delete: args.delete,
        counts: Counts::default(),
        progress: Progress::new(total, args.quiet),
        in_flight: Mutex::new(HashSet::new()),
        passed: AtomicU64::new(0),
        fatal: Mutex::new(None),
    });

    let keeper =
        copied.then(|| tokio::spawn(keep_state(Arc::clone(&run), shard.clone(), path.clone())));
    let interrupt = tokio::spawn(stop_on_interrupt(Arc::clone(&run)));
    let mut complete = run.all(users, concurrency).await;
    interrupt.abort();
    if let Some(keeper) = keeper {
        keeper.abort();
    }

    let fatal = run
        .fatal
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let mut fatal = fatal;
    let ended = finish(&run, complete).await;
    if let Err(error) = ended {
        complete = false;
        fatal.get_or_insert(error);
    }
    if copied {
        let kept = copy_state(&run, &shard, &path).await;
        if let Err(error) = kept {
            fatal.get_or_insert(error);
        }
    }
    run.progress.finish();

    let summary = summary(&run, complete, started.elapsed());
    if let Some(report) = &args.report {
        report::write(report, &run, &summary).await?;
    }
    // Of a run that did not get as far as anybody, the error says all.
    if args.json || fatal.is_none() || summary.users > 0 {
        print(&run, &summary, args.json)?;
    }
    if let Some(error) = fatal {
        return Err(error);
    }
    if !complete {
        output::note("stopped before the end; run the same command again to go on");
    }
    let in_part = !complete || summary.failed > 0 || summary.malformed > 0;
    Ok(if in_part {
        exit::IN_PART.into()
    } else {
        ExitCode::SUCCESS
    })
}

async fn finish(run: &Run, complete: bool) -> anyhow::Result<()> {
    if complete {
        run.unlisted().await?;
        run.state.finish()
    } else {
        run.state.commit()
    }
}

/// On Ctrl-C, or a request to terminate: what is on its way is finished, and nothing is begun.
async fn stop_on_interrupt(run: Arc<Run>) {
    told_to_stop().await;
    run.progress
        .say("finishing what is on its way; once more to stop at once");
    run.pace.stop();
    told_to_stop().await;
    // As a shell would see a process that did not catch the signal. The state is safe in any case.
    std::process::exit(130);
}

async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}

/// How often the state is copied to an object store.
const COPY_EVERY: Duration = Duration::from_secs(30);

async fn keep_state(run: Arc<Run>, shard: String, path: PathBuf) {
    loop {
        tokio::time::sleep(COPY_EVERY).await;
        if let Err(error) = copy_state(&run, &shard, &path).await {
            run.progress.say(&format!("{error:#}"));
        }
    }
}

async fn copy_state(run: &Run, shard: &str, path: &Path) -> anyhow::Result<()> {
    let bytes = run.state.with_file_at_rest(|| std::fs::read(path))??;
    run.target.keep_state(shard, bytes.into()).await
}

/// How many lines a file has, for the bar; `None` for what can be read only once.
async fn count_lines(path: &Path) -> Option<u64> {
    if path == Path::new("-") || !path.is_file() {
        return None;
    }
    let mut reader = BufReader::new(tokio::fs::File::open(path).await.ok()?);
    let mut lines = 0;
    loop {
        let buffer = reader.fill_buf().await.ok()?;
        if buffer.is_empty() {
            return Some(lines);
        }
        lines += buffer.iter().filter(|byte| **byte == b'\n').count() as u64;
        let length = buffer.len();
        reader.consume(length);
    }
}

fn summary(run: &Run, complete: bool, elapsed: Duration) -> Summary {
    let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let counts = &run.counts;
    Summary {
        complete,
        shard: run.shard.to_string(),
        users: counts.users(),
        added: load(&counts.added),
        updated: load(&counts.updated),
        unchanged: load(&counts.unchanged),
        no_photo: load(&counts.no_photo),
        no_mailbox: load(&counts.no_mailbox),
        failed: load(&counts.failed),
        malformed: load(&counts.malformed),
        duplicates: load(&counts.duplicates),
        resumed: load(&counts.resumed),
        deleted: load(&counts.deleted),
        kept: load(&counts.kept),
        bytes: load(&counts.bytes),
        requests: load(&run.pace.requests),
        retries: load(&run.pace.retries),
        throttled: load(&run.pace.throttled),
        seconds: (elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
    }
}

/// Prints who failed, and the numbers.
fn print(run: &Run, summary: &Summary, json: bool) -> anyhow::Result<()> {
    if summary.failed > 0 {
        run.state.each(|_, entry| {
            if entry.run == run.id.run && entry.outcome == Outcome::Failed {
                let owner = format!("user:{}", entry.id);
                let error = entry.error.as_deref().unwrap_or("unknown");
                if json {
                    output::json_line(&FailedLine { owner, error })?;
                } else {
                    output::note(&output::printable(&format!("{owner}: {error}")));
                }
            }
            Ok(())
        })?;
    }
    if json {
        output::json_line(&SummaryLine { summary })
    } else {
        output::text(&summary.text())
    }
}
