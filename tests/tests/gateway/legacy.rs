//! The API as callers knew it.

use graph_photo_emulator::{Emulator, NoPhoto, demo_jpeg};
use http::Method;
use serde_json::json;

use crate::support::{demo, start, to};

#[tokio::test]
async fn metadata_is_in_the_callers_version() {
    let (_emulator, gateway) = demo().await;
    for (path, version) in [
        ("/api/v2.0/me/photo", "v2.0"),
        ("/api/v2.0/Me/Photo/", "v2.0"),
        ("/API/V2.0/me/photo", "v2.0"),
        ("/api/v1.0/me/photo", "v1.0"),
        ("/api/beta/me/photo", "beta"),
    ] {
        let seen = gateway.get(path).await;
        assert_eq!(seen.status, 200, "{path}");
        let document = seen.json();
        let context =
            format!("https://outlook.office.com/api/{version}/$metadata#Me/photo/$entity");
        assert_eq!(document["@odata.context"], context, "{path}");
        // Graph says "default".
        assert_eq!(document["Id"], "648X648");
        assert_eq!(document["Width"], 648);
        assert_eq!(document["@odata.mediaContentType"], "image/jpeg");
        assert_eq!(seen.header("odata-version"), "4.0");
        assert!(
            seen.header("content-type")
                .starts_with("application/json; odata.metadata=minimal")
        );
        assert!(!seen.header("request-id").is_empty());
    }
}

#[tokio::test]
async fn selected_names_are_translated() {
    let (emulator, gateway) = demo().await;
    for (query, graph, expected) in [
        ("$select=Width", "$select=width", json!({ "Width": 648 })),
        (
            "%24select=Width,Height",
            "$select=width,height",
            json!({ "Width": 648, "Height": 648 }),
        ),
        // The id is made of what was not selected.
        (
            "%24select=Id",
            "$select=id,width,height",
            json!({ "Id": "648X648" }),
        ),
        (
            "$select=Id&timestamp=2020",
            "$select=id,width,height",
            json!({ "Id": "648X648" }),
        ),
    ] {
        let seen = gateway.get(&format!("/api/v2.0/me/photo?{query}")).await;
        let mut document = seen.json();
        document
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !name.starts_with('@'));
        assert_eq!(document, expected, "{query}");
        let requests = emulator.requests();
        assert_eq!(
            requests.last().unwrap().target,
            format!("/v1.0/me/photo?{graph}")
        );
    }
}

#[tokio::test]
async fn sizes_are_listed_and_read_in_both_spellings() {
    let (_emulator, gateway) = demo().await;
    for version in ["v2.0", "beta"] {
        let list = gateway
            .get(&format!("/api/{version}/me/photos"))
            .await
            .json();
        let ids: Vec<_> = list["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|photo| &photo["Id"])
            .collect();
        assert!(ids.iter().any(|id| **id == "48X48"), "{ids:?}");
        for spelled in ["photos('48x48')", "Photos('48X48')", "photos/48x48"] {
            let seen = gateway.get(&format!("/api/{version}/me/{spelled}")).await;
            assert_eq!(seen.json()["Id"], "48X48", "{spelled}");
            let bytes = gateway
                .get(&format!("/api/{version}/me/{spelled}/$value"))
                .await;
            assert_eq!(
                (bytes.status, bytes.header("content-type")),
                (200, "image/jpeg")
            );
            assert_eq!(bytes.header("content-length"), bytes.body.len().to_string());
        }
    }
    let seen = gateway.get("/api/v2.0/me/photos('large')").await;
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (400, "ErrorInvalidRequest")
    );
}

#[tokio::test]
async fn a_photo_is_set_by_put_and_by_patch() {
    let (emulator, gateway) = demo().await;
    let photo = demo_jpeg(504, 120, "G").unwrap();
    for (method, path, content_type) in [
        ("PUT", "/api/v2.0/me/photo/$value", "image/jpeg"),
        ("PATCH", "/api/v2.0/me/photo/$value", "image/jpg"),
        (
            "PUT",
            "/api/beta/Users('lidia@contoso.com')/photo/$value",
            "application/octet-stream",
        ),
        (
            "PATCH",
            "/api/beta/users/lidia@contoso.com/photo/$value",
            "",
        ),
    ] {
        let mut headers = vec![("authorization", "Bearer any")];
        if !content_type.is_empty() {
            headers.push(("content-type", content_type));
        }
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let seen = gateway
            .send(method.clone(), path, &headers, Some(photo.clone()))
            .await;
        assert_eq!((seen.status, seen.body.len()), (200, 0), "{method} {path}");
        let requests = emulator.requests();
        let sent = requests.last().unwrap();
        assert_eq!(sent.method, method.as_str());
        assert_eq!(sent.header("content-type"), Some("image/jpeg"));
        assert_eq!(
            sent.header("content-length"),
            Some(photo.len().to_string().as_str())
        );
        let back = gateway.get(path).await;
        assert_eq!(back.body, photo);
    }
}

#[tokio::test]
async fn no_photo_is_the_placeholder_and_an_unknown_user_is_not() {
    for placeholder in [NoPhoto::NotFound, NoPhoto::Placeholder] {
        let emulator = Emulator::builder()
            .no_photo(placeholder)
            .start()
            .await
            .unwrap();
        let gateway = start(to(&emulator.root_url()));
        let path = "/api/v2.0/Users('lidia@contoso.com')/photo";
        let seen = gateway.get(path).await;
        assert_eq!(seen.status, 200);
        let document = seen.json();
        assert_eq!(document["Id"], "1X1");
        assert_eq!(
            (&document["Width"], &document["Height"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(document["@odata.mediaContentType"], "image/gif");
        assert_eq!(document["@odata.mediaEtag"], "");
        let context = document["@odata.context"].as_str().unwrap();
        assert!(
            context.starts_with("https://outlook.office.com/api/v2.0/$metadata#Users("),
            "{context}"
        );

        let seen = gateway.get(&format!("{path}/$value")).await;
        assert_eq!(
            (seen.status, seen.code().as_str()),
            (404, "ErrorItemNotFound")
        );
    }

    let (emulator, gateway) = demo().await;
    let path = "/api/v2.0/Users('nobody@contoso.com')/photo";
    let seen = gateway.get(path).await;
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (404, "Request_ResourceNotFound")
    );
    let asked = emulator.requests().last().unwrap().target.clone();
    assert_eq!(asked, "/v1.0/users/nobody%40contoso.com?$select=id");
    assert_eq!(gateway.get(&format!("{path}/$value")).await.status, 404);
    let selected = gateway
        .get("/api/v2.0/Users('lidia@contoso.com')/photo?$select=Width")
        .await
        .json();
    assert_eq!((&selected["Width"], selected.get("Id")), (&json!(1), None));
    let list = gateway
        .get("/api/beta/Users('lidia@contoso.com')/photos")
        .await;
    assert_eq!((list.status, &list.json()["value"]), (200, &json!([])));
}

#[tokio::test]
async fn a_client_request_id_comes_back_and_reaches_graph() {
    let (emulator, gateway) = demo().await;
    let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let headers = [("authorization", "Bearer any"), ("client-request-id", id)];
    for path in [
        "/api/v2.0/me/photo",
        "/api/v2.0/me/photo/$value",
        "/api/v2.0/me/nothing",
    ] {
        let seen = gateway.send(Method::GET, path, &headers, None).await;
        assert_eq!(seen.header("client-request-id"), id, "{path}");
    }
    emulator.assert_header("client-request-id", id);
    // One that could be anything is not handed on.
    let long = "x".repeat(300);
    let headers = [
        ("authorization", "Bearer any"),
        ("client-request-id", long.as_str()),
    ];
    let seen = gateway
        .send(Method::GET, "/api/v2.0/me/photo", &headers, None)
        .await;
    assert_eq!((seen.status, seen.header("client-request-id")), (200, ""));
}

#[tokio::test]
async fn heads_have_no_body() {
    let (_emulator, gateway) = demo().await;
    let full = gateway.get("/api/v2.0/me/photo/$value").await;
    let headers = [("authorization", "Bearer any")];
    let head = gateway
        .send(Method::HEAD, "/api/v2.0/me/photo/$value", &headers, None)
        .await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), full.body.len().to_string());
}

#[tokio::test]
async fn errors_of_graph_have_the_legacy_shape() {
    let fault = "kind=status,status=503,retry-after=7,path=/me/photo"
        .parse()
        .unwrap();
    let html = "kind=html,status=502,path=/users/*".parse().unwrap();
    let emulator = Emulator::builder()
        .fault(fault)
        .fault(html)
        .start()
        .await
        .unwrap();
    let gateway = start(to(&emulator.root_url()));
    let seen = gateway.get("/api/v2.0/me/photo").await;
    assert_eq!((seen.status, seen.header("retry-after")), (503, "7"));
    seen.code();
    assert!(
        seen.json()["error"]["innerError"]["request-id"].is_string(),
        "{:?}",
        seen.json()
    );
    assert!(!seen.header("request-id").is_empty());
    let seen = gateway
        .get("/api/v2.0/Users('alex@contoso.com')/photo/$value")
        .await;
    assert_eq!((seen.status, seen.code().as_str()), (502, "UnknownError"));
}

#[tokio::test]
async fn nobody_listens_where_graph_should_be() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let gateway = start(to(&format!("http://{free}")));
    let seen = gateway.get("/api/v2.0/me/photo").await;
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (502, "ErrorInternalServerError")
    );
    assert!(
        !seen.message().contains(&free.to_string()),
        "{}",
        seen.message()
    );
}
