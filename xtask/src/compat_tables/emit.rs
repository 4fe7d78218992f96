//! Writes [`Tables`] as Rust: one file for each thing that is looked up.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::document::{FieldKind, Parameter, Segment, Tables};

/// Every generated file: name and tokens.
pub(super) fn files(tables: &Tables) -> Vec<(&'static str, TokenStream)> {
    vec![
        ("mod.rs", index()),
        ("hosts.rs", hosts(tables)),
        ("models.rs", models(tables)),
        ("routes.rs", routes(tables)),
        ("scopes.rs", scopes(tables)),
        ("shapes.rs", shapes(tables)),
    ]
}

fn index() -> TokenStream {
    quote! {
        //! Tables and models of the legacy API, whose types are in `crate::tables`; and its blocking client, derived
        //! from `crate::client`.

        #[cfg(feature = "blocking")]
        pub mod blocking;
        pub(crate) mod hosts;
        pub(crate) mod models;
        pub(crate) mod routes;
        pub(crate) mod scopes;
        pub(crate) mod shapes;
    }
}

fn hosts(tables: &Tables) -> TokenStream {
    let clouds = tables.clouds.iter().map(|cloud| {
        let (name, graph, outlook) = (&cloud.name, &cloud.graph, &cloud.outlook);
        quote!(Cloud { name: #name, graph: #graph, outlook: &[#(#outlook),*] })
    });
    let retired = tables.retired.iter().map(|retired| {
        let (host, reason) = (&retired.host, &retired.reason);
        quote!(RetiredHost { host: #host, reason: #reason })
    });
    let versions = tables.versions.iter().map(|version| {
        let (outlook, graph, answers) = (&version.outlook, &version.graph, version.answers);
        quote!(Version { outlook: #outlook, graph: #graph, answers: #answers })
    });
    let types = tables.types.iter().map(|name| {
        let (outlook, graph) = (&name.outlook, &name.graph);
        quote!(TypeName { outlook: #outlook, graph: #graph })
    });
    let query = tables.query.iter().map(|query| {
        let (option, names) = (&query.option, query.names);
        quote!(QueryOption { option: #option, names: #names })
    });
    let (outlook, graph) = (&tables.namespace.outlook, &tables.namespace.graph);
    quote! {
        //! Hosts, versions, type names and query options.

        use crate::tables::{Cloud, QueryOption, RetiredHost, TypeName, Version};

        /// Legacy hosts and the Graph host that answers for them.
        pub(crate) static CLOUDS: &[Cloud] = &[#(#clouds),*];
        /// Legacy hosts that nothing answers for.
        pub(crate) static RETIRED_HOSTS: &[RetiredHost] = &[#(#retired),*];
        /// Versions of both services.
        pub(crate) static VERSIONS: &[Version] = &[#(#versions),*];
        /// Namespace of the legacy type names.
        pub(crate) const OUTLOOK_NAMESPACE: &str = #outlook;
        /// Namespace of Graph's type names.
        pub(crate) const GRAPH_NAMESPACE: &str = #graph;
        /// Types whose names differ by more than the case of their first letter.
        pub(crate) static TYPE_NAMES: &[TypeName] = &[#(#types),*];
        /// Query options that photo metadata takes on Graph.
        pub(crate) static QUERY_OPTIONS: &[QueryOption] = &[#(#query),*];
    }
}

fn routes(tables: &Tables) -> TokenStream {
    let parameter = |parameter: &Parameter| match parameter {
        Parameter::User => quote!(Parameter::User),
        Parameter::Size => quote!(Parameter::Size),
    };
    let routes = tables.routes.iter().map(|route| {
        let segments = route.segments.iter().map(|segment| match segment {
            Segment::Literal(name) => quote!(Segment::Literal(#name)),
            Segment::Parameter(key) => {
                let key = parameter(key);
                quote!(Segment::Parameter(#key))
            }
            Segment::Keyed(name, key) => {
                let key = parameter(key);
                quote!(Segment::Keyed(#name, #key))
            }
        });
        let operations =
            route.operations.iter().map(|(method, name)| quote!(Operation { method: #method, name: #name }));
        let graph = &route.graph;
        quote!(Route { segments: &[#(#segments),*], graph: #graph, operations: &[#(#operations),*] })
    });
    quote! {
        //! Paths below the version, and where each went.

        use crate::tables::{Operation, Parameter, Route, Segment};

        /// Names are in lower case: paths are matched without regard to case.
        pub(crate) static ROUTES: &[Route] = &[#(#routes),*];
    }
}

fn scopes(tables: &Tables) -> TokenStream {
    let scopes = tables.scopes.iter().map(|(outlook, scope)| {
        let (graph, allows, least) = (&scope.graph, &scope.allows, &scope.least_privileged);
        let (consent, least_consent) = (scope.admin_consent, scope.least_privileged_admin_consent);
        quote!(Scope {
            outlook: #outlook,
            graph: #graph,
            admin_consent: #consent,
            allows: #allows,
            least_privileged: #least,
            least_privileged_admin_consent: #least_consent,
        })
    });
    quote! {
        //! Legacy scopes and the Graph permissions in their place.

        use crate::tables::Scope;

        /// In the order of the description.
        pub(crate) static SCOPES: &[Scope] = &[#(#scopes),*];
    }
}

fn shapes(tables: &Tables) -> TokenStream {
    let shapes = tables.shapes.iter().map(|shape| {
        let members = shape.members.iter().map(|member| {
            let (outlook, graph, shape) = (&member.outlook, &member.graph, member.shape);
            let value = if member.photo_size {
                quote!(Value::PhotoSize)
            } else {
                quote!(Value::Kept)
            };
            quote!(Member { outlook: #outlook, graph: #graph, value: #value, shape: #shape })
        });
        let (name, unknown) = (&shape.name, shape.unknown);
        quote!(Shape { name: #name, members: &[#(#members),*], unknown: #unknown })
    });
    quote! {
        //! What the members of each kind of object are called on either side.

        use crate::tables::{Member, Shape, Value};

        /// A document starts at the first; the others are referred to by their place here.
        pub(crate) static SHAPES: &[Shape] = &[#(#shapes),*];
    }
}

fn models(tables: &Tables) -> TokenStream {
    let models = tables.models.iter().map(|model| {
        let name = format_ident!("{}", model.rust);
        let fields = model.fields.iter().map(|field| {
            let (wire, doc) = (&field.wire, &field.doc);
            let rust = format_ident!("{}", field.rust);
            let optional = quote!(default, skip_serializing_if = "Option::is_none");
            let (attributes, ty) = match &field.kind {
                FieldKind::String => (optional, quote!(Option<String>)),
                FieldKind::Integer => (optional, quote!(Option<i32>)),
                FieldKind::Number => (optional, quote!(Option<f64>)),
                FieldKind::Boolean => (optional, quote!(Option<bool>)),
                FieldKind::Object => (
                    optional,
                    quote!(Option<serde_json::Map<String, serde_json::Value>>),
                ),
                FieldKind::Model(model) => {
                    let model = format_ident!("{model}");
                    (quote!(default), quote!(#model))
                }
                FieldKind::List(model) => {
                    let model = format_ident!("{model}");
                    (quote!(default), quote!(Vec<#model>))
                }
            };
            quote! {
                #[doc = #doc]
                #[serde(rename = #wire, #attributes)]
                pub #rust: #ty,
            }
        });
        let doc = &model.doc;
        quote! {
            #[doc = #doc]
            #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize)]
            pub struct #name {
                #(#fields)*
                /// Members the description does not name, as they came.
                #[serde(flatten)]
                pub other: serde_json::Map<String, serde_json::Value>,
            }
        }
    });
    quote! {
        //! Typed models, spelled as the legacy service spelled them.

        #(#models)*
    }
}
