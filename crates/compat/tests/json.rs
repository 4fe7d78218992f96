//! The JSON translator on documents as the two services write them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::io::{self, Read};

use graph_photo_compat::json::{MAX_DEPTH, MAX_TOKEN, TranslateError, Translator};

fn to_graph(document: &str) -> String {
    Translator::to_graph().translate_str(document).unwrap()
}

fn to_outlook(document: &str) -> String {
    Translator::to_outlook().translate_str(document).unwrap()
}

/// Both ways, to the byte.
fn assert_pair(outlook: &str, graph: &str) {
    assert_eq!(to_graph(outlook), graph);
    assert_eq!(to_outlook(graph), outlook);
}

/// Gives out one byte a read, so that every token is cut everywhere.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((first, rest)) = self.0.split_first() else {
            return Ok(0);
        };
        buffer[0] = *first;
        self.0 = rest;
        Ok(1)
    }
}

const KEY: &str = "ddfcd489-628b-7d04-b48b-20075df800e5@1717622f-1d94-c0d4-9d74-f907ad6677b4";

#[test]
fn documented_photo() {
    assert_pair(
        &format!(
            r#"{{
    "@odata.context": "https://outlook.office.com/api/v2.0/$metadata#Me/photo/$entity",
    "@odata.id": "https://outlook.office.com/api/v2.0/Users('{KEY}')/photo",
    "@odata.mediaContentType": "image/jpeg",
    "@odata.mediaEtag": "\"BA09D118\"",
    "Id": "240X240",
    "Width": 240,
    "Height": 240
}}"#
        ),
        &format!(
            r#"{{
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Me/photo/$entity",
    "@odata.id": "https://graph.microsoft.com/v1.0/users('{KEY}')/photo",
    "@odata.mediaContentType": "image/jpeg",
    "@odata.mediaEtag": "\"BA09D118\"",
    "id": "240x240",
    "width": 240,
    "height": 240
}}"#
        ),
    );
}

#[test]
fn placeholder() {
    assert_pair(
        r#"{"@odata.mediaContentType":"image/gif","@odata.mediaEtag":"","Id":"1X1","Width":1,"Height":1}"#,
        r#"{"@odata.mediaContentType":"image/gif","@odata.mediaEtag":"","id":"1x1","width":1,"height":1}"#,
    );
}

#[test]
fn collection_with_types_and_next_page() {
    assert_pair(
        concat!(
            r#"{"@odata.context":"https://outlook.office.com/api/beta/$metadata#Users('a%40b.c')/photos","#,
            r##""value@odata.type":"#Collection(Microsoft.OutlookServices.Photo)","value":["##,
            r##"{"@odata.type":"#Microsoft.OutlookServices.Photo","Id":"48X48","Width":48,"Height":48.0e0},"##,
            r##"{"@odata.type":"#Microsoft.OutlookServices.PushSubscription","Id":"64X64"}],"##,
            r#""@odata.nextLink":"https://outlook.office.com/api/beta/Users('a@b.c')/photos?$skip=2"}"#,
        ),
        concat!(
            r#"{"@odata.context":"https://graph.microsoft.com/beta/$metadata#users('a%40b.c')/photos","#,
            r##""value@odata.type":"#Collection(microsoft.graph.profilePhoto)","value":["##,
            r##"{"@odata.type":"#microsoft.graph.profilePhoto","id":"48x48","width":48,"height":48.0e0},"##,
            r##"{"@odata.type":"#microsoft.graph.pushSubscription","id":"64x64"}],"##,
            r#""@odata.nextLink":"https://graph.microsoft.com/beta/users('a@b.c')/photos?$skip=2"}"#,
        ),
    );
}

#[test]
fn national_clouds() {
    for (outlook, graph) in [
        ("outlook.office365.us", "graph.microsoft.us"),
        ("outlook-dod.office365.us", "dod-graph.microsoft.us"),
        ("partner.outlook.cn", "microsoftgraph.chinacloudapi.cn"),
    ] {
        assert_pair(
            &format!(r#"{{"@odata.id":"https://{outlook}/api/v2.0/Users('x')/photo"}}"#),
            &format!(r#"{{"@odata.id":"https://{graph}/v1.0/users('x')/photo"}}"#),
        );
    }
}

#[test]
fn second_worldwide_host_comes_back_when_named() {
    let legacy = r#"{"@odata.id":"https://outlook.office365.com/api/v2.0/Users('x')/photo"}"#;
    let graph = to_graph(legacy);
    assert_eq!(
        graph,
        r#"{"@odata.id":"https://graph.microsoft.com/v1.0/users('x')/photo"}"#
    );
    let back = Translator::to_outlook()
        .outlook_host("OUTLOOK.office365.com")
        .unwrap();
    assert_eq!(back.translate_str(&graph).unwrap(), legacy);
    assert!(
        Translator::to_outlook()
            .outlook_host("outlook.example")
            .is_err()
    );
}

#[test]
fn errors_and_batch_envelopes_are_not_photos() {
    let error = r#"{"error":{"code":"ErrorItemNotFound","message":"Id 240X240 has no Width","innerError":{"Id":"1X1","date":"2022-09-08T10:27:18"}}}"#;
    assert_eq!(to_graph(error), error);
    assert_pair(
        r#"{"responses":[{"id":"1X1","status":200,"headers":{"Id":"1X1"},"body":{"Id":"1X1","Width":1}},{"id":"2","body":{"error":{"Id":"1X1"}}}]}"#,
        r#"{"responses":[{"id":"1X1","status":200,"headers":{"Id":"1X1"},"body":{"id":"1x1","width":1}},{"id":"2","body":{"error":{"Id":"1X1"}}}]}"#,
    );
}

#[test]
fn nested_photos_are_renamed_and_text_never_is() {
    assert_pair(
        r#"{"Owner":{"Photo":{"Id":"96X96","Width":96},"About":"Id, Width, 96X96, #Microsoft.OutlookServices.Photo"},"Note":"https://outlook.office.com/api/v2.0/me/photo","Tags":["Id","Width","1X1"]}"#,
        r#"{"Owner":{"Photo":{"id":"96x96","width":96},"About":"Id, Width, 96X96, #Microsoft.OutlookServices.Photo"},"Note":"https://outlook.office.com/api/v2.0/me/photo","Tags":["Id","Width","1X1"]}"#,
    );
}

#[test]
fn what_is_not_a_size_stays() {
    for id in [
        r#""default""#,
        r#""240X""#,
        r#""X240""#,
        r#""24aX240""#,
        r#""1X2X3""#,
        "null",
        "7",
        "[\"1X1\"]",
    ] {
        assert_pair(&format!(r#"{{"Id":{id}}}"#), &format!(r#"{{"id":{id}}}"#));
    }
}

#[test]
fn escapes_keep_their_spelling() {
    assert_pair(
        r#"{"\u0049d":"240\u0058240","Wi\u0064th":1,"@odata.id":"https:\/\/outlook.office.com\/api\/v2.0\/Users(\u0027x\u0027)\/photo"}"#,
        r#"{"\u0069d":"240\u0078240","wi\u0064th":1,"@odata.id":"https:\/\/graph.microsoft.com\/v1.0\/users(\u0027x\u0027)\/photo"}"#,
    );
}

#[test]
fn annotations_of_members_follow_them() {
    assert_pair(
        r##"{"Id@odata.type":"#Int32","Id":"1X1","Other@odata.type":"#Microsoft.OutlookServices.Message"}"##,
        r##"{"id@odata.type":"#Int32","id":"1x1","Other@odata.type":"#microsoft.graph.message"}"##,
    );
}

#[test]
fn keys_that_are_quoted_in_urls_stay() {
    assert_pair(
        r#"{"@odata.id":"https://outlook.office.com/api/v2.0/Users('Users/Microsoft.OutlookServices.X')/photo"}"#,
        r#"{"@odata.id":"https://graph.microsoft.com/v1.0/users('Users/Microsoft.OutlookServices.X')/photo"}"#,
    );
}

#[test]
fn urls_elsewhere_stay() {
    for url in [
        "https://outlook.office.com.example.org/api/v2.0/Users('x')",
        "https://outlook.office.com/api/v2.01/Users('x')",
        "https://outlook.office.com/owa",
        "ftp://outlook.office.com/api/v2.0/",
        "https://outlook.office.com",
        "",
    ] {
        let document = format!(r#"{{"@odata.id":"{url}"}}"#);
        assert_eq!(to_graph(&document), document);
    }
}

#[test]
fn type_names_that_could_not_come_back_stay() {
    for name in [
        "#Microsoft.OutlookServices.ProfilePhoto",
        "#Microsoft.OutlookServices.message",
        "#Edm.String",
    ] {
        let document = format!(r#"{{"@odata.type":"{name}"}}"#);
        assert_eq!(to_graph(&document), document);
    }
}

#[test]
fn collisions_are_refused_with_their_place() {
    let document = "{\"value\": [{\"Id\": \"1X1\"},\n  {\"Id\": \"1X1\", \"id\": \"2\"}]}";
    let error = Translator::to_graph().translate_str(document).unwrap_err();
    let TranslateError::Collision {
        pointer,
        position,
        other,
        name,
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (pointer.as_str(), position.line, position.column),
        ("/value/1/id", 2, 17)
    );
    assert_eq!((other.as_str(), name.as_str()), ("Id", "id"));
    for document in [
        r#"{"id":1,"Id":2}"#,
        r#"{"Id":1,"\u0069d":2}"#,
        r#"{"a":{"Width":1,"x":{},"width":2}}"#,
        r#"{"Id@odata.type":"a","id@odata.type":"b"}"#,
    ] {
        for translator in [Translator::to_graph(), Translator::to_outlook()] {
            let error = translator.translate_str(document).unwrap_err();
            assert!(
                matches!(error, TranslateError::Collision { .. }),
                "{document}: {error}"
            );
        }
    }
    // Not made by renaming, or not in one object.
    for document in [
        r#"{"Id":1,"Id":2}"#,
        r#"{"Id":1,"x":{"id":2}}"#,
        r#"{"error":{"Id":1,"id":2}}"#,
    ] {
        Translator::to_graph().translate_str(document).unwrap();
    }
}

#[test]
fn malformed_documents_are_refused_with_line_and_column() {
    let cases: &[(&[u8], u64, u64)] = &[
        (b"", 1, 1),
        (b"{", 1, 2),
        (b"{\"Id\"", 1, 6),
        (b"{\"Id\":", 1, 7),
        (b"{\"Id\":1", 1, 8),
        (b"{\"Id\":1,}", 1, 9),
        (b"{\"Id\":1}}", 1, 9),
        (b"{\"Id\":1} {}", 1, 10),
        (b"[1,]", 1, 4),
        (b"[1 2]", 1, 4),
        (b"{\"a\":1]", 1, 7),
        (b"[\n 01]", 2, 3),
        (b"[1.]", 1, 4),
        (b"[-]", 1, 3),
        (b"[1e+]", 1, 5),
        (b"[nul]", 1, 5),
        (b"[True]", 1, 2),
        (b"[\"\\x\"]", 1, 3),
        (b"[\"\\u12g4\"]", 1, 3),
        (b"[\"a\tb\"]", 1, 4),
        (b"{\"a\nb\":1}", 1, 4),
        (b"[\"abc", 1, 6),
        (b"\xef\xbb\xbf{}", 1, 1),
        ("[\"ä\" x]".as_bytes(), 1, 6),
        (b"[\"\xff\"]", 1, 3),
        (b"[\"\xc3\"", 1, 3),
        (b"{Id:1}", 1, 2),
        (b"'x'", 1, 1),
        (b"{\"Id\":\"240X2", 1, 13),
    ];
    for (document, line, column) in cases {
        let shown = String::from_utf8_lossy(document);
        for drip in [false, true] {
            let mut out = Vec::new();
            let result = if drip {
                Translator::to_graph().translate(Drip(document), &mut out)
            } else {
                Translator::to_graph().translate(*document, &mut out)
            };
            let error = result.expect_err(&shown);
            let TranslateError::Syntax { position, .. } = &error else {
                panic!("{shown}: {error}")
            };
            assert_eq!(
                (position.line, position.column),
                (*line, *column),
                "{shown}: {error}"
            );
            assert!(out.is_empty(), "{shown}: something was written");
        }
    }
}

#[test]
fn limits_are_refused_not_crossed() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    to_graph(&nested(MAX_DEPTH));
    let error = Translator::to_graph()
        .translate_str(&nested(MAX_DEPTH + 1))
        .unwrap_err();
    assert!(matches!(error, TranslateError::TooDeep { .. }), "{error}");

    let long = "x".repeat(MAX_TOKEN);
    let error = Translator::to_graph()
        .translate_str(&format!(r#"{{"{long}":1}}"#))
        .unwrap_err();
    assert!(matches!(error, TranslateError::TooLong { .. }), "{error}");
    // A long value that stays as it is has no limit; a long name below the limit is no trouble.
    let half = "x".repeat(MAX_TOKEN / 2);
    let document = format!(r#"{{"{half}":"{long}","Id":"1X1"}}"#);
    assert_eq!(
        to_graph(&document),
        document.replace(r#""Id":"1X1""#, r#""id":"1x1""#)
    );
}

#[test]
fn a_large_document_passes_in_small_reads() {
    let mut document = String::from("{\"value\":[");
    for number in 0..3_000 {
        if number > 0 {
            document.push(',');
        }
        document.push_str(&format!(
            r#"{{"@odata.id":"https://outlook.office.com/api/v2.0/Users('{number}@contoso.com')/photo","Id":"96X96","Näme":"ä\"\u00e4"}}"#
        ));
    }
    document.push_str("]}");
    let whole = to_graph(&document);
    let mut dripped = Vec::new();
    Translator::to_graph()
        .stream(Drip(document.as_bytes()), &mut dripped)
        .unwrap();
    assert_eq!(dripped, whole.as_bytes());
    assert_eq!(to_outlook(&whole), document);
}
