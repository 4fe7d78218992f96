//! What no client would send. Every case ends in a 4xx, the observed 500 for
//! images that do not decode, or a closed connection; and after it the emulator
//! answers as before.

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use graph_photo_emulator::{Emulator as Async, blocking::Emulator, demo_jpeg};
use support::{get, put, send};

/// Sends bytes as they are and reads what comes back until the connection ends.
/// Sending may fail half way: the other side may close.
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
fn raw(emulator: &Emulator, parts: impl IntoIterator<Item = Vec<u8>>) -> String {
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    for part in parts {
        if stream.write_all(&part).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of the first answer, 0 when the connection was closed.
fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or(0)
}

fn still_well(emulator: &Emulator) {
    let answer = get(&format!("{}/me/photo", emulator.base_url()));
    assert_eq!(answer.status, 200);
}

const HEAD: &str = "Host: x\r\nAuthorization: Bearer x\r\n";

#[test]
fn header_floods_are_refused() {
    let emulator = Emulator::start().unwrap();
    let many: String = (0..5000).map(|n| format!("x-{n}: {n}\r\n")).collect();
    let long = format!("x-long: {}\r\n", "a".repeat(1 << 20));
    for headers in [many, long] {
        let request = format!("GET /v1.0/me/photo HTTP/1.1\r\n{HEAD}{headers}\r\n");
        let answer = raw(&emulator, [request.into_bytes()]);
        assert!(matches!(status(&answer), 0 | 431), "{answer}");
    }
    // Headers without end.
    let endless = (0..2000).map(|n| format!("x-{n}: {}\r\n", "b".repeat(1000)).into_bytes());
    let start = b"GET /v1.0/me/photo HTTP/1.1\r\n".to_vec();
    let answer = raw(&emulator, std::iter::once(start).chain(endless));
    assert!(matches!(status(&answer), 0 | 431), "{answer}");
    still_well(&emulator);
}

#[test]
fn a_body_without_end_is_refused_and_not_kept() {
    let emulator = Emulator::start().unwrap();
    let head =
        format!("PUT /v1.0/me/photo/$value HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n");
    // One GB, if the emulator let us.
    let chunk = [
        b"100000\r\n".to_vec(),
        vec![b'x'; 1 << 20],
        b"\r\n".to_vec(),
    ]
    .concat();
    let chunks = std::iter::repeat_n(chunk, 1024);
    let answer = raw(&emulator, std::iter::once(head.into_bytes()).chain(chunks));
    assert!(matches!(status(&answer), 0 | 413), "{answer}");
    let [request] = &emulator.requests_of("me_put_photo_content")[..] else {
        panic!("one upload, not {:?}", emulator.requests());
    };
    assert_eq!((request.status, request.request_bytes), (413, 0));
    // Announced, not sent.
    let head =
        format!("PUT /v1.0/me/photo/$value HTTP/1.1\r\n{HEAD}Content-Length: 1073741824\r\n\r\n");
    let answer = raw(&emulator, [head.into_bytes()]);
    assert_eq!(status(&answer), 413, "{answer}");
    still_well(&emulator);
}

#[test]
fn who_asks_before_sending_too_much_is_told_at_once() {
    let emulator = Emulator::start().unwrap();
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
    let head = format!(
        "PUT /v1.0/me/photo/$value HTTP/1.1\r\n{HEAD}Expect: 100-continue\r\nContent-Length: 1073741824\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), 413, "{answer}");
}

#[test]
fn a_slow_body_is_not_waited_for() {
    let emulator =
        Emulator::start_with(Async::builder().body_timeout(Duration::from_millis(300))).unwrap();
    let mut stream = TcpStream::connect(emulator.address()).unwrap();
    let head =
        format!("PUT /v1.0/me/photo/$value HTTP/1.1\r\n{HEAD}Content-Length: 100\r\n\r\nabc");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), 408, "{answer}");
    still_well(&emulator);
}

#[test]
fn a_body_that_ends_early_changes_nothing() {
    let emulator = Emulator::start().unwrap();
    let before = get(&format!("{}/me/photo", emulator.base_url())).body;
    let jpeg = demo_jpeg(240, 0, "E").unwrap();
    let head = format!(
        "PUT /v1.0/me/photo/$value HTTP/1.1\r\n{HEAD}Content-Length: {}\r\n\r\n",
        jpeg.len()
    );
    let half = jpeg[..jpeg.len() / 2].to_vec();
    let answer = raw(&emulator, [head.into_bytes(), half]);
    assert!(matches!(status(&answer), 0 | 400), "{answer}");
    assert_eq!(
        get(&format!("{}/me/photo", emulator.base_url())).body,
        before
    );
}

#[test]
fn paths_lead_nowhere_else() {
    let emulator = Emulator::start().unwrap();
    for path in [
        "/v1.0/../../etc/passwd",
        "/v1.0/users/..%2f..%2fetc%2fpasswd/photo",
        "/v1.0/users/%2e%2e/photo",
        "/v1.0/users/%00/photo",
        "/v1.0/users/%C0%AE/photo",
        "/v1.0//me//photo",
        "/v1.0/me/photo/$value/../../..",
        "/%76%31.0/me/photo",
        "//v1.0/me/photo",
        "/_emulator/../v1.0/me/photo",
        "/_emulator/page.js/../../Cargo.toml",
        "http://other.example/v1.0/me/messages",
        "*",
        "/v1.0/me/photo\u{1}",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\n{HEAD}Connection: close\r\n\r\n");
        let answer = raw(&emulator, [request.into_bytes()]);
        let status = status(&answer);
        assert!(
            (400..500).contains(&status) || status == 501 || answer.is_empty(),
            "{path}: {answer}"
        );
        assert!(!answer.contains("root:"), "{path}");
    }
    let long = format!("/v1.0/users/{}/photo", "a".repeat(5000));
    let answer = raw(
        &emulator,
        [format!("GET {long} HTTP/1.1\r\n{HEAD}Connection: close\r\n\r\n").into_bytes()],
    );
    assert_eq!(status(&answer), 400);
    still_well(&emulator);
}

#[test]
fn what_is_not_http_is_refused() {
    let emulator = Emulator::start().unwrap();
    for bytes in [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"\0".repeat(1000),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        format!("PUT /v1.0/me/photo/$value HTTP/1.1\r\n{HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef").into_bytes(),
        format!("PUT /v1.0/me/photo/$value HTTP/1.1\r\n{HEAD}Content-Length: -1\r\n\r\n").into_bytes(),
        format!("PUT /v1.0/me/photo/$value HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n").into_bytes(),
    ] {
        let answer = raw(&emulator, [bytes.clone()]);
        let status = status(&answer);
        assert!(status == 0 || (400..500).contains(&status), "{bytes:?}: {answer}");
    }
    still_well(&emulator);
}

#[test]
fn deep_and_odd_batches_are_refused() {
    let emulator = Emulator::start().unwrap();
    let url = format!("{}/$batch", emulator.base_url());
    let deep = |open: &str| {
        format!(
            r#"{{"requests":[{{"id":"1","method":"POST","url":"/me","headers":{{"Content-Type":"application/json"}},"body":{}"#,
            open.repeat(200_000)
        )
    };
    for body in [
        deep("["),
        deep("{\"a\":"),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"requests":{}}"#.to_owned(),
        r#"{"requests":[null]}"#.to_owned(),
        r#"{"requests":[{"id":1,"method":"GET","url":"/me"}]}"#.to_owned(),
        "\u{feff}".to_owned(),
    ] {
        let answer = send("POST", &url, &[], Some(body.as_bytes()));
        assert_eq!(answer.status, 400, "{}", &body[..body.len().min(80)]);
    }
    let odd = r#"{"requests":[{"id":"1","method":"GET","url":"//evil/v1.0/me"},
        {"id":"2","method":"GET","url":"http://evil/etc"},{"id":"3","method":"G T","url":"/me"}]}"#;
    assert_eq!(send("POST", &url, &[], Some(odd.as_bytes())).status, 400);
    still_well(&emulator);
}

/// A PNG that says how large it is and holds next to nothing.
fn hollow_png(width: u32, height: u32) -> Vec<u8> {
    fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
        out.extend((data.len() as u32).to_be_bytes());
        let start = out.len();
        out.extend(kind);
        out.extend(data);
        let crc = crc32fast::hash(&out[start..]);
        out.extend(crc.to_be_bytes());
    }
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    chunk(&mut png, b"IHDR", &header);
    // An empty zlib stream.
    chunk(&mut png, b"IDAT", &[0x78, 0x9c, 0x03, 0, 0, 0, 0, 1]);
    chunk(&mut png, b"IEND", &[]);
    png
}

#[test]
fn images_that_grow_are_refused() {
    let emulator = Emulator::start().unwrap();
    let url = format!("{}/me/photo/$value", emulator.base_url());
    let before = get(&url).body;
    let mut gif = b"GIF89a".to_vec();
    gif.extend([
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x2c, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2, 0, 0x3b,
    ]);
    // A JPEG whose header says 65,500 x 65,500.
    let mut jpeg = demo_jpeg(96, 0, "J").unwrap().to_vec();
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    for (name, image) in [
        ("gigapixels", hollow_png(40_000, 40_000)),
        ("the largest", hollow_png(u32::MAX >> 1, u32::MAX >> 1)),
        ("no data", hollow_png(1000, 1000)),
        ("no size", hollow_png(0, 0)),
        ("jpeg", jpeg),
        ("gif", gif),
    ] {
        let refused = put(&url, "image/png", &image).refusal();
        assert_eq!(refused, "500 ErrorInternalServerError", "{name}");
    }
    assert_eq!(get(&url).body, before);
}

#[test]
fn odd_requests_are_refused() {
    let emulator = Emulator::start().unwrap();
    let base = emulator.base_url();
    for method in ["POST", "TRACE", "OPTIONS", "PURGE"] {
        let answer = send(method, &format!("{base}/me/photo"), &[], None);
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, "GET, HEAD"),
            "{method}"
        );
    }
    for query in [
        "$select=secret",
        "$select=id,id",
        "$select=id,",
        "$select=%20",
        "$select=%0B",
        "$select=id%0B",
        "$top=x",
    ] {
        let answer = get(&format!("{base}/me/photo?{query}"));
        assert_eq!(answer.status, 400, "{query}");
    }
    assert_eq!(get(&format!("{base}/users?$top=0")).status, 400);
    assert_eq!(get(&format!("{base}/users?$top=1000")).status, 400);
    assert_eq!(
        get(&format!("{base}/me/photo?$select=&x=%zz&&=")).status,
        200
    );
    for order in ["%0B", "%20", "id,", "id%0Bdesc", "id%20upwards"] {
        let answer = get(&format!("{base}/me/photos?$orderby={order}"));
        assert_eq!(answer.status, 400, "{order}");
    }
    for query in [
        "$select=%20id,%09height",
        "$orderby=",
        "$orderby=id%20%20desc",
    ] {
        let answer = get(&format!("{base}/me/photos?{query}"));
        assert_eq!(answer.status, 200, "{query}");
    }
    assert_eq!(
        get(&format!("{base}/me/messages")).refusal(),
        "501 EmulatorNotImplemented"
    );
}

#[test]
fn it_listens_on_loopback() {
    let emulator = Emulator::start().unwrap();
    assert!(emulator.address().ip().is_loopback());
}
