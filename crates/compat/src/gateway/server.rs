//! Listening, accepting, and stopping without breaking what is running off.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::patience::Patient;
use super::service::Service;
use super::tls::Tls;

/// Connections held open at once; more wait to be accepted.
const MAX_CONNECTIONS: u32 = 1024;

/// What a connection may send before the end of its headers, in bytes; beyond it the answer is 431.
const MAX_HEAD: usize = 64 * 1024;

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A listener that has its address and accepts nothing yet.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: std::net::TcpListener,
    address: SocketAddr,
}

pub(crate) fn bind(listen: SocketAddr) -> io::Result<Bound> {
    let listener = std::net::TcpListener::bind(listen)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok(Bound { listener, address })
}

/// A gateway that has its address and waits to be run. Callers that connect are answered as soon as
/// [`run_until`](Self::run_until) is polled.
pub struct Server {
    bound: Bound,
    tls: Option<Tls>,
    service: Arc<Service>,
    grace: Duration,
}

impl Server {
    pub(crate) fn new(bound: Bound, tls: Option<Tls>, service: Service, grace: Duration) -> Self {
        Self {
            bound,
            tls,
            service: Arc::new(service),
            grace,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.bound.address
    }

    /// The address as a URL: what stands for `https://outlook.office.com` in a legacy program.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.bound.address)
    }

    /// Serves on the current runtime until `stop` is done, then lets running requests come to their end, for as long as
    /// [`Builder::grace`](super::Builder::grace) says.
    ///
    /// # Errors
    ///
    /// When the listener cannot be registered with the runtime.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let listener = TcpListener::from_std(self.bound.listener)?;
        let (stopping, is_stopping) = watch::channel(false);
        let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS as usize));
        let connections = Connections {
            tls: self.tls,
            service: Arc::clone(&self.service),
            slots: Arc::clone(&slots),
            is_stopping,
        };
        tokio::select! {
            () = connections.accept(listener) => {}
            () = stop => {}
        }
        let _ = stopping.send(true);
        // All slots are free once every connection has ended.
        let _ = timeout(self.grace, slots.acquire_many(MAX_CONNECTIONS)).await;
        self.service.finish().await;
        Ok(())
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

/// What every connection gets.
struct Connections {
    tls: Option<Tls>,
    service: Arc<Service>,
    slots: Arc<Semaphore>,
    is_stopping: watch::Receiver<bool>,
}

impl Connections {
    async fn accept(&self, listener: TcpListener) {
        loop {
            let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let acceptor = self.tls.as_ref().map(Tls::acceptor);
                    let service = Arc::clone(&self.service);
                    let is_stopping = self.is_stopping.clone();
                    tokio::spawn(async move {
                        begin(stream, acceptor, service, is_stopping).await;
                        drop(slot);
                    });
                }
                // Out of file descriptors, or a connection that was gone before it was accepted. Neither is a reason
                // to stop; the first needs time.
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

async fn begin(
    stream: TcpStream,
    acceptor: Option<tokio_rustls::TlsAcceptor>,
    service: Arc<Service>,
    is_stopping: watch::Receiver<bool>,
) {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    match acceptor {
        None => serve(stream, service, is_stopping).await,
        Some(acceptor) => {
            // A failed handshake is between the caller and its trust; there is no way to answer it.
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await {
                serve(stream, service, is_stopping).await;
            }
        }
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    service: Arc<Service>,
    mut is_stopping: watch::Receiver<bool>,
) {
    let patience = service.patience;
    let io = TokioIo::new(Patient::new(stream, patience));
    let handle = service_fn(move |request| Arc::clone(&service).handle(request));
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(patience)
            .max_buf_size(MAX_HEAD)
            .half_close(true)
            .serve_connection(io, handle)
    );
    let signal = is_stopping.clone();
    let mut stop = pin!(is_stopping.changed());
    let mut waits = false;
    let stopped = poll_fn(|context| {
        if connection.as_mut().poll(context).is_ready() {
            return Poll::Ready(false);
        }
        // The signal wakes this task once it was polled; woken for the connection, there is no need to ask it again.
        if waits && !signal.has_changed().unwrap_or(true) {
            return Poll::Pending;
        }
        waits = true;
        stop.as_mut().poll(context).map(|_| true)
    });
    // An error here is a caller that went away or sent what is not HTTP; hyper has answered it as far as it can be
    // answered.
    if stopped.await {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}
