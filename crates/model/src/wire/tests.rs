use percent_encoding::percent_decode_str;
use proptest::prelude::*;

use super::*;
use crate::error::ErrorKind;

fn get(path: &str) -> RequestBuilder<()> {
    RequestBuilder::new(Method::GET, path.to_owned())
}

#[test]
fn each_awkward_character_stays_in_one_segment() {
    for (value, encoded) in [
        ("a/b", "a%2Fb"),
        ("a#b", "a%23b"),
        ("a?b", "a%3Fb"),
        ("o'hara", "o%27hara"),
        ("100%", "100%25"),
        ("a%2Fb", "a%252Fb"),
        ("a+b", "a%2Bb"),
        ("a@b.c", "a%40b.c"),
        ("a b", "a%20b"),
        ("Zoë", "Zo%C3%AB"),
        ("a\\b", "a%5Cb"),
        (
            "a:b;c,d=e&f!g*h(i)$",
            "a%3Ab%3Bc%2Cd%3De%26f%21g%2Ah%28i%29%24",
        ),
        ("\t\n\0", "%09%0A%00"),
        ("...", "..."),
        ("AZaz09-._~", "AZaz09-._~"),
    ] {
        assert_eq!(encode_path("id", value).unwrap().as_ref(), encoded);
    }
}

#[test]
fn empty_and_dot_segments_are_refused_by_name() {
    for value in ["", ".", ".."] {
        let error = encode_path("contact-id", value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("contact-id"), "{error}");
    }
}

#[test]
fn only_users_that_start_with_a_dollar_get_the_key_form() {
    for (path, expected) in [
        ("/users/%24x%40y.com", "/users('%24x%40y.com')"),
        (
            "/users/%24x%40y.com/contacts/%24c/photo/$value",
            "/users('%24x%40y.com')/contacts/%24c/photo/$value",
        ),
        ("/users/%24%27/photo", "/users('%24%27%27')/photo"),
        ("/users/a%24/photo", "/users/a%24/photo"),
        ("/groups/%24x/photo", "/groups/%24x/photo"),
        ("/me/photo", "/me/photo"),
    ] {
        assert_eq!(apply_key_form(path), expected);
        assert_eq!(apply_key_form(expected), expected, "a second time");
    }
    let request = get("/users/%24x%40y.com/photo").build().unwrap();
    assert_eq!(request.path_and_query, "/users('%24x%40y.com')/photo");
}

#[test]
fn query_options_are_written_one_way() {
    let absent: Option<&str> = None;
    let none: Option<CommaSeparated<String>> = None;
    let empty: [&str; 0] = [];
    let request = get("/me/photos")
        .query(&QueryParam::new("$filter", &absent))
        .query(&QueryParam::new("$expand", &none))
        .query(&QueryParam::new("$orderby", &empty))
        .query(&QueryParam::new(
            "$select",
            &Some(CommaSeparated::from(["id", "height"])),
        ))
        .query(&QueryParam::new("$top", &Some(5_i64)))
        .query(&QueryParam::new("$count", &true))
        .query(&QueryParam::new("$search", "a b&c=d#e+f%g'h/\"ü"))
        .build()
        .unwrap();
    assert_eq!(
        request.path_and_query,
        "/me/photos?$select=id,height&$top=5&$count=true\
         &$search=a%20b%26c%3Dd%23e%2Bf%25g%27h%2F%22%C3%BC"
    );
}

#[test]
fn comma_separated_is_a_string_in_json() {
    let list = CommaSeparated::from(vec![1, 2, 3]);
    assert_eq!(serde_json::to_string(&list).unwrap(), "\"1,2,3\"");
    assert_eq!(
        serde_json::from_str::<CommaSeparated<i32>>("\"1,2,3\"").unwrap(),
        list
    );
    assert_eq!(
        serde_json::from_str::<CommaSeparated<i32>>("\"\"").unwrap(),
        CommaSeparated::default()
    );
    assert!(serde_json::from_str::<CommaSeparated<i32>>("\"1,x\"").is_err());
    assert_eq!(list.into_vec(), [1, 2, 3]);
}

#[test]
fn headers_that_cannot_be_sent_name_the_header() {
    for value in ["a\r\nX: y", "\u{7f}", "caf\u{e9}", "a\tb"] {
        let error = get("/me/photo")
            .header("If-Match", Some(value))
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("If-Match"), "{error}");
    }
    let request = get("/me/photo")
        .header("If-Match", Some("\"BA09D118\""))
        .header("If-None-Match", None::<&str>)
        .build()
        .unwrap();
    assert_eq!(request.headers["if-match"], "\"BA09D118\"");
    assert_eq!(request.headers.len(), 1);
}

#[test]
fn debug_does_not_say_whose_photo_it_is() {
    let builder = RequestBuilder::new(Method::PUT, "/users/adele/photo/$value".to_owned())
        .body("image/jpeg", "adele");
    for shown in [
        format!("{builder:?}"),
        format!("{:?}", builder.build().unwrap()),
    ] {
        assert!(!shown.contains("adele") && shown.contains("PUT"), "{shown}");
    }
}

#[test]
fn a_body_brings_its_content_type() {
    let request = RequestBuilder::new(Method::PUT, "/me/photo/$value".to_owned())
        .accept("application/json")
        .body("image/jpeg", b"x".to_vec())
        .build()
        .unwrap()
        .map_body(|body| body.len());
    assert_eq!(request.headers["content-type"], "image/jpeg");
    assert_eq!(request.headers["accept"], "application/json");
    assert_eq!(request.body, Some(1));
    assert!(
        RequestBuilder::new(Method::PUT, "/me/photo/$value".to_owned())
            .body("image/jpeg\n", ())
            .build()
            .is_err()
    );
}

#[test]
fn paths_the_two_parsers_would_read_differently_are_refused() {
    for path in [
        "",
        "me/photo",
        "//host/me",
        "/a b",
        "/a#b",
        "/é",
        "/a\\b",
        "/a\tb",
        "/a{b}",
    ] {
        assert!(get(path).build().is_err(), "{path:?}");
    }
    let long = format!("/users/{}/photo", "a".repeat(MAX_PATH_AND_QUERY));
    assert_eq!(
        get(&long).build().unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
}

/// What reqwest and ureq would put on the request line for this path and query.
fn on_the_wire(path_and_query: &str) -> (String, String) {
    let url = url::Url::parse(&format!("https://graph.example/v1.0{path_and_query}")).unwrap();
    let uri: http::Uri = format!("https://graph.example/v1.0{path_and_query}")
        .parse()
        .unwrap();
    (
        url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
        uri.path_and_query().unwrap().as_str().to_owned(),
    )
}

proptest! {
    #[test]
    fn encoding_round_trips_and_is_unreserved(value in any::<String>()) {
        prop_assume!(!matches!(value.as_str(), "" | "." | ".."));
        let encoded = encode_path("id", &value).unwrap().to_string();
        prop_assert!(
            encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b))
        );
        prop_assert_eq!(percent_decode_str(&encoded).decode_utf8().unwrap(), value);
    }

    #[test]
    fn both_url_parsers_keep_every_byte(
        user in "\\PC{1,20}|[$'%./\\\\ @#?+]{1,9}|[\\x00-\\x20]{1,4}",
        search in any::<String>(),
    ) {
        prop_assume!(!matches!(user.as_str(), "." | ".."));
        let url = format!("/users/{}/photo/$value", encode_path("user-id", &user).unwrap());
        let request = get(&url).query(&QueryParam::new("$search", &search)).build().unwrap();
        let expected = format!("/v1.0{}", request.path_and_query);
        let (reqwest, ureq) = on_the_wire(&request.path_and_query);
        prop_assert_eq!(&reqwest, &expected);
        prop_assert_eq!(&ureq, &expected);
    }

    #[test]
    fn query_values_round_trip(value in any::<String>()) {
        let request = get("/me/photos").query(&QueryParam::new("$filter", &value)).build().unwrap();
        let encoded = request.path_and_query.strip_prefix("/me/photos?$filter=").unwrap();
        prop_assert!(
            encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%$,".contains(&b))
        );
        prop_assert_eq!(percent_decode_str(encoded).decode_utf8().unwrap(), value);
    }

    #[test]
    fn the_key_form_never_panics_and_touches_only_dollar_users(path in any::<String>()) {
        if !path.starts_with("/users/%24") {
            prop_assert_eq!(apply_key_form(&path), path.clone());
        }
    }
}
