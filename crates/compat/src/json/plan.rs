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
    /// Host read, host written, and what stands between host and version on either side is up to `annotation`.
    pub(super) hosts: Vec<(&'static str, &'static str)>,
    pub(super) versions: Vec<(&'static str, &'static str)>,
}

#[derive(Clone, Debug)]
struct PlannedShape {
    members: Vec<PlannedMember>,
    /// Bit n is set if some name in `members` is n bytes long (63 stands for "63 or more").
    lengths: u64,
    unknown: usize,
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
                let lengths = members.iter().fold(0, |bits, member| {
                    bits | length_bit(member.from.len()) | length_bit(member.to.len())
                });
                PlannedShape {
                    members,
                    lengths,
                    unknown: shape.unknown,
                }
            })
            .collect();
        Self {
            direction,
            shapes,
            hosts,
            versions,
        }
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
    }

    /// Looks up a member's name, in the spelling of either side.
    #[inline]
    pub(super) fn find(&self, shape: usize, name: &[u8]) -> Option<Found> {
        let shape = self.shapes.get(shape)?;
        if shape.lengths & length_bit(name.len()) == 0 {
            return None;
        }
        for (index, member) in shape.members.iter().enumerate() {
            if member.from.as_bytes() == name {
                return Some(Found {
                    index,
                    before: true,
                    member: *member,
                });
            }
            if member.to.as_bytes() == name {
                return Some(Found {
                    index,
                    before: false,
                    member: *member,
                });
            }
        }
        None
    }

    /// The shape of what an unmapped member of `shape` holds.
    #[inline]
    pub(super) fn unknown(&self, shape: usize) -> usize {
        self.shapes.get(shape).map_or(shape, |shape| shape.unknown)
    }
}

fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}
