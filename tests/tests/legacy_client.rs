//! The legacy API in Rust, of both kinds, where the protocol cases do not reach: what is refused before it is sent,
//! what answers and errors carry, and what is never shown.

#![allow(
    deprecated,
    clippy::unwrap_used,
    clippy::panic,
    reason = "the legacy API is deprecated as a whole; a test may stop at the first surprise"
)]

use graph_photo_emulator::{Emulator, Tokens, demo_jpeg};
use graph_photo_model::ErrorKind;
use http::header::CONTENT_TYPE;

/// Defines the same tests for a kind of client: `$wait` is `.await` or nothing.
macro_rules! tests {
    ($kind:ident, $client:ident, $module:ident, [$($async:tt)*], [$($wait:tt)*]) => {
        mod $kind {
            use super::*;

            fn outlook(url: &str, token: &str) -> graph_photo_compat::$module::OutlookClient {
                let graph = $client::Client::builder().base_url(url).bearer_token(token).build().unwrap();
                graph_photo_compat::$module::OutlookClient::new(graph)
            }

            pub(super) $($async)* fn refused_before_anything_is_sent(emulator: &Emulator) {
                let client = outlook(&emulator.base_url(), "token");
                let photos = client.me().photos();
                for refused in [
                    client.users("").photo().get()$($wait)*.unwrap_err(),
                    client.users("..").photo().get()$($wait)*.unwrap_err(),
                    photos.size("large").get()$($wait)*.unwrap_err(),
                    photos.size("48x48/../64x64").get_value()$($wait)*.unwrap_err(),
                ] {
                    assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused}");
                }
                let large = client.me().photo().put_value(vec![0xFF; 4_194_305])$($wait)*.unwrap_err();
                assert_eq!(large.kind(), ErrorKind::TooLarge);
                assert!(emulator.requests().is_empty());
            }

            pub(super) $($async)* fn what_answers_and_errors_carry(emulator: &Emulator) {
                let client = outlook(&emulator.base_url(), "token");
                let photo = client.users("alex@contoso.com").photo();
                let metadata = photo.get()$($wait)*.unwrap();
                assert_eq!(metadata.id.as_deref(), Some("504X504"));
                assert!(metadata.odata_context.as_deref().unwrap().starts_with("https://outlook.office.com/api/v2.0/"));
                assert!(metadata.request_id().is_some() && metadata.client_request_id().is_some());
                let bytes = photo.get_value()$($wait)*.unwrap();
                assert_eq!(bytes.headers()[CONTENT_TYPE], "image/jpeg");
                assert!(bytes.starts_with(b"\xFF\xD8\xFF"));
                let sizes = client.users("alex@contoso.com").photos().get()$($wait)*.unwrap();
                let ids: Vec<_> = sizes.value.iter().filter_map(|photo| photo.id.as_deref()).collect();
                assert!(ids.contains(&"48X48") && ids.contains(&"504X504"), "{ids:?}");
                let none = client.users("lidia@contoso.com").photos().get()$($wait)*.unwrap();
                assert!(none.status() == 200 && none.value.is_empty());

                let nobody = client.users("nobody@contoso.com").photo().get()$($wait)*.unwrap_err();
                assert_eq!(nobody.kind(), ErrorKind::NoSuchUser, "{nobody}");
                assert_eq!(nobody.status().unwrap(), 404);
                assert!(nobody.request_id().is_some());
                let nothing = client.users("lidia@contoso.com").photo().get_value()$($wait)*.unwrap_err();
                assert_eq!(nothing.kind(), ErrorKind::NoPhoto, "{nothing}");
                let mailbox = client.users("nomailbox@contoso.com").photo().get()$($wait)*.unwrap_err();
                assert_eq!(mailbox.kind(), ErrorKind::NoMailbox, "{mailbox}");
            }

            pub(super) $($async)* fn what_is_set_is_there(emulator: &Emulator) {
                let client = outlook(&emulator.base_url(), "token");
                let picture = demo_jpeg(96, 40, "S").unwrap();
                let photo = client.users("lidia@contoso.com").photo();
                assert_eq!(photo.put_value(picture.clone())$($wait)*.unwrap().status(), 200);
                assert_eq!(*photo.get_value()$($wait)*.unwrap(), picture);
                // What has moved, and what has not, share the client.
                assert!(client.graph().user("lidia@contoso.com").photo().get()$($wait)*.unwrap().is_some());
                assert_eq!(client.users("lidia@contoso.com").photos().size("HR48X48").get()$($wait)*.unwrap().width, Some(48));
            }

            pub(super) $($async)* fn the_token_is_never_shown(url: &str) {
                let client = outlook(url, "a-sentinel-token");
                let user = client.me();
                let error = user.photo().get()$($wait)*.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Unauthorized);
                for shown in [
                    format!("{client:?}"),
                    format!("{user:?}"),
                    format!("{:?}", user.photo()),
                    format!("{:?}", user.photos().size("48x48")),
                    format!("{error} {error:?}"),
                ] {
                    assert!(!shown.contains("sentinel"), "{shown}");
                }
            }
        }
    };
}

tests!(asynchronous, graph_photo, client, [async], [.await]);
tests!(blocking, graph_photo_blocking, blocking, [], []);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_is_refused_before_anything_is_sent() {
    let emulator = Emulator::start().await.unwrap();
    asynchronous::refused_before_anything_is_sent(&emulator).await;
    tokio::task::block_in_place(|| blocking::refused_before_anything_is_sent(&emulator));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_and_errors_carry_what_graph_said() {
    let emulator = Emulator::start().await.unwrap();
    asynchronous::what_answers_and_errors_carry(&emulator).await;
    tokio::task::block_in_place(|| blocking::what_answers_and_errors_carry(&emulator));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_set_is_there() {
    for blocking in [false, true] {
        let emulator = Emulator::start().await.unwrap();
        if blocking {
            tokio::task::block_in_place(|| blocking::what_is_set_is_there(&emulator));
        } else {
            asynchronous::what_is_set_is_there(&emulator).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_never_shown() {
    let tokens = Tokens::parse("another work ProfilePhoto.Read.All").unwrap();
    let emulator = Emulator::builder().tokens(tokens).start().await.unwrap();
    let url = emulator.base_url();
    asynchronous::the_token_is_never_shown(&url).await;
    tokio::task::block_in_place(|| blocking::the_token_is_never_shown(&url));
}
