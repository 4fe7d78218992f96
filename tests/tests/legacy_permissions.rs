//! Every permission that Microsoft's Outlook v2.0 photo page names, carried over to Graph by the scope mapper, is
//! enough for the documented call through the legacy API in Rust; a permission for something else is not.

#![allow(
    deprecated,
    clippy::unwrap_used,
    clippy::panic,
    reason = "the legacy API is deprecated as a whole; a test may stop at the first surprise"
)]

use graph_photo_compat::scope::{GraphScope, to_graph};
use graph_photo_emulator::{Emulator, Tokens, demo_jpeg};
use graph_photo_model::ErrorKind;

/// The documented calls; `user` is a user of one's choice, who can be the signed-in one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    OwnMetadata,
    OwnPhoto,
    UserMetadata,
    UserPhoto,
    SetOwn,
    SetUser,
}

/// Each call with the scopes that the page names for it; setting another user's photo is from the page of the beta.
const DOCUMENTED: [(Call, &[&str]); 6] = [
    (
        Call::UserMetadata,
        &["user.readbasic.all", "user.read.all", "user.readwrite.all"],
    ),
    (
        Call::OwnMetadata,
        &[
            "user.read",
            "user.readbasic.all",
            "user.read.all",
            "user.readwrite.all",
        ],
    ),
    (
        Call::UserPhoto,
        &["user.readbasic.all", "user.read.all", "user.readwrite.all"],
    ),
    (
        Call::OwnPhoto,
        &[
            "user.read",
            "user.readwrite",
            "user.readbasic.all",
            "user.read.all",
            "user.readwrite.all",
        ],
    ),
    (Call::SetOwn, &["user.readwrite"]),
    (Call::SetUser, &["user.readwrite.all"]),
];

/// The Graph permissions in the place of a scope with its legacy host: the same, and the least privileged one.
fn permissions(scope: &str) -> [String; 2] {
    let GraphScope::Photo(photo) =
        to_graph(&format!("https://outlook.office.com/{scope}")).unwrap()
    else {
        panic!("{scope} is no photo scope");
    };
    [photo.scope, photo.least_privileged].map(|scope| {
        scope
            .strip_prefix("https://graph.microsoft.com/")
            .unwrap()
            .to_owned()
    })
}

/// A token for each permission, called by its name. `alex` signed in, so that `adele` is somebody else.
fn tokens() -> Tokens {
    let mut lines = String::from("Mail.Read work user=alex@contoso.com Mail.Read\n");
    let mut known = vec![];
    for (_, scopes) in DOCUMENTED {
        for permission in scopes.iter().flat_map(|scope| permissions(scope)) {
            if !known.contains(&permission) {
                lines.push_str(&format!(
                    "{permission} work user=alex@contoso.com {permission}\n"
                ));
                known.push(permission);
            }
        }
    }
    Tokens::parse(&lines).unwrap()
}

/// Makes a call through one kind of client; `$wait` is `.await` or nothing.
macro_rules! call {
    ($client:ident, $module:ident, $url:expr, $token:expr, $call:expr, $jpeg:expr, [$($wait:tt)*]) => {{
        let graph = $client::Client::builder().base_url($url).bearer_token($token).build().unwrap();
        let outlook = graph_photo_compat::$module::OutlookClient::new(graph);
        let (me, adele) = (outlook.me().photo(), outlook.users("adele@contoso.com").photo());
        match $call {
            Call::OwnMetadata => me.get()$($wait)*.map(|answer| answer.status()),
            Call::OwnPhoto => me.get_value()$($wait)*.map(|answer| answer.status()),
            Call::UserMetadata => adele.get()$($wait)*.map(|answer| answer.status()),
            Call::UserPhoto => adele.get_value()$($wait)*.map(|answer| answer.status()),
            Call::SetOwn => me.patch_value($jpeg)$($wait)*.map(|answer| answer.status()),
            Call::SetUser => adele.put_value($jpeg)$($wait)*.map(|answer| answer.status()),
        }
    }};
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_documented_permission_is_enough() {
    let emulator = Emulator::builder().tokens(tokens()).start().await.unwrap();
    let url = emulator.base_url();
    let jpeg = demo_jpeg(96, 10, "A").unwrap();
    let mut asked = 0;
    for (call, scopes) in DOCUMENTED {
        for scope in scopes {
            for permission in permissions(scope) {
                let found =
                    call!(graph_photo, client, &url, &permission, call, jpeg.clone(), [.await]);
                let other = tokio::task::block_in_place(|| {
                    call!(
                        graph_photo_blocking,
                        blocking,
                        &url,
                        &permission,
                        call,
                        jpeg.clone(),
                        []
                    )
                });
                for found in [found, other] {
                    match found {
                        Ok(status) => assert_eq!(status, 200, "{call:?} with {permission}"),
                        Err(error) => panic!("{call:?} with {permission} for {scope}: {error}"),
                    }
                }
                asked += 1;
            }
        }
        let refused = call!(graph_photo, client, &url, "Mail.Read", call, jpeg.clone(), [.await]);
        let error = refused.unwrap_err();
        assert_eq!(
            (error.kind(), error.status().map(|status| status.as_u16())),
            (ErrorKind::Forbidden, Some(403)),
            "{call:?}"
        );
    }
    assert_eq!(asked, 34);
}

/// What the page says is for oneself does not reach others.
#[tokio::test]
async fn a_permission_for_oneself_does_not_reach_others() {
    let emulator = Emulator::builder().tokens(tokens()).start().await.unwrap();
    let url = emulator.base_url();
    for (call, permission) in [
        (Call::UserMetadata, "User.Read"),
        (Call::UserPhoto, "User.Read"),
        (Call::SetUser, "User.ReadWrite"),
    ] {
        let jpeg = demo_jpeg(96, 10, "A").unwrap();
        let found = call!(graph_photo, client, &url, permission, call, jpeg, [.await]);
        assert_eq!(
            found.unwrap_err().kind(),
            ErrorKind::Forbidden,
            "{call:?} with {permission}"
        );
    }
}
