//! Users without end, for load and sync tests: everything about user `n`
//! follows from `n`, and nothing is kept.

use std::sync::{Arc, OnceLock};

use crate::drawing;
use crate::photo::{COMMENT_OVERHEAD, MediaType, Photo, PhotoError, SIZES, padded};
use crate::tenant::User;

/// Colours times sides: the pictures that are really drawn, once each.
const COLOURS: u64 = 24;
const SIDES: [u32; 4] = [648, 504, 360, 240];

/// `count` users, of whom `without_photo` in a hundred have none.
#[derive(Debug)]
pub(crate) struct SyntheticUsers {
    count: u64,
    without_photo: u8,
    /// The least size of a photo in bytes.
    photo_bytes: usize,
    drawings: Vec<OnceLock<Option<Arc<Photo>>>>,
}

impl SyntheticUsers {
    /// `without_photo` is a percentage; more than 100 counts as 100. Photos below `photo_bytes` are
    /// padded to it.
    pub(crate) fn new(count: u64, without_photo: u8, photo_bytes: usize) -> SyntheticUsers {
        let drawings = COLOURS as usize * SIDES.len();
        SyntheticUsers {
            count,
            without_photo: without_photo.min(100),
            photo_bytes,
            drawings: std::iter::repeat_with(OnceLock::new)
                .take(drawings)
                .collect(),
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The user of number `n`, counted from 0.
    pub(crate) fn user(&self, n: u64) -> Option<Arc<User>> {
        (n < self.count).then(|| {
            Arc::new(User {
                id: format!("33333333-0000-4000-8000-{n:012x}").into(),
                principal_name: format!("user{n:07}@synthetic.contoso.com"),
                display_name: format!("Synthetic User {n}"),
                has_mailbox: true,
            })
        })
    }

    /// By object id or user principal name, in any case.
    pub(crate) fn find(&self, key: &str) -> Option<Arc<User>> {
        let key = key.to_ascii_lowercase();
        let n = number(&key).or_else(|| {
            let name = key.strip_suffix("@synthetic.contoso.com")?;
            let digits = name.strip_prefix("user")?;
            (digits.len() >= 7 && digits.bytes().all(|b| b.is_ascii_digit()))
                .then(|| digits.parse().ok())?
        })?;
        let user = self.user(n)?;
        // `user00000001` and `user0000001` must not be the same person.
        (*user.id == *key || user.principal_name == key).then_some(user)
    }

    /// Whether user `n` has a photo. Those without are spread evenly, so that
    /// any hundred users in a row have exactly the percentage asked for.
    pub(crate) fn has_photo(&self, n: u64) -> bool {
        let percent = u64::from(self.without_photo);
        ((n + 1) * percent) / 100 == (n * percent) / 100
    }

    /// The photo of the user with this object id.
    pub(crate) fn photo(&self, id: &str) -> Option<Arc<Photo>> {
        let n = number(id).filter(|n| *n < self.count && self.has_photo(*n))?;
        // Neighbours differ in colour; the side changes once per round.
        let colour = n % COLOURS;
        let side = (n / COLOURS) % SIDES.len() as u64;
        let slot = self.drawings.get((side * COLOURS + colour) as usize)?;
        let drawing = slot
            .get_or_init(|| draw(SIDES[side as usize], colour, self.photo_bytes).ok())
            .as_ref()?;
        Some(Arc::new(Photo::commented(drawing, comment(n))))
    }
}

/// The number in a synthetic object id.
fn number(id: &str) -> Option<u64> {
    let digits = id.strip_prefix("33333333-0000-4000-8000-")?;
    (digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
        .then(|| u64::from_str_radix(digits, 16).ok())?
}

/// What makes a user's photo different from all others.
fn comment(n: u64) -> String {
    format!("synthetic user {n:07}")
}

/// The picture that all users of one colour and side share but for a comment.
fn draw(side: u32, colour: u64, photo_bytes: usize) -> Result<Arc<Photo>, PhotoError> {
    let hue = (colour * 360 / COLOURS) as u16;
    let letter = char::from(b'A' + colour as u8);
    let drawing = drawing::disc(side, hue, &letter.to_string())?;
    // The user's own comment, which has the same length for all, comes on top.
    let own = comment(0).len() + COMMENT_OVERHEAD;
    let bytes = padded(&drawing, photo_bytes.saturating_sub(own));
    Ok(Arc::new(Photo::trusted(
        bytes,
        MediaType::Jpeg,
        side,
        side,
        false,
    )))
}

// The largest side drawn has every documented size.
const _: () = assert!(SIDES[0] == SIZES[SIZES.len() - 1]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_without_photo_is_exact() {
        for percent in [0, 1, 30, 50, 99, 100] {
            let users = SyntheticUsers::new(1000, percent, 0);
            let without = (0..1000).filter(|n| !users.has_photo(*n)).count();
            assert_eq!(without, usize::from(percent) * 10);
        }
    }

    #[test]
    fn users_are_found_by_either_key_and_only_within_the_count() {
        let users = SyntheticUsers::new(100, 0, 0);
        let user = users.user(42).unwrap();
        assert_eq!(users.find(&user.id), Some(user.clone()));
        assert_eq!(users.find(&user.principal_name.to_uppercase()), Some(user));
        assert_eq!(users.find("user0000100@synthetic.contoso.com"), None);
        assert_eq!(users.find("user00000042@synthetic.contoso.com"), None);
    }

    #[test]
    fn photos_are_as_large_as_asked_for() {
        let users = SyntheticUsers::new(200, 0, 60_000);
        for n in [0, 1, COLOURS, 199] {
            let photo = users.photo(&users.user(n).unwrap().id).unwrap();
            let length = photo.bytes().len();
            // A segment of a comment has no shorter form than four bytes.
            assert!((60_000..60_004).contains(&length), "{n}: {length}");
            let decoded = image::load_from_memory(photo.bytes()).unwrap();
            assert_eq!(decoded.width(), photo.dimensions().width);
        }
    }

    #[test]
    fn each_photo_is_its_own_and_always_the_same() {
        let users = SyntheticUsers::new(1000, 0, 0);
        let photo = |n| users.photo(&users.user(n).unwrap().id).unwrap();
        assert_ne!(photo(1).etag(), photo(1 + COLOURS * 4).etag());
        assert_eq!(
            photo(7).etag(),
            SyntheticUsers::new(1000, 0, 0)
                .photo(&users.user(7).unwrap().id)
                .unwrap()
                .etag()
        );
        let decoded = image::load_from_memory(photo(3).bytes()).unwrap();
        assert_eq!(decoded.width(), photo(3).dimensions().width);
    }
}
