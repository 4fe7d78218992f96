client!();

use bytes::Bytes;
use client::Body;
use graph_photo_emulator::{Owner, blocking::Emulator, demo_jpeg};
use graph_photo_model::Size;
use graph_photo_tests::scripted::{Scripted, Step, answer, error};

fn jpeg() -> Bytes {
    demo_jpeg(240, 77, "J").unwrap()
}

fn adele() -> Owner {
    Owner::user("adele@contoso.com")
}

fn emulated() -> (Emulator, Client) {
    let emulator = Emulator::start().unwrap();
    let client = configure!()
        .base_url(emulator.base_url())
        .bearer_token("token")
        .build()
        .unwrap();
    (emulator, client)
}

case!(bytes_file_reader_and_stream_arrive_with_their_length {
    let (emulator, client) = emulated();
    let photo = client.user("adele@contoso.com").photo();
    let length = jpeg().len() as u64;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("photo.jpg");
    std::fs::write(&path, jpeg()).unwrap();
    let pieces = |_: u8| jpeg().chunks(1000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect::<Vec<_>>();
    let bodies = [
        Body::from(jpeg()),
        wait!(Body::from_file(&path)).unwrap(),
        Body::from_reader(io::reader(jpeg()), length),
        Body::from_stream(io::chunks(pieces(0)), length),
    ];
    for body in bodies {
        emulator.remove_photo(&adele()).unwrap();
        wait!(photo.put(body)).unwrap();
        assert_eq!(emulator.photo(&adele()).unwrap().unwrap(), jpeg());
    }
    for request in emulator.requests() {
        assert_eq!(request.header("content-length"), Some(length.to_string().as_str()));
        assert_eq!(request.header("content-type"), Some("image/jpeg"));
        assert_eq!(request.header("transfer-encoding"), None);
    }
});

case!(what_cannot_be_a_photo_is_refused_before_sending {
    let (emulator, client) = emulated();
    let photo = client.user("adele@contoso.com").photo();
    let large = vec![0xFF; 4_194_305];
    let small = demo_jpeg(48, 1, "S").unwrap();
    let mut broken = jpeg().to_vec();
    broken.truncate(20);
    let html = b"<html>";
    let bodies = [
        (Body::from(Bytes::new()), ErrorKind::InvalidInput),
        (Body::from(html.to_vec()), ErrorKind::InvalidInput),
        (Body::from(large.clone()), ErrorKind::TooLarge),
        (Body::from(broken), ErrorKind::InvalidInput),
        (Body::from_reader(io::reader(Bytes::new()), 0), ErrorKind::InvalidInput),
        (Body::from_reader(io::reader(large.into()), 4_194_305), ErrorKind::TooLarge),
        (Body::from_reader(io::reader(Bytes::from_static(html)), 6), ErrorKind::InvalidInput),
        (Body::from_stream(io::chunks(vec![Ok(Bytes::from_static(html))]), 6), ErrorKind::InvalidInput),
        (Body::from_stream(io::chunks(vec![Err(std::io::Error::other("disk"))]), 6), ErrorKind::InvalidInput),
    ];
    for (body, kind) in bodies {
        let error = wait!(photo.put(body)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
    let missing = wait!(Body::from_file("no/such/file.jpg")).unwrap_err();
    assert!(missing.to_string().contains("no/such/file.jpg"), "{missing}");
    assert!(emulator.requests().is_empty());
    wait!(photo.put(small)).unwrap();
});

case!(a_reader_that_ends_early_fails_and_what_it_has_beyond_stays {
    let (emulator, client) = emulated();
    let before = emulator.photo(&adele()).unwrap();
    let photo = client.user("adele@contoso.com").photo();
    let short = Body::from_reader(io::reader(jpeg()), jpeg().len() as u64 + 300_000);
    assert!(wait!(photo.put(short)).is_err());
    assert_eq!(emulator.photo(&adele()).unwrap(), before);
    let mut longer = jpeg().to_vec();
    longer.extend_from_slice(b"beyond");
    wait!(photo.put(Body::from_reader(io::reader(longer.into()), jpeg().len() as u64))).unwrap();
    assert_eq!(emulator.photo(&adele()).unwrap().unwrap(), jpeg());
});

case!(an_upload_from_memory_is_sent_again_and_one_from_a_reader_is_not {
    let busy = answer("503 Service Unavailable", &[("Retry-After", "0")], "");
    let steps = [Step::Answer(busy), Step::Answer(answer("204 No Content", &[], ""))];
    let server = Scripted::start(steps.clone()).unwrap();
    let client = configure!().base_url(server.base_url()).build().unwrap();
    wait!(client.me().photo().put(jpeg())).unwrap();
    let sent = server.requests();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
    assert_eq!(sent[1].body, jpeg());

    let server = Scripted::start(steps).unwrap();
    let client = configure!().base_url(server.base_url()).build().unwrap();
    let once = Body::from_reader(io::reader(jpeg()), jpeg().len() as u64);
    let error = wait!(client.me().photo().put(once)).unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(503));
    assert_eq!(server.requests().len(), 1);
});

case!(a_png_is_sent_as_a_png {
    let png = {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend_from_slice(&[0, 0, 0, 64, 0, 0, 0, 64, 8, 6, 0, 0, 0, 0xAA, 0x69, 0x71, 0xDE]);
        bytes
    };
    let server = Scripted::start([Step::Answer(answer("200 OK", &[], ""))]).unwrap();
    let client = configure!().base_url(server.base_url()).build().unwrap();
    wait!(client.me().photo().put(png.clone())).unwrap();
    wait!(client.me().photo().put(Body::from_reader(io::reader(png.clone().into()), png.len() as u64))).unwrap();
    wait!(client.me().photo().put(Body::from(png).with_content_type("image/jpeg"))).unwrap();
    let types: Vec<_> = server.requests().iter().map(|request| request.header("content-type").unwrap().to_owned()).collect();
    assert_eq!(types, ["image/png", "image/png", "image/jpeg"]);
});

case!(a_large_photo_is_made_to_fit {
    let (emulator, client) = emulated();
    let body = Body::resized(demo_jpeg(1200, 5, "L").unwrap(), Size::S648).unwrap();
    wait!(client.user("adele@contoso.com").photo().put(body)).unwrap();
    let stored = emulator.photo(&adele()).unwrap().unwrap();
    assert_eq!(graph_photo_model::media::dimensions(&stored), Some(Size::S648));
});

case!(deleting_what_is_not_there_succeeds {
    let (emulator, client) = emulated();
    let photo = client.user("adele@contoso.com").photo();
    wait!(photo.delete()).unwrap();
    wait!(photo.delete()).unwrap();
    assert_eq!(wait!(photo.get()).unwrap(), None);
    assert_eq!(emulator.photo(&adele()).unwrap(), None);
});

case!(what_an_upload_answers_does_not_matter {
    let mut cut = answer("200 OK", &[("Content-Type", "application/json")], r#"{"a":1}"#);
    cut.truncate(cut.len() - 3);
    for step in [Step::Answer(answer("204 No Content", &[], "")), Step::Answer(answer("200 OK", &[], "<html>")), Step::Close(cut)] {
        let server = Scripted::start([step]).unwrap();
        let client = configure!().base_url(server.base_url()).build().unwrap();
        wait!(client.me().photo().put(jpeg())).unwrap();
        assert_eq!(server.requests().len(), 1, "an upload that succeeded is not repeated");
    }
});

case!(a_mailbox_that_is_not_there_is_told_from_a_photo_that_is_not_there {
    let server = Scripted::start([Step::Answer(error("404 Not Found", "ErrorItemNotFound"))]).unwrap();
    let client = configure!().base_url(server.base_url()).build().unwrap();
    assert_eq!(wait!(client.me().photo().put(jpeg())).unwrap_err().kind(), ErrorKind::NoMailbox);
    assert_eq!(wait!(client.me().photo().get()).unwrap(), None);
});
