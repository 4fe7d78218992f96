//! Every request, permission and response of Microsoft's reference for the Outlook v2.0 user photo API.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use graph_photo_compat::json::Translator;
use graph_photo_compat::scope::{self, GraphScope};
use graph_photo_compat::url::{self, Mapping};

/// Method and URL of each request, the Graph URL and the operation in its place.
const REQUESTS: [(&str, &str, &str, &str); 8] = [
    ("GET", "me/photo", "me/photo", "me_get_photo"),
    (
        "GET",
        "Users('a@b.c')/photo",
        "users/a@b.c/photo",
        "user_get_photo",
    ),
    (
        "GET",
        "me/photo/$value",
        "me/photo/$value",
        "me_get_photo_content",
    ),
    (
        "GET",
        "Users('a@b.c')/photo/$value",
        "users/a@b.c/photo/$value",
        "user_get_photo_content",
    ),
    (
        "PATCH",
        "me/photo/$value",
        "me/photo/$value",
        "me_patch_photo_content",
    ),
    (
        "PATCH",
        "users('a@b.c')/photo/$value",
        "users/a@b.c/photo/$value",
        "user_patch_photo_content",
    ),
    (
        "PUT",
        "me/photo/$value",
        "me/photo/$value",
        "me_put_photo_content",
    ),
    (
        "PUT",
        "users('a@b.c')/photo/$value",
        "users/a@b.c/photo/$value",
        "user_put_photo_content",
    ),
];

#[test]
fn requests() {
    for (method, legacy, graph, name) in REQUESTS {
        let legacy = format!("https://outlook.office.com/api/v2.0/{legacy}");
        let Ok(Mapping::Photo(request)) = url::to_graph(&legacy) else {
            panic!("{legacy}")
        };
        assert_eq!(
            request.url,
            format!("https://graph.microsoft.com/v1.0/{graph}")
        );
        let operation = request
            .operations
            .iter()
            .find(|operation| operation.method == method);
        assert_eq!(
            operation.map(|operation| operation.name),
            Some(name),
            "{method} {legacy}"
        );
    }
}

#[test]
fn permissions() {
    let any = ["user.readbasic.all", "user.read.all", "user.readwrite.all"];
    let own = ["user.read", "user.readwrite"];
    let set = ["user.readwrite"];
    for (scopes, least) in [
        (&any[..], "ProfilePhoto.Read"),
        (&own, "ProfilePhoto.Read"),
        (&set, "ProfilePhoto.ReadWrite.All"),
    ] {
        for legacy in scopes {
            let GraphScope::Photo(photo) = scope::to_graph(legacy).unwrap() else {
                panic!("{legacy}")
            };
            assert!(photo.scope.eq_ignore_ascii_case(legacy), "the name stays");
            assert!(
                photo.least_privileged.starts_with(least),
                "{legacy}: {}",
                photo.least_privileged
            );
        }
    }
}

/// The response with a photo and the one without: content type, etag, id, width and height.
const RESPONSES: [(&str, &str, &str, u32); 2] = [
    ("image/jpeg", r#"\"BA09D118\""#, "240X240", 240),
    ("image/gif", "", "1X1", 1),
];

#[test]
fn responses() {
    let key = "ddfcd489-628b-7d04-b48b-20075df800e5@1717622f-1d94-c0d4-9d74-f907ad6677b4";
    for (content_type, etag, id, size) in RESPONSES {
        let document = |root: &str, users: &str, names: [&str; 3], id: &str| {
            format!(
                r#"{{
    "@odata.context": "{root}/$metadata#Me/photo/$entity",
    "@odata.id": "{root}/{users}('{key}')/photo",
    "@odata.mediaContentType": "{content_type}",
    "@odata.mediaEtag": "{etag}",
    "{}": "{id}",
    "{}": {size},
    "{}": {size}
}}"#,
                names[0], names[1], names[2]
            )
        };
        let legacy = document(
            "https://outlook.office.com/api/v2.0",
            "Users",
            ["Id", "Width", "Height"],
            id,
        );
        // As Graph's own page has the same photo.
        let graph = document(
            "https://graph.microsoft.com/v1.0",
            "users",
            ["id", "width", "height"],
            &id.to_lowercase(),
        );
        assert_eq!(
            Translator::to_graph().translate_str(&legacy).unwrap(),
            graph
        );
        assert_eq!(
            Translator::to_outlook().translate_str(&graph).unwrap(),
            legacy
        );
    }
}
