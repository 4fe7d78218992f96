//! Who there is: users, groups (each also a team) and contacts.
//!
//! The directory is fixed once the emulator runs; photos come and go in
//! [`crate::photos`].

use std::collections::HashMap;
use std::sync::Arc;

use crate::route::{OwnerPath, UserKey};
use crate::synthetic::SyntheticUsers;

/// A user of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: Arc<str>,
    pub(crate) principal_name: String,
    pub(crate) display_name: String,
    pub(crate) has_mailbox: bool,
}

/// A contact in a user's mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) user: Arc<str>,
    pub(crate) folder: Option<String>,
    pub(crate) id: Arc<str>,
}

/// Where a photo is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum PhotoKey {
    /// The photo in a user's mailbox.
    User(Arc<str>),
    /// The photo of a user in the directory (Entra), of any one size.
    Directory(Arc<str>),
    /// A group's, and its team's.
    Group(Arc<str>),
    Contact {
        user: Arc<str>,
        contact: Arc<str>,
    },
}

impl PhotoKey {
    /// The mailbox that throttling counts by.
    pub(crate) fn mailbox(&self) -> &str {
        match self {
            PhotoKey::User(id) | PhotoKey::Directory(id) | PhotoKey::Group(id) => id,
            PhotoKey::Contact { user, .. } => user,
        }
    }
}

/// The directory.
#[derive(Debug, Default)]
pub(crate) struct Tenant {
    users: Vec<Arc<User>>,
    /// By object id and by user principal name, both in lower case.
    user_index: HashMap<String, usize>,
    groups: HashMap<String, Arc<str>>,
    group_order: Vec<(Arc<str>, String)>,
    contacts: Vec<Contact>,
    pub(crate) synthetic: Option<Arc<SyntheticUsers>>,
}

impl Tenant {
    pub(crate) fn add_user(&mut self, user: User) -> Arc<User> {
        let user = Arc::new(user);
        let at = self.users.len();
        self.user_index.insert(user.id.to_lowercase(), at);
        self.user_index
            .insert(user.principal_name.to_lowercase(), at);
        self.users.push(user.clone());
        user
    }

    pub(crate) fn add_group(&mut self, id: &str, display_name: &str) -> Arc<str> {
        let key: Arc<str> = id.into();
        self.groups.insert(id.to_lowercase(), key.clone());
        self.group_order
            .push((key.clone(), display_name.to_owned()));
        key
    }

    pub(crate) fn add_contact(&mut self, user: &Arc<str>, folder: Option<&str>, id: &str) {
        self.contacts.push(Contact {
            user: user.clone(),
            folder: folder.map(str::to_owned),
            id: id.into(),
        });
    }

    /// The user that `/me` is: the first.
    pub(crate) fn me(&self) -> Option<Arc<User>> {
        match self.users.first() {
            Some(user) => Some(user.clone()),
            None => self.synthetic.as_ref().and_then(|s| s.user(0)),
        }
    }

    /// By object id or user principal name, in any case.
    pub(crate) fn user(&self, key: &str) -> Option<Arc<User>> {
        match self.user_index.get(&key.to_lowercase()) {
            Some(at) => self.users.get(*at).cloned(),
            None => self.synthetic.as_ref().and_then(|s| s.find(key)),
        }
    }

    /// How many users there are, synthetic ones included.
    pub(crate) fn user_count(&self) -> u64 {
        self.users.len() as u64 + self.synthetic.as_ref().map_or(0, |s| s.count())
    }

    /// The users from the `skip`th on, synthetic ones last.
    pub(crate) fn users_from(&self, skip: u64) -> impl Iterator<Item = Arc<User>> + '_ {
        (skip..self.user_count()).filter_map(|n| {
            let listed = self.users.len() as u64;
            if n < listed {
                self.users.get(usize::try_from(n).ok()?).cloned()
            } else {
                self.synthetic.as_ref()?.user(n - listed)
            }
        })
    }

    pub(crate) fn group(&self, id: &str) -> Option<Arc<str>> {
        self.groups.get(&id.to_lowercase()).cloned()
    }

    pub(crate) fn groups(&self) -> &[(Arc<str>, String)] {
        &self.group_order
    }

    pub(crate) fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// A contact of `user`; with `folder`, only one within it. Without, any:
    /// an item's id finds it wherever it lies.
    pub(crate) fn contact(&self, user: &str, folder: Option<&str>, id: &str) -> Option<PhotoKey> {
        let contact = self.contacts.iter().find(|c| {
            *c.user == *user && *c.id == *id && (folder.is_none() || folder == c.folder.as_deref())
        })?;
        Some(PhotoKey::Contact {
            user: contact.user.clone(),
            contact: contact.id.clone(),
        })
    }

    /// Where the photo of an owner is kept, for a test that fills the tenant.
    pub(crate) fn photo_key(&self, owner: &OwnerPath) -> Option<PhotoKey> {
        let user = |key: &UserKey| match key {
            UserKey::Me => self.me(),
            UserKey::Id(id) => self.user(id),
        };
        match owner {
            OwnerPath::User(key) => Some(PhotoKey::User(user(key)?.id.clone())),
            OwnerPath::Group(id) | OwnerPath::Team(id) => self.group(id).map(PhotoKey::Group),
            OwnerPath::Contact {
                user: key,
                folder,
                contact,
            } => self.contact(&user(key)?.id, folder.as_deref(), contact),
        }
    }
}
