client!();

use client::Owner;
use graph_photo_emulator::blocking::Emulator;
use graph_photo_model::Size;
use graph_photo_tests::scripted::{Scripted, Step, answer, error};

/// What a result is, for comparing.
fn shown<T: std::fmt::Debug>(result: &Result<T, client::Error>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!(
            "{:?} {:?} {:?}",
            error.kind(),
            error.status(),
            error.operation().map(|o| o.name)
        ),
    }
}

case!(a_batch_gives_what_single_calls_give {
    let emulator = Emulator::start().unwrap();
    let client = configure!().base_url(emulator.base_url()).bearer_token("token").build().unwrap();
    let users = ["adele@contoso.com", "alex@contoso.com", "megan@contoso.com", "lidia@contoso.com", "nomailbox@contoso.com", "nobody@contoso.com"];
    let mut owners: Vec<Owner> = (0..45).map(|n| Owner::user(users[n % users.len()])).collect();
    owners[7] = Owner::Me;
    owners[8] = Owner::group("22222222-0000-4000-8000-000000000001");
    owners[9] = Owner::contact("contact-1");
    owners[10] = Owner::user("..");
    let photos = wait!(client.batch().photos(&owners));
    emulator.assert_called("batch", 3);
    assert_eq!(photos.len(), 45);
    let metadata = wait!(client.batch().metadata(&owners));
    let sized = wait!(client.batch().size(Size::S96).photos(&owners));
    for (index, owner) in owners.iter().enumerate().take(12) {
        let (photo, about, small) = match owner {
            Owner::Me => {
                let photo = client.me().photo();
                (wait!(photo.get()), wait!(photo.metadata()), Some(wait!(photo.size(Size::S96).get())))
            }
            Owner::User(id) => {
                let photo = client.user(id).photo();
                (wait!(photo.get()), wait!(photo.metadata()), Some(wait!(photo.size(Size::S96).get())))
            }
            Owner::Group(id) => {
                let photo = client.group(id).photo();
                (wait!(photo.get()), wait!(photo.metadata()), Some(wait!(photo.size(Size::S96).get())))
            }
            Owner::Contact { contact, .. } => {
                let photo = client.contact(contact).photo();
                (wait!(photo.get()), wait!(photo.metadata()), None)
            }
            Owner::Team(_) => unreachable!(),
        };
        assert_eq!(shown(&photos[index]), shown(&photo), "{owner}");
        assert_eq!(shown(&metadata[index]), shown(&about), "{owner}");
        match small {
            Some(small) => assert_eq!(shown(&sized[index]), shown(&small), "{owner}"),
            None => assert_eq!(sized[index].as_ref().unwrap_err().kind(), ErrorKind::InvalidInput),
        }
        if let (Ok(Some(left)), Ok(Some(right))) = (&photos[index], &photo) {
            assert_eq!(left.bytes(), right.bytes());
        }
    }
    assert!(wait!(client.batch().photos(&[])).is_empty());
});

case!(an_item_that_is_throttled_is_asked_for_again_alone {
    let item = |id: &str, status: u16, retry_after: Option<u32>| {
        let wait = retry_after.map(|s| format!(r#""headers":{{"Retry-After":"{s}"}},"#)).unwrap_or_default();
        let body = if status == 200 { r#""R0lGODlhMAAwAAA=""#.to_owned() } else { r#"{"error":{"code":"x","message":""}}"#.to_owned() };
        format!(r#"{{"id":"{id}","status":{status},{wait}"body":{body}}}"#)
    };
    let batch = |items: &[String]| {
        Step::Answer(answer("200 OK", &[("Content-Type", "application/json")], format!(r#"{{"responses":[{}]}}"#, items.join(","))))
    };
    let server = Scripted::start([
        batch(&[item("3", 200, None), item("1", 429, Some(0)), item("2", 500, None)]),
        batch(&[item("1", 503, Some(0))]),
        batch(&[item("1", 200, None)]),
    ]).unwrap();
    let client = configure!().base_url(server.base_url()).build().unwrap();
    let owners = [Owner::user("a"), Owner::user("b"), Owner::user("c")];
    let photos = wait!(client.batch().photos(&owners));
    assert!(matches!(photos[0], Ok(Some(_))), "{photos:?}");
    assert_eq!(photos[1].as_ref().unwrap_err().kind(), ErrorKind::Service, "as for a single call, 500 is final");
    assert!(matches!(photos[2], Ok(Some(_))));
    let sent = server.requests();
    assert_eq!(sent.len(), 3);
    for retried in &sent[1..] {
        let json: serde_json::Value = serde_json::from_slice(&retried.body).unwrap();
        assert_eq!(json["requests"].as_array().unwrap().len(), 1);
        assert_eq!(json["requests"][0]["url"], "/users/a/photo/$value");
    }
});

case!(a_batch_that_fails_fails_for_each_item {
    let server = Scripted::start([Step::Answer(error("403 Forbidden", "ErrorAccessDenied"))]).unwrap();
    let client = configure!().base_url(server.base_url()).build().unwrap();
    let results = wait!(client.batch().metadata(&[Owner::user("a"), Owner::team("t")]));
    assert_eq!(results.len(), 2);
    for (result, name) in results.iter().zip(["user_get_photo", "team_get_photo"]) {
        let error = result.as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden);
        assert_eq!(error.operation().unwrap().name, name);
        assert_eq!(error.request_id(), Some("scripted-id"));
    }
});
