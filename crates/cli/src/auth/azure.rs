//! Tokens from Azure's credentials, through Microsoft's own crate.
//!
//! What identifies the application comes from the environment variables that Azure's tools share:
//! AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_CERTIFICATE_PATH.

use std::sync::Arc;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::TokenCredential;
use azure_core::http::ClientOptions;
use azure_identity::{
    AzureCliCredential, ClientAssertionCredential, ClientAssertionCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use graph_photo_model::Cloud;

use super::certificate::Certificate;
use super::token::{SignIn, SignInArgs};
use crate::exit::NotAuthorised;

/// Makes the credential for a way to sign in.
pub(super) fn credential(
    sign_in: SignIn,
    args: &SignInArgs,
    cloud: Cloud,
) -> anyhow::Result<Arc<dyn TokenCredential>> {
    // Azure's HTTP client takes what the process has; Graph's client brings its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    with_options(sign_in, args, cloud, set, ClientOptions::default())
}

/// `set` looks up an environment variable that is set to something.
fn with_options(
    sign_in: SignIn,
    args: &SignInArgs,
    cloud: Cloud,
    set: impl Fn(&str) -> Option<String>,
    mut client_options: ClientOptions,
) -> anyhow::Result<Arc<dyn TokenCredential>> {
    // Another authority, such as that of a private cloud, is where Azure's tools look for it.
    let authority = set("AZURE_AUTHORITY_HOST").unwrap_or_else(|| cloud.login_root().to_owned());
    let mut custom = CustomConfiguration::default();
    custom.authority_host.clone_from(&authority);
    client_options.cloud = Some(Arc::new(CloudConfiguration::from(custom)));
    let variable = |name: &str| {
        set(name).ok_or_else(|| NotAuthorised(format!("environment variable {name} is not set")))
    };
    Ok(match sign_in {
        SignIn::AzureCli => AzureCliCredential::new(None)?,
        SignIn::ManagedIdentity => {
            ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                user_assigned_id: args.client_id.clone().map(UserAssignedId::ClientId),
                client_options,
            }))?
        }
        SignIn::Certificate => {
            let path = variable("AZURE_CLIENT_CERTIFICATE_PATH")?;
            let refused = |why: &dyn std::fmt::Display| {
                NotAuthorised(format!("AZURE_CLIENT_CERTIFICATE_PATH {path}: {why}"))
            };
            let pem = std::fs::read(&path).map_err(|error| refused(&error))?;
            let (tenant, client_id) = (args.tenant()?, args.client_id()?);
            let endpoint = format!(
                "{}/{tenant}/oauth2/v2.0/token",
                authority.trim_end_matches('/')
            );
            ClientAssertionCredential::new(
                tenant.to_owned(),
                client_id.to_owned(),
                Certificate::read(&pem, client_id, endpoint).map_err(|error| refused(&error))?,
                Some(ClientAssertionCredentialOptions { client_options }),
            )?
        }
        SignIn::DeviceCode | SignIn::ClientSecret => {
            anyhow::bail!("this way to sign in needs no credential of Azure's")
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use azure_core::http::headers::Headers;
    use azure_core::http::{AsyncRawResponse, HttpClient, Request, StatusCode, Transport};
    use bytes::Bytes;

    use super::*;
    use crate::auth::certificate::tests::pem;

    /// Stands for Entra: writes down what it is asked, and answers as it was told to.
    #[derive(Debug)]
    struct Authority {
        status: StatusCode,
        answer: &'static str,
        asked: Mutex<Vec<(String, String)>>,
    }

    #[async_trait::async_trait]
    impl HttpClient for Authority {
        async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
            let form = String::from_utf8_lossy(&Bytes::from(request.body())).into_owned();
            let mut asked = self.asked.lock().unwrap();
            asked.push((request.url().to_string(), form));
            Ok(AsyncRawResponse::from_bytes(
                self.status,
                Headers::new(),
                self.answer,
            ))
        }
    }

    fn authority(status: StatusCode, answer: &'static str) -> Arc<Authority> {
        Arc::new(Authority {
            status,
            answer,
            asked: Mutex::default(),
        })
    }

    fn args() -> SignInArgs {
        SignInArgs {
            sign_in: None,
            tenant: Some("contoso.onmicrosoft.com".to_owned()),
            client_id: Some("app".to_owned()),
        }
    }

    fn credential(
        sign_in: SignIn,
        args: &SignInArgs,
        variables: &[(&str, &str)],
        authority: &Arc<Authority>,
    ) -> anyhow::Result<Arc<dyn TokenCredential>> {
        let options = ClientOptions {
            transport: Some(Transport::new(authority.clone())),
            ..ClientOptions::default()
        };
        let set = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        with_options(sign_in, args, Cloud::UsGovL4, set, options)
    }

    async fn token(credential: &Arc<dyn TokenCredential>) -> azure_core::Result<String> {
        let scope = [Cloud::UsGovL4.default_scope()];
        let token = credential.get_token(&scope, None).await?;
        Ok(token.token.secret().to_owned())
    }

    const GRANTED: &str =
        r#"{"token_type":"Bearer","expires_in":3599,"access_token":"from-entra"}"#;

    #[tokio::test]
    async fn an_application_signs_in_by_its_certificate() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("app.pem");
        std::fs::write(&path, pem()).unwrap();
        let entra = authority(StatusCode::Ok, GRANTED);
        let variables = [
            ("AZURE_CLIENT_CERTIFICATE_PATH", path.to_str().unwrap()),
            ("AZURE_AUTHORITY_HOST", "https://login.example/"),
        ];
        let credential = credential(SignIn::Certificate, &args(), &variables, &entra).unwrap();
        assert_eq!(token(&credential).await.unwrap(), "from-entra");
        let asked = entra.asked.lock().unwrap();
        let (url, form) = &asked[0];
        assert_eq!(
            url,
            "https://login.example/contoso.onmicrosoft.com/oauth2/v2.0/token"
        );
        for part in [
            "grant_type=client_credentials",
            "client-assertion-type%3Ajwt-bearer",
            "client_assertion=ey",
        ] {
            assert!(form.contains(part), "{form}");
        }
    }

    #[tokio::test]
    async fn a_refusal_says_why() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("app.pem");
        std::fs::write(&path, pem()).unwrap();
        let refusal = r#"{"error":"invalid_client","error_description":"AADSTS7000215: No.",
            "error_codes":[7000215]}"#;
        let entra = authority(StatusCode::Unauthorized, refusal);
        let variables = [("AZURE_CLIENT_CERTIFICATE_PATH", path.to_str().unwrap())];
        let credential = credential(SignIn::Certificate, &args(), &variables, &entra).unwrap();
        let error = token(&credential).await.unwrap_err().to_string();
        assert!(error.contains("AADSTS7000215: No."), "{error}");
        let asked = entra.asked.lock().unwrap();
        assert_eq!(
            asked[0].0,
            "https://login.microsoftonline.us/contoso.onmicrosoft.com/oauth2/v2.0/token"
        );
        assert!(asked[0].1.contains("graph.microsoft.us"), "{}", asked[0].1);
    }

    #[test]
    fn what_is_missing_is_named() {
        let entra = authority(StatusCode::Ok, GRANTED);
        let nobody = SignInArgs {
            tenant: None,
            client_id: None,
            ..args()
        };
        let mut lines = String::new();
        for (sign_in, args, variables) in [
            (SignIn::Certificate, args(), &[][..]),
            (
                SignIn::Certificate,
                nobody,
                &[("AZURE_CLIENT_CERTIFICATE_PATH", "Cargo.toml")],
            ),
            (
                SignIn::Certificate,
                args(),
                &[("AZURE_CLIENT_CERTIFICATE_PATH", "Cargo.toml")],
            ),
        ] {
            let error = credential(sign_in, &args, variables, &entra).err().unwrap();
            lines += &format!("{sign_in:?}: {error:#}\n");
        }
        insta::assert_snapshot!(lines);
    }
}
