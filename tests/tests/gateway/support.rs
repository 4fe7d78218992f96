//! A gateway for one test, and a legacy caller.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use graph_photo::retry::Policy;
use graph_photo_compat::gateway::{Builder, Gateway};
use graph_photo_emulator::Emulator;
use graph_photo_tests::http_client;
use http::{HeaderMap, Method};
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running gateway.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) ended: JoinHandle<io::Result<()>>,
    pub(crate) client: reqwest::Client,
}

/// What a caller saw.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The code of an error in the legacy shape, which has a message too.
    pub(crate) fn code(&self) -> String {
        let document = self.json();
        let error = &document["error"];
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{document}"
        );
        error["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }
}

/// A gateway that asks Graph once and hands tokens on.
pub(crate) fn to(graph: &str) -> Builder {
    Gateway::builder().graph(graph).retry(Policy::NEVER)
}

pub(crate) fn start(builder: Builder) -> Running {
    let server = builder.bind().unwrap();
    let (url, address) = (server.url(), server.address());
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(server.run_until(async {
        // Dropping the sender stops it too.
        let _ = stopped.await;
    }));
    Running {
        url,
        address,
        stop: Some(stop),
        ended,
        client: http_client::client(None).unwrap(),
    }
}

/// An emulator with its demo tenant, and a gateway in front of it.
pub(crate) async fn demo() -> (Emulator, Running) {
    let emulator = Emulator::start().await.unwrap();
    let gateway = start(to(&emulator.root_url()));
    (emulator, gateway)
}

impl Running {
    pub(crate) async fn get(&self, path: &str) -> Seen {
        self.send(Method::GET, path, &[("authorization", "Bearer any")], None)
            .await
    }

    pub(crate) async fn put(&self, path: &str, photo: &Bytes) -> Seen {
        let headers = [
            ("authorization", "Bearer any"),
            ("content-type", "image/jpeg"),
        ];
        self.send(Method::PUT, path, &headers, Some(photo.clone()))
            .await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Bytes>,
    ) -> Seen {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().await.unwrap();
        Seen {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.bytes().await.unwrap(),
        }
    }

    /// Sends these very bytes and returns all that comes until the other side closes.
    pub(crate) async fn raw(&self, bytes: impl Into<Vec<u8>>) -> String {
        let (address, bytes) = (self.address, bytes.into());
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            // Against a test that never ends, not to synchronise.
            stream
                .set_read_timeout(Some(Duration::from_secs(30)))
                .unwrap();
            // The other side may have had enough before the end.
            let _ = stream.write_all(&bytes);
            let mut answer = Vec::new();
            let mut chunk = [0; 4096];
            while let Ok(read) = stream.read(&mut chunk) {
                if read == 0 {
                    break;
                }
                answer.extend_from_slice(&chunk[..read]);
            }
            String::from_utf8_lossy(&answer).into_owned()
        })
        .await
        .unwrap()
    }
}

/// What was written, for logs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
