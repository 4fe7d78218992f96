client!();

use std::time::Duration;

use graph_photo_emulator::{NoPhoto, Owner, blocking::Emulator, demo_jpeg};
use graph_photo_model::{Fit, Refresh, Size};
use graph_photo_tests::scripted::{Scripted, Step, answer, error};

fn emulated() -> (Emulator, Client) {
    let emulator = Emulator::start().unwrap();
    let client = configure!()
        .base_url(emulator.base_url())
        .bearer_token("token")
        .build()
        .unwrap();
    (emulator, client)
}

fn scripted(steps: Vec<Step>) -> (Scripted, Client) {
    let server = Scripted::start(steps).unwrap();
    let client = configure!()
        .base_url(server.base_url())
        .bearer_token("token")
        .retry(client::retry::Policy::DEFAULT.with_base_delay(Duration::from_millis(1)))
        .build()
        .unwrap();
    (server, client)
}

case!(no_photo_is_none_in_every_spelling {
    let image_not_found = r#"{"error":{"code":"ErrorEntityNotFound","message":"Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown."}}"#;
    let json = [("Content-Type", "application/json")];
    let spellings = [
        error("404 Not Found", "ImageNotFound"),
        error("404 Not Found", "imagenotfound"),
        error("404 Not Found", "ErrorItemNotFound"),
        error("404 Not Found", "GetUserPhoto"),
        error("404 Not Found", "ConsumerPhotoIsNotSupported"),
        answer("404 Not Found", &json, image_not_found),
        answer("404 Not Found", &json, r#"{"error":{"code":"x","message":"","innererror":{"code":"ImageNotFound"}}}"#),
    ];
    for spelling in spellings {
        let shown = String::from_utf8_lossy(&spelling).into_owned();
        let (_server, client) = scripted(vec![Step::Answer(spelling)]);
        let photo = client.user("u").photo();
        assert_eq!(wait!(photo.get()).unwrap(), None, "{shown}");
        assert_eq!(wait!(photo.metadata()).unwrap(), None, "{shown}");
        assert!(wait!(photo.stream()).unwrap().is_none(), "{shown}");
        assert!(wait!(photo.sizes()).unwrap().is_empty(), "{shown}");
        assert_eq!(wait!(photo.size(Size::S96).get()).unwrap(), None, "{shown}");
        assert_eq!(wait!(photo.get_if_changed("\"x\"")).unwrap(), Refresh::NoPhoto, "{shown}");
    }
});

case!(the_placeholder_and_an_empty_404_of_a_size_are_no_photo {
    let emulator = Emulator::start_with(graph_photo_emulator::Emulator::builder().no_photo(NoPhoto::Placeholder)).unwrap();
    let client = configure!().base_url(emulator.base_url()).bearer_token("token").build().unwrap();
    let photo = client.user("lidia@contoso.com").photo();
    assert_eq!(wait!(photo.get()).unwrap(), None);
    assert_eq!(wait!(photo.metadata()).unwrap(), None);
    assert!(wait!(photo.stream()).unwrap().is_none());

    let (_server, client) = scripted(vec![Step::Answer(answer("404 Not Found", &[("Content-Type", "text/plain")], ""))]);
    assert_eq!(wait!(client.me().photo().size(Size::S48).get()).unwrap(), None);
    let error = wait!(client.me().photo().get()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "only a size is missing like this");
});

case!(every_failure_has_a_kind_of_its_own {
    for (status, code, kind) in [
        ("404 Not Found", "ErrorNonExistentMailbox", ErrorKind::NoMailbox),
        ("404 Not Found", "MailboxNotEnabledForRESTAPI", ErrorKind::NoMailbox),
        ("400 Bad Request", "AuthenticationError", ErrorKind::NoMailbox),
        ("404 Not Found", "Request_ResourceNotFound", ErrorKind::NoSuchUser),
        ("401 Unauthorized", "InvalidAuthenticationToken", ErrorKind::Unauthorized),
        ("403 Forbidden", "ErrorAccessDenied", ErrorKind::Forbidden),
        ("429 Too Many Requests", "TooManyRequests", ErrorKind::Throttled),
        ("405 Method Not Allowed", "ErrorInvalidRequest", ErrorKind::Refused),
        ("500 Internal Server Error", "ErrorInternalServerError", ErrorKind::Service),
        ("502 Bad Gateway", "BadGateway", ErrorKind::Service),
    ] {
        let (_server, client) = scripted(vec![Step::Answer(error(status, code))]);
        let error = wait!(client.user("u").photo().get()).unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {code}");
        assert_eq!(error.code(), Some(code));
        assert_eq!(error.message(), Some("scripted"));
        assert_eq!(error.request_id(), Some("scripted-id"));
        assert_eq!(error.status().map(|status| status.as_u16().to_string()).as_deref(), status.split(' ').next());
    }
});

case!(a_403_names_the_least_privileged_permission {
    let (_server, client) = scripted(vec![Step::Answer(error("403 Forbidden", "ErrorAccessDenied"))]);
    let shown = wait!(client.group("g").photo().get()).unwrap_err().to_string();
    assert!(shown.contains("needs ProfilePhoto.Read.All"), "{shown}");
    let photo = demo_jpeg(96, 1, "X").unwrap();
    let error = wait!(client.team("t").photo().put(photo)).unwrap_err();
    assert_eq!(error.missing_permissions(), ["TeamSettings.ReadWrite.All"]);
    assert_eq!(client::operations::TEAM_PUT_PHOTO_CONTENT.permissions.least(), ["TeamSettings.ReadWrite.All"]);
});

case!(exists_tells_an_unknown_user_from_a_missing_photo {
    let (emulator, client) = emulated();
    assert_eq!(wait!(client.user("nophoto@contoso.com").photo().get()).unwrap(), None);
    assert!(wait!(client.user("nophoto@contoso.com").exists()).unwrap());
    assert!(!wait!(client.user("nobody@contoso.com").exists()).unwrap());
    let asked = emulator.requests();
    assert!(asked.iter().any(|request| request.target.ends_with("/users/nobody%40contoso.com?$select=id")), "{asked:?}");
});

case!(a_photo_comes_with_type_and_dimensions {
    let (emulator, client) = emulated();
    let stored = emulator.photo(&Owner::user("adele@contoso.com")).unwrap().unwrap();
    let photo = wait!(client.user("adele@contoso.com").photo().get()).unwrap().unwrap();
    assert_eq!(photo.bytes(), &stored);
    assert_eq!(photo.content_type(), "image/jpeg");
    assert_eq!(photo.size(), Some(Size::S648));
    assert_eq!(photo.extension(), "jpg");
    assert!(photo.to_data_url().starts_with("data:image/jpeg;base64,/9j/"));
    assert_eq!(photo.to_attachment().content, stored);
    let metadata = wait!(client.user("adele@contoso.com").photo().metadata()).unwrap().unwrap();
    assert_eq!(metadata.size(), Some(Size::S648));
    assert!(metadata.media_etag().is_some());
});

case!(a_size_is_exact_unless_asked_otherwise {
    let (_emulator, client) = emulated();
    let photo = client.user("alex@contoso.com").photo();
    let sizes: Vec<_> = wait!(photo.sizes()).unwrap().iter().filter_map(client::PhotoMetadata::size).collect();
    assert_eq!(sizes, Size::ALL[..8], "504 pixels give all but 648");
    let sized = photo.size(Size::S648);
    assert_eq!(wait!(sized.get()).unwrap(), None);
    assert_eq!(wait!(sized.fit(Fit::Down).get()).unwrap().unwrap().size(), Some(Size::S504));
    let odd = photo.size(Size::new(100, 100).unwrap());
    assert_eq!(wait!(odd.fit(Fit::Down).metadata()).unwrap().unwrap().size(), Some(Size::S96));
    assert_eq!(wait!(odd.fit(Fit::Any).get()).unwrap().unwrap().size(), Some(Size::S504));
    assert_eq!(wait!(photo.size(Size::S96).get()).unwrap().unwrap().size(), Some(Size::S96));
    let entra = client.user("megan@contoso.com").photo().size(Size::new(256, 256).unwrap());
    assert_eq!(wait!(entra.fit(Fit::Any).get()).unwrap().unwrap().size(), Size::new(256, 256).ok());
});

case!(only_a_changed_photo_is_transferred {
    let (emulator, client) = emulated();
    let photo = client.user("adele@contoso.com").photo();
    let Refresh::Changed(first) = wait!(photo.get_if_changed(None)).unwrap() else { panic!("nothing was known") };
    let etag = first.media_etag().unwrap().to_owned();
    emulator.clear_requests();
    assert_eq!(wait!(photo.get_if_changed(etag.as_str())).unwrap(), Refresh::Unchanged);
    emulator.assert_operations(&["user_get_photo"]);
    let other = demo_jpeg(240, 99, "Z").unwrap();
    emulator.set_photo(&Owner::user("adele@contoso.com"), other.clone()).unwrap();
    let Refresh::Changed(second) = wait!(photo.get_if_changed(etag.as_str())).unwrap() else { panic!("it changed") };
    assert_eq!(second.bytes(), &other);
    assert_ne!(second.media_etag(), Some(etag.as_str()));
    emulator.remove_photo(&Owner::user("adele@contoso.com")).unwrap();
    assert_eq!(wait!(photo.get_if_changed(etag.as_str())).unwrap(), Refresh::NoPhoto);
});

case!(a_stream_gives_the_same_bytes_in_each_way {
    let (emulator, client) = emulated();
    let stored = emulator.photo(&Owner::user("adele@contoso.com")).unwrap().unwrap();
    let photo = client.user("adele@contoso.com").photo();
    let mut stream = wait!(photo.stream()).unwrap().unwrap();
    assert_eq!(stream.content_type(), "image/jpeg");
    assert_eq!(stream.content_length(), Some(stored.len() as u64));
    let mut chunked = Vec::new();
    while let Some(chunk) = wait!(stream.chunk()).unwrap() {
        chunked.extend_from_slice(&chunk);
    }
    assert_eq!(chunked, stored);
    let read = wait!(io::read(wait!(photo.stream()).unwrap().unwrap())).unwrap();
    assert_eq!(read, stored);
    let collected = wait!(io::collect(wait!(photo.stream()).unwrap().unwrap())).unwrap();
    assert_eq!(collected.concat(), stored);
    let whole = wait!(wait!(photo.stream()).unwrap().unwrap().into_bytes().bytes()).unwrap();
    assert_eq!(whole, stored);
});

case!(a_stream_that_breaks_off_says_so_with_status_headers_and_ids {
    let head = [("Content-Type", "image/jpeg"), ("request-id", "r-1"), ("client-request-id", "c-1"), ("x-more", "m")];
    let mut cut = answer("200 OK", &head, demo_jpeg(240, 1, "C").unwrap());
    cut.truncate(cut.len() - 100);
    let kept = |error: &client::Error| {
        assert_eq!(error.kind(), ErrorKind::Body);
        assert_eq!(error.status(), Some(http::StatusCode::OK));
        assert_eq!((error.request_id(), error.client_request_id()), (Some("r-1"), Some("c-1")));
        assert_eq!(error.headers().get("x-more").unwrap(), "m");
    };
    let (_server, client) = scripted(vec![Step::Close(cut)]);
    let stream = wait!(client.me().photo().stream()).unwrap().unwrap();
    kept(&wait!(io::collect(stream)).unwrap_err());
    let stream = wait!(client.me().photo().stream()).unwrap().unwrap();
    let error = wait!(io::read(stream)).unwrap_err();
    kept(error.get_ref().and_then(|inner| inner.downcast_ref::<client::Error>()).unwrap());
    let whole = wait!(client.operations().me_get_photo_content()).unwrap().into_inner();
    kept(&wait!(whole.bytes()).unwrap_err());
    // In memory it is asked for again, as often as the policy says; the last failure is told.
    kept(&wait!(client.me().photo().get()).unwrap_err());
});

case!(every_answer_that_breaks_off_keeps_its_head {
    let head = [("Content-Type", "application/json"), ("request-id", "r-1")];
    let mut cut = answer("200 OK", &head, r#"{"responses":[],"value":[],"width":48,"height":48}"#);
    cut.truncate(cut.len() - 10);
    let (_server, client) = scripted(vec![Step::Close(cut)]);
    let batch = client::Owner::Me;
    for error in [
        wait!(client.me().photo().metadata()).unwrap_err(),
        wait!(client.me().photo().sizes()).unwrap_err(),
        wait!(client.user("u").exists()).unwrap_err(),
        wait!(client.batch().photos(&[batch])).pop().unwrap().unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Body, "{error:?}");
        assert_eq!(error.status(), Some(http::StatusCode::OK), "{error:?}");
        assert_eq!(error.request_id(), Some("r-1"), "{error:?}");
    }
});

case!(a_stream_that_is_dropped_ends_its_connection {
    let whole = answer("200 OK", &[("Content-Type", "image/jpeg")], demo_jpeg(240, 1, "C").unwrap());
    let (server, client) = scripted(vec![Step::Stall(whole[..whole.len() - 10].to_vec())]);
    let mut stream = wait!(client.me().photo().stream()).unwrap().unwrap();
    assert!(wait!(stream.chunk()).unwrap().is_some());
    drop(stream);
    assert!(server.connections_end(1), "what is still to come is not waited for");
});

case!(a_photo_in_memory_that_breaks_off_is_asked_for_again {
    let photo = demo_jpeg(240, 1, "C").unwrap();
    let whole = answer("200 OK", &[("Content-Type", "image/jpeg")], &photo);
    let cut = whole[..whole.len() - 100].to_vec();
    let (server, client) = scripted(vec![Step::Close(cut.clone()), Step::Close(cut), Step::Answer(whole)]);
    assert_eq!(wait!(client.me().photo().get()).unwrap().unwrap().bytes(), &photo);
    assert_eq!(server.requests().len(), 3);
});

case!(what_is_no_photo_is_no_photo {
    for (content_type, body) in [("text/html", "<html>Sign in to the network</html>"), ("image/jpeg", "")] {
        let (_server, client) = scripted(vec![Step::Answer(answer("200 OK", &[("Content-Type", content_type)], body))]);
        let error = wait!(client.me().photo().get()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{content_type}");
        assert_eq!(error.status(), Some(http::StatusCode::OK));
        let error = wait!(client.me().photo().stream()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{content_type}");
    }
    let photo = demo_jpeg(96, 1, "C").unwrap();
    let (_server, client) = scripted(vec![Step::Answer(answer("200 OK", &[("Content-Type", "application/json")], &photo))]);
    assert_eq!(wait!(client.me().photo().get()).unwrap().unwrap().content_type(), "image/jpeg");
    assert_eq!(wait!(client.me().photo().stream()).unwrap().unwrap().content_type(), "image/jpeg");
});
