//! The rules about permissions.

use std::collections::BTreeSet;

use super::operations::Pair;
use super::report::{additive, breaking, docs, none};
use crate::generate::ir::{Grant, Permissions};

impl Pair<'_> {
    pub(super) fn permissions(&mut self, old: Option<&Permissions>, new: Option<&Permissions>) {
        let (old, new) = match (old, new) {
            (None, None) => return,
            (None, Some(_)) => {
                return self.push(
                    "permissions-described",
                    "says now which permissions it needs".to_owned(),
                    docs(),
                    none(),
                );
            }
            (Some(_), None) => {
                return self.push(
                    "permissions-described",
                    "no longer says which permissions it needs".to_owned(),
                    docs(),
                    none(),
                );
            }
            (Some(old), Some(new)) => (old, new),
        };
        for (account, old, new) in [
            (
                "work or school accounts",
                &old.delegated_work,
                &new.delegated_work,
            ),
            (
                "personal accounts",
                &old.delegated_personal,
                &new.delegated_personal,
            ),
            ("applications", &old.application, &new.application),
        ] {
            self.grant(account, old.as_ref(), new.as_ref());
        }
    }

    fn grant(&mut self, account: &str, old: Option<&Grant>, new: Option<&Grant>) {
        fn code(names: &[String]) -> String {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(" and ")
            }
        }
        let (old, new) = match (old, new) {
            (None, None) => return,
            (None, Some(new)) => {
                return self.push(
                    "account-supported",
                    format!("works for {account} now, with {}", code(&new.least)),
                    docs(),
                    additive(""),
                );
            }
            (Some(_), None) => {
                return self.push(
                    "account-unsupported",
                    format!("is not supported for {account} any more"),
                    docs(),
                    breaking("Calls with such a token are refused."),
                );
            }
            (Some(old), Some(new)) => (old, new),
        };
        let enough = |grant: &Grant| -> BTreeSet<String> {
            grant.least.iter().chain(&grant.higher).cloned().collect()
        };
        let (before, after) = (enough(old), enough(new));
        let lost: Vec<String> = before.difference(&after).cloned().collect();
        let gained: Vec<String> = after.difference(&before).cloned().collect();
        if !lost.is_empty() {
            self.push(
                "permission-removed",
                format!("{} is no longer enough for {account}", code(&lost)),
                docs(),
                breaking("Tokens that have only this are refused."),
            );
        }
        if !gained.is_empty() {
            self.push(
                "permission-added",
                format!("{} is enough for {account} now", code(&gained)),
                docs(),
                additive(""),
            );
        }
        if old.least != new.least {
            self.push(
                "permission-least",
                format!(
                    "the least privileged permission for {account} is {}, formerly {}",
                    code(&new.least),
                    code(&old.least)
                ),
                docs(),
                none(),
            );
        }
    }
}
