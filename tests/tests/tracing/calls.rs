// Included twice, see main.rs.

use std::time::Duration;

use client::{Client, ErrorKind, Owner};
use graph_photo_emulator::demo_jpeg;
use graph_photo_tests::scripted::{Scripted, Step, answer, error};

fn client_of(server: &Scripted) -> client::ClientBuilder {
    Client::builder()
        .base_url(server.base_url())
        .no_proxy()
        .bearer_token("sentinel-token")
        .retry(client::retry::Policy::DEFAULT.with_base_delay(Duration::from_millis(1)))
}

function! {
    pub(super) fn calls() {
        let photo = demo_jpeg(96, 3, "T").unwrap();
        let image = answer("200 OK", &[("Content-Type", "image/jpeg"), ("x-user", "adele")], &photo);
        let busy = answer("503 Service Unavailable", &[("Retry-After", "0")], "");

        // A read that is repeated, and a missing photo.
        let server = Scripted::start([
            Step::Answer(busy.clone()),
            Step::Answer(image),
            Step::Answer(error("404 Not Found", "ImageNotFound")),
            Step::Answer(error("403 Forbidden", "adele@contoso.com")),
        ]).unwrap();
        let client = client_of(&server).build().unwrap();
        assert!(wait!(client.user("adele@contoso.com").photo().get()).unwrap().is_some());
        assert!(wait!(client.group("group-1").photo().metadata()).unwrap().is_none());
        assert!(wait!(client.user("adele@contoso.com").exists()).is_err());

        // An upload that is repeated, and a batch.
        let batch = r#"{"responses":[{"id":"1","status":404,"body":{"error":{"code":"ImageNotFound","message":"adele"}}}]}"#;
        let server = Scripted::start([
            Step::Answer(busy),
            Step::Answer(answer("200 OK", &[], "")),
            Step::Answer(answer("200 OK", &[("Content-Type", "application/json")], batch)),
        ]).unwrap();
        let client = client_of(&server).build().unwrap();
        wait!(client.folder("folder-1").contact("adele").photo().put(photo)).unwrap();
        assert!(wait!(client.batch().photos(&[Owner::user("adele@contoso.com")]))[0].as_ref().unwrap().is_none());

        // A connection that breaks for good, and one that cannot be made.
        let server = Scripted::start([Step::Reset(Vec::new())]).unwrap();
        let once = client::retry::Policy::NEVER;
        let client = client_of(&server).retry(once).build().unwrap();
        assert!(wait!(client.user("adele@contoso.com").photo().get()).is_err());
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let nobody = format!("http://127.0.0.1:{port}/v1.0");
        let client = client_of(&server).base_url(nobody).retry(once).build().unwrap();
        assert_eq!(wait!(client.user("adele@contoso.com").photo().delete()).unwrap_err().kind(), ErrorKind::Connect);
    }
}
