//! The demo tenant: a photo of every kind, and of none.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::drawing;
use crate::photo::{MediaType, Photo, PhotoError};
use crate::tenant::{PhotoKey, Tenant, User};

/// Who is in it: the last block of the object id, name, and what there is to see.
const USERS: [(&str, &str, DemoPhoto); 6] = [
    ("adele", "Adele Vance", DemoPhoto::Mailbox(648, 205)),
    ("alex", "Alex Wilber", DemoPhoto::Mailbox(504, 25)),
    ("megan", "Megan Bowen", DemoPhoto::Directory(256, 290)),
    ("lidia", "Lidia Holloway", DemoPhoto::None),
    ("nophoto", "No Photo", DemoPhoto::None),
    ("nomailbox", "No Mailbox", DemoPhoto::NoMailbox),
];

/// The domain of every demo user.
const DOMAIN: &str = "contoso.com";

#[derive(Clone, Copy, PartialEq, Eq)]
enum DemoPhoto {
    /// Side in pixels and hue in degrees.
    Mailbox(u32, u16),
    Directory(u32, u16),
    None,
    NoMailbox,
}

/// Fills `tenant` and answers the photos that its people start with.
pub(crate) fn fill(tenant: &mut Tenant) -> Result<Vec<(PhotoKey, Photo)>, PhotoError> {
    let mut photos = Vec::new();
    let mut adele = None;
    for (n, (name, display_name, photo)) in USERS.into_iter().enumerate() {
        let user = tenant.add_user(User {
            id: format!("11111111-0000-4000-8000-{:012}", n + 1).into(),
            principal_name: format!("{name}@{DOMAIN}"),
            display_name: display_name.to_owned(),
            has_mailbox: photo != DemoPhoto::NoMailbox,
        });
        let initials: String = display_name
            .split(' ')
            .filter_map(|word| word.chars().next())
            .collect();
        match photo {
            DemoPhoto::Mailbox(side, hue) => photos.push((
                PhotoKey::User(user.id.clone()),
                drawn(side, hue, &initials, false)?,
            )),
            DemoPhoto::Directory(side, hue) => photos.push((
                PhotoKey::Directory(user.id.clone()),
                drawn(side, hue, &initials, true)?,
            )),
            DemoPhoto::None | DemoPhoto::NoMailbox => {}
        }
        adele.get_or_insert(user.id.clone());
    }

    let group = tenant.add_group("22222222-0000-4000-8000-000000000001", "Retail");
    tenant.add_group("22222222-0000-4000-8000-000000000002", "Legal");
    photos.push((PhotoKey::Group(group), drawn(360, 130, "RT", false)?));

    if let Some(adele) = adele {
        tenant.add_contact(&adele, None, "contact-1");
        tenant.add_contact(&adele, None, "contact-2");
        tenant.add_contact(&adele, Some("folder-1"), "contact-3");
        for (contact, side, hue, initials) in
            [("contact-1", 96, 330, "C1"), ("contact-3", 120, 60, "C3")]
        {
            let key = PhotoKey::Contact {
                user: adele.clone(),
                contact: contact.into(),
            };
            photos.push((key, drawn(side, hue, initials, false)?));
        }
    }
    Ok(photos)
}

/// Draws a picture, or finds it drawn: the emulators of a process share them.
fn drawn(side: u32, hue: u16, initials: &str, single_size: bool) -> Result<Photo, PhotoError> {
    static DRAWN: Mutex<BTreeMap<u16, Bytes>> = Mutex::new(BTreeMap::new());
    let mut drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    // No two of the demo pictures have one hue.
    let bytes = match drawn.get(&hue) {
        Some(bytes) => bytes.clone(),
        None => {
            let bytes = drawing::disc(side, hue, initials)?;
            drawn.insert(hue, bytes.clone());
            bytes
        }
    };
    Ok(Photo::trusted(
        bytes,
        MediaType::Jpeg,
        side,
        side,
        single_size,
    ))
}
