//! `graph-photo migrate`: the way home for callers of the retired Outlook REST photo API.
//!
//! One URL or scope ([`map`]) or document at a time, or a whole source tree ([`scan`]). What is done to them is
//! in the crate `graph-photo-compat`; here are arguments, files and output.

mod fingerprint;
mod map;
mod sarif;
mod scan;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use graph_photo_compat::json::{Direction, Translator};

/// Move callers of the retired Outlook REST photo API to Microsoft Graph
#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Url(map::UrlArgs),
    Json(JsonArgs),
    Scope(map::ScopeArgs),
    Scan(scan::ScanArgs),
}

/// Translate a JSON document between the legacy spelling and Graph's
///
/// Memory does not grow with the document. A document that is refused leaves no output.
#[derive(Debug, Args)]
struct JsonArgs {
    /// File to read; - is standard input
    #[arg(default_value = "-")]
    file: PathBuf,

    /// Spelling to translate to
    #[arg(long, value_enum, default_value_t = Spelling::Graph)]
    to: Spelling,

    /// File to write, replaced only once the result is complete [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Legacy host to write into URLs with --to outlook, for callers of a cloud that had two
    /// [default: the cloud's first, such as outlook.office.com]
    #[arg(long, value_name = "HOST")]
    outlook_host: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Spelling {
    /// Microsoft Graph: id, width, height
    Graph,
    /// Outlook REST: Id, Width, Height
    Outlook,
}

/// Runs `graph-photo migrate`.
pub(crate) fn run(args: MigrateArgs) -> anyhow::Result<ExitCode> {
    let result = match args.command {
        Command::Url(args) => map::url(&args),
        Command::Json(args) => translate(&args),
        Command::Scope(args) => map::scopes(&args),
        Command::Scan(args) => scan::run(&args),
    };
    match result {
        // Whoever reads the output has seen enough.
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        other => other,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

fn translate(args: &JsonArgs) -> anyhow::Result<ExitCode> {
    let mut translator = Translator::new(match args.to {
        Spelling::Graph => Direction::ToGraph,
        Spelling::Outlook => Direction::ToOutlook,
    });
    if let Some(host) = &args.outlook_host {
        translator = translator.outlook_host(host).context("--outlook-host")?;
    }
    let (name, reader): (_, Box<dyn Read>) = if args.file == Path::new("-") {
        ("standard input".to_owned(), Box::new(io::stdin().lock()))
    } else {
        let name = args.file.display().to_string();
        let file = File::open(&args.file).with_context(|| name.clone())?;
        (name, Box::new(file))
    };
    match &args.output {
        None => translator
            .translate(reader, io::stdout().lock())
            .context(name)?,
        Some(path) => {
            let mut staged = stage(path)?;
            translator
                .stream(reader, staged.as_file_mut())
                .context(name)?;
            replace(staged, path)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A temporary file beside `path`, to take its place.
fn stage(path: &Path) -> anyhow::Result<tempfile::NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".graph-photo-")
        .tempfile_in(folder)
        .with_context(|| format!("cannot write beside {}", path.display()))
}

/// Puts a staged file in the place of `path`, with the permissions of what was there, or those of a new file.
fn replace(staged: tempfile::NamedTempFile, path: &Path) -> anyhow::Result<()> {
    let cannot = || format!("cannot replace {}", path.display());
    match std::fs::metadata(path) {
        Ok(metadata) => staged
            .as_file()
            .set_permissions(metadata.permissions())
            .with_context(cannot)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            new_file_permissions(&staged).with_context(cannot)?
        }
        Err(error) => return Err(error).with_context(cannot),
    }
    staged.as_file().sync_all().with_context(cannot)?;
    staged
        .persist(path)
        .map_err(|error| error.error)
        .with_context(cannot)?;
    Ok(())
}

/// Temporary files are private; the result of a command is as readable as other files are.
#[cfg(unix)]
fn new_file_permissions(staged: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    staged
        .as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn new_file_permissions(_: &tempfile::NamedTempFile) -> io::Result<()> {
    Ok(())
}
