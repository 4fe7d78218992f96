//! Who calls: bearer tokens, opaque ones and JWTs.
//!
//! Nothing is verified: there is no key to verify with, and a test that needs
//! a signed token would need a tenant. JWTs are decoded for what they claim.

use std::collections::HashMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::errors::Refusal;

/// On whose behalf a token was issued. Permissions differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AccountKind {
    /// Delegated, a work or school account.
    Work,
    /// Delegated, a personal Microsoft account.
    Personal,
    /// The application itself, without a user.
    Application,
}

impl AccountKind {
    pub(crate) fn describe(self) -> &'static str {
        match self {
            AccountKind::Work => "delegated (work or school account)",
            AccountKind::Personal => "delegated (personal Microsoft account)",
            AccountKind::Application => "application",
        }
    }
}

/// A caller, as far as its token tells.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) kind: AccountKind,
    /// The permissions granted; `None` is all of them.
    pub(crate) scopes: Option<Vec<String>>,
    /// Object id or user principal name of the signed-in user.
    pub(crate) user: Option<String>,
    /// What throttling takes for the application: the app id of a JWT, or a
    /// checksum of an opaque token.
    pub(crate) app: String,
}

impl Caller {
    pub(crate) fn unrestricted(app: String) -> Caller {
        Caller {
            kind: AccountKind::Work,
            scopes: None,
            user: None,
            app,
        }
    }
}

/// The tokens that are accepted, and what each may do.
///
/// One token a line: the token, the kind of account (`work`, `personal` or
/// `application`), the permissions, and, where `/me` is not to be the tenant's
/// first user, `user=NAME`. `#` starts a comment.
///
/// ```
/// use graph_photo_emulator::Tokens;
///
/// let tokens = Tokens::parse(
///     "reader work ProfilePhoto.Read.All\n\
///      daemon application ProfilePhoto.ReadWrite.All\n\
///      alex   work user=alex@contoso.com User.ReadWrite\n",
/// )?;
/// assert_eq!(tokens.len(), 3);
/// # Ok::<(), graph_photo_emulator::TokensError>(())
/// ```
#[derive(Clone, Default)]
pub struct Tokens {
    grants: HashMap<String, Caller>,
}

/// Tokens are secrets even here: people paste real ones.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.grants.len())
    }
}

/// A line of a tokens file that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct TokensError {
    /// Counted from 1.
    pub line: usize,
    problem: String,
}

impl Tokens {
    /// Reads the lines described above.
    ///
    /// # Errors
    ///
    /// [`TokensError`] names the line. It never quotes the token.
    pub fn parse(text: &str) -> Result<Tokens, TokensError> {
        let mut grants = HashMap::new();
        for (n, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split([' ', '\t', ',']).filter(|w| !w.is_empty());
            let Some(token) = words.next() else { continue };
            let problem = |problem: String| TokensError {
                line: n + 1,
                problem,
            };
            let kind = match words.next() {
                Some("work") => AccountKind::Work,
                Some("personal") => AccountKind::Personal,
                Some("application") => AccountKind::Application,
                Some(other) => {
                    return Err(problem(format!(
                        "'{other}' is no kind of account; write work, personal or application"
                    )));
                }
                None => {
                    return Err(problem(
                        "the kind of account is missing; write work, personal or application after the token".to_owned(),
                    ));
                }
            };
            let mut caller = Caller {
                kind,
                scopes: Some(Vec::new()),
                user: None,
                app: app_of(token),
            };
            for word in words {
                match word.strip_prefix("user=") {
                    Some(user) => caller.user = Some(user.to_owned()),
                    None => caller.scopes.get_or_insert_default().push(scope(word)),
                }
            }
            if grants.insert(token.to_owned(), caller).is_some() {
                return Err(problem(
                    "the token stands on an earlier line too".to_owned(),
                ));
            }
        }
        Ok(Tokens { grants })
    }

    /// The users that tokens name.
    pub(crate) fn users(&self) -> impl Iterator<Item = &str> {
        self.grants
            .values()
            .filter_map(|caller| caller.user.as_deref())
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.grants.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.grants.is_empty()
    }
}

/// Permissions may be written with Graph's host before them.
fn scope(text: &str) -> String {
    text.rsplit('/').next().unwrap_or(text).to_owned()
}

fn app_of(token: &str) -> String {
    format!("{:08x}", crc32fast::hash(token.as_bytes()))
}

/// The claims that matter here.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    aud: Option<String>,
    #[serde(default)]
    scp: Option<String>,
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    tid: Option<String>,
    #[serde(default)]
    oid: Option<String>,
    #[serde(default)]
    upn: Option<String>,
    #[serde(default)]
    appid: Option<String>,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    exp: Option<f64>,
}

/// The tenant of all personal accounts.
const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Graph itself, as an audience: its application id and its hosts, one for each
/// national cloud.
const GRAPH_AUDIENCES: [&str; 6] = [
    "00000003-0000-0000-c000-000000000000",
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
    "https://canary.graph.microsoft.com",
];

/// Finds out who calls. `tokens` are the only opaque ones accepted, if given.
/// `now` is in seconds since 1970.
pub(crate) fn authenticate(
    authorization: Option<&[u8]>,
    tokens: Option<&Tokens>,
    now: f64,
) -> Result<Caller, Refusal> {
    let value = authorization.unwrap_or_default();
    if value.is_empty() {
        return Err(Refusal::unauthorized("Access token is empty."));
    }
    let malformed = || Refusal::unauthorized("CompactToken parsing failed.");
    let token = value
        .split_at_checked(7)
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
        .and_then(|(_, token)| std::str::from_utf8(token).ok())
        .map(|token| token.trim_matches(' '))
        .ok_or_else(malformed)?;
    if token.is_empty() {
        return Err(Refusal::unauthorized("Access token is empty."));
    }
    // RFC 6750 allows these in a bearer token and nothing else.
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    if !token.bytes().all(allowed) {
        return Err(malformed());
    }
    if let Some(caller) = tokens.and_then(|tokens| tokens.grants.get(token)) {
        return Ok(caller.clone());
    }
    match claims(token) {
        Some(claims) => from_claims(claims, app_of(token), now),
        None if tokens.is_some() => Err(Refusal::unauthorized("Access token validation failure.")),
        None => Ok(Caller::unrestricted(app_of(token))),
    }
}

/// The claims of what looks like a JWT.
fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok()
}

fn from_claims(claims: Claims, app: String, now: f64) -> Result<Caller, Refusal> {
    let for_graph = |audience: &str| {
        let audience = audience.trim_end_matches('/');
        GRAPH_AUDIENCES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(audience))
    };
    if claims.aud.as_deref().is_some_and(|aud| !for_graph(aud)) {
        return Err(Refusal::unauthorized(
            "Access token validation failure. Invalid audience.",
        ));
    }
    if claims.exp.is_some_and(|exp| exp <= now) {
        return Err(Refusal::unauthorized(
            "Lifetime validation failed, the token is expired.",
        ));
    }
    let personal = claims
        .tid
        .is_some_and(|tid| tid.eq_ignore_ascii_case(PERSONAL_TENANT));
    let (kind, scopes) = match (claims.scp, claims.roles) {
        (Some(scp), _) => {
            let kind = if personal {
                AccountKind::Personal
            } else {
                AccountKind::Work
            };
            let scopes = scp.split(' ').filter(|s| !s.is_empty()).map(scope);
            (kind, Some(scopes.collect()))
        }
        (None, Some(roles)) => (AccountKind::Application, Some(roles)),
        (None, None) => (AccountKind::Work, None),
    };
    Ok(Caller {
        kind,
        scopes,
        user: claims.oid.or(claims.upn),
        app: claims.appid.or(claims.azp).unwrap_or(app),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(payload: &str) -> Vec<u8> {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!(
            "Bearer {}.{}.signature",
            part("{\"alg\":\"none\"}"),
            part(payload)
        )
        .into_bytes()
    }

    fn of(payload: &str) -> Result<Caller, String> {
        authenticate(Some(&jwt(payload)), None, 1000.0).map_err(|r| r.message.into_owned())
    }

    proptest::proptest! {
        #[test]
        fn no_token_panics(value in "(Bearer )?[A-Za-z0-9_.=-]{0,60}", payload in "\\PC{0,40}") {
            let _ = authenticate(Some(value.as_bytes()), None, 0.0);
            let _ = authenticate(Some(&jwt(&payload)), None, 0.0);
        }
    }

    #[test]
    fn a_jwt_says_kind_and_scopes() {
        let caller =
            of(r#"{"scp":"User.Read ProfilePhoto.Read.All","aud":"https://graph.microsoft.com/"}"#)
                .ok()
                .unwrap();
        assert_eq!(caller.kind, AccountKind::Work);
        assert_eq!(
            caller.scopes.unwrap(),
            ["User.Read", "ProfilePhoto.Read.All"]
        );
        let caller = of(r#"{"roles":["User.Read.All"],"appid":"my-app"}"#)
            .ok()
            .unwrap();
        assert_eq!(caller.kind, AccountKind::Application);
        assert_eq!(caller.app, "my-app");
        let caller = of(&format!(
            r#"{{"scp":"User.Read","tid":"{PERSONAL_TENANT}"}}"#
        ))
        .ok()
        .unwrap();
        assert_eq!(caller.kind, AccountKind::Personal);
    }

    #[test]
    fn other_audiences_and_old_tokens_are_refused() {
        for aud in [
            "https://outlook.office.com",
            "https://outlook.office365.com/",
            "00000002-0000-0ff1-ce00-000000000000",
            "api://mine",
        ] {
            assert_eq!(
                of(&format!(r#"{{"aud":"{aud}","scp":"User.Read"}}"#))
                    .err()
                    .unwrap(),
                "Access token validation failure. Invalid audience."
            );
        }
        assert!(of(r#"{"exp":999}"#).err().unwrap().contains("expired"));
        assert!(of(r#"{"exp":1001}"#).is_ok());
    }

    #[test]
    fn a_tokens_file_is_a_closed_list() {
        let tokens = Tokens::parse(
            "a work User.Read # mine\n\n# none\nb personal User.Read,User.ReadWrite\n",
        )
        .unwrap();
        let ask = |value: &str| authenticate(Some(value.as_bytes()), Some(&tokens), 0.0);
        assert_eq!(ask("Bearer b").ok().unwrap().scopes.unwrap().len(), 2);
        assert!(ask("Bearer c").is_err());
        assert_eq!(format!("{tokens:?}"), "Tokens(2)");
        let error = Tokens::parse("a work X\nsecret admin X").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(Tokens::parse("a work X\na work X").is_err());
        assert!(Tokens::parse("a").is_err());
    }

    #[test]
    fn what_is_no_bearer_token_is_malformed() {
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Basic abc",
            "Bearer a b",
            "Bearer \u{7f}",
            "abc",
        ] {
            assert!(
                authenticate(Some(value.as_bytes()), None, 0.0).is_err(),
                "{value}"
            );
        }
        assert!(authenticate(Some(b"bearer any"), None, 0.0).is_ok());
    }
}
