//! Reads `spec/outlook-v2.yaml` into tables, and refuses what they cannot hold.
//!
//! Start at [`Document::tables`]. Everything here keeps the order of the document, so that the tables read like it.

use indexmap::IndexMap;
use serde::Deserialize;

use super::CompatError;

/// As many properties as one schema may map: the translator keeps two bits for each in a 64-bit word.
const MAX_MEMBERS: usize = 16;

/// What is generated, free of OpenAPI.
#[derive(Debug, PartialEq)]
pub(super) struct Tables {
    pub(super) clouds: Vec<Cloud>,
    pub(super) retired: Vec<RetiredHost>,
    pub(super) versions: Vec<Version>,
    pub(super) namespace: Namespace,
    pub(super) types: Vec<TypeName>,
    pub(super) query: Vec<QueryOption>,
    pub(super) routes: Vec<Route>,
    pub(super) shapes: Vec<Shape>,
    pub(super) models: Vec<Model>,
    pub(super) scopes: Vec<(String, Scope)>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Cloud {
    pub(super) name: String,
    pub(super) graph: String,
    pub(super) outlook: Vec<String>,
}

#[derive(Debug, PartialEq)]
pub(super) struct TypeName {
    pub(super) outlook: String,
    pub(super) graph: String,
}

#[derive(Debug, PartialEq)]
pub(super) struct Route {
    pub(super) segments: Vec<Segment>,
    pub(super) graph: String,
    pub(super) operations: Vec<(String, String)>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Segment {
    /// `photo`
    Literal(String),
    /// `{user}`
    Parameter(Parameter),
    /// `Users('{user}')`
    Keyed(String, Parameter),
}

#[derive(Debug, PartialEq, Clone, Copy)]
pub(super) enum Parameter {
    User,
    Size,
}

/// The members of one kind of object, by number of other shapes.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) members: Vec<Member>,
    pub(super) unknown: usize,
}

#[derive(Debug, PartialEq, Clone)]
pub(super) struct Member {
    pub(super) outlook: String,
    pub(super) graph: String,
    pub(super) photo_size: bool,
    pub(super) shape: usize,
}

#[derive(Debug, PartialEq)]
pub(super) struct Model {
    pub(super) rust: String,
    pub(super) doc: String,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Field {
    pub(super) wire: String,
    pub(super) rust: String,
    pub(super) doc: String,
    pub(super) kind: FieldKind,
}

#[derive(Debug, PartialEq)]
pub(super) enum FieldKind {
    String,
    Integer,
    Number,
    Boolean,
    Object,
    Model(String),
    List(String),
}

/// The document, as far as the tables need it.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    openapi: String,
    servers: Vec<Server>,
    #[serde(rename = "x-graph-retired-hosts", default)]
    retired: Vec<RetiredHost>,
    #[serde(rename = "x-graph-versions")]
    versions: Vec<Version>,
    #[serde(rename = "x-graph-type-namespace")]
    namespace: Namespace,
    #[serde(rename = "x-graph-query-options", default)]
    query: Vec<QueryOption>,
    paths: IndexMap<String, PathItem>,
    components: Components,
}

#[derive(Debug, Deserialize)]
struct Server {
    url: String,
    #[serde(rename = "x-graph-cloud")]
    cloud: String,
    #[serde(rename = "x-graph-host")]
    graph: String,
}

#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct RetiredHost {
    pub(super) host: String,
    pub(super) reason: String,
}

#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct Version {
    pub(super) outlook: String,
    pub(super) graph: String,
    pub(super) answers: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct Namespace {
    pub(super) outlook: String,
    pub(super) graph: String,
}

#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct QueryOption {
    pub(super) option: String,
    pub(super) names: bool,
}

#[derive(Debug, Deserialize)]
struct PathItem {
    #[serde(rename = "x-graph-path")]
    graph: String,
    get: Option<Operation>,
    put: Option<Operation>,
    patch: Option<Operation>,
    delete: Option<Operation>,
}

#[derive(Debug, Deserialize)]
struct Operation {
    #[serde(rename = "x-graph-operation")]
    graph: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Components {
    schemas: IndexMap<String, Schema>,
    #[serde(rename = "securitySchemes")]
    security: IndexMap<String, SecurityScheme>,
}

#[derive(Debug, Deserialize, Default)]
struct Schema {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    description: Option<String>,
    #[serde(rename = "oneOf", default)]
    one_of: Vec<Schema>,
    #[serde(default)]
    properties: IndexMap<String, Schema>,
    items: Option<Box<Schema>>,
    #[serde(rename = "x-graph-name")]
    graph_name: Option<String>,
    #[serde(rename = "x-graph-value")]
    graph_value: Option<String>,
    #[serde(rename = "x-graph-unknown")]
    unknown: Option<String>,
    #[serde(rename = "x-rust-name")]
    rust_name: Option<String>,
    #[serde(rename = "x-outlook-type")]
    outlook_type: Option<String>,
    #[serde(rename = "x-graph-type")]
    graph_type: Option<String>,
}

#[derive(Debug, Deserialize)]
struct SecurityScheme {
    #[serde(rename = "x-graph-scopes", default)]
    scopes: IndexMap<String, Scope>,
}

#[derive(Debug, Deserialize, PartialEq, Clone)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Scope {
    pub(super) graph: String,
    pub(super) admin_consent: bool,
    pub(super) allows: String,
    pub(super) least_privileged: String,
    pub(super) least_privileged_admin_consent: bool,
}

/// The name `Photo` of `#/components/schemas/Photo`.
fn referenced(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

/// One token of a JSON pointer.
fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn invalid(
    pointer: impl Into<String>,
    problem: impl Into<String>,
    remedy: impl Into<String>,
) -> CompatError {
    CompatError::Invalid {
        pointer: pointer.into(),
        problem: problem.into(),
        remedy: remedy.into(),
    }
}

impl Document {
    pub(super) fn parse(text: &str) -> Result<Self, CompatError> {
        serde_norway::from_str(text).map_err(CompatError::Parse)
    }

    /// Resolves the document into tables.
    pub(super) fn tables(self) -> Result<Tables, CompatError> {
        if !self.openapi.starts_with("3.0.") {
            return Err(invalid(
                "/openapi",
                format!("version {}", self.openapi),
                "write it as OpenAPI 3.0.x",
            ));
        }
        let clouds = self.clouds()?;
        let routes = self.routes()?;
        let shapes = self.shapes()?;
        let models = self.models()?;
        let types = self.types()?;
        let scopes = self
            .components
            .security
            .into_iter()
            .flat_map(|(_, scheme)| scheme.scopes)
            .collect();
        Ok(Tables {
            clouds,
            retired: self.retired,
            versions: self.versions,
            namespace: self.namespace,
            types,
            query: self.query,
            routes,
            shapes,
            models,
            scopes,
        })
    }

    fn clouds(&self) -> Result<Vec<Cloud>, CompatError> {
        let mut clouds: Vec<Cloud> = Vec::new();
        for (index, server) in self.servers.iter().enumerate() {
            let host = server
                .url
                .strip_prefix("https://")
                .and_then(|rest| rest.strip_suffix("/api/{version}"))
                .filter(|host| !host.is_empty() && !host.contains('/'))
                .ok_or_else(|| {
                    invalid(
                        format!("/servers/{index}/url"),
                        format!("{} is not a root of the legacy API", server.url),
                        "write https://HOST/api/{version}",
                    )
                })?;
            match clouds.iter_mut().find(|cloud| cloud.name == server.cloud) {
                Some(cloud) if cloud.graph == server.graph => cloud.outlook.push(host.to_owned()),
                Some(cloud) => {
                    return Err(invalid(
                        format!("/servers/{index}/x-graph-host"),
                        format!(
                            "cloud {} already has the Graph host {}",
                            cloud.name, cloud.graph
                        ),
                        "give each cloud one Graph host",
                    ));
                }
                None => clouds.push(Cloud {
                    name: server.cloud.clone(),
                    graph: server.graph.clone(),
                    outlook: vec![host.to_owned()],
                }),
            }
        }
        Ok(clouds)
    }

    fn routes(&self) -> Result<Vec<Route>, CompatError> {
        let mut routes = Vec::new();
        for (path, item) in &self.paths {
            let pointer = format!("/paths/{}", token(path));
            let segments = segments(path, &pointer)?;
            for placeholder in item.graph.split(['{', '}']).skip(1).step_by(2) {
                if !path.contains(&format!("{{{placeholder}}}")) {
                    return Err(invalid(
                        format!("{pointer}/x-graph-path"),
                        format!("{{{placeholder}}} is not a parameter of the legacy path"),
                        "use the parameters of the path itself",
                    ));
                }
            }
            let methods = [
                ("GET", &item.get),
                ("PUT", &item.put),
                ("PATCH", &item.patch),
                ("DELETE", &item.delete),
            ];
            let mut operations = Vec::new();
            for (method, operation) in methods {
                let Some(operation) = operation else { continue };
                let Some(name) = &operation.graph else {
                    return Err(invalid(
                        format!("{pointer}/{}", method.to_lowercase()),
                        "the operation has no x-graph-operation",
                        "name the operation of our clients that replaces it",
                    ));
                };
                operations.push((method.to_owned(), name.clone()));
            }
            routes.push(Route {
                segments,
                graph: item.graph.clone(),
                operations,
            });
        }
        Ok(routes)
    }

    fn shapes(&self) -> Result<Vec<Shape>, CompatError> {
        let schemas = &self.components.schemas;
        if !schemas.contains_key("Document") {
            return Err(invalid(
                "/components/schemas",
                "there is no Document",
                "list in its oneOf what a document can be",
            ));
        }
        // The translator starts at shape 0.
        let mut names: Vec<&str> = vec!["Document"];
        names.extend(
            schemas
                .keys()
                .map(String::as_str)
                .filter(|name| *name != "Document"),
        );
        let number = |name: &str, pointer: &str| {
            names
                .iter()
                .position(|known| *known == name)
                .ok_or_else(|| {
                    invalid(
                        pointer,
                        format!("there is no schema {name}"),
                        "add it or correct the name",
                    )
                })
        };
        let mut shapes = Vec::new();
        for (own, name) in names.iter().enumerate() {
            let Some(schema) = schemas.get(*name) else {
                continue;
            };
            let pointer = format!("/components/schemas/{}", token(name));
            let unknown = match &schema.unknown {
                Some(other) => number(other, &format!("{pointer}/x-graph-unknown"))?,
                None => own,
            };
            let mut members = Vec::new();
            self.members(schema, &pointer, unknown, &number, &mut members)?;
            for alternative in &schema.one_of {
                let target = alternative
                    .reference
                    .as_deref()
                    .and_then(referenced)
                    .ok_or_else(|| {
                        invalid(
                            format!("{pointer}/oneOf"),
                            "an alternative is not a $ref",
                            "refer to a schema",
                        )
                    })?;
                let target_pointer = format!("/components/schemas/{}", token(target));
                let target_schema = schemas.get(target).ok_or_else(|| {
                    invalid(
                        format!("{pointer}/oneOf"),
                        format!("there is no schema {target}"),
                        "add it",
                    )
                })?;
                self.members(
                    target_schema,
                    &target_pointer,
                    unknown,
                    &number,
                    &mut members,
                )?;
            }
            if members.len() > MAX_MEMBERS {
                return Err(invalid(
                    pointer,
                    format!("{} mapped properties", members.len()),
                    format!("a schema can map {MAX_MEMBERS}; move some into a schema of their own"),
                ));
            }
            shapes.push(Shape {
                name: (*name).to_owned(),
                members,
                unknown,
            });
        }
        Ok(shapes)
    }

    /// Adds the mapped properties of `schema`, refusing names that would clash.
    fn members(
        &self,
        schema: &Schema,
        pointer: &str,
        unknown: usize,
        number: &dyn Fn(&str, &str) -> Result<usize, CompatError>,
        members: &mut Vec<Member>,
    ) -> Result<(), CompatError> {
        for (name, property) in &schema.properties {
            // Annotations keep their names; the translator knows them by their prefix.
            if name.starts_with("@odata.") {
                continue;
            }
            let pointer = format!("{pointer}/properties/{}", token(name));
            let graph = property.graph_name.clone().ok_or_else(|| {
                invalid(
                    &pointer,
                    "no x-graph-name",
                    "say what the property is called on Graph",
                )
            })?;
            if !plain_name(name) || !plain_name(&graph) {
                return Err(invalid(
                    &pointer,
                    "a name with other than letters, digits and _",
                    "use a plain name",
                ));
            }
            let photo_size = match property.graph_value.as_deref() {
                None => false,
                Some("photo-size") => true,
                Some(other) => {
                    return Err(invalid(
                        format!("{pointer}/x-graph-value"),
                        format!("unknown rule {other}"),
                        "use photo-size or leave it out",
                    ));
                }
            };
            let target = property.reference.as_deref().or_else(|| {
                property
                    .items
                    .as_ref()
                    .and_then(|items| items.reference.as_deref())
            });
            let shape = match target {
                Some(reference) => {
                    let name = referenced(reference).ok_or_else(|| {
                        invalid(
                            &pointer,
                            format!("{reference} is not a schema of this document"),
                            "refer to one",
                        )
                    })?;
                    number(name, &pointer)?
                }
                None => unknown,
            };
            let member = Member {
                outlook: name.clone(),
                graph,
                photo_size,
                shape,
            };
            if let Some(clash) = members
                .iter()
                .find(|other| other.outlook == member.outlook || other.graph == member.graph)
            {
                if *clash == member {
                    continue;
                }
                return Err(invalid(
                    &pointer,
                    format!(
                        "{} or {} is already taken by {}",
                        member.outlook, member.graph, clash.outlook
                    ),
                    "give every property of an object its own name on both sides",
                ));
            }
            members.push(member);
        }
        Ok(())
    }

    fn types(&self) -> Result<Vec<TypeName>, CompatError> {
        let mut types = Vec::new();
        for (name, schema) in &self.components.schemas {
            let pointer = format!("/components/schemas/{}", token(name));
            match (&schema.outlook_type, &schema.graph_type) {
                (None, None) => {}
                (Some(outlook), Some(graph)) => {
                    let strip = |full: &str, namespace: &str| {
                        full.strip_prefix(namespace)
                            .and_then(|rest| rest.strip_prefix('.'))
                            .map(str::to_owned)
                    };
                    let (Some(outlook), Some(graph)) = (
                        strip(outlook, &self.namespace.outlook),
                        strip(graph, &self.namespace.graph),
                    ) else {
                        return Err(invalid(
                            pointer,
                            "x-outlook-type or x-graph-type is outside x-graph-type-namespace",
                            "begin both with their namespace",
                        ));
                    };
                    types.push(TypeName { outlook, graph });
                }
                _ => {
                    return Err(invalid(
                        pointer,
                        "only one of x-outlook-type and x-graph-type",
                        "give both or neither",
                    ));
                }
            }
        }
        Ok(types)
    }

    fn models(&self) -> Result<Vec<Model>, CompatError> {
        let mut models = Vec::new();
        for (name, schema) in &self.components.schemas {
            let Some(rust) = &schema.rust_name else {
                continue;
            };
            let pointer = format!("/components/schemas/{}", token(name));
            let doc = |schema: &Schema, pointer: &str| {
                schema
                    .description
                    .clone()
                    .ok_or_else(|| invalid(pointer, "no description", "public items need one"))
            };
            let mut fields = Vec::new();
            for (wire, property) in &schema.properties {
                let pointer = format!("{pointer}/properties/{}", token(wire));
                let kind = self.field_kind(property, &pointer)?;
                let doc = match &kind {
                    FieldKind::Model(_) if property.description.is_none() => {
                        "What went wrong.".to_owned()
                    }
                    _ => doc(property, &pointer)?,
                };
                fields.push(Field {
                    wire: wire.clone(),
                    rust: snake_case(wire),
                    doc,
                    kind,
                });
            }
            models.push(Model {
                rust: rust.clone(),
                doc: doc(schema, &pointer)?,
                fields,
            });
        }
        Ok(models)
    }

    fn field_kind(&self, property: &Schema, pointer: &str) -> Result<FieldKind, CompatError> {
        let model = |reference: &str| {
            referenced(reference)
                .and_then(|name| self.components.schemas.get(name))
                .and_then(|schema| schema.rust_name.clone())
                .ok_or_else(|| {
                    invalid(
                        pointer,
                        format!("{reference} has no x-rust-name"),
                        "give it one: this model needs it",
                    )
                })
        };
        if let Some(reference) = &property.reference {
            return model(reference).map(FieldKind::Model);
        }
        match property.kind.as_deref() {
            Some("string") => Ok(FieldKind::String),
            Some("integer") => Ok(FieldKind::Integer),
            Some("number") => Ok(FieldKind::Number),
            Some("boolean") => Ok(FieldKind::Boolean),
            Some("object") => Ok(FieldKind::Object),
            Some("array") => match property
                .items
                .as_ref()
                .and_then(|items| items.reference.as_deref())
            {
                Some(reference) => model(reference).map(FieldKind::List),
                None => Err(invalid(
                    pointer,
                    "an array of something unnamed",
                    "give its items a $ref",
                )),
            },
            other => Err(invalid(
                pointer,
                format!("type {}", other.unwrap_or("missing")),
                "use string, integer, number, boolean, object, an array of $ref, or $ref",
            )),
        }
    }
}

fn plain_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `@odata.mediaEtag` to `odata_media_etag`.
fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            out.push(letter.to_ascii_lowercase());
        } else if letter.is_ascii_alphanumeric() {
            out.push(letter);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out
}

fn segments(path: &str, pointer: &str) -> Result<Vec<Segment>, CompatError> {
    let parameter = |text: &str| match text {
        "{user}" => Some(Parameter::User),
        "{size}" => Some(Parameter::Size),
        _ => None,
    };
    let unknown = |segment: &str| {
        invalid(
            pointer,
            format!("segment {segment} is of no known form"),
            "write name, {user}, {size}, name('{user}') or name('{size}')",
        )
    };
    let rest = path.strip_prefix('/').ok_or_else(|| unknown(path))?;
    rest.split('/')
        .map(|segment| {
            if let Some(found) = parameter(segment) {
                return Ok(Segment::Parameter(found));
            }
            if let Some((name, key)) = segment.split_once("('") {
                let key = key
                    .strip_suffix("')")
                    .and_then(parameter)
                    .ok_or_else(|| unknown(segment))?;
                return Ok(Segment::Keyed(name.to_lowercase(), key));
            }
            if segment.is_empty() || segment.contains(['{', '(']) {
                return Err(unknown(segment));
            }
            Ok(Segment::Literal(segment.to_lowercase()))
        })
        .collect()
}
