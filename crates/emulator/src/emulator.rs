//! Starting an emulator, and what a test does with a running one.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::graph::{Behaviour, Graph, NoPhoto};
use crate::log::{RecordedRequest, RequestLog};
use crate::metadata::PhotoId;
use crate::photo::PhotoError;
use crate::photos::Photos;
use crate::server;
use crate::service::Service;
use crate::synthetic::SyntheticUsers;
use crate::tenant::Tenant;

/// How many requests the log keeps unless told otherwise.
pub const DEFAULT_LOG_CAPACITY: usize = 10_000;

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address could not be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A thread or a runtime could not be made.
    #[error("cannot start the emulator's thread")]
    Thread(#[source] io::Error),
    /// A photo handed to the builder is none.
    #[error("a photo to start with was refused")]
    Photo(#[from] PhotoError),
}

/// What an emulator is to be like. Made by [`Emulator::builder`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    listen: SocketAddr,
    behaviour: Behaviour,
    log_capacity: usize,
    synthetic: Option<(u64, u8)>,
    body_timeout: Duration,
}

impl Default for Builder {
    fn default() -> Builder {
        Builder {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            behaviour: Behaviour::default(),
            log_capacity: DEFAULT_LOG_CAPACITY,
            synthetic: None,
            body_timeout: Duration::from_secs(60),
        }
    }
}

impl Builder {
    /// Where to listen. Default: a free port on 127.0.0.1. The emulator takes
    /// any token by default, so think before naming an address that others
    /// can reach.
    pub fn listen(mut self, address: SocketAddr) -> Builder {
        self.listen = address;
        self
    }

    /// How a missing photo is answered. Default: [`NoPhoto::NotFound`].
    pub fn no_photo(mut self, no_photo: NoPhoto) -> Builder {
        self.behaviour.no_photo = no_photo;
        self
    }

    /// The `id` in the metadata of the largest photo. Default:
    /// [`PhotoId::Default`].
    pub fn photo_id(mut self, photo_id: PhotoId) -> Builder {
        self.behaviour.photo_id = photo_id;
        self
    }

    /// Whether an upload needs an `image/*` content type. Without, any content
    /// type will do for bytes that are an image. Default: off.
    pub fn strict_content_type(mut self, strict: bool) -> Builder {
        self.behaviour.strict_content_type = strict;
        self
    }

    /// Adds `count` users, `user0000000@synthetic.contoso.com` and so on, of
    /// whom `without_photo` percent have no photo. Default: none.
    pub fn synthetic_users(mut self, count: u64, without_photo: u8) -> Builder {
        self.synthetic = Some((count, without_photo));
        self
    }

    /// How many requests the log keeps. Default: [`DEFAULT_LOG_CAPACITY`].
    pub fn log_capacity(mut self, requests: usize) -> Builder {
        self.log_capacity = requests;
        self
    }

    /// How long a client may take to send a body. Default: 60 seconds.
    pub fn body_timeout(mut self, timeout: Duration) -> Builder {
        self.body_timeout = timeout;
        self
    }

    /// Starts the emulator. When this returns, it accepts connections.
    ///
    /// It runs on a thread of its own, so a test that blocks its runtime, or
    /// has a current-thread one, cannot starve it.
    ///
    /// # Errors
    ///
    /// [`StartError::Listen`] when the address is taken or not this machine's.
    pub async fn start(self) -> Result<Emulator, StartError> {
        self.start_on_thread()
    }

    pub(crate) fn start_on_thread(self) -> Result<Emulator, StartError> {
        let (bound, service) = self.prepare()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(StartError::Thread)?;
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(bound.listener).map_err(StartError::Thread)?
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = service.clone();
        let thread = std::thread::Builder::new()
            .name("graph-photo-emulator".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    tokio::select! {
                        () = server::serve(listener, serving) => {}
                        _ = stopped => {}
                    }
                });
                // An image that is still being decoded is nobody's any more.
                runtime.shutdown_background();
            })
            .map_err(StartError::Thread)?;
        Ok(Emulator {
            address: bound.address,
            service,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    fn prepare(self) -> Result<(server::Bound, Arc<Service>), StartError> {
        let bound = server::bind(self.listen).map_err(|source| StartError::Listen {
            address: self.listen,
            source,
        })?;
        let mut tenant = Tenant::default();
        let initial = crate::demo::fill(&mut tenant)?;
        let synthetic = self
            .synthetic
            .map(|(count, without)| Arc::new(SyntheticUsers::new(count, without)));
        tenant.synthetic = synthetic.clone();
        let photos = Photos::new(initial, synthetic);
        let service = Service {
            graph: Graph::new(tenant, photos, self.behaviour),
            log: RequestLog::new(self.log_capacity),
            authority: bound.address.to_string(),
            body_timeout: self.body_timeout,
        };
        Ok((bound, Arc::new(service)))
    }
}

/// A running emulator. Dropping it stops it and closes its port.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    service: Arc<Service>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Emulator {
    /// Starts an emulator with the demo tenant on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// [`StartError`], when the machine has no port or thread to give.
    pub async fn start() -> Result<Emulator, StartError> {
        Builder::default().start().await
    }

    /// An emulator that is to differ from the default.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `http://127.0.0.1:PORT`
    pub fn root_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `http://127.0.0.1:PORT/v1.0`
    pub fn base_url(&self) -> String {
        format!("{}/v1.0", self.root_url())
    }

    /// `http://127.0.0.1:PORT/beta`
    pub fn beta_url(&self) -> String {
        format!("{}/beta", self.root_url())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests so far, oldest first, as far as the log reaches back.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service.log.after(0)
    }

    /// Empties the log.
    pub fn clear_requests(&self) {
        self.service.log.clear();
    }

    /// How often an upload was decoded to make its sizes: once per upload, if
    /// any size was asked for.
    pub fn renders(&self) -> u64 {
        self.service.graph.photos.renders()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread ends by itself; if it panicked, that was said already.
            let _ = thread.join();
        }
    }
}

/// What a JPEG of the given side looks like, for tests that need an upload: a
/// disc in the colour of `hue` (degrees) with up to three letters on it.
///
/// # Errors
///
/// [`PhotoError::NotAnImage`] for a side of 0 or above 65,535 pixels.
pub fn demo_jpeg(side: u32, hue: u16, initials: &str) -> Result<Bytes, PhotoError> {
    if side == 0 || side > 65_535 {
        return Err(PhotoError::NotAnImage);
    }
    crate::drawing::disc(side, hue, initials)
}
