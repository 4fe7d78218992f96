//! The scanner: places, replacements, trees, and input it has never seen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use graph_photo_compat::scan::{Certainty, Finding, Kind, fix, join, scan};
use proptest::prelude::*;

fn one(source: &str) -> Finding {
    let mut findings = scan(source.as_bytes()).findings;
    assert_eq!(findings.len(), 1, "{source}: {findings:#?}");
    findings.remove(0)
}

fn replaced(source: &str) -> (String, Certainty) {
    let finding = one(source);
    (finding.replacement.unwrap_or_default(), finding.certainty)
}

#[test]
fn places_are_lines_and_characters() {
    let finding = one("\u{feff}a\r\nñ漢 = 'https://outlook.office.com/api/v2.0/me/photo'\r\n");
    assert_eq!((finding.start.line, finding.start.column), (2, 7));
    assert_eq!((finding.end.line, finding.end.column), (2, 51));
    // Latin-1 is no trouble, and stays what it is.
    let source = b"\xe9 'https://outlook.office.com/api/v2.0/me/photo' \xff";
    let fixed = fix(source, &scan(source).findings).unwrap();
    assert_eq!(
        fixed,
        b"\xe9 'https://graph.microsoft.com/v1.0/me/photo' \xff"
    );
}

#[test]
fn placeholders_and_escapes_come_back_as_written() {
    for (source, expected, certainty) in [
        (
            r#""https://outlook.office.com/api/v2.0/users('$MAIL')/photo/\$value""#,
            r"https://graph.microsoft.com/v1.0/users/$MAIL/photo/\$value",
            Certainty::Likely,
        ),
        (
            "s\"https://outlook.office.com/api/v2.0/users/$mail/photo/$$value\"",
            "https://graph.microsoft.com/v1.0/users/$mail/photo/$$value",
            Certainty::Likely,
        ),
        (
            "s\"https://outlook.office.com/api/v2.0/me/photo/$$value\"",
            "https://graph.microsoft.com/v1.0/me/photo/$$value",
            Certainty::Certain,
        ),
        (
            "`https://outlook.office.com/api/beta/me/photos('${n}x${n}')`",
            "https://graph.microsoft.com/beta/me/photos/${n}x${n}",
            Certainty::Likely,
        ),
        (
            "$\"https://outlook.office.com/api/v2.0/users/{user.Mail}/photo\"",
            "https://graph.microsoft.com/v1.0/users/{user.Mail}/photo",
            Certainty::Likely,
        ),
        (
            r"'https://outlook.office.com/api/v2.0/Users(\'a@b.c\')/photo'",
            "https://graph.microsoft.com/v1.0/users/a@b.c/photo",
            Certainty::Certain,
        ),
        (
            "\"https://outlook.office.com/api/v2.0/me/photo\" + suffix",
            "https://graph.microsoft.com/v1.0/me/photo",
            Certainty::Likely,
        ),
        (
            "<a href=https://outlook.office.com/api/v2.0/me/photo>",
            "https://graph.microsoft.com/v1.0/me/photo",
            Certainty::Certain,
        ),
    ] {
        assert_eq!(
            replaced(source),
            (expected.to_owned(), certainty),
            "{source}"
        );
    }
}

#[test]
fn what_cannot_be_mapped_is_reported_with_its_reason() {
    let finding = one("'https://outlook.office.de/api/v2.0/me/photo'");
    assert_eq!(
        (finding.certainty, finding.replacement),
        (Certainty::Likely, None)
    );
    assert!(
        finding.notes[0].contains("no successor"),
        "{:?}",
        finding.notes
    );
    let finding = one("'https://outlook.office.com/api/v2.0/me/contacts(1)/photo'");
    assert!(
        finding.notes[0].contains("translate the id"),
        "{:?}",
        finding.notes
    );
}

#[test]
fn encoded_scopes() {
    let (url, certainty) =
        replaced("login?scope=openid%20https%3A%2f%2Foutlook.office.com%2Fuser.read%20email");
    assert_eq!(
        (url.as_str(), certainty),
        (
            "https%3A%2f%2Fgraph.microsoft.com%2FUser.Read",
            Certainty::Certain
        )
    );
}

/// Found by fuzzing: findings lay over each other.
#[test]
fn a_scope_inside_a_url_is_part_of_it() {
    let source = "`https://outlook.office.com/api/beta/Users('${user}')/photos('$size,login?scope=openid%20https%3A%2F%2Foutlook.office.com%2Fuser.read`";
    let findings = scan(source.as_bytes()).findings;
    assert!(
        findings
            .windows(2)
            .all(|pair| pair[0].span.end <= pair[1].span.start),
        "{findings:#?}"
    );
}

#[test]
fn default_scope_counts_beside_photos_only() {
    let scope = "scope = 'https://outlook.office.com/.default'\n";
    assert!(scan(scope.as_bytes()).findings.is_empty());
    let both = format!("{scope}url = 'https://outlook.office.com/api/v2.0/me/photo'\n");
    let kinds: Vec<_> = scan(both.as_bytes())
        .findings
        .iter()
        .map(|finding| finding.kind)
        .collect();
    assert_eq!(kinds, [Kind::Scope, Kind::Url]);
}

#[test]
fn a_path_with_a_host_in_its_query_overlaps_nothing() {
    let source =
        r#"t(base + "/Users('" + i + "')/photo?next=//outlook.office.com/api/v2.0/Users('" + j"#;
    whole(source.as_bytes()).unwrap();
    let mut here = scan(source.as_bytes());
    let mut there = scan(b"base = 'https://outlook.office.com/api/v2.0'");
    join([&mut here, &mut there]);
    let kinds: Vec<_> = here.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [Kind::Path]);
}

#[test]
fn halves_in_two_files_are_joined() {
    let constants = "ROOT = 'https://outlook.office.com/api/v2.0'";
    let paths = "get(ROOT + '/me/photo')";
    let keyed = "get(ROOT + \"/Users('a@b.c')/photo\")";
    let graph = "get('https://graph.microsoft.com/v1.0' + '/me/photo')";
    let joined = |sources: &[&str]| {
        let mut files: Vec<_> = sources
            .iter()
            .map(|source| scan(source.as_bytes()))
            .collect();
        assert!(files.iter().all(|file| file.findings.is_empty()));
        join(&mut files);
        let findings = files.into_iter().flat_map(|file| file.findings);
        findings
            .map(|finding| {
                assert_eq!(finding.certainty, Certainty::Possible);
                finding.kind
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        joined(&[constants, paths]),
        [Kind::HostConstant, Kind::Path]
    );
    assert_eq!(
        joined(&[keyed, constants, graph]),
        [Kind::Path, Kind::HostConstant]
    );
    assert_eq!(joined(&[constants, "get('me/photo')", graph]), []);
    // Graph writes this path alike, and the tree speaks to Graph already.
    assert_eq!(joined(&[constants, paths, graph]), []);
    // Either half alone is nothing.
    assert_eq!(joined(&[constants, graph]), []);
    assert_eq!(joined(&[paths, keyed, graph]), []);
}

proptest! {
    #[test]
    fn any_bytes_are_scanned_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        whole(&bytes)?;
    }

    #[test]
    fn pieces_of_urls_in_any_order_are_scanned_without_a_panic(pieces in prop::collection::vec(prop::sample::select(vec![
        "https://", "outlook.office.com", "/api/v2.0", "/me", "/photo", "/$value", "Users('", "')", "\"", "'", "`", "\\", "{", "}", "${", "%s", "+",
        "(", ")", "?email=", "size=HR", "48x48", "photos('", "/ews/exchange.asmx/s/getuserphoto", "\n", " ", "ä", "User.Read", "graph.windows.net",
        "%2F", "https%3A%2F%2F", ".Width", "[\"Id\"]", "$x", "''", "<", ">", ";", "=", "/users/", "outlook.office.de", "\u{0}", "beta", "//",
    ]), 0..24)) {
        whole(pieces.concat().as_bytes())?;
    }
}

/// Findings lie in order, inside the file, on character boundaries; fixing them leaves a file that can be scanned.
fn whole(source: &[u8]) -> Result<(), TestCaseError> {
    let mut file = scan(source);
    join([&mut file]);
    let mut end = 0;
    for finding in &file.findings {
        prop_assert!(
            finding.span.start >= end && finding.span.end <= source.len(),
            "{:#?}",
            file.findings
        );
        prop_assert!(finding.span.start < finding.span.end);
        end = finding.span.end;
    }
    if let Some(fixed) = fix(source, &file.findings) {
        scan(&fixed);
    }
    Ok(())
}
