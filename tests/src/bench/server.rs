//! A server that answers from memory.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::scripted::answer;

/// The bytes of a small and a large photo: a JPEG's header and then noise that compresses badly.
pub fn photo(length: usize) -> Vec<u8> {
    let mut bytes = vec![
        0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 2, 136, 2, 136, 3, 1, 34, 0, 2, 17, 1, 3, 17, 1,
    ];
    let mut state = 1_u32;
    bytes.resize_with(length, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    bytes
}

/// 60 KB.
pub const SMALL: usize = 60_000;
/// 3.5 MB.
pub const LARGE: usize = 3_500_000;

const METADATA: &str = r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users('x')/photo/$entity","@odata.mediaContentType":"image/jpeg","@odata.mediaEtag":"\"BA09D118\"","id":"default","width":648,"height":648}"#;

/// Answers until the process is ended; prints the address first.
///
/// # Errors
/// When no port is free.
pub fn run() -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("{}", listener.local_addr()?);
    let json = [("Content-Type", "application/json")];
    let jpeg = [("Content-Type", "image/jpeg")];
    let list = format!(r#"{{"value":[{}]}}"#, [METADATA; 9].join(","));
    let answers: &'static Answers = Box::leak(Box::new(Answers {
        metadata: answer("200 OK", &json, METADATA),
        list: answer("200 OK", &json, list),
        small: answer("200 OK", &jpeg, photo(SMALL)),
        large: answer("200 OK", &jpeg, photo(LARGE)),
        done: answer("200 OK", &[], ""),
    }));
    for connection in listener.incoming().flatten() {
        thread::spawn(move || serve(connection, answers));
    }
    Ok(())
}

struct Answers {
    metadata: Vec<u8>,
    list: Vec<u8>,
    small: Vec<u8>,
    large: Vec<u8>,
    done: Vec<u8>,
}

fn serve(mut connection: TcpStream, answers: &Answers) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::with_capacity(64 * 1024, connection.try_clone()?);
    loop {
        let mut request = String::new();
        let mut length = 0;
        loop {
            let start = request.len();
            if reader.read_line(&mut request)? == 0 {
                return Ok(());
            }
            let line = request[start..].trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        io::copy(&mut (&mut reader).take(length), &mut io::sink())?;
        let line = request.lines().next().unwrap_or_default();
        let answer = if line.starts_with("PUT ") {
            &answers.done
        } else if line.contains("/$value") {
            if line.contains("large") {
                &answers.large
            } else {
                &answers.small
            }
        } else if line.contains("/photos") {
            &answers.list
        } else {
            &answers.metadata
        };
        connection.write_all(answer)?;
    }
}

/// The server as a child process; it ends with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts this program again, as the server.
    ///
    /// # Errors
    /// When it cannot be started or says no address.
    pub fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = child
            .stdout
            .take()
            .ok_or_else(|| anyhow::anyhow!("the server has no output"))?;
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self {
            child,
            address: line.trim().parse()?,
        })
    }

    /// The base URL for a client.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1.0", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
