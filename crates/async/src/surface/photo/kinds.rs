//! What a [`PhotoHandle`](super::PhotoHandle) is a photo of. These types only decide which methods
//! there are; none is made by hand.

use graph_photo_model::size::Size;

use crate::surface::owner::Directory;

/// Of the signed-in user, a user or a group: it comes in sizes and can be deleted.
///
/// ```
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// use graph_photo::kinds::InDirectory;
/// use graph_photo::{Error, PhotoHandle};
///
/// async fn clear<'c>(photo: PhotoHandle<'c, InDirectory<'c>>) -> Result<usize, Error> {
///     let sizes = photo.sizes().await?.len();
///     photo.delete().await?;
///     Ok(sizes)
/// }
///
/// let gone = clear(client.user("adele@contoso.com").photo()).await?;
/// # let _ = gone;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct InDirectory<'c>(pub(super) Directory<'c>);

/// One size of such a photo: it is read only, as the service takes no single size.
///
/// ```
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// use graph_photo::kinds::InSize;
/// use graph_photo::{Error, Fit, PhotoHandle, Size};
///
/// async fn bytes<'c>(photo: PhotoHandle<'c, InSize<'c>>) -> Result<usize, Error> {
///     let photo = photo.fit(Fit::Down).get().await?;
///     Ok(photo.map_or(0, |photo| photo.bytes().len()))
/// }
///
/// let small = bytes(client.me().photo().size(Size::S96)).await?;
/// # let _ = small;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct InSize<'c>(pub(super) Directory<'c>, pub(super) Size);

/// Of a contact: there is one size, and no delete.
///
/// ```
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// use graph_photo::kinds::OfContact;
/// use graph_photo::{Error, PhotoHandle};
///
/// async fn has_photo(photo: PhotoHandle<'_, OfContact>) -> Result<bool, Error> {
///     Ok(photo.metadata().await?.is_some())
/// }
///
/// let known = has_photo(client.contact("AAMkAD").photo()).await?;
/// # let _ = known;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct OfContact;

/// Of a team: there is one size, and no delete.
///
/// ```
/// # async fn example(client: graph_photo::Client, logo: Vec<u8>) -> Result<(), graph_photo::Error> {
/// use graph_photo::kinds::OfTeam;
/// use graph_photo::{Error, PhotoHandle};
///
/// async fn brand(team: PhotoHandle<'_, OfTeam>, logo: Vec<u8>) -> Result<(), Error> {
///     team.put(logo).await
/// }
///
/// brand(client.team("22222222-0000-4000-8000-000000000001").photo(), logo).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct OfTeam;

/// The kinds of photos that [`put`](super::PhotoHandle::put) replaces: all but [`InSize`].
///
/// ```
/// # async fn example(client: graph_photo::Client, jpeg: Vec<u8>) -> Result<(), graph_photo::Error> {
/// use graph_photo::kinds::Writable;
/// use graph_photo::{Error, PhotoHandle};
///
/// async fn set<K: Writable>(photo: PhotoHandle<'_, K>, jpeg: Vec<u8>) -> Result<(), Error> {
///     photo.put(jpeg).await
/// }
///
/// set(client.me().photo(), jpeg.clone()).await?;
/// set(client.contact("AAMkAD").photo(), jpeg).await?;
/// # Ok(())
/// # }
/// ```
pub trait Writable: sealed::Sealed {}

impl Writable for InDirectory<'_> {}
impl Writable for OfContact {}
impl Writable for OfTeam {}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::InDirectory<'_> {}
    impl Sealed for super::OfContact {}
    impl Sealed for super::OfTeam {}
}
