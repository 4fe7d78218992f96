//! The model crate's generated types: typify's output, as progenitor sees the schemas.
//!
//! The stream is the very one progenitor would put into its own `types` module. What we add is
//! what a published crate needs: docs on every variant, and `#[non_exhaustive]`, because Microsoft
//! adds properties and values without calling that a break.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

/// Turns typify's stream into the items of `generated/types.rs`.
///
/// # Errors
/// When the stream is not what we know typify to write.
pub fn emit(stream: TokenStream) -> Result<TokenStream, String> {
    let mut file: syn::File =
        syn::parse2(stream).map_err(|error| format!("typify's output does not parse: {error}"))?;
    for item in &mut file.items {
        match item {
            Item::Struct(item) if item.fields.iter().all(|field| field.ident.is_some()) => {
                item.attrs.push(syn::parse_quote!(#[non_exhaustive]));
                for field in &mut item.fields {
                    // typify has no place for the description beside a reference.
                    let name = field
                        .ident
                        .as_ref()
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    let text = format!(" `{}` in Graph's JSON.", wire_name(&name, &field.attrs));
                    document(&mut field.attrs, &text);
                }
            }
            Item::Enum(item) => {
                item.attrs.push(syn::parse_quote!(#[non_exhaustive]));
                for variant in &mut item.variants {
                    let text = format!(
                        " `{}` on the wire.",
                        wire_name(&variant.ident.to_string(), &variant.attrs)
                    );
                    document(&mut variant.attrs, &text);
                }
            }
            _ => {}
        }
        space_docs(item);
    }
    let items = file.items;
    Ok(quote!(#(#items)*))
}

/// Gives an item docs if it has none.
fn document(attributes: &mut Vec<syn::Attribute>, text: &str) {
    if !attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("doc"))
    {
        attributes.insert(0, syn::parse_quote!(#[doc = #text]));
    }
}

/// What `#[serde(rename)]` says, else the identifier.
pub(crate) fn wire_name(ident: &str, attributes: &[syn::Attribute]) -> String {
    let mut wire = ident.to_owned();
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // Anything else in the attribute leaves the identifier as the name.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                wire = meta.value()?.parse::<syn::LitStr>()?.value();
            }
            Ok(())
        });
    }
    wire
}

/// typify writes docs without the customary space.
fn space_docs(item: &mut Item) {
    struct Spacer;
    impl syn::visit_mut::VisitMut for Spacer {
        fn visit_attribute_mut(&mut self, attribute: &mut syn::Attribute) {
            if let syn::Meta::NameValue(meta) = &mut attribute.meta
                && meta.path.is_ident("doc")
                && let syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(text),
                    ..
                }) = &mut meta.value
                && !text.value().starts_with([' ', '\n'])
            {
                *text = syn::LitStr::new(&format!(" {}", text.value()), text.span());
            }
        }
    }
    syn::visit_mut::VisitMut::visit_item_mut(&mut Spacer, item);
}
