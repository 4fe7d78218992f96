//! "No photo", the way v2.0 said it: metadata of a picture of one pixel, and 404 for the bytes.
//!
//! Graph answers 404 for both, and for a user it has never heard of; v2.0 kept 404 for that.

use bytes::Bytes;
use graph_photo::{ByteStream, Error, ErrorKind};
use graph_photo_model::no_photo::is_placeholder_image;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response};

use super::answer::{self, AnswerBody, legacy_json};
use super::graph::{Ask, REQUEST_ID};
use super::photo_id::{selected, selects};
use super::refusal::Refusal;
use super::route::{Call, What};
use crate::model::{OutlookPhoto, OutlookPhotoCollection};

/// A GIF of one pixel is never larger.
const LARGEST_PLACEHOLDER: u64 = 1024;

/// The answer to a request whose photo Graph does not have.
pub(crate) async fn answer(
    ask: &Ask<'_>,
    legacy_root: &str,
    error: &Error,
) -> Result<Response<AnswerBody>, Refusal> {
    let call = ask.call;
    if matches!(call.what, What::Bytes | What::Exchange) {
        return Err(Refusal::no_photo(error));
    }
    if let Some(user) = &call.user {
        match ask.client.user(user).exists().await {
            Ok(true) => {}
            Ok(false) => return Err(Refusal::no_such_user()),
            // A token that may read photos and not users cannot tell; most users asked for exist.
            Err(refused) if refused.kind() == ErrorKind::Forbidden => {}
            Err(other) => return Err(other.into()),
        }
    }
    let context = Some(context(call, legacy_root));
    let document = match call.what {
        What::List => serde_json::to_vec(&OutlookPhotoCollection {
            odata_context: context,
            ..OutlookPhotoCollection::default()
        }),
        _ => serde_json::to_vec(&OutlookPhoto {
            odata_context: context,
            ..placeholder(&call.query)
        }),
    };
    // Structs of strings and numbers always serialise.
    let mut response = legacy_json(document.unwrap_or_default().into());
    answer::copy(error.headers(), response.headers_mut(), REQUEST_ID);
    Ok(response)
}

/// A photo that may be Graph's own placeholder, which was never what v2.0 gave for bytes.
pub(crate) async fn bytes(
    (headers, stream): (HeaderMap, ByteStream),
) -> Result<Response<AnswerBody>, Refusal> {
    let gif = headers
        .get(&CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"image/gif"));
    let small = stream
        .content_length()
        .is_some_and(|length| length <= LARGEST_PLACEHOLDER);
    if !gif || !small {
        return Ok(answer::photo(&headers, stream));
    }
    let bytes: Bytes = stream.bytes().await?;
    if is_placeholder_image(&bytes) {
        return Err(Refusal::no_photo_here());
    }
    let mut response = Response::new(AnswerBody::whole(bytes));
    answer::copy(&headers, response.headers_mut(), CONTENT_TYPE);
    answer::copy(&headers, response.headers_mut(), REQUEST_ID);
    Ok(response)
}

/// The documented example, as far as it was selected.
fn placeholder(query: &str) -> OutlookPhoto {
    let mut photo = OutlookPhoto::no_photo();
    if let Some(names) = selected(query) {
        photo.id = photo.id.filter(|_| selects(names, "id"));
        photo.width = photo.width.filter(|_| selects(names, "width"));
        photo.height = photo.height.filter(|_| selects(names, "height"));
    }
    photo
}

fn context(call: &Call<'_>, legacy_root: &str) -> String {
    let owner = match &call.user {
        None => "Me".to_owned(),
        Some(user) => format!("Users('{}')", user.replace('\'', "''")),
    };
    let rest = match call.what {
        What::List => "photos",
        _ if call.below.starts_with("/photos/") => "photos/$entity",
        _ => "photo/$entity",
    };
    format!("{legacy_root}/$metadata#{owner}/{rest}")
}
