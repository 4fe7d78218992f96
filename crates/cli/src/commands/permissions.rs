//! `graph-photo permissions`: what an operation needs, from Microsoft's tables.

use std::process::ExitCode;

use clap::Args;
use graph_photo::operations::OPERATIONS;
use graph_photo_model::operation::{Account, Grant, Operation};
use serde::Serialize;

use crate::exit::Usage;
use crate::output;

const EXAMPLES: &str = "\
Examples:
  graph-photo permissions
  graph-photo permissions user_get_photo_content
  graph-photo permissions --json | jq -r 'select(.application) | .operation'";

/// Show which permissions Graph wants for an operation
///
/// Without OPERATION, one line for each operation with the least privileged permission for work
/// accounts and for applications.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PermissionsArgs {
    /// The operation's name, such as user_get_photo_content
    #[arg(value_name = "OPERATION")]
    operation: Option<String>,

    /// Print one line of JSON per operation
    #[arg(long)]
    json: bool,
}

/// An operation as `--json` tells of it; `null` for an account that cannot call it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OperationLine {
    operation: &'static str,
    method: &'static str,
    path: &'static str,
    delegated_work: Option<GrantLine>,
    delegated_personal: Option<GrantLine>,
    application: Option<GrantLine>,
    docs: Option<&'static str>,
}

#[derive(Serialize)]
struct GrantLine {
    least: &'static [&'static str],
    higher: &'static [&'static str],
}

impl GrantLine {
    fn of(grant: Option<Grant>) -> Option<GrantLine> {
        grant.map(|Grant { least, higher }| GrantLine { least, higher })
    }
}

pub(crate) fn run(args: &PermissionsArgs) -> anyhow::Result<ExitCode> {
    let chosen: Vec<&Operation> = match &args.operation {
        None => OPERATIONS.to_vec(),
        Some(name) => vec![find(name)?],
    };
    let mut text = String::new();
    if args.json {
        for operation in chosen {
            text += &serde_json::to_string(&OperationLine {
                operation: operation.name,
                method: operation.method,
                path: operation.path,
                delegated_work: GrantLine::of(operation.permissions.delegated_work),
                delegated_personal: GrantLine::of(operation.permissions.delegated_personal),
                application: GrantLine::of(operation.permissions.application),
                docs: operation.docs_url,
            })?;
            text.push('\n');
        }
    } else if let ([operation], Some(_)) = (chosen.as_slice(), &args.operation) {
        text = in_full(operation);
    } else {
        text += &format!(
            "{:<41}{:<29}application\n",
            "operation", "work or school account"
        );
        for operation in chosen {
            let least = |account| {
                operation
                    .permissions
                    .of(account)
                    .map_or_else(|| "-".to_owned(), |grant| grant.least.join(", "))
            };
            text += &format!(
                "{:<41}{:<29}{}\n",
                operation.name,
                least(Account::DelegatedWork),
                least(Account::Application)
            );
        }
    }
    output::text(&text)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn find(name: &str) -> Result<&'static Operation, Usage> {
    if let Some(found) = OPERATIONS.iter().find(|operation| operation.name == name) {
        return Ok(found);
    }
    let alike: Vec<&str> = OPERATIONS
        .iter()
        .map(|operation| operation.name)
        .filter(|known| !name.is_empty() && (known.contains(name) || name.contains(known)))
        .collect();
    Err(Usage(if alike.is_empty() {
        format!("no operation {name:?}; graph-photo permissions lists them all")
    } else {
        format!("no operation {name:?}; did you mean {}?", alike.join(", "))
    }))
}

fn in_full(operation: &Operation) -> String {
    let mut text = format!(
        "{}\n{} {}\n\n",
        operation.name, operation.method, operation.path
    );
    for (account, title) in [
        (Account::DelegatedWork, "work or school account"),
        (Account::DelegatedPersonal, "personal account"),
        (Account::Application, "application"),
    ] {
        match operation.permissions.of(account) {
            None => text += &format!("{title:<24}not supported\n"),
            Some(grant) => {
                text += &format!("{title:<24}{}\n", grant.least.join(", "));
                if !grant.higher.is_empty() {
                    text += &format!("{:<24}or {}\n", "", grant.higher.join(", "));
                }
            }
        }
    }
    if let Some(url) = operation.docs_url {
        text += &format!("\n{url}\n");
    }
    text
}
