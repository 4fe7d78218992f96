//! Tokens from Azure's credentials, through Microsoft's own crate.
//!
//! What identifies the application comes from the environment variables that Azure's tools share:
//! AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_CERTIFICATE_PATH.

use std::sync::Arc;

use anyhow::Context as _;
use azure_core::cloud::CloudConfiguration;
use azure_core::credentials::{Secret, SecretBytes, TokenCredential};
use azure_core::http::ClientOptions;
use azure_identity::{
    AzureCliCredential, ClientCertificateCredential, ClientCertificateCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use graph_photo_model::Cloud;

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
    let client_options = ClientOptions {
        cloud: Some(Arc::new(match cloud {
            Cloud::Global => CloudConfiguration::AzurePublic,
            Cloud::UsGovL4 | Cloud::UsGovL5 => CloudConfiguration::AzureGovernment,
            Cloud::China => CloudConfiguration::AzureChina,
        })),
        ..ClientOptions::default()
    };
    Ok(match sign_in {
        SignIn::AzureCli => AzureCliCredential::new(None)?,
        SignIn::ManagedIdentity => {
            ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                user_assigned_id: args.client_id.clone().map(UserAssignedId::ClientId),
                client_options,
                ..ManagedIdentityCredentialOptions::default()
            }))?
        }
        SignIn::Certificate => {
            let path = variable("AZURE_CLIENT_CERTIFICATE_PATH")?;
            let certificate = std::fs::read(&path)
                .with_context(|| format!("AZURE_CLIENT_CERTIFICATE_PATH {path}"))?;
            let password = std::env::var("AZURE_CLIENT_CERTIFICATE_PASSWORD").ok();
            ClientCertificateCredential::new(
                args.tenant()?.to_owned(),
                args.client_id()?.to_owned(),
                SecretBytes::new(certificate),
                Some(ClientCertificateCredentialOptions {
                    client_options,
                    password: password.map(Secret::new),
                    ..ClientCertificateCredentialOptions::default()
                }),
            )?
        }
        SignIn::DeviceCode | SignIn::ClientSecret => {
            anyhow::bail!("this way to sign in needs no credential of Azure's")
        }
    })
}

fn variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .ok_or_else(|| NotAuthorised(format!("{name} is not set")).into())
}
