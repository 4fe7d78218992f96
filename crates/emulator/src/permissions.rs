//! Which permission an operation needs, by resource and kind of account.
//!
//! Photos: the tables of the model crate, generated from the description and its overlay, so that
//! the emulator refuses what the clients say a caller needs. Users are not part of the
//! description: their tables, from the pages on getting and listing users, are here.
//!
//! One rule is not in the tables but in the permissions' own descriptions:
//! `User.Read` and `User.ReadWrite` reach the signed-in user only.

use graph_photo_model::operation::{Account, Grant};
use graph_photo_model::operations::OPERATIONS;
use http::StatusCode;

use crate::errors::Refusal;
use crate::operation::{self, Action};
use crate::route::{OwnerPath, Resource, Route};
use crate::token::{AccountKind, Caller};

const fn grant(least: &'static [&'static str], higher: &'static [&'static str]) -> Option<Grant> {
    Some(Grant { least, higher })
}

fn get_user(account: AccountKind) -> Option<Grant> {
    match account {
        AccountKind::Work => grant(
            &["User.Read"],
            &[
                "User.ReadWrite",
                "User.ReadBasic.All",
                "User.Read.All",
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
        ),
        AccountKind::Personal => grant(&["User.Read"], &["User.ReadWrite"]),
        AccountKind::Application => grant(
            &["User.Read.All"],
            &[
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
        ),
    }
}

fn list_users(account: AccountKind) -> Option<Grant> {
    match account {
        AccountKind::Work => grant(
            &["User.ReadBasic.All"],
            &[
                "User.Read.All",
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
        ),
        AccountKind::Personal => None,
        AccountKind::Application => get_user(AccountKind::Application),
    }
}

/// What a call to a photo needs. A photo operation without a table can be called by nobody.
fn photo(route: &Route, action: Action, account: AccountKind) -> Option<Grant> {
    let name = operation::name(route, action);
    let operation = OPERATIONS.iter().find(|operation| operation.name == name)?;
    operation.permissions.of(match account {
        AccountKind::Work => Account::DelegatedWork,
        AccountKind::Personal => Account::DelegatedPersonal,
        AccountKind::Application => Account::Application,
    })
}

/// Refuses what the caller's permissions do not cover. `own` tells whether the
/// resource is the signed-in user.
pub(crate) fn check(
    caller: &Caller,
    route: &Route,
    action: Action,
    own: bool,
) -> Result<(), Refusal> {
    let Some(granted) = &caller.scopes else {
        return Ok(());
    };
    let (grant, of_user) = match &route.resource {
        Resource::Photo { owner, .. } => (
            photo(route, action, caller.kind),
            matches!(owner, OwnerPath::User(_)),
        ),
        Resource::User(_) => (get_user(caller.kind), true),
        Resource::Users => (list_users(caller.kind), false),
        // Its items are checked one by one.
        Resource::Batch => return Ok(()),
    };
    let Some(Grant { least, higher }) = grant else {
        return Err(denied(format!(
            "The operation is not supported for {} permissions.",
            caller.kind.describe()
        )));
    };
    let reaches =
        |permission: &str| own || !of_user || !matches!(permission, "User.Read" | "User.ReadWrite");
    let mut accepted = least
        .iter()
        .chain(higher)
        .copied()
        .filter(|permission| reaches(permission));
    let held = |permission: &str| granted.iter().any(|g| g.eq_ignore_ascii_case(permission));
    if accepted.clone().any(held) {
        return Ok(());
    }
    let first = accepted.next().unwrap_or_default();
    let others: Vec<_> = accepted.collect();
    let others = if others.is_empty() {
        String::new()
    } else {
        format!(" (or {})", others.join(", "))
    };
    Err(denied(format!(
        "Missing {} permission: {first}{others}.",
        caller.kind.describe()
    )))
}

/// Graph says no more than the first two sentences; what was missing is the
/// emulator's addition.
fn denied(detail: String) -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "ErrorAccessDenied",
        format!("Access is denied. Check credentials and try again. {detail}"),
    )
}

/// `/me` needs somebody who is signed in.
pub(crate) fn me_without_user() -> Refusal {
    Refusal::bad_request("/me request is only valid with delegated authentication flow.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(
        kind: AccountKind,
        scopes: &str,
        path: &str,
        method: http::Method,
    ) -> Result<(), String> {
        let caller = Caller {
            kind,
            scopes: Some(scopes.split_whitespace().map(str::to_owned).collect()),
            user: None,
            app: String::new(),
        };
        let path = format!("/v1.0/{path}");
        let route = crate::route::route(&path).unwrap();
        let action = crate::operation::action(&route, &method, &path).unwrap();
        let own = path.contains("/me");
        check(&caller, &route, action, own).map_err(|r| r.message.into_owned())
    }

    #[test]
    fn tables_hold_by_resource_account_and_operation() {
        use AccountKind::{Application, Personal, Work};
        use http::Method;
        let get = Method::GET;
        let put = Method::PUT;
        assert!(ask(Work, "ProfilePhoto.Read.All", "users/u/photo", get.clone()).is_ok());
        assert!(ask(Work, "profilephoto.read.all", "users/u/photo", get.clone()).is_ok());
        assert!(ask(Work, "User.Read", "me/photo", get.clone()).is_ok());
        assert!(ask(Work, "User.Read", "users/u/photo", get.clone()).is_err());
        assert!(ask(Work, "User.ReadWrite", "me/photo/$value", put.clone()).is_ok());
        assert!(ask(Work, "User.ReadWrite", "users/u/photo/$value", put.clone()).is_err());
        assert!(
            ask(
                Work,
                "User.ReadWrite.All",
                "users/u/photo/$value",
                put.clone()
            )
            .is_ok()
        );
        assert!(ask(Application, "User.Read.All", "users/u/photo", get.clone()).is_ok());
        assert!(ask(Personal, "Group.Read.All", "groups/g/photo", get.clone()).is_err());
        assert!(ask(Application, "Group.Read.All", "groups/g/photo", get.clone()).is_ok());
        assert!(ask(Work, "Team.ReadBasic.All", "teams/t/photo", get.clone()).is_ok());
        assert!(
            ask(
                Work,
                "TeamSettings.ReadWrite.All",
                "teams/t/photo/$value",
                put.clone()
            )
            .is_ok()
        );
        assert!(
            ask(
                Application,
                "TeamSettings.ReadWrite.All",
                "teams/t/photo/$value",
                put.clone()
            )
            .is_err()
        );
        assert!(ask(Personal, "Contacts.Read", "me/contacts/c/photo", get).is_ok());
        assert!(
            ask(
                Personal,
                "Contacts.ReadWrite",
                "me/contacts/c/photo/$value",
                put
            )
            .is_err()
        );
    }

    #[test]
    fn the_refusal_names_what_was_missing() {
        let said = ask(
            AccountKind::Work,
            "Mail.Read",
            "users/u/photo/$value",
            http::Method::DELETE,
        )
        .unwrap_err();
        assert_eq!(
            said,
            "Access is denied. Check credentials and try again. Missing delegated (work or school account) permission: ProfilePhoto.ReadWrite.All (or User.ReadWrite.All)."
        );
    }
}
