//! A recording server on a raw socket: the bytes as sent, not as a library normalises them.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// One recorded request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Request line and headers as sent, without the empty line.
    pub head: String,
    /// The body as sent.
    pub body: Vec<u8>,
}

impl Recorded {
    /// The request line.
    pub fn request_line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// The value of a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Everything the two clients must agree on: all but Host and User-Agent.
    pub fn comparable(&self) -> (String, Vec<u8>) {
        let head: Vec<&str> = self
            .head
            .lines()
            .filter(|line| {
                let name = line
                    .split(':')
                    .next()
                    .unwrap_or_default()
                    .to_ascii_lowercase();
                name != "host" && name != "user-agent"
            })
            .collect();
        (head.join("\n"), self.body.clone())
    }
}

/// What a [`Recorder`] does with a request.
#[derive(Debug, Clone)]
enum Mode {
    /// Passes it on and the answer back.
    Forward(SocketAddr),
    /// Sends these bytes and closes the connection.
    Answer(Vec<u8>),
}

/// The recording server; it lives until the process ends, its port is its own.
#[derive(Debug, Clone)]
pub struct Recorder {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Recorded>>>,
}

impl Recorder {
    /// Records what goes to `upstream`.
    ///
    /// # Errors
    /// When no port is free.
    pub fn in_front_of(upstream: SocketAddr) -> io::Result<Self> {
        Self::start(Mode::Forward(upstream))
    }

    /// Answers every request with the same bytes, head and all.
    ///
    /// # Errors
    /// When no port is free.
    pub fn answering(answer: impl Into<Vec<u8>>) -> io::Result<Self> {
        Self::start(Mode::Answer(answer.into()))
    }

    fn start(mode: Mode) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let recorder = Self {
            address: listener.local_addr()?,
            requests: Arc::default(),
        };
        let requests = Arc::clone(&recorder.requests);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (mode, requests) = (mode.clone(), Arc::clone(&requests));
                // A connection that breaks is the client's to report.
                thread::spawn(move || serve(connection, &mode, &requests));
            }
        });
        Ok(recorder)
    }

    /// The base URL for a client, of version v1.0.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1.0", self.address)
    }

    /// What was recorded so far, in order of arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn serve(client: TcpStream, mode: &Mode, requests: &Mutex<Vec<Recorded>>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut reader = BufReader::new(client.try_clone()?);
    let mut client = client;
    while let Some((head, length)) = read_head(&mut reader)? {
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Recorded {
                head: head.trim_end().to_owned(),
                body: body.clone(),
            });
        match mode {
            Mode::Answer(answer) => {
                client.write_all(answer)?;
                client.shutdown(std::net::Shutdown::Write)?;
                // Reading to the client's end keeps the answer from being cut by a reset.
                io::copy(&mut reader, &mut io::sink())?;
                return Ok(());
            }
            Mode::Forward(upstream) => {
                let mut upstream = TcpStream::connect(upstream)?;
                upstream.set_nodelay(true)?;
                upstream.write_all(head.as_bytes())?;
                upstream.write_all(&body)?;
                let mut answer = BufReader::new(upstream);
                let Some((answer_head, length)) = read_head(&mut answer)? else {
                    return Ok(());
                };
                let mut answer_body = vec![0; length.unwrap_or(0)];
                answer.read_exact(&mut answer_body)?;
                client.write_all(answer_head.as_bytes())?;
                client.write_all(&answer_body)?;
            }
        }
    }
    Ok(())
}

/// A message's head with its empty line, and its Content-Length.
fn read_head(reader: &mut impl BufRead) -> io::Result<Option<(String, Option<usize>)>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Ok(None);
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    Ok(Some((head, length)))
}
