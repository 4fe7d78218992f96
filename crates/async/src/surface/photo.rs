//! What can be done with a photo.
//!
//! Every photo is a [`PhotoHandle`]; what it is a photo of is a type of its own (see [`kinds`]), so
//! that what the service refuses does not compile: no sizes and no delete for contacts and teams,
//! and nothing that writes metadata anywhere.
//!
//! * `in_directory`: sizes, and delete, of users and groups.
//! * `target`: how a photo is read, whatever it is of. `photo_stream`: a photo on its way.

mod in_directory;
pub mod kinds;
mod photo_stream;
mod target;

use graph_photo_model::photo::{Photo, PhotoMetadata, Refresh};
use graph_photo_model::{Error, ErrorKind};

use self::kinds::{InDirectory, InSize, OfContact, OfTeam, Writable};
use self::target::{Target, What};
use super::body::Body;
use super::operations::Operations;
use super::owner::{ContactPlace, Owner};

pub use self::photo_stream::PhotoStream;

/// The photo of the signed-in user, a user or a group: all that a [`PhotoHandle`] can do.
///
/// What the service takes compiles:
///
/// ```no_run
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// client.me().photo().delete().await?;
/// # Ok(())
/// # }
/// ```
///
/// What it refuses does not:
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.me().photo().set_metadata().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().me_patch_photo().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().me_delete_photo().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().me_count_photos().await;
/// # }
/// ```
pub type DirectoryPhoto<'c> = PhotoHandle<'c, InDirectory<'c>>;

/// A photo in a size of one's choice; from [`DirectoryPhoto::size`].
///
/// What the service takes compiles:
///
/// ```no_run
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// client.me().photo().size(graph_photo::Size::S96).get().await?;
/// # Ok(())
/// # }
/// ```
///
/// What it refuses does not:
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.me().photo().size(graph_photo::Size::S96).put(vec![0]).await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.me().photo().size(graph_photo::Size::S96).delete().await;
/// # }
/// ```
pub type SizedPhoto<'c> = PhotoHandle<'c, InSize<'c>>;

/// The photo of a contact. Graph offers no sizes and no delete here.
///
/// What the service takes compiles:
///
/// ```no_run
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// client.contact("c").photo().put(vec![0xFF]).await?;
/// # Ok(())
/// # }
/// ```
///
/// What it refuses does not:
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.contact("c").photo().size(graph_photo::Size::S96);
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.contact("c").photo().sizes().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.contact("c").photo().delete().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().me_contact_list_photos("c").await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().me_contact_delete_photo_content("c", None).await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().user_contact_delete_photo_content("u", "c", None).await;
/// # }
/// ```
pub type ContactPhoto<'c> = PhotoHandle<'c, OfContact>;

/// The photo of a team. Graph offers no sizes and no delete here.
///
/// What the service takes compiles:
///
/// ```no_run
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// client.team("t").photo().put(vec![0xFF]).await?;
/// # Ok(())
/// # }
/// ```
///
/// What it refuses does not:
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.team("t").photo().size(graph_photo::Size::S96);
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.team("t").photo().sizes().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.team("t").photo().delete().await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.team("t").photo().patch(vec![0]).await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().team_patch_photo_content("t", vec![0]).await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().team_list_photos("t").await;
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # async fn example(client: graph_photo::Client) {
/// client.operations().team_delete_photo_content("t", None).await;
/// # }
/// ```
pub type TeamPhoto<'c> = PhotoHandle<'c, OfTeam>;

/// A photo at the service, which its methods read and write: a [`DirectoryPhoto`], [`SizedPhoto`],
/// [`ContactPhoto`] or [`TeamPhoto`]. It is a name, nothing was read yet; copying it is cheap.
///
/// ```
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// use graph_photo::{Error, PhotoHandle};
///
/// async fn length<K>(photo: PhotoHandle<'_, K>) -> Result<usize, Error> {
///     Ok(photo.get().await?.map_or(0, |photo| photo.bytes().len()))
/// }
///
/// let all = length(client.me().photo()).await? + length(client.team("t").photo()).await?;
/// # let _ = all;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PhotoHandle<'c, K> {
    target: Target<'c>,
    kind: K,
}

impl<'c> ContactPhoto<'c> {
    pub(super) fn new(operations: &'c Operations, place: ContactPlace<'c>) -> Self {
        Self::of(operations, Owner::Contact(place), OfContact)
    }
}

impl<'c> TeamPhoto<'c> {
    pub(super) fn new(operations: &'c Operations, team: &'c str) -> Self {
        Self::of(operations, Owner::Team(team), OfTeam)
    }
}

impl<'c, K> PhotoHandle<'c, K> {
    fn of(operations: &'c Operations, owner: Owner<'c>, kind: K) -> Self {
        let target = Target {
            operations,
            what: What::Largest(owner),
        };
        Self { target, kind }
    }

    /// The photo, in memory; `None` if there is no photo, or none of a fitting size.
    ///
    /// An answer that breaks off is asked for again. The media etag is known only where the answer
    /// carries one; [`get_if_changed`](Self::get_if_changed) always tells it.
    ///
    /// # Errors
    /// Every failure but a missing photo, each with its [`ErrorKind`].
    pub async fn get(&self) -> Result<Option<Photo>, Error> {
        self.target.get().await
    }

    /// The photo as it arrives; `None` if there is no photo, or none of a fitting size.
    ///
    /// # Errors
    /// As [`get`](Self::get); later failures come from the stream.
    pub async fn stream(&self) -> Result<Option<PhotoStream>, Error> {
        self.target.stream().await
    }

    /// What is known about the photo without its bytes; `None` if there is no photo, or none of a fitting size.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn metadata(&self) -> Result<Option<PhotoMetadata>, Error> {
        self.target.metadata().await
    }

    /// The photo if its media etag is not `etag`; `None` for whatever there is.
    ///
    /// Graph honours no If-None-Match on photos, so the metadata is read first and the bytes only
    /// if they changed: one small request instead of one large, or two.
    ///
    /// ```
    /// # async fn example(client: graph_photo::Client, known: &str) -> Result<(), graph_photo::Error> {
    /// use graph_photo::Refresh;
    ///
    /// match client.me().photo().get_if_changed(known).await? {
    ///     Refresh::Unchanged => println!("as before"),
    ///     Refresh::Changed(photo) => println!("now {:?}", photo.media_etag()),
    ///     Refresh::NoPhoto => println!("gone"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn get_if_changed<'e>(
        &self,
        etag: impl Into<Option<&'e str>>,
    ) -> Result<Refresh, Error> {
        self.target.get_if_changed(etag.into()).await
    }

    /// As [`get`](Self::get), from the cache while what it knows is fresh; a stale photo is
    /// refreshed by its media etag. Without [`ClientBuilder::cache`](super::ClientBuilder::cache)
    /// the same as [`get`](Self::get).
    ///
    /// ```
    /// # async fn example() -> Result<(), graph_photo::Error> {
    /// use graph_photo::{CacheSettings, Client};
    ///
    /// let client = Client::builder().cache(CacheSettings::default()).build()?;
    /// for _ in 0..2 {
    ///     // The second time nothing is sent.
    ///     let photo = client.user("adele@contoso.com").photo().get_cached().await?;
    ///     # let _ = photo;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get); a failed refresh is an error, not the stale photo.
    #[cfg(feature = "cache")]
    pub async fn get_cached(&self) -> Result<Option<Photo>, Error> {
        self.target.get_cached().await
    }
}

impl<K: Writable> PhotoHandle<'_, K> {
    /// Replaces the photo: JPEG, or PNG as Microsoft's own pages show it, at most 4,194,304 bytes
    /// and at least 48 by 48 pixels.
    ///
    /// The upload is looked at before anything is sent, and it is sent again when the service is
    /// busy, unless it is read while it is sent. After 504x504 pixels every size but 648x648 is
    /// there. A team's photo needs a delegated token.
    ///
    /// ```
    /// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
    /// use graph_photo::Body;
    ///
    /// let photo = Body::from_file("portrait.jpg").await?;
    /// client.user("adele@contoso.com").photo().put(photo).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] or [`ErrorKind::TooLarge`] before anything is sent when the
    /// bytes cannot be a photo; otherwise the service's answer.
    pub async fn put(&self, photo: impl Into<Body>) -> Result<(), Error> {
        let mut body: Body = photo.into();
        body.check().await?;
        let owner = self.target.owner();
        let sent = owner.put_photo_content(self.target.operations, body).await;
        #[cfg(feature = "cache")]
        super::cache::forget(self.target.operations, owner);
        sent.map(|_| ())
    }
}

/// "No photo" in any of its spellings is `None`, not an error.
pub(super) fn found<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NoPhoto => Ok(None),
        Err(error) => Err(error),
    }
}
