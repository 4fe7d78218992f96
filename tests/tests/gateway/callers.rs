//! Who is let in, and whose `/me` it is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use graph_photo::BearerToken;
use graph_photo_compat::gateway::{Builder, Identity, InboundTokens, Mailboxes, StartError};
use graph_photo_emulator::{Emulator, Tokens};
use http::Method;

use crate::support::{Running, Seen, start, to};

const PROGRAM: &str = "token-of-the-program-1";
const FIXED: &str = "token-of-the-program-2";
const OWN: &str = "the-gateways-own-token";

/// A token with these claims that nobody signed.
fn token(claims: &str) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}

fn inbound() -> InboundTokens {
    InboundTokens::parse(&format!("{PROGRAM}\n{FIXED} me=lidia@contoso.com")).unwrap()
}

/// An emulator that knows the gateway's token alone, and a gateway that has it.
async fn own(identity: Identity, kind: &str) -> (Emulator, Running) {
    let tokens = Tokens::parse(&format!(
        "{OWN} {kind} ProfilePhoto.ReadWrite.All User.Read.All"
    ))
    .unwrap();
    let emulator = Emulator::builder().tokens(tokens).start().await.unwrap();
    let mailboxes = Mailboxes::parse("sales@contoso.com alex@contoso.com").unwrap();
    let gateway = start(
        with_own(to(&emulator.root_url()), identity)
            .inbound_tokens(inbound())
            .mailboxes(mailboxes),
    );
    (emulator, gateway)
}

fn with_own(builder: Builder, identity: Identity) -> Builder {
    builder.credential(identity, |scope| async move {
        assert_eq!(scope, "https://graph.microsoft.com/.default");
        Ok(BearerToken::new(OWN)?)
    })
}

async fn get(gateway: &Running, path: &str, headers: &[(&str, &str)]) -> Seen {
    gateway.send(Method::GET, path, headers, None).await
}

#[tokio::test]
async fn the_callers_token_is_handed_on() {
    let tokens = Tokens::parse("callers-own work User.Read").unwrap();
    let emulator = Emulator::builder().tokens(tokens).start().await.unwrap();
    let gateway = start(to(&emulator.root_url()));
    let path = "/api/v2.0/me/photo";
    let seen = get(&gateway, path, &[("authorization", "bearer callers-own")]).await;
    assert_eq!(seen.status, 200);
    let seen = get(&gateway, path, &[("authorization", "Bearer another")]).await;
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (401, "InvalidAuthenticationToken")
    );
    assert!(seen.headers.contains_key("www-authenticate"));
    let others = "/api/v2.0/Users('alex@contoso.com')/photo";
    let seen = get(&gateway, others, &[("authorization", "Bearer callers-own")]).await;
    assert_eq!(seen.status, 403, "what Graph does not allow is not allowed");
    emulator.clear_requests();
    for headers in [
        &[][..],
        &[("authorization", "Basic YTpi")],
        &[("authorization", "Bearer")],
    ] {
        let seen = get(&gateway, path, headers).await;
        assert_eq!(
            (seen.status, seen.code().as_str()),
            (401, "InvalidAuthenticationToken")
        );
    }
    assert_eq!(
        emulator.requests().len(),
        0,
        "without a token nothing goes to Graph"
    );
}

#[tokio::test]
async fn a_token_for_outlook_is_told_so() {
    let emulator = Emulator::start().await.unwrap();
    let gateway = start(to(&emulator.root_url()));
    for audience in [
        "https://outlook.office.com",
        "https://outlook.office365.com/",
        "00000002-0000-0ff1-ce00-000000000000",
    ] {
        let bearer = format!("Bearer {}", token(&format!(r#"{{"aud":"{audience}"}}"#)));
        let seen = get(
            &gateway,
            "/api/v2.0/me/photo",
            &[("authorization", &bearer)],
        )
        .await;
        assert_eq!(
            (seen.status, seen.code().as_str()),
            (401, "InvalidAudienceForResource")
        );
        assert!(
            seen.message().contains("https://graph.microsoft.com"),
            "{}",
            seen.message()
        );
        assert!(!seen.message().contains("e30."), "{}", seen.message());
    }
    assert_eq!(emulator.requests().len(), 0, "it is of no use to Graph");
}

#[tokio::test]
async fn with_a_credential_of_its_own_it_asks_who_calls() {
    let (emulator, gateway) = own(Identity::Application, "application").await;
    let path = "/api/v2.0/Users('alex@contoso.com')/photo";
    let bearer = format!("Bearer {PROGRAM}");
    assert_eq!(
        get(&gateway, path, &[("authorization", &bearer)])
            .await
            .status,
        200
    );
    // Callers of Exchange's URL send Basic.
    let basic = format!(
        "Basic {}",
        STANDARD.encode(format!("CONTOSO\\adele:{PROGRAM}"))
    );
    let url = "/ews/exchange.asmx/s/GetUserPhoto?email=alex@contoso.com&size=HR48x48";
    assert_eq!(
        get(&gateway, url, &[("authorization", &basic)])
            .await
            .status,
        200
    );
    emulator.assert_header("authorization", "Bearer ***");
    let asked = emulator.requests().len();
    for wrong in [
        "Bearer token-of-the-program-",
        "Bearer",
        "Basic !!!",
        "Basic YTpi",
        &format!("Bearer {OWN}"),
        &format!("Digest {PROGRAM}"),
    ] {
        let seen = get(&gateway, path, &[("authorization", wrong)]).await;
        assert_eq!(
            (seen.status, seen.code().as_str()),
            (401, "InvalidAuthenticationToken"),
            "{wrong}"
        );
        assert!(!seen.message().contains(PROGRAM));
    }
    assert_eq!(get(&gateway, path, &[]).await.status, 401);
    assert_eq!(emulator.requests().len(), asked, "strangers reach nothing");
}

#[tokio::test]
async fn an_application_is_told_who_me_is() {
    let (emulator, gateway) = own(Identity::Application, "application").await;
    let asked = |emulator: &Emulator| emulator.requests().last().unwrap().target.clone();
    for (bearer, anchor, user) in [
        (
            PROGRAM,
            Some(("X-AnchorMailbox", "adele@contoso.com")),
            "adele%40contoso.com",
        ),
        (
            PROGRAM,
            Some(("X-Anchor-Mailbox", "adele@contoso.com")),
            "adele%40contoso.com",
        ),
        (
            PROGRAM,
            Some(("X-AnchorMailbox", "SMTP:Sales@contoso.com")),
            "alex%40contoso.com",
        ),
        (FIXED, None, "lidia%40contoso.com"),
        (
            FIXED,
            Some(("X-AnchorMailbox", "adele@contoso.com")),
            "lidia%40contoso.com",
        ),
    ] {
        let bearer = format!("Bearer {bearer}");
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(anchor);
        get(&gateway, "/api/v2.0/me/photo/$value", &headers).await;
        assert_eq!(asked(&emulator), format!("/v1.0/users/{user}/photo/$value"));
    }
    let count = emulator.requests().len();
    let bearer = format!("Bearer {PROGRAM}");
    let seen = get(
        &gateway,
        "/api/v2.0/me/photo",
        &[("authorization", &bearer)],
    )
    .await;
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (400, "ErrorMissingEmailAddress")
    );
    let headers = [
        ("authorization", bearer.as_str()),
        ("x-anchormailbox", "no address"),
    ];
    let seen = get(&gateway, "/api/v2.0/me/photo", &headers).await;
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (400, "ErrorIncorrectRoutingHint")
    );
    assert_eq!(emulator.requests().len(), count);
}

#[tokio::test]
async fn a_signed_in_user_is_me() {
    let (emulator, gateway) = own(Identity::User, "work").await;
    let bearer = format!("Bearer {PROGRAM}");
    let seen = get(
        &gateway,
        "/api/v2.0/me/photo",
        &[("authorization", &bearer)],
    )
    .await;
    assert_eq!(seen.status, 200);
    assert_eq!(emulator.requests().last().unwrap().target, "/v1.0/me/photo");
}

#[tokio::test]
async fn a_credential_that_gives_no_token_is_no_fault_of_the_caller() {
    let emulator = Emulator::start().await.unwrap();
    let builder = to(&emulator.root_url())
        .credential(Identity::Application, |_scope| async {
            Err("the secret sesame expired".into())
        })
        .inbound_tokens(inbound());
    let gateway = start(builder);
    let bearer = format!("Bearer {PROGRAM}");
    let path = "/api/v2.0/Users('alex@contoso.com')/photo";
    let seen = get(&gateway, path, &[("authorization", &bearer)]).await;
    assert_eq!(
        (seen.status, seen.code().as_str()),
        (503, "ErrorInternalServerError")
    );
    assert!(!seen.message().contains("sesame"), "{}", seen.message());
}

#[test]
fn who_may_act_in_its_name_has_to_be_said() {
    let unguarded = with_own(to("http://127.0.0.1:1"), Identity::Application).bind();
    assert!(
        matches!(unguarded, Err(StartError::NobodyIsAsked)),
        "{unguarded:?}"
    );
    let pointless = to("http://127.0.0.1:1").inbound_tokens(inbound()).bind();
    assert!(
        matches!(pointless, Err(StartError::NothingToGuard)),
        "{pointless:?}"
    );
    let insecure = to("http://graph.example").bind();
    assert!(
        matches!(insecure, Err(StartError::Graph { .. })),
        "{insecure:?}"
    );
}
