//! Tokens of Microsoft Entra without a callback of one's own: for an application by its secret, for
//! a person by a code that is typed in elsewhere. The OAuth 2.0 of it is the `oauth2` crate's.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use graph_photo_model::error::BoxError;
use graph_photo_model::{BaseUrl, BearerToken, Cloud, Error};
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthType, ClientId, ClientSecret, DeviceAuthorizationUrl, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, RefreshToken, Scope, StandardDeviceAuthorizationResponse,
    TokenResponse, TokenUrl,
};

use crate::ClientBuilder;
use crate::runtime::{Mutex, sign_in_agent};

/// An application that signs in by itself, with its secret.
///
/// ```
/// # fn example(secret: String) -> Result<(), graph_photo_blocking::Error> {
/// use graph_photo_blocking::{Client, ClientCredentials};
///
/// let credentials = ClientCredentials::new("contoso.onmicrosoft.com", "app-id", secret);
/// let client = Client::builder().client_credentials(credentials).build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientCredentials {
    tenant: String,
    client_id: String,
    secret: String,
    authority: Option<String>,
}

/// A person who signs in on another device by a code.
#[derive(Clone)]
pub struct DeviceCode {
    tenant: String,
    client_id: String,
    authority: Option<String>,
    prompt: Arc<dyn Fn(&DevicePrompt<'_>) + Send + Sync>,
}

/// What a person is asked to do.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct DevicePrompt<'a> {
    /// The page to open on any device.
    pub page: &'a str,
    /// The code to type in there.
    pub code: &'a str,
    /// How long the code is good for.
    pub expires_in: Duration,
}

impl ClientCredentials {
    /// The tenant by id or domain, the application's id and its secret.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        secret: impl Into<String>,
    ) -> Self {
        Self {
            tenant: tenant.into(),
            client_id: client_id.into(),
            secret: secret.into(),
            authority: None,
        }
    }

    /// Another place to sign in than the cloud's own, e.g. `https://login.contoso.com`.
    #[must_use]
    pub fn authority(mut self, url: impl Into<String>) -> Self {
        self.authority = Some(url.into());
        self
    }

    fn token(&self, scope: &'static str) -> Result<BearerToken, BoxError> {
        let entra = Entra::new(self.authority.as_deref(), &self.tenant, scope)?;
        let client = entra
            .client(&self.client_id)?
            .set_client_secret(ClientSecret::new(self.secret.clone()));
        let answer = client
            .exchange_client_credentials()
            .add_scope(Scope::new(scope.to_owned()))
            .request(&|request| entra.send(request))
            .map_err(refused)?;
        bearer(&answer)
    }
}

impl DeviceCode {
    /// The tenant by id or domain (or `organizations`), the application's id, and how the person is
    /// told what to do.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        prompt: impl Fn(&DevicePrompt<'_>) + Send + Sync + 'static,
    ) -> Self {
        Self {
            tenant: tenant.into(),
            client_id: client_id.into(),
            authority: None,
            prompt: Arc::new(prompt),
        }
    }

    /// Another place to sign in than the cloud's own, e.g. `https://login.contoso.com`.
    #[must_use]
    pub fn authority(mut self, url: impl Into<String>) -> Self {
        self.authority = Some(url.into());
        self
    }

    fn token(
        &self,
        scope: &'static str,
        refresh: &Mutex<Option<RefreshToken>>,
    ) -> Result<BearerToken, BoxError> {
        let entra = Entra::new(self.authority.as_deref(), &self.tenant, scope)?;
        let client = entra.client(&self.client_id)?;
        let send = |request| entra.send(request);
        let mut refresh = refresh.lock();
        if let Some(token) = refresh.take() {
            // One that is refused has expired: the person signs in again.
            if let Ok(answer) = client.exchange_refresh_token(&token).request(&send) {
                *refresh = answer.refresh_token().cloned().or(Some(token));
                return bearer(&answer);
            }
        }
        let client = client
            .set_device_authorization_url(DeviceAuthorizationUrl::new(entra.url("devicecode"))?);
        let details: StandardDeviceAuthorizationResponse = client
            .exchange_device_code()
            .add_scope(Scope::new(scope.to_owned()))
            .add_scope(Scope::new("offline_access".to_owned()))
            .request(&send)
            .map_err(refused)?;
        (self.prompt)(&DevicePrompt {
            page: details.verification_uri().as_str(),
            code: details.user_code().secret(),
            expires_in: details.expires_in(),
        });
        let answer = client
            .exchange_device_access_token(&details)
            .request(&send, std::thread::sleep, Some(details.expires_in()))
            .map_err(refused)?;
        *refresh = answer.refresh_token().cloned();
        bearer(&answer)
    }
}

impl ClientBuilder {
    /// Signs in as an application; renewed as with [`token_callback`](Self::token_callback).
    pub fn client_credentials(self, credentials: ClientCredentials) -> Self {
        self.token_callback(move |scope| credentials.token(scope))
    }

    /// Lets a person sign in by a code, once; then by the refresh token that came with it.
    pub fn device_code(self, device: DeviceCode) -> Self {
        let refresh = Mutex::new(None);
        self.token_callback(move |scope| device.token(scope, &refresh))
    }
}

/// Where to sign in.
struct Entra {
    root: BaseUrl,
    tenant: String,
    agent: ureq::Agent,
}

/// An answer of Entra is a few KB.
const MAX_ANSWER: u64 = 1024 * 1024;

impl Entra {
    fn new(authority: Option<&str>, tenant: &str, scope: &str) -> Result<Self, Error> {
        let cloud = Cloud::ALL
            .into_iter()
            .find(|cloud| cloud.default_scope() == scope)
            .unwrap_or_default();
        let root = BaseUrl::parse(authority.unwrap_or(cloud.login_root()))?;
        let tenant = graph_photo_model::wire::encode_path("tenant", tenant)?.to_string();
        let agent = sign_in_agent(&root)?;
        Ok(Self {
            root,
            tenant,
            agent,
        })
    }

    fn url(&self, endpoint: &str) -> String {
        self.root
            .join(&format!("/{}/oauth2/v2.0/{endpoint}", self.tenant))
    }

    #[allow(clippy::type_complexity)]
    fn client(
        &self,
        client_id: &str,
    ) -> Result<
        BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>,
        BoxError,
    > {
        Ok(BasicClient::new(ClientId::new(client_id.to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::new(self.url("token"))?))
    }

    fn send(&self, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
        let (parts, body) = self.agent.run(request)?.into_parts();
        let body = body.into_with_config().limit(MAX_ANSWER).read_to_vec()?;
        Ok(http::Response::from_parts(parts, body))
    }
}

/// What Entra says about a refusal, without what was sent.
fn refused<E: std::error::Error + 'static>(
    error: oauth2::RequestTokenError<E, impl oauth2::ErrorResponse + 'static>,
) -> BoxError {
    match error {
        oauth2::RequestTokenError::ServerResponse(answer) => {
            format!("the sign-in was refused: {answer:?}").into()
        }
        oauth2::RequestTokenError::Request(error) => format!("the sign-in failed: {error}").into(),
        oauth2::RequestTokenError::Parse(error, _) => {
            format!("the answer to the sign-in is not JSON: {error}").into()
        }
        oauth2::RequestTokenError::Other(what) => format!("the sign-in failed: {what}").into(),
    }
}

fn bearer(answer: &BasicTokenResponse) -> Result<BearerToken, BoxError> {
    let token = BearerToken::new(answer.access_token().secret())?;
    Ok(
        match answer
            .expires_in()
            .and_then(|life| SystemTime::now().checked_add(life))
        {
            Some(expiry) => token.with_expiry(expiry),
            None => token,
        },
    )
}

/// Without the secret.
impl std::fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceCode")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
