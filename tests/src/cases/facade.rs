//! Runs legacy calls through the legacy API in Rust, of both kinds, on a raw server in Graph's place.

#![allow(deprecated, reason = "the legacy API in Rust is deprecated as a whole")]

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use graph_photo_compat::url::{Mapping, to_graph};
use graph_photo_model::{Error, Response};
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::{Value, json};

use super::bytes_spec::BytesSpec;
use super::case::{Answer, LegacyCallCase};
use super::socket::{Socket, answer_bytes};
use super::{clients, wire_check};

/// What a legacy request asks for: the operation behind it, and what its path names.
struct Call {
    /// The operation's name without its owner, such as `get_photo`.
    action: &'static str,
    /// The user, as the path spells it; none for `/me`.
    user: Option<String>,
    /// The size, as the path spells it.
    size: Option<String>,
    beta: bool,
}

impl Call {
    fn of(case: &LegacyCallCase) -> Result<Self> {
        let target = &case.legacy.target;
        let Mapping::Photo(request) = to_graph(&format!("https://outlook.office.com{target}"))?
        else {
            bail!("{target} is no photo's");
        };
        let operation = request
            .operations
            .iter()
            .find(|operation| operation.method == case.legacy.method)
            .with_context(|| format!("{target} takes no {}", case.legacy.method))?;
        let (_, action) = operation
            .name
            .split_once('_')
            .context("an operation without an owner")?;
        Ok(Self {
            action,
            user: key(target, "users")?,
            size: key(target, "photos")?,
            beta: target.to_ascii_lowercase().starts_with("/api/beta/"),
        })
    }
}

/// What stands in a path as `name('key')` or `name/key`.
fn key(target: &str, name: &str) -> Result<Option<String>> {
    let path = percent_encoding::percent_decode_str(target.split('?').next().unwrap_or_default())
        .decode_utf8()?;
    let mut segments = path.split('/');
    while let Some(segment) = segments.next() {
        let (start, rest) = segment.split_at(name.len().min(segment.len()));
        if !start.eq_ignore_ascii_case(name) {
            continue;
        }
        return Ok(match rest.strip_prefix("('") {
            Some(key) => key.strip_suffix("')").map(str::to_owned),
            None => segments
                .next()
                .filter(|key| *key != "$value")
                .map(str::to_owned),
        });
    }
    Ok(None)
}

/// What a legacy caller sees.
struct Seen {
    status: u16,
    content_type: Option<String>,
    body: Vec<u8>,
}

impl Seen {
    fn document<T: Serialize>(answer: Result<Response<T>, Error>) -> Result<Self> {
        Self::answer(answer, |document| Ok(serde_json::to_vec(&document)?))
    }

    fn bytes(answer: Result<Response<Bytes>, Error>) -> Result<Self> {
        Self::answer(answer, |bytes| Ok(bytes.to_vec()))
    }

    fn nothing(answer: Result<Response<()>, Error>) -> Result<Self> {
        Self::answer(answer, |()| Ok(Vec::new()))
    }

    fn answer<T>(
        answer: Result<Response<T>, Error>,
        body: impl FnOnce(T) -> Result<Vec<u8>>,
    ) -> Result<Self> {
        let (status, headers, body) = match answer {
            Ok(answer) => {
                let (status, headers, value) = answer.into_parts();
                (status, headers, body(value)?)
            }
            Err(error) => {
                let status = error.status().with_context(|| format!("{error}"))?;
                let document =
                    json!({ "error": { "code": error.code(), "message": error.message() } });
                (
                    status,
                    error.headers().clone(),
                    serde_json::to_vec(&document)?,
                )
            }
        };
        let content_type = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(Self {
            status: status.as_u16(),
            content_type,
            body,
        })
    }

    fn differences(&self, expected: &Answer) -> Result<Vec<String>> {
        let mut differences = Vec::new();
        if self.status != expected.status {
            differences.push(format!(
                "status: expected {}, found {}: {:.300}",
                expected.status,
                self.status,
                String::from_utf8_lossy(&self.body)
            ));
        }
        let content_type = expected.headers.get("content-type");
        if content_type.is_some() && content_type != self.content_type.as_ref() {
            differences.push(format!(
                "content type: expected {content_type:?}, found {:?}",
                self.content_type
            ));
        }
        match &expected.body {
            None => {}
            Some(BytesSpec::Json(expected)) => {
                let found: Value = serde_json::from_slice(&self.body)?;
                if found != *expected {
                    differences.push(format!("body: expected {expected}, found {found}"));
                }
            }
            Some(expected) if expected.bytes()? == self.body => {}
            Some(_) => differences.push(format!("body: found {} other bytes", self.body.len())),
        }
        Ok(differences)
    }
}

/// Defines a runner for a kind of client: `$wait` is `.await` or nothing.
macro_rules! runner {
    ($(#[$docs:meta])* $name:ident, $module:ident, [$($async:tt)*], [$($wait:tt)*]) => {
        $(#[$docs])*
        pub mod $name {
            use graph_photo_compat::$module::OutlookClient;

            use super::*;

            /// The legacy API in both of its versions, and the server that answers them.
            #[derive(Debug)]
            pub struct Runner {
                socket: Socket,
                v2: OutlookClient,
                beta: OutlookClient,
            }

            impl Runner {
                /// Starts the server and builds the clients, without retries.
                ///
                /// # Errors
                /// When no port is free or a client cannot be set up.
                pub fn start() -> Result<Self> {
                    let socket = Socket::open()?;
                    let client = |version| {
                        anyhow::Ok(OutlookClient::new(clients::$name::client(&socket.base_url(version))?))
                    };
                    Ok(Self { v2: client("v1.0")?, beta: client("beta")?, socket })
                }

                /// Runs a case; what was different, or nothing.
                ///
                /// # Errors
                /// When the case itself is at fault.
                pub $($async)* fn run(&self, case: &LegacyCallCase) -> Result<Vec<String>> {
                    let answers: Vec<Vec<u8>> =
                        case.answer.as_slice().iter().map(answer_bytes).collect::<Result<_>>()?;
                    self.socket.load(answers);
                    let call = Call::of(case)?;
                    let client = if call.beta { &self.beta } else { &self.v2 };
                    let user = match &call.user {
                        Some(user) => client.users(user),
                        None => client.me(),
                    };
                    let body = match &case.legacy.body {
                        Some(body) => body.bytes()?,
                        None => Vec::new(),
                    };
                    let size = call.size.as_deref().unwrap_or_default();
                    let seen = match call.action {
                        "get_photo" => Seen::document(user.photo().get()$($wait)*)?,
                        "get_photo_content" => Seen::bytes(user.photo().get_value()$($wait)*)?,
                        "put_photo_content" => Seen::nothing(user.photo().put_value(body)$($wait)*)?,
                        "patch_photo_content" => Seen::nothing(user.photo().patch_value(body)$($wait)*)?,
                        "list_photos" => Seen::document(user.photos().get()$($wait)*)?,
                        "get_photo_by_size" => Seen::document(user.photos().size(size).get()$($wait)*)?,
                        "get_photo_content_by_size" => Seen::bytes(user.photos().size(size).get_value()$($wait)*)?,
                        other => bail!("the legacy API has no {other}"),
                    };
                    let mut differences =
                        wire_check::differences(case.sends.as_slice(), &self.socket.requests())?;
                    differences.extend(seen.differences(&case.returns)?);
                    Ok(differences)
                }
            }
        }
    };
}

runner!(
    /// The async kind.
    asynchronous, client, [async], [.await]
);
runner!(
    /// The blocking kind.
    blocking, blocking, [], []
);
