//! The typed models: documented answers, both ways, and the same result as the translator.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use graph_photo_compat::json::Translator;
use graph_photo_compat::model::{OutlookErrorResponse, OutlookPhoto, OutlookPhotoCollection};
use graph_photo_model::types::{ProfilePhoto, ProfilePhotoCollectionResponse};
use serde_json::{Value, from_str, json, to_value};

const PHOTO: &str = r##"{
    "@odata.context": "https://outlook.office.com/api/v2.0/$metadata#Me/photo/$entity",
    "@odata.id": "https://outlook.office.com/api/v2.0/Users('ddfcd489-628b-7d04-b48b-20075df800e5@1717622f-1d94-c0d4-9d74-f907ad6677b4')/photo",
    "@odata.mediaContentType": "image/jpeg",
    "@odata.mediaEtag": "\"BA09D118\"",
    "@odata.type": "#Microsoft.OutlookServices.Photo",
    "Id": "240X240",
    "Width": 240,
    "Height": 240
}"##;

#[test]
fn a_photo_goes_to_graph_as_the_translator_takes_it() {
    let legacy: OutlookPhoto = from_str(PHOTO).unwrap();
    let graph = ProfilePhoto::from(legacy.clone());
    let translated: Value =
        from_str(&Translator::to_graph().translate_str(PHOTO).unwrap()).unwrap();
    assert_eq!(to_value(&graph).unwrap(), translated);
    let back = OutlookPhoto::from(graph);
    assert_eq!(back, legacy);
    assert_eq!(to_value(&back).unwrap(), from_str::<Value>(PHOTO).unwrap());
}

#[test]
fn a_collection_goes_both_ways() {
    let text = format!(
        r#"{{"@odata.context":"https://outlook.office.com/api/beta/$metadata#Me/photos","value":[{PHOTO},{{"Id":"1X1"}}]}}"#
    );
    let legacy: OutlookPhotoCollection = from_str(&text).unwrap();
    let graph = ProfilePhotoCollectionResponse::from(legacy.clone());
    assert_eq!(graph.value[1].id.as_deref(), Some("1x1"));
    assert_eq!(
        graph.odata_context.as_deref(),
        Some("https://graph.microsoft.com/beta/$metadata#Me/photos")
    );
    assert_eq!(OutlookPhotoCollection::from(graph), legacy);
}

#[test]
fn text_that_looks_escaped_is_taken_as_it_is() {
    let id = r"https:\/\/outlook.office.com\/api\/v2.0\/Users(\u0027x\u0027)";
    let photo = OutlookPhoto {
        odata_id: Some(id.to_owned()),
        id: Some("1\\u00581".to_owned()),
        ..Default::default()
    };
    let graph = ProfilePhoto::from(photo);
    assert_eq!(graph.id.as_deref(), Some("1\\u00581"));
    assert_eq!(graph.odata_id.as_deref(), Some(id));
}

#[test]
fn unknown_members_stay_with_the_legacy_models() {
    for text in [
        r#"{"Id":"1X1","Colour":["blue"]}"#,
        r#"{"value":[],"@odata.count":0}"#,
    ] {
        let photos: Value = from_str(text).unwrap();
        if photos.get("Id").is_some() {
            assert_eq!(
                to_value(from_str::<OutlookPhoto>(text).unwrap()).unwrap(),
                photos
            );
        } else {
            assert_eq!(
                to_value(from_str::<OutlookPhotoCollection>(text).unwrap()).unwrap(),
                photos
            );
        }
    }
    let error = json!({"error": {"code": "ErrorItemNotFound", "message": "Not found.", "innerError": {"date": "2020-01-01T00:00:00"}}});
    assert_eq!(
        to_value(serde_json::from_value::<OutlookErrorResponse>(error.clone()).unwrap()).unwrap(),
        error
    );
}
