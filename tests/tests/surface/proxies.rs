client!();

use graph_photo_emulator::blocking::Emulator;
use graph_photo_tests::proxy::Proxy;
use graph_photo_tests::scripted::{Scripted, Step, answer};

case!(a_proxy_is_gone_through_with_its_password {
    let emulator = Emulator::start().unwrap();
    let proxy = Proxy::start(emulator.address()).unwrap();
    // The host is one that only the proxy can reach.
    let client = configure!()
        .base_url("http://graph.invalid/v1.0")
        .allow_insecure(true)
        .bearer_token("token")
        .proxy(format!("http://name:secret@{}", proxy.address()))
        .build()
        .unwrap();
    assert!(wait!(client.user("adele@contoso.com").photo().get()).unwrap().is_some());
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].to_ascii_lowercase().contains("proxy-authorization: basic bmftztpzzwnyzxq="), "{heads:?}");
    assert!(!format!("{client:?}").contains("secret"));
});

case!(a_proxy_of_https_sees_no_token {
    let nothing = Scripted::start([Step::Close(answer("200 OK", &[], ""))]).unwrap();
    let proxy = Proxy::start(nothing.address()).unwrap();
    let client = configure!()
        .base_url("https://graph.invalid/v1.0")
        .bearer_token("sentinel-token")
        .retry(client::retry::Policy::NEVER)
        .proxy(proxy.address().to_string())
        .build()
        .unwrap();
    // What answers is no TLS server; what the proxy was asked for is what counts.
    assert!(wait!(client.user("adele@contoso.com").photo().get()).is_err());
    let heads = proxy.heads().concat();
    assert!(heads.starts_with("CONNECT graph.invalid:443 "), "{heads}");
    assert!(!heads.contains("sentinel") && !heads.contains("adele"), "{heads}");
});

// The environment belongs to a process, so this test runs itself again with another one.
case!(the_environment_names_the_proxy_and_its_exceptions {
    if let Ok(base_url) = std::env::var("SURFACE_PROXY_BASE_URL") {
        let client = configure!().base_url(base_url).allow_insecure(true).bearer_token("token").build().unwrap();
        let found = wait!(client.user("adele@contoso.com").photo().get());
        assert_eq!(found.is_ok(), std::env::var_os("SURFACE_PROXY_REACHED").is_some(), "{found:?}");
        return;
    }
    let emulator = Emulator::start().unwrap();
    let name = std::thread::current().name().unwrap().to_owned();
    for (variables, through) in [
        (vec![("http_proxy", "")], true),
        (vec![("ALL_PROXY", "")], true),
        (vec![("HTTPS_PROXY", "")], false),
        (vec![("HTTP_PROXY", "")], false),
        (vec![("http_proxy", ""), ("NO_PROXY", "graph.localhost.invalid")], false),
        (vec![("http_proxy", ""), ("no_proxy", ".invalid,other")], false),
        (vec![("http_proxy", ""), ("NO_PROXY", "elsewhere.invalid")], true),
    ] {
        let proxy = Proxy::start(emulator.address()).unwrap();
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", &name]).env("SURFACE_PROXY_BASE_URL", "http://graph.localhost.invalid/v1.0");
        for variable in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
            again.env_remove(variable);
        }
        for (variable, value) in &variables {
            let value = if value.is_empty() { format!("http://{}", proxy.address()) } else { (*value).to_owned() };
            again.env(variable, value);
        }
        if through {
            again.env("SURFACE_PROXY_REACHED", "1");
        }
        let output = again.output().unwrap();
        assert!(output.status.success(), "{variables:?}: {}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "it ran");
        assert_eq!(!proxy.heads().is_empty(), through, "{variables:?}");
    }
});
