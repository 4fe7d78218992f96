//! Legacy scopes as callers wrote them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use graph_photo_compat::scope::{GraphScope, UnmappableScope, to_graph};

#[test]
fn every_photo_scope_keeps_its_name_on_graph() {
    for (legacy, name, consent, least) in [
        ("user.read", "User.Read", false, "ProfilePhoto.Read.All"),
        (
            "user.readbasic.all",
            "User.ReadBasic.All",
            false,
            "ProfilePhoto.Read.All",
        ),
        (
            "USER.READ.ALL",
            "User.Read.All",
            true,
            "ProfilePhoto.Read.All",
        ),
        (
            "User.ReadWrite",
            "User.ReadWrite",
            false,
            "ProfilePhoto.ReadWrite.All",
        ),
        (
            "User.ReadWrite.All",
            "User.ReadWrite.All",
            true,
            "ProfilePhoto.ReadWrite.All",
        ),
    ] {
        for (prefix, graph) in [
            ("", ""),
            (
                "https://outlook.office.com/",
                "https://graph.microsoft.com/",
            ),
            (
                "HTTPS://Outlook.Office365.com/",
                "https://graph.microsoft.com/",
            ),
            (
                "https://outlook.office365.us/",
                "https://graph.microsoft.us/",
            ),
            (
                "https://outlook-dod.office365.us/",
                "https://dod-graph.microsoft.us/",
            ),
            (
                "https://partner.outlook.cn/",
                "https://microsoftgraph.chinacloudapi.cn/",
            ),
        ] {
            let mapped = to_graph(&format!("{prefix}{legacy}")).unwrap();
            assert_eq!(mapped.scope(), format!("{graph}{name}"));
            let GraphScope::Photo(photo) = mapped else {
                panic!("{legacy} is a photo scope")
            };
            assert_eq!(photo.admin_consent, consent, "{legacy}");
            assert_eq!(photo.least_privileged, format!("{graph}{least}"));
            assert!(photo.least_privileged_admin_consent);
        }
    }
}

#[test]
fn resources_and_openid() {
    for (legacy, graph) in [
        (
            "https://outlook.office.com/.default",
            "https://graph.microsoft.com/.default",
        ),
        (
            "https://outlook.office365.com//.default",
            "https://graph.microsoft.com/.default",
        ),
        (
            "https://outlook.office365.com/",
            "https://graph.microsoft.com/",
        ),
        (
            "https://outlook.office365.us",
            "https://graph.microsoft.us/",
        ),
        ("offline_access", "offline_access"),
        ("OpenID", "openid"),
    ] {
        assert_eq!(to_graph(legacy).unwrap().scope(), graph);
    }
}

#[test]
fn what_cannot_be_mapped_says_why() {
    for (scope, expected) in [
        (
            "https://outlook.office.com/Contacts.Read",
            "is not a scope of the photo API",
        ),
        ("Mail.Read", "is not a scope of the photo API"),
        ("https://graph.microsoft.com/User.Read", "already"),
        ("https://api.example/User.Read", "is not a host"),
        ("https://outlook.office.de/User.Read", "no successor"),
        ("", "is not a scope"),
    ] {
        let error: UnmappableScope = to_graph(scope).expect_err(scope);
        assert!(error.to_string().contains(expected), "{scope}: {error}");
    }
}
