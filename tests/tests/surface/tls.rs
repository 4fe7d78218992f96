client!();

use graph_photo_emulator::{blocking::Emulator, demo_jpeg};
use graph_photo_tests::scripted::{Scripted, Step, answer};
use graph_photo_tests::tls::{Authority, Front, HANDSHAKE};

const HOST: &str = "127.0.0.1";

fn builder(front: &Front) -> client::ClientBuilder {
    configure!()
        .base_url(front.base_url())
        .bearer_token("sentinel-token")
        .no_proxy()
}

case!(an_authority_of_ones_own_is_trusted_when_it_is_named {
    let emulator = Emulator::start().unwrap();
    let authority = Authority::new().unwrap();
    let front = Front::start(emulator.address(), authority.certificate(HOST).unwrap()).unwrap();
    // A PEM file can hold several.
    let other = Authority::new().unwrap();
    let both = format!("{}{}", other.pem(), authority.pem());
    let client = builder(&front).root_certificate(both).unwrap().build().unwrap();
    let photo = client.user("adele@contoso.com").photo();
    let before = wait!(photo.get()).unwrap().unwrap();
    let new = demo_jpeg(240, 12, "T").unwrap();
    wait!(photo.put(new.clone())).unwrap();
    let after = wait!(photo.get()).unwrap().unwrap();
    assert_eq!(after.bytes(), &new);
    assert_ne!(after.bytes(), before.bytes());
    assert!(front.first_bytes().iter().all(|byte| *byte == HANDSHAKE));
});

case!(an_unknown_authority_is_an_error_of_tls_and_nothing_is_sent {
    let emulator = Emulator::start().unwrap();
    let authority = Authority::new().unwrap();
    let front = Front::start(emulator.address(), authority.certificate(HOST).unwrap()).unwrap();
    let other = Authority::new().unwrap();
    for builder in [builder(&front), builder(&front).root_certificate(other.pem()).unwrap()] {
        let client = builder.build().unwrap();
        let error = wait!(client.user("adele@contoso.com").photo().get()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
        assert!(error.to_string().contains("root certificate"), "it says what to do: {error}");
        let upload = wait!(client.user("adele@contoso.com").photo().put(demo_jpeg(96, 1, "U").unwrap()));
        assert_eq!(upload.unwrap_err().kind(), ErrorKind::Tls);
    }
    assert!(emulator.requests().is_empty());
    assert!(front.first_bytes().iter().all(|byte| *byte == HANDSHAKE), "nothing was tried without TLS");
});

case!(a_certificate_of_another_host_or_another_time_is_an_error_of_tls {
    let emulator = Emulator::start().unwrap();
    let authority = Authority::new().unwrap();
    for certificate in [
        authority.certificate("graph.microsoft.com").unwrap(),
        authority.certificate("127.0.0.2").unwrap(),
        authority.expired_certificate(HOST).unwrap(),
    ] {
        let front = Front::start(emulator.address(), certificate).unwrap();
        let client = builder(&front).root_certificate(authority.pem()).unwrap().build().unwrap();
        let error = wait!(client.me().photo().get()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
    }
    assert!(emulator.requests().is_empty());
});

// The environment belongs to a process, so this test runs itself again with another one.
case!(ssl_cert_file_names_what_the_system_trusts {
    if let Ok(base_url) = std::env::var("SURFACE_TLS_BASE_URL") {
        let mut builder = configure!().base_url(base_url).bearer_token("token").no_proxy();
        if let Ok(pem) = std::env::var("SURFACE_TLS_OWN") {
            builder = builder.root_certificate(pem).unwrap();
        }
        let found = wait!(builder.build().unwrap().user("adele@contoso.com").photo().get());
        match std::env::var_os("SURFACE_TLS_TRUSTED") {
            Some(_) => assert!(found.unwrap().is_some()),
            None => assert_eq!(found.unwrap_err().kind(), ErrorKind::Tls),
        }
        return;
    }
    let emulator = Emulator::start().unwrap();
    let authority = Authority::new().unwrap();
    let front = Front::start(emulator.address(), authority.certificate(HOST).unwrap()).unwrap();
    let other = Authority::new().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, pem: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, pem).unwrap();
        path
    };
    let (right, wrong) = (file("right.pem", authority.pem()), file("wrong.pem", other.pem()));
    let name = std::thread::current().name().unwrap().to_owned();
    for (system, own, trusted) in [
        (&right, None, true),
        (&wrong, None, false),
        // One's own are trusted besides those of the system, not in their place.
        (&right, Some(other.pem()), true),
        (&wrong, Some(authority.pem()), true),
        (&wrong, Some(other.pem()), false),
    ] {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again
            .args(["--exact", &name])
            .env("SURFACE_TLS_BASE_URL", front.base_url())
            .env("SSL_CERT_FILE", system)
            .env_remove("SSL_CERT_DIR");
        if let Some(own) = own {
            again.env("SURFACE_TLS_OWN", own);
        }
        if trusted {
            again.env("SURFACE_TLS_TRUSTED", "1");
        }
        let output = again.output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && told.contains("1 passed"), "{system:?} {own:?}: {told}");
    }
});

case!(https_does_not_become_http {
    let plain = Scripted::start([Step::Answer(answer("200 OK", &[], "{}"))]).unwrap();
    let elsewhere = format!("http://{}/v1.0/me/photos?$skip=1", plain.address());
    let authority = Authority::new().unwrap();
    let page = format!(r#"{{"value":[{{"width":48,"height":48}}],"@odata.nextLink":"{elsewhere}"}}"#);
    for lead in [
        answer("307 Temporary Redirect", &[("Location", &elsewhere)], ""),
        answer("200 OK", &[("Content-Type", "application/json")], page),
    ] {
        let server = Scripted::start([Step::Answer(lead)]).unwrap();
        let front = Front::start(server.address(), authority.certificate(HOST).unwrap()).unwrap();
        let client = builder(&front).root_certificate(authority.pem()).unwrap().build().unwrap();
        let error = wait!(client.me().photo().sizes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error:?}");
        assert_eq!(server.requests().len(), 1);
    }
    assert!(plain.requests().is_empty());

    // A server without TLS under an https URL is not talked to in another way.
    let bare = configure!()
        .base_url(format!("https://{}/v1.0", plain.address()))
        .bearer_token("sentinel-token")
        .no_proxy()
        .timeout(std::time::Duration::from_millis(300))
        .build()
        .unwrap();
    assert!(wait!(bare.me().photo().get()).is_err());
    assert!(plain.requests().iter().all(|request| !request.head.contains("sentinel")));
});
