//! What a token says about itself, as far as it can be read without its key.
//!
//! Microsoft asks callers not to rely on the inside of tokens for Graph. This is for people who want
//! to know why they are refused; nothing here is checked, so nobody is let in by it.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

/// The claims that matter here.
///
/// ```
/// use graph_photo_model::claims::Claims;
///
/// // {"aud":"https://outlook.office.com","scp":"User.Read"}
/// let token = "e30.eyJhdWQiOiJodHRwczovL291dGxvb2sub2ZmaWNlLmNvbSIsInNjcCI6IlVzZXIuUmVhZCJ9.c2ln";
/// let claims = Claims::of(token).unwrap_or_default();
/// assert_eq!(claims.is_for_graph("graph.microsoft.com"), Some(false));
/// assert_eq!(claims.permissions(), ["User.Read"]);
/// assert!(Claims::of("opaque").is_none());
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// Who the token is for; Graph's URL or its application id.
    pub aud: Option<String>,
    /// The tenant.
    pub tid: Option<String>,
    /// The name of the application.
    pub app_displayname: Option<String>,
    /// The application's id.
    pub appid: Option<String>,
    /// The user principal name; only tokens with a user have it.
    pub upn: Option<String>,
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
    pub exp: Option<u64>,
}

impl Claims {
    /// Reads the claims of a JSON web token; `None` for other tokens, as personal accounts get.
    pub fn of(token: &str) -> Option<Claims> {
        let payload = token.split('.').nth(1)?;
        let engine = GeneralPurpose::new(
            &base64::alphabet::URL_SAFE,
            GeneralPurposeConfig::new()
                .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
        );
        serde_json::from_slice(&engine.decode(payload).ok()?).ok()
    }

    /// The user, if there is one.
    pub fn user(&self) -> Option<&str> {
        let names = [&self.upn, &self.preferred_username, &self.unique_name];
        names.into_iter().find_map(|name| name.as_deref())
    }

    /// Whether a user stands behind the token, and not the application alone.
    pub fn is_delegated(&self) -> bool {
        self.scp.is_some()
    }

    /// The permissions it carries.
    pub fn permissions(&self) -> Vec<&str> {
        match &self.scp {
            Some(scp) => scp.split_ascii_whitespace().collect(),
            None => self.roles.iter().map(String::as_str).collect(),
        }
    }

    /// Whether it is made for Microsoft Graph. `host` is Graph's in the cloud in use.
    pub fn is_for_graph(&self, host: &str) -> Option<bool> {
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
