//! Starting an emulator, and what a test does with a running one.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, oneshot};

use crate::faults::{Fault, Faults};
use crate::graph::{Behaviour, Graph, NoPhoto, PutError};
use crate::log::{RecordedRequest, RequestLog};
use crate::metadata::PhotoId;
use crate::owner::Owner;
use crate::photo::{Photo, PhotoError};
use crate::photos::Photos;
use crate::server;
use crate::service::{BATCHES, BODIES, Service};
use crate::store::{Store, StoreError};
use crate::synthetic::SyntheticUsers;
use crate::tenant::{PhotoKey, Tenant, User};
use crate::throttle::{Throttle, Throttler};
use crate::token::Tokens;

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
    /// The data directory cannot be used.
    #[error("cannot use the data directory")]
    Store(#[from] StoreError),
    /// A contact, a photo or a token was given to somebody who is not in the tenant.
    #[error("the tenant has no {0:?}")]
    NoSuchOwner(String),
}

/// What an emulator is to be like. Made by [`Emulator::builder`].
///
/// ```
/// use graph_photo_emulator::{Emulator, Owner, blocking, demo_jpeg};
///
/// let portrait = demo_jpeg(240, 200, "MB")?;
/// let builder = Emulator::builder()
///     .without_demo_tenant()
///     .user("megan@contoso.com")
///     .photo(Owner::user("megan@contoso.com"), portrait)
///     .fault("kind=status,status=503,times=1".parse()?);
/// let emulator = blocking::Emulator::start_with(builder)?;
/// println!("{}/me/photo", emulator.base_url());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    listen: SocketAddr,
    behaviour: Behaviour,
    log_capacity: usize,
    synthetic: Option<(u64, u8)>,
    photo_bytes: usize,
    body_timeout: Duration,
    data: Option<PathBuf>,
    tokens: Option<Tokens>,
    faults: Vec<Fault>,
    throttle: Option<Throttle>,
    demo_tenant: bool,
    people: Vec<Person>,
}

/// What is added to the tenant, in the order given.
#[derive(Debug, Clone)]
enum Person {
    User {
        name: String,
        has_mailbox: bool,
    },
    Group {
        id: String,
    },
    Contact {
        user: String,
        folder: Option<String>,
        id: String,
    },
    Photo(Owner, Bytes),
    DirectoryPhoto(String, Bytes),
}

impl Default for Builder {
    fn default() -> Builder {
        Builder {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            behaviour: Behaviour::default(),
            log_capacity: DEFAULT_LOG_CAPACITY,
            synthetic: None,
            photo_bytes: 0,
            body_timeout: Duration::from_secs(60),
            data: None,
            tokens: None,
            faults: Vec::new(),
            throttle: None,
            demo_tenant: true,
            people: Vec::new(),
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

    /// Pads the synthetic users' photos to this many bytes; drawings are some 20,000. Default: no
    /// padding.
    pub fn synthetic_photo_bytes(mut self, bytes: usize) -> Builder {
        self.photo_bytes = bytes;
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

    /// Keeps photos in this directory, across restarts and crashes. The
    /// emulator makes it if need be and holds it for itself. Default: memory.
    pub fn data(mut self, directory: impl Into<PathBuf>) -> Builder {
        self.data = Some(directory.into());
        self
    }

    /// Accepts these tokens only, and JWTs, and enforces permissions. Default:
    /// any token, and permissions only where a JWT names some.
    pub fn tokens(mut self, tokens: Tokens) -> Builder {
        self.tokens = Some(tokens);
        self
    }

    /// Adds a fault, tried after those added before. Default: none.
    pub fn fault(mut self, fault: Fault) -> Builder {
        self.faults.push(fault);
        self
    }

    /// Limits requests and uploads per application and mailbox. Default: no
    /// limits.
    pub fn throttle(mut self, limits: Throttle) -> Builder {
        self.throttle = Some(limits);
        self
    }

    /// Leaves out the demo tenant. `/me` is then the first user added.
    pub fn without_demo_tenant(mut self) -> Builder {
        self.demo_tenant = false;
        self
    }

    /// Adds a user by user principal name. Its object id is
    /// `44444444-0000-4000-8000-` and its number among the users added, from 1,
    /// as twelve digits.
    pub fn user(mut self, principal_name: impl Into<String>) -> Builder {
        self.people.push(Person::User {
            name: principal_name.into(),
            has_mailbox: true,
        });
        self
    }

    /// Adds a user without a mailbox: photo calls answer 404
    /// `MailboxNotEnabledForRESTAPI`.
    pub fn user_without_mailbox(mut self, principal_name: impl Into<String>) -> Builder {
        self.people.push(Person::User {
            name: principal_name.into(),
            has_mailbox: false,
        });
        self
    }

    /// Adds a group, which is a team too, by object id.
    pub fn group(mut self, id: impl Into<String>) -> Builder {
        self.people.push(Person::Group { id: id.into() });
        self
    }

    /// Adds a contact to a user's mailbox, in a folder or in none.
    pub fn contact(
        mut self,
        user: impl Into<String>,
        folder: Option<&str>,
        id: impl Into<String>,
    ) -> Builder {
        self.people.push(Person::Contact {
            user: user.into(),
            folder: folder.map(str::to_owned),
            id: id.into(),
        });
        self
    }

    /// Gives somebody added before, or of the demo tenant, a photo.
    pub fn photo(mut self, owner: Owner, image: impl Into<Bytes>) -> Builder {
        self.people.push(Person::Photo(owner, image.into()));
        self
    }

    /// Gives a user a photo in the directory (Entra), of its one size. v1.0
    /// shows it where the mailbox has none; beta also for a size that the
    /// mailbox lacks, and for a user without a mailbox.
    pub fn directory_photo(mut self, user: impl Into<String>, image: impl Into<Bytes>) -> Builder {
        let person = Person::DirectoryPhoto(user.into(), image.into());
        self.people.push(person);
        self
    }

    /// Starts the emulator. When this returns, it accepts connections.
    ///
    /// It runs on a thread of its own, so a test that blocks its runtime, or
    /// has a current-thread one, cannot starve it.
    ///
    /// # Errors
    ///
    /// [`StartError::Listen`] when the address is taken or not this machine's;
    /// the others for what the builder was given.
    pub async fn start(self) -> Result<Emulator, StartError> {
        self.start_on_thread()
    }

    pub(crate) fn start_on_thread(self) -> Result<Emulator, StartError> {
        let (bound, service) = self.prepare()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (started, has_started) = std::sync::mpsc::channel();
        let serving = service.clone();
        let thread = std::thread::Builder::new()
            .name("graph-photo-emulator".to_owned())
            .spawn(move || {
                // The runtime lives and dies on this thread: dropping one where
                // another is running would panic.
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                let runtime = match runtime {
                    Ok(runtime) => runtime,
                    Err(error) => {
                        let _ = started.send(Err(error));
                        return;
                    }
                };
                runtime.block_on(async move {
                    let listener = TcpListener::from_std(bound.listener);
                    let (listener, result) = match listener {
                        Ok(listener) => (Some(listener), Ok(())),
                        Err(error) => (None, Err(error)),
                    };
                    let _ = started.send(result);
                    if let Some(listener) = listener {
                        tokio::select! {
                            () = server::serve(listener, serving) => {}
                            _ = stopped => {}
                        }
                    }
                });
                // An image that is still being decoded is nobody's any more.
                runtime.shutdown_background();
            })
            .map_err(StartError::Thread)?;
        has_started
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("the thread ended")))
            .map_err(StartError::Thread)?;
        Ok(Emulator {
            address: bound.address,
            service,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Takes the address without serving yet, for a program that has a runtime
    /// of its own and serves until it is told to stop.
    ///
    /// # Errors
    ///
    /// As [`Builder::start`].
    pub fn bind(self) -> Result<Server, StartError> {
        let (bound, service) = self.prepare()?;
        Ok(Server { bound, service })
    }

    fn prepare(self) -> Result<(server::Bound, Arc<Service>), StartError> {
        let bound = server::bind(self.listen).map_err(|source| StartError::Listen {
            address: self.listen,
            source,
        })?;
        let mut tenant = Tenant::default();
        let mut initial = Vec::new();
        if self.demo_tenant {
            initial = crate::demo::fill(&mut tenant)?;
        }
        let synthetic = self
            .synthetic
            .map(|(count, without)| SyntheticUsers::new(count, without, self.photo_bytes))
            .map(Arc::new);
        tenant.synthetic = synthetic.clone();
        let photos = populate(&mut tenant, self.people)?;
        initial.extend(photos);
        let stranger = self
            .tokens
            .as_ref()
            .and_then(|tokens| tokens.users().find(|user| tenant.user(user).is_none()));
        if let Some(stranger) = stranger {
            return Err(StartError::NoSuchOwner(stranger.to_owned()));
        }
        let store = self.data.as_deref().map(Store::open).transpose()?;
        let photos = Photos::new(initial, synthetic, store);
        let faults = Faults::default();
        faults.set(self.faults);
        let service = Service {
            graph: Graph::new(tenant, photos, self.behaviour),
            log: RequestLog::new(self.log_capacity),
            faults,
            throttler: self.throttle.map(|limits| Arc::new(Throttler::new(limits))),
            tokens: self.tokens,
            page_token: format!("page-{:032x}", fastrand::u128(..)),
            authority: bound.address.to_string(),
            body_timeout: self.body_timeout,
            bodies: Semaphore::new(BODIES),
            batches: Semaphore::new(BATCHES),
        };
        Ok((bound, Arc::new(service)))
    }
}

/// Adds people to the tenant; answers the photos they start with.
fn populate(
    tenant: &mut Tenant,
    people: Vec<Person>,
) -> Result<Vec<(PhotoKey, Photo)>, StartError> {
    let mut photos = Vec::new();
    let mut users = 0;
    for person in people {
        match person {
            Person::User { name, has_mailbox } => {
                users += 1;
                tenant.add_user(User {
                    id: format!("44444444-0000-4000-8000-{users:012}").into(),
                    display_name: name.split('@').next().unwrap_or_default().to_owned(),
                    principal_name: name,
                    has_mailbox,
                });
            }
            Person::Group { id } => {
                tenant.add_group(&id, &id);
            }
            Person::Contact { user, folder, id } => {
                let found = tenant.user(&user).ok_or(StartError::NoSuchOwner(user))?;
                tenant.add_contact(&found.id, folder.as_deref(), &id);
            }
            Person::Photo(owner, image) => {
                let key = tenant
                    .photo_key(&owner.0)
                    .ok_or_else(|| StartError::NoSuchOwner(format!("{:?}", owner.0)))?;
                photos.push((key, Photo::upload(image, None)?));
            }
            Person::DirectoryPhoto(user, image) => {
                let found = tenant.user(&user).ok_or(StartError::NoSuchOwner(user))?;
                photos.push((
                    PhotoKey::Directory(found.id.clone()),
                    Photo::directory(image)?,
                ));
            }
        }
    }
    Ok(photos)
}

/// An emulator that has its address and waits to be run. Clients that connect
/// are answered as soon as [`Server::run_until`] is polled.
#[derive(Debug)]
pub struct Server {
    bound: server::Bound,
    service: Arc<Service>,
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.bound.address
    }

    /// Serves on the current runtime until `stop` is done.
    ///
    /// # Errors
    ///
    /// When the listener cannot be registered with the runtime.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let listener = TcpListener::from_std(self.bound.listener)?;
        tokio::select! {
            () = server::serve(listener, self.service) => {}
            () = stop => {}
        }
        Ok(())
    }
}

/// A running emulator. Dropping it stops it and closes its port.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use graph_photo_emulator::{Emulator, Owner};
///
/// let emulator = Emulator::start().await?;
/// emulator.remove_photo(&Owner::me())?;
/// // The program under test goes here, with emulator.base_url() in the place of Graph's.
/// for request in emulator.requests() {
///     println!("{} {}", request.operation, request.path());
/// }
/// # Ok(())
/// # }
/// ```
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

    /// The photo at `owner`, as it was uploaded.
    ///
    /// # Errors
    ///
    /// [`PutError::NoSuchOwner`].
    pub fn photo(&self, owner: &Owner) -> Result<Option<Bytes>, PutError> {
        let photo = self.service.graph.current(&owner.0);
        let photo = photo.map_err(|_| PutError::NoSuchOwner)?;
        Ok(photo.map(|photo| photo.bytes().clone()))
    }

    /// Gives `owner` a photo, without a request that the log would show.
    ///
    /// # Errors
    ///
    /// [`PutError`], when there is no such owner or the bytes are no photo.
    pub fn set_photo(&self, owner: &Owner, image: impl Into<Bytes>) -> Result<(), PutError> {
        let photo = Photo::upload(image.into(), None)?;
        self.service.graph.put(&owner.0, Some(photo))
    }

    /// Takes the photo away from `owner`; that there is none is no error.
    ///
    /// # Errors
    ///
    /// [`PutError::NoSuchOwner`].
    pub fn remove_photo(&self, owner: &Owner) -> Result<(), PutError> {
        self.service.graph.put(&owner.0, None)
    }

    /// Replaces the faults in force, from the next request on.
    pub fn set_faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.service.faults.set(faults);
    }

    /// The requests so far, oldest first, as far as the log reaches back. The
    /// items of a batch stand before the batch, with their `batch_id`.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service.log.after(0)
    }

    /// The requests that were this operation, such as `me_get_photo`.
    pub fn requests_of(&self, operation: &str) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.operation == operation);
        requests
    }

    /// Empties the log.
    pub fn clear_requests(&self) {
        self.service.log.clear();
    }

    /// Checks that exactly these operations were called, in this order.
    ///
    /// # Panics
    ///
    /// If they were not, naming what was called instead.
    #[track_caller]
    pub fn assert_operations(&self, expected: &[&str]) {
        let requests = self.requests();
        let actual: Vec<&str> = requests.iter().map(|r| r.operation.as_str()).collect();
        assert!(
            actual == expected,
            "expected the operations {expected:?}, got:{}",
            listing(&requests)
        );
    }

    /// Checks that an operation was called so often.
    ///
    /// # Panics
    ///
    /// If it was not, naming what was called.
    #[track_caller]
    pub fn assert_called(&self, operation: &str, times: usize) {
        let actual = self.requests_of(operation).len();
        assert!(
            actual == times,
            "expected {times} calls of {operation}, got {actual}:{}",
            listing(&self.requests())
        );
    }

    /// Checks that every request carried this header, with this value.
    ///
    /// # Panics
    ///
    /// If one did not, naming it.
    #[track_caller]
    pub fn assert_header(&self, name: &str, value: &str) {
        let requests = self.requests();
        let without = requests.iter().find(|r| r.header(name) != Some(value));
        assert!(
            without.is_none(),
            "expected the header {name}: {value} on every request, but:{}",
            listing(without)
        );
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

/// One request a line, for messages of failed assertions.
fn listing<'a>(requests: impl IntoIterator<Item = &'a RecordedRequest>) -> String {
    let lines: String = requests
        .into_iter()
        .map(|r| {
            format!(
                "\n  {} {} {} {} {}",
                r.method, r.target, r.operation, r.status, r.code
            )
        })
        .collect();
    if lines.is_empty() {
        "\n  no requests".to_owned()
    } else {
        lines
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
