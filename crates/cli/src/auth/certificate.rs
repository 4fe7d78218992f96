//! What an application says to Entra in place of a secret: a short statement, signed with the key
//! that belongs to its certificate (RFC 7523, and Microsoft's page on certificate credentials).
//!
//! Azure's crate can do the same, but through OpenSSL; this build has one cryptography, ring.

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail};
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// How long Entra may take a statement, as Microsoft recommends.
const LIFETIME: Duration = Duration::from_secs(600);

/// An application's certificate with its key.
pub(super) struct Certificate {
    key: RsaKeyPair,
    /// By which Entra finds the certificate: SHA-256 of its DER form.
    thumbprint: String,
    client_id: String,
    /// Where the statement is presented.
    endpoint: String,
}

impl Certificate {
    /// Reads a file that holds a certificate and its private key, as PEM.
    pub(super) fn read(pem: &[u8], client_id: &str, endpoint: String) -> anyhow::Result<Self> {
        const REMEDY: &str = "make one of a PFX file by `openssl pkcs12 -in FILE.pfx -out FILE.pem \
                              -nodes`";
        let certificate = CertificateDer::from_pem_slice(pem)
            .map_err(|_| anyhow::anyhow!("there is no certificate in PEM; {REMEDY}"))?;
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
            anyhow::anyhow!("there is no private key in PEM without a password; {REMEDY}")
        })?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => bail!("the private key is none of RSA, which Entra asks for"),
        };
        // ring's own words name the reason and nothing of the key.
        let key = key.map_err(|why| anyhow::anyhow!("the private key cannot be used: {why}"))?;
        Ok(Self {
            key,
            thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate)),
            client_id: client_id.to_owned(),
            endpoint,
        })
    }

    fn statement(&self, now: SystemTime) -> anyhow::Result<String> {
        let random = SystemRandom::new();
        let mut id = [0; 16];
        random
            .fill(&mut id)
            .map_err(|_| anyhow::anyhow!("the system gives no random numbers"))?;
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .context("the clock is before 1970")?;
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": self.endpoint,
            "iss": self.client_id,
            "sub": self.client_id,
            "jti": URL_SAFE_NO_PAD.encode(id),
            "iat": now.as_secs(),
            "nbf": now.as_secs(),
            "exp": (now + LIFETIME).as_secs(),
        });
        let encode = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature)
            .map_err(|_| anyhow::anyhow!("the statement for Entra cannot be signed"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Names the application and nothing of the key.
impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificate({})", self.client_id)
    }
}

#[async_trait::async_trait]
impl ClientAssertion for Certificate {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.statement(SystemTime::now()).map_err(|error| {
            azure_core::Error::new(azure_core::error::ErrorKind::Credential, error)
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use base64::engine::general_purpose::STANDARD;
    use ring::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    /// Made for this test with `openssl req -x509 -newkey rsa:2048 -nodes`; nobody trusts it.
    const KEY: &[u8] = include_bytes!("testdata/application.key.der");
    const CERTIFICATE: &[u8] = include_bytes!("testdata/application.cert.der");

    pub(crate) fn pem() -> String {
        let armour = |name: &str, der: &[u8]| {
            let text = STANDARD.encode(der);
            format!("-----BEGIN {name}-----\n{text}\n-----END {name}-----\n")
        };
        armour("PRIVATE KEY", KEY) + &armour("CERTIFICATE", CERTIFICATE)
    }

    fn certificate() -> Certificate {
        Certificate::read(
            pem().as_bytes(),
            "app",
            "https://login.example/t".to_owned(),
        )
        .unwrap()
    }

    #[test]
    fn the_statement_is_signed_and_says_who_for_whom_and_until_when() {
        let certificate = certificate();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let statement = certificate.statement(now).unwrap();
        let (signed, signature) = statement.rsplit_once('.').unwrap();
        UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, certificate.key.public())
            .verify(
                signed.as_bytes(),
                &URL_SAFE_NO_PAD.decode(signature).unwrap(),
            )
            .unwrap();
        let read = |part: &str| -> serde_json::Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let (header, claims) = signed.split_once('.').unwrap();
        assert_eq!(
            read(header),
            // As `openssl x509 -fingerprint -sha256` has it, in base64.
            json!({"alg": "PS256", "typ": "JWT",
                   "x5t#S256": "I5E0ehYJq5miEURII7LtUO0eFixOHdbjR8Yqe4kKKyQ"})
        );
        let mut claims = read(claims);
        let id = claims["jti"].take();
        assert_eq!(
            claims,
            json!({"aud": "https://login.example/t", "iss": "app", "sub": "app", "jti": null,
                   "iat": 1_700_000_000, "nbf": 1_700_000_000, "exp": 1_700_000_600})
        );
        let again = certificate.statement(now).unwrap();
        let claims = read(again.split('.').nth(1).unwrap());
        assert_ne!(claims["jti"], id, "Entra takes each statement once");
    }

    #[test]
    fn what_cannot_be_used_is_told_with_the_remedy() {
        let pem = pem();
        let (key, certificate) = pem.split_at(pem.find("-----BEGIN CERT").unwrap());
        let garbled = key.replacen("MII", "AAA", 1) + certificate;
        let mut lines = String::new();
        for (name, text) in [
            ("a PFX file", "\u{0}0\u{82}"),
            ("no key", certificate),
            ("no certificate", key),
            ("garbled", garbled.as_str()),
        ] {
            let error = Certificate::read(text.as_bytes(), "app", String::new())
                .err()
                .unwrap();
            lines += &format!("{name}: {error}\n");
        }
        insta::assert_snapshot!(lines);
    }

    #[test]
    fn debug_shows_nothing_of_the_key() {
        assert_eq!(format!("{:?}", certificate()), "Certificate(app)");
    }
}
