//! What a method does on an addressed resource, and what the service refuses.
//!
//! Microsoft's OpenAPI offers more than the service does. The refusals here
//! are the ones that callers reported.

use http::{Method, StatusCode};

use crate::errors::Refusal;
use crate::route::{OwnerPath, PhotoPart, Resource, Route};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    GetPhoto,
    GetPhotoContent,
    ListPhotos,
    GetPhotoBySize,
    GetPhotoContentBySize,
    PutPhotoContent,
    PatchPhotoContent,
    DeletePhotoContent,
    GetUser,
    ListUsers,
    Batch,
}

impl Action {
    /// The second half of an operation's name, as in `me_get_photo`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Action::GetPhoto => "get_photo",
            Action::GetPhotoContent => "get_photo_content",
            Action::ListPhotos => "list_photos",
            Action::GetPhotoBySize => "get_photo_by_size",
            Action::GetPhotoContentBySize => "get_photo_content_by_size",
            Action::PutPhotoContent => "put_photo_content",
            Action::PatchPhotoContent => "patch_photo_content",
            Action::DeletePhotoContent => "delete_photo_content",
            Action::GetUser => "get_user",
            Action::ListUsers => "list_users",
            Action::Batch => "batch",
        }
    }

    pub(crate) fn is_upload(self) -> bool {
        matches!(self, Action::PutPhotoContent | Action::PatchPhotoContent)
    }
}

/// The operation's name as the clients have it, `me_get_photo`, where it is one
/// of the 43; otherwise the action alone.
pub(crate) fn name(route: &Route, action: Action) -> String {
    match &route.resource {
        Resource::Photo { owner, .. } => format!("{}_{}", owner.prefix(), action.as_str()),
        _ => action.as_str().to_owned(),
    }
}

/// Finds the action, or how the service refuses the method. `path` is quoted
/// in the one refusal that quotes it.
pub(crate) fn action(route: &Route, method: &Method, path: &str) -> Result<Action, Refusal> {
    // HEAD is GET without the body, everywhere.
    let get = method == Method::GET || method == Method::HEAD;
    let (owner, part) = match &route.resource {
        Resource::Photo { owner, part } => (owner, part),
        Resource::User(_) if get => return Ok(Action::GetUser),
        Resource::Users if get => return Ok(Action::ListUsers),
        Resource::User(_) | Resource::Users => {
            return Err(Refusal::method_not_allowed("GET, HEAD"));
        }
        Resource::Batch if method == Method::POST => return Ok(Action::Batch),
        Resource::Batch => return Err(Refusal::method_not_allowed("POST")),
    };
    match part {
        PhotoPart::OldSized => Err(Refusal::unsupported_segment(&graph_path(path))),
        PhotoPart::Sizes | PhotoPart::Count | PhotoPart::Sized(_) | PhotoPart::SizedContent(_)
            if !owner.has_sizes() =>
        {
            Err(Refusal::unsupported_segment(&graph_path(path)))
        }
        PhotoPart::Count if get => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "BadRequest",
            "The list of sizes is fixed; counting it is not supported.",
        )),
        PhotoPart::Metadata if get => Ok(Action::GetPhoto),
        PhotoPart::Sizes if get => Ok(Action::ListPhotos),
        PhotoPart::Sized(_) if get => Ok(Action::GetPhotoBySize),
        PhotoPart::SizedContent(_) if get => Ok(Action::GetPhotoContentBySize),
        PhotoPart::Content => content_action(owner, method, get),
        _ => Err(Refusal::method_not_allowed("GET, HEAD")),
    }
}

fn content_action(owner: &OwnerPath, method: &Method, get: bool) -> Result<Action, Refusal> {
    let allow = match owner {
        OwnerPath::User(_) | OwnerPath::Group(_) => "GET, HEAD, PUT, PATCH, DELETE",
        OwnerPath::Contact { .. } => "GET, HEAD, PUT, PATCH",
        OwnerPath::Team(_) => "GET, HEAD, PUT",
    };
    if get {
        Ok(Action::GetPhotoContent)
    } else if method == Method::PUT {
        Ok(Action::PutPhotoContent)
    } else if method == Method::PATCH && !matches!(owner, OwnerPath::Team(_)) {
        Ok(Action::PatchPhotoContent)
    } else if method == Method::DELETE && owner.has_sizes() {
        Ok(Action::DeletePhotoContent)
    } else if method == Method::DELETE {
        Err(Refusal::odata_not_supported(allow))
    } else {
        Err(Refusal::method_not_allowed(allow))
    }
}

/// The path without its version, as Graph quotes it.
fn graph_path(path: &str) -> String {
    let rest = path
        .trim_start_matches('/')
        .split_once('/')
        .map_or("", |(_, rest)| rest);
    format!("/{}", crate::errors::shorten(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: Method, path: &str) -> Result<String, (u16, String)> {
        let route = crate::route::route(path).unwrap();
        action(&route, &method, path)
            .map(|action| name(&route, action))
            .map_err(|r| (r.status.as_u16(), r.code.into_owned()))
    }

    #[test]
    fn the_product_has_forty_three_operations() {
        let owners = [
            "me",
            "users/u",
            "groups/g",
            "teams/t",
            "me/contacts/c",
            "users/u/contacts/c",
            "me/contactFolders/f/contacts/c",
            "users/u/contactFolders/f/contacts/c",
        ];
        let mut names = std::collections::BTreeSet::new();
        for owner in owners {
            for part in [
                "photo",
                "photo/$value",
                "photos",
                "photos/48x48",
                "photos/48x48/$value",
            ] {
                for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
                    names.extend(find(method, &format!("/v1.0/{owner}/{part}")).ok());
                }
            }
        }
        assert_eq!(names.len(), 43, "{names:#?}");
    }

    #[test]
    fn refusals_are_the_observed_ones() {
        let refused = |method, path| find(method, path).unwrap_err();
        let code = |s: u16, c: &str| (s, c.to_owned());
        let bad_method = code(405, "Request_BadRequest");
        assert_eq!(refused(Method::PATCH, "/v1.0/me/photo"), bad_method);
        assert_eq!(refused(Method::DELETE, "/v1.0/me/photo"), bad_method);
        assert_eq!(
            refused(Method::PUT, "/v1.0/me/photos/48x48/$value"),
            bad_method
        );
        assert_eq!(
            refused(Method::PATCH, "/v1.0/teams/t/photo/$value"),
            bad_method
        );
        assert_eq!(refused(Method::POST, "/v1.0/me"), bad_method);
        assert_eq!(
            refused(Method::DELETE, "/v1.0/me/contacts/c/photo/$value"),
            code(405, "ErrorInvalidRequest")
        );
        let segment = code(400, "BadRequest");
        assert_eq!(refused(Method::GET, "/v1.0/me/photos/$count"), segment);
        assert_eq!(refused(Method::GET, "/v1.0/me/photo/48x48/$value"), segment);
        assert_eq!(
            refused(Method::GET, "/v1.0/me/contacts/c/photos/48x48/$value"),
            segment
        );
        assert_eq!(refused(Method::GET, "/v1.0/teams/t/photos/48x48"), segment);
    }
}
