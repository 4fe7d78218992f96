//! Where the bearer token comes from: the environment, a file, or a command.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use graph_photo_model::claims::Claims;
use graph_photo_model::error::BoxError;
use graph_photo_model::{BearerToken, Cloud};
use serde::Deserialize;
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::auth::client_secret::ClientSecret;
use crate::auth::device_code::DeviceCode;
use crate::auth::oauth::Granted;
use crate::exit::NotAuthorised;

/// The environment variable that holds the token.
pub(crate) const VARIABLE: &str = "GRAPH_PHOTO_TOKEN";

/// What is sent where no token is needed: the emulator wants some token, and any will do.
const UNCHECKED: &str = "graph-photo-needs-no-token-here";

/// How long a token command may take; signing in by a browser takes a while.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(300);

/// A way to get a token by signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignIn {
    /// As whom the Azure CLI is signed in (az login)
    AzureCli,
    /// The identity of the machine in Azure; AZURE_CLIENT_ID picks one of several
    ManagedIdentity,
    /// An application: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET
    ClientSecret,
    /// An application: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_CERTIFICATE_PATH
    Certificate,
    /// A person with a browser on another device; AZURE_CLIENT_ID names the application
    DeviceCode,
}

/// Who signs in.
#[derive(Debug, Clone, Args)]
pub(crate) struct SignInArgs {
    /// Get a token by signing in
    #[arg(long, value_name = "METHOD", conflicts_with_all = ["token_file", "token_command"])]
    pub(super) sign_in: Option<SignIn>,

    /// The tenant to sign in to: its domain or id
    #[arg(
        long,
        value_name = "TENANT",
        env = "AZURE_TENANT_ID",
        hide_env_values = true
    )]
    pub(super) tenant: Option<String>,

    /// The id of the application that signs in
    #[arg(
        long,
        value_name = "ID",
        env = "AZURE_CLIENT_ID",
        hide_env_values = true
    )]
    pub(super) client_id: Option<String>,
}

impl SignInArgs {
    pub(super) fn tenant(&self) -> Result<&str, NotAuthorised> {
        self.tenant
            .as_deref()
            .ok_or_else(|| NotAuthorised("add --tenant TENANT, or set AZURE_TENANT_ID".to_owned()))
    }

    pub(super) fn client_id(&self) -> Result<&str, NotAuthorised> {
        self.client_id
            .as_deref()
            .ok_or_else(|| NotAuthorised("add --client-id ID, or set AZURE_CLIENT_ID".to_owned()))
    }

    fn source(&self, sign_in: SignIn, cloud: Cloud) -> anyhow::Result<Source> {
        let host = std::env::var("AZURE_AUTHORITY_HOST").ok();
        if sign_in == SignIn::ClientSecret {
            let secret = std::env::var("AZURE_CLIENT_SECRET").unwrap_or_default();
            if secret.is_empty() {
                return Err(NotAuthorised("AZURE_CLIENT_SECRET is not set".to_owned()).into());
            }
            let (tenant, client_id) = (self.tenant()?, self.client_id()?);
            return Ok(Source::ClientSecret(
                ClientSecret::new(cloud, host.as_deref(), tenant, client_id, secret)?,
                Arc::default(),
            ));
        }
        if sign_in == SignIn::DeviceCode {
            let tenant = self.tenant.as_deref().unwrap_or("organizations");
            let device = DeviceCode::new(cloud, host.as_deref(), tenant, self.client_id()?)?;
            return Ok(Source::DeviceCode(device, Arc::default()));
        }
        #[cfg(feature = "azure")]
        return Ok(Source::Azure(
            sign_in,
            super::azure::credential(sign_in, self, cloud)?,
            cloud,
        ));
        #[cfg(not(feature = "azure"))]
        Err(crate::exit::Usage(
            "this build has no Azure credentials but client-secret and device-code; install one that \
             has them with `cargo install --path crates/cli --features azure`, or use \
             --token-command 'az account get-access-token --resource-type ms-graph'"
                .to_owned(),
        )
        .into())
    }
}

/// The options that say where the token is.
#[derive(Debug, Clone, Args)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    sign_in: SignInArgs,

    /// Read the bearer token from this file
    #[arg(long, value_name = "FILE", conflicts_with = "token_command")]
    token_file: Option<PathBuf>,

    /// Run this command for the bearer token, such as
    /// 'az account get-access-token --resource-type ms-graph'. It prints the token, or JSON with
    /// accessToken
    #[arg(long, value_name = "COMMAND")]
    token_command: Option<String>,
}

impl TokenArgs {
    /// Decides where the token comes from. A server on this machine is an emulator most likely,
    /// which takes any token: none is asked for there.
    pub(crate) fn source(&self, loopback: bool, cloud: Cloud) -> anyhow::Result<TokenSource> {
        if let Some(sign_in) = self.sign_in.sign_in {
            return Ok(TokenSource(self.sign_in.source(sign_in, cloud)?));
        }
        if let Some(path) = &self.token_file {
            return Ok(TokenSource(Source::File(path.clone())));
        }
        if let Some(command) = &self.token_command {
            return Ok(TokenSource(Source::Command(
                command.clone(),
                Arc::default(),
            )));
        }
        match TokenSource::environment() {
            Ok(source) => Ok(source),
            Err(_) if loopback => Ok(TokenSource::unchecked()),
            Err(_) => Err(NotAuthorised(format!(
                "no token. Set {VARIABLE}, or add --sign-in METHOD, --token-file FILE or \
                 --token-command COMMAND, for example --token-command 'az account get-access-token --resource-type \
                 ms-graph'. To try things without an account, add --emulator"
            ))
            .into()),
        }
    }
}

/// Gives the token whenever it is needed.
#[derive(Clone)]
pub(crate) struct TokenSource(Source);

#[derive(Clone)]
enum Source {
    /// The server does not look at it.
    Unchecked,
    Environment(String),
    File(PathBuf),
    /// The command, and the token it gave last, with the time until which it is taken.
    Command(String, Arc<Mutex<Option<(String, Instant)>>>),
    /// A person, and the tokens of the last time.
    DeviceCode(DeviceCode, Arc<Mutex<Option<(Granted, Instant)>>>),
    /// An application, and its token of the last time.
    ClientSecret(ClientSecret, Arc<Mutex<Option<(String, Instant)>>>),
    /// Keeps its tokens itself.
    #[cfg(feature = "azure")]
    Azure(
        SignIn,
        Arc<dyn azure_core::credentials::TokenCredential>,
        Cloud,
    ),
}

/// A token on its way.
pub(crate) type NextToken = Pin<Box<dyn Future<Output = Result<BearerToken, BoxError>> + Send>>;

/// How long a token of a command is used if it does not say itself. Entra's live for an hour at
/// least.
const COMMAND_LIFETIME: Duration = Duration::from_secs(600);

/// How long before its end a token is not used any more.
const MARGIN: Duration = Duration::from_secs(300);

impl TokenSource {
    /// The token in the environment.
    pub(crate) fn environment() -> Result<TokenSource, NotAuthorised> {
        match std::env::var(VARIABLE) {
            Ok(token) if !token.trim().is_empty() => Ok(TokenSource(Source::Environment(token))),
            _ => Err(NotAuthorised(format!("{VARIABLE} is not set"))),
        }
    }

    /// A way to sign in, told all else by the environment variables that Azure's tools share.
    pub(crate) fn signing_in(sign_in: SignIn, cloud: Cloud) -> anyhow::Result<TokenSource> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let args = SignInArgs {
            sign_in: Some(sign_in),
            tenant: variable("AZURE_TENANT_ID"),
            client_id: variable("AZURE_CLIENT_ID"),
        };
        Ok(TokenSource(args.source(sign_in, cloud)?))
    }

    /// For a server that takes any token.
    pub(crate) fn unchecked() -> TokenSource {
        TokenSource(Source::Unchecked)
    }

    /// Where the token comes from, in words.
    pub(crate) fn describe(&self) -> String {
        match &self.0 {
            Source::Unchecked => "none needed".to_owned(),
            Source::Environment(_) => format!("environment variable {VARIABLE}"),
            Source::File(path) => format!("file {}", path.display()),
            Source::Command(..) => "command".to_owned(),
            Source::DeviceCode(..) => "device code".to_owned(),
            Source::ClientSecret(..) => "client secret".to_owned(),
            #[cfg(feature = "azure")]
            Source::Azure(sign_in, ..) => sign_in
                .to_possible_value()
                .map_or_else(|| "Azure".to_owned(), |value| value.get_name().to_owned()),
        }
    }

    /// A token for the client, and then others as it asks for them: shortly before one expires, and
    /// when Graph does not take it any more.
    pub(crate) async fn next(&self, first: bool) -> anyhow::Result<BearerToken> {
        if !first {
            match &self.0 {
                Source::Command(_, last) | Source::ClientSecret(_, last) => {
                    *last.lock().await = None;
                }
                Source::DeviceCode(_, last) => {
                    // The refresh token stays; the access token is not good enough.
                    if let Some((_, until)) = &mut *last.lock().await {
                        *until = Instant::now();
                    }
                }
                _ => {}
            }
        }
        let token = self.current().await?;
        let expires = SystemTime::now().checked_add(lifetime(&token) + MARGIN);
        let bearer = BearerToken::new(&token)?;
        Ok(match expires {
            Some(expires) => bearer.with_expiry(expires),
            None => bearer,
        })
    }

    /// What a client calls for its tokens.
    pub(crate) fn callback(
        &self,
    ) -> impl Fn(&'static str) -> NextToken + Send + Sync + 'static + use<> {
        let (source, asked) = (self.clone(), Arc::new(AtomicBool::new(false)));
        move |_scope| {
            let (source, asked) = (source.clone(), Arc::clone(&asked));
            Box::pin(async move {
                let first = !asked.swap(true, Ordering::SeqCst);
                source.next(first).await.map_err(Into::into)
            })
        }
    }

    /// Whether asking again can give another token.
    pub(crate) fn is_renewable(&self) -> bool {
        !matches!(self.0, Source::Unchecked | Source::Environment(_))
    }

    /// The token as it is now.
    pub(crate) async fn current(&self) -> anyhow::Result<String> {
        match &self.0 {
            Source::Unchecked => Ok(UNCHECKED.to_owned()),
            Source::Environment(token) => Ok(token.trim().to_owned()),
            Source::File(path) => {
                let text = tokio::fs::read_to_string(path)
                    .await
                    .with_context(|| format!("--token-file {}", path.display()))?;
                token_in(&text).with_context(|| format!("--token-file {}", path.display()))
            }
            Source::Command(command, last) => {
                // Held while the command runs, so that it runs once for all who wait.
                let mut last = last.lock().await;
                if let Some((token, until)) = &*last
                    && Instant::now() < *until
                {
                    return Ok(token.clone());
                }
                let text = output_of(command).await.context("--token-command")?;
                let token = token_in(&text).context("--token-command")?;
                *last = Some((token.clone(), Instant::now() + lifetime(&token)));
                Ok(token)
            }
            Source::ClientSecret(application, last) => {
                let mut last = last.lock().await;
                if let Some((token, until)) = &*last
                    && Instant::now() < *until
                {
                    return Ok(token.clone());
                }
                let granted = application.sign_in().await?;
                let until = Instant::now() + granted.lifetime.saturating_sub(MARGIN);
                *last = Some((granted.access_token.clone(), until));
                Ok(granted.access_token)
            }
            Source::DeviceCode(device, last) => {
                let mut last = last.lock().await;
                let signed_in = match &*last {
                    Some((signed_in, until)) if Instant::now() < *until => {
                        return Ok(signed_in.access_token.clone());
                    }
                    Some((
                        Granted {
                            refresh_token: Some(token),
                            ..
                        },
                        _,
                    )) => device.refresh(token).await?,
                    _ => device.sign_in().await?,
                };
                let until = Instant::now() + signed_in.lifetime.saturating_sub(MARGIN);
                let token = signed_in.access_token.clone();
                *last = Some((signed_in, until));
                Ok(token)
            }
            #[cfg(feature = "azure")]
            Source::Azure(_, credential, cloud) => {
                let token = credential
                    .get_token(&[cloud.default_scope()], None)
                    .await
                    .map_err(|error| NotAuthorised(format!("--sign-in: {error}")))?;
                Ok(token.token.secret().to_owned())
            }
        }
    }
}

/// Says where the token comes from and nothing of the token.
impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenSource({})", self.describe())
    }
}

/// What the Azure CLI, azd and OAuth endpoints print.
#[derive(Deserialize)]
struct Json {
    #[serde(alias = "access_token", alias = "accessToken", alias = "token")]
    token: String,
}

/// The token in a text: the text itself, or a member of a JSON object.
fn token_in(text: &str) -> anyhow::Result<String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let token = if text.starts_with('{') {
        // serde's own message could repeat a part of the token.
        serde_json::from_str::<Json>(text)
            .map_err(|_| NotAuthorised("the JSON has no accessToken".to_owned()))?
            .token
    } else {
        text.to_owned()
    };
    if token.is_empty() {
        return Err(NotAuthorised("there is no token in it".to_owned()).into());
    }
    Ok(token)
}

/// How long a token can be used from now on.
fn lifetime(token: &str) -> Duration {
    let expires = Claims::of(token)
        .and_then(|claims| claims.exp)
        .and_then(|exp| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(exp)));
    match expires.map(|at| at.duration_since(SystemTime::now())) {
        Some(left) => left.unwrap_or_default().saturating_sub(MARGIN),
        None => COMMAND_LIFETIME,
    }
}

async fn output_of(command: &str) -> anyhow::Result<String> {
    let mut shell = if cfg!(windows) {
        Command::new("cmd")
    } else {
        Command::new("sh")
    };
    shell
        .arg(if cfg!(windows) { "/C" } else { "-c" })
        .arg(command)
        .stdin(Stdio::inherit())
        // A prompt to sign in has to be seen.
        .stderr(Stdio::inherit())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let output = tokio::time::timeout(COMMAND_TIMEOUT, shell.output())
        .await
        .map_err(|_| {
            NotAuthorised(format!(
                "gave no token within {} s",
                COMMAND_TIMEOUT.as_secs()
            ))
        })?
        .context("cannot be run")?;
    if !output.status.success() {
        return Err(NotAuthorised(format!("failed with {}", output.status)).into());
    }
    String::from_utf8(output.stdout)
        .map_err(|_| NotAuthorised("printed something that is no text".to_owned()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_in_text_and_json() {
        for text in [
            "sesame",
            "  sesame\r\n",
            "\u{feff}sesame",
            r#"{"accessToken":"sesame","expiresOn":"2026-01-01 00:00:00.000000"}"#,
            r#"{"token_type":"Bearer","access_token":"sesame"}"#,
        ] {
            assert_eq!(token_in(text).unwrap(), "sesame", "{text:?}");
        }
    }

    #[test]
    fn errors_and_debug_never_repeat_the_token() {
        for text in [
            "",
            "{\"accessToken\":\"sesame\"",
            "{\"accessToken\":[\"sesame\"]}",
        ] {
            assert!(!format!("{:?}", token_in(text).unwrap_err()).contains("sesame"));
        }
        let source = TokenSource(Source::Environment("sesame".to_owned()));
        assert!(!format!("{source:?} {}", source.describe()).contains("sesame"));
    }
}
