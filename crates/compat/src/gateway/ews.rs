//! `GetUserPhoto` of Exchange Web Services (MS-OXWSPHOTO 3.1.5.1.1): ETag and 304, and the largest picture where the
//! size asked for is missing.
//!
//! Graph has no ETag on photos, but a media etag in their metadata, so each request reads that first.

use graph_photo::types::ProfilePhoto;
use graph_photo::{Error, ErrorKind};
use graph_photo_model::no_photo::is_placeholder;
use http::header::{ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::answer::{AnswerBody, empty};
use super::graph::{Ask, IMAGE, JSON};
use super::no_photo;
use super::refusal::Refusal;

/// The largest photo.
const LARGEST: &str = "/photo";

/// Answers one request.
pub(crate) async fn photo(ask: &Ask<'_>) -> Result<Response<AnswerBody>, Refusal> {
    let wanted = ask.call.below.trim_end_matches("/$value");
    let (below, metadata) = match metadata(ask, wanted).await? {
        Some(metadata) => (wanted, metadata),
        None if wanted == LARGEST => return Err(Refusal::no_photo_here()),
        None => match metadata(ask, LARGEST).await? {
            Some(metadata) => (LARGEST, metadata),
            None => return Err(Refusal::no_photo_here()),
        },
    };
    let etag = metadata
        .odata_media_etag
        .filter(|etag| !etag.is_empty())
        .and_then(|etag| HeaderValue::from_str(&etag).ok());
    let mut response = match &etag {
        Some(etag) if is_known(ask.headers, etag) => {
            let mut response = empty();
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        }
        _ => match ask.get(&format!("{below}/$value"), "", IMAGE).await {
            Ok(answer) => no_photo::bytes(answer).await?,
            Err(error) if error.kind() == ErrorKind::NoPhoto => {
                return Err(Refusal::no_photo(&error));
            }
            Err(error) => return Err(error.into()),
        },
    };
    if let Some(etag) = etag {
        response.headers_mut().insert(ETAG, etag);
    }
    Ok(response)
}

/// The metadata of one picture; `None` if there is none such.
async fn metadata(ask: &Ask<'_>, below: &str) -> Result<Option<ProfilePhoto>, Refusal> {
    let (_, body) = match ask.get(below, "", JSON).await {
        Ok(answer) => answer,
        Err(error) if error.kind() == ErrorKind::NoPhoto => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let bytes = body.bytes().await?;
    let photo: ProfilePhoto = serde_json::from_slice(&bytes).map_err(|fault| {
        Refusal::from(
            Error::local(ErrorKind::UnexpectedResponse, "no metadata of a photo")
                .with_source(fault),
        )
    })?;
    let missing = is_placeholder(
        photo.odata_media_content_type.as_deref(),
        photo.odata_media_etag.as_deref(),
        photo.width,
        photo.height,
    );
    Ok((!missing).then_some(photo))
}

/// Whether the caller has this picture already. Weak comparison, as RFC 9110 has it for If-None-Match.
fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let Ok(etag) = etag.to_str() else {
        return false;
    };
    let opaque = etag.trim_start_matches("W/");
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == opaque)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_are_compared_weakly() {
        let etag = HeaderValue::from_static("\"BA09D118\"");
        for (sent, known) in [
            ("\"BA09D118\"", true),
            ("W/\"BA09D118\"", true),
            ("\"1\", \"BA09D118\"", true),
            ("*", true),
            ("BA09D118", false),
            ("\"1\"", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, sent.parse().unwrap());
            assert_eq!(is_known(&headers, &etag), known, "{sent}");
        }
        assert!(!is_known(&HeaderMap::new(), &etag));
    }
}
