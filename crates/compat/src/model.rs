//! Typed models in the legacy spelling, generated from `spec/outlook-v2.yaml`, and their way to Graph's and back.
//!
//! Members the description does not name are kept in `other`. For documents of any size, and to keep every byte that
//! needs no change, use [`crate::json`] instead.
//!
//! ```
//! use graph_photo_compat::model::OutlookPhoto;
//! use graph_photo_model::types::ProfilePhoto;
//!
//! let legacy: OutlookPhoto = serde_json::from_str(r#"{"Id": "240X240", "Width": 240, "Height": 240}"#)?;
//! let graph = ProfilePhoto::from(legacy.clone());
//! assert_eq!((graph.id.as_deref(), graph.width), (Some("240x240"), Some(240)));
//! assert_eq!(OutlookPhoto::from(graph), legacy);
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::sync::LazyLock;

use graph_photo_model::types::{ProfilePhoto, ProfilePhotoCollectionResponse};

pub use crate::generated::models::{
    OutlookError, OutlookErrorResponse, OutlookPhoto, OutlookPhotoCollection,
};
use crate::json::Translator;

static TO_GRAPH: LazyLock<Translator> = LazyLock::new(Translator::to_graph);
static TO_OUTLOOK: LazyLock<Translator> = LazyLock::new(Translator::to_outlook);

/// What [`crate::json`] does to a document, for one photo. Graph's type has no place for `other`, which is dropped.
impl From<OutlookPhoto> for ProfilePhoto {
    fn from(photo: OutlookPhoto) -> Self {
        let translator = &*TO_GRAPH;
        let mut graph = Self::default();
        graph.odata_context = photo.odata_context.map(|url| translator.url_text(&url));
        graph.odata_id = photo.odata_id.map(|url| translator.url_text(&url));
        graph.odata_media_content_type = photo.odata_media_content_type;
        graph.odata_media_etag = photo.odata_media_etag;
        graph.odata_type = photo.odata_type.map(|name| translator.type_text(&name));
        graph.id = photo.id.map(|id| translator.size_text(&id));
        graph.width = photo.width;
        graph.height = photo.height;
        graph
    }
}

/// What [`crate::json`] does to a document, for one photo. An id of `default` stays: see
/// [`derive_id`](OutlookPhoto::derive_id).
impl From<ProfilePhoto> for OutlookPhoto {
    fn from(photo: ProfilePhoto) -> Self {
        let translator = &*TO_OUTLOOK;
        Self {
            odata_context: photo.odata_context.map(|url| translator.url_text(&url)),
            odata_id: photo.odata_id.map(|url| translator.url_text(&url)),
            odata_media_content_type: photo.odata_media_content_type,
            odata_media_etag: photo.odata_media_etag,
            odata_type: photo.odata_type.map(|name| translator.type_text(&name)),
            id: photo.id.map(|id| translator.size_text(&id)),
            width: photo.width,
            height: photo.height,
            ..Self::default()
        }
    }
}

/// Each photo by itself; what the description does not name is dropped.
impl From<OutlookPhotoCollection> for ProfilePhotoCollectionResponse {
    fn from(photos: OutlookPhotoCollection) -> Self {
        let translator = &*TO_GRAPH;
        let mut graph = Self::default();
        graph.odata_context = photos.odata_context.map(|url| translator.url_text(&url));
        graph.odata_next_link = photos.odata_next_link.map(|url| translator.url_text(&url));
        graph.value = photos.value.into_iter().map(ProfilePhoto::from).collect();
        graph
    }
}

/// Each photo by itself; `@odata.count` is dropped, which the legacy API did not give.
impl From<ProfilePhotoCollectionResponse> for OutlookPhotoCollection {
    fn from(photos: ProfilePhotoCollectionResponse) -> Self {
        let translator = &*TO_OUTLOOK;
        Self {
            odata_context: photos.odata_context.map(|url| translator.url_text(&url)),
            odata_next_link: photos.odata_next_link.map(|url| translator.url_text(&url)),
            value: photos.value.into_iter().map(OutlookPhoto::from).collect(),
            ..Self::default()
        }
    }
}

impl OutlookPhoto {
    /// What the legacy service answered, with status 200, when there was no photo (Outlook v2.0 user photo reference):
    /// a gif of one pixel without an etag.
    ///
    /// ```
    /// use graph_photo_compat::model::OutlookPhoto;
    ///
    /// let json = serde_json::to_value(OutlookPhoto::no_photo())?;
    /// assert_eq!((&json["Id"], &json["Width"]), (&"1X1".into(), &1.into()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn no_photo() -> Self {
        Self {
            odata_media_content_type: Some("image/gif".to_owned()),
            odata_media_etag: Some(String::new()),
            id: Some("1X1".to_owned()),
            width: Some(1),
            height: Some(1),
            ..Self::default()
        }
    }

    /// Writes the id that the legacy service would have given: width and height joined by a capital `X`. Graph says
    /// `default` for the largest photo (observed). Without both numbers the id stays.
    ///
    /// ```
    /// use graph_photo_compat::model::OutlookPhoto;
    ///
    /// let mut photo = OutlookPhoto { id: Some("default".into()), width: Some(256), height: Some(256), ..Default::default() };
    /// photo.derive_id();
    /// assert_eq!(photo.id.as_deref(), Some("256X256"));
    /// ```
    pub fn derive_id(&mut self) {
        if let (Some(width), Some(height)) = (self.width, self.height) {
            self.id = Some(format!("{width}X{height}"));
        }
    }
}
