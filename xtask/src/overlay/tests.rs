//! One test per rule of the Overlay specification, and per mistake in a document.

use serde_json::{Value, json};

use super::{Overlay, Report, apply};

fn overlay(actions: Value) -> Overlay {
    Overlay::from_value(json!({
        "overlay": "1.0.0",
        "info": { "title": "test", "version": "1" },
        "actions": actions,
    }))
    .unwrap()
}

fn applied(document: Value, actions: Value) -> (Value, Report) {
    let mut document = document;
    let report = apply(&mut document, &overlay(actions)).unwrap();
    (document, report)
}

fn after(document: Value, actions: Value) -> Value {
    applied(document, actions).0
}

fn refused(document: Value, actions: Value) -> String {
    let mut document = document;
    apply(&mut document, &overlay(actions))
        .unwrap_err()
        .to_string()
}

#[test]
fn objects_merge_recursively() {
    let document = json!({ "a": { "b": { "c": 1 }, "d": 2 } });
    let update = json!([{ "target": "$", "update": { "a": { "b": { "e": 3 } } } }]);
    assert_eq!(
        after(document, update),
        json!({ "a": { "b": { "c": 1, "e": 3 }, "d": 2 } })
    );
}

#[test]
fn primitives_are_replaced_and_null_is_one() {
    let document = json!({ "a": 1, "b": "x", "c": { "d": 1 } });
    let update = json!([{ "target": "$", "update": { "a": 2, "b": null, "c": null } }]);
    assert_eq!(
        after(document, update),
        json!({ "a": 2, "b": null, "c": null })
    );
}

#[test]
fn arrays_inside_an_update_are_appended() {
    let update = json!([{ "target": "$", "update": { "a": [2, 3] } }]);
    assert_eq!(
        after(json!({ "a": [1] }), update.clone()),
        json!({ "a": [1, 2, 3] })
    );
    assert_eq!(after(json!({}), update), json!({ "a": [2, 3] }));
}

#[test]
fn a_targeted_array_gets_the_update_as_one_entry() {
    let update = json!([{ "target": "$.a", "update": { "name": "b" } }]);
    assert_eq!(
        after(json!({ "a": [1] }), update),
        json!({ "a": [1, { "name": "b" }] })
    );
}

#[test]
fn what_differs_in_type_is_replaced() {
    let update = json!([{ "target": "$", "update": { "a": { "b": 1 } } }]);
    assert_eq!(
        after(json!({ "a": "text" }), update.clone()),
        json!({ "a": { "b": 1 } })
    );
    assert_eq!(
        after(json!({ "a": [1] }), update),
        json!({ "a": { "b": 1 } })
    );
}

#[test]
fn remove_takes_members_and_items_out() {
    let document = json!({ "paths": { "/a/b": { "get": {} }, "/c~d": {} }, "list": [{}, [], {}] });
    let remove = json!([
        { "target": "$.paths['/a/b', '/c~d']", "remove": true },
        { "target": "$.list[0, 2]", "remove": true },
    ]);
    assert_eq!(
        after(document, remove),
        json!({ "paths": {}, "list": [[]] })
    );
}

#[test]
fn removing_many_items_keeps_the_others() {
    let items: Vec<Value> = (0..120).map(|n| json!({ "n": n })).collect();
    let remove = json!([{ "target": "$.list[?@.n != 7 && @.n != 111]", "remove": true }]);
    assert_eq!(
        after(json!({ "list": items }), remove),
        json!({ "list": [{ "n": 7 }, { "n": 111 }] })
    );
}

#[test]
fn removing_a_node_and_what_is_inside_it_is_no_error() {
    let remove = json!([{ "target": "$..a", "remove": true }]);
    assert_eq!(
        after(
            json!({ "a": { "a": { "b": {} } }, "c": { "a": [] } }),
            remove
        ),
        json!({ "c": {} })
    );
}

#[test]
fn remove_wins_over_update() {
    let both = json!([{ "target": "$.a", "remove": true, "update": { "x": 1 } }]);
    assert_eq!(after(json!({ "a": {}, "b": 1 }), both), json!({ "b": 1 }));
}

#[test]
fn remove_false_is_an_update() {
    let update = json!([{ "target": "$.a", "remove": false, "update": { "x": 1 } }]);
    assert_eq!(
        after(json!({ "a": {} }), update),
        json!({ "a": { "x": 1 } })
    );
}

#[test]
fn actions_apply_in_order() {
    let actions = json!([
        { "target": "$.a", "remove": true },
        { "target": "$", "update": { "a": { "new": true } } },
        { "target": "$.a", "update": { "newer": true } },
    ]);
    assert_eq!(
        after(json!({ "a": { "old": true } }), actions),
        json!({ "a": { "new": true, "newer": true } })
    );
}

#[test]
fn one_action_may_select_many_nodes() {
    let document = json!({ "paths": { "/a": { "get": {}, "put": {} }, "/b": { "get": {} } } });
    let (document, report) = applied(
        document,
        json!([{ "target": "$.paths[*].get", "update": { "x": 1 } }]),
    );
    assert_eq!(report.actions[0].nodes, 2);
    assert_eq!(document["paths"]["/b"]["get"]["x"], 1);
    assert!(document["paths"]["/a"]["put"].get("x").is_none());
}

#[test]
fn a_target_that_selects_nothing_is_reported() {
    let (document, report) = applied(
        json!({ "a": {} }),
        json!([
            { "target": "$.gone", "update": { "x": 1 }, "description": "Mend what is gone." },
            { "target": "$.gone", "remove": true },
            { "target": "$.a", "update": {} },
        ]),
    );
    assert_eq!(document, json!({ "a": {} }));
    assert_eq!(report.applied(), 1);
    let idle: Vec<_> = report
        .without_effect()
        .map(|a| (a.index, a.description.as_str()))
        .collect();
    assert_eq!(idle, [(0, "Mend what is gone."), (1, "$.gone")]);
}

#[test]
fn filters_may_look_at_extensions_references_and_lengths() {
    let document = json!({ "list": [
        { "x-owner": "me", "$ref": "#/a" }, { "x-owner": "team" }, { "empty": [] },
    ] });
    for (target, left) in [
        ("$.list[?@['x-owner'] == 'me']", 2),
        ("$.list[?@['x-owner']]", 1),
        ("$.list[?@['$ref'] == '#/a' || @['x-owner'] == 'team']", 1),
        ("$.list[?length(@.empty) == 0]", 2),
    ] {
        let document = after(
            document.clone(),
            json!([{ "target": target, "remove": true }]),
        );
        assert_eq!(document["list"].as_array().unwrap().len(), left, "{target}");
    }
}

#[test]
fn only_objects_and_arrays_may_be_targeted() {
    let message = refused(
        json!({ "info": { "title": "x" } }),
        json!([{ "target": "$.info.title", "update": "y", "description": "Rename it." }]),
    );
    insta::assert_snapshot!(message, @r#"action 0 ("Rename it.") cannot be applied to /info/title: the target selects a string, and Overlay 1.0.0 targets objects and arrays: select the object that holds it"#);
}

#[test]
fn the_root_stays_and_objects_take_objects() {
    let whole = refused(json!({}), json!([{ "target": "$", "remove": true }]));
    insta::assert_snapshot!(whole, @"action 0 cannot be applied to the root: the whole document cannot be removed");
    let text = refused(
        json!({ "a": {} }),
        json!([{ "target": "$.a", "update": "x" }]),
    );
    insta::assert_snapshot!(text, @"action 0 cannot be applied to /a: an object can only be updated with an object");
}

#[test]
fn mistakes_in_the_document_are_named() {
    let action = |action: &str| {
        format!("overlay: 1.0.0\ninfo: {{ title: t, version: v }}\nactions: [{action}]")
    };
    let cases = [
        "- not\n- an object".to_owned(),
        "overlay: [".to_owned(),
        "info: {}".to_owned(),
        "overlay: 1.1.0".to_owned(),
        "overlay: 1.0".to_owned(),
        "overlay: 1.0.0".to_owned(),
        "overlay: 1.0.0\ninfo: { title: t }".to_owned(),
        "overlay: 1.0.0\ninfo: { title: t, version: 1 }".to_owned(),
        "overlay: 1.0.0\ninfo: { title: t, version: v, licence: x }".to_owned(),
        "overlay: 1.0.0\ninfo: { title: t, version: v }".to_owned(),
        "overlay: 1.0.0\ninfo: { title: t, version: v }\nactions: []".to_owned(),
        "overlay: 1.0.0\ninfo: { title: t, version: v }\nextends: 3".to_owned(),
        format!("{}\npaths: {{}}", action("{ target: $.a, remove: true }")),
        action("text"),
        action("{ update: {}, description: No target. }"),
        action("{ target: $.a, description: Does nothing. }"),
        action("{ target: $.a, remove: sometimes }"),
        action("{ target: $.a, remove: true, desciption: Misspelled. }"),
        action("{ target: 3, remove: true }"),
        action("{ target: paths.get, remove: true }"),
        action("{ target: '$.paths[', remove: true }"),
        action("{ target: '$.a[?((((((((@.b))))))))]', remove: true }"),
        "[".repeat(100_000),
    ];
    let table: Vec<String> = cases
        .iter()
        .map(|text| {
            let shown: String = text.replace('\n', "; ").chars().take(90).collect();
            format!("{shown}\n    {}", Overlay::from_yaml(text).unwrap_err())
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn extensions_are_allowed_everywhere() {
    let overlay = Overlay::from_yaml(
        "overlay: 1.0.0\nx-a: 1\nextends: spec/upstream.json\ninfo: { title: t, version: v, x-b: 2 }\nactions: [{ target: $.a, remove: true, x-c: 3 }]",
    )
    .unwrap();
    assert_eq!(overlay.extends.as_deref(), Some("spec/upstream.json"));
    assert_eq!(
        (overlay.title.as_str(), overlay.version.as_str()),
        ("t", "v")
    );
}

#[test]
fn reasons_can_be_insisted_on() {
    let full = json!({ "target": "$.a", "remove": true, "description": "d", "x-reason": "r", "x-source": "s" });
    assert!(overlay(json!([full])).require_reasons().is_ok());
    for field in ["description", "x-reason", "x-source"] {
        for value in [None, Some(json!(" "))] {
            let mut action = full.clone();
            match value {
                None => drop(action.as_object_mut().unwrap().remove(field)),
                Some(value) => action[field] = value,
            }
            let message = overlay(json!([full, action]))
                .require_reasons()
                .unwrap_err()
                .to_string();
            assert!(
                message.contains("action 1") && message.contains(field),
                "{message}"
            );
        }
    }
}
