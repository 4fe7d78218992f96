//! Photo sizes, and choosing one from those that exist.
//!
//! A size is what `width` and `height` of the metadata say. The `id` next to them is no source: it
//! can be `default`, `240X240` or `240x240`.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::error::Error;

/// The dimensions of a photo in pixels; never zero. Ordered by area.
///
/// Microsoft 365 offers the nine square sizes in [`Size::ALL`], as far as the photo that was
/// uploaded is large enough; Microsoft Entra ID stores any dimension.
///
/// ```
/// use graph_photo_model::Size;
///
/// # fn main() -> Result<(), graph_photo_model::size::InvalidSize> {
/// assert_eq!("96X96".parse::<Size>()?, Size::S96);
/// assert_eq!(Size::new(200, 150)?.to_string(), "200x150");
/// assert!(Size::S48 < Size::S648);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    width: NonZeroU32,
    height: NonZeroU32,
}

const fn named(side: u32) -> Size {
    match NonZeroU32::new(side) {
        Some(side) => Size {
            width: side,
            height: side,
        },
        // Never reached: the sides below are written out.
        None => Size {
            width: NonZeroU32::MIN,
            height: NonZeroU32::MIN,
        },
    }
}

impl Size {
    /// 48 by 48 pixels.
    pub const S48: Self = named(48);
    /// 64 by 64 pixels.
    pub const S64: Self = named(64);
    /// 96 by 96 pixels.
    pub const S96: Self = named(96);
    /// 120 by 120 pixels.
    pub const S120: Self = named(120);
    /// 240 by 240 pixels.
    pub const S240: Self = named(240);
    /// 360 by 360 pixels.
    pub const S360: Self = named(360);
    /// 432 by 432 pixels.
    pub const S432: Self = named(432);
    /// 504 by 504 pixels.
    pub const S504: Self = named(504);
    /// 648 by 648 pixels.
    pub const S648: Self = named(648);

    /// The nine sizes that Microsoft 365 offers, the smallest first.
    pub const ALL: [Self; 9] = [
        Self::S48,
        Self::S64,
        Self::S96,
        Self::S120,
        Self::S240,
        Self::S360,
        Self::S432,
        Self::S504,
        Self::S648,
    ];

    /// A size of any dimension.
    ///
    /// # Errors
    ///
    /// If one of them is zero.
    pub const fn new(width: u32, height: u32) -> Result<Self, InvalidSize> {
        match (NonZeroU32::new(width), NonZeroU32::new(height)) {
            (Some(width), Some(height)) => Ok(Self { width, height }),
            _ => Err(InvalidSize),
        }
    }

    /// A square size.
    ///
    /// # Errors
    ///
    /// If the side is zero.
    pub const fn square(side: u32) -> Result<Self, InvalidSize> {
        Self::new(side, side)
    }

    /// The size that metadata states, if it states one.
    #[must_use]
    pub fn from_metadata(width: Option<i32>, height: Option<i32>) -> Option<Self> {
        Self::new(u32::try_from(width?).ok()?, u32::try_from(height?).ok()?).ok()
    }

    /// The width in pixels.
    #[must_use]
    pub const fn width(self) -> u32 {
        self.width.get()
    }

    /// The height in pixels.
    #[must_use]
    pub const fn height(self) -> u32 {
        self.height.get()
    }

    /// Width times height.
    #[must_use]
    pub fn area(self) -> u64 {
        u64::from(self.width()) * u64::from(self.height())
    }

    /// Whether this is one of the nine sizes of Microsoft 365.
    #[must_use]
    pub fn is_named(self) -> bool {
        Self::ALL.contains(&self)
    }

    /// Whether neither side is longer than that of another size.
    #[must_use]
    pub fn fits_in(self, other: Self) -> bool {
        self.width <= other.width && self.height <= other.height
    }
}

impl Ord for Size {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.area(), self.width, self.height).cmp(&(other.area(), other.width, other.height))
    }
}

impl PartialOrd for Size {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `48x48`, the form that paths take.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl fmt::Debug for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Size({self})")
    }
}

/// Text that is no size, or a side of zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a photo size; write it as 96 or 96x96, with sides from 1 to 4294967295")]
pub struct InvalidSize;

impl From<InvalidSize> for Error {
    fn from(error: InvalidSize) -> Self {
        Self::invalid_input("size", error.to_string()).with_source(error)
    }
}

/// Reads `48x48`, `48X48` (what the service wrote for years), `HR48x48` (Exchange's own name for
/// it) and `48` for a square.
impl FromStr for Size {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, InvalidSize> {
        let side = |digits: &str| -> Result<u32, InvalidSize> {
            // `u32::from_str` would take a leading plus sign.
            if digits.bytes().all(|byte| byte.is_ascii_digit()) {
                digits.parse().map_err(|_| InvalidSize)
            } else {
                Err(InvalidSize)
            }
        };
        let text = text
            .strip_prefix("HR")
            .or_else(|| text.strip_prefix("hr"))
            .unwrap_or(text);
        match text.split_once(['x', 'X']) {
            Some((width, height)) => Self::new(side(width)?, side(height)?),
            None => Self::square(side(text)?),
        }
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse()
            .map_err(|error| de::Error::custom(format_args!("{text:?} {error}")))
    }
}

/// What to do if the size that is wanted does not exist. The service itself never falls back: it
/// answers 404 for a size that is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fit {
    /// Only this size; else there is no photo.
    #[default]
    Exact,
    /// The largest that is not above it in either direction.
    Down,
    /// The largest there is, whatever size was wanted.
    Any,
}

impl FromStr for Fit {
    type Err = Error;

    /// Reads `exact`, `down` and `any`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "exact" => Ok(Self::Exact),
            "down" => Ok(Self::Down),
            "any" => Ok(Self::Any),
            _ => Err(Error::invalid_input("fit", "must be exact, down or any")),
        }
    }
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exact => "exact",
            Self::Down => "down",
            Self::Any => "any",
        })
    }
}

/// Chooses among the sizes that exist.
///
/// ```
/// use graph_photo_model::size::{Fit, Size, choose};
///
/// let available = [Size::S48, Size::S96, Size::S240];
/// assert_eq!(choose(&available, Size::S120, Fit::Exact), None);
/// assert_eq!(choose(&available, Size::S120, Fit::Down), Some(Size::S96));
/// assert_eq!(choose(&available, Size::S120, Fit::Any), Some(Size::S240));
/// ```
#[must_use]
pub fn choose(available: &[Size], wanted: Size, fit: Fit) -> Option<Size> {
    let candidates = available.iter().copied();
    match fit {
        Fit::Exact => candidates.into_iter().find(|size| *size == wanted),
        Fit::Down => candidates.filter(|size| size.fits_in(wanted)).max(),
        Fit::Any => candidates.max(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn size(width: u32, height: u32) -> Size {
        Size::new(width, height).unwrap()
    }

    #[test]
    fn the_nine_sizes() {
        let sides = [48, 64, 96, 120, 240, 360, 432, 504, 648];
        assert_eq!(Size::ALL.map(Size::width), sides);
        assert_eq!(Size::ALL.map(Size::height), sides);
        assert!(Size::ALL.is_sorted());
        assert!(Size::S48.is_named() && !size(100, 100).is_named());
    }

    #[test]
    fn spellings() {
        for text in ["48x48", "48X48", "HR48x48", "HR48X48", "hr48x48", "48"] {
            assert_eq!(text.parse(), Ok(Size::S48), "{text}");
        }
        for text in [
            "",
            "x",
            "48x",
            "x48",
            "0x48",
            "48x0",
            "0",
            "-1x1",
            "+48x48",
            "48 x 48",
            "48x48x48",
            "4294967296x1",
            "default",
            "٤٨",
        ] {
            assert_eq!(text.parse::<Size>(), Err(InvalidSize), "{text}");
        }
        let error = Error::from("default".parse::<Size>().unwrap_err());
        assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with("size is not a photo size; "));
    }

    #[test]
    fn metadata_states_a_size_or_none() {
        assert_eq!(Size::from_metadata(Some(240), Some(240)), Some(Size::S240));
        for (width, height) in [
            (None, Some(1)),
            (Some(1), None),
            (Some(0), Some(1)),
            (Some(-1), Some(1)),
        ] {
            assert_eq!(Size::from_metadata(width, height), None);
        }
    }

    #[test]
    fn down_is_no_wider_and_no_higher() {
        let available = [size(200, 50), size(50, 200), size(90, 90), size(1, 1)];
        assert_eq!(
            choose(&available, size(100, 100), Fit::Down),
            Some(size(90, 90))
        );
        assert_eq!(choose(&available, size(1, 2), Fit::Down), Some(size(1, 1)));
        assert_eq!(choose(&[], Size::S48, Fit::Any), None);
        assert_eq!(Fit::default(), Fit::Exact);
    }

    fn sizes() -> impl Strategy<Value = Size> {
        (1_u32..=u32::MAX, 1_u32..=u32::MAX).prop_map(|(width, height)| size(width, height))
    }

    proptest! {
        #[test]
        fn text_and_json_round_trip(size in sizes()) {
            prop_assert_eq!(size.to_string().parse(), Ok(size));
            prop_assert_eq!(size.to_string().to_uppercase().parse(), Ok(size));
            let json = serde_json::to_string(&size).unwrap();
            prop_assert_eq!(serde_json::from_str::<Size>(&json).unwrap(), size);
        }

        #[test]
        fn any_text_parses_or_not(text in any::<String>()) {
            if let Ok(size) = text.parse::<Size>() {
                prop_assert_eq!(size.to_string().parse(), Ok(size));
            }
        }

        #[test]
        fn a_choice_is_available_and_the_largest(
            available in prop::collection::vec(sizes(), 0..12),
            wanted in sizes(),
        ) {
            for fit in [Fit::Exact, Fit::Down, Fit::Any] {
                let allowed = |size: &&Size| match fit {
                    Fit::Exact => **size == wanted,
                    Fit::Down => size.fits_in(wanted),
                    Fit::Any => true,
                };
                prop_assert_eq!(
                    choose(&available, wanted, fit),
                    available.iter().filter(allowed).max().copied()
                );
            }
        }
    }
}
