//! Naming an owner in a test.

use crate::route::{OwnerPath, UserKey};

/// Whose photo a test sets or looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner(pub(crate) OwnerPath);

impl Owner {
    /// The tenant's first user; adele in the demo tenant.
    pub fn me() -> Owner {
        Owner(OwnerPath::User(UserKey::Me))
    }

    /// A user, by object id or user principal name.
    pub fn user(id: impl Into<String>) -> Owner {
        Owner(OwnerPath::User(UserKey::Id(id.into())))
    }

    /// A group, and with it its team, by object id.
    pub fn group(id: impl Into<String>) -> Owner {
        Owner(OwnerPath::Group(id.into()))
    }

    /// A contact of a user, in whichever folder.
    pub fn contact(user: impl Into<String>, contact: impl Into<String>) -> Owner {
        Owner(OwnerPath::Contact {
            user: UserKey::Id(user.into()),
            folder: None,
            contact: contact.into(),
        })
    }
}
