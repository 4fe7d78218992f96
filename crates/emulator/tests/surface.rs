//! The demo tenant and the operations, over the wire.

mod support;

use graph_photo_emulator::{blocking::Emulator, demo_jpeg};
use support::{get, pixels, put, send, try_send};

const ADELE: &str = "11111111-0000-4000-8000-000000000001";

#[test]
fn the_demo_tenant_is_as_documented() {
    let emulator = Emulator::start().unwrap();
    let base = emulator.base_url();
    let side = |owner: &str| {
        let answer = get(&format!("{base}/{owner}/photo"));
        if answer.status != 200 {
            return answer.refusal();
        }
        let json = answer.json();
        let content = get(&format!("{base}/{owner}/photo/$value"));
        assert_eq!(content.status, 200, "{owner}");
        assert_eq!(content.header("content-type"), "image/jpeg", "{owner}");
        let (width, height) = pixels(&content.body);
        assert_eq!(
            (json["width"].as_u64(), json["height"].as_u64()),
            (Some(width.into()), Some(height.into())),
            "{owner}"
        );
        format!("{width}x{height}")
    };
    for (owner, expected) in [
        ("me", "648x648"),
        ("users/11111111-0000-4000-8000-000000000001", "648x648"),
        ("users/alex@contoso.com", "504x504"),
        ("users/11111111-0000-4000-8000-000000000002", "504x504"),
        ("users/megan@contoso.com", "256x256"),
        ("users/11111111-0000-4000-8000-000000000003", "256x256"),
        ("users/lidia@contoso.com", "404 ImageNotFound"),
        (
            "users/11111111-0000-4000-8000-000000000004",
            "404 ImageNotFound",
        ),
        ("users/nophoto@contoso.com", "404 ImageNotFound"),
        (
            "users/nomailbox@contoso.com",
            "404 MailboxNotEnabledForRESTAPI",
        ),
        ("users/nobody@contoso.com", "404 ImageNotFound"),
        ("groups/22222222-0000-4000-8000-000000000001", "360x360"),
        (
            "groups/22222222-0000-4000-8000-000000000002",
            "404 ImageNotFound",
        ),
        ("teams/22222222-0000-4000-8000-000000000001", "360x360"),
        (
            "team/22222222-0000-4000-8000-000000000002",
            "404 ImageNotFound",
        ),
        ("me/contacts/contact-1", "96x96"),
        ("me/contacts/contact-2", "404 ImageNotFound"),
        ("users/adele@contoso.com/contacts/contact-1", "96x96"),
        ("me/contactfolders/folder-1/contacts/contact-3", "120x120"),
        (
            "users/adele@contoso.com/contactFolders/folder-1/contacts/contact-3",
            "120x120",
        ),
        (
            "me/contactfolders/folder-1/contacts/contact-1",
            "404 ErrorItemNotFound",
        ),
        ("groups/no-such-group", "404 Request_ResourceNotFound"),
    ] {
        assert_eq!(side(owner), expected, "{owner}");
    }
}

#[test]
fn all_forty_three_operations_succeed_in_both_versions() {
    let group = "22222222-0000-4000-8000-000000000001";
    let owners = [
        ("me".to_owned(), true),
        ("users/alex@contoso.com".to_owned(), true),
        (format!("groups/{group}"), true),
        (format!("teams/{group}"), false),
        ("me/contacts/contact-1".to_owned(), false),
        (
            "users/adele@contoso.com/contacts/contact-1".to_owned(),
            false,
        ),
        (
            "me/contactFolders/folder-1/contacts/contact-3".to_owned(),
            false,
        ),
        (
            "users/adele@contoso.com/contactfolders/folder-1/contacts/contact-3".to_owned(),
            false,
        ),
    ];
    let picture = demo_jpeg(120, 10, "X").unwrap();
    for version in ["v1.0", "beta"] {
        let emulator = Emulator::start().unwrap();
        let call = |method: &str, path: String| {
            let body = matches!(method, "PUT" | "PATCH").then_some(&picture[..]);
            let url = format!("{}/{version}/{path}", emulator.root_url());
            let answer = send(method, &url, &[("content-type", "image/jpeg")], body);
            assert!(
                matches!(answer.status, 200 | 204),
                "{method} {path}: {}",
                answer.refusal()
            );
        };
        for (owner, sized) in &owners {
            call("GET", format!("{owner}/photo"));
            call("GET", format!("{owner}/photo/$value"));
            if *sized {
                call("GET", format!("{owner}/photos"));
                call("GET", format!("{owner}/photos/96x96"));
                call("GET", format!("{owner}/photos/96x96/$value"));
            }
            call("PUT", format!("{owner}/photo/$value"));
            if !owner.starts_with("teams") {
                call("PATCH", format!("{owner}/photo/$value"));
            }
        }
        // Last, so that the team still has its group's photo to show.
        for (owner, _) in owners.iter().filter(|(_, sized)| *sized) {
            call("DELETE", format!("{owner}/photo/$value"));
        }
        let operations: std::collections::BTreeSet<_> = emulator
            .requests()
            .into_iter()
            .map(|r| r.operation)
            .collect();
        assert_eq!(operations.len(), 43, "{operations:#?}");
    }
}

#[test]
fn metadata_has_the_observed_shape() {
    let emulator = Emulator::start().unwrap();
    let json = get(&format!(
        "{}/users/alex%40contoso.com/photo",
        emulator.base_url()
    ))
    .json();
    let keys: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys,
        [
            "@odata.context",
            "@odata.mediaContentType",
            "@odata.mediaEtag",
            "height",
            "id",
            "width"
        ]
    );
    assert_eq!(
        json["@odata.context"],
        "https://graph.microsoft.com/v1.0/$metadata#users('alex%40contoso.com')/photo/$entity"
    );
    assert_eq!(json["id"], "default");
    let etag = json["@odata.mediaEtag"].as_str().unwrap();
    assert!(
        etag.len() == 10 && etag.starts_with('"') && etag.ends_with('"'),
        "{etag}"
    );
    let sized = get(&format!("{}/me/photos/48X48", emulator.beta_url())).json();
    assert_eq!(sized["id"], "48x48");
    assert_eq!(
        sized["@odata.context"],
        "https://graph.microsoft.com/beta/$metadata#Me/photos/$entity"
    );
}

#[test]
fn every_size_up_to_the_upload_and_none_above() {
    let emulator = Emulator::start().unwrap();
    let alex = format!("{}/users/alex@contoso.com", emulator.base_url());
    let list = get(&format!("{alex}/photos")).json();
    let ids: Vec<_> = list["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|photo| photo["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        ids,
        [
            "48x48", "64x64", "96x96", "120x120", "240x240", "360x360", "432x432", "504x504"
        ]
    );
    for id in &ids {
        let content = get(&format!("{alex}/photos/{id}/$value"));
        let (width, height) = pixels(&content.body);
        assert_eq!(format!("{width}x{height}"), *id);
        assert_eq!(
            get(&format!("{alex}/photos('{}')", id.to_uppercase())).json()["width"],
            width
        );
    }
    for missing in ["648x648", "50x50", "large"] {
        let path = format!("{alex}/photos/{missing}");
        assert_eq!(get(&path).refusal(), "404 ImageNotFound");
        assert_eq!(
            get(&format!("{path}/$value")).refusal(),
            "404 ImageNotFound"
        );
    }
    assert_eq!(emulator.renders(), 1, "all sizes come of one decoding");
}

#[test]
fn upload_download_delete() {
    let emulator = Emulator::start().unwrap();
    let lidia = format!("{}/users/lidia@contoso.com/photo", emulator.base_url());
    let content = format!("{lidia}/$value");
    let picture = demo_jpeg(504, 10, "LH").unwrap();
    let uploaded = put(&content, "image/jpeg", &picture);
    assert_eq!((uploaded.status, uploaded.body.len()), (200, 0));
    assert_eq!(get(&content).body, picture, "the bytes come back verbatim");
    let etag = get(&lidia).json()["@odata.mediaEtag"].clone();

    let other = demo_jpeg(504, 200, "LH").unwrap();
    let patched = send(
        "PATCH",
        &content,
        &[("content-type", "image/jpeg")],
        Some(&other),
    );
    assert_eq!(patched.status, 200);
    assert_ne!(get(&lidia).json()["@odata.mediaEtag"], etag);

    assert_eq!(send("DELETE", &content, &[], None).status, 200);
    assert_eq!(get(&lidia).refusal(), "404 ImageNotFound");
    assert_eq!(
        send("DELETE", &content, &[], None).refusal(),
        "404 ImageNotFound"
    );
}

#[test]
fn a_team_shows_its_group() {
    let emulator = Emulator::start().unwrap();
    let id = "22222222-0000-4000-8000-000000000002";
    let picture = demo_jpeg(240, 90, "T").unwrap();
    let uploaded = put(
        &format!("{}/teams/{id}/photo/$value", emulator.base_url()),
        "image/jpeg",
        &picture,
    );
    assert_eq!((uploaded.status, uploaded.body.len()), (204, 0));
    let group = format!("{}/groups/{id}/photo/$value", emulator.base_url());
    assert_eq!(get(&group).body, picture);
}

#[test]
fn what_is_no_photo_is_refused() {
    let emulator = Emulator::start().unwrap();
    let url = format!("{}/me/photo/$value", emulator.base_url());
    let refused = |body: &[u8]| put(&url, "image/jpeg", body).refusal();
    assert_eq!(refused(b""), "500 ErrorInternalServerError");
    assert_eq!(refused(b"no image"), "500 ErrorInternalServerError");
    assert_eq!(
        refused(&demo_jpeg(96, 0, "X").unwrap()[..500]),
        "500 ErrorInternalServerError",
        "an image that ends early"
    );
    assert_eq!(
        refused(&demo_jpeg(47, 0, "X").unwrap()),
        "400 ValidationWidthTooSmall"
    );
    assert_eq!(refused(&vec![0xff; 4_194_305]), "413 RequestEntityTooLarge");
    let mut largest = demo_jpeg(648, 0, "X").unwrap().to_vec();
    largest.resize(4_194_304, 0);
    assert_eq!(put(&url, "image/jpeg", &largest).status, 200);
}

#[test]
fn without_a_token_there_is_nothing() {
    let emulator = Emulator::start().unwrap();
    let url = format!("{}/me/photo", emulator.base_url());
    for headers in [
        &[][..],
        &[("authorization", "Bearer ")],
        &[("authorization", "Basic YTpi")],
    ] {
        let answer = try_send("GET", &url, headers, None).unwrap();
        assert_eq!(answer.refusal(), "401 InvalidAuthenticationToken");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
}

#[test]
fn users_can_be_told_from_photos_and_walked() {
    let emulator = Emulator::start().unwrap();
    let base = emulator.base_url();
    let adele = get(&format!("{base}/users/ADELE@contoso.com?$select=id")).json();
    assert_eq!(adele["id"], ADELE);
    assert!(adele.get("displayName").is_none(), "{adele}");
    assert_eq!(get(&format!("{base}/me")).json()["id"], ADELE);
    assert_eq!(
        get(&format!("{base}/users/nobody@contoso.com?$select=id")).refusal(),
        "404 Request_ResourceNotFound"
    );

    let mut next = Some(format!("{base}/users?$top=4&$select=userPrincipalName"));
    let mut pages = Vec::new();
    while let Some(url) = next {
        let page = get(&url).json();
        pages.push(page["value"].as_array().unwrap().len());
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(pages, [4, 2]);
}

#[test]
fn errors_carry_graphs_envelope_and_headers() {
    let emulator = Emulator::start().unwrap();
    let answer = send(
        "GET",
        &format!("{}/users/lidia@contoso.com/photo", emulator.base_url()),
        &[("client-request-id", "my-own-id")],
        None,
    );
    let error = &answer.json()["error"];
    assert_eq!(
        error["message"],
        "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown."
    );
    assert_eq!(error["innerError"]["client-request-id"], "my-own-id");
    assert_eq!(
        error["innerError"]["request-id"],
        answer.header("request-id")
    );
    assert_eq!(error["innerError"]["date"].as_str().unwrap().len(), 19);
    assert_eq!(answer.header("client-request-id"), "my-own-id");
    assert!(answer.header("x-ms-ags-diagnostic").contains("ServerInfo"));
}

#[test]
fn the_log_tells_what_was_asked() {
    let emulator = Emulator::start().unwrap();
    get(&format!("{}/me/photo?$select=id", emulator.base_url()));
    let requests = emulator.requests();
    let [request] = &requests[..] else {
        panic!("{requests:?}")
    };
    assert_eq!(request.operation, "me_get_photo");
    assert_eq!(request.target, "/v1.0/me/photo?$select=id");
    assert_eq!((request.status, request.method.as_str()), (200, "GET"));
    assert_eq!(request.header("authorization"), Some("Bearer ***"));
}

#[test]
fn head_is_get_without_the_body() {
    let emulator = Emulator::start().unwrap();
    for path in [
        "me/photo",
        "me/photo/$value",
        "users/lidia@contoso.com/photo",
    ] {
        let url = format!("{}/{path}", emulator.base_url());
        let head = send("HEAD", &url, &[], None);
        let get = get(&url);
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-length"), get.body.len().to_string());
        assert_eq!(head.header("content-type"), get.header("content-type"));
        assert!(head.body.is_empty());
    }
}

#[tokio::test]
async fn dropping_it_closes_the_port() {
    let emulator = graph_photo_emulator::Emulator::start().await.unwrap();
    let address = emulator.address();
    std::net::TcpStream::connect(address).unwrap();
    drop(emulator);
    assert!(std::net::TcpStream::connect(address).is_err());
}
