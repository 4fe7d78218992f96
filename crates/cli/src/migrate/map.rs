//! `graph-photo migrate url` and `migrate scope`: one URL or permission at a time.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use graph_photo_compat::scope::{self, GraphScope};
use graph_photo_compat::url::{self, Mapping};
use serde::Serialize;

use crate::output;

const URL_EXAMPLES: &str = "\
Examples:
  graph-photo migrate url \"https://outlook.office.com/api/v2.0/me/photo/\\$value\"
  graph-photo migrate url \"https://outlook.office.com/api/v2.0/me/photo\" --json | jq -r .graph";

/// Print the Graph URL for a legacy photo URL, and the operations that replace its methods
#[derive(Debug, Args)]
#[command(after_help = URL_EXAMPLES)]
pub(super) struct UrlArgs {
    /// Outlook REST v2.0, beta or v1.0, or EWS GetUserPhoto
    url: String,

    /// Print one line of JSON, notes included
    #[arg(long)]
    json: bool,
}

const SCOPE_EXAMPLES: &str = "\
Examples:
  graph-photo migrate scope User.Read https://outlook.office.com/User.ReadBasic.All
  graph-photo migrate scope User.Read --json | jq -r .leastPrivileged";

/// Print the Graph permission for each legacy scope, the least privileged one, and who consents
#[derive(Debug, Args)]
#[command(after_help = SCOPE_EXAMPLES)]
pub(super) struct ScopeArgs {
    /// Such as user.read, or with its host: <https://outlook.office.com/User.ReadBasic.All>
    #[arg(required = true)]
    scope: Vec<String>,

    /// Print one line of JSON per scope
    #[arg(long)]
    json: bool,
}

/// A URL as `--json` tells of it; the key set is the same for every kind.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UrlLine<'a> {
    legacy: &'a str,
    /// `photo`, or `attachment-session`: a URL to leave as it is.
    kind: &'static str,
    /// The URL to call.
    graph: &'a str,
    /// The methods the legacy URL took, with what replaces each.
    operations: Vec<OperationLine>,
    cloud: Option<&'static str>,
    /// Whether the answer is the same; `notes` say what differs.
    equivalent: bool,
    notes: &'a [String],
}

/// What replaces a method of a legacy URL, here and in the findings of a scan.
#[derive(Serialize)]
pub(super) struct OperationLine {
    method: &'static str,
    name: &'static str,
}

impl OperationLine {
    pub(super) fn all(operations: &[url::Operation]) -> Vec<OperationLine> {
        let line = |&url::Operation { method, name, .. }: &_| OperationLine { method, name };
        operations.iter().map(line).collect()
    }
}

/// A scope as `--json` tells of it; `null` for what only permissions for photos have.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLine<'a> {
    legacy: &'a str,
    /// `photo`; `resource` for `.default` and the like; `openid` for what belongs to no service.
    kind: &'static str,
    graph: &'a str,
    admin_consent: Option<bool>,
    allows: Option<&'static str>,
    least_privileged: Option<&'a str>,
    least_privileged_admin_consent: Option<bool>,
}

/// Runs `graph-photo migrate url`.
pub(super) fn url(args: &UrlArgs) -> anyhow::Result<ExitCode> {
    let legacy = args.url.as_str();
    let mapping = url::to_graph(legacy)?;
    let session = [
        "an attachment upload session, which Graph still hands out on this host: leave the URL as \
         it is, and send no bearer token there"
            .to_owned(),
    ];
    let line = match &mapping {
        Mapping::Photo(request) => UrlLine {
            legacy,
            kind: "photo",
            graph: &request.url,
            operations: OperationLine::all(request.operations),
            cloud: Some(request.cloud),
            equivalent: request.equivalent,
            notes: &request.notes,
        },
        Mapping::AttachmentSession => UrlLine {
            legacy,
            kind: "attachment-session",
            graph: legacy,
            operations: Vec::new(),
            cloud: None,
            equivalent: true,
            notes: &session,
        },
        other => anyhow::bail!("no output is known for {other:?}"),
    };
    if args.json {
        output::json_line(&line)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = format!("{}\n", line.graph);
    for OperationLine { method, name } in &line.operations {
        writeln!(text, "{method:<5} {name}")?;
    }
    output::text(&text)?;
    for note in line.notes {
        output::note(&format!("note: {note}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `graph-photo migrate scope`: those that have no counterpart are named on standard error.
pub(super) fn scopes(args: &ScopeArgs) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for legacy in &args.scope {
        match scope::to_graph(legacy) {
            Ok(mapped) if args.json => output::json_line(&ScopeLine::of(legacy, &mapped))?,
            Ok(mapped) => output::text(&scope_text(legacy, &mapped))?,
            Err(error) => {
                output::complain(&error.into());
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

impl<'a> ScopeLine<'a> {
    fn of(legacy: &'a str, mapped: &'a GraphScope) -> ScopeLine<'a> {
        let photo = match mapped {
            GraphScope::Photo(photo) => Some(photo),
            _ => None,
        };
        ScopeLine {
            legacy,
            kind: match mapped {
                GraphScope::Photo(_) => "photo",
                GraphScope::OpenId { .. } => "openid",
                _ => "resource",
            },
            graph: mapped.scope(),
            admin_consent: photo.map(|photo| photo.admin_consent),
            allows: photo.map(|photo| photo.allows),
            least_privileged: photo.map(|photo| photo.least_privileged.as_str()),
            least_privileged_admin_consent: photo.map(|photo| photo.least_privileged_admin_consent),
        }
    }
}

fn scope_text(legacy: &str, mapped: &GraphScope) -> String {
    let GraphScope::Photo(photo) = mapped else {
        return format!("{legacy} -> {}\n", mapped.scope());
    };
    let consent = |admin| {
        if admin {
            "admin consent"
        } else {
            "user consent"
        }
    };
    format!(
        "{legacy} -> {} ({})\n    to {}; least privileged: {} ({})\n",
        photo.scope,
        consent(photo.admin_consent),
        photo.allows,
        photo.least_privileged,
        consent(photo.least_privileged_admin_consent)
    )
}
