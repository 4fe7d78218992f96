//! What must hold for every document: exact round trips, the same verdict as an independent parser, no panic.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use graph_photo_compat::json::{TranslateError, Translator};
use proptest::prelude::*;

mod reference;

/// A document, as text, in the legacy spelling.
fn legacy() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-0.10e+3".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        text().prop_map(|text| format!("\"{text}\"")),
    ];
    let value = leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            (space(), prop::collection::vec(inner.clone(), 0..5)).prop_map(
                |(space, items)| format!("[{space}{}{space}]", items.join(&format!(",{space}")))
            ),
            (space(), prop::collection::vec(member(inner), 0..6)).prop_map(|(space, members)| {
                format!("{{{space}{}{space}}}", members.join(&format!("{space},")))
            }),
        ]
    });
    (space(), value).prop_map(|(space, value)| format!("{space}{value}{space}"))
}

fn space() -> impl Strategy<Value = String> {
    "[ \n\t\r]{0,2}"
}

/// What may stand between quotes, with every kind of escape.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            4 => "[a-zA-Z0-9 @.'#/(){}$:,äöü漢😀]{1,4}",
            1 => prop::sample::select(vec![
                "\\\"", "\\\\", "\\/", "\\n", "\\u0041", "\\uD83D\\uDE00", "\\ud800", "Id", "width", "240x240",
                "240X240", "https://outlook.office.com/api/v2.0/Users('x')", "#Microsoft.OutlookServices.Photo",
            ]).prop_map(str::to_owned),
        ],
        0..6,
    )
    .prop_map(|parts| parts.concat())
}

/// A collection of what the reference knows: photos with well-formed text.
fn photos() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "Id",
        "Width",
        "Height",
        "Owner",
        "w",
        "@odata.id",
        "@odata.type",
        "@odata.mediaEtag",
    ]);
    let value = prop::sample::select(vec![
        r#""240X240""#,
        r#""1X""#,
        r#""default""#,
        "96",
        "null",
        r#""\"BA09D118\"""#,
        r#"{"Id":"1X1","note":"1X1"}"#,
        r#"["Id",{"Width":1}]"#,
        r##""#Microsoft.OutlookServices.Photo""##,
        r##""#Collection(Microsoft.OutlookServices.Message)""##,
        r#""https://outlook.office.com/api/v2.0/Users('a@b')/photo""#,
        r#""https://outlook.office.com/api/beta/$metadata#Users('x')/photos""#,
    ]);
    let photo = prop::collection::btree_map(name, value, 0..8).prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    });
    prop::collection::vec(photo, 0..6)
        .prop_map(|photos| format!("{{\"value\":[{}]}}", photos.join(",")))
}

/// One member: mapped, annotation or unknown; never in Graph's spelling.
fn member(value: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = String> {
    let url = (
        prop::sample::select(vec![
            "https://outlook.office.com/api/v2.0",
            "https://outlook.office.com/api/beta",
            "https:\\/\\/outlook.office.com\\/api\\/v2.0",
            "https://outlook-dod.office365.us/api/v2.0",
            "https://example.org",
            "",
        ]),
        prop::sample::select(vec![
            "",
            "/$metadata#Me/photo/$entity",
            "/$metadata#Users('a%40b')/photos",
            "/Users('o''brien@t')/photo",
            "/Users(\\u0027x\\u0027)/photo",
            "/Me",
            "?$skip=2",
            "/Microsoft.OutlookServices.Message/X",
            "9",
        ]),
    )
        .prop_map(|(root, rest)| format!("\"{root}{rest}\""));
    let type_name = ("[A-Z][A-Za-z0-9]{0,6}", any::<bool>()).prop_map(|(name, collection)| {
        if collection {
            format!("\"#Collection(Microsoft.OutlookServices.{name})\"")
        } else {
            format!("\"#Microsoft.OutlookServices.{name}\"")
        }
    });
    let size = prop_oneof![
        (0u32..5000, 0u32..5000).prop_map(|(width, height)| format!("\"{width}X{height}\"")),
        (0u32..5000).prop_map(|width| format!("\"{width}\\u0058{width}\"")),
        Just("\"default\"".to_owned()),
    ];
    let unknown = text().prop_filter(
        "Graph's spelling, or an annotation that must be a legacy one",
        |name| !name.contains('@') && !["id", "width", "height"].contains(&name.as_str()),
    );
    prop_oneof![
        2 => size.prop_map(|value| format!("\"Id\":{value}")),
        2 => (prop::sample::select(vec!["Width", "Height", "W\\u0069dth", "\\u0048eight", "value", "error", "responses", "body"]), value.clone())
            .prop_map(|(name, value)| format!("\"{name}\" : {value}")),
        2 => (prop::sample::select(vec!["@odata.context", "@odata.id", "@odata.nextLink", "Width@odata.id"]), url)
            .prop_map(|(name, value)| format!("\"{name}\":{value}")),
        1 => (prop::sample::select(vec!["@odata.type", "Id@odata.type", "value@odata.type"]), type_name)
            .prop_map(|(name, value)| format!("\"{name}\":{value}")),
        2 => (unknown, value).prop_map(|(name, value)| format!("\"{name}\":{value}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn to_graph_and_back_is_exact(document in legacy()) {
        let graph = Translator::to_graph().translate_str(&document).unwrap();
        let back = Translator::to_outlook().translate_str(&graph).unwrap();
        prop_assert_eq!(back, document);
    }

    #[test]
    fn the_result_is_that_of_the_plain_way(document in photos()) {
        let expected = reference::to_graph(serde_json::from_str(&document).unwrap());
        let graph = Translator::to_graph().translate_str(&document).unwrap();
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&graph).unwrap(), expected);
    }

    #[test]
    fn the_verdict_is_that_of_an_independent_parser(bytes in prop::collection::vec(
        prop::sample::select(b"{}[]:,\"\\u0123456789aIdeE+-. \ntrfnls\xc3\xa4".to_vec()), 0..24,
    )) {
        same_verdict(&bytes)?;
    }

    #[test]
    fn damaged_documents_get_the_same_verdict(document in legacy(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = document.into_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        same_verdict(&bytes)?;
    }
}

/// serde_json and the translator agree whether this is JSON, and the translator with itself, in memory and streaming.
fn same_verdict(bytes: &[u8]) -> Result<(), TestCaseError> {
    let mut out = Vec::new();
    let result = Translator::to_graph().translate(bytes, &mut out);
    match (
        &result,
        Translator::to_graph().translate_bytes(bytes.to_vec()),
    ) {
        (Ok(()), Ok(in_memory)) => prop_assert_eq!(&in_memory, &out),
        (Err(streaming), Err(in_memory)) => {
            prop_assert_eq!(in_memory.to_string(), streaming.to_string());
        }
        (streaming, in_memory) => prop_assert!(false, "{streaming:?} and {in_memory:?}"),
    }
    let expected = std::str::from_utf8(bytes).is_ok()
        && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
    match result {
        Ok(()) => prop_assert!(expected, "accepted what is not JSON"),
        Err(TranslateError::Collision { .. }) => {}
        Err(error) => {
            prop_assert!(!expected, "refused JSON: {error}");
            prop_assert!(out.is_empty());
        }
    }
    Ok(())
}
