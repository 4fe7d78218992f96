//! One of 32 strands of transfers: uploads and downloads of a few owners in turn, one at a time.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use graph_photo_emulator::demo_jpeg;
use graph_photo_model::{Error, Photo};
use sha2::{Digest, Sha256};

/// How many lanes there are, so how many transfers are in flight.
pub(crate) const LANES: usize = 32;

/// How many owners a lane has; nobody else touches them.
pub(crate) const OWNERS: usize = 3;

type Hash = [u8; 32];

pub(crate) fn owner(lane: usize, owner: usize) -> String {
    format!("owner-{lane}-{owner}@contoso.com")
}

/// What the service can hold for an owner: after an upload that failed, the photo before it or
/// the new one.
#[derive(Debug, Clone)]
pub(crate) struct Possible(Vec<Option<Hash>>);

impl Possible {
    /// Whether a photo, or none, is what can be there.
    pub(crate) fn check(&self, photo: Option<&[u8]>, owner: &str) {
        let found = photo.map(hash);
        assert!(
            self.0.contains(&found),
            "{owner} has a photo that nobody sent, or an older one"
        );
    }
}

/// The next transfer.
pub(crate) enum Step {
    Put(String, Bytes),
    Get(String),
}

pub(crate) struct Lane {
    number: usize,
    done: usize,
    base: Bytes,
    possible: Vec<Possible>,
    tally: Tally,
}

impl Lane {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            number,
            done: 0,
            base: demo_jpeg(96, 120, "L").unwrap(),
            possible: vec![Possible(vec![None]); OWNERS],
            tally: Tally::default(),
        }
    }

    pub(crate) fn next(&mut self) -> Step {
        self.done += 1;
        let owner = owner(self.number, self.turn());
        if self.done.div_ceil(OWNERS) % 2 == 1 {
            Step::Put(owner, self.photo())
        } else {
            Step::Get(owner)
        }
    }

    /// Which owner it is about: first an upload of each, then a download of each.
    fn turn(&self) -> usize {
        (self.done - 1) % OWNERS
    }

    /// A photo that there was not yet, of 3 to 60 KB: a comment in the JPEG makes it so.
    fn photo(&self) -> Bytes {
        let length = 16 + (self.number * 7919 + self.done * 104_729) % 57_000;
        let mut comment = format!("{:08}{:08}", self.number, self.done).into_bytes();
        comment.resize(length, b'.');
        let (start, rest) = self.base.split_at(2);
        let marker = [
            [0xFF, 0xFE],
            u16::try_from(length + 2).unwrap().to_be_bytes(),
        ]
        .concat();
        [start, &marker, &comment, rest].concat().into()
    }

    pub(crate) fn put(&mut self, photo: &[u8], result: Result<(), Error>) {
        let turn = self.turn();
        let possible = &mut self.possible[turn].0;
        match result {
            Ok(()) => {
                *possible = vec![Some(hash(photo))];
                self.tally.uploads += 1;
            }
            Err(error) => {
                possible.push(Some(hash(photo)));
                self.tally.failed(&error);
            }
        }
    }

    pub(crate) fn got(&mut self, result: Result<Option<Photo>, Error>) {
        let turn = self.turn();
        match result {
            Ok(found) => {
                let bytes = found.as_ref().map(|photo| &photo.bytes()[..]);
                self.possible[turn].check(bytes, &owner(self.number, turn));
                // Now that it was seen, nothing else may be seen later.
                self.possible[turn].0 = vec![bytes.map(hash)];
                self.tally.downloads += 1;
            }
            Err(error) => self.tally.failed(&error),
        }
    }

    /// The owners, each with what can be there.
    pub(crate) fn owners(&self) -> impl Iterator<Item = (String, &Possible)> {
        let possible = self.possible.iter().enumerate();
        possible.map(|(turn, possible)| (owner(self.number, turn), possible))
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }
}

fn hash(photo: &[u8]) -> Hash {
    Sha256::digest(photo).into()
}

/// What came of transfers.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    uploads: usize,
    downloads: usize,
    /// How often each error was reported, by kind and status.
    reported: BTreeMap<String, usize>,
}

impl Tally {
    fn failed(&mut self, error: &Error) {
        let status = error.status().map_or(0, |status| status.as_u16());
        *self
            .reported
            .entry(format!("{:?} {status}", error.kind()))
            .or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.uploads += other.uploads;
        self.downloads += other.downloads;
        for (error, times) in &other.reported {
            *self.reported.entry(error.clone()).or_default() += times;
        }
    }

    pub(crate) fn transfers(&self) -> usize {
        self.uploads + self.downloads + self.reported.values().sum::<usize>()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} uploads and {} downloads intact, reported: {:?}",
            self.uploads, self.downloads, self.reported
        )
    }
}
