//! Errors in the shape that legacy callers read: `{"error": {"code", "message", "innerError"}}`.

use std::borrow::Cow;

use graph_photo::{Error, ErrorKind};
use http::header::{ALLOW, CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

use super::answer::{AnswerBody, legacy_json};
use crate::model::{OutlookError, OutlookErrorResponse};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
    /// Graph's, when it was Graph that refused.
    request_id: Option<String>,
    client_request_id: Option<String>,
    retry_after: Option<HeaderValue>,
    allow: Option<String>,
    /// The rest of the request's body is not worth waiting for.
    closes: bool,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            request_id: None,
            client_request_id: None,
            retry_after: None,
            allow: None,
            closes: false,
        }
    }

    /// Names the methods that would do.
    pub(crate) fn allowing(mut self, methods: String) -> Self {
        self.allow = Some(methods);
        self
    }

    /// Ends the connection after the answer.
    pub(crate) fn closing(mut self) -> Self {
        self.closes = true;
        self
    }

    /// No photo, for a request that wants its bytes.
    pub(crate) fn no_photo_here() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "ErrorItemNotFound",
            "The photo wasn't found.",
        )
    }

    /// The same, for an answer of Graph's.
    pub(crate) fn no_photo(error: &Error) -> Self {
        Self {
            request_id: error.request_id().map(str::to_owned),
            client_request_id: error.client_request_id().map(str::to_owned),
            ..Self::no_photo_here()
        }
    }

    pub(crate) fn no_such_user() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Request_ResourceNotFound",
            "The directory knows no such user.",
        )
    }

    pub(crate) fn into_response(self) -> Response<AnswerBody> {
        let ids = [
            ("request-id", &self.request_id),
            ("client-request-id", &self.client_request_id),
        ];
        let inner: serde_json::Map<_, _> = ids
            .into_iter()
            .filter_map(|(name, id)| Some((name.to_owned(), id.clone()?.into())))
            .collect();
        let body = OutlookErrorResponse {
            error: OutlookError {
                code: Some(self.code.into_owned()),
                message: Some(self.message.into_owned()),
                inner_error: Some(inner).filter(|inner| !inner.is_empty()),
                ..OutlookError::default()
            },
            ..OutlookErrorResponse::default()
        };
        // A struct of strings always serialises.
        let mut response = legacy_json(serde_json::to_vec(&body).unwrap_or_default().into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Some(id) = self
            .request_id
            .and_then(|id| HeaderValue::from_str(&id).ok())
        {
            headers.insert("request-id", id);
        }
        if let Some(wait) = self.retry_after {
            headers.insert(RETRY_AFTER, wait);
        }
        if let Some(methods) = self
            .allow
            .and_then(|methods| HeaderValue::from_str(&methods).ok())
        {
            headers.insert(ALLOW, methods);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"\""),
            );
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// What a call to Graph ended with. Statuses, codes and texts of Graph are the legacy service's for the most part; what
/// never got an answer is a failure of the gateway.
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let (status, code) = match (error.kind(), error.status()) {
            // A redirect would lead the caller, and its token, away from here.
            (_, Some(status)) if status.is_client_error() || status.is_server_error() => {
                (status, "UnknownError")
            }
            (ErrorKind::TooLarge, _) => (StatusCode::PAYLOAD_TOO_LARGE, "ErrorMessageSizeExceeded"),
            (ErrorKind::InvalidInput, _) => (StatusCode::BAD_REQUEST, "ErrorInvalidRequest"),
            (ErrorKind::Timeout, _) => (StatusCode::GATEWAY_TIMEOUT, "ErrorTimeoutExpired"),
            (ErrorKind::Unauthorized, _) => {
                (StatusCode::SERVICE_UNAVAILABLE, "ErrorInternalServerError")
            }
            _ => (StatusCode::BAD_GATEWAY, "ErrorInternalServerError"),
        };
        // Of failures without an answer the caller learns what kind it was; the rest is for the gateway's own log.
        let message = match (error.message(), error.kind()) {
            (Some(message), _) if !message.is_empty() => message.to_owned(),
            (_, ErrorKind::InvalidInput | ErrorKind::TooLarge) => error.to_string(),
            (_, ErrorKind::Unauthorized) if error.status().is_none() => {
                "The gateway has no token for Microsoft Graph at the moment.".to_owned()
            }
            (_, kind) => match error.status() {
                Some(status) => format!("Microsoft Graph answered {status}."),
                None => {
                    format!("The gateway could not get an answer of Microsoft Graph ({kind:?}).")
                }
            },
        };
        if error.status().is_none() {
            tracing::warn!(%error, "no answer of Graph");
        }
        Self {
            status,
            code: match error.code() {
                Some(code) => code.to_owned().into(),
                None => code.into(),
            },
            message: message.into(),
            request_id: error.request_id().map(str::to_owned),
            client_request_id: error.client_request_id().map(str::to_owned),
            retry_after: error.headers().get(RETRY_AFTER).cloned(),
            allow: None,
            closes: false,
        }
    }
}
