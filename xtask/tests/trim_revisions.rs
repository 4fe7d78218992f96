//! Microsoft has published the photo endpoints in several shapes. Whatever the shape, the same 43
//! operations come out. The fixtures are cut from three real revisions.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise, its helpers too"
)]

use std::collections::BTreeSet;

use serde_json::Value;
use xtask::overlay::{self, Overlay};
use xtask::trim::{Built, Format, TrimConfig, build, cut_document, operations, to_text};

const TRIM_TOML: &str = include_str!("../../spec/trim.toml");
const OVERLAY: &str = include_str!("../../spec/overlay.yaml");

/// Operations declared one by one, `200` and `default`, POST, no `$value`, no teams.
const OLDER: &str = include_str!("fixtures/graph-older.json");
/// Parameters shared by path, `2XX`, `4XX` and `5XX`, discriminators, `$count`.
const V1_0_9: &str = include_str!("fixtures/graph-1.0.9.json");
/// YAML, no `/me`, repeated operationIds, DELETE everywhere, `2XX` and `default`.
const NEWEST: &str = include_str!("fixtures/graph-newest-modules.yaml");

/// Every revision as JSON and as YAML.
fn revisions() -> Vec<(&'static str, String)> {
    let yaml = |json: &str| {
        let value: Value = serde_json::from_str(json).unwrap();
        serde_norway::to_string(&value).unwrap()
    };
    let newest: Value = serde_norway::from_str(NEWEST).unwrap();
    vec![
        ("older, JSON", OLDER.to_owned()),
        ("older, YAML", yaml(OLDER)),
        ("1.0.9, JSON", V1_0_9.to_owned()),
        ("1.0.9, YAML", yaml(V1_0_9)),
        ("newest, YAML", NEWEST.to_owned()),
        ("newest, JSON", newest.to_string()),
    ]
}

fn built(text: &str) -> Built {
    build(text.as_bytes(), TRIM_TOML, OVERLAY).unwrap()
}

/// Name, method and path of the 43 operations, spelled out from the rule that names them.
fn expected_operations() -> BTreeSet<(String, String, String)> {
    let owners = [
        ("me", "/me"),
        ("user", "/users/{user-id}"),
        ("group", "/groups/{group-id}"),
        ("team", "/teams/{team-id}"),
        ("me_contact", "/me/contacts/{contact-id}"),
        ("user_contact", "/users/{user-id}/contacts/{contact-id}"),
        (
            "me_folder_contact",
            "/me/contactFolders/{contactFolder-id}/contacts/{contact-id}",
        ),
        (
            "user_folder_contact",
            "/users/{user-id}/contactFolders/{contactFolder-id}/contacts/{contact-id}",
        ),
    ];
    let sized = ["me", "user", "group"];
    let mut all = BTreeSet::new();
    for (owner, path) in owners {
        let mut add = |name: &str, method: &str, rest: &str| {
            all.insert((
                format!("{owner}_{name}"),
                method.to_owned(),
                format!("{path}{rest}"),
            ));
        };
        add("get_photo", "get", "/photo");
        add("get_photo_content", "get", "/photo/$value");
        add("put_photo_content", "put", "/photo/$value");
        if owner != "team" {
            add("patch_photo_content", "patch", "/photo/$value");
        }
        if sized.contains(&owner) {
            add("delete_photo_content", "delete", "/photo/$value");
            add("list_photos", "get", "/photos");
            add("get_photo_by_size", "get", "/photos/{profilePhoto-id}");
            add(
                "get_photo_content_by_size",
                "get",
                "/photos/{profilePhoto-id}/$value",
            );
        }
    }
    assert_eq!(all.len(), 43);
    all
}

#[test]
fn every_revision_yields_the_43_operations() {
    for (revision, text) in revisions() {
        let built = built(&text);
        let found: BTreeSet<_> = operations(&built.graph_photo)
            .map(|(path, method, operation)| {
                let name = operation["operationId"].as_str().unwrap_or_default();
                (name.to_owned(), method.to_owned(), path.to_owned())
            })
            .collect();
        assert_eq!(found, expected_operations(), "{revision}");
    }
}

/// Takes out what revisions may add: Microsoft's own names, where a path was mirrored from, and
/// the version of OpenAPI.
fn without_additions(mut document: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for key in [
                    "x-ms-operation-id",
                    "x-mirrored-from",
                    "x-ms-primary-error-message",
                ] {
                    members.remove(key);
                }
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut document);
    document["openapi"] = Value::Null;
    document
}

#[test]
fn every_revision_yields_the_same_description() {
    let first = to_text(&without_additions(built(V1_0_9).graph_photo));
    for (revision, text) in revisions() {
        let other = to_text(&without_additions(built(&text).graph_photo));
        similar_or_panic(&first, &other, revision);
    }
}

fn similar_or_panic(first: &str, other: &str, revision: &str) {
    if let Some((line, (a, b))) = first
        .lines()
        .zip(other.lines())
        .enumerate()
        .find(|(_, (a, b))| a != b)
    {
        panic!(
            "{revision} differs from 1.0.9 in line {}:\n  {a}\n  {b}",
            line + 1
        );
    }
    assert_eq!(first.len(), other.len(), "{revision}");
}

#[test]
fn the_committed_description_is_what_the_committed_slice_and_overlay_give() {
    let upstream = include_str!("../../spec/upstream.json");
    let committed: Value =
        serde_json::from_str(include_str!("../../spec/graph-photo.json")).unwrap();
    let mut built = built(upstream);
    // --api may have asked for another base URL than the slice's own.
    built.graph_photo["servers"] = committed["servers"].clone();
    assert_eq!(
        to_text(&built.graph_photo),
        to_text(&committed),
        "spec/graph-photo.json is stale: run `cargo xtask trim`"
    );
    assert_eq!(
        to_text(&built.cut.document),
        upstream,
        "spec/upstream.json holds more than the paths of trim.toml reach"
    );
}

#[test]
fn the_cut_leaves_microsofts_text_alone() {
    for (revision, text) in revisions() {
        let whole: Value = serde_norway::from_str(&text).unwrap();
        let config = TrimConfig::from_toml(TRIM_TOML).unwrap();
        let cut = cut_document(text.as_bytes(), &config).unwrap().document;
        for (path, item) in cut["paths"].as_object().unwrap() {
            assert_eq!(item, &whole["paths"][path], "{revision} {path}");
        }
        for (kind, named) in cut["components"].as_object().unwrap() {
            for (name, component) in named.as_object().unwrap() {
                let mut original = whole["components"][kind][name].clone();
                // The one thing that the cut changes.
                let kept = component["discriminator"]["mapping"].clone();
                if !kept.is_null() {
                    original["discriminator"]["mapping"] = kept;
                }
                assert_eq!(component, &original, "{revision} {kind} {name}");
            }
        }
        assert_eq!(cut["info"], whole["info"], "{revision}");
        assert_eq!(cut["servers"], whole["servers"], "{revision}");
        assert!(cut["paths"].get("/me/presence").is_none(), "{revision}");
    }
}

#[test]
fn a_discriminator_pulls_nothing_in_and_keeps_what_is_there() {
    let config = TrimConfig::from_toml(TRIM_TOML).unwrap();
    let cut = cut_document(V1_0_9.as_bytes(), &config).unwrap();
    assert_eq!(cut.mapping_entries_dropped, 5);
    let mapping = &cut.document["components"]["schemas"]["microsoft.graph.entity"]["discriminator"]
        ["mapping"];
    assert_eq!(
        mapping,
        &serde_json::json!({
            "#microsoft.graph.profilePhoto": "#/components/schemas/microsoft.graph.profilePhoto"
        })
    );
}

#[test]
fn the_overlay_applied_twice_is_the_overlay_applied_once() {
    let overlay = Overlay::from_yaml(OVERLAY).unwrap();
    for (revision, text) in revisions() {
        let once = built(&text).graph_photo;
        let mut twice = once.clone();
        overlay::apply(&mut twice, &overlay).unwrap();
        twice.sort_all_objects();
        assert_eq!(to_text(&twice), to_text(&once), "{revision}");
    }
}

#[test]
fn every_action_says_why_and_where_from() {
    Overlay::from_yaml(OVERLAY)
        .unwrap()
        .require_reasons()
        .unwrap();
}

#[test]
fn every_action_has_something_to_do_in_some_revision() {
    let overlay = Overlay::from_yaml(OVERLAY).unwrap();
    let mut idle: BTreeSet<usize> = (0..overlay.actions.len()).collect();
    for (_, text) in revisions() {
        let built = built(&text);
        for action in built
            .overlay
            .actions
            .iter()
            .filter(|action| action.nodes > 0)
        {
            idle.remove(&action.index);
        }
    }
    // Those that only matter when the overlay meets its own work, or shapes that the three
    // revisions do not have.
    let idle: Vec<_> = idle
        .into_iter()
        .filter_map(|index| overlay.actions[index].description.clone())
        .map(|description| description.trim().to_owned())
        .collect();
    insta::assert_debug_snapshot!(idle);
}

#[test]
fn microsofts_names_stay_and_are_never_made_up() {
    let ours = |document: &Value, path: &str, method: &str| {
        document["paths"][path][method]["x-ms-operation-id"]
            .as_str()
            .map(str::to_owned)
    };
    let document = built(V1_0_9).graph_photo;
    assert_eq!(
        ours(&document, "/me/photo", "get").as_deref(),
        Some("me.GetPhoto")
    );
    // Microsoft does not describe PATCH of the bytes.
    assert_eq!(ours(&document, "/me/photo/$value", "patch"), None);
    // Nor /me in its per-module files: the name there belongs to /users.
    let document = built(NEWEST).graph_photo;
    assert_eq!(
        ours(&document, "/users/{user-id}/photo", "get").as_deref(),
        Some("user_GetPhoto")
    );
    assert_eq!(ours(&document, "/me/photo", "get"), None);
    assert_eq!(
        document["paths"]["/me/photo"]["x-mirrored-from"],
        "/users/{user-id}/photo"
    );
}

#[test]
fn the_description_keeps_the_promises_that_the_generator_relies_on() {
    for (revision, text) in revisions() {
        let document = built(&text).graph_photo;
        let text = document.to_string();
        for gone in [
            "\"application/octet-stream\":",
            "2XX",
            "\"default\":{",
            "\"discriminator\":",
            "$expand",
            "$search",
        ] {
            assert!(!text.contains(gone), "{revision} still has {gone}");
        }
        for (path, method, operation) in operations(&document) {
            let place = format!("{revision} {method} {path}");
            let permissions = operation["x-permissions"].as_object().unwrap();
            let kinds: Vec<_> = permissions.keys().map(String::as_str).collect();
            assert_eq!(
                kinds,
                ["application", "delegatedPersonal", "delegatedWork"],
                "{place}"
            );
            assert!(
                permissions["delegatedWork"]["least"][0].is_string(),
                "{place}"
            );
            assert!(operation["summary"].is_string(), "{place}");
            assert!(
                operation["description"].as_str().unwrap().len() > 80,
                "{place}"
            );
            assert!(operation["externalDocs"]["url"].is_string(), "{place}");
            assert!(
                !operation["x-notes"].as_array().unwrap().is_empty(),
                "{place}"
            );
            assert!(
                operation["x-errors"].as_array().unwrap().len() >= 3,
                "{place}"
            );
            let codes: Vec<_> = operation["responses"]
                .as_object()
                .unwrap()
                .keys()
                .map(String::as_str)
                .collect();
            let expected: &[&str] = if method == "get" {
                &["200", "4XX", "5XX"]
            } else {
                &["200", "204", "4XX", "5XX"]
            };
            assert_eq!(codes, expected, "{place}");
            let body = &operation["requestBody"];
            if matches!(method, "put" | "patch") {
                assert_eq!(body["required"], true, "{place}");
                let types: Vec<_> = body["content"].as_object().unwrap().keys().collect();
                assert_eq!(types, ["image/jpeg"], "{place}");
            } else {
                assert!(body.is_null(), "{place}");
            }
        }
        let photo = &document["components"]["schemas"]["microsoft.graph.profilePhoto"];
        assert!(
            photo.get("required").is_none() && photo.get("allOf").is_none(),
            "{revision}"
        );
        assert_eq!(
            photo["properties"]["height"]["type"], "integer",
            "{revision}"
        );
    }
}

#[test]
fn permissions_are_those_of_microsofts_tables() {
    let document = built(V1_0_9).graph_photo;
    let table: Vec<String> = operations(&document)
        .map(|(_, _, operation)| {
            let side = |kind: &str| match &operation["x-permissions"][kind] {
                Value::Null => "-".to_owned(),
                lists => {
                    let join = |list: &Value| {
                        let names: Vec<_> = list
                            .as_array()
                            .unwrap()
                            .iter()
                            .filter_map(Value::as_str)
                            .collect();
                        names.join(",")
                    };
                    format!("{} < {}", join(&lists["least"]), join(&lists["higher"]))
                }
            };
            format!(
                "{}: work {}; personal {}; application {}",
                operation["operationId"].as_str().unwrap(),
                side("delegatedWork"),
                side("delegatedPersonal"),
                side("application"),
            )
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn a_property_that_microsoft_adds_survives() {
    let config = (TRIM_TOML, OVERLAY);
    for (place, text) in [
        ("/allOf/1/properties/dominantColor", V1_0_9),
        ("/allOf/1/properties/dominantColor", OLDER),
    ] {
        let mut whole: Value = serde_json::from_str(text).unwrap();
        let photo = &mut whole["components"]["schemas"]["microsoft.graph.profilePhoto"];
        photo["allOf"][1]["properties"]["dominantColor"] = serde_json::json!({ "type": "string" });
        let built = build(whole.to_string().as_bytes(), config.0, config.1).unwrap();
        let photo = &built.graph_photo["components"]["schemas"]["microsoft.graph.profilePhoto"];
        let kept = photo["allOf"].as_array().unwrap();
        assert_eq!(kept.len(), 1, "{place}");
        let properties: Vec<_> = kept[0]["properties"].as_object().unwrap().keys().collect();
        assert_eq!(properties, ["dominantColor"], "{place}");
        assert_eq!(photo["properties"]["width"]["type"], "integer", "{place}");
    }
}

#[test]
fn a_flat_photo_schema_is_fine_too() {
    let mut whole: Value = serde_json::from_str(V1_0_9).unwrap();
    whole["components"]["schemas"]["microsoft.graph.profilePhoto"] = serde_json::json!({
        "type": "object",
        "required": ["@odata.type"],
        "properties": {
            "@odata.type": { "type": "string" },
            "id": { "type": "string" },
            "height": { "type": "number", "format": "int32", "nullable": true },
            "dominantColor": { "type": "string" },
        },
    });
    let built = build(whole.to_string().as_bytes(), TRIM_TOML, OVERLAY).unwrap();
    let photo = &built.graph_photo["components"]["schemas"]["microsoft.graph.profilePhoto"];
    assert_eq!(photo["properties"]["height"]["type"], "integer");
    assert_eq!(photo["properties"]["dominantColor"]["type"], "string");
    assert!(photo.get("required").is_none());
}

const TEAM_OF_GROUP: &str = "/groups/{group-id}/team/photo";

#[test]
fn a_further_path_in_trim_toml_comes_through_as_microsoft_describes_it() {
    let trim_toml = TRIM_TOML.replace("paths = [", &format!("paths = [\n    {TEAM_OF_GROUP:?},"));
    for (text, id) in [
        (V1_0_9, "groups.team.GetPhoto"),
        (NEWEST, "group.team_GetPhoto"),
    ] {
        let document = build(text.as_bytes(), &trim_toml, OVERLAY)
            .unwrap()
            .graph_photo;
        assert!(operations(&document).count() > 43);
        let get = &document["paths"][TEAM_OF_GROUP]["get"];
        assert_eq!(get["operationId"], id);
        assert_eq!(get["x-ms-operation-id"], id);
    }
}

#[test]
fn a_further_owner_takes_only_lines_in_the_overlay() {
    let trim_toml = TRIM_TOML.replace("paths = [", &format!("paths = [\n    {TEAM_OF_GROUP:?},"));
    let mut overlay: Value = serde_norway::from_str(OVERLAY).unwrap();
    let updates = overlay["actions"].as_array_mut().unwrap();
    let mut of_paths = updates
        .iter_mut()
        .filter(|action| action["target"] == "$.paths");
    of_paths.next().unwrap()["update"][TEAM_OF_GROUP] = serde_json::json!({
        "get": {
            "operationId": "group_team_get_photo",
            "x-owner": "group_team", "x-resource": "team", "x-action": "get_photo",
        },
    });
    of_paths.next().unwrap()["update"][TEAM_OF_GROUP] = serde_json::json!({
        "parameters": [{ "$ref": "#/components/parameters/group-id" }],
    });
    let overlay = overlay.to_string();
    for text in [V1_0_9, NEWEST] {
        let document = build(text.as_bytes(), &trim_toml, &overlay)
            .unwrap()
            .graph_photo;
        let paths = &document["paths"];
        let (team, further) = (
            &paths["/teams/{team-id}/photo"]["get"],
            &paths[TEAM_OF_GROUP]["get"],
        );
        for field in [
            "x-permissions",
            "x-errors",
            "x-notes",
            "responses",
            "parameters",
            "description",
        ] {
            assert_eq!(further[field], team[field], "{field}");
        }
    }
}

#[test]
fn formats_are_told_from_the_content() {
    let config = TrimConfig::from_toml(TRIM_TOML).unwrap();
    let format = |text: &str| cut_document(text.as_bytes(), &config).unwrap().format;
    assert_eq!(format(V1_0_9), Format::Json);
    assert_eq!(format(&format!("\u{feff}\n\n{V1_0_9}")), Format::Json);
    assert_eq!(format(NEWEST), Format::Yaml);
    assert_eq!(
        format(&format!("---\n# from Microsoft\n{NEWEST}")),
        Format::Yaml
    );
    assert_eq!(format(&NEWEST.replace('\n', "\r\n")), Format::Yaml);
    assert_eq!(format(&format!("{NEWEST}\n...\n")), Format::YamlOtherStyle);
}
