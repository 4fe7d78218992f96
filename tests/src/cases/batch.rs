//! Cases of `$batch`: many owners in one call, and one result for each of them.
//!
//! An item's result is what a single call would have given, so it is written down and compared in
//! the same way; its status and its bytes stand in the case, because the answer on the wire is that
//! of the whole batch.

use anyhow::{Result, bail, ensure};
use graph_photo_model::Owner as ModelOwner;
use serde::Deserialize;

use super::case::{Answer, Gives, OneOrMany, Owner, Sends};
use super::outcome::{self, Outcome};
use super::wire_check;
use crate::wire::Recorded;

/// A call that reads the photos of many owners at once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchCase {
    /// What the case shows; unique.
    pub name: String,
    /// The document it is from.
    #[serde(default)]
    pub source: Option<String>,
    /// Why it is as it is.
    #[serde(default)]
    pub note: Option<String>,
    /// The owners, in the order in which they are asked for.
    pub owners: Vec<Owner>,
    /// What is read of each.
    pub read: Read,
    /// The size, where one is asked for.
    #[serde(default)]
    pub size: Option<String>,
    /// How often a request is sent at most; once if absent.
    #[serde(default)]
    pub attempts: Option<u32>,
    /// The requests, in order; an empty list says that there is none.
    #[serde(default)]
    pub sends: Option<OneOrMany<Sends>>,
    /// The answers, in order.
    #[serde(default)]
    pub answer: OneOrMany<Answer>,
    /// What each owner's result is, in the order of the owners.
    pub gives: Vec<Gives>,
}

/// What a batch reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Read {
    /// The bytes.
    Photos,
    /// What is known about them.
    Metadata,
}

/// What the schema cannot say.
///
/// # Errors
/// When the case contradicts itself.
pub(super) fn check(case: &BatchCase) -> Result<()> {
    ensure!(
        case.gives.len() == case.owners.len(),
        "{} owners and {} results\n    remedy: say in `gives` what each owner's result is",
        case.owners.len(),
        case.gives.len()
    );
    for owner in &case.owners {
        model_owner(owner)?;
    }
    Ok(())
}

/// The owner as the clients take it.
///
/// # Errors
/// When it is nobody.
pub fn model_owner(owner: &Owner) -> Result<ModelOwner> {
    let Owner {
        me,
        user,
        group,
        team,
        folder,
        contact,
    } = owner.clone();
    Ok(match (user, group, team, folder, contact) {
        (None, None, None, None, None) if me => ModelOwner::Me,
        (Some(user), None, None, None, None) => ModelOwner::User(user),
        (None, Some(group), None, None, None) => ModelOwner::Group(group),
        (None, None, Some(team), None, None) => ModelOwner::Team(team),
        (user, None, None, folder, Some(contact)) => ModelOwner::Contact {
            user,
            folder,
            contact,
        },
        _ => bail!("{owner:?} is nobody's photo"),
    })
}

/// What is different between a case and what happened.
pub(super) fn differences(
    case: &BatchCase,
    outcomes: &[Outcome],
    requests: &[Recorded],
) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    if let Some(sends) = &case.sends {
        differences.extend(wire_check::differences(sends.as_slice(), requests)?);
    }
    if outcomes.len() != case.gives.len() {
        differences.push(format!(
            "expected {} results, found {}",
            case.gives.len(),
            outcomes.len()
        ));
    }
    for (index, (gives, outcome)) in case.gives.iter().zip(outcomes).enumerate() {
        let found = outcome::differences(None, gives, outcome, true);
        differences.extend(
            found
                .into_iter()
                .map(|found| format!("owner {index}: {found}")),
        );
    }
    Ok(differences)
}

/// `call_batch!(client, case, [.await])`: an `anyhow::Result<Vec<Outcome>>`.
#[macro_export]
macro_rules! call_batch {
    ($client:expr, $case:expr, [$($wait:tt)*]) => {{
        use $crate::cases::batch::{BatchCase, Read, model_owner};
        use $crate::cases::outcome;
        let case: &BatchCase = $case;
        let owners: Vec<::graph_photo_model::Owner> =
            case.owners.iter().map(model_owner).collect::<::anyhow::Result<_>>()?;
        let mut batch = $client.batch();
        if let Some(size) = &case.size {
            batch = batch.size(size.parse()?);
        }
        let outcomes: Vec<outcome::Outcome> = match case.read {
            Read::Photos => batch.photos(&owners)$($wait)*.into_iter().map(outcome::photo).collect(),
            Read::Metadata => {
                batch.metadata(&owners)$($wait)*.into_iter().map(outcome::curated_metadata).collect()
            }
        };
        ::anyhow::Ok(outcomes)
    }};
}
