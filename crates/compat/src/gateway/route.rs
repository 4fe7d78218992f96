//! What a request asks for. What is no photo of the legacy API is not served at all.

use std::borrow::Cow;

use graph_photo_model::operations::OPERATIONS;
use graph_photo_model::{Operation, wire};
use http::{Method, StatusCode, Uri};

use super::refusal::Refusal;
use crate::url::{PhotoParts, Understood, Unmappable, target_to_graph};

/// The form of a request: all that is counted and logged of its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    /// The legacy version, `ews`, or `none`.
    pub(crate) version: &'static str,
    /// The path with `{user}` and `{size}` in it.
    pub(crate) path: &'static str,
}

/// The form of everything that is not served.
pub(crate) const OTHER: Form = Form {
    version: "none",
    path: "other",
};

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Metadata of one photo.
    Metadata,
    /// Metadata of all sizes.
    List,
    /// The bytes.
    Bytes,
    /// Setting the photo.
    Set,
    /// Exchange's way of asking for the bytes.
    Exchange,
}

/// A request for a photo.
#[derive(Debug)]
pub(crate) struct Call<'url> {
    pub(crate) what: What,
    pub(crate) form: Form,
    /// The user; `None` for `/me`.
    pub(crate) user: Option<Cow<'url, str>>,
    /// The path below the user: `/photos/96x96/$value`.
    pub(crate) below: Cow<'static, str>,
    /// The query for Graph with its question mark, or nothing.
    pub(crate) query: String,
    /// Method for Graph.
    pub(crate) method: Method,
    /// The operation for `/me`, or for a user.
    operation: &'static str,
}

impl Call<'_> {
    /// A path and query on Graph below the version. Users are written as our clients write them.
    pub(crate) fn target(&self, below: &str, query: &str) -> Result<String, graph_photo::Error> {
        let user = match &self.user {
            None => None,
            Some(user) => Some(wire::encode_path("user-id", user)?),
        };
        let (owner, user) = match &user {
            None => ("/me", ""),
            Some(user) => ("/users/", user.as_ref()),
        };
        // By hand: `concat` runs more code than all of this, and each request finds it in a cold cache.
        let parts = [owner, user, below, query];
        let mut target = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        parts.iter().for_each(|part| target.push_str(part));
        Ok(target)
    }

    /// The operation of the clients, for spans and errors.
    pub(crate) fn operation(&self) -> &'static Operation {
        static UNLISTED: Operation = Operation::new("legacy_photo", "", "");
        let name = match self.operation.strip_prefix("me_") {
            // `/me`, and the gateway knows who that is.
            Some(action) if self.user.is_some() => Cow::from(["user_", action].concat()),
            _ => self.operation.into(),
        };
        OPERATIONS
            .binary_search_by_key(&name.as_ref(), |known| known.name)
            .ok()
            .and_then(|place| OPERATIONS.get(place).copied())
            .unwrap_or(&UNLISTED)
    }

    pub(crate) fn is_beta(&self) -> bool {
        self.form.version == "beta"
    }
}

/// Leads a request to the photo it asks for. The form is known of some requests that are refused.
pub(crate) fn route<'url>(method: &Method, uri: &'url Uri) -> (Form, Result<Call<'url>, Refusal>) {
    let path = uri.path();
    if !path.starts_with('/') {
        return (OTHER, Err(not_served("this target")));
    }
    // Whatever host the request names, it is the gateway; Graph is where the configuration says.
    let parts = match target_to_graph(path, uri.query().unwrap_or_default()) {
        Ok(Understood::Photo(parts)) => parts,
        Ok(Understood::AttachmentSession) => {
            let refusal = not_served(
                "attachment sessions; send them to the URL that Graph gave out, unchanged",
            );
            return (OTHER, Err(refusal));
        }
        Err(fault @ (Unmappable::BadSegment(_) | Unmappable::NoUser | Unmappable::BadSize(_))) => {
            let refusal = Refusal::new(
                StatusCode::BAD_REQUEST,
                "ErrorInvalidRequest",
                format!("{fault}."),
            );
            return (OTHER, Err(refusal));
        }
        Err(_) => return (OTHER, Err(not_served("this path"))),
    };
    let form = Form {
        version: parts.version,
        path: parts.template,
    };
    (form, call(method, form, parts))
}

fn call<'url>(method: &Method, form: Form, parts: PhotoParts<'url>) -> Result<Call<'url>, Refusal> {
    let wanted = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let Some(operation) = parts
        .operations
        .iter()
        .find(|operation| wanted == operation.method)
    else {
        let methods: Vec<_> = parts
            .operations
            .iter()
            .map(|operation| operation.method)
            .collect();
        return Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "ErrorInvalidRequest",
            format!(
                "The method is not allowed here; {} are.",
                methods.join(", ")
            ),
        )
        .allowing(methods.join(", ")));
    };
    let what = if form.version == "ews" {
        What::Exchange
    } else if wanted != Method::GET {
        What::Set
    } else if parts.below.ends_with("/$value") {
        What::Bytes
    } else if parts.below == "/photos" {
        What::List
    } else {
        What::Metadata
    };
    Ok(Call {
        what,
        form,
        user: parts.user,
        below: parts.below,
        query: parts.query,
        method: wanted.clone(),
        operation: operation.name,
    })
}

fn not_served(what: &str) -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "ErrorInvalidRequest",
        format!(
            "The gateway serves user photos of the Outlook REST API and nothing else; not {what}."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::routes::ROUTES;

    #[test]
    fn every_operation_of_a_route_is_one_of_the_clients() {
        let names = ROUTES
            .iter()
            .flat_map(|route| route.operations)
            .map(|operation| operation.name);
        for name in names {
            let mut call = Call {
                what: What::Bytes,
                form: OTHER,
                user: name.strip_prefix("user_").map(Into::into),
                below: "".into(),
                query: String::new(),
                method: Method::GET,
                operation: name,
            };
            assert_eq!(call.operation().name, name);
            // The gateway may know who `/me` is.
            call.user = Some("adele@contoso.com".into());
            assert_eq!(call.operation().name, name.replacen("me_", "user_", 1));
        }
    }
}
