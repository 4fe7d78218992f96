//! The async client's operations: progenitor's output, rewritten onto our runtime.
//!
//! progenitor writes calls to reqwest and to its own client crate. We keep its signatures and its
//! translation of each operation, and turn the calls into those of `graph_photo_model::wire` and
//! of the client's own `exec`, so that both clients build one transport-neutral request.
//!
//! Every rewriting counts its hits, and anything unexpected in the output stops the generation:
//! a new progenitor must be looked at, not guessed at.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprMethodCall, FnArg, ImplItem, Item, Lit, ReturnType, Stmt, Type};

use super::docs::doc_attributes;
use super::ir::{Answer, Api, Body, Operation};
use super::method;

/// Rewrites progenitor's whole output into the body of `generated/operations.rs`.
///
/// # Errors
/// A sentence naming the operation and what in progenitor's output was not as expected.
pub fn emit(progenitor: TokenStream, api: &Api) -> Result<TokenStream, String> {
    let file: syn::File = syn::parse2(progenitor)
        .map_err(|error| format!("progenitor's output does not parse: {error}"))?;
    let mut methods: BTreeMap<String, syn::ImplItemFn> = BTreeMap::new();
    for item in file.items {
        // The client's constructor has no async methods, the operations are nothing else.
        if let Item::Impl(item) = item
            && item.trait_.is_none()
        {
            for member in item.items {
                if let ImplItem::Fn(function) = member
                    && function.sig.asyncness.is_some()
                {
                    methods.insert(function.sig.ident.to_string(), function);
                }
            }
        }
    }
    let mut hits = Hits::default();
    let mut emitted = Vec::new();
    for operation in api.operations.values() {
        let function = methods
            .remove(&operation.name)
            .ok_or_else(|| format!("progenitor emitted no method `{}`", operation.name))?;
        emitted.push(
            rewrite(function, operation, &mut hits)
                .map_err(|fault| format!("{}: {fault}", operation.name))?,
        );
    }
    if let Some(extra) = methods.keys().next() {
        return Err(format!(
            "progenitor emitted `{extra}`, which the spec does not describe"
        ));
    }
    hits.check(api)?;
    Ok(method::file(&emitted))
}

/// How often each rewriting applied.
#[derive(Default)]
struct Hits {
    urls: usize,
    path_values: usize,
    api_versions: usize,
    content_types: usize,
    matches: usize,
}

impl Hits {
    fn check(&self, api: &Api) -> Result<(), String> {
        let all = api.operations.len();
        let path_values = api
            .operations
            .values()
            .map(|o| o.path_parameters.len())
            .sum();
        let bytes = api
            .operations
            .values()
            .filter(|o| matches!(o.body, Some(Body::Bytes(_))))
            .count();
        for (what, hits, expected) in [
            ("url", self.urls, all),
            ("path value", self.path_values, path_values),
            ("api-version header", self.api_versions, all),
            ("content type of a binary body", self.content_types, bytes),
            ("match over the status", self.matches, all),
        ] {
            if hits != expected {
                return Err(format!(
                    "rewrote {hits} of {expected} occurrences of: {what}"
                ));
            }
        }
        Ok(())
    }
}

fn rewrite(
    function: syn::ImplItemFn,
    operation: &Operation,
    hits: &mut Hits,
) -> Result<TokenStream, String> {
    let mut signature = function.sig;
    let mut builder = None;
    for statement in function.block.stmts {
        match statement {
            Stmt::Local(local) => {
                let name = local_name(&local);
                let init = local.init.map(|init| *init.expr);
                match (name.as_str(), init) {
                    ("url", Some(expr)) => check_url(expr, operation, hits)?,
                    ("request", Some(expr)) => builder = Some(request(expr, operation, hits)?),
                    ("header_map" | "info" | "result" | "response", Some(_)) => {}
                    (other, _) => {
                        return Err(format!("unexpected `let {other}` in progenitor's output"));
                    }
                }
            }
            // `header_map.append(api-version)`, the hooks before and after, header parameters.
            Stmt::Expr(Expr::MethodCall(call), _) if is_api_version(&call) => {
                hits.api_versions += 1
            }
            Stmt::Expr(Expr::Try(_), _) => {}
            Stmt::Expr(Expr::If(_), _) if !operation.header_parameters.is_empty() => {}
            Stmt::Expr(Expr::MethodCall(call), _) if call.method == "append" => {}
            Stmt::Expr(Expr::Match(_), None) => hits.matches += 1,
            other => {
                return Err(format!(
                    "unexpected statement in progenitor's output: {}",
                    quote!(#other)
                ));
            }
        }
    }
    let builder = builder.ok_or("progenitor built no request")?;

    // The receiver's and the arguments' lifetimes are what elision gives them.
    EraseLifetimes.visit_signature_mut(&mut signature);
    signature.generics.params = signature
        .generics
        .params
        .into_iter()
        .filter(|parameter| !matches!(parameter, syn::GenericParam::Lifetime(_)))
        .collect();
    rewrite_body_type(&mut signature, operation)?;
    let answered = success_type(&signature.output)?;
    let expected = match &operation.answer {
        Answer::Empty => quote!(()),
        Answer::Bytes => quote!(ByteStream),
        Answer::Json(reference) => reference.rust_type(),
    };
    if answered.to_string() != expected.to_string() {
        return Err(format!(
            "progenitor answers with `{answered}`, the spec says `{expected}`"
        ));
    }
    signature.output = syn::parse_quote!(-> Result<Response<#answered>, Error>);

    let docs = doc_attributes(operation);
    let body = method::body(operation, &builder, &quote!(.await));
    Ok(quote! {
        #docs
        pub #signature {
            #body
        }
    })
}

/// The URL must be the path we know, its values in the order we know.
fn check_url(expr: Expr, operation: &Operation, hits: &mut Hits) -> Result<(), String> {
    let Expr::Macro(expr) = expr else {
        return Err("the url is not a format!".to_owned());
    };
    let arguments = expr
        .mac
        .parse_body_with(syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated)
        .map_err(|error| format!("the url's format! does not parse: {error}"))?;
    let mut arguments = arguments.into_iter();
    let format = match arguments.next() {
        Some(Expr::Lit(syn::ExprLit {
            lit: Lit::Str(text),
            ..
        })) => text.value(),
        _ => return Err("the url's format is not a literal".to_owned()),
    };
    let expected = format!("{{}}{}", operation.path_format());
    if format != expected {
        return Err(format!(
            "progenitor's url is {format:?}, the spec's {expected:?}"
        ));
    }
    hits.urls += 1;
    let base = arguments.next();
    if !matches!(base, Some(Expr::Field(_))) {
        return Err("the url does not start with the base url".to_owned());
    }
    for parameter in &operation.path_parameters {
        let ident = parameter.ident();
        let expected = quote!(encode_path(&#ident.to_string())).to_string();
        let found = arguments
            .next()
            .map(|value| quote!(#value).to_string())
            .unwrap_or_default();
        if found != expected {
            return Err(format!(
                "progenitor fills the url with `{found}`, expected `{expected}`"
            ));
        }
        hits.path_values += 1;
    }
    Ok(())
}

/// Translates `self.client.get(url).header(..).query(..).build()?` call by call.
fn request(expr: Expr, operation: &Operation, hits: &mut Hits) -> Result<TokenStream, String> {
    let Expr::Try(expr) = expr else {
        return Err("the request is not built with `?`".to_owned());
    };
    let mut calls: Vec<ExprMethodCall> = Vec::new();
    let mut current = *expr.expr;
    while let Expr::MethodCall(call) = current {
        current = *call.receiver.clone();
        calls.push(call);
    }
    calls.reverse();
    let mut method = None;
    let mut queries = Vec::new();
    let mut sends_body = false;
    for call in &calls {
        let arguments: Vec<&Expr> = call.args.iter().collect();
        match (call.method.to_string().as_str(), arguments.as_slice()) {
            (verb @ ("get" | "put" | "post" | "patch" | "delete"), [_url]) => {
                method = Some(verb.to_owned())
            }
            ("header", [name, value]) => {
                let (name, value) = (quote!(#name).to_string(), quote!(#value).to_string());
                if name.ends_with("CONTENT_TYPE") && value.contains("application/octet-stream") {
                    hits.content_types += 1;
                } else if !name.ends_with("ACCEPT") {
                    return Err(format!("progenitor sets the unexpected header {name}"));
                }
            }
            ("query", [value]) => queries.push(query_name(value)?),
            ("body" | "json", [_]) => sends_body = true,
            ("headers", [_]) | ("build", []) => {}
            (other, _) => return Err(format!("progenitor calls `.{other}(..)` on the request")),
        }
    }
    if method.as_deref() != Some(operation.method.as_str()) {
        return Err(format!(
            "progenitor sends {method:?}, the spec says {:?}",
            operation.method
        ));
    }
    let expected: Vec<&str> = operation
        .query_parameters
        .iter()
        .map(|p| p.wire.as_str())
        .collect();
    if queries != expected {
        return Err(format!(
            "progenitor sends the query {queries:?}, the spec says {expected:?}"
        ));
    }
    if sends_body != operation.body.is_some() {
        return Err("progenitor and the spec disagree about the body".to_owned());
    }
    Ok(method::request(operation))
}

/// The literal name in `&progenitor_client::QueryParam::new("$select", &select)`.
fn query_name(expr: &Expr) -> Result<String, String> {
    if let Expr::Reference(reference) = expr
        && let Expr::Call(call) = &*reference.expr
        && let Some(Expr::Lit(syn::ExprLit {
            lit: Lit::Str(name),
            ..
        })) = call.args.first()
    {
        return Ok(name.value());
    }
    Err(format!(
        "unexpected query in progenitor's output: {}",
        quote!(#expr)
    ))
}

fn is_api_version(call: &ExprMethodCall) -> bool {
    call.method == "append" && quote!(#call).to_string().contains("\"api-version\"")
}

fn local_name(local: &syn::Local) -> String {
    match &local.pat {
        syn::Pat::Ident(pattern) => pattern.ident.to_string(),
        other => quote!(#other).to_string(),
    }
}

/// `body: B` with `B: Into<reqwest::Body>` becomes `body: impl Into<Body>`, ours.
fn rewrite_body_type(signature: &mut syn::Signature, operation: &Operation) -> Result<(), String> {
    if !matches!(operation.body, Some(Body::Bytes(_))) {
        return Ok(());
    }
    let generics = &signature.generics;
    if !quote!(#generics)
        .to_string()
        .replace(' ', "")
        .contains("Into<reqwest::Body>")
    {
        return Err("progenitor's body is not `Into<reqwest::Body>`".to_owned());
    }
    signature.generics = syn::Generics::default();
    match signature.inputs.last_mut() {
        Some(FnArg::Typed(argument)) => *argument.ty = syn::parse_quote!(impl Into<Body>),
        _ => return Err("progenitor's method takes no body".to_owned()),
    }
    Ok(())
}

/// `T` of `Result<ResponseValue<T>, Error<E>>`.
fn success_type(output: &ReturnType) -> Result<TokenStream, String> {
    let ReturnType::Type(_, output) = output else {
        return Err("progenitor's method returns nothing".to_owned());
    };
    let response = first_argument(output).ok_or("progenitor's method returns no Result")?;
    let value = first_argument(response).ok_or("progenitor's method returns no ResponseValue")?;
    Ok(quote!(#value))
}

fn first_argument(path: &Type) -> Option<&Type> {
    let Type::Path(path) = path else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
    else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

/// Removes named lifetimes from references.
struct EraseLifetimes;

impl VisitMut for EraseLifetimes {
    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        reference.lifetime = None;
        syn::visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_receiver_mut(&mut self, receiver: &mut syn::Receiver) {
        if let Some((_, lifetime)) = &mut receiver.reference {
            *lifetime = None;
        }
        *receiver.ty = if receiver.mutability.is_some() {
            syn::parse_quote!(&mut Self)
        } else {
            syn::parse_quote!(&Self)
        };
    }
}
