//! A server on a raw socket that records each request as it arrives and answers by a list.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

/// An answer: the status with its reason, the media type if there is a body, and the body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: &'static str,
    pub(crate) media_type: Option<&'static str>,
    pub(crate) body: Vec<u8>,
}

/// A running server.
pub(crate) struct Recorder {
    address: SocketAddr,
    thread: JoinHandle<Vec<Vec<u8>>>,
}

impl Recorder {
    /// Starts on a free port and answers one request a connection, in order.
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let mut requests = Vec::new();
            for answer in answers {
                let (mut connection, _) = listener.accept().unwrap();
                let Some(request) = request(&mut connection) else {
                    break;
                };
                requests.push(request);
                connection.write_all(&bytes(&answer)).unwrap();
            }
            requests
        });
        Self { address, thread }
    }

    /// Where a client finds it.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1.0", self.address)
    }

    /// What was asked, byte for byte. A server that still waits is told that nobody will come.
    pub(crate) fn finish(self) -> Vec<Vec<u8>> {
        if !self.thread.is_finished() {
            drop(TcpStream::connect(self.address));
        }
        self.thread.join().unwrap()
    }
}

/// One request, head and body; `None` if the connection ends first.
fn request(connection: &mut TcpStream) -> Option<Vec<u8>> {
    connection
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(head) = head_length(&request) {
            let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.trim().parse::<usize>().unwrap());
            if request.len() >= head + length {
                return Some(request);
            }
        }
        match connection.read(&mut buffer).unwrap() {
            0 => return None,
            read => request.extend_from_slice(&buffer[..read]),
        }
    }
}

fn head_length(request: &[u8]) -> Option<usize> {
    let end = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(end + 4)
}

fn bytes(answer: &Answer) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\nConnection: close\r\n", answer.status);
    if let Some(media_type) = answer.media_type {
        head += &format!("Content-Type: {media_type}\r\n");
    }
    if !answer.status.starts_with("204") {
        head += &format!("Content-Length: {}\r\n", answer.body.len());
    }
    let mut bytes = (head + "\r\n").into_bytes();
    bytes.extend_from_slice(&answer.body);
    bytes
}

/// A request without Host, which names the port of this run, and User-Agent, each of which the two
/// backends put where they like. All else must be equal, byte for byte.
pub(crate) fn comparable(request: &[u8]) -> Vec<u8> {
    let (head, body) = request.split_at(head_length(request).unwrap());
    let mut kept = Vec::new();
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let lower = line.to_ascii_lowercase();
        if !(lower.starts_with(b"host: ") || lower.starts_with(b"user-agent: ")) {
            kept.extend_from_slice(line);
        }
    }
    kept.extend_from_slice(body);
    kept
}

/// A [`comparable`] request for people.
pub(crate) fn readable(request: &[u8]) -> String {
    let (head, body) = request.split_at(head_length(request).unwrap());
    let head = String::from_utf8_lossy(head).replace("\r\n", "\n");
    let body = body.escape_ascii().to_string().replace("\\\"", "\"");
    format!("{head}{body}").trim_end().to_owned() + "\n"
}
