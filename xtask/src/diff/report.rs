//! The changes, how heavy each is for whom, and the version that calls for.

use serde::Serialize;

use super::side::Side;

/// How much a change matters to an audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not at all.
    None,
    /// Only the documentation differs.
    Docs,
    /// There is something new; what worked still works.
    Additive,
    /// Something that worked may not work any more.
    Breaking,
}

impl Level {
    /// As it is written in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Docs => "docs",
            Self::Additive => "additive",
            Self::Breaking => "breaking",
        }
    }
}

/// What a change means for one audience.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Effect {
    /// How much it matters.
    pub level: Level,
    /// Why, in a sentence; empty where there is nothing to say.
    pub because: String,
}

/// No effect.
pub(super) fn none() -> Effect {
    effect(Level::None, "")
}

/// Only documentation.
pub(super) fn docs() -> Effect {
    effect(Level::Docs, "")
}

/// Something new.
pub(super) fn additive(because: &str) -> Effect {
    effect(Level::Additive, because)
}

/// Something that stops working.
pub(super) fn breaking(because: &str) -> Effect {
    effect(Level::Breaking, because)
}

fn effect(level: Level, because: &str) -> Effect {
    Effect {
        level,
        because: because.to_owned(),
    }
}

/// Where something changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", content = "name", rename_all = "lowercase")]
pub enum Place {
    /// The description as a whole.
    Api,
    /// An operation, by the name of its method.
    Operation(String),
    /// A type, by its Rust name.
    Type(String),
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Where.
    pub place: Place,
    /// The rule that found it, for tools: `parameter-added`.
    pub rule: &'static str,
    /// What changed, in a sentence.
    pub what: String,
    /// What was there before, where the sentence does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What is there now, where the sentence does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// For the author of a Rust program who upgrades the crates.
    pub rust: Effect,
    /// For a program built before, once the service behaves as described now.
    pub wire: Effect,
}

impl Change {
    /// The heavier of the two effects.
    #[must_use]
    pub fn level(&self) -> Level {
        self.rust.level.max(self.wire.level)
    }
}

/// The part of the version that must go up, by Semantic Versioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Nothing to release.
    None,
    /// Documentation only.
    Patch,
    /// Something new, or a service that behaves otherwise.
    Minor,
    /// Programs stop compiling.
    Major,
}

impl Step {
    /// The step that `changes` call for. Compiling decides what is major: a change of the wire alone
    /// is the service's, and a release that follows it breaks nobody who upgrades.
    #[must_use]
    pub fn of(changes: &[Change]) -> Self {
        changes
            .iter()
            .map(|change| match (change.rust.level, change.wire.level) {
                (Level::Breaking, _) => Self::Major,
                (Level::Additive, _) | (_, Level::Breaking | Level::Additive) => Self::Minor,
                (Level::Docs, _) | (_, Level::Docs) => Self::Patch,
                (Level::None, Level::None) => Self::None,
            })
            .max()
            .unwrap_or(Self::None)
    }

    /// As it is written in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// What to do with the version, before 1.0 too, where Cargo takes the middle number for the
    /// major one.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::None => "nothing changed for users, no release is needed",
            Self::Patch => "raise the last number",
            Self::Minor => "raise the middle number; before 1.0 the last one",
            Self::Major => "raise the first number; before 1.0 the middle one",
        }
    }
}

/// One of the two specs, as a report names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// As it was given on the command line.
    pub name: String,
    /// `origin` of its source.lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// SHA-256 of its graph-photo.json.
    pub sha256: String,
}

impl Compared {
    fn new(side: &Side) -> Self {
        Self {
            name: side.name.clone(),
            origin: side.origin.clone(),
            sha256: crate::generate::source::sha256(side.spec.as_bytes()),
        }
    }
}

/// All that changed between two specs. Serialized, it is what `--format json` prints.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Before.
    pub old: Compared,
    /// After.
    pub new: Compared,
    /// The version step that all changes together call for.
    pub semver: Step,
    /// Every change, operations before types, by name.
    pub changes: Vec<Change>,
}

impl Report {
    pub(super) fn new(old: &Side, new: &Side, mut changes: Vec<Change>) -> Self {
        changes.sort_by(|a, b| {
            (&a.place, a.rule, &a.what, &a.new).cmp(&(&b.place, b.rule, &b.what, &b.new))
        });
        Self {
            old: Compared::new(old),
            new: Compared::new(new),
            semver: Step::of(&changes),
            changes,
        }
    }

    /// The report as JSON, for tools.
    ///
    /// # Errors
    /// None that this data can cause; serde_json's interface has one.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }
}
