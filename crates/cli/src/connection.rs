//! Where Graph is, and the client that talks to it.

use clap::Args;
use graph_photo::{ApiVersion, Client, Cloud};
use graph_photo_emulator::Emulator;
use graph_photo_model::BaseUrl;

use crate::auth::{TokenArgs, TokenSource};
use crate::exit::Usage;

/// The options of every command that calls Graph.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// Where Graph is, with the version, such as http://127.0.0.1:8787/v1.0
    #[arg(
        long,
        value_name = "URL",
        env = "GRAPH_PHOTO_BASE_URL",
        hide_env_values = true
    )]
    base_url: Option<String>,

    /// Microsoft's cloud: global, us-gov-l4, us-gov-l5 or china
    #[arg(
        long,
        value_name = "CLOUD",
        env = "GRAPH_PHOTO_CLOUD",
        default_value = "global"
    )]
    cloud: Cloud,

    /// Use Graph's beta instead of v1.0
    #[arg(long, conflicts_with = "base_url")]
    beta: bool,

    /// Use an emulator within this process, with its demo tenant and no account
    #[arg(long, conflicts_with_all = ["token_file", "token_command", "sign_in"])]
    emulator: bool,

    #[command(flatten)]
    token: TokenArgs,
}

/// A client, and what has to live as long as it.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// Where the client's requests go.
    pub(crate) base_url: BaseUrl,
    /// What authorises them.
    pub(crate) token: TokenSource,
    /// Stopped when the connection is dropped.
    _emulator: Option<Emulator>,
}

impl ConnectionArgs {
    /// Makes the client; nothing is connected yet, but a token command was run.
    pub(crate) async fn connect(&self) -> anyhow::Result<Connection> {
        self.connect_with(|builder| builder).await
    }

    /// Makes a client that differs from the usual one.
    pub(crate) async fn connect_with(
        &self,
        adjust: impl FnOnce(graph_photo::ClientBuilder) -> graph_photo::ClientBuilder,
    ) -> anyhow::Result<Connection> {
        let emulator = if self.emulator {
            Some(Emulator::start().await?)
        } else {
            None
        };
        let base_url = self.resolve(emulator.as_ref())?;
        let token = if emulator.is_some() {
            TokenSource::unchecked()
        } else {
            self.token
                .source(base_url.is_loopback(), self.cloud_of(&base_url))?
        };
        // Asked for now, so that a prompt or a failure comes before anything else.
        let first = token.current().await?;
        let builder = Client::builder().base_url(base_url.to_string());
        let builder = if token.is_renewable() {
            builder.token_callback(token.callback())
        } else {
            builder.bearer_token(first)
        };
        let client = adjust(builder).build()?;
        Ok(Connection {
            client,
            base_url,
            token,
            _emulator: emulator,
        })
    }

    /// The token alone, without a client.
    pub(crate) fn token(&self) -> anyhow::Result<(BaseUrl, TokenSource)> {
        if self.emulator {
            return Err(
                Usage("the emulator needs no token; leave out --emulator".to_owned()).into(),
            );
        }
        let base_url = self.resolve(None)?;
        let token = self
            .token
            .source(base_url.is_loopback(), self.cloud_of(&base_url))?;
        Ok((base_url, token))
    }

    /// The cloud to sign in to: that of the address, or the one named.
    fn cloud_of(&self, base_url: &BaseUrl) -> Cloud {
        Cloud::of_host(base_url.host()).unwrap_or(self.cloud)
    }

    fn resolve(&self, emulator: Option<&Emulator>) -> Result<BaseUrl, graph_photo::Error> {
        if let Some(emulator) = emulator {
            return BaseUrl::parse(&if self.beta {
                emulator.beta_url()
            } else {
                emulator.base_url()
            });
        }
        match &self.base_url {
            Some(url) => BaseUrl::parse(url),
            None => Ok(self.cloud.base_url(if self.beta {
                ApiVersion::Beta
            } else {
                ApiVersion::V1_0
            })),
        }
    }
}
