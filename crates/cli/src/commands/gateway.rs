//! `graph-photo gateway`: the Outlook v2.0 photo API as a service in front of Graph.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use graph_photo_compat::gateway::{
    Builder, Gateway, Identity, InboundTokens, Mailboxes, StartError, Tls,
};
use graph_photo_model::claims::Claims;
use graph_photo_model::{BaseUrl, Cloud};
use serde::Serialize;

use crate::auth::{SignIn, TokenSource};
use crate::exit::{NotAuthorised, Usage};
use crate::stop::told_to_stop;

/// Run a gateway that speaks the Outlook v2.0 photo API and calls Microsoft Graph
///
/// Prints one line of JSON once it accepts connections, and runs until it is
/// interrupted; requests that are running then come to their end. In a legacy
/// program, put the "url" of that line in place of https://outlook.office.com.
///
/// Served are user photos of v2.0 and beta, and Exchange's GetUserPhoto;
/// /healthz says that it runs, and /metrics which programs still call, for
/// Prometheus.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Tokens:
  Without --credential each caller's bearer token goes to Graph, which has to
  take it: programs need one for https://graph.microsoft.com. A token made for
  Outlook is answered with 401.

  With --credential the gateway calls Graph in its own name. Anybody who
  reaches it could then do so too, hence --inbound-tokens: a line holds a token
  that you make up, of 16 characters or more, and after it me=USER if /me is to
  be that user. Callers send it as Bearer, or as the password of Basic.

  An application has no /me. Whose photo that is says me=USER of the inbound
  token, else the caller's X-AnchorMailbox, by --mailboxes where its address is
  not the user principal name.")]
pub(crate) struct GatewayArgs {
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8025")]
    listen: SocketAddr,

    /// Where Graph is, without the version: a national cloud, or an emulator
    #[arg(
        long,
        value_name = "URL",
        default_value = "https://graph.microsoft.com"
    )]
    graph: String,

    /// Answer https with this certificate and its chain (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The certificate's key (PEM, not encrypted)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Call Graph with a token of the gateway's own
    #[arg(long, value_name = "WHICH", requires = "inbound_tokens")]
    credential: Option<Credential>,

    /// Who may call, when the gateway has a credential of its own
    #[arg(long, value_name = "FILE", requires = "credential")]
    inbound_tokens: Option<PathBuf>,

    /// Which user an anchor mailbox is. A line holds the mailbox, as callers
    /// name it, and the user principal name or object id
    #[arg(long, value_name = "FILE", requires = "credential")]
    mailboxes: Option<PathBuf>,

    /// Write a line of JSON for each request to this file, - for stderr. Neither
    /// users nor tokens are in it
    #[arg(long, value_name = "FILE")]
    access_log: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Credential {
    /// The token in GRAPH_PHOTO_TOKEN
    Env,
    /// The identity of the machine in Azure, else as whom the Azure CLI is signed in
    Azure,
    /// An application: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET
    ClientSecret,
}

/// The line on stdout that says where it listens.
#[derive(Serialize)]
struct Ready {
    ready: bool,
    url: String,
    health: String,
    metrics: String,
}

/// Runs the gateway until the process is told to stop.
pub(crate) async fn run(args: GatewayArgs) -> anyhow::Result<ExitCode> {
    let mut builder = Gateway::builder().listen(args.listen).graph(&args.graph);
    if let (Some(certificate), Some(key)) = (&args.tls_cert, &args.tls_key) {
        let (chain, key) = (read(certificate, "--tls-cert")?, read(key, "--tls-key")?);
        let tls = Tls::from_pem(&chain, &key)
            .with_context(|| format!("--tls-cert {}", certificate.display()))?;
        builder = builder.tls(tls);
    }
    if let Some(path) = &args.inbound_tokens {
        let tokens = InboundTokens::parse(&text(path, "--inbound-tokens")?)
            .with_context(|| format!("--inbound-tokens {}", path.display()))?;
        builder = builder.inbound_tokens(tokens);
    }
    if let Some(path) = &args.mailboxes {
        let mailboxes = Mailboxes::parse(&text(path, "--mailboxes")?)
            .with_context(|| format!("--mailboxes {}", path.display()))?;
        builder = builder.mailboxes(mailboxes);
    }
    if let Some(path) = &args.access_log {
        builder = access_log(builder, path)?;
    }
    if let Some(credential) = args.credential {
        builder = own(builder, credential, &args.graph).await?;
    }

    let server = builder.bind().map_err(named)?;
    // Before the ready line: whoever reads it may send a signal at once.
    let stop = told_to_stop().context("signals")?;
    let url = server.url();
    let ready = serde_json::to_string(&Ready {
        ready: true,
        health: format!("{url}/healthz"),
        metrics: format!("{url}/metrics"),
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

/// Gives the gateway a credential, after a first token of it was had: a wrong one is to be known
/// now and not by the first caller.
async fn own(builder: Builder, credential: Credential, graph: &str) -> anyhow::Result<Builder> {
    let root = BaseUrl::parse(graph).context("--graph")?;
    let cloud = Cloud::of_host(root.host()).unwrap_or(Cloud::Global);
    let (source, token) = first_token(credential, cloud)
        .await
        .context("--credential")?;
    // A token that cannot be read is taken for a user's: Graph itself refuses /me to applications.
    let identity = match Claims::of(&token) {
        Some(claims) if !claims.is_delegated() => Identity::Application,
        _ if credential == Credential::ClientSecret => Identity::Application,
        _ => Identity::User,
    };
    Ok(builder.credential(identity, source.callback()))
}

async fn first_token(
    credential: Credential,
    cloud: Cloud,
) -> anyhow::Result<(TokenSource, String)> {
    let source = match credential {
        Credential::Env => TokenSource::environment()?,
        Credential::ClientSecret => TokenSource::signing_in(SignIn::ClientSecret, cloud)?,
        Credential::Azure if !cfg!(feature = "azure") => {
            return Err(Usage(
                "this build has no Azure credentials; install it with --features azure, or use \
                 client-secret"
                    .to_owned(),
            )
            .into());
        }
        Credential::Azure => {
            let machine = TokenSource::signing_in(SignIn::ManagedIdentity, cloud)?;
            match machine.current().await {
                Ok(token) => return Ok((machine, token)),
                Err(_) => TokenSource::signing_in(SignIn::AzureCli, cloud)?,
            }
        }
    };
    let token = source.current().await?;
    // The error would otherwise come with the first caller.
    graph_photo::BearerToken::new(&token).map_err(|error| NotAuthorised(error.to_string()))?;
    Ok((source, token))
}

fn access_log(builder: Builder, path: &Path) -> anyhow::Result<Builder> {
    if path == Path::new("-") {
        return Ok(builder.access_log(std::io::stderr()));
    }
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("--access-log {}", path.display()))?;
    Ok(builder.access_log(file))
}

fn read(path: &Path, flag: &str) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{flag} {}", path.display()))
}

fn text(path: &Path, flag: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{flag} {}", path.display()))
}

/// What cannot be right, whatever Graph would say, with the flag that it came by.
fn named(error: StartError) -> anyhow::Error {
    match error {
        StartError::Graph { source, .. } => Usage(format!("--graph: {source}")).into(),
        other => other.into(),
    }
}
