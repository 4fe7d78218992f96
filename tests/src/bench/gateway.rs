//! The gateway against a plain reverse proxy on hyper: what translating costs over handing on.
//!
//! A third one hands on by reqwest, which the async client sends with: what no gateway on that client can do without.
//!
//! Both run in processes of their own, on one thread each, and say on demand how much CPU time they took so far. The
//! same requests come over the same number of connections, and the same server answers behind them.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use graph_photo_compat::gateway::Gateway;
use graph_photo_model::error::BoxError;
use http::header::{CONNECTION, HOST, VIA};
use http::{HeaderMap, HeaderValue, Request, Response, Uri};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::measure::cpu_seconds;
use super::processor;

/// What stands between callers and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Hands requests and answers on as they are.
    Proxy,
    /// The same by way of reqwest.
    ReqwestProxy,
    /// Speaks the legacy API.
    Gateway,
}

impl Between {
    /// Its name on the command line and in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::ReqwestProxy => "reqwest-proxy",
            Self::Gateway => "gateway",
        }
    }

    /// What a caller asks it for.
    pub fn target(self, photo: bool) -> &'static str {
        match (self, photo) {
            (Self::Proxy | Self::ReqwestProxy, false) => "/v1.0/users/small%40contoso.com/photo",
            (Self::Proxy | Self::ReqwestProxy, true) => {
                "/v1.0/users/small%40contoso.com/photo/$value"
            }
            (Self::Gateway, false) => "/api/v2.0/Users('small@contoso.com')/photo",
            (Self::Gateway, true) => "/api/v2.0/Users('small@contoso.com')/photo/$value",
        }
    }
}

/// Runs one of them until the process is ended; prints the address first, and the CPU time for each line it reads.
///
/// # Errors
/// When no port is free.
pub fn run(which: &str, root: &str) -> Result<()> {
    processor::keep_to(processor::MEASURED);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::spawn(|| {
        for _ in io::stdin().lines() {
            println!("{}", cpu_seconds());
        }
    });
    runtime.block_on(async {
        if which == Between::Gateway.name() {
            let server = Gateway::builder().graph(root).bind()?;
            println!("{}", server.address());
            server.run_until(std::future::pending()).await?;
            return Ok(());
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        println!("{}", listener.local_addr()?);
        if which == Between::ReqwestProxy.name() {
            return reqwest_proxy(listener, root.parse()?).await;
        }
        proxy(listener, root.parse()?).await
    })
}

/// How long a caller may take over a head, and Graph over an answer: what the gateway allows.
const PATIENCE: Duration = Duration::from_secs(60);
const TIMEOUT: Duration = Duration::from_secs(100);

/// As little as a reverse proxy can do: another authority, a Via, no header that was meant for the next hop alone
/// (RFC 9110, 7.6), and nobody waited for without end.
async fn proxy(listener: TcpListener, root: Uri) -> Result<()> {
    let authority = root.authority().context("no authority")?.clone();
    let host = HeaderValue::from_str(authority.as_str())?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Incoming> = Client::builder(TokioExecutor::new()).build(connector);
    serve(listener, move |mut request: Request<Incoming>| {
        let uri = Uri::builder()
            .scheme("http")
            .authority(authority.clone())
            .path_and_query(target(&request))
            .build()
            .unwrap_or_default();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        end_to_end(headers);
        headers.insert(HOST, host.clone());
        headers.append(VIA, HeaderValue::from_static("1.1 proxy"));
        let answer = timeout(TIMEOUT, client.request(request));
        async move {
            let mut answer = answer.await??;
            end_to_end(answer.headers_mut());
            anyhow::Ok(answer)
        }
    })
    .await
}

/// Takes out what was meant for the next hop alone.
fn end_to_end(headers: &mut HeaderMap) {
    if let Some(named) = headers.remove(CONNECTION) {
        for name in named.to_str().unwrap_or_default().split(',') {
            headers.remove(name.trim());
        }
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Of the next hop, whether Connection names them or not.
const HOP_BY_HOP: [&str; 6] = [
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// As [`proxy`], with a client of reqwest's that is set up as the async client sets up its own.
async fn reqwest_proxy(listener: TcpListener, root: Url) -> Result<()> {
    // reqwest is built without naming a provider. One that is installed already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(100))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .http1_only()
        .build()?;
    serve(listener, move |mut request: Request<Incoming>| {
        let (client, url) = (client.clone(), root.join(target(&request)));
        async move {
            let mut sent = reqwest::Request::new(request.method().clone(), url?);
            std::mem::swap(sent.headers_mut(), request.headers_mut());
            end_to_end(sent.headers_mut());
            sent.headers_mut().remove(HOST);
            sent.headers_mut()
                .append(VIA, HeaderValue::from_static("1.1 proxy"));
            let mut answer = client.execute(sent).await?;
            end_to_end(answer.headers_mut());
            anyhow::Ok(Response::<reqwest::Body>::from(answer))
        }
    })
    .await
}

fn target(request: &Request<Incoming>) -> &str {
    request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str())
}

/// Answers each request of each connection by `handle`.
async fn serve<H, F, B, E>(listener: TcpListener, handle: H) -> Result<()>
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    E: Into<BoxError> + Send + 'static,
{
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let handle = handle.clone();
        tokio::spawn(async move {
            // A connection that breaks is the caller's to report.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .serve_connection(TokioIo::new(stream), service_fn(handle))
                .await;
        });
    }
}

/// A running one as a child process, and the connections to it; it ends with this value.
#[derive(Debug)]
pub struct Running {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    connections: Vec<TcpStream>,
}

impl Running {
    /// Starts this program again, as what stands between, with so many connections to ask it over at once.
    ///
    /// # Errors
    /// When it cannot be started or says no address.
    pub fn start(between: Between, root: &str, connections: usize) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["between", between.name(), root])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take().context("no input")?;
        let mut answers = BufReader::new(child.stdout.take().context("no output")?);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        let address: SocketAddr = line.trim().parse()?;
        let connections = (0..connections)
            .map(|_| {
                let stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                Ok(stream)
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            child,
            orders,
            answers,
            connections,
        })
    }

    /// Its CPU time so far, in seconds.
    fn cpu_seconds(&mut self) -> Result<f64> {
        writeln!(self.orders)?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().parse()?)
    }

    /// Asks for a target so many times, each connection for its share; the CPU time it took, in seconds.
    ///
    /// # Errors
    /// When an answer is not 200, or does not come.
    pub fn measure(&mut self, target: &str, times: usize) -> Result<f64> {
        let start = self.cpu_seconds()?;
        self.ask(target, times / self.connections.len())?;
        Ok(self.cpu_seconds()? - start)
    }

    fn ask(&self, target: &str, times: usize) -> Result<()> {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: outlook.office.com\r\nAuthorization: Bearer token\r\nAccept: application/json\r\nUser-Agent: node-outlook/2.0\r\n\r\n"
        );
        thread::scope(|scope| {
            let threads: Vec<_> = self
                .connections
                .iter()
                .map(|stream| {
                    scope.spawn(|| {
                        processor::keep_to(processor::SERVER);
                        ask(stream, &request, times)
                    })
                })
                .collect();
            threads.into_iter().try_for_each(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(anyhow::anyhow!("a caller panicked")))
            })
        })
    }
}

fn ask(mut stream: &TcpStream, request: &str, times: usize) -> Result<()> {
    let mut reader = BufReader::with_capacity(64 * 1024, stream);
    let mut line = String::new();
    let mut body = Vec::new();
    for _ in 0..times {
        stream.write_all(request.as_bytes())?;
        let mut length = 0;
        let mut status = true;
        loop {
            line.clear();
            ensure!(
                reader.read_line(&mut line)? > 0,
                "the connection was closed"
            );
            if status {
                ensure!(line.starts_with("HTTP/1.1 200"), "{line}");
                status = false;
            }
            if line.trim_end().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        ensure!(length > 0, "an answer without a length");
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
    }
    Ok(())
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
