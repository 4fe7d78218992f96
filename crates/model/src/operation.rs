//! What an operation is: its name, where it lives, and what it takes to be allowed to call it.
//!
//! The table of all operations is generated from the OpenAPI description; this module only holds
//! its row type. An [`Error`](crate::Error) carries the row of the operation that failed, which is
//! how a 403 can name the permission that was missing.

/// One operation of the service, as both clients offer it.
///
/// ```
/// use graph_photo_model::operation::{Grant, Operation, Permissions};
///
/// static GET: Operation = Operation::new("user_get_photo", "GET", "/users/{user-id}/photo")
///     .with_permissions(Permissions {
///         delegated_work: Some(Grant {
///             least: &["ProfilePhoto.Read.All"],
///             higher: &["User.Read.All"],
///         }),
///         delegated_personal: None,
///         application: None,
///     });
/// assert_eq!(GET.permissions.least(), ["ProfilePhoto.Read.All"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// The name of the method in both clients, `user_get_photo`.
    pub name: &'static str,
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path template below the API version, `/users/{user-id}/photo`.
    pub path: &'static str,
    /// Microsoft's operationId, where its document has one.
    pub microsoft_id: Option<&'static str>,
    /// Microsoft's page about the operation.
    pub docs_url: Option<&'static str>,
    /// Who may call it.
    pub permissions: Permissions,
}

impl Operation {
    /// An operation that no table of permissions is known for. The generated table adds the rest.
    #[must_use]
    pub const fn new(name: &'static str, method: &'static str, path: &'static str) -> Self {
        Self {
            name,
            method,
            path,
            microsoft_id: None,
            docs_url: None,
            permissions: Permissions::UNKNOWN,
        }
    }

    /// The same operation with its permissions.
    #[must_use]
    pub const fn with_permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = permissions;
        self
    }

    /// The same operation with Microsoft's operationId and page.
    #[must_use]
    pub const fn with_reference(
        mut self,
        microsoft_id: Option<&'static str>,
        docs_url: Option<&'static str>,
    ) -> Self {
        self.microsoft_id = microsoft_id;
        self.docs_url = docs_url;
        self
    }
}

/// What an operation needs, per kind of account, as Microsoft's permission tables list it.
/// `None` means that the kind of account cannot call the operation at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// A signed-in user with a work or school account.
    pub delegated_work: Option<Grant>,
    /// A signed-in user with a personal Microsoft account.
    pub delegated_personal: Option<Grant>,
    /// An application by itself, without a user.
    pub application: Option<Grant>,
}

impl Permissions {
    /// Nothing is known: the operation is in no table.
    pub const UNKNOWN: Self = Self {
        delegated_work: None,
        delegated_personal: None,
        application: None,
    };

    /// What one kind of account needs; `None` if it cannot call the operation.
    #[must_use]
    pub const fn of(&self, account: Account) -> Option<Grant> {
        match account {
            Account::DelegatedWork => self.delegated_work,
            Account::DelegatedPersonal => self.delegated_personal,
            Account::Application => self.application,
        }
    }

    /// The least privileged permissions over all kinds of account, each named once, in the order
    /// work or school, application, personal.
    #[must_use]
    pub fn least(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for grant in [
            self.delegated_work,
            self.application,
            self.delegated_personal,
        ]
        .into_iter()
        .flatten()
        {
            for name in grant.least {
                if !names.contains(name) {
                    names.push(*name);
                }
            }
        }
        names
    }
}

/// The permissions that let one kind of account call an operation. One of them is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// The least privileged permission, or permissions.
    pub least: &'static [&'static str],
    /// Permissions that also do, but allow more than the operation needs.
    pub higher: &'static [&'static str],
}

/// The kinds of account that Microsoft's permission tables tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// Delegated, work or school account.
    DelegatedWork,
    /// Delegated, personal Microsoft account.
    DelegatedPersonal,
    /// Application.
    Application,
}

impl Account {
    /// All kinds, in the order of Microsoft's tables.
    pub const ALL: [Self; 3] = [
        Self::DelegatedWork,
        Self::DelegatedPersonal,
        Self::Application,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_names_each_permission_once() {
        let grant = |least| Some(Grant { least, higher: &[] });
        let permissions = Permissions {
            delegated_work: grant(&["ProfilePhoto.Read.All"]),
            delegated_personal: grant(&["User.Read"]),
            application: grant(&["ProfilePhoto.Read.All"]),
        };
        assert_eq!(permissions.least(), ["ProfilePhoto.Read.All", "User.Read"]);
        assert_eq!(Permissions::UNKNOWN.least(), Vec::<&str>::new());
        assert_eq!(
            permissions
                .of(Account::DelegatedPersonal)
                .map(|grant| grant.least),
            Some(["User.Read"].as_slice())
        );
    }
}
