//! Listening, accepting, and stopping.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::service::{Service, Wire};

/// Connections held open at once; more wait to be accepted.
const MAX_CONNECTIONS: usize = 1024;

/// What one connection may send before the end of its headers, in bytes.
/// Beyond it the answer is 431.
const MAX_HEAD: usize = 64 * 1024;

/// How long a client may take over its request line and headers.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// A listener that was bound, not yet accepting.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) listener: std::net::TcpListener,
    pub(crate) address: SocketAddr,
}

pub(crate) fn bind(listen: SocketAddr) -> std::io::Result<Bound> {
    let listener = std::net::TcpListener::bind(listen)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok(Bound { listener, address })
}

/// Accepts connections until the future is dropped; each connection ends with
/// the runtime that this runs on.
pub(crate) async fn serve(listener: TcpListener, service: Arc<Service>) {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let service = service.clone();
                tokio::spawn(async move {
                    connection(stream, service).await;
                    drop(slot);
                });
            }
            // Out of file descriptors, or a connection that was gone before it
            // was accepted. Neither is a reason to stop; the first needs time.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(stream: TcpStream, service: Arc<Service>) {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let wire = Wire::default();
    let socket = Socket {
        stream,
        wire: wire.clone(),
    };
    let handle = service_fn(move |request| service.clone().handle(request, wire.clone()));
    // An error here is a client that went away or sent what is not HTTP; hyper
    // has answered it as far as it can be answered.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .half_close(true)
        .serve_connection(TokioIo::new(socket), handle)
        .await;
}

/// A connection that can end with a reset.
struct Socket {
    stream: TcpStream,
    wire: Wire,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.wire.wants_reset() {
            // Closing without lingering is what makes the system send RST.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }
}
