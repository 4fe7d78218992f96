//! Every operation of both clients, called from one list.
//!
//! The list is a macro because the clients share no trait: one awaits, the other does not. What
//! each call gave is turned into a line that can be compared.

use std::fmt::Debug;

use bytes::Bytes;
use graph_photo_model::{Error, Response};
use http::{HeaderMap, StatusCode};

/// The ids that the calls use; the emulator's demo tenant has them.
pub mod ids {
    /// A user with a photo.
    pub const USER: &str = "alex@contoso.com";
    /// The user whose contacts are used; the signed-in one.
    pub const CONTACT_OWNER: &str = "adele@contoso.com";
    /// A group with a photo; its team has the same id.
    pub const GROUP: &str = "22222222-0000-4000-8000-000000000001";
    /// A contact with a photo.
    pub const CONTACT: &str = "contact-1";
    /// A contact in [`FOLDER`] with a photo.
    pub const FOLDER_CONTACT: &str = "contact-3";
    /// A contact folder.
    pub const FOLDER: &str = "folder-1";
    /// A size that every photo above has.
    pub const SIZE: &str = "48x48";
}

/// Calls all 43 operations; evaluates to a `Vec<(&'static str, String)>` of name and outcome.
///
/// `$wait` is `.await` or nothing. Uploads come first and deletions last, so that every call in
/// between finds a photo.
#[macro_export]
macro_rules! every_operation {
    ($client:expr, $jpeg:expr, [$($wait:tt)*]) => {{
        #[allow(unused_imports)]
        use $crate::operations::ids::*;
        let o = $client.operations();
        let jpeg: ::bytes::Bytes = $jpeg;
        let select = ::graph_photo_model::CommaSeparated::from([
            ::graph_photo_model::types::PhotoProperty::Id,
            ::graph_photo_model::types::PhotoProperty::Height,
        ]);
        let order = ::graph_photo_model::CommaSeparated::from([
            ::graph_photo_model::types::PhotoOrder::HeightDesc,
        ]);
        let mut outcomes: Vec<(&'static str, String)> = Vec::new();
        $crate::record_call!(o, outcomes, [$($wait)*], me_put_photo_content(jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], me_patch_photo_content(jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], me_get_photo(Some(&select)));
        $crate::record_download!(o, outcomes, [$($wait)*], me_get_photo_content());
        $crate::record_call!(o, outcomes, [$($wait)*], me_list_photos(None, None, Some(&order), Some(&select), None, Some(3)));
        $crate::record_call!(o, outcomes, [$($wait)*], me_get_photo_by_size(SIZE, None));
        $crate::record_download!(o, outcomes, [$($wait)*], me_get_photo_content_by_size(SIZE));
        $crate::record_call!(o, outcomes, [$($wait)*], user_put_photo_content(USER, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], user_patch_photo_content(USER, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], user_get_photo(USER, Some(&select)));
        $crate::record_download!(o, outcomes, [$($wait)*], user_get_photo_content(USER));
        $crate::record_call!(o, outcomes, [$($wait)*], user_list_photos(USER, None, None, Some(&order), Some(&select), None, Some(3)));
        $crate::record_call!(o, outcomes, [$($wait)*], user_get_photo_by_size(USER, SIZE, None));
        $crate::record_download!(o, outcomes, [$($wait)*], user_get_photo_content_by_size(USER, SIZE));
        $crate::record_call!(o, outcomes, [$($wait)*], group_put_photo_content(GROUP, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], group_patch_photo_content(GROUP, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], group_get_photo(GROUP, Some(&select)));
        $crate::record_download!(o, outcomes, [$($wait)*], group_get_photo_content(GROUP));
        $crate::record_call!(o, outcomes, [$($wait)*], group_list_photos(GROUP, None, None, Some(&order), Some(&select), None, Some(3)));
        $crate::record_call!(o, outcomes, [$($wait)*], group_get_photo_by_size(GROUP, SIZE, None));
        $crate::record_download!(o, outcomes, [$($wait)*], group_get_photo_content_by_size(GROUP, SIZE));
        $crate::record_call!(o, outcomes, [$($wait)*], team_put_photo_content(GROUP, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], team_get_photo(GROUP, Some(&select)));
        $crate::record_download!(o, outcomes, [$($wait)*], team_get_photo_content(GROUP));
        $crate::record_call!(o, outcomes, [$($wait)*], me_contact_put_photo_content(CONTACT, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], me_contact_patch_photo_content(CONTACT, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], me_contact_get_photo(CONTACT, Some(&select)));
        $crate::record_download!(o, outcomes, [$($wait)*], me_contact_get_photo_content(CONTACT));
        $crate::record_call!(o, outcomes, [$($wait)*], user_contact_put_photo_content(CONTACT_OWNER, CONTACT, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], user_contact_patch_photo_content(CONTACT_OWNER, CONTACT, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], user_contact_get_photo(CONTACT_OWNER, CONTACT, Some(&select)));
        $crate::record_download!(o, outcomes, [$($wait)*], user_contact_get_photo_content(CONTACT_OWNER, CONTACT));
        $crate::record_call!(o, outcomes, [$($wait)*], me_folder_contact_put_photo_content(FOLDER, FOLDER_CONTACT, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], me_folder_contact_patch_photo_content(FOLDER, FOLDER_CONTACT, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], me_folder_contact_get_photo(FOLDER, FOLDER_CONTACT, Some(&select)));
        $crate::record_download!(o, outcomes, [$($wait)*], me_folder_contact_get_photo_content(FOLDER, FOLDER_CONTACT));
        $crate::record_call!(o, outcomes, [$($wait)*], user_folder_contact_put_photo_content(CONTACT_OWNER, FOLDER, FOLDER_CONTACT, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], user_folder_contact_patch_photo_content(CONTACT_OWNER, FOLDER, FOLDER_CONTACT, jpeg.clone()));
        $crate::record_call!(o, outcomes, [$($wait)*], user_folder_contact_get_photo(CONTACT_OWNER, FOLDER, FOLDER_CONTACT, Some(&select)));
        $crate::record_download!(o, outcomes, [$($wait)*], user_folder_contact_get_photo_content(CONTACT_OWNER, FOLDER, FOLDER_CONTACT));
        $crate::record_call!(o, outcomes, [$($wait)*], me_delete_photo_content(None));
        $crate::record_call!(o, outcomes, [$($wait)*], user_delete_photo_content(USER, None));
        $crate::record_call!(o, outcomes, [$($wait)*], group_delete_photo_content(GROUP, None));
        outcomes
    }};
}

/// One call of [`every_operation`] whose answer is JSON or empty.
#[macro_export]
macro_rules! record_call {
    ($o:ident, $outcomes:ident, [$($wait:tt)*], $name:ident($($argument:expr),*)) => {
        $outcomes.push((
            stringify!($name),
            $crate::operations::describe($o.$name($($argument),*)$($wait)*),
        ))
    };
}

/// One call of [`every_operation`] whose answer is a photo.
#[macro_export]
macro_rules! record_download {
    ($o:ident, $outcomes:ident, [$($wait:tt)*], $name:ident($($argument:expr),*)) => {{
        let outcome = match $o.$name($($argument),*)$($wait)* {
            Ok(response) => {
                let (status, headers, stream) = response.into_parts();
                $crate::operations::describe_bytes(status, &headers, stream.bytes()$($wait)*)
            }
            Err(error) => $crate::operations::describe::<()>(Err(error)),
        };
        $outcomes.push((stringify!($name), outcome));
    }};
}

/// A JSON or empty answer as a line.
pub fn describe<T: Debug>(result: Result<Response<T>, Error>) -> String {
    match result {
        Ok(response) => format!("{} {:?}", response.status().as_u16(), response.into_inner()),
        Err(error) => format!("{:?} {:?} {:?}", error.kind(), error.status(), error.code()),
    }
}

/// A downloaded photo as a line.
pub fn describe_bytes(
    status: StatusCode,
    headers: &HeaderMap,
    bytes: Result<Bytes, Error>,
) -> String {
    let content_type = headers.get(http::header::CONTENT_TYPE);
    match bytes {
        Ok(bytes) => {
            // A checksum is enough to see that both clients got the same photo.
            let sum = bytes.iter().fold(0_u64, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
            });
            format!(
                "{} {content_type:?} {} bytes, checksum {sum:x}",
                status.as_u16(),
                bytes.len()
            )
        }
        Err(error) => format!("{:?}", error.kind()),
    }
}
