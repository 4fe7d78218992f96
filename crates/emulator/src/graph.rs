//! What Graph answers, without HTTP around it: a call goes in, an answer or a
//! refusal comes out. Single requests and the items of a batch both come here.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::errors::Refusal;
use crate::metadata::{self, Of, PhotoId, Query};
use crate::operation::{self, Action};
use crate::photo::{MAX_UPLOAD_BYTES, Photo, PhotoError, Size, parse_size};
use crate::photos::Photos;
use crate::route::{NoRoute, OwnerPath, PhotoPart, Resource, Route, UserKey, Version};
use crate::tenant::{PhotoKey, Tenant, User};

/// How a missing photo is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoPhoto {
    /// 404 `ImageNotFound`, as observed.
    #[default]
    NotFound,
    /// 200 and a GIF of one by one pixel, as Microsoft's pages show it.
    Placeholder,
}

/// What the emulator leaves to choose about the service it imitates.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Behaviour {
    pub(crate) no_photo: NoPhoto,
    pub(crate) photo_id: PhotoId,
    pub(crate) strict_content_type: bool,
}

/// A request, whether it came by itself or in a batch.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) query: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) if_match: Option<&'a str>,
    pub(crate) body: Bytes,
    /// The address under which the client reached the emulator.
    pub(crate) root: &'a str,
}

/// An answer that is not an error.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Empty,
    Json(Value),
    Image(&'static str, Bytes),
}

impl Answer {
    fn json(value: Value) -> Answer {
        Answer {
            status: StatusCode::OK,
            content: Content::Json(value),
        }
    }

    fn image(media_type: &'static str, bytes: Bytes) -> Answer {
        Answer {
            status: StatusCode::OK,
            content: Content::Image(media_type, bytes),
        }
    }

    fn empty(status: StatusCode) -> Answer {
        Answer {
            status,
            content: Content::Empty,
        }
    }
}

/// The service.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) tenant: Tenant,
    pub(crate) photos: Arc<Photos>,
    pub(crate) behaviour: Behaviour,
    /// Bounds the memory of decoding: so many images at once.
    decoding: Semaphore,
}

/// An owner and its photo, as the page lists them.
pub(crate) struct Owned {
    pub(crate) name: String,
    /// Without version.
    pub(crate) path: String,
    /// Whether the sizes can be asked for, and the photo deleted.
    pub(crate) sized: bool,
    pub(crate) deletable: bool,
    pub(crate) photo: Option<Arc<Photo>>,
}

/// Why a photo could not be set from within the process.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PutError {
    /// The tenant has no such user, group or contact.
    #[error("the emulator's tenant has no such owner")]
    NoSuchOwner,
    /// The bytes are no photo.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// The data directory refused it.
    #[error("the photo could not be stored")]
    Store(#[from] std::io::Error),
}

/// Images decoded at once. Each may take up to 256 MB.
const DECODERS: usize = 2;

/// Users on a page when the caller does not say, and at most.
const PAGE: u64 = 100;
const MAX_PAGE: u64 = 999;

/// Whose photo it is, found in the tenant.
struct Found {
    key: PhotoKey,
    directory: Option<PhotoKey>,
    has_mailbox: bool,
}

impl Graph {
    pub(crate) fn new(tenant: Tenant, photos: Photos, behaviour: Behaviour) -> Graph {
        Graph {
            tenant,
            photos: Arc::new(photos),
            behaviour,
            decoding: Semaphore::new(DECODERS),
        }
    }

    /// Answers a call to anything but `$batch`. `me` is the user that the
    /// token speaks for.
    pub(crate) async fn answer(
        &self,
        route: &Route,
        action: Action,
        me: &Option<Arc<User>>,
        call: Call<'_>,
    ) -> Result<Answer, Refusal> {
        let version = route.version;
        let (owner, part) = match &route.resource {
            Resource::Photo { owner, part } => (owner, part),
            Resource::User(key) => {
                let query = Query::parse(call.query)?;
                let user = self.user(key, me)?;
                return Ok(Answer::json(metadata::user(version, &user, &query)?));
            }
            Resource::Users => return self.users(version, &call),
            Resource::Batch => return Err(Refusal::bad_request("A batch must not hold a batch.")),
        };
        if action.is_upload() {
            return self.upload(owner, me, call).await;
        }
        if action == Action::DeletePhotoContent {
            return self.delete(owner, me, &call).await;
        }

        let query = Query::parse(call.query)?;
        let found = self.find(owner, me).map_err(|refusal| {
            // Observed: for an unknown user the photo calls say only that there
            // is no image. `GET /users/{id}` tells the two apart.
            match owner {
                OwnerPath::User(_) => Refusal::image_not_found(),
                _ => refusal,
            }
        })?;
        let mailbox = self.photos.get(&found.key);
        let directory = found.directory.as_ref().and_then(|k| self.photos.get(k));
        let falls_back = version == Version::Beta && directory.is_some();
        if !found.has_mailbox && !falls_back {
            return Err(Refusal::no_mailbox());
        }
        let largest = mailbox.as_ref().or(directory.as_ref());
        let Some(largest) = largest else {
            return self.no_photo(version, owner, part, &query);
        };
        match part {
            PhotoPart::Metadata => {
                let of = Of::Largest(self.behaviour.photo_id);
                metadata::photo(version, owner, largest, of, &query).map(Answer::json)
            }
            PhotoPart::Content => Ok(Answer::image(
                largest.media_type().as_str(),
                largest.bytes().clone(),
            )),
            PhotoPart::Sizes => metadata::photos(version, owner, largest, &query).map(Answer::json),
            PhotoPart::Sized(text) | PhotoPart::SizedContent(text) => {
                let size = parse_size(text).ok_or_else(Refusal::image_not_found)?;
                // beta looks into the directory for a size that the mailbox
                // does not have; v1.0 asks the directory only instead of it.
                let fallback = directory.as_ref().filter(|_| version == Version::Beta);
                let photo = [Some(largest), fallback]
                    .into_iter()
                    .flatten()
                    .find(|photo| photo.has_size(size));
                match (photo, part) {
                    (Some(photo), PhotoPart::Sized(_)) => {
                        metadata::photo(version, owner, photo, Of::Size(size), &query)
                            .map(Answer::json)
                    }
                    (Some(photo), _) => self.sized(photo.clone(), size).await,
                    (None, PhotoPart::Sized(_)) if version == Version::Beta => {
                        metadata::placeholder(version, owner, Some(largest), &query)
                            .map(Answer::json)
                    }
                    (None, _) => Err(Refusal::image_not_found()),
                }
            }
            PhotoPart::Count | PhotoPart::OldSized => {
                Err(Refusal::bad_request("The request is not supported."))
            }
        }
    }

    fn no_photo(
        &self,
        version: Version,
        owner: &OwnerPath,
        part: &PhotoPart,
        query: &Query,
    ) -> Result<Answer, Refusal> {
        match (self.behaviour.no_photo, part) {
            (NoPhoto::Placeholder, PhotoPart::Metadata) => {
                metadata::placeholder(version, owner, None, query).map(Answer::json)
            }
            (NoPhoto::Placeholder, PhotoPart::Content) => Ok(Answer::image(
                "image/gif",
                Bytes::from_static(metadata::PLACEHOLDER_GIF),
            )),
            _ => Err(Refusal::image_not_found()),
        }
    }

    async fn sized(&self, photo: Arc<Photo>, size: Size) -> Result<Answer, Refusal> {
        let media_type = photo.sized_media_type(size).as_str();
        let bytes = if photo.is_rendered(size) {
            photo.sized(size, self.photos.render_counter())
        } else {
            let _turn = self.decoding.acquire().await;
            let renders = self.photos.render_counter().clone();
            blocking(move || photo.sized(size, &renders)).await?
        };
        match bytes {
            Ok(Some(bytes)) => Ok(Answer::image(media_type, bytes)),
            Ok(None) => Err(Refusal::image_not_found()),
            Err(error) => Err(refuse_photo(error)),
        }
    }

    async fn upload(
        &self,
        owner: &OwnerPath,
        me: &Option<Arc<User>>,
        call: Call<'_>,
    ) -> Result<Answer, Refusal> {
        let found = self.find(owner, me)?;
        if !found.has_mailbox {
            return Err(Refusal::no_mailbox());
        }
        let declared = call.content_type.map(|text| {
            let media_type = text.split(';').next().unwrap_or_default();
            media_type.trim().to_ascii_lowercase()
        });
        if self.behaviour.strict_content_type
            && !declared.as_deref().is_some_and(|d| d.starts_with("image/"))
        {
            return Err(Refusal::not_an_image());
        }
        let photo = self
            .check(call.body, declared)
            .await
            .map_err(refuse_photo)?;
        self.change(vec![found.key], Some(Arc::new(photo))).await?;
        // Documented: 204 for teams, 200 for all others.
        Ok(Answer::empty(match owner {
            OwnerPath::Team(_) => StatusCode::NO_CONTENT,
            _ => StatusCode::OK,
        }))
    }

    /// Takes the bytes of an upload, if they are a photo.
    pub(crate) async fn check(
        &self,
        body: Bytes,
        declared: Option<String>,
    ) -> Result<Photo, PhotoError> {
        let _turn = self.decoding.acquire().await;
        blocking(move || Photo::upload(body, declared.as_deref()))
            .await
            .unwrap_or(Err(PhotoError::NotAnImage))
    }

    async fn change(&self, keys: Vec<PhotoKey>, photo: Option<Arc<Photo>>) -> Result<(), Refusal> {
        let photos = self.photos.clone();
        let saved = blocking(move || photos.set(&keys, photo.as_ref())).await?;
        saved.map_err(not_stored)
    }

    async fn delete(
        &self,
        owner: &OwnerPath,
        me: &Option<Arc<User>>,
        call: &Call<'_>,
    ) -> Result<Answer, Refusal> {
        let found = self.find(owner, me)?;
        if !found.has_mailbox {
            return Err(Refusal::no_mailbox());
        }
        let keys: Vec<PhotoKey> = [Some(found.key), found.directory]
            .into_iter()
            .flatten()
            .filter(|key| self.photos.get(key).is_some())
            .collect();
        let Some(current) = keys.first().and_then(|key| self.photos.get(key)) else {
            return Err(Refusal::image_not_found());
        };
        // Microsoft's OpenAPI declares If-Match for DELETE, and OData says what
        // follows when it does not match.
        if let Some(expected) = call.if_match
            && !expected
                .split(',')
                .any(|tag| matches!(tag.trim(), "*") || tag.trim() == current.etag())
        {
            return Err(Refusal::new(
                StatusCode::PRECONDITION_FAILED,
                "ErrorIrresolvableConflict",
                "The photo's media etag does not match the If-Match header.",
            ));
        }
        // With the mailbox's photo goes the directory's, or it would come back.
        self.change(keys, None).await?;
        Ok(Answer::empty(StatusCode::OK))
    }

    fn user(&self, key: &UserKey, me: &Option<Arc<User>>) -> Result<Arc<User>, Refusal> {
        match key {
            UserKey::Me => me.clone().ok_or_else(|| Refusal::no_such_object("me")),
            UserKey::Id(id) => self
                .tenant
                .user(id)
                .ok_or_else(|| Refusal::no_such_object(crate::errors::shorten(id))),
        }
    }

    fn find(&self, owner: &OwnerPath, me: &Option<Arc<User>>) -> Result<Found, Refusal> {
        match owner {
            OwnerPath::User(key) => {
                let user = self.user(key, me)?;
                Ok(Found {
                    key: PhotoKey::User(user.id.clone()),
                    directory: Some(PhotoKey::Directory(user.id.clone())),
                    has_mailbox: user.has_mailbox,
                })
            }
            OwnerPath::Group(id) | OwnerPath::Team(id) => {
                let group = self
                    .tenant
                    .group(id)
                    .ok_or_else(|| Refusal::no_such_object(crate::errors::shorten(id)))?;
                Ok(Found {
                    key: PhotoKey::Group(group),
                    directory: None,
                    has_mailbox: true,
                })
            }
            OwnerPath::Contact {
                user,
                folder,
                contact,
            } => {
                let user = self.user(user, me)?;
                if !user.has_mailbox {
                    return Err(Refusal::no_mailbox());
                }
                let key = self
                    .tenant
                    .contact(&user.id, folder.as_deref(), contact)
                    .ok_or_else(Refusal::no_such_item)?;
                Ok(Found {
                    key,
                    directory: None,
                    has_mailbox: true,
                })
            }
        }
    }

    /// The photo that a test sees at this owner, whatever the version.
    pub(crate) fn current(&self, owner: &OwnerPath) -> Result<Option<Arc<Photo>>, Refusal> {
        let found = self.find(owner, &self.tenant.me())?;
        let directory = || found.directory.as_ref().and_then(|k| self.photos.get(k));
        Ok(self.photos.get(&found.key).or_else(directory))
    }

    /// Sets or removes a photo from within the process. Waits for the disk.
    pub(crate) fn put(&self, owner: &OwnerPath, photo: Option<Photo>) -> Result<(), PutError> {
        let found = self
            .find(owner, &self.tenant.me())
            .map_err(|_| PutError::NoSuchOwner)?;
        let keys: Vec<PhotoKey> = match photo {
            Some(_) => vec![found.key],
            None => [Some(found.key), found.directory]
                .into_iter()
                .flatten()
                .collect(),
        };
        Ok(self.photos.set(&keys, photo.map(Arc::new).as_ref())?)
    }

    /// Puts every photo back to what it was at the start.
    pub(crate) async fn reset(&self) -> Result<(), Refusal> {
        let photos = self.photos.clone();
        blocking(move || photos.reset()).await?.map_err(not_stored)
    }

    /// Who there is, for the page; of the synthetic users the first few.
    pub(crate) fn owners(&self, synthetic: u64) -> Vec<Owned> {
        let mut owners = Vec::new();
        let first_synthetic =
            self.tenant.user_count() - self.tenant.synthetic.as_ref().map_or(0, |s| s.count());
        for user in self
            .tenant
            .users_from(0)
            .take((first_synthetic + synthetic) as usize)
        {
            let mailbox = self.photos.get(&PhotoKey::User(user.id.clone()));
            let directory = || self.photos.get(&PhotoKey::Directory(user.id.clone()));
            owners.push(Owned {
                name: user.display_name.clone(),
                path: format!("/users/{}", user.principal_name),
                sized: true,
                deletable: true,
                photo: mailbox.or_else(directory).filter(|_| user.has_mailbox),
            });
        }
        for (id, name) in self.tenant.groups() {
            let photo = self.photos.get(&PhotoKey::Group(id.clone()));
            for (kind, path, group) in [("group", "groups", true), ("team", "teams", false)] {
                owners.push(Owned {
                    name: format!("{name} ({kind})"),
                    path: format!("/{path}/{id}"),
                    sized: group,
                    deletable: group,
                    photo: photo.clone(),
                });
            }
        }
        for contact in self.tenant.contacts() {
            let user = self.tenant.user(&contact.user);
            let user = user.map_or_else(|| contact.user.to_string(), |u| u.principal_name.clone());
            let folder = contact.folder.as_ref();
            let folder = folder.map_or_else(String::new, |f| format!("/contactFolders/{f}"));
            owners.push(Owned {
                name: format!("{} (contact of {user})", contact.id),
                path: format!("/users/{user}{folder}/contacts/{}", contact.id),
                sized: false,
                deletable: false,
                photo: self.photos.get(&PhotoKey::Contact {
                    user: contact.user.clone(),
                    contact: contact.id.clone(),
                }),
            });
        }
        owners
    }

    /// The mailbox that a call counts against when throttling, if it is one
    /// that exists.
    pub(crate) fn mailbox(&self, route: &Route, me: &Option<Arc<User>>) -> Option<String> {
        match &route.resource {
            Resource::Photo { owner, .. } => {
                let found = self.find(owner, me).ok()?;
                Some(found.key.mailbox().to_owned())
            }
            _ => None,
        }
    }

    fn users(&self, version: Version, call: &Call<'_>) -> Result<Answer, Refusal> {
        let query = Query::parse(call.query)?;
        let top = query.top.unwrap_or(PAGE);
        if top == 0 || top > MAX_PAGE {
            return Err(Refusal::bad_request(format!(
                "Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive."
            )));
        }
        let skip = query.skip_token.unwrap_or(0);
        let users: Vec<_> = self.tenant.users_from(skip).take(top as usize).collect();
        let end = skip.saturating_add(users.len() as u64);
        let next = (!users.is_empty() && end < self.tenant.user_count())
            .then(|| metadata::next_link(call.root, version, call.query, end));
        let page = metadata::users(version, users.iter().map(|user| &**user), next, &query)?;
        Ok(Answer::json(page))
    }
}

fn not_stored(error: std::io::Error) -> Refusal {
    Refusal::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "ErrorStoreInternalServerError",
        format!("The photo could not be stored: {error}"),
    )
}

/// Finds out what a path addresses and what the method does there. Either may
/// be refused; a route without an action still asks for a token first.
pub(crate) fn understand(
    method: &Method,
    path: &str,
) -> Result<(Route, Result<Action, Refusal>), Refusal> {
    match crate::route::route(path) {
        Ok(route) => {
            let action = operation::action(&route, method, path);
            Ok((route, action))
        }
        Err(NoRoute::Unknown) => Err(Refusal::not_emulated(path)),
        Err(NoRoute::Malformed(why)) => Err(Refusal::bad_request(format!("Bad path: {why}."))),
    }
}

pub(crate) fn refuse_photo(error: PhotoError) -> Refusal {
    match error {
        PhotoError::NotAnImage => Refusal::not_an_image(),
        PhotoError::TooSmall { .. } => Refusal::too_small(),
        PhotoError::TooLarge(_) => Refusal::too_large(MAX_UPLOAD_BYTES),
    }
}

/// Runs what keeps a processor busy where it does not hold up other requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Refusal::not_an_image())
}
