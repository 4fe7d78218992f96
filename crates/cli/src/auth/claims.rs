//! What a token says about itself, as far as it can be read without its key.
//!
//! Microsoft asks callers not to rely on the inside of tokens for Graph; this is for people who
//! want to know why they are refused, and nothing is decided by it.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

/// The claims that matter here.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Claims {
    /// Who the token is for; Graph's URL or its application id.
    pub(crate) aud: Option<String>,
    /// The tenant.
    pub(crate) tid: Option<String>,
    /// The name of the application.
    pub(crate) app_displayname: Option<String>,
    /// The application's id.
    pub(crate) appid: Option<String>,
    /// The user principal name; only tokens with a user have it.
    pub(crate) upn: Option<String>,
    #[serde(default)]
    unique_name: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
    /// Delegated permissions, separated by spaces.
    #[serde(default)]
    scp: Option<String>,
    /// Application permissions.
    #[serde(default)]
    roles: Vec<String>,
    /// When it expires, in seconds since 1970.
    pub(crate) exp: Option<u64>,
}

impl Claims {
    /// Reads the claims of a JSON web token; `None` for other tokens, as personal accounts get.
    pub(crate) fn of(token: &str) -> Option<Claims> {
        let payload = token.split('.').nth(1)?;
        let engine = GeneralPurpose::new(
            &base64::alphabet::URL_SAFE,
            GeneralPurposeConfig::new()
                .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
        );
        serde_json::from_slice(&engine.decode(payload).ok()?).ok()
    }

    /// The user, if there is one.
    pub(crate) fn user(&self) -> Option<&str> {
        let names = [&self.upn, &self.preferred_username, &self.unique_name];
        names.into_iter().find_map(|name| name.as_deref())
    }

    /// Whether a user stands behind the token, and not the application alone.
    pub(crate) fn is_delegated(&self) -> bool {
        self.scp.is_some()
    }

    /// The permissions it carries.
    pub(crate) fn permissions(&self) -> Vec<&str> {
        match &self.scp {
            Some(scp) => scp.split_ascii_whitespace().collect(),
            None => self.roles.iter().map(String::as_str).collect(),
        }
    }

    /// Whether it is made for Microsoft Graph. `host` is Graph's in the cloud in use.
    pub(crate) fn is_for_graph(&self, host: &str) -> Option<bool> {
        /// The application id of Microsoft Graph, the same in all tenants and clouds.
        const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
        let audience = self.aud.as_deref()?;
        let url = audience.trim_end_matches('/');
        Some(url == GRAPH || url.strip_prefix("https://") == Some(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        format!("e30.{}.c2ln", engine.encode(claims))
    }

    #[test]
    fn claims_are_read() {
        let claims = Claims::of(&token(
            r#"{"aud":"https://graph.microsoft.com/","upn":"adele@contoso.com",
                "scp":"User.Read ProfilePhoto.Read.All","exp":1}"#,
        ))
        .unwrap();
        assert_eq!(claims.user(), Some("adele@contoso.com"));
        assert!(claims.is_delegated());
        assert_eq!(claims.permissions(), ["User.Read", "ProfilePhoto.Read.All"]);
        assert_eq!(claims.is_for_graph("graph.microsoft.com"), Some(true));
        assert_eq!(claims.is_for_graph("graph.microsoft.us"), Some(false));

        let claims = Claims::of(&token(r#"{"roles":["User.Read.All"]}"#)).unwrap();
        assert!(!claims.is_delegated());
        assert_eq!(claims.permissions(), ["User.Read.All"]);
        assert_eq!(claims.is_for_graph("graph.microsoft.com"), None);
    }

    #[test]
    fn opaque_tokens_have_no_claims() {
        for text in ["", "EwBgA8l6BAAU", "a.b", "a.%%%.c", "a.bnVsbA.c"] {
            assert!(Claims::of(text).is_none(), "{text}");
        }
    }
}
