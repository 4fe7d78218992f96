//! Graph's answers in the shape that the Outlook REST API gave them.
//!
//! What `OutlookClient` needs besides a client; nothing here sends anything, so that
//! the async and the blocking one cannot differ in it.

use std::time::SystemTime;

use bytes::Bytes;
use graph_photo_model::types::{ProfilePhoto, ProfilePhotoCollectionResponse};
use graph_photo_model::{Error, ErrorKind, Operation, Photo, Response};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::model::{OutlookPhoto, OutlookPhotoCollection};
use crate::url::{Notes, photo_size};

/// The legacy service answered every success with 200, whatever 2xx Graph gives.
const SUCCESS: StatusCode = StatusCode::OK;

/// Metadata. Graph may say `default` where the legacy service said `648X648`.
pub(crate) fn photo(answer: Response<ProfilePhoto>) -> Response<OutlookPhoto> {
    let (_, headers, photo) = answer.into_parts();
    let mut photo = OutlookPhoto::from(photo);
    photo.derive_id();
    Response::new(SUCCESS, headers, photo)
}

/// The list of sizes.
pub(crate) fn photos(
    answer: Response<ProfilePhotoCollectionResponse>,
) -> Response<OutlookPhotoCollection> {
    let (_, headers, photos) = answer.into_parts();
    let mut photos = OutlookPhotoCollection::from(photos);
    photos.value.iter_mut().for_each(OutlookPhoto::derive_id);
    Response::new(SUCCESS, headers, photos)
}

/// What stands for "no photo" where Graph answered `no_photo`.
pub(crate) fn without_photo<T>(no_photo: &Error, placeholder: T) -> Response<T> {
    Response::new(SUCCESS, no_photo.headers().clone(), placeholder)
}

/// The bytes of a photo. Without one the legacy service answered 404, so Graph's documented placeholder, a gif of one
/// pixel, becomes that too.
pub(crate) fn value(
    operation: &'static Operation,
    answer: Response<Bytes>,
) -> Result<Response<Bytes>, Error> {
    let (status, headers, bytes) = answer.into_parts();
    match Photo::from_answer(operation, Response::new(status, headers.clone(), bytes))? {
        Some(photo) => Ok(Response::new(SUCCESS, headers, photo.into_bytes())),
        None => Err(not_found(
            Some(operation),
            &headers,
            "ErrorItemNotFound",
            "there is no photo",
        )),
    }
}

/// A photo that was set.
pub(crate) fn set(answer: Response<()>) -> Response<()> {
    let (_, headers, ()) = answer.into_parts();
    Response::new(SUCCESS, headers, ())
}

/// Graph's answer to a missing photo, once the directory has said that it does not know the user either.
pub(crate) fn no_such_user(no_photo: &Error) -> Error {
    not_found(
        no_photo.operation(),
        no_photo.headers(),
        "Request_ResourceNotFound",
        "the directory knows no such user",
    )
}

fn not_found(
    operation: Option<&'static Operation>,
    headers: &HeaderMap,
    code: &str,
    message: &str,
) -> Error {
    let body = json!({ "error": { "code": code, "message": message } }).to_string();
    Error::from_response(
        operation,
        StatusCode::NOT_FOUND,
        headers.clone(),
        body.as_bytes(),
        SystemTime::now(),
    )
}

/// A size as Graph spells it.
pub(crate) fn size(legacy: &str) -> Result<String, Error> {
    photo_size(legacy, &mut Notes::unread()).map_err(|reason| {
        Error::local(ErrorKind::InvalidInput, reason.to_string()).with_source(reason)
    })
}
