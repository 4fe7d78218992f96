//! Signing in as an application by its secret (RFC 6749, 4.4), for services.

use graph_photo_model::Cloud;

use super::oauth::{Answer, Authority, Granted};

/// An application and its secret.
#[derive(Clone)]
pub(crate) struct ClientSecret {
    authority: Authority,
    client_id: String,
    secret: String,
    scope: &'static str,
}

impl ClientSecret {
    /// For an application registration with a secret.
    pub(crate) fn new(
        cloud: Cloud,
        authority_host: Option<&str>,
        tenant: &str,
        client_id: &str,
        secret: String,
    ) -> anyhow::Result<ClientSecret> {
        Ok(ClientSecret {
            authority: Authority::new(cloud, authority_host, tenant)?,
            client_id: client_id.to_owned(),
            secret,
            scope: cloud.default_scope(),
        })
    }

    /// A token of the application's own.
    pub(crate) async fn sign_in(&self) -> anyhow::Result<Granted> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.secret.as_str()),
            ("scope", self.scope),
        ];
        self.authority
            .post::<Answer>("token", &form)
            .await?
            .tokens()
    }
}
