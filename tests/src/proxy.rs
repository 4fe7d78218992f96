//! A forward proxy on loopback: it tunnels CONNECT and forwards absolute requests, to wherever it
//! is told, and remembers what it was asked for.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A running proxy; it lives until the process ends.
#[derive(Debug, Clone)]
pub struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts a proxy whose every connection ends at `upstream`.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let proxy = Self {
            address: listener.local_addr()?,
            heads: Arc::default(),
        };
        let heads = Arc::clone(&proxy.heads);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let heads = Arc::clone(&heads);
                // A connection that breaks is the client's to report.
                thread::spawn(move || serve(connection, upstream, &heads));
            }
        });
        Ok(proxy)
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The heads of the requests that reached the proxy.
    pub fn heads(&self) -> Vec<String> {
        self.heads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn serve(
    mut client: TcpStream,
    upstream: SocketAddr,
    heads: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Ok(());
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    heads
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(text.clone());
    let mut server = TcpStream::connect(upstream)?;
    if text.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    } else {
        // `GET http://host/path` becomes `GET /path`.
        let (method, rest) = text.split_once(' ').unwrap_or_default();
        let path = rest
            .split_once("://")
            .and_then(|(_, rest)| rest.find('/').map(|slash| &rest[slash..]));
        server.write_all(format!("{method} {}", path.unwrap_or(rest)).as_bytes())?;
    }
    let (mut back, mut from) = (client.try_clone()?, server.try_clone()?);
    let answers = thread::spawn(move || {
        let copied = io::copy(&mut from, &mut back);
        // The client may be gone already.
        let _ = back.shutdown(Shutdown::Write);
        copied
    });
    server.write_all(reader.buffer())?;
    io::copy(reader.get_mut(), &mut server)?;
    // The server may have closed first.
    let _ = server.shutdown(Shutdown::Write);
    let _ = answers.join();
    Ok(())
}
