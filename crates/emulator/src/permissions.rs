//! Which permission an operation needs, by resource and kind of account.
//!
//! Photos: the tables of Microsoft's pages on getting, updating and deleting a
//! profilePhoto. Users: the pages on getting and listing users.
//!
//! One rule is not in the tables but in the permissions' own descriptions:
//! `User.Read` and `User.ReadWrite` reach the signed-in user only.

use http::StatusCode;

use crate::errors::Refusal;
use crate::operation::Action;
use crate::route::{OwnerPath, Resource};
use crate::token::{AccountKind, Caller};

/// A row of a table: the least privileged permission and the higher ones.
type Row = Option<(&'static str, &'static [&'static str])>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Contact,
    Group,
    Team,
    User,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Update,
    Delete,
}

fn photo_row(kind: Kind, access: Access, account: AccountKind) -> Row {
    use AccountKind::{Application, Personal, Work};
    match (kind, access, account) {
        (Kind::Contact, Access::Read, _) => Some(("Contacts.Read", &["Contacts.ReadWrite"])),
        (Kind::Contact, Access::Update, Work | Application) => Some(("Contacts.ReadWrite", &[])),
        (Kind::Contact, _, _) => None,

        (Kind::Group | Kind::Team, _, Personal) => None,
        (Kind::Group, Access::Read, Work | Application) => Some((
            "ProfilePhoto.Read.All",
            &[
                "ProfilePhoto.ReadWrite.All",
                "Group.Read.All",
                "Group.ReadWrite.All",
            ],
        )),
        (Kind::Group, Access::Update | Access::Delete, Work | Application) => {
            Some(("ProfilePhoto.ReadWrite.All", &["Group.ReadWrite.All"]))
        }

        (Kind::Team, Access::Read, Work | Application) => Some((
            "Team.ReadBasic.All",
            &["TeamSettings.Read.All", "TeamSettings.ReadWrite.All"],
        )),
        (Kind::Team, Access::Update, Work) => Some(("TeamSettings.ReadWrite.All", &[])),
        (Kind::Team, _, _) => None,

        (Kind::User, Access::Read, Work) => Some((
            "ProfilePhoto.Read.All",
            &[
                "ProfilePhoto.ReadWrite.All",
                "User.Read",
                "User.ReadBasic.All",
                "User.Read.All",
                "User.ReadWrite",
                "User.ReadWrite.All",
            ],
        )),
        (Kind::User, Access::Read, Personal) => Some(("User.Read", &["User.ReadWrite"])),
        (Kind::User, Access::Read, Application) => Some((
            "ProfilePhoto.Read.All",
            &[
                "ProfilePhoto.ReadWrite.All",
                "User.Read.All",
                "User.ReadWrite.All",
            ],
        )),
        (Kind::User, Access::Update | Access::Delete, Work) => Some((
            "ProfilePhoto.ReadWrite.All",
            &["User.ReadWrite", "User.ReadWrite.All"],
        )),
        (Kind::User, Access::Update | Access::Delete, Personal) => Some(("User.ReadWrite", &[])),
        (Kind::User, Access::Update | Access::Delete, Application) => {
            Some(("ProfilePhoto.ReadWrite.All", &["User.ReadWrite.All"]))
        }
    }
}

fn get_user_row(account: AccountKind) -> Row {
    match account {
        AccountKind::Work => Some((
            "User.Read",
            &[
                "User.ReadWrite",
                "User.ReadBasic.All",
                "User.Read.All",
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
        )),
        AccountKind::Personal => Some(("User.Read", &["User.ReadWrite"])),
        AccountKind::Application => Some((
            "User.Read.All",
            &[
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
        )),
    }
}

fn list_users_row(account: AccountKind) -> Row {
    match account {
        AccountKind::Work => Some((
            "User.ReadBasic.All",
            &[
                "User.Read.All",
                "User.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
        )),
        AccountKind::Personal => None,
        AccountKind::Application => get_user_row(AccountKind::Application),
    }
}

/// Refuses what the caller's permissions do not cover. `own` tells whether the
/// resource is the signed-in user.
pub(crate) fn check(
    caller: &Caller,
    resource: &Resource,
    action: Action,
    own: bool,
) -> Result<(), Refusal> {
    let Some(granted) = &caller.scopes else {
        return Ok(());
    };
    let (row, of_user) = match resource {
        Resource::Photo { owner, .. } => {
            let access = match action {
                Action::PutPhotoContent | Action::PatchPhotoContent => Access::Update,
                Action::DeletePhotoContent => Access::Delete,
                _ => Access::Read,
            };
            let kind = match owner {
                OwnerPath::User(_) => Kind::User,
                OwnerPath::Group(_) => Kind::Group,
                OwnerPath::Team(_) => Kind::Team,
                OwnerPath::Contact { .. } => Kind::Contact,
            };
            (photo_row(kind, access, caller.kind), kind == Kind::User)
        }
        Resource::User(_) => (get_user_row(caller.kind), true),
        Resource::Users => (list_users_row(caller.kind), false),
        // Its items are checked one by one.
        Resource::Batch => return Ok(()),
    };
    let Some((least, higher)) = row else {
        return Err(denied(format!(
            "The operation is not supported for {} permissions.",
            caller.kind.describe()
        )));
    };
    let reaches =
        |permission: &str| own || !of_user || !matches!(permission, "User.Read" | "User.ReadWrite");
    let mut accepted = std::iter::once(&least)
        .chain(higher)
        .copied()
        .filter(|permission| reaches(permission));
    let held = |permission: &str| granted.iter().any(|g| g.eq_ignore_ascii_case(permission));
    if accepted.clone().any(held) {
        return Ok(());
    }
    let first = accepted.next().unwrap_or(least);
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
        check(&caller, &route.resource, action, own).map_err(|r| r.message.into_owned())
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
