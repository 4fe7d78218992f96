//! Rewrites a file so that it holds its mutants, each behind a switch.
//!
//! | what | mutant |
//! |---|---|
//! | a comparison | negated |
//! | an operand of `&&` | true |
//! | an operand of `\|\|` | false |
//! | `true`, `false` | the other |
//! | a text without a space (with one, where errors are told apart) | another text |
//! | a whole number | one more |
//! | `MAX_...` | half |
//! | `Method::X` | `TRACE` |
//! | an arm of a match that has a last resort | gone |
//! | a call of a builder | left out |
//! | a URL | one character longer |
//! | a function that returns `Option`, `bool`, `Vec` | `None`; `true` and `false`; empty |
//! | an encoded set of characters | each character that matters, changed over |
//!
//! Constants, attributes, patterns, tests and what is only printed are left alone.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, Lit, Pat, ReturnType, Stmt, parse_quote};

use super::Mutant;

/// Calls that return what they are called on, so that leaving them out compiles.
const BUILDERS: [&str; 14] = [
    "accept",
    "header",
    "query",
    "operation",
    "body",
    "accept_encoding",
    "http1_only",
    "http_status_as_error",
    "max_redirects",
    "max_redirects_will_error",
    "redirect",
    "referer",
    "timeout_global",
    "with_operation",
];

/// Where texts with spaces tell errors apart.
const TELLING: &str = "crates/model/src/no_photo.rs";

/// Rewrites `text`; appends its mutants.
pub(super) fn weave(file: &str, text: &str, mutants: &mut Vec<Mutant>) -> syn::Result<String> {
    // An array of texts in a constant cannot be switched; as a function it can.
    let text = text
        .replace(
            "const NO_MAILBOX: [&str; 5] = [",
            "fn no_mailbox() -> [&'static str; 5] { [",
        )
        .replace("\"ResourceNotFound\",\n];", "\"ResourceNotFound\",\n] }")
        .replace("NO_MAILBOX.iter()", "no_mailbox().iter()");
    let mut tree = syn::parse_file(&text)?;
    let switch = if file.starts_with("crates/model/") {
        quote!(crate::mutant::on)
    } else {
        quote!(graph_photo_model::mutant::on)
    };
    Weaver {
        file,
        switch,
        functions: Vec::new(),
        mutants,
    }
    .visit_file_mut(&mut tree);
    Ok(prettyplease::unparse(&tree))
}

struct Weaver<'m> {
    file: &'m str,
    switch: TokenStream,
    functions: Vec<String>,
    mutants: &'m mut Vec<Mutant>,
}

impl Weaver<'_> {
    /// A new mutant; the expression that is true when it is on.
    fn mutant(&mut self, change: impl Into<String>) -> TokenStream {
        let number = self.mutants.len() + 1;
        self.mutants.push(Mutant {
            number,
            file: self.file.to_owned(),
            function: self.functions.last().cloned().unwrap_or_default(),
            change: change.into(),
        });
        let (switch, number) = (&self.switch, proc_macro2::Literal::usize_unsuffixed(number));
        quote!(#switch(#number))
    }

    fn in_function(
        &mut self,
        name: String,
        constant: bool,
        output: &ReturnType,
        block: &mut syn::Block,
    ) {
        if constant || block.stmts.is_empty() {
            return;
        }
        self.functions.push(name);
        visit_mut::visit_block_mut(self, block);
        let early: Vec<(&str, Expr)> = match output {
            ReturnType::Type(_, returned) => {
                match returned.to_token_stream().to_string().split(' ').next() {
                    Some("Option") => vec![("returns None", parse_quote!(None))],
                    Some("bool") => vec![
                        ("returns true", parse_quote!(true)),
                        ("returns false", parse_quote!(false)),
                    ],
                    Some("Vec") => vec![("returns nothing", parse_quote!(Vec::new()))],
                    _ => Vec::new(),
                }
            }
            ReturnType::Default => Vec::new(),
        };
        for (change, value) in early {
            let on = self.mutant(change);
            block
                .stmts
                .insert(0, parse_quote!(if #on { return #value; }));
        }
        self.functions.pop();
    }
}

/// Whether an item only exists in tests.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.to_token_stream().to_string().contains("test"))
}

fn short(tokens: &impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("`{}...`", &text[..at]),
        None => format!("`{text}`"),
    }
}

impl VisitMut for Weaver<'_> {
    fn visit_attribute_mut(&mut self, _: &mut syn::Attribute) {}
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
    fn visit_item_const_mut(&mut self, _: &mut syn::ItemConst) {}
    fn visit_item_static_mut(&mut self, _: &mut syn::ItemStatic) {}
    fn visit_impl_item_const_mut(&mut self, _: &mut syn::ImplItemConst) {}
    fn visit_macro_mut(&mut self, _: &mut syn::Macro) {}
    fn visit_expr_repeat_mut(&mut self, _: &mut syn::ExprRepeat) {}
    fn visit_generic_argument_mut(&mut self, _: &mut syn::GenericArgument) {}

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if !is_test(&module.attrs) {
            visit_mut::visit_item_mod_mut(self, module);
        }
    }

    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        let printed = item.trait_.as_ref().is_some_and(|(_, path, _)| {
            path.segments
                .last()
                .is_some_and(|last| last.ident == "Debug" || last.ident == "Display")
        });
        if !printed {
            visit_mut::visit_item_impl_mut(self, item);
        }
    }

    fn visit_item_fn_mut(&mut self, item: &mut syn::ItemFn) {
        if !is_test(&item.attrs) {
            let constant = item.sig.constness.is_some();
            self.in_function(
                item.sig.ident.to_string(),
                constant,
                &item.sig.output,
                &mut item.block,
            );
        }
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut syn::ImplItemFn) {
        let constant = item.sig.constness.is_some();
        self.in_function(
            item.sig.ident.to_string(),
            constant,
            &item.sig.output,
            &mut item.block,
        );
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        visit_mut::visit_local_mut(self, local);
        let is_url = matches!(&local.pat, Pat::Ident(name) if name.ident == "url");
        if let Some(init) = local
            .init
            .as_mut()
            .filter(|init| is_url && matches!(*init.expr, Expr::Macro(_)))
        {
            let on = self.mutant("the URL is one character longer");
            let url = &init.expr;
            init.expr = parse_quote!({ let mut url = #url; if #on { url.push('x'); } url });
        }
    }

    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        if let Some((_, guard)) = &mut arm.guard {
            self.visit_expr_mut(guard);
        }
        self.visit_expr_mut(&mut arm.body);
    }

    fn visit_expr_match_mut(&mut self, expression: &mut syn::ExprMatch) {
        visit_mut::visit_expr_match_mut(self, expression);
        let resort = expression.arms.last().is_some_and(|last| {
            last.guard.is_none()
                && matches!(
                    &last.pat,
                    Pat::Wild(_) | Pat::Ident(syn::PatIdent { subpat: None, .. })
                )
        });
        // `None` alone is an identifier to the parser.
        let none = expression
            .arms
            .last()
            .is_some_and(|last| last.pat.to_token_stream().to_string() == "None");
        if !resort || none {
            return;
        }
        let count = expression.arms.len().saturating_sub(1);
        for arm in expression.arms.iter_mut().take(count) {
            let on = self.mutant(format!("the arm {} is gone", short(&arm.pat)));
            arm.guard = Some(match arm.guard.take() {
                None => (syn::Token![if](Span::call_site()), parse_quote!(!#on)),
                Some((token, guard)) => (token, parse_quote!(!#on && (#guard))),
            });
        }
    }

    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        if !matches!(
            statement,
            Stmt::Item(syn::Item::Const(_) | syn::Item::Static(_))
        ) {
            visit_mut::visit_stmt_mut(self, statement);
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        // What is about to be wrapped is shown as it was.
        let shown = short(expression);
        let operands = match expression {
            Expr::Binary(binary) => [short(&binary.left), short(&binary.right)],
            _ => [String::new(), String::new()],
        };
        visit_mut::visit_expr_mut(self, expression);
        let replacement: Option<Expr> = match expression {
            Expr::Lit(literal) => self.literal(&literal.lit),
            Expr::Binary(binary) => match &binary.op {
                BinOp::Eq(_)
                | BinOp::Ne(_)
                | BinOp::Lt(_)
                | BinOp::Le(_)
                | BinOp::Gt(_)
                | BinOp::Ge(_) => {
                    let on = self.mutant(format!("{shown} is negated"));
                    Some(parse_quote!((#on != (#binary))))
                }
                BinOp::And(_) | BinOp::Or(_) => {
                    let and = matches!(binary.op, BinOp::And(_));
                    for (operand, what) in [&mut binary.left, &mut binary.right]
                        .into_iter()
                        .zip(operands)
                    {
                        let chained = matches!(&**operand, Expr::Binary(inner) if matches!(inner.op, BinOp::And(_) | BinOp::Or(_)));
                        if chained
                            || operand
                                .to_token_stream()
                                .into_iter()
                                .any(|token| token.to_string() == "let")
                        {
                            continue;
                        }
                        let on = self.mutant(format!("{what} is {and} in {shown}"));
                        **operand = if and {
                            parse_quote!((#on || (#operand)))
                        } else {
                            parse_quote!((!#on && (#operand)))
                        };
                    }
                    None
                }
                _ => None,
            },
            Expr::Path(path) => {
                let path = path.clone();
                let names: Vec<String> = path
                    .path
                    .segments
                    .iter()
                    .map(|segment| segment.ident.to_string())
                    .collect();
                match names
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .as_slice()
                {
                    ["Method", method] => {
                        let on = self.mutant(format!("{method} is TRACE"));
                        Some(parse_quote!((if #on { Method::TRACE } else { #path })))
                    }
                    [.., maximum] if maximum.starts_with("MAX_") => {
                        let on = self.mutant(format!("{maximum} is half of it"));
                        Some(parse_quote!((if #on { #path / 2 } else { #path })))
                    }
                    _ => None,
                }
            }
            Expr::Reference(reference)
                if self.file.ends_with("wire.rs") || self.file.ends_with("query.rs") =>
            {
                let shown = reference.expr.to_token_stream().to_string();
                matches!(shown.as_str(), "RESERVED" | "QUERY").then(|| self.character_set(&shown))
            }
            // A builder is what another call gave; `self.header(..)` asks for something, and
            // `.body(None)` finishes http's builder.
            Expr::MethodCall(call)
                if BUILDERS.contains(&call.method.to_string().as_str())
                    && !matches!(&*call.receiver, Expr::Path(_) | Expr::Field(_))
                    && call.args.to_token_stream().to_string() != "None" =>
            {
                let on = self.mutant(format!(
                    "the call .{}({}) is left out",
                    call.method,
                    line(&call.args)
                ));
                let (receiver, method, arguments) = (&call.receiver, &call.method, &call.args);
                Some(
                    parse_quote!({ let before = #receiver; if #on { before } else { before.#method(#arguments) } }),
                )
            }
            _ => None,
        };
        if let Some(replacement) = replacement {
            *expression = replacement;
        }
    }
}

fn line(tokens: &impl ToTokens) -> String {
    short(tokens).trim_matches('`').to_owned()
}

impl Weaver<'_> {
    fn literal(&mut self, literal: &Lit) -> Option<Expr> {
        match literal {
            Lit::Str(text) => {
                let value = text.value();
                if value.contains(' ') && self.file != TELLING {
                    return None;
                }
                let on = self.mutant(format!("{value:?} is another text"));
                Some(parse_quote!((if #on { "mutant" } else { #text })))
            }
            Lit::Int(number) => {
                let value: u64 = number.base10_parse().ok()?;
                let other = if value.is_power_of_two() || value < 100 {
                    value + 1
                } else {
                    value - 1
                };
                let changed =
                    syn::LitInt::new(&format!("{other}{}", number.suffix()), Span::call_site());
                let on = self.mutant(format!("{number} is {other}"));
                Some(parse_quote!((if #on { #changed } else { #number })))
            }
            Lit::Bool(flag) => {
                let on = self.mutant(format!("{} is {}", flag.value, !flag.value));
                Some(parse_quote!((#on != #flag)))
            }
            _ => None,
        }
    }

    /// A set of characters to encode, with each character changed over that a path or query has a
    /// use for.
    fn character_set(&mut self, set: &str) -> Expr {
        let set = syn::Ident::new(set, Span::call_site());
        let mut chosen: Expr = parse_quote!(&#set);
        for (method, characters) in [
            ("add", &b"-._~aZ09"[..]),
            ("remove", &b"/#?%'@+:;&= *()!\"<>[]{}|\\^`"[..]),
        ] {
            let method = syn::Ident::new(method, Span::call_site());
            for character in characters {
                // Those that QUERY leaves as they are, or that are encoded there.
                let on = self.mutant(format!("{set}: {method} {:?}", *character as char));
                let byte = syn::LitByte::new(*character, Span::call_site());
                chosen = parse_quote!((if #on { const { &#set.#method(#byte) } } else { #chosen }));
            }
        }
        for (method, character) in [("remove", b','), ("remove", b'$')] {
            if set == "QUERY" {
                continue;
            }
            let method = syn::Ident::new(method, Span::call_site());
            let on = self.mutant(format!("{set}: {method} {:?}", character as char));
            let byte = syn::LitByte::new(character, Span::call_site());
            chosen = parse_quote!((if #on { const { &#set.#method(#byte) } } else { #chosen }));
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_behind_its_own_switch() {
        let mut mutants = Vec::new();
        let woven = weave(
            "crates/async/src/x.rs",
            "const A: u8 = 1; fn f(a: u8) -> Option<u8> { if a == 2 && true { None } else { Some(MAX_A) } } #[cfg(test)] mod tests { fn g() -> bool { true } }",
            &mut mutants,
        )
        .unwrap();
        let changes: Vec<&str> = mutants
            .iter()
            .map(|mutant| mutant.change.as_str())
            .collect();
        assert_eq!(
            changes,
            [
                "2 is 3",
                "`a == 2` is negated",
                "true is false",
                "`a == 2` is true in `a == 2 && true`",
                "`true` is true in `a == 2 && true`",
                "MAX_A is half of it",
                "returns None",
            ]
        );
        for number in 1..=mutants.len() {
            assert_eq!(
                woven.matches(&format!("::on({number})")).count(),
                1,
                "{woven}"
            );
        }
    }
}
