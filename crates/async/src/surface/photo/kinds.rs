//! What a [`PhotoHandle`](super::PhotoHandle) is a photo of. These types only decide which methods
//! there are; none is made by hand.

use graph_photo_model::size::Size;

use crate::surface::owner::Directory;

/// Of the signed-in user, a user or a group: it comes in sizes and can be deleted.
#[derive(Debug, Clone, Copy)]
pub struct InDirectory<'c>(pub(super) Directory<'c>);

/// One size of such a photo: it is read only, as the service takes no single size.
#[derive(Debug, Clone, Copy)]
pub struct InSize<'c>(pub(super) Directory<'c>, pub(super) Size);

/// Of a contact: there is one size, and no delete.
#[derive(Debug, Clone, Copy)]
pub struct OfContact;

/// Of a team: there is one size, and no delete.
#[derive(Debug, Clone, Copy)]
pub struct OfTeam;

/// The kinds of photos that [`put`](super::PhotoHandle::put) replaces: all but [`InSize`].
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
