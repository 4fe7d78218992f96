//! The tables of `generated/shapes.rs` and `generated/hosts.rs`, turned into one direction.

use super::Direction;
use crate::generated::hosts::{CLOUDS, VERSIONS};
use crate::generated::shapes::SHAPES;
use crate::tables::Value;

/// What a translator looks up, for one direction.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) direction: Direction,
    shapes: Vec<PlannedShape>,
    /// Roots as nearly every document writes them, read and written; other spellings are up to `annotation`, which
    /// goes by `hosts` and `versions`.
    roots: Vec<(Vec<u8>, Vec<u8>)>,
    /// Roots that were asked for; they come before the others.
    given_roots: Vec<(Vec<u8>, Vec<u8>)>,
    /// Host read and host written.
    pub(super) hosts: Vec<(&'static str, &'static str)>,
    /// Version read and version written.
    pub(super) versions: Vec<(&'static str, &'static str)>,
}

#[derive(Clone, Debug)]
struct PlannedShape {
    members: Vec<PlannedMember>,
    /// The same names, packed: what is searched.
    packed: Vec<[Packed; 2]>,
    unknown: usize,
}

/// Length of a name, and its bytes if there are at most eight, else the last eight.
type Packed = (usize, u64);

#[inline]
fn pack(name: &[u8]) -> Packed {
    let word = match name.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => name
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    (name.len(), word)
}

/// A mapped member: its name before and after.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlannedMember {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) value: Value,
    pub(super) shape: usize,
}

/// What the name of a member turned out to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Its place among the members of its shape.
    pub(super) index: usize,
    /// Whether it is spelled as the side translated from spells it.
    pub(super) before: bool,
    pub(super) member: PlannedMember,
}

impl Plan {
    pub(super) fn new(direction: Direction) -> Self {
        let (mut hosts, mut versions) = (Vec::new(), Vec::new());
        for cloud in CLOUDS {
            match direction {
                Direction::ToGraph => {
                    hosts.extend(cloud.outlook.iter().map(|outlook| (*outlook, cloud.graph)))
                }
                Direction::ToOutlook => {
                    hosts.extend(cloud.outlook.first().map(|outlook| (cloud.graph, *outlook)))
                }
            }
        }
        for version in VERSIONS {
            match direction {
                Direction::ToGraph => versions.push((version.outlook, version.graph)),
                Direction::ToOutlook if version.answers => {
                    versions.push((version.graph, version.outlook))
                }
                Direction::ToOutlook => {}
            }
        }
        let shapes = SHAPES
            .iter()
            .map(|shape| {
                let members: Vec<_> = shape
                    .members
                    .iter()
                    .map(|member| {
                        let (from, to) = match direction {
                            Direction::ToGraph => (member.outlook, member.graph),
                            Direction::ToOutlook => (member.graph, member.outlook),
                        };
                        PlannedMember {
                            from,
                            to,
                            value: member.value,
                            shape: member.shape,
                        }
                    })
                    .collect();
                let packed = members
                    .iter()
                    .map(|member: &PlannedMember| {
                        [pack(member.from.as_bytes()), pack(member.to.as_bytes())]
                    })
                    .collect();
                PlannedShape {
                    members,
                    packed,
                    unknown: shape.unknown,
                }
            })
            .collect();
        let mut plan = Self {
            direction,
            shapes,
            roots: Vec::new(),
            given_roots: Vec::new(),
            hosts,
            versions,
        };
        plan.spell_roots();
        plan
    }

    /// Gives URLs of a cloud another legacy host.
    pub(super) fn answer_from(&mut self, cloud: usize, host: &'static str) {
        let Some(cloud) = CLOUDS.get(cloud) else {
            return;
        };
        if self.direction == Direction::ToOutlook {
            for (from, to) in &mut self.hosts {
                if *from == cloud.graph {
                    *to = host;
                }
            }
        }
        self.spell_roots();
    }

    /// Gives URLs below one place another.
    pub(super) fn replace_root(&mut self, from: &str, to: &str) {
        let pair = (from.as_bytes().to_vec(), to.as_bytes().to_vec());
        self.given_roots.push(pair);
    }

    fn spell_roots(&mut self) {
        self.roots.clear();
        let (read, written) = match self.direction {
            Direction::ToGraph => ("/api", ""),
            Direction::ToOutlook => ("", "/api"),
        };
        for (host, new_host) in &self.hosts {
            for (version, new_version) in &self.versions {
                let from = format!("https://{host}{read}/{version}");
                let to = format!("https://{new_host}{written}/{new_version}");
                self.roots.push((from.into_bytes(), to.into_bytes()));
            }
        }
    }

    /// Length and replacement of the root that `raw` begins with.
    #[inline]
    pub(super) fn root(&self, raw: &[u8]) -> Option<(usize, &[u8])> {
        if !raw.starts_with(b"http") {
            return None;
        }
        self.given_roots
            .iter()
            .chain(&self.roots)
            .find_map(|(from, to)| {
                let rest = raw.strip_prefix(from.as_slice())?;
                matches!(rest.first(), None | Some(b'/' | b'?' | b'#'))
                    .then_some((from.len(), to.as_slice()))
            })
    }

    /// Looks up a member's name, in the spelling of either side.
    #[inline]
    pub(super) fn find(&self, shape: usize, name: &[u8]) -> Option<Found> {
        let shape = self.shapes.get(shape)?;
        let wanted = pack(name);
        let (index, before) = shape
            .packed
            .iter()
            .enumerate()
            .find_map(|(index, [from, to])| {
                if *from == wanted {
                    Some((index, true))
                } else if *to == wanted {
                    Some((index, false))
                } else {
                    None
                }
            })?;
        let member = *shape.members.get(index)?;
        // The packed form tells short names apart, not long ones.
        let found = if before { member.from } else { member.to };
        (name.len() <= 8 || found.as_bytes() == name).then_some(Found {
            index,
            before,
            member,
        })
    }

    /// The shape of what an unmapped member of `shape` holds.
    #[inline]
    pub(super) fn unknown(&self, shape: usize) -> usize {
        self.shapes.get(shape).map_or(shape, |shape| shape.unknown)
    }
}
