//! `graph-photo emulator`: the emulator as a server, for clients in any language.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use graph_photo_emulator::{
    DEFAULT_LOG_CAPACITY, Emulator, Fault, NoPhoto, PhotoId, Throttle, Tokens,
};
use serde::Serialize;

use crate::stop::told_to_stop;

/// Run a local Microsoft Graph for profile photos
///
/// Prints one line of JSON once it accepts connections, and runs until it is
/// interrupted. Point a client at the "v1" or "beta" address of that line and
/// use any bearer token. A page for people is at "url".
#[derive(Debug, Args)]
pub(crate) struct EmulatorArgs {
    /// Address and port to listen on; port 0 picks a free one. The emulator
    /// asks for no password, so leave it on loopback unless others are meant to
    /// reach it
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,

    /// Keep photos in this directory across restarts
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Accept only the tokens in this file (and JWTs), and enforce permissions.
    /// A line holds: TOKEN work|personal|application [user=NAME] PERMISSION...
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,

    /// Cause trouble, such as
    /// kind=status,status=503,rate=0.1,retry-after=1,path=/users/*,method=PUT,seed=7.
    /// Kinds: status, drop, reset, truncate, slow, html, empty. Repeatable
    #[arg(long, value_name = "SPEC")]
    fault: Vec<Fault>,

    /// Limit requests per application and mailbox: "graph" for the documented
    /// limits, or with changes, such as concurrent=2,requests=100,window=10s
    #[arg(long, value_name = "LIMITS")]
    throttle: Option<Throttle>,

    /// What a missing photo is: the observed 404, or the documented 1x1 picture
    #[arg(long, value_enum, default_value = "404")]
    no_photo: NoPhotoArg,

    /// The id of the largest photo: "default", as observed, or its size
    #[arg(long, value_enum, default_value = "default")]
    photo_id: PhotoIdArg,

    /// Refuse uploads whose Content-Type is not image/...
    #[arg(long)]
    strict_content_type: bool,

    /// Add this many users, user0000000@synthetic.contoso.com and so on
    #[arg(long, value_name = "N", default_value_t = 0)]
    synthetic_users: u64,

    /// How many in a hundred of them have no photo
    #[arg(long, value_name = "PERCENT", default_value_t = 0,
          value_parser = clap::value_parser!(u8).range(0..=100))]
    without_photo: u8,

    /// Pad their photos to this many bytes; the drawings are some 20,000
    #[arg(long, value_name = "BYTES", default_value_t = 0, hide_default_value = true,
          value_parser = clap::value_parser!(u32).range(0..=4_194_304))]
    synthetic_photo_bytes: u32,

    /// How many requests the log keeps
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LOG_CAPACITY)]
    log_capacity: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum NoPhotoArg {
    /// 404 ImageNotFound
    #[value(name = "404")]
    NotFound,
    /// 200 with a GIF of one by one pixel
    Placeholder,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PhotoIdArg {
    /// "id": "default"
    Default,
    /// "id": "648x648"
    Size,
}

/// The line on stdout that says where it listens.
#[derive(Serialize)]
struct Ready {
    ready: bool,
    url: String,
    v1: String,
    beta: String,
}

/// Runs the emulator until the process is told to stop.
pub(crate) async fn run(args: EmulatorArgs) -> anyhow::Result<ExitCode> {
    let mut builder = Emulator::builder()
        .listen(args.listen)
        .no_photo(match args.no_photo {
            NoPhotoArg::NotFound => NoPhoto::NotFound,
            NoPhotoArg::Placeholder => NoPhoto::Placeholder,
        })
        .photo_id(match args.photo_id {
            PhotoIdArg::Default => PhotoId::Default,
            PhotoIdArg::Size => PhotoId::Size,
        })
        .strict_content_type(args.strict_content_type)
        .log_capacity(args.log_capacity);
    if args.synthetic_users > 0 {
        builder = builder
            .synthetic_users(args.synthetic_users, args.without_photo)
            .synthetic_photo_bytes(args.synthetic_photo_bytes as usize);
    }
    if let Some(directory) = args.data {
        builder = builder.data(directory);
    }
    if let Some(path) = args.tokens {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("--tokens {}", path.display()))?;
        let tokens =
            Tokens::parse(&text).with_context(|| format!("--tokens {}", path.display()))?;
        builder = builder.tokens(tokens);
    }
    if let Some(limits) = args.throttle {
        builder = builder.throttle(limits);
    }
    for fault in args.fault {
        builder = builder.fault(fault);
    }

    let server = builder.bind()?;
    // Before the ready line: whoever reads it may send a signal at once.
    let stop = told_to_stop().context("signals")?;
    let url = format!("http://{}", server.address());
    let ready = serde_json::to_string(&Ready {
        ready: true,
        v1: format!("{url}/v1.0"),
        beta: format!("{url}/beta"),
        url,
    })?;
    // Connections wait in the listener's queue from here on, so this is true.
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{ready}")
        .and_then(|()| stdout.flush())
        .context("stdout")?;
    server.run_until(stop).await?;
    Ok(ExitCode::SUCCESS)
}
