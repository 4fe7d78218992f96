//! `GetUserPhoto` of Exchange: ETag, 304, and the largest picture for a size that is missing.

use graph_photo_emulator::{Emulator, Owner, demo_jpeg};
use http::Method;

use crate::support::{demo, start, to};

const URL: &str = "/EWS/Exchange.asmx/s/GetUserPhoto";

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let (emulator, gateway) = demo().await;
    let path = format!("{URL}?email=alex@contoso.com&size=HR96x96");
    let seen = gateway.get(&path).await;
    assert_eq!(
        (seen.status, seen.header("content-type")),
        (200, "image/jpeg")
    );
    let etag = seen.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.len() > 2, "{etag}");

    emulator.clear_requests();
    let headers = [
        ("authorization", "Bearer any"),
        ("if-none-match", etag.as_str()),
    ];
    let again = gateway.send(Method::GET, &path, &headers, None).await;
    assert_eq!(
        (again.status, again.body.len(), again.header("etag")),
        (304, 0, etag.as_str())
    );
    emulator.assert_called("user_get_photo_by_size", 1);
    emulator.assert_called("user_get_photo_content_by_size", 0);

    let photo = demo_jpeg(648, 10, "N").unwrap();
    gateway
        .put("/api/v2.0/Users('alex@contoso.com')/photo/$value", &photo)
        .await;
    let changed = gateway.send(Method::GET, &path, &headers, None).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), etag);
}

#[tokio::test]
async fn a_missing_size_is_the_largest() {
    let small = demo_jpeg(120, 10, "S").unwrap();
    let emulator = Emulator::builder()
        .photo(Owner::user("lidia@contoso.com"), small.clone())
        .start()
        .await
        .unwrap();
    let gateway = start(to(&emulator.root_url()));
    for (size, whole) in [
        ("&size=HR648x648", true),
        ("&size=HR48X48", false),
        ("", true),
    ] {
        let seen = gateway
            .get(&format!("{URL}?email=lidia@contoso.com{size}"))
            .await;
        assert_eq!(seen.status, 200, "{size}");
        assert_eq!(seen.body == small, whole, "{size}");
        assert!(!seen.header("etag").is_empty());
    }
}

#[tokio::test]
async fn nobody_and_no_photo_are_not_found() {
    let (_emulator, gateway) = demo().await;
    for (query, status) in [
        ("?email=lidia@contoso.com&size=HR96x96", 404),
        ("?email=lidia@contoso.com", 404),
        ("?email=nobody@contoso.com&size=HR96x96", 404),
        ("?email=&size=HR96x96", 400),
        ("", 400),
        ("?email=alex@contoso.com&size=large", 400),
    ] {
        let seen = gateway.get(&format!("{URL}{query}")).await;
        assert_eq!(seen.status, status, "{query}");
        seen.code();
    }
    let headers = [("authorization", "Bearer any")];
    let path = format!("{URL}?email=alex@contoso.com");
    let seen = gateway.send(Method::POST, &path, &headers, None).await;
    assert_eq!((seen.status, seen.header("allow")), (405, "GET"));
}
