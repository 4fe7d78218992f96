//! Every form of legacy photo URL that is known from Microsoft's pages and from callers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use graph_photo_compat::url::{Mapping, PhotoRequest, Unmappable, to_graph};

fn photo(url: &str) -> PhotoRequest {
    match to_graph(url) {
        Ok(Mapping::Photo(request)) => request,
        other => panic!("{url}: {other:?}"),
    }
}

fn names(request: &PhotoRequest) -> Vec<String> {
    request
        .operations
        .iter()
        .map(|operation| format!("{} {}", operation.method, operation.name))
        .collect()
}

#[test]
fn rest_paths() {
    let set = |owner: &str| {
        [
            "GET {}_get_photo_content",
            "PUT {}_put_photo_content",
            "PATCH {}_patch_photo_content",
        ]
        .map(|name| name.replace("{}", owner))
        .to_vec()
    };
    let get = |name: &str| vec![format!("GET {name}")];
    let cases = [
        ("v2.0/me/photo", "v1.0/me/photo", get("me_get_photo")),
        ("v2.0/me/photo/$value", "v1.0/me/photo/$value", set("me")),
        ("v2.0/me/photos", "v1.0/me/photos", get("me_list_photos")),
        (
            "beta/me/photos('96x96')",
            "beta/me/photos/96x96",
            get("me_get_photo_by_size"),
        ),
        (
            "beta/me/photos/96X96",
            "beta/me/photos/96x96",
            get("me_get_photo_by_size"),
        ),
        (
            "beta/me/photos('96x96')/$value",
            "beta/me/photos/96x96/$value",
            get("me_get_photo_content_by_size"),
        ),
        (
            "v2.0/me/photos/HR48x48/$value",
            "v1.0/me/photos/48x48/$value",
            get("me_get_photo_content_by_size"),
        ),
        (
            "v2.0/Users('a@b.c')/photo",
            "v1.0/users/a@b.c/photo",
            get("user_get_photo"),
        ),
        (
            "v2.0/users('a@b.c')/photo/$value",
            "v1.0/users/a@b.c/photo/$value",
            set("user"),
        ),
        (
            "v2.0/users/a@b.c/photo/$value",
            "v1.0/users/a@b.c/photo/$value",
            set("user"),
        ),
        (
            "v1.0/users/a@b.c/photos",
            "v1.0/users/a@b.c/photos",
            get("user_list_photos"),
        ),
        (
            "beta/Users('x')/photos('648X648')",
            "beta/users/x/photos/648x648",
            get("user_get_photo_by_size"),
        ),
        (
            "beta/users/x/photos('64x64')/$value",
            "beta/users/x/photos/64x64/$value",
            get("user_get_photo_content_by_size"),
        ),
    ];
    for (legacy, graph, operations) in cases {
        let request = photo(&format!("https://outlook.office.com/api/{legacy}"));
        assert_eq!(
            request.url,
            format!("https://graph.microsoft.com/{graph}"),
            "{legacy}"
        );
        assert_eq!(names(&request), operations, "{legacy}");
        assert!(request.equivalent);
    }
}

#[test]
fn hosts() {
    for (host, graph, cloud) in [
        ("outlook.office.com", "graph.microsoft.com", "global"),
        ("OUTLOOK.Office365.com", "graph.microsoft.com", "global"),
        ("outlook.office.com:443", "graph.microsoft.com", "global"),
        ("outlook.office365.us", "graph.microsoft.us", "us-gov-l4"),
        (
            "outlook-dod.office365.us",
            "dod-graph.microsoft.us",
            "us-gov-l5",
        ),
        (
            "partner.outlook.cn",
            "microsoftgraph.chinacloudapi.cn",
            "china",
        ),
    ] {
        for scheme in ["https://", "HTTP://", "//"] {
            let request = photo(&format!("{scheme}{host}/api/v2.0/me/photo/$value"));
            assert_eq!(request.url, format!("https://{graph}/v1.0/me/photo/$value"));
            assert_eq!(request.cloud, cloud);
        }
    }
    // As Microsoft's lists of the US Government roots have it.
    assert_eq!(
        photo("https://outlook.office365.us/v2.0/me/photo").url,
        "https://graph.microsoft.us/v1.0/me/photo"
    );
}

#[test]
fn spellings() {
    for legacy in [
        "https://outlook.office.com/api/v2.0/me/photo/$value",
        "https://outlook.office.com/API/V2.0/Me/Photo/$Value",
        "https://outlook.office.com/api/v2.0/me/photo/$value/",
        "https://outlook.office.com//api/v2.0//me/photo/%24value",
        " https://outlook.office.com/api/v2.0/me/photo/$value#top ",
    ] {
        let request = photo(legacy);
        assert_eq!(
            request.url,
            "https://graph.microsoft.com/v1.0/me/photo/$value"
        );
        assert_eq!(request.notes, Vec::<String>::new());
    }
    assert_eq!(
        photo("https://outlook.office.com/api/v2.0/USERS(%27a@b.c%27)/PHOTOS(%27120X120%27)").url,
        "https://graph.microsoft.com/v1.0/users/a@b.c/photos/120x120"
    );
}

#[test]
fn users() {
    let user = |legacy: &str| {
        let url = photo(&format!(
            "https://outlook.office.com/api/v2.0/{legacy}/photo"
        ))
        .url;
        url.strip_prefix("https://graph.microsoft.com/v1.0/")
            .unwrap()
            .strip_suffix("/photo")
            .unwrap()
            .to_owned()
    };
    let (oid, tid) = (
        "ddfcd489-628b-7d04-b48b-20075df800e5",
        "1717622f-1d94-c0d4-9d74-f907ad6677b4",
    );
    assert_eq!(
        user(&format!("Users('{oid}@{tid}')")),
        format!("users/{oid}")
    );
    assert_eq!(
        user(&format!("users/{oid}%40{tid}")),
        format!("users/{oid}")
    );
    // Only an object id is followed by a tenant id.
    assert_eq!(
        user(&format!("Users('adele@{tid}')")),
        format!("users/adele@{tid}")
    );
    assert_eq!(user("Users('o''brien@b.c')"), "users/o%27brien@b.c");
    assert_eq!(
        user("Users('x_y.com%23EXT%23@b.c')"),
        "users/x_y.com%23EXT%23@b.c"
    );
    assert_eq!(user("Users('a%2Fb%3Fc@b.c')"), "users/a%2Fb%3Fc@b.c");
    assert_eq!(user("Users('$x@b.c')"), "users('$x@b.c')");
    assert_eq!(user("Users('$o''b@b.c')"), "users('$o%27%27b@b.c')");
    assert_eq!(user("Users('münchen@b.c')"), "users/m%C3%BCnchen@b.c");
    for empty in ["Users('')", "Users('%20')", "users/%20"] {
        let url = format!("https://outlook.office.com/api/v2.0/{empty}/photo");
        assert_eq!(to_graph(&url), Err(Unmappable::NoUser), "{url}");
    }
}

#[test]
fn queries() {
    let query = |legacy: &str| {
        let request = photo(&format!("https://outlook.office.com/api/v2.0/me/{legacy}"));
        (
            request
                .url
                .split_once('?')
                .map(|(_, query)| query.to_owned())
                .unwrap_or_default(),
            request.notes,
        )
    };
    let busted = query("photo/$value?timestamp=2018-02-01T10:00:00.000Z");
    assert_eq!(busted.0, "");
    assert!(
        busted.1[0].contains("timestamp") && !busted.1[0].contains("2018"),
        "{busted:?}"
    );
    assert_eq!(query("photo?$select=Id,Width").0, "$select=id,width");
    assert_eq!(
        query("photo?%24select=Id%2CWidth&_=1").0,
        "$select=id,width"
    );
    assert_eq!(query("photo?$SELECT=id").0, "$select=id");
    assert_eq!(
        query("photos?$orderby=Width%20desc&$top=3&$filter=Id%20ne%20'Id'").0,
        "$orderby=width%20desc&$top=3&$filter=id%20ne%20'Id'"
    );
    // Found by fuzzing: what no URL may hold does not get into one.
    assert_eq!(
        query("photos?$top=1 2\r\n\"ä").0,
        "$top=1%202%0D%0A%22%C3%A4"
    );
    let bytes = query("photo/$value?$select=Id");
    assert_eq!(bytes.0, "");
    assert_eq!(bytes.1.len(), 1);
}

#[test]
fn exchange_web_services() {
    let request = photo(
        "https://outlook.office365.com/EWS/Exchange.asmx/s/GetUserPhoto?email=a%40b.c&size=HR96X96",
    );
    assert_eq!(
        request.url,
        "https://graph.microsoft.com/v1.0/users/a@b.c/photos/96x96/$value"
    );
    assert_eq!(names(&request), ["GET user_get_photo_content_by_size"]);
    assert!(
        !request.equivalent,
        "EWS answers a missing size with the largest picture"
    );
    let request =
        photo("https://outlook.office365.us/ews/exchange.asmx/s/getuserphoto?Email=a@b.c");
    assert_eq!(
        request.url,
        "https://graph.microsoft.us/v1.0/users/a@b.c/photo/$value"
    );
    let request =
        photo("https://mail.contoso.com/ews/Exchange.asmx/s/GetUserPhoto?size=HR64x64&email=a@b.c");
    assert_eq!(
        request.url,
        "https://graph.microsoft.com/v1.0/users/a@b.c/photos/64x64/$value"
    );
    assert!(request.notes[0].contains("mail.contoso.com"));
    let ews = "https://outlook.office365.com/ews/Exchange.asmx/s/GetUserPhoto";
    assert_eq!(to_graph(ews), Err(Unmappable::NoUser));
    assert_eq!(
        to_graph(&format!("{ews}?email=a@b.c&size=big")),
        Err(Unmappable::BadSize("big".to_owned()))
    );
}

#[test]
fn predecessors() {
    let request = photo("https://outlook.office365.com/ews/odata/Me/Photo/$value");
    assert_eq!(
        request.url,
        "https://graph.microsoft.com/v1.0/me/photo/$value"
    );
    assert!(!request.equivalent);
    let request =
        photo("https://graph.windows.net/contoso.com/users/a@b.c/thumbnailPhoto?api-version=1.6");
    assert_eq!(
        request.url,
        "https://graph.microsoft.com/v1.0/users/a@b.c/photo/$value"
    );
    assert!(photo("https://outlook.office.com/api/v1.0/me/photo").notes[0].contains("v1.0"));
}

#[test]
fn attachment_sessions_are_left_alone() {
    let url = "https://outlook.office.com/api/v2.0/Users('a@b')/Messages('AAMk')/AttachmentSessions('AAMk')?authtoken=eyJ";
    assert_eq!(to_graph(url), Ok(Mapping::AttachmentSession));
}

#[test]
fn what_cannot_be_mapped_says_why() {
    for (url, expected) in [
        ("/api/v2.0/me/photo", "not an absolute URL"),
        (
            "ftp://outlook.office.com/api/v2.0/me/photo",
            "not an absolute URL",
        ),
        ("https:///api/v2.0/me/photo", "not an absolute URL"),
        (
            "https://outlook.office.com@evil.example/api/v2.0/me/photo",
            "credentials",
        ),
        ("https://graph.microsoft.com/v1.0/me/photo", "already"),
        (
            "https://outlook.office.com.evil.example/api/v2.0/me/photo",
            "is not a host",
        ),
        (
            "https://outlook.office.com:8443/api/v2.0/me/photo",
            "is not a host",
        ),
        (
            "https://outlook.office.de/api/v2.0/me/photo",
            "no successor",
        ),
        ("https://outlook.office.com/owa/me/photo", "not below"),
        ("https://outlook.office.com/", "not below"),
        ("https://outlook.office.com/api/v3.0/me/photo", "not below"),
        (
            "https://outlook.office.com/api/v2.0/me/messages",
            "not a path of the user photo API",
        ),
        (
            "https://outlook.office.com/api/v2.0/me/contacts('x')/photo",
            "translate the id first",
        ),
        (
            "https://outlook.office.com/api/v2.0/me/photo/$count",
            "compare it with",
        ),
        (
            "https://outlook.office.com/api/v2.0/me/photos('large')",
            "not a photo size",
        ),
        (
            "https://outlook.office.com/api/v2.0/me/../photo",
            "leads out",
        ),
        (
            "https://outlook.office.com/api/v2.0/users/%2E%2E/photo",
            "leads out",
        ),
        (
            "https://outlook.office.com/api/v2.0/users/%FF/photo",
            "not percent-encoded UTF-8",
        ),
        (
            "https://outlook.office.com/api/v2.0/Users('a'b')/photo",
            "not a path",
        ),
    ] {
        let error = to_graph(url).expect_err(url).to_string();
        assert!(error.contains(expected), "{url}: {error}");
    }
}
