//! From the normal form to [`Api`].

use std::collections::BTreeMap;

use heck::ToSnakeCase;
use openapiv3::{
    OpenAPI, Parameter as ApiParameter, ParameterSchemaOrContent, ReferenceOr, Response, Schema,
    SchemaKind, StatusCode, Type,
};

use super::{Answer, Api, Body, Docs, Operation, Parameter, ParameterType, TypeReference};
use crate::generate::normalise::{ACCEPT, LIST_OF, MEDIA_TYPE};

/// Reads the operations out of a validated normal form.
///
/// # Errors
/// A sentence naming what the normal form should not contain; [`crate::generate::validate`] reports these
/// with their place before it gets here, so an error is a bug in the pipeline.
pub fn read(document: &OpenAPI) -> Result<Api, String> {
    let mut lists = BTreeMap::new();
    for (name, schema) in document.components.iter().flat_map(|c| &c.schemas) {
        let ReferenceOr::Item(schema) = schema else {
            continue;
        };
        if let Some(item) = schema
            .schema_data
            .extensions
            .get(LIST_OF)
            .and_then(|v| v.as_str())
        {
            let item = match item {
                "string" => "::std::string::String".to_owned(),
                "integer" => "i64".to_owned(),
                "number" => "f64".to_owned(),
                "boolean" => "bool".to_owned(),
                named => format!("::graph_photo_model::types::{named}"),
            };
            lists.insert(
                name.clone(),
                format!("::graph_photo_model::CommaSeparated<{item}>"),
            );
        }
    }
    let mut operations = BTreeMap::new();
    for (path, item) in &document.paths.paths {
        let ReferenceOr::Item(item) = item else {
            return Err(format!("{path} is a reference"));
        };
        for (method, operation) in item.iter() {
            let operation = operation_of(path, method, operation, &lists)?;
            operations.insert(operation.name.clone(), operation);
        }
    }
    Ok(Api { operations, lists })
}

fn operation_of(
    path: &str,
    method: &str,
    operation: &openapiv3::Operation,
    lists: &BTreeMap<String, String>,
) -> Result<Operation, String> {
    let name = operation
        .operation_id
        .clone()
        .ok_or_else(|| format!("{method} {path} has no id"))?;
    let mut ir = Operation {
        method: method.to_owned(),
        path: path.to_owned(),
        path_parameters: Vec::new(),
        query_parameters: Vec::new(),
        header_parameters: Vec::new(),
        body: None,
        answer: Answer::Empty,
        accept: text(&operation.extensions, ACCEPT)
            .unwrap_or_else(|| "application/json".to_owned()),
        docs: docs_of(&name, operation)?,
        name,
    };
    for parameter in &operation.parameters {
        let ReferenceOr::Item(parameter) = parameter else {
            return Err(format!("{} has a parameter by reference", ir.name));
        };
        let data = parameter.parameter_data_ref();
        let ParameterSchemaOrContent::Schema(schema) = &data.format else {
            return Err(format!(
                "parameter {} of {} has no schema",
                data.name, ir.name
            ));
        };
        let value = Parameter {
            wire: data.name.clone(),
            ident: data.name.to_snake_case(),
            kind: parameter_type(schema, lists)?,
            required: data.required,
            description: data.description.clone().unwrap_or_default(),
        };
        match parameter {
            ApiParameter::Path { .. } => ir.path_parameters.push(value),
            ApiParameter::Query { .. } => ir.query_parameters.push(value),
            ApiParameter::Header { .. } => ir.header_parameters.push(value),
            ApiParameter::Cookie { .. } => return Err(format!("{} has a cookie", ir.name)),
        }
    }
    // progenitor orders the arguments so, by their names on the wire, and the two clients must not
    // differ.
    ir.path_parameters
        .sort_by_key(|p| path.find(&format!("{{{}}}", p.wire)));
    ir.query_parameters.sort_by(|a, b| a.wire.cmp(&b.wire));
    ir.header_parameters.sort_by(|a, b| a.wire.cmp(&b.wire));

    if let Some(body) = &operation.request_body {
        let ReferenceOr::Item(body) = body else {
            return Err(format!("{} has a body by reference", ir.name));
        };
        ir.body = match body.content.first() {
            Some((media_type, media)) if media_type == "application/json" => {
                Some(Body::Json(type_reference(media.schema.as_ref())?))
            }
            Some(_) => {
                let media_type = text(&body.extensions, MEDIA_TYPE);
                Some(Body::Bytes(
                    media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
                ))
            }
            None => None,
        };
    }
    if let Some(ReferenceOr::Item(success)) =
        operation.responses.responses.get(&StatusCode::Range(2))
    {
        ir.answer = answer_of(success)?;
    }
    Ok(ir)
}

fn answer_of(success: &Response) -> Result<Answer, String> {
    Ok(match success.content.first() {
        None => Answer::Empty,
        Some((media_type, media)) if media_type == "application/json" => {
            Answer::Json(type_reference(media.schema.as_ref())?)
        }
        Some(_) => Answer::Bytes,
    })
}

fn docs_of(name: &str, operation: &openapiv3::Operation) -> Result<Docs, String> {
    fn list<T: serde::de::DeserializeOwned>(
        name: &str,
        extensions: &indexmap::IndexMap<String, serde_json::Value>,
        key: &str,
    ) -> Result<Vec<T>, String> {
        match extensions.get(key) {
            None => Ok(Vec::new()),
            Some(value) => serde_json::from_value(value.clone())
                .map_err(|error| format!("{key} of {name} cannot be read: {error}")),
        }
    }
    let permissions = match operation.extensions.get("x-permissions") {
        None => None,
        Some(value) => Some(
            serde_json::from_value(value.clone())
                .map_err(|error| format!("x-permissions of {name} cannot be read: {error}"))?,
        ),
    };
    Ok(Docs {
        summary: operation.summary.clone().unwrap_or_default(),
        description: operation.description.clone().unwrap_or_default(),
        microsoft_id: text(&operation.extensions, "x-ms-operation-id"),
        url: operation
            .external_docs
            .as_ref()
            .map(|docs| docs.url.clone()),
        permissions,
        notes: list(name, &operation.extensions, "x-notes")?,
        errors: list(name, &operation.extensions, "x-errors")?,
    })
}

fn text(extensions: &indexmap::IndexMap<String, serde_json::Value>, key: &str) -> Option<String> {
    extensions
        .get(key)
        .and_then(|value| value.as_str())
        .map(str::to_owned)
}

fn parameter_type(
    schema: &ReferenceOr<Schema>,
    lists: &BTreeMap<String, String>,
) -> Result<ParameterType, String> {
    match schema {
        ReferenceOr::Reference { reference } => {
            let name = reference.rsplit('/').next().unwrap_or_default();
            Ok(match lists.get(name) {
                Some(list) => ParameterType::List(list.clone()),
                None => ParameterType::Named(name.to_owned()),
            })
        }
        ReferenceOr::Item(schema) => match type_of(&schema.schema_kind)? {
            TypeReference::Text => Ok(ParameterType::Text),
            TypeReference::Primitive(name) => Ok(ParameterType::Primitive(name)),
            other => Err(format!("a parameter cannot be {other:?}")),
        },
    }
}

fn type_reference(schema: Option<&ReferenceOr<Schema>>) -> Result<TypeReference, String> {
    match schema {
        None => Ok(TypeReference::Json),
        Some(ReferenceOr::Reference { reference }) => Ok(TypeReference::Named(
            reference.rsplit('/').next().unwrap_or_default().to_owned(),
        )),
        Some(ReferenceOr::Item(schema)) => type_of(&schema.schema_kind),
    }
}

fn type_of(kind: &SchemaKind) -> Result<TypeReference, String> {
    use openapiv3::{IntegerFormat, NumberFormat, VariantOrUnknownOrEmpty as Format};
    Ok(match kind {
        SchemaKind::Type(Type::String(_)) => TypeReference::Text,
        SchemaKind::Type(Type::Boolean(_)) => TypeReference::Primitive("bool"),
        SchemaKind::Type(Type::Integer(integer)) => {
            TypeReference::Primitive(match &integer.format {
                Format::Item(IntegerFormat::Int32) => "i32",
                Format::Unknown(format) => match format.as_str() {
                    "int8" => "i8",
                    "int16" => "i16",
                    "uint8" => "u8",
                    "uint16" => "u16",
                    "uint32" => "u32",
                    "uint64" => "u64",
                    _ => "i64",
                },
                _ => "i64",
            })
        }
        SchemaKind::Type(Type::Number(number)) => TypeReference::Primitive(match &number.format {
            Format::Item(NumberFormat::Float) => "f32",
            _ => "f64",
        }),
        SchemaKind::Type(Type::Array(array)) => {
            let item = match &array.items {
                None => TypeReference::Json,
                Some(ReferenceOr::Reference { reference }) => TypeReference::Named(
                    reference.rsplit('/').next().unwrap_or_default().to_owned(),
                ),
                Some(ReferenceOr::Item(item)) => type_of(&item.schema_kind)?,
            };
            TypeReference::Vec(Box::new(item))
        }
        SchemaKind::Any(_) => TypeReference::Json,
        SchemaKind::Type(Type::Object(_)) => {
            return Err("an inline object should have been named by the normal form".to_owned());
        }
        other => return Err(format!("{other:?} is not part of the normal form")),
    })
}
