// Included twice, see main.rs.

use std::time::Duration;

use client::{BearerToken, Client, Error, ErrorKind, Owner};
use graph_photo_emulator::demo_jpeg;
use graph_photo_model::base64_text;
use graph_photo_tests::scripted::{Scripted, Step, answer, error};

/// The calls, each with the answer that it hopes for.
const CALLS: [&str; 4] = ["get", "metadata", "put", "batch"];

fn photo() -> bytes::Bytes {
    demo_jpeg(240, 33, "F").unwrap()
}

fn json(body: &str) -> Vec<u8> {
    answer("200 OK", &[("Content-Type", "application/json")], body)
}

fn success(call: &str) -> Vec<u8> {
    match call {
        "get" => answer("200 OK", &[("Content-Type", "image/jpeg")], photo()),
        "metadata" => json(
            r#"{"@odata.mediaContentType":"image/jpeg","id":"default","width":240,"height":240}"#,
        ),
        "put" => answer("200 OK", &[], ""),
        _ => json(&format!(
            r#"{{"responses":[{{"id":"1","status":200,"headers":{{"Content-Type":"image/jpeg"}},"body":"{}"}}]}}"#,
            base64_text::encode(photo())
        )),
    }
}

/// An answer of which a part is missing at the end; that to an upload is cut in its head.
fn cut(call: &str) -> Vec<u8> {
    let whole = success(call);
    whole[..whole.len() - 20].to_vec()
}

/// The same answer with another media type.
fn mistyped(call: &str) -> Vec<u8> {
    let whole = success(call);
    let head = whole
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    answer("200 OK", &[("Content-Type", "text/plain")], &whole[head..])
}

type Steps = Box<dyn Fn(&str) -> Vec<Step>>;

fn faults(elsewhere: &Scripted) -> Vec<(&'static str, Steps)> {
    let then = |fault: Vec<u8>, times: usize| -> Steps {
        Box::new(move |call| {
            let mut steps = vec![Step::Answer(fault.clone()); times];
            steps.push(Step::Answer(success(call)));
            steps
        })
    };
    let always = |fault: Vec<u8>| -> Steps { Box::new(move |_| vec![Step::Answer(fault.clone())]) };
    let busy = error("503 Service Unavailable", "ServiceUnavailable");
    let html = answer(
        "502 Bad Gateway",
        &[("Content-Type", "text/html")],
        "<html>bad gateway</html>",
    );
    let elsewhere = format!("http://{}/v1.0/me/photo", elsewhere.address());
    vec![
        ("none", Box::new(|call| vec![Step::Answer(success(call))])),
        (
            "429 with Retry-After, then 200",
            then(
                answer("429 Too Many Requests", &[("Retry-After", "0")], ""),
                1,
            ),
        ),
        (
            "429 without Retry-After, then 200",
            then(error("429 Too Many Requests", "TooManyRequests"), 1),
        ),
        (
            "429 with Retry-After of an hour",
            always(answer(
                "429 Too Many Requests",
                &[("Retry-After", "3600")],
                "",
            )),
        ),
        ("503 twice, then 200", then(busy.clone(), 2)),
        ("503 for good", always(busy)),
        (
            "500",
            always(error(
                "500 Internal Server Error",
                "ErrorInternalServerError",
            )),
        ),
        ("connection refused", Box::new(|_| Vec::new())),
        (
            "reset before the answer, then 200",
            Box::new(|call| vec![Step::Reset(Vec::new()), Step::Answer(success(call))]),
        ),
        (
            "reset in the answer, then 200",
            Box::new(|call| vec![Step::Reset(cut(call)), Step::Answer(success(call))]),
        ),
        (
            "reset for good",
            Box::new(|call| vec![Step::Reset(cut(call))]),
        ),
        (
            "answer cut short, then 200",
            Box::new(|call| vec![Step::Close(cut(call)), Step::Answer(success(call))]),
        ),
        (
            "answer cut short for good",
            Box::new(|call| vec![Step::Close(cut(call))]),
        ),
        (
            "answer that stalls",
            Box::new(|call| vec![Step::Stall(cut(call))]),
        ),
        ("502 as HTML", always(html)),
        ("200 without a body", always(answer("200 OK", &[], ""))),
        (
            "200 of a wrong media type",
            Box::new(|call| vec![Step::Answer(mistyped(call))]),
        ),
        (
            "redirect to another host",
            always(answer("302 Found", &[("Location", &elsewhere)], "")),
        ),
        (
            "expired token, fixed",
            always(error("401 Unauthorized", "InvalidAuthenticationToken")),
        ),
        (
            "expired token, callback",
            then(error("401 Unauthorized", "InvalidAuthenticationToken"), 1),
        ),
    ]
}

/// What a call came to. Whether a reset overtakes the bytes sent before it is up to the system, so
/// it is not told how much of the answer had been read.
fn told<T>(result: &Result<T, Error>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(error) if matches!(error.kind(), ErrorKind::Body | ErrorKind::Transport) => {
            "connection lost".to_owned()
        }
        Err(error) if error.kind() == ErrorKind::Timeout => "Timeout".to_owned(),
        Err(error) => match error.status() {
            Some(status) => format!("{:?} {}", error.kind(), status.as_u16()),
            None => format!("{:?}", error.kind()),
        },
    }
}

/// A photo that arrives must be the photo.
fn intact(result: Result<Option<client::Photo>, Error>) -> Result<(), Error> {
    result.map(|found| assert_eq!(found.expect("there is a photo").bytes(), &photo()))
}

function! {
    fn call(name: &'static str, client: Client) -> String {
        match name {
            "get" => told(&intact(wait!(client.user("u").photo().get()))),
            "metadata" => told(&wait!(client.user("u").photo().metadata())),
            "put" => told(&wait!(client.user("u").photo().put(photo()))),
            _ => told(&intact(wait!(client.batch().photos(&[Owner::user("u")])).pop().unwrap())),
        }
    }
}

function! {
    pub(super) fn table(configure: fn() -> client::ClientBuilder) -> String {
        let mut lines = vec![
            "| fault | get | metadata | put | batch |".to_owned(),
            "|---|---|---|---|---|".to_owned(),
        ];
        let elsewhere = Scripted::start([Step::Answer(answer("200 OK", &[], ""))]).unwrap();
        for (fault, steps) in faults(&elsewhere) {
            let mut cells = vec![fault.to_owned()];
            for name in CALLS {
                let server = Scripted::start(steps(name)).unwrap();
                let base_url = if fault == "connection refused" {
                    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
                    format!("http://127.0.0.1:{port}/v1.0")
                } else {
                    server.base_url()
                };
                let mut builder = configure()
                    .base_url(base_url)
                    .no_proxy()
                    .bearer_token("token")
                    .retry(client::retry::Policy::DEFAULT.with_base_delay(Duration::from_millis(1)));
                if fault == "answer that stalls" {
                    builder = builder.timeout(Duration::from_millis(300));
                }
                if fault == "expired token, callback" {
                    builder = builder.token_callback(|_| answer!(Ok(BearerToken::new("token").unwrap())));
                }
                let outcome = wait!(call(name, builder.build().unwrap()));
                let requests = server.requests();
                if name == "put" {
                    assert!(requests.iter().all(|request| request.body.is_empty() || request.body == photo()));
                }
                cells.push(match requests.len() {
                    1 => outcome,
                    several => format!("{outcome} ({several} requests)"),
                });
            }
            lines.push(format!("| {} |", cells.join(" | ")));
        }
        assert!(elsewhere.requests().is_empty(), "no redirect was followed");
        lines.join("\n") + "\n"
    }
}
