//! What a successful call returns: the value, with the status and headers it came with.

use std::any::Any;
use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::error::{Error, body_text};
use crate::operation::Operation;

/// A value from the service together with status and headers. It dereferences to the value.
///
/// ```
/// use graph_photo_model::Response;
/// use http::{HeaderMap, StatusCode};
///
/// let response = Response::new(StatusCode::OK, HeaderMap::new(), vec![1_u8, 2, 3]);
/// assert_eq!(response.len(), 3);
/// let length = response.map(|bytes| bytes.len()).into_inner();
/// assert_eq!(length, 3);
/// ```
#[derive(Clone)]
pub struct Response<T> {
    status: StatusCode,
    headers: HeaderMap,
    body: T,
}

impl<T> Response<T> {
    /// Puts a response together.
    #[must_use]
    pub const fn new(status: StatusCode, headers: HeaderMap, body: T) -> Self {
        Self {
            status,
            headers,
            body,
        }
    }

    /// The HTTP status, a 2xx.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The response headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The id that the service gave the request; Microsoft's support asks for it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.header("request-id")
    }

    /// The id that the client gave the request, as the service repeats it.
    #[must_use]
    pub fn client_request_id(&self) -> Option<&str> {
        self.header("client-request-id")
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The value alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.body
    }

    /// Status, headers and value.
    #[must_use]
    pub fn into_parts(self) -> (StatusCode, HeaderMap, T) {
        (self.status, self.headers, self.body)
    }

    /// The same response around another value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            status: self.status,
            headers: self.headers,
            body: change(self.body),
        }
    }
}

impl<T: DeserializeOwned> Response<T> {
    /// Reads a JSON body, forgiving about what surrounds the JSON (a byte order mark, UTF-16), not
    /// about the JSON. Nesting deeper than 128 levels is refused.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) with status, headers
    /// and the start of the body; its source names the field that did not fit.
    pub fn from_json(
        operation: &'static Operation,
        status: StatusCode,
        headers: HeaderMap,
        body: &[u8],
    ) -> Result<Self, Error> {
        let text = body_text(body);
        // Following the path costs time, so it is done only where there is something to name.
        let read = serde_json::from_str(&text).map_err(|error| {
            let mut json = serde_json::Deserializer::from_str(&text);
            match serde_path_to_error::deserialize::<_, T>(&mut json) {
                Err(named) => named.to_string(),
                // What is wrong comes after the value.
                Ok(_) => error.to_string(),
            }
        });
        match read {
            Ok(value) => Ok(Self::new(status, headers, value)),
            Err(what) => Err(Error::decode(operation, status, headers, body, what)),
        }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.body
    }
}

impl<T> AsRef<T> for Response<T> {
    fn as_ref(&self) -> &T {
        &self.body
    }
}

/// Status, request id and the type of the value, with its length if it is bytes. The value itself
/// can hold names and pictures of people, so it is not printed; nor is a request id that is no
/// GUID, as Graph's are: a service can repeat the token there.
impl<T: 'static> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body: &dyn Any = &self.body;
        let length = body
            .downcast_ref::<Bytes>()
            .map(Bytes::len)
            .or_else(|| body.downcast_ref::<Vec<u8>>().map(Vec::len));
        let mut debug = f.debug_struct("Response");
        debug
            .field("status", &self.status.as_u16())
            .field("request_id", &self.request_id().filter(|id| is_guid(id)));
        match length {
            Some(length) => debug.field("body", &format_args!("{length} bytes")),
            None => debug.field("body", &format_args!("{}", std::any::type_name::<T>())),
        };
        debug.finish_non_exhaustive()
    }
}

/// Whether a text is written as `00000000-0000-0000-0000-000000000000`.
fn is_guid(text: &str) -> bool {
    let groups = text.split('-');
    groups.clone().map(str::len).eq([8, 4, 4, 4, 12])
        && groups
            .flat_map(str::bytes)
            .all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use http::HeaderValue;

    static OPERATION: Operation = Operation::new("me_get_photo", "GET", "/me/photo");

    fn read<T: DeserializeOwned>(body: &[u8]) -> Result<Response<T>, Error> {
        let mut headers = HeaderMap::new();
        headers.insert("request-id", HeaderValue::from_static("r-1"));
        Response::from_json(&OPERATION, StatusCode::OK, headers, body)
    }

    #[test]
    fn json_behind_a_byte_order_mark_or_in_utf16_is_read() {
        let utf16: Vec<u8> = "{\"a\":1}"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for body in [b"{\"a\":1}".as_slice(), b"\xEF\xBB\xBF{\"a\":1}", &utf16] {
            let value: Response<serde_json::Value> = read(body).unwrap();
            assert_eq!(value["a"], 1);
        }
    }

    #[test]
    fn what_is_not_the_promised_json_keeps_status_headers_and_body() {
        #[derive(serde::Deserialize, Debug)]
        struct Photo {
            #[allow(dead_code)]
            width: i32,
        }
        let deep = "[".repeat(100_000);
        for body in [
            "",
            "<html>",
            "{\"width\":1",
            "{\"width\":\"x\"}",
            "{\"width\":1} trailing",
            &deep,
        ] {
            let error = read::<Photo>(body.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
            assert_eq!(error.status(), Some(StatusCode::OK));
            assert_eq!(error.request_id(), Some("r-1"));
            assert!(body.starts_with(error.body_start().unwrap_or_default()));
        }
        let error = read::<Photo>(b"{\"width\":\"x\"}").unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.starts_with("width: "), "{source}");
    }

    #[test]
    fn debug_shows_no_value() {
        let shown = format!(
            "{:?}",
            Response::new(StatusCode::OK, HeaderMap::new(), "adele@contoso.com")
        );
        assert_eq!(
            shown,
            "Response { status: 200, request_id: None, body: &str, .. }"
        );
        for (id, shown) in [
            ("5a1b9c3d-0E1f-4a2b-8c3d-0123456789ab", true),
            ("sentinel", false),
            ("5a1b9c3d-0e1f-4a2b-8c3d-0123456789ag", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("request-id", HeaderValue::from_static(id));
            let response = Response::new(StatusCode::OK, headers, ());
            assert_eq!(response.request_id(), Some(id));
            assert_eq!(format!("{response:?}").contains(id), shown, "{id}");
        }
        for shown in [
            format!(
                "{:?}",
                Response::new(StatusCode::OK, HeaderMap::new(), b"abc".to_vec())
            ),
            format!(
                "{:?}",
                Response::new(StatusCode::OK, HeaderMap::new(), Bytes::from("abc"))
            ),
        ] {
            assert_eq!(
                shown,
                "Response { status: 200, request_id: None, body: 3 bytes, .. }"
            );
        }
    }
}
