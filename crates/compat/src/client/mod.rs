//! The photo part of the Outlook REST API as a client, running on Graph: for programs on their way home.
//!
//! [`OutlookClient`] keeps what callers of v2.0 and beta know, the verbs (`GET`, `PUT`, `PATCH`) and the shapes
//! ([`OutlookPhoto`](crate::model::OutlookPhoto), a placeholder of `1X1` for "no photo", 200 when a photo was set), and
//! sends Graph requests through a [`graph_photo::Client`]. Every item is deprecated, and its note names what to write
//! instead: after the move the compiler lists what is left, place by place. The [`guide`] takes a program through it.
//!
//! | legacy request | here | on Graph |
//! |---|---|---|
//! | `GET me/photo` | `client.me().photo().get()` | [`graph_photo::DirectoryPhoto::metadata`] |
//! | `GET me/photo/$value` | `client.me().photo().get_value()` | [`graph_photo::DirectoryPhoto::get`] |
//! | `PUT me/photo/$value` | `client.me().photo().put_value(photo)` | [`graph_photo::DirectoryPhoto::put`] |
//! | `PATCH me/photo/$value` | `client.me().photo().patch_value(photo)` | [`graph_photo::DirectoryPhoto::put`] |
//! | `GET me/photos` | `client.me().photos().get()` | [`graph_photo::DirectoryPhoto::sizes`] |
//! | `GET me/photos('48x48')` | `client.me().photos().size("48x48").get()` | [`graph_photo::SizedPhoto::metadata`] |
//! | `GET me/photos('48x48')/$value` | `client.me().photos().size("48x48").get_value()` | [`graph_photo::SizedPhoto::get`] |
//!
//! `Users('x')` is `client.users("x")` in the place of `client.me()`. A client for Graph v1.0 answers as v2.0 did, one
//! for beta as beta did.

#![allow(
    deprecated,
    reason = "what is deprecated for callers is not so for its own parts"
)]

pub mod guide;
mod photo;

use graph_photo::Client;

pub use self::photo::{OutlookUser, SizedUserPhoto, UserPhoto, UserPhotos};
use self::photo::{Owner, Place};

/// The legacy API, running on a client for Graph; see the [module](self).
///
/// In its place: [`graph_photo::Client`].
///
/// ```
/// # #![allow(deprecated)]
/// # async fn example(graph: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// use graph_photo_compat::client::OutlookClient;
///
/// let outlook = OutlookClient::new(graph);
/// let photo = outlook.users("adele@contoso.com").photo().get().await?;
/// println!("{}: {} x {}", photo.id.as_deref().unwrap_or("-"), photo.width.unwrap_or(0), photo.height.unwrap_or(0));
/// # Ok(())
/// # }
/// ```
#[deprecated(
    note = "Outlook REST was switched off on 2024-03-31; use the `graph_photo::Client` underneath"
)]
#[derive(Debug, Clone)]
pub struct OutlookClient {
    graph: Client,
}

impl OutlookClient {
    /// The legacy API on this client's connections, token and retries. The token is one for Graph: Outlook tokens are
    /// not valid there.
    ///
    /// In its place: the client itself, from [`graph_photo::Client::builder`].
    #[deprecated(note = "use the client that `graph_photo::Client::builder` leads to")]
    pub fn new(graph: Client) -> Self {
        Self { graph }
    }

    /// The client underneath, for what has moved already.
    ///
    /// In its place: [`graph_photo::Client`], kept where this one is kept now.
    #[deprecated(note = "keep the `graph_photo::Client` instead")]
    pub fn graph(&self) -> &Client {
        &self.graph
    }

    /// `/me`: the signed-in user; needs a delegated token.
    ///
    /// In its place: [`graph_photo::Client::me`].
    #[deprecated(note = "use `graph_photo::Client::me`")]
    pub fn me(&self) -> OutlookUser<'_> {
        OutlookUser::new(Place {
            graph: &self.graph,
            owner: Owner::Me,
        })
    }

    /// `/Users('{user_id}')`: a user, by email address. Graph finds users by object id and user principal name, which
    /// the email address often is. A key of the legacy service, object id and tenant id joined by `@`, is taken too.
    ///
    /// In its place: [`graph_photo::Client::user`].
    #[deprecated(note = "use `graph_photo::Client::user`")]
    pub fn users<'c>(&'c self, user_id: &'c str) -> OutlookUser<'c> {
        OutlookUser::new(Place {
            graph: &self.graph,
            owner: Owner::User(crate::url::without_tenant(user_id)),
        })
    }
}
