//! Each task with a program. All of them run, with every test of this crate, against the emulator
//! of `graph-photo-emulator`; `client` is a client of it, which has the users of its demo tenant.
//!
//! # Read a photo
//!
//! The largest there is, or a size. A missing photo is `None` and not an error.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! use graph_photo::{Fit, Size};
//!
//! let photo = client.user("alex@contoso.com").photo();
//! let largest = photo.get().await?.ok_or("there is one")?;
//! assert_eq!(largest.size(), Some(Size::S504));
//! assert_eq!((largest.content_type(), largest.extension()), ("image/jpeg", "jpg"));
//!
//! // Exactly this size, or none; the largest not above it; the largest at all.
//! assert!(photo.size(Size::S648).get().await?.is_none());
//! let fitting = photo.size(Size::S648).fit(Fit::Down).get().await?.ok_or("there is one")?;
//! assert_eq!(fitting.size(), Some(Size::S504));
//! let any = photo.size(Size::square(100)?).fit(Fit::Any).get().await?;
//! assert!(any.is_some());
//!
//! assert!(client.user("lidia@contoso.com").photo().get().await?.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # Know about a photo without its bytes
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! let photo = client.user("adele@contoso.com").photo();
//! let known = photo.metadata().await?.ok_or("there is one")?;
//! assert_eq!(known.size().map(|size| size.width()), Some(648));
//! assert_eq!(known.content_type(), Some("image/jpeg"));
//! let widths: Vec<u32> = photo.sizes().await?.iter().filter_map(|one| one.size()).map(|size| size.width()).collect();
//! assert_eq!(widths, [48, 64, 96, 120, 240, 360, 432, 504, 648]);
//! # Ok(())
//! # }
//! ```
//!
//! # Tell a missing photo from a missing user
//!
//! Graph answers the same for both. What settles it is one more request, made only when asked for.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! let nobody = client.user("nobody@contoso.com");
//! assert!(nobody.photo().get().await?.is_none());
//! assert!(!nobody.exists().await?);
//! # Ok(())
//! # }
//! ```
//!
//! # Tell failures apart
//!
//! By [`ErrorKind`](crate::ErrorKind); the error also has status, code, message, ids and Retry-After.
//! What an operation needs is public data, before and after a 403.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! use graph_photo::{ErrorKind, operations};
//!
//! let no_image = b"a letter".to_vec();
//! let error = client.me().photo().put(no_image).await.err().ok_or("it was taken")?;
//! match error.kind() {
//!     ErrorKind::Forbidden => println!("missing: {:?}", error.missing_permissions()),
//!     ErrorKind::Throttled => println!("again in {:?}", error.retry_after()),
//!     ErrorKind::NoMailbox | ErrorKind::NoSuchUser => println!("nobody to show"),
//!     _ => println!("{error} (request {:?})", error.request_id()),
//! }
//! assert_eq!(error.kind(), ErrorKind::InvalidInput);
//! assert_eq!(operations::ME_PUT_PHOTO_CONTENT.permissions.least(), ["ProfilePhoto.ReadWrite.All", "User.ReadWrite"]);
//! # Ok(())
//! # }
//! ```
//!
//! # Read only what changed
//!
//! Graph honours no If-None-Match, so the media etag of the metadata is compared first. With the
//! feature `cache` a client keeps photos, and the knowledge that there is none: see
//! [`ClientBuilder::cache`](crate::ClientBuilder#method.cache).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! use graph_photo::Refresh;
//!
//! let photo = client.user("adele@contoso.com").photo();
//! let Refresh::Changed(first) = photo.get_if_changed(None).await? else {
//!     return Err("nothing was known".into());
//! };
//! let again = photo.get_if_changed(first.media_etag()).await?;
//! assert_eq!(again, Refresh::Unchanged);
//! # Ok(())
//! # }
//! ```
//!
//! # Read a photo as it arrives
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! use std::io::Write;
//!
//! let mut file = Vec::new();
//! if let Some(mut stream) = client.user("adele@contoso.com").photo().stream().await? {
//!     while let Some(chunk) = stream.chunk().await? {
//!         file.write_all(&chunk)?;
//!     }
//! }
//! assert!(file.starts_with(b"\xff\xd8"));
//! # Ok(())
//! # }
//! ```
//!
//! # Upload a photo
//!
//! From memory, from a file, from a reader, or from a stream, such as another photo's. What cannot
//! be a photo is refused before anything is sent; what can be sent again is, when Graph is busy.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! use graph_photo::Body;
//!
//! let jpeg = client.user("adele@contoso.com").photo().get().await?.ok_or("there is one")?.into_bytes();
//! let lidia = client.user("lidia@contoso.com").photo();
//! lidia.put(jpeg.clone()).await?;
//!
//! let folder = std::env::temp_dir().join(format!("graph-photo-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! std::fs::write(folder.join("lidia.jpg"), &jpeg)?;
//! let file = Body::from_file(folder.join("lidia.jpg")).await?;
//! std::fs::remove_dir_all(&folder)?;
//! lidia.put(file).await?;
//!
//! let length = jpeg.len() as u64;
//! lidia.put(Body::from_reader(std::io::Cursor::new(jpeg), length)).await?;
//!
//! let other = client.user("alex@contoso.com").photo().stream().await?.ok_or("there is one")?;
//! let length = other.content_length().ok_or("it is announced")?;
//! lidia.put(Body::from_stream(other, length)).await?;
//! assert_eq!(lidia.metadata().await?.and_then(|photo| photo.size()), Some(graph_photo::Size::S504));
//! # Ok(())
//! # }
//! ```
//!
//! # Delete a photo
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! let photo = client.user("adele@contoso.com").photo();
//! photo.delete().await?;
//! assert!(photo.get().await?.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # Groups, teams and contacts
//!
//! What Graph does not offer does not compile: contacts and teams have no sizes and no delete.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! let group = client.group("22222222-0000-4000-8000-000000000001").photo();
//! let team = client.team("22222222-0000-4000-8000-000000000001").photo();
//! assert_eq!(team.get().await?.is_some(), group.get().await?.is_some());
//! let contact = client.contact("contact-1").photo();
//! let same = client.user("adele@contoso.com").contact("contact-1").photo();
//! assert_eq!(contact.get().await?, same.get().await?);
//! # Ok(())
//! # }
//! ```
//!
//! # Many owners at once
//!
//! Through `$batch`, twenty a request; each result is what a single call would have given.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! use graph_photo::{Owner, Size};
//!
//! let owners = [Owner::user("adele@contoso.com"), Owner::user("lidia@contoso.com"), Owner::Me];
//! let photos = client.batch().size(Size::S96).photos(&owners).await;
//! let there: Vec<bool> = photos.iter().map(|photo| matches!(photo, Ok(Some(_)))).collect();
//! assert_eq!(there, [true, false, true]);
//! # Ok(())
//! # }
//! ```
//!
//! # A photo in a message or a page
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! let photo = client.user("adele@contoso.com").photo().get().await?.ok_or("there is one")?;
//! let attachment = photo.to_attachment();
//! assert_eq!(attachment.name, "photo.jpg");
//! assert!(attachment.to_outlook_json()["ContentBytes"].is_string());
//! assert!(photo.to_data_url().starts_with("data:image/jpeg;base64,"));
//! # Ok(())
//! # }
//! ```
//!
//! # Retries, timeouts and deadlines
//!
//! Retry-After is honoured; caps hold for attempts, single waits and the whole call.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! use std::time::{Duration, Instant};
//! use graph_photo::{Client, retry::Policy};
//!
//! emulator.set_faults(["kind=status,status=503,times=2".parse()?]);
//! let client = Client::builder()
//!     .base_url(emulator.base_url())
//!     .bearer_token("token")
//!     .connect_timeout(Duration::from_secs(5))
//!     .timeout(Duration::from_secs(30))
//!     .retry(Policy::DEFAULT.with_base_delay(Duration::from_millis(1)).with_max_attempts(3))
//!     .build()?;
//! let soon = client.with_deadline(Instant::now() + Duration::from_secs(60));
//! assert!(soon.user("adele@contoso.com").photo().get().await?.is_some());
//! assert_eq!(emulator.requests().len(), 3);
//! # Ok(())
//! # }
//! ```
//!
//! # Tokens and clouds
//!
//! A token for good, or a callback that is asked for one before the last expires and once after a
//! 401. It is given the scope of the cloud.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! use std::time::{Duration, SystemTime};
//! use graph_photo::{ApiVersion, BearerToken, Client, Cloud};
//!
//! let client = Client::builder()
//!     .cloud(Cloud::UsGovL4)
//!     .api_version(ApiVersion::Beta)
//!     // Only here: without it, the cloud and the version say where Graph is.
//!     .base_url(emulator.beta_url())
//!     .token_callback(|scope| async move {
//!         assert_eq!(scope, "https://graph.microsoft.us/.default");
//!         let hour = SystemTime::now() + Duration::from_secs(3600);
//!         Ok(BearerToken::new("from-a-vault")?.with_expiry(hour))
//!     })
//!     .build()?;
//! assert!(client.me().photo().metadata().await?.is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # Proxies and authorities of one's own
//!
//! `HTTPS_PROXY` and `NO_PROXY` are honoured, and what the system trusts, or `SSL_CERT_FILE` names,
//! is trusted. Both can be set for one client; an HTTP client can be brought along too.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! use graph_photo::Client;
//!
//! let client = Client::builder().proxy("http://proxy.contoso.com:8080").bearer_token("token").build()?;
//! let direct = Client::builder().no_proxy().bearer_token("token").build()?;
//! assert!(Client::builder().root_certificate("no PEM").is_err());
//! # let _ = (client, direct);
//! # Ok(())
//! # }
//! ```
//!
//! # See what is sent
//!
//! Through `tracing`: a span per operation and one per attempt, with names, numbers and statuses and
//! nothing about people. A hook sees more: each attempt with its headers, and what came of it.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! use std::sync::{Arc, Mutex};
//! use graph_photo::{Client, ExchangeOutcome};
//!
//! // The first answer breaks off half way.
//! emulator.set_faults(["kind=truncate,times=1".parse()?]);
//! let seen = Arc::new(Mutex::new(Vec::new()));
//! let notes = Arc::clone(&seen);
//! let client = Client::builder()
//!     .base_url(emulator.base_url())
//!     .bearer_token("token")
//!     .observer(move |exchange| {
//!         let outcome = match exchange.outcome {
//!             ExchangeOutcome::Answered { status, .. } => status.to_string(),
//!             ExchangeOutcome::BrokenOff { status, kind, .. } => format!("{status}, then {kind:?}"),
//!             other => format!("{other:?}"),
//!         };
//!         if let Ok(mut notes) = notes.lock() {
//!             notes.push(format!("{} {outcome}", exchange.path_and_query));
//!         }
//!     })
//!     .build()?;
//! client.user("adele@contoso.com").photo().metadata().await?;
//! let seen = seen.lock().map_err(|_| "poisoned")?;
//! let path = "/users/adele%40contoso.com/photo";
//! assert_eq!(*seen, [format!("{path} 200 OK, then Body"), format!("{path} 200 OK")]);
//! # Ok(())
//! # }
//! ```
//!
//! # Graph as Microsoft describes it
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let client = graph_photo::Client::builder().base_url(emulator.base_url()).bearer_token("token").build()?;
//! use graph_photo::types::PhotoProperty;
//!
//! let fields = [PhotoProperty::Width].into();
//! let answer = client.operations().user_get_photo("adele@contoso.com", Some(&fields)).await?;
//! assert_eq!(answer.status().as_u16(), 200);
//! assert_eq!(answer.width, Some(648));
//! # Ok(())
//! # }
//! ```
