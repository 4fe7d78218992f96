//! Typed models in the legacy spelling, generated from `spec/outlook-v2.yaml`.
//!
//! Members the description does not name are kept in `other`. For documents of any size, and to keep every byte that
//! needs no change, use [`crate::json`] instead.
//!
//! ```
//! use graph_photo_compat::model::OutlookPhoto;
//!
//! let photo: OutlookPhoto = serde_json::from_str(r#"{"Id": "240X240", "Width": 240, "Height": 240}"#)?;
//! assert_eq!(photo.width, Some(240));
//! # Ok::<(), serde_json::Error>(())
//! ```

pub use crate::generated::models::{
    OutlookError, OutlookErrorResponse, OutlookPhoto, OutlookPhotoCollection,
};
