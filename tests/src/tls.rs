//! An authority of our own, and a front that speaks TLS before a server that does not.

use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The first byte of a connection that begins with a TLS handshake.
pub const HANDSHAKE: u8 = 22;

/// A certificate authority that no system knows.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A server's certificate and its key.
pub struct Certificate {
    chain: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Authority {
    /// Makes one.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new() -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate()?;
        Ok(Self {
            pem: params.self_signed(&key)?.pem(),
            issuer: Issuer::new(params, key),
        })
    }

    /// The authority's own certificate, to be trusted.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for one host, a name or an address.
    ///
    /// # Errors
    /// When the host is neither.
    pub fn certificate(&self, host: &str) -> Result<Certificate> {
        self.sign(CertificateParams::new([host.to_owned()])?)
    }

    /// The same, but no longer valid.
    ///
    /// # Errors
    /// As [`certificate`](Self::certificate).
    pub fn expired_certificate(&self, host: &str) -> Result<Certificate> {
        let mut params = CertificateParams::new([host.to_owned()])?;
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Result<Certificate> {
        let key = KeyPair::generate()?;
        Ok(Certificate {
            chain: params.signed_by(&key, &self.issuer)?.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        })
    }
}

/// A running front; it lives until the process ends.
#[derive(Debug, Clone)]
pub struct Front {
    address: SocketAddr,
    first_bytes: Arc<Mutex<Vec<u8>>>,
}

impl Front {
    /// Speaks TLS on a free port, and plainly with `upstream`.
    ///
    /// # Errors
    /// When no port is free or the certificate cannot be used.
    pub fn start(upstream: SocketAddr, certificate: Certificate) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.chain], certificate.key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = StdListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let front = Self {
            address: listener.local_addr()?,
            first_bytes: Arc::default(),
        };
        let first_bytes = Arc::clone(&front.first_bytes);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        thread::spawn(move || runtime.block_on(accept(listener, acceptor, upstream, first_bytes)));
        Ok(front)
    }

    /// The base URL for a client, of version v1.0.
    pub fn base_url(&self) -> String {
        format!("https://{}/v1.0", self.address)
    }

    /// The first byte of each connection.
    pub fn first_bytes(&self) -> Vec<u8> {
        self.first_bytes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn accept(
    listener: StdListener,
    acceptor: TlsAcceptor,
    upstream: SocketAddr,
    first_bytes: Arc<Mutex<Vec<u8>>>,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (connection, _) = listener.accept().await?;
        let (acceptor, first_bytes) = (acceptor.clone(), Arc::clone(&first_bytes));
        // A handshake that fails is the client's to report.
        tokio::spawn(async move { serve(connection, acceptor, upstream, &first_bytes).await });
    }
}

async fn serve(
    connection: TcpStream,
    acceptor: TlsAcceptor,
    upstream: SocketAddr,
    first_bytes: &Mutex<Vec<u8>>,
) -> io::Result<()> {
    let mut first = [0];
    if connection.peek(&mut first).await? == 1 {
        first_bytes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(first[0]);
    }
    let mut opened = acceptor.accept(connection).await?;
    let mut server = TcpStream::connect(upstream).await?;
    tokio::io::copy_bidirectional(&mut opened, &mut server).await?;
    Ok(())
}
