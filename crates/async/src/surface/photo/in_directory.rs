//! What only the photos of users and groups have: sizes, and delete.

use graph_photo_model::photo::PhotoMetadata;
use graph_photo_model::size::{Fit, Size};
use graph_photo_model::types::ProfilePhotoCollectionResponse;
use graph_photo_model::{Error, ErrorKind};

use super::kinds::{InDirectory, InSize};
use super::target::{Target, What};
use super::{DirectoryPhoto, PhotoHandle, SizedPhoto, found};
use crate::surface::operations::Operations;
use crate::surface::owner::{Directory, Owner};

/// A list of sizes has fewer pages than this.
const MAX_PAGES: usize = 10;

impl<'c> DirectoryPhoto<'c> {
    pub(in super::super) fn new(operations: &'c Operations, directory: Directory<'c>) -> Self {
        Self::of(
            operations,
            Owner::Directory(directory),
            InDirectory(directory),
        )
    }

    /// The sizes there are, smallest first; empty if there is no photo.
    ///
    /// ```
    /// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
    /// let sizes = client.me().photo().sizes().await?;
    /// let largest = sizes.last().and_then(|metadata| metadata.size());
    /// # let _ = largest;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn sizes(&self) -> Result<Vec<PhotoMetadata>, Error> {
        let operations = &self.target.operations.masked();
        let InDirectory(directory) = self.kind;
        let operation = directory.list_operation();
        let Some(listed) = found(directory.list_photos(operations).await)? else {
            return Ok(Vec::new());
        };
        let (mut status, mut headers, mut listed) = listed.into_parts();
        let mut all = listed.value;
        // Nine sizes never took a second page; the bound keeps a service from leading in circles.
        for _ in 0..MAX_PAGES {
            let Some(next) = listed.odata_next_link.take() else {
                break;
            };
            // Only a link below the base URL is followed: the token goes nowhere else.
            let Some(path) = operations.base_url().relative(&next) else {
                let what = "the list of sizes goes on at another server; that link is not followed";
                let error = Error::local(ErrorKind::UnexpectedResponse, what);
                return Err(error.with_operation(operation).with_head(status, headers));
            };
            let path = path.to_owned();
            (status, headers, listed) = operations
                .get_json::<ProfilePhotoCollectionResponse>(operation, path)
                .await?
                .into_parts();
            all.append(&mut listed.value);
        }
        let mut sizes: Vec<PhotoMetadata> = all
            .into_iter()
            .filter_map(PhotoMetadata::from_graph)
            .collect();
        sizes.sort_by_key(PhotoMetadata::size);
        Ok(sizes)
    }

    /// The photo in one size; by default exactly that size, see [`fit`](PhotoHandle::fit).
    pub fn size(&self, size: Size) -> SizedPhoto<'c> {
        let InDirectory(directory) = self.kind;
        PhotoHandle {
            target: Target {
                operations: self.target.operations,
                what: What::Size(directory, size, Fit::Exact),
            },
            kind: InSize(directory, size),
        }
    }

    /// Deletes the photo. Deleting a photo that is not there succeeds.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn delete(&self) -> Result<(), Error> {
        let operations = self.target.operations;
        let InDirectory(directory) = self.kind;
        let deleted = directory.delete_photo_content(operations).await;
        #[cfg(feature = "cache")]
        crate::surface::cache::forget(operations, self.target.owner());
        found(deleted).map(|_| ())
    }
}

impl SizedPhoto<'_> {
    /// What to take when that very size is not there; default [`Fit::Exact`].
    ///
    /// The service does not choose: anything but [`Fit::Exact`] lists the sizes first, which is
    /// one more request.
    ///
    /// ```
    /// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
    /// use graph_photo::{Fit, Size};
    ///
    /// let small = client.me().photo().size(Size::S240).fit(Fit::Down).get().await?;
    /// # let _ = small;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fit(mut self, fit: Fit) -> Self {
        let InSize(directory, size) = self.kind;
        self.target.what = What::Size(directory, size, fit);
        self
    }
}
