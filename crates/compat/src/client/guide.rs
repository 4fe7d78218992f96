//! The way home, step by step: a program of Outlook REST v2.0, moved to Graph.
//!
//! The program shows people with their portraits. Over HTTP it did three things, and went by what came back:
//!
//! ```text
//! GET   https://outlook.office.com/api/v2.0/Users('adele@contoso.com')/photo          200, Id 1X1: draw initials
//! GET   https://outlook.office.com/api/v2.0/Users('adele@contoso.com')/photo/$value   200, the picture
//! PATCH https://outlook.office.com/api/v2.0/me/photo/$value                           200, the new picture is there
//! ```
//!
//! It moves in five steps, and works after each. All code below is compiled and run by `cargo test`, here and in the
//! same guide of the other kind of client, against the emulator of `graph-photo-emulator`.
//!
//! # 1. Find what there is to move
//!
//! `graph-photo migrate scan .` reads a source tree of any language and lists what uses the legacy API, with the
//! replacement; `--fix` rewrites what is certain. It is made of [`scan`](crate::scan), for one file here:
//!
//! ```
//! use graph_photo_compat::scan::{Certainty, scan};
//!
//! let source = br#"
//!     const PHOTO: &str = "https://outlook.office.com/api/v2.0/me/photo/$value";
//!     const SCOPE: &str = "https://outlook.office.com/user.readwrite";
//! "#;
//! let findings = scan(source).findings;
//! assert_eq!(findings.len(), 2);
//! assert!(findings.iter().all(|found| found.certainty == Certainty::Certain));
//! assert_eq!(findings[0].start.line, 2);
//! assert_eq!(findings[0].replacement.as_deref(), Some("https://graph.microsoft.com/v1.0/me/photo/$value"));
//! ```
//!
//! The token is what cannot wait: one for Outlook is not valid on Graph. The scopes keep their names behind another
//! host; [`scope`](crate::scope) knows, and which permission would be enough:
//!
//! ```
//! use graph_photo_compat::scope::{GraphScope, to_graph};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let GraphScope::Photo(scope) = to_graph("https://outlook.office.com/user.readwrite")? else {
//!     return Err("not a photo scope".into());
//! };
//! assert_eq!(scope.scope, "https://graph.microsoft.com/User.ReadWrite");
//! assert!(!scope.admin_consent);
//! assert_eq!(scope.least_privileged, "https://graph.microsoft.com/ProfilePhoto.ReadWrite.All");
//! assert!(scope.least_privileged_admin_consent);
//! # Ok(())
//! # }
//! ```
//!
//! # 2. The same program on Graph
//!
//! [`OutlookClient`](super::OutlookClient) has the legacy verbs and answers in the legacy shapes, so the program keeps
//! its logic: it still looks for `1X1`, and still expects 200. Only where the requests go is new. The compiler warns of
//! every line that is left to move; until then the warning is allowed.
//!
//! ```
//! #![allow(deprecated)]
//! use graph_photo_compat::client::OutlookClient;
//!
//! async fn portrait(outlook: &OutlookClient, user: &str) -> Result<Option<Vec<u8>>, graph_photo::Error> {
//!     let photo = outlook.users(user).photo();
//!     if photo.get().await?.id.as_deref() == Some("1X1") {
//!         return Ok(None);
//!     }
//!     Ok(Some(photo.get_value().await?.to_vec()))
//! }
//!
//! async fn change(outlook: &OutlookClient, picture: Vec<u8>) -> Result<bool, graph_photo::Error> {
//!     Ok(outlook.me().photo().patch_value(picture).await?.status() == 200)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let (graph_url, token) = (emulator.base_url(), "token");
//! # let picture = graph_photo_emulator::demo_jpeg(96, 120, "A")?.to_vec();
//! let graph = graph_photo::Client::builder().base_url(graph_url).bearer_token(token).build()?;
//! let outlook = OutlookClient::new(graph);
//! assert!(portrait(&outlook, "alex@contoso.com").await?.is_some());
//! assert_eq!(portrait(&outlook, "lidia@contoso.com").await?, None);
//! assert!(change(&outlook, picture).await?);
//! # emulator.assert_called("me_patch_photo_content", 1);
//! # Ok(())
//! # }
//! ```
//!
//! (`base_url` is for a Graph elsewhere, such as the emulator; a cloud is chosen by
//! [`graph_photo::ClientBuilder::cloud`].)
//!
//! # 3. One call after the other
//!
//! Without the `allow`, each warning names what to write:
//!
//! ```text
//! warning: use of deprecated method `graph_photo_compat::client::UserPhoto::<'_>::get`: use
//! `graph_photo::DirectoryPhoto::metadata`, which gives `None` for the 1X1 placeholder
//! ```
//!
//! `Error` is the same type on both sides, and [`OutlookClient::graph`](super::OutlookClient::graph) lends the client
//! underneath, so that moved and unmoved calls stand side by side. Here `portrait` has moved. A missing photo has become
//! `None`, with no sign to look for and no second request; `change` waits for another day:
//!
//! ```
//! #![allow(deprecated)]
//! use graph_photo_compat::client::OutlookClient;
//!
//! async fn portrait(graph: &graph_photo::Client, user: &str) -> Result<Option<Vec<u8>>, graph_photo::Error> {
//!     let photo = graph.user(user).photo().get().await?;
//!     Ok(photo.map(|photo| photo.bytes().to_vec()))
//! }
//!
//! async fn change(outlook: &OutlookClient, picture: Vec<u8>) -> Result<bool, graph_photo::Error> {
//!     Ok(outlook.me().photo().patch_value(picture).await?.status() == 200)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let emulator = graph_photo_emulator::blocking::Emulator::start()?;
//! # let (graph_url, token) = (emulator.base_url(), "token");
//! # let picture = graph_photo_emulator::demo_jpeg(96, 120, "A")?.to_vec();
//! # let graph = graph_photo::Client::builder().base_url(graph_url).bearer_token(token).build()?;
//! # let outlook = OutlookClient::new(graph);
//! assert!(portrait(outlook.graph(), "alex@contoso.com").await?.is_some());
//! assert_eq!(portrait(outlook.graph(), "lidia@contoso.com").await?, None);
//! assert!(change(&outlook, picture).await?);
//! # emulator.assert_called("user_get_photo_content", 2);
//! # emulator.assert_called("user_get_photo", 0);
//! # Ok(())
//! # }
//! ```
//!
//! What changes in meaning on the way:
//!
//! | the legacy API | Graph, through [`graph_photo::Client`] |
//! |---|---|
//! | no photo: 200 and `1X1` for metadata, 404 for `$value` | `None` for both |
//! | an unknown user: 404 | `None` too; [`graph_photo::User::exists`] asks the directory |
//! | `Id`: `240X240` | [`graph_photo::PhotoMetadata::size`]; the id may be `default` |
//! | the key of a user: email address, or object id and tenant id joined by `@` | user principal name or object id |
//! | `PATCH` or `PUT` | [`graph_photo::DirectoryPhoto::put`], which checks the picture before it sends it |
//!
//! # 4. What was stored
//!
//! Metadata in files and databases is spelled the old way. [`json`](crate::json) rewrites documents of any size, and
//! [`model`](crate::model) single photos:
//!
//! ```
//! use graph_photo::{PhotoMetadata, Size, types::ProfilePhoto};
//! use graph_photo_compat::json::Translator;
//! use graph_photo_compat::model::OutlookPhoto;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let stored = r#"{"@odata.mediaEtag":"\"BA09D118\"","Id":"240X240","Width":240,"Height":240}"#;
//! let moved = r#"{"@odata.mediaEtag":"\"BA09D118\"","id":"240x240","width":240,"height":240}"#;
//! assert_eq!(Translator::to_graph().translate_str(stored)?, moved);
//!
//! let photo: OutlookPhoto = serde_json::from_str(stored)?;
//! let photo = PhotoMetadata::from_graph(ProfilePhoto::from(photo)).ok_or("a placeholder")?;
//! assert_eq!((photo.size(), photo.media_etag()), (Some(Size::S240), Some("\"BA09D118\"")));
//! # Ok(())
//! # }
//! ```
//!
//! # 5. Home
//!
//! Nothing of the legacy API is left, so this crate can go from the manifest, and the permission can become the least
//! privileged one of step 1:
//!
//! ```
//! #![deny(deprecated)]
//! use graph_photo::Client;
//!
//! async fn portrait(graph: &Client, user: &str) -> Result<Option<Vec<u8>>, graph_photo::Error> {
//!     let photo = graph.user(user).photo().get().await?;
//!     Ok(photo.map(|photo| photo.bytes().to_vec()))
//! }
//!
//! async fn change(graph: &Client, picture: Vec<u8>) -> Result<(), graph_photo::Error> {
//!     graph.me().photo().put(picture).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let tokens = graph_photo_emulator::Tokens::parse("token work ProfilePhoto.ReadWrite.All")?;
//! # let emulator = graph_photo_emulator::Emulator::builder().tokens(tokens);
//! # let emulator = graph_photo_emulator::blocking::Emulator::start_with(emulator)?;
//! # let (graph_url, token) = (emulator.base_url(), "token");
//! # let picture = graph_photo_emulator::demo_jpeg(96, 120, "A")?.to_vec();
//! let graph = Client::builder().base_url(graph_url).bearer_token(token).build()?;
//! assert!(portrait(&graph, "alex@contoso.com").await?.is_some());
//! assert_eq!(portrait(&graph, "lidia@contoso.com").await?, None);
//! change(&graph, picture).await?;
//! # emulator.assert_called("me_put_photo_content", 1);
//! # Ok(())
//! # }
//! ```
//!
//! A program that is not all home yet does not compile with that lint, which CI can hold on to:
//!
//! ```compile_fail
//! #![deny(deprecated)]
//! use graph_photo_compat::client::OutlookClient;
//! # fn main() {}
//! ```
//!
//! Programs in other languages need none of this: `graph-photo gateway` speaks the legacy API over HTTP.
