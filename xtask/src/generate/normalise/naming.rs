//! Microsoft's names of schemas into names of Rust types.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToUpperCamelCase;
use serde_json::{Map, Value};

use super::{Normaliser, sorted_keys};
use crate::problem::Pointer;

impl Normaliser<'_> {
    pub(super) fn name_schemas(&mut self, document: &Map<String, Value>) {
        let schemas = document
            .get("components")
            .and_then(|components| components.get("schemas"))
            .and_then(Value::as_object);
        let Some(schemas) = schemas else { return };
        // The last dotted segment is the type's own name; the namespace is added where two
        // namespaces define the same one.
        let short = |name: &str| type_name(name.rsplit('.').next().unwrap_or(name));
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for name in schemas.keys() {
            *count.entry(short(name)).or_default() += 1;
        }
        let mut taken = BTreeSet::new();
        for name in sorted_keys(schemas) {
            let mut rust = short(name);
            if count[&rust] > 1 {
                rust = type_name(name);
            }
            if syn::parse_str::<syn::Ident>(&rust).is_err() {
                rust = format!("Type{rust}");
            }
            if syn::parse_str::<syn::Ident>(&rust).is_err() || !taken.insert(rust.clone()) {
                let at = Pointer::root().key("components").key("schemas").key(name);
                self.problem(
                    &at,
                    format!("no Rust type name of its own can be made of {name:?}"),
                    "rename the schema through spec/overlay.yaml",
                );
            }
            self.names.insert(name.clone(), rust);
        }
    }
}

/// A name as Rust writes types. typify does the same to what it is given, so it must be a name that
/// stays as it is: `a b` becomes `AB`, and that would become `Ab`.
pub(super) fn type_name(name: &str) -> String {
    let camel = name.to_upper_camel_case();
    let again = camel.to_upper_camel_case();
    if again == camel {
        camel
    } else {
        type_name(&again)
    }
}
