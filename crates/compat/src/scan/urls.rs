//! Literals with a host: photo URLs, host constants, scopes.

use std::ops::Range;

use memchr::memmem;

use super::literal::Literal;
use super::{Certainty, Finding, Kind, Text, covers};
use crate::generated::hosts::{CLOUDS, RETIRED_HOSTS};
use crate::scope::{self, GraphScope, PhotoScope, UnmappableScope};
use crate::url::{self, Mapping, Unmappable};

/// How far behind a string literal the one that is joined to it may begin, in bytes.
const JOIN: usize = 160;

/// What the literals with a host come to.
pub(super) struct Found {
    pub(super) findings: Vec<Finding>,
    /// Hosts and roots without a path.
    pub(super) hosts: Vec<Finding>,
    /// Every literal that was understood, finding or not.
    pub(super) taken: Vec<Range<usize>>,
    /// Whether a Graph host occurs.
    pub(super) graph: bool,
}

pub(super) fn find(text: &Text<'_>) -> Found {
    let mut found = Found {
        findings: Vec::new(),
        hosts: Vec::new(),
        taken: Vec::new(),
        graph: false,
    };
    let mut starts = Vec::new();
    for cloud in CLOUDS {
        found.graph |= memmem::find(&text.lower, cloud.graph.as_bytes()).is_some();
        for host in cloud.outlook {
            starts.extend(occurrences(text, host));
        }
    }
    for host in RETIRED_HOSTS
        .iter()
        .map(|retired| retired.host)
        .chain(["graph.windows.net"])
    {
        starts.extend(occurrences(text, host));
    }
    // On-premises hosts are known by the path alone.
    starts.extend(
        memmem::find_iter(&text.lower, b"/ews/exchange.asmx/s/getuserphoto")
            .filter_map(|at| start_of_url(text, at)),
    );
    starts.sort_unstable();
    starts.dedup();
    let mut other_scopes = false;
    for start in starts {
        if !covers(&found.taken, start) {
            literal(text, start, &mut found, &mut other_scopes);
        }
    }
    encoded_scopes(text, &mut found, &mut other_scopes);
    let encoded = found
        .findings
        .iter()
        .filter(|finding| finding.kind == Kind::Scope)
        .map(|finding| finding.span.clone());
    found.taken.extend(encoded);
    found.taken.sort_by_key(|taken| taken.start);
    found.taken.dedup();
    let photos = found
        .findings
        .iter()
        .any(|finding| finding.kind == Kind::Url);
    // `.default` and a bare resource say nothing about photos by themselves.
    found.findings.retain(|finding| {
        photos
            || finding.kind != Kind::Scope
            || !finding.replacement.as_deref().is_some_and(is_resource)
    });
    if other_scopes {
        for finding in found
            .findings
            .iter_mut()
            .filter(|finding| finding.kind == Kind::Scope)
        {
            finding.certainty = Certainty::Likely;
            finding.notes.push(
                "the file asks for other Outlook scopes as well, and one request cannot hold scopes of both services"
                    .to_owned(),
            );
        }
    }
    found
}

fn is_resource(scope: &str) -> bool {
    scope.ends_with("/.default")
}

/// Where literals with this host begin, the scheme included.
fn occurrences<'a>(text: &'a Text<'_>, host: &'a str) -> impl Iterator<Item = usize> + 'a {
    memmem::find_iter(&text.lower, host.as_bytes()).filter_map(move |at| {
        let before = text.lower.get(..at)?;
        let after = text.lower.get(at + host.len()..)?;
        let longer = match after {
            [b'.', next, ..] => next.is_ascii_alphanumeric(),
            [next, ..] => next.is_ascii_alphanumeric() || *next == b'-',
            [] => false,
        };
        if longer {
            return None;
        }
        for scheme in [
            &b"https://"[..],
            b"http://",
            b"https:\\/\\/",
            b"http:\\/\\/",
            b"//",
        ] {
            if before.ends_with(scheme) {
                return Some(at - scheme.len());
            }
        }
        // A host by itself, not the end of a longer one, of a mail address or of a path.
        match before.last() {
            Some(last) if last.is_ascii_alphanumeric() || b".-@/_%".contains(last) => None,
            _ => Some(at),
        }
    })
}

/// Where the URL around `at` begins.
fn start_of_url(text: &Text<'_>, at: usize) -> Option<usize> {
    let before = text.before(at);
    [&b"https://"[..], b"http://"]
        .iter()
        .filter_map(|scheme| memmem::rfind(before, scheme))
        .max()
        .map(|found| at - before.len() + found)
}

fn literal(text: &Text<'_>, start: usize, found: &mut Found, other_scopes: &mut bool) {
    let quote = start
        .checked_sub(1)
        .and_then(|before| text.bytes.get(before))
        .copied();
    let quote = quote.filter(|quote| matches!(quote, b'"' | b'\'' | b'`'));
    let literal = Literal::read(text.bytes, start, quote, false);
    let span = start..literal.end;
    let absolute = if literal.value.contains("//") {
        literal.value.clone()
    } else {
        format!("https://{}", literal.value)
    };
    if is_scope(&absolute) {
        found.taken.push(span.clone());
        return scope_literal(text, &literal, span, found, other_scopes);
    }
    match url::to_graph(&absolute) {
        Ok(Mapping::AttachmentSession) => found.taken.push(span),
        Ok(Mapping::Photo(request)) => {
            let joined = quote.is_some() && continues(text, literal.end + 1);
            let mut finding = text.finding(Kind::Url, Certainty::Likely, span.clone());
            finding.replacement = Some(literal.restore(&literal.escape(&request.url)));
            finding.operations = request.operations.to_vec();
            finding.notes = notes(&literal, request.notes);
            let absolute = literal.value.contains("//");
            if literal.is_plain() && literal.closed && request.equivalent && !joined && absolute {
                finding.certainty = Certainty::Certain;
            } else if !absolute {
                finding.replacement = finding
                    .replacement
                    .map(|url| url.replacen("https://", "", 1));
            }
            found.taken.push(span);
            found.findings.push(finding);
        }
        Err(error) => match join(text, &literal, &absolute, start) {
            Some(finding) => {
                found.taken.push(finding.span.clone());
                found.findings.push(finding);
            }
            None => unmapped(text, &literal, &absolute, span, &error, found),
        },
    }
}

/// Notes of the URL mapper that hold for the text as written.
fn notes(literal: &Literal, notes: Vec<String>) -> Vec<String> {
    // What it says about a stand-in is not about the text.
    let about_words = |note: &String| {
        literal
            .placeholders
            .iter()
            .any(|(word, _)| note.contains(word.as_str()))
    };
    notes
        .into_iter()
        .filter(|note| !about_words(note))
        .collect()
}

/// Reports what has no Graph URL: a root that something is joined to, or a photo that says why it cannot be mapped.
fn unmapped(
    text: &Text<'_>,
    literal: &Literal,
    absolute: &str,
    span: Range<usize>,
    error: &Unmappable,
    found: &mut Found,
) {
    found.taken.push(span.clone());
    if let Some(root) = root(absolute) {
        let mut finding = text.finding(Kind::HostConstant, Certainty::Likely, span);
        let root = if literal.value.contains("//") {
            root
        } else {
            root.replacen("https://", "", 1)
        };
        finding.replacement = Some(literal.restore(&literal.escape(&root)));
        finding
            .notes
            .push("whatever else is joined to it moves to Graph as well".to_owned());
        found.hosts.push(finding);
        return;
    }
    let photo = absolute.to_ascii_lowercase().contains("/photo")
        || absolute.to_ascii_lowercase().contains("getuserphoto");
    let speaks_of_photos = match error {
        Unmappable::NotAPhoto { .. } | Unmappable::RetiredHost { .. } => photo,
        Unmappable::BadSize(_) | Unmappable::NoUser => true,
        _ => false,
    };
    if speaks_of_photos {
        let mut finding = text.finding(Kind::Url, Certainty::Likely, span);
        finding.notes.push(literal.restore(&error.to_string()));
        found.findings.push(finding);
    }
}

/// The Graph root for a URL that ends before a photo path could begin.
fn root(url: &str) -> Option<String> {
    let rest = url.split_once("//")?.1;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let cloud = CLOUDS.iter().find(|cloud| {
        cloud
            .outlook
            .iter()
            .any(|outlook| outlook.eq_ignore_ascii_case(host))
    })?;
    if path.contains(['?', '#']) {
        return None;
    }
    let lower = path.to_ascii_lowercase();
    let mut segments = lower
        .split('/')
        .filter(|segment| !segment.is_empty())
        .peekable();
    segments.next_if_eq(&"api");
    let version = match segments.next() {
        None => "v1.0",
        Some("v2.0" | "v1.0") => "v1.0",
        Some("beta") => "beta",
        Some(word) if word.starts_with("zq") => word,
        Some(_) => return None,
    };
    let owner = match segments.next() {
        None => "",
        Some("me") => "/me",
        Some(users) if users == "users" || users.starts_with("users('") => "/users",
        Some(_) => return None,
    };
    if owner == "/users" {
        // A user may follow; more than that is another resource.
        segments.next_if(|segment| segment.starts_with("zq"));
    }
    if segments.next().is_some() {
        return None;
    }
    // A root of nothing but a host carries no version.
    if path.is_empty() || path == "/" {
        return Some(format!(
            "https://{}{}",
            cloud.graph,
            if path.is_empty() { "" } else { "/" }
        ));
    }
    let slash = if path.ends_with('/') { "/" } else { "" };
    Some(format!("https://{}/{version}{owner}{slash}", cloud.graph))
}

/// Whether what follows a string literal joins more text to it.
fn continues(text: &Text<'_>, at: usize) -> bool {
    let rest = text.bytes.get(at..).unwrap_or_default();
    let mut rest = rest
        .iter()
        .copied()
        .skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    match (rest.next(), rest.next()) {
        (Some(b'+' | b'&' | b'%'), _) => true,
        // Joining in PHP and Lua; a method call elsewhere, such as `.format(..)`.
        (Some(b'.'), _) => true,
        _ => false,
    }
}

/// A URL written as two literals with something between them: `"../Users('" + email + "')/photo"`.
fn join(text: &Text<'_>, literal: &Literal, absolute: &str, start: usize) -> Option<Finding> {
    if !literal.closed {
        return None;
    }
    let from = literal.end + 1;
    let window = text.bytes.get(from..text.bytes.len().min(from + JOIN))?;
    let quote_at = window
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\'' | b'`' | b';' | b'='))?;
    let quote = *window.get(quote_at)?;
    let between = window.get(..quote_at)?;
    if !matches!(quote, b'"' | b'\'' | b'`') || memmem::find(between, b"\n\n").is_some() {
        return None;
    }
    let expression = String::from_utf8_lossy(between);
    let expression =
        expression.trim_matches(|letter: char| letter.is_whitespace() || "+.&,".contains(letter));
    let open_key = literal.value.ends_with("('");
    let second = Literal::read(text.bytes, from + quote_at + 1, Some(quote), open_key);
    let word = if expression.is_empty() { "" } else { "zq99qz" };
    let Ok(Mapping::Photo(request)) = url::to_graph(&format!("{absolute}{word}{}", second.value))
    else {
        return None;
    };
    let mut finding = text.finding(Kind::Url, Certainty::Likely, start..second.end);
    let url = literal.restore(&second.restore(&literal.escape(&request.url)));
    finding.replacement = Some(url.replace("zq99qz", &format!("{{{expression}}}")));
    finding.operations = request.operations.to_vec();
    finding.notes = notes(literal, notes(&second, request.notes));
    finding.notes.push(
        "encode what is joined in: Graph takes it as a path segment, without quotes".to_owned(),
    );
    Some(finding)
}

/// Whether a URL is written as a scope is: nothing but a dotted name behind the host.
fn is_scope(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("//") else {
        return false;
    };
    let Some((_, name)) = rest.split_once('/') else {
        return false;
    };
    let name = name.trim_start_matches('/');
    name.contains('.')
        && !name.starts_with('v')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'.' || byte == b'-')
}

fn scope_literal(
    text: &Text<'_>,
    literal: &Literal,
    span: Range<usize>,
    found: &mut Found,
    other_scopes: &mut bool,
) {
    match scope::to_graph(&literal.value) {
        Ok(GraphScope::Photo(photo)) => {
            let mut finding = text.finding(Kind::Scope, Certainty::Certain, span);
            finding.notes = scope_notes(&photo);
            finding.replacement = Some(literal.escape(&photo.scope));
            if !literal.is_plain() || !literal.value.contains("//") {
                finding.certainty = Certainty::Likely;
            }
            found.findings.push(finding);
        }
        Ok(other) => {
            let mut finding = text.finding(Kind::Scope, Certainty::Likely, span);
            finding.replacement = Some(literal.escape(other.scope()));
            finding
                .notes
                .push("asks for whatever has been consented to, on the other service".to_owned());
            found.findings.push(finding);
        }
        Err(UnmappableScope::NotAPhotoScope(_)) => *other_scopes = true,
        Err(_) => {}
    }
}

/// Scopes in the query of an authorization URL: `scope=openid%20https%3A%2F%2Foutlook.office.com%2Fuser.read`.
fn encoded_scopes(text: &Text<'_>, found: &mut Found, other_scopes: &mut bool) {
    const SCHEME: &[u8] = b"https%3a%2f%2f";
    for start in memmem::find_iter(&text.lower, SCHEME) {
        if covers(&found.taken, start) {
            continue;
        }
        let rest = text.lower.get(start + SCHEME.len()..).unwrap_or_default();
        let hosts = CLOUDS.iter().flat_map(|cloud| {
            cloud
                .outlook
                .iter()
                .map(move |outlook| (cloud.graph, *outlook))
        });
        let Some((graph, host, name)) = hosts
            .filter_map(|(graph, host)| {
                Some((
                    graph,
                    host,
                    rest.strip_prefix(host.as_bytes())?.strip_prefix(b"%2f")?,
                ))
            })
            .next()
        else {
            continue;
        };
        let length = name
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'.')
            .count();
        let name = String::from_utf8_lossy(name.get(..length).unwrap_or_default()).into_owned();
        match scope::to_graph(&format!("https://{host}/{name}")) {
            Ok(GraphScope::Photo(photo)) => {
                let name_at = start + SCHEME.len() + host.len() + 3;
                let mut finding =
                    text.finding(Kind::Scope, Certainty::Certain, start..name_at + length);
                // The escapes as they were written.
                let written = |from: usize, length: usize| {
                    String::from_utf8_lossy(text.bytes.get(from..from + length).unwrap_or_default())
                        .into_owned()
                };
                let new_name = photo.scope.rsplit('/').next().unwrap_or_default();
                finding.replacement = Some(format!(
                    "{}{graph}{}{new_name}",
                    written(start, SCHEME.len()),
                    written(name_at - 3, 3)
                ));
                finding.notes = scope_notes(&photo);
                found.findings.push(finding);
            }
            Ok(_) => {}
            Err(_) => *other_scopes |= !name.is_empty(),
        }
    }
}

fn scope_notes(photo: &PhotoScope) -> Vec<String> {
    let mut notes = vec![format!(
        "allows to {}; least privileged: {}{}",
        photo.allows,
        photo.least_privileged,
        if photo.least_privileged_admin_consent {
            " (admin consent)"
        } else {
            ""
        }
    )];
    if photo.admin_consent {
        notes.push("needs admin consent".to_owned());
    }
    notes
}
