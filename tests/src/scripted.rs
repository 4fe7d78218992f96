//! A server that answers by a script: what a service under trouble, or something in between, does.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::wire::Recorded;

/// What the server does with one request.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends these bytes, an answer, and keeps the connection.
    Answer(Vec<u8>),
    /// Sends these bytes and closes the connection.
    Close(Vec<u8>),
    /// Sends these bytes and resets the connection.
    Reset(Vec<u8>),
    /// Sends these bytes and then nothing until the client gives up.
    Stall(Vec<u8>),
}

/// An answer with a body and its length.
pub fn answer(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut text = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    let mut bytes = (text + "\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Graph's error envelope as an answer.
pub fn error(status: &str, code: &str) -> Vec<u8> {
    let body = format!(r#"{{"error":{{"code":"{code}","message":"scripted"}}}}"#);
    answer(
        status,
        &[
            ("Content-Type", "application/json"),
            ("request-id", "scripted-id"),
        ],
        body,
    )
}

/// A running script: the first steps in order, the last one for every further request.
#[derive(Debug, Clone)]
pub struct Scripted {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Recorded>>>,
    ended: Arc<(Mutex<usize>, Condvar)>,
}

impl Scripted {
    /// Starts the server on a free port; it lives until the process ends.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(steps: impl IntoIterator<Item = Step>) -> io::Result<Self> {
        Self::start_with(|_| steps.into_iter().collect())
    }

    /// Starts the server with steps that know its base URL.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start_with(steps: impl FnOnce(&str) -> Vec<Step>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let server = Self {
            address: listener.local_addr()?,
            requests: Arc::default(),
            ended: Arc::default(),
        };
        let steps = steps(&server.base_url());
        let (requests, ended) = (Arc::clone(&server.requests), Arc::clone(&server.ended));
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (steps, requests) = (steps.clone(), Arc::clone(&requests));
                let ended = Arc::clone(&ended);
                thread::spawn(move || {
                    // A connection that breaks is the client's to report.
                    let _ = serve(connection, &steps, &requests);
                    *ended.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
                    ended.1.notify_all();
                });
            }
        });
        Ok(server)
    }

    /// The base URL for a client, of version v1.0.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1.0", self.address)
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether so many connections have ended, by either side; waits for them, but not for good.
    pub fn connections_end(&self, number: usize) -> bool {
        let (ended, changed) = &*self.ended;
        let ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
        let waited =
            changed.wait_timeout_while(ended, Duration::from_secs(30), |ended| *ended < number);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn serve(
    mut connection: TcpStream,
    steps: &[Step],
    requests: &Mutex<Vec<Recorded>>,
) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    loop {
        if reader.buffer().is_empty() {
            // A socket that is closed with bytes unread is reset: these stay unread.
            if connection.peek(&mut [0])? == 0 {
                return Ok(());
            }
            let mut requests = requests.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(Step::Reset(bytes)) = steps.get(requests.len()).or(steps.last()) {
                requests.push(Recorded {
                    head: String::new(),
                    body: Vec::new(),
                });
                connection.write_all(bytes)?;
                return Ok(());
            }
        }
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if reader.read_until(b'\n', &mut head)? == 0 {
                return Ok(());
            }
        }
        let head = String::from_utf8_lossy(&head).trim_end().to_owned();
        let mut recorded = Recorded {
            head,
            body: Vec::new(),
        };
        let length = recorded
            .header("content-length")
            .and_then(|length| length.parse().ok())
            .unwrap_or(0);
        recorded.body = vec![0; length];
        reader.read_exact(&mut recorded.body)?;
        let number = {
            let mut requests = requests.lock().unwrap_or_else(PoisonError::into_inner);
            requests.push(recorded);
            requests.len() - 1
        };
        match steps.get(number).or(steps.last()) {
            Some(Step::Answer(bytes)) => connection.write_all(bytes)?,
            Some(Step::Close(bytes)) => {
                connection.write_all(bytes)?;
                connection.shutdown(std::net::Shutdown::Write)?;
                // Reading to the client's end keeps the answer from being cut by a reset.
                io::copy(&mut reader, &mut io::sink())?;
                return Ok(());
            }
            Some(Step::Stall(bytes)) => {
                connection.write_all(bytes)?;
                io::copy(&mut reader, &mut io::sink())?;
                return Ok(());
            }
            Some(Step::Reset(_)) | None => return Ok(()),
        }
    }
}
