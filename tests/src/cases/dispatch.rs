//! Calls an operation, or a curated handle, by the names that cases use.
//!
//! The clients share no trait, one awaits and the other does not, so the calls are macros with the
//! wait as an argument: `[.await]` or `[]`. An operation that is removed or changes its arguments
//! does not compile here; one that is added and missing here fails the test that compares
//! [`names`] with the generated table.

/// Hands the list of operations to `$callback`: the kind of call, the name, the path parameters.
#[macro_export]
macro_rules! operation_list {
    ($callback:ident $context:tt) => {
        $crate::$callback! { $context
            metadata me_get_photo [];
            metadata user_get_photo ["user-id"];
            metadata group_get_photo ["group-id"];
            metadata team_get_photo ["team-id"];
            metadata me_contact_get_photo ["contact-id"];
            metadata user_contact_get_photo ["user-id" "contact-id"];
            metadata me_folder_contact_get_photo ["contactFolder-id" "contact-id"];
            metadata user_folder_contact_get_photo ["user-id" "contactFolder-id" "contact-id"];
            metadata me_get_photo_by_size ["profilePhoto-id"];
            metadata user_get_photo_by_size ["user-id" "profilePhoto-id"];
            metadata group_get_photo_by_size ["group-id" "profilePhoto-id"];
            download me_get_photo_content [];
            download user_get_photo_content ["user-id"];
            download group_get_photo_content ["group-id"];
            download team_get_photo_content ["team-id"];
            download me_contact_get_photo_content ["contact-id"];
            download user_contact_get_photo_content ["user-id" "contact-id"];
            download me_folder_contact_get_photo_content ["contactFolder-id" "contact-id"];
            download user_folder_contact_get_photo_content ["user-id" "contactFolder-id" "contact-id"];
            download me_get_photo_content_by_size ["profilePhoto-id"];
            download user_get_photo_content_by_size ["user-id" "profilePhoto-id"];
            download group_get_photo_content_by_size ["group-id" "profilePhoto-id"];
            list me_list_photos [];
            list user_list_photos ["user-id"];
            list group_list_photos ["group-id"];
            upload me_put_photo_content [];
            upload user_put_photo_content ["user-id"];
            upload group_put_photo_content ["group-id"];
            upload team_put_photo_content ["team-id"];
            upload me_contact_put_photo_content ["contact-id"];
            upload user_contact_put_photo_content ["user-id" "contact-id"];
            upload me_folder_contact_put_photo_content ["contactFolder-id" "contact-id"];
            upload user_folder_contact_put_photo_content ["user-id" "contactFolder-id" "contact-id"];
            upload me_patch_photo_content [];
            upload user_patch_photo_content ["user-id"];
            upload group_patch_photo_content ["group-id"];
            upload me_contact_patch_photo_content ["contact-id"];
            upload user_contact_patch_photo_content ["user-id" "contact-id"];
            upload me_folder_contact_patch_photo_content ["contactFolder-id" "contact-id"];
            upload user_folder_contact_patch_photo_content ["user-id" "contactFolder-id" "contact-id"];
            delete me_delete_photo_content [];
            delete user_delete_photo_content ["user-id"];
            delete group_delete_photo_content ["group-id"];
        }
    };
}

/// The names in [`operation_list`].
#[macro_export]
macro_rules! operation_names {
    ([] $($kind:ident $operation:ident $path:tt;)*) => { &[$(stringify!($operation)),*] };
}

/// The operations that can be called by name.
pub fn names() -> &'static [&'static str] {
    operation_list!(operation_names [])
}

/// `call_operation!(operations, name, arguments, [.await])`: an `anyhow::Result<Outcome>`.
#[macro_export]
macro_rules! call_operation {
    ($operations:expr, $name:expr, $arguments:expr, $wait:tt) => {
        $crate::operation_list!(match_operation [$operations, $name, $arguments, $wait])
    };
}

/// The arms of [`call_operation`].
#[macro_export]
macro_rules! match_operation {
    ([$operations:expr, $name:expr, $arguments:expr, $wait:tt] $($kind:ident $operation:ident $path:tt;)*) => {
        match $name {
            $(stringify!($operation) => $crate::one_operation!($kind $operation $path $operations, $arguments, $wait),)*
            other => Err(::anyhow::anyhow!("no operation is called {other:?}")),
        }
    };
}

/// One arm of [`call_operation`], by the kind of call.
#[macro_export]
macro_rules! one_operation {
    (metadata $operation:ident [$($path:literal)*] $o:expr, $a:expr, [$($wait:tt)*]) => {{
        let select = $a.select()?;
        Ok($crate::cases::outcome::metadata($o.$operation($($a.path($path)?,)* select.as_ref())$($wait)*))
    }};
    (download $operation:ident [$($path:literal)*] $o:expr, $a:expr, [$($wait:tt)*]) => {
        Ok(match $o.$operation($($a.path($path)?),*)$($wait)* {
            Ok(response) => {
                let (status, headers, stream) = response.into_parts();
                $crate::cases::outcome::downloaded(status, &headers, stream.bytes()$($wait)*)
            }
            Err(error) => $crate::cases::outcome::Outcome::Error((&error).into()),
        })
    };
    (list $operation:ident [$($path:literal)*] $o:expr, $a:expr, [$($wait:tt)*]) => {{
        let (orderby, select) = ($a.orderby()?, $a.select()?);
        Ok($crate::cases::outcome::list(
            $o.$operation(
                $($a.path($path)?,)*
                $a.flag("$count")?,
                $a.text("$filter")?,
                orderby.as_ref(),
                select.as_ref(),
                $a.number("$skip")?,
                $a.number("$top")?,
            )$($wait)*,
        ))
    }};
    (upload $operation:ident [$($path:literal)*] $o:expr, $a:expr, [$($wait:tt)*]) => {
        Ok($crate::cases::outcome::done($o.$operation($($a.path($path)?,)* $a.body()?)$($wait)*))
    };
    (delete $operation:ident [$($path:literal)*] $o:expr, $a:expr, [$($wait:tt)*]) => {
        Ok($crate::cases::outcome::done($o.$operation($($a.path($path)?,)* $a.text("If-Match")?)$($wait)*))
    };
}

/// `call_handle!(client, handle, [.await])`: an `anyhow::Result<Outcome>`.
#[macro_export]
macro_rules! call_handle {
    ($client:expr, $handle:expr, $wait:tt) => {{
        let handle: &$crate::cases::case::Handle = $handle;
        let owner = &handle.owner;
        match (
            &owner.user,
            &owner.group,
            &owner.team,
            &owner.folder,
            &owner.contact,
        ) {
            (None, None, None, None, None) if owner.me => {
                $crate::directory_photo!($client.me().photo(), handle, $wait)
            }
            (Some(user), None, None, None, None) => {
                $crate::directory_photo!($client.user(user).photo(), handle, $wait)
            }
            (None, Some(group), None, None, None) => {
                $crate::directory_photo!($client.group(group).photo(), handle, $wait)
            }
            (None, None, Some(team), None, None) => {
                $crate::plain_photo!($client.team(team).photo(), handle, $wait)
            }
            (None, None, None, None, Some(contact)) => {
                $crate::plain_photo!($client.contact(contact).photo(), handle, $wait)
            }
            (None, None, None, Some(folder), Some(contact)) => {
                $crate::plain_photo!(
                    $client.folder(folder).contact(contact).photo(),
                    handle,
                    $wait
                )
            }
            (Some(user), None, None, None, Some(contact)) => {
                $crate::plain_photo!($client.user(user).contact(contact).photo(), handle, $wait)
            }
            (Some(user), None, None, Some(folder), Some(contact)) => {
                $crate::plain_photo!(
                    $client.user(user).folder(folder).contact(contact).photo(),
                    handle,
                    $wait
                )
            }
            _ => Err(::anyhow::anyhow!("{owner:?} is nobody's photo")),
        }
    }};
}

/// A call of [`call_handle`] on the photo of a user or group.
#[macro_export]
macro_rules! directory_photo {
    ($photo:expr, $handle:expr, [$($wait:tt)*]) => {{
        use $crate::cases::case::{Action, Fit};
        use $crate::cases::outcome;
        let photo = $photo;
        match &$handle.size {
            None => match $handle.photo {
                Action::Sizes => Ok(outcome::sizes(photo.sizes()$($wait)*)),
                Action::Delete => Ok(outcome::succeeded(photo.delete()$($wait)*)),
                _ => $crate::plain_photo!(photo, $handle, [$($wait)*]),
            },
            Some(size) => {
                let sized = photo.size(size.parse()?);
                let sized = match $handle.fit {
                    None => sized,
                    Some(Fit::Exact) => sized.fit(::graph_photo_model::Fit::Exact),
                    Some(Fit::Down) => sized.fit(::graph_photo_model::Fit::Down),
                    Some(Fit::Any) => sized.fit(::graph_photo_model::Fit::Any),
                };
                match $handle.photo {
                    Action::Get => Ok(outcome::photo(sized.get()$($wait)*)),
                    Action::Metadata => Ok(outcome::curated_metadata(sized.metadata()$($wait)*)),
                    Action::Stream => $crate::streamed_photo!(sized, [$($wait)*]),
                    other => Err(::anyhow::anyhow!("{other:?} takes no size")),
                }
            }
        }
    }};
}

/// A call of [`call_handle`] that every photo offers.
#[macro_export]
macro_rules! plain_photo {
    ($photo:expr, $handle:expr, [$($wait:tt)*]) => {{
        use $crate::cases::case::Action;
        use $crate::cases::outcome;
        let photo = $photo;
        match $handle.photo {
            Action::Get => Ok(outcome::photo(photo.get()$($wait)*)),
            Action::Stream => $crate::streamed_photo!(photo, [$($wait)*]),
            Action::Metadata => Ok(outcome::curated_metadata(photo.metadata()$($wait)*)),
            Action::Put => {
                let body = $handle.body.as_ref().ok_or_else(|| ::anyhow::anyhow!("an upload needs a body"))?;
                Ok(outcome::succeeded(photo.put(body.bytes()?)$($wait)*))
            }
            other => Err(::anyhow::anyhow!("{other:?} is not offered here")),
        }
    }};
}

/// A photo read as a stream.
#[macro_export]
macro_rules! streamed_photo {
    ($photo:expr, [$($wait:tt)*]) => {
        Ok(match $photo.stream()$($wait)* {
            Ok(None) => $crate::cases::outcome::Outcome::NoPhoto,
            Ok(Some(stream)) => {
                let content_type = stream.content_type().to_owned();
                $crate::cases::outcome::streamed(content_type, stream.into_bytes().bytes()$($wait)*)
            }
            Err(error) => $crate::cases::outcome::Outcome::Error((&error).into()),
        })
    };
}
