//! A server on a raw socket: it records requests byte for byte and answers what it was told to.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;

use super::case::{Answer, Framing, Network};
use crate::wire::Recorded;

/// How much of a body one chunk holds.
const CHUNK: usize = 1000;

/// A server for one client; it lives until the process ends, its port is its own.
#[derive(Debug, Clone)]
pub struct Socket {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<Vec<u8>>,
    requests: Vec<Recorded>,
    network: Option<Network>,
}

impl Socket {
    /// Starts listening on a free port.
    ///
    /// # Errors
    /// When no port is free.
    pub fn open() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let socket = Self {
            address: listener.local_addr()?,
            state: Arc::default(),
        };
        let state = Arc::clone(&socket.state);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                // A connection that breaks is the client's to report.
                thread::spawn(move || serve(connection, &state));
            }
        });
        Ok(socket)
    }

    /// The base URL where a network is as described.
    ///
    /// # Errors
    /// When no port is free.
    pub fn base_url_on(&self, network: Network) -> io::Result<String> {
        lock(&self.state).network = Some(network);
        Ok(match network {
            // A port that was free a moment ago and that nobody listens on now.
            Network::Refused => format!(
                "http://{}/v1.0",
                TcpListener::bind(("127.0.0.1", 0))?.local_addr()?
            ),
            Network::NotTls => format!("https://{}/v1.0", self.address),
            Network::Silent | Network::Stalled => self.base_url("v1.0"),
        })
    }

    /// The base URL of a version of the API.
    pub fn base_url(&self, version: &str) -> String {
        format!("http://{}/{version}", self.address)
    }

    /// What the next requests are answered with; after the last answer, an empty object.
    pub fn load(&self, answers: impl IntoIterator<Item = Vec<u8>>) {
        let mut state = lock(&self.state);
        state.answers = answers.into_iter().collect();
        state.requests.clear();
        state.network = None;
    }

    /// [`load`](Self::load)s the answers of a case.
    ///
    /// # Errors
    /// When a body is not written down properly.
    pub fn load_answers(&self, answers: &[Answer]) -> Result<()> {
        let origin = format!("http://{}", self.address);
        let answers: Vec<Vec<u8>> = answers
            .iter()
            .map(|answer| answer_bytes_from(answer, &origin))
            .collect::<Result<_>>()?;
        self.load(answers);
        Ok(())
    }

    /// The requests since the last [`load`](Self::load).
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.state).requests.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(connection: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut connection = connection;
    let network = lock(state).network;
    if network == Some(Network::NotTls) {
        connection.write_all(NEUTRAL)?;
        connection.shutdown(Shutdown::Write)?;
        io::copy(&mut reader, &mut io::sink())?;
        return Ok(());
    }
    let Some(request) = read_request(&mut reader)? else {
        return Ok(());
    };
    let image = request
        .header("accept")
        .is_some_and(|accept| accept.starts_with("image/"));
    let answer = {
        let mut state = lock(state);
        state.requests.push(request);
        state.answers.pop_front()
    };
    if network.is_some() {
        if network == Some(Network::Stalled) {
            connection.write_all(STALLED)?;
        }
        // Until the client gives up.
        io::copy(&mut reader, &mut io::sink())?;
        return Ok(());
    }
    let neutral = if image { NEUTRAL_IMAGE } else { NEUTRAL };
    connection.write_all(answer.as_deref().unwrap_or(neutral))?;
    connection.shutdown(Shutdown::Write)?;
    // Reading to the client's end keeps the answer from being cut by a reset.
    io::copy(&mut reader, &mut io::sink())?;
    Ok(())
}

/// An answer that every operation takes for a success, unless it asks for an image.
const NEUTRAL: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

/// The beginning of an answer.
const STALLED: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\nrequest-id: r-1\r\ncontent-length: 1000\r\n\r\n\xFF\xD8\xFF";

/// The same for those that do: the head of a GIF of 96x96.
const NEUTRAL_IMAGE: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: image/gif\r\ncontent-length: 14\r\nconnection: close\r\n\r\nGIF89a\x60\0\x60\0\0\0\0;";

fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Recorded>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
    }
    let head = String::from_utf8_lossy(&head).trim_end().to_owned();
    let mut request = Recorded {
        head,
        body: Vec::new(),
    };
    let length = request
        .header("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    request.body = vec![0; length];
    reader.read_exact(&mut request.body)?;
    Ok(Some(request))
}

/// In the text of an answer, scheme, address and port of the server that gives it.
const ORIGIN: &str = "{origin}";

/// An answer of a case as the bytes that are sent.
///
/// # Errors
/// When its body is not written down properly.
pub fn answer_bytes(answer: &Answer) -> Result<Vec<u8>> {
    answer_bytes_from(answer, ORIGIN)
}

fn answer_bytes_from(answer: &Answer, origin: &str) -> Result<Vec<u8>> {
    if let Some(raw) = &answer.raw {
        return raw.bytes();
    }
    let body = answer
        .body
        .as_ref()
        .map(super::bytes_spec::BytesSpec::bytes)
        .transpose()?
        .unwrap_or_default();
    let body = match std::str::from_utf8(&body) {
        Ok(text) if text.contains(ORIGIN) => text.replace(ORIGIN, origin).into_bytes(),
        _ => body,
    };
    let reason = http::StatusCode::from_u16(answer.status)
        .ok()
        .and_then(|status| status.canonical_reason());
    let mut bytes = format!(
        "HTTP/1.1 {} {}\r\n",
        answer.status,
        reason.unwrap_or("Status")
    )
    .into_bytes();
    for (name, value) in &answer.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"connection: close\r\n");
    match answer.framing {
        // A 204 has no body by definition, and no length.
        Framing::Length if answer.status == 204 => {}
        Framing::Length => {
            let length = answer.claims_length.unwrap_or(body.len() as u64);
            bytes.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
        }
        Framing::Chunked => bytes.extend_from_slice(b"transfer-encoding: chunked\r\n"),
        Framing::Close => {}
    }
    bytes.extend_from_slice(b"\r\n");
    if answer.framing == Framing::Chunked {
        for chunk in body.chunks(CHUNK) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
    } else {
        bytes.extend_from_slice(&body);
    }
    Ok(bytes)
}

/// Sends one request as it stands and reads the whole answer: head and body.
///
/// # Errors
/// When the connection breaks.
pub fn exchange(address: SocketAddr, request: &[u8]) -> io::Result<(Recorded, Vec<u8>)> {
    let mut connection = TcpStream::connect(address)?;
    connection.write_all(request)?;
    let mut reader = BufReader::new(connection);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            break;
        }
    }
    let head = String::from_utf8_lossy(&head).trim_end().to_owned();
    let mut body = Vec::new();
    reader.read_to_end(&mut body)?;
    Ok((
        Recorded {
            head,
            body: Vec::new(),
        },
        body,
    ))
}
