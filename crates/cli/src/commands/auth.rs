//! `graph-photo auth`: who the token says we are, and what it allows.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use graph_photo::operations::OPERATIONS;
use graph_photo_model::claims::Claims;
use graph_photo_model::operation::{Account, Operation};
use serde::Serialize;

use crate::connection::ConnectionArgs;
use crate::exit;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  graph-photo auth status
  graph-photo auth status --operation user_put_photo_content
  graph-photo auth status --token-command 'az account get-access-token --resource-type ms-graph'";

/// Look at the token in use
#[derive(Debug, Args)]
pub(crate) struct AuthArgs {
    #[command(subcommand)]
    command: AuthCommand,
}

#[derive(Debug, Subcommand)]
enum AuthCommand {
    Status(StatusArgs),
}

/// Say who the token stands for, which permissions it has, and what they are enough for
///
/// Nothing is sent. Exit code 4 if the token is expired, is not for Microsoft Graph, or lacks the
/// permission for --operation.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct StatusArgs {
    /// Say what this operation would need, such as user_put_photo_content
    #[arg(long, value_name = "OPERATION")]
    operation: Option<String>,

    /// Print one line of JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: ConnectionArgs,
}

/// The status as `--json` tells of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    source: String,
    graph: String,
    /// False for tokens that cannot be read, such as those of personal accounts.
    readable: bool,
    kind: Option<&'static str>,
    user: Option<String>,
    application: Option<String>,
    tenant: Option<String>,
    audience: Option<String>,
    for_graph: Option<bool>,
    expires_in_seconds: Option<i64>,
    permissions: Vec<String>,
    /// Operations that the permissions are enough for.
    allowed: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<Need>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Need {
    name: &'static str,
    allowed: Option<bool>,
    least: Vec<&'static str>,
    higher: Vec<&'static str>,
}

pub(crate) async fn run(args: AuthArgs) -> anyhow::Result<ExitCode> {
    let AuthCommand::Status(args) = args.command;
    let operation = args
        .operation
        .as_deref()
        .map(super::permissions::find)
        .transpose()?;
    let (base_url, source) = args.connection.token()?;
    let token = source.current().await?;
    let claims = Claims::of(&token);
    let status = status(
        source.describe(),
        base_url.to_string(),
        base_url.host(),
        claims.as_ref(),
        operation,
        SystemTime::now(),
    );
    if args.json {
        output::json_line(&status)?;
    } else {
        output::text(&text(&status))?;
    }
    let refused = status.for_graph == Some(false) && !base_url.is_loopback()
        || status.expires_in_seconds.is_some_and(|left| left <= 0)
        || status
            .operation
            .as_ref()
            .is_some_and(|need| need.allowed == Some(false));
    Ok(if refused {
        exit::NOT_AUTHORISED.into()
    } else {
        ExitCode::SUCCESS
    })
}

fn status(
    source: String,
    graph: String,
    host: &str,
    claims: Option<&Claims>,
    operation: Option<&'static Operation>,
    now: SystemTime,
) -> Status {
    let account = claims.map(|claims| {
        if claims.is_delegated() {
            Account::DelegatedWork
        } else {
            Account::Application
        }
    });
    let permissions: Vec<String> = claims
        .iter()
        .flat_map(|claims| claims.permissions())
        .map(str::to_owned)
        .collect();
    let allows = |operation: &Operation| {
        let grant = operation.permissions.of(account?);
        Some(grant.is_some_and(|grant| {
            let mut enough = grant.least.iter().chain(grant.higher);
            enough.any(|name| {
                permissions
                    .iter()
                    .any(|held| held.eq_ignore_ascii_case(name))
            })
        }))
    };
    let need = operation.map(|operation| {
        let grant = account.and_then(|account| operation.permissions.of(account));
        Need {
            name: operation.name,
            allowed: allows(operation),
            least: match (account, grant) {
                (None, _) => operation.permissions.least(),
                (Some(_), grant) => grant.map(|grant| grant.least.to_vec()).unwrap_or_default(),
            },
            higher: grant.map(|grant| grant.higher.to_vec()).unwrap_or_default(),
        }
    });
    Status {
        source,
        graph,
        readable: claims.is_some(),
        kind: account.map(|account| match account {
            Account::Application => "application",
            _ => "delegated",
        }),
        user: claims.and_then(|claims| claims.user()).map(str::to_owned),
        application: claims.and_then(|claims| {
            claims
                .app_displayname
                .clone()
                .or_else(|| claims.appid.clone())
        }),
        tenant: claims.and_then(|claims| claims.tid.clone()),
        audience: claims.and_then(|claims| claims.aud.clone()),
        for_graph: claims.and_then(|claims| claims.is_for_graph(host)),
        expires_in_seconds: claims
            .and_then(|claims| claims.exp)
            .and_then(|exp| seconds_until(exp, now)),
        allowed: OPERATIONS
            .iter()
            .filter(|operation| allows(operation) == Some(true))
            .map(|operation| operation.name)
            .collect(),
        permissions,
        operation: need,
    }
}

fn seconds_until(exp: u64, now: SystemTime) -> Option<i64> {
    let now = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs();
    i64::try_from(exp)
        .ok()?
        .checked_sub(i64::try_from(now).ok()?)
}

fn text(status: &Status) -> String {
    let mut rows = vec![
        ("token from", status.source.clone()),
        ("Graph", status.graph.clone()),
    ];
    if !status.readable {
        rows.push((
            "content",
            "cannot be read; tokens of personal accounts and emulators are like that".to_owned(),
        ));
    }
    let mut add = |name, value: Option<String>| rows.extend(value.map(|value| (name, value)));
    add("kind", status.kind.map(str::to_owned));
    add("user", status.user.clone());
    add("application", status.application.clone());
    add("tenant", status.tenant.clone());
    add(
        "audience",
        status
            .audience
            .as_ref()
            .map(|audience| match status.for_graph {
                Some(false) => format!("{audience} (not Microsoft Graph here: get a token for it)"),
                _ => audience.clone(),
            }),
    );
    add(
        "expires",
        status.expires_in_seconds.map(|left| match left {
            ..=0 => "expired: get a new token".to_owned(),
            1..=119 => format!("in {left} s"),
            _ => format!("in {} min", left / 60),
        }),
    );
    if status.readable {
        add(
            "permissions",
            Some(if status.permissions.is_empty() {
                "none".to_owned()
            } else {
                status.permissions.join(" ")
            }),
        );
        add(
            "enough for",
            Some(format!(
                "{} of {} operations",
                status.allowed.len(),
                OPERATIONS.len()
            )),
        );
    }
    if let Some(need) = &status.operation {
        let verdict = match need.allowed {
            Some(true) => "allowed",
            Some(false) if need.least.is_empty() => "not supported for this kind of account",
            Some(false) => "not allowed",
            None => "unknown",
        };
        add(need.name, Some(verdict.to_owned()));
        if !need.least.is_empty() {
            let all: Vec<&str> = need.least.iter().chain(&need.higher).copied().collect();
            add("needs", Some(all.join(" or ")));
        }
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 2;
    rows.iter()
        .map(|(name, value)| format!("{name:<width$}{}\n", output::printable(value)))
        .collect()
}
