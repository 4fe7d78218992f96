//! What Graph knows of users' photos: twenty users with one `$batch` request, where that can be.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesOrdered, StreamExt as _};
use graph_photo::retry::Decision;
use graph_photo::{ErrorKind, Fit, Owner, PhotoMetadata};

use crate::sync::pace::Stopped;
use crate::sync::run::{Job, Run};

impl Run {
    /// The metadata of up to twenty users, in their order; `None` for no photo.
    pub(super) async fn metadata(
        &self,
        jobs: &[Job],
    ) -> Vec<Result<Option<PhotoMetadata>, Stopped>> {
        if self.variant.size.is_none() || self.variant.fit == Fit::Exact {
            return self.batch(jobs).await;
        }
        // Choosing a size takes the list of sizes, and the client to choose.
        let single = jobs.iter().map(|job| {
            self.pace.call(async || {
                let photo = self.client.user(&job.user.id).photo();
                match self.variant.size {
                    None => photo.metadata().await,
                    Some(size) => photo.size(size).fit(self.variant.fit).metadata().await,
                }
            })
        });
        let single: FuturesOrdered<_> = single.collect();
        single.collect().await
    }

    /// The metadata of up to twenty users in one request, and of those that failed in another one
    /// as often as makes sense.
    async fn batch(&self, jobs: &[Job]) -> Vec<Result<Option<PhotoMetadata>, Stopped>> {
        let started = Instant::now();
        let mut results = Vec::new();
        results.resize_with(jobs.len(), || Err(Stopped::Interrupted));
        let mut open: Vec<usize> = (0..jobs.len()).collect();
        let mut number = 1;
        while !open.is_empty() {
            let owners: Vec<Owner> = open
                .iter()
                .filter_map(|index| jobs.get(*index))
                .map(|job| Owner::user(&job.user.id))
                .collect();
            let batch = match self.variant.size {
                None => self.client.batch(),
                Some(size) => self.client.batch().size(size),
            };
            let Ok(answers) = self
                .pace
                .call(async || Ok(batch.metadata(&owners).await))
                .await
            else {
                break;
            };
            let mut again = Vec::new();
            let mut longest = Duration::ZERO;
            let mut throttled = None;
            for (index, answer) in open.into_iter().zip(answers) {
                let result = match answer {
                    Ok(metadata) => Ok(metadata),
                    Err(error) => match self.pace.decide(&error, number, started.elapsed()) {
                        Decision::Wait(wait) => {
                            longest = longest.max(wait);
                            again.push(index);
                            if error.kind() == ErrorKind::Throttled {
                                throttled = Some(error);
                            }
                            continue;
                        }
                        Decision::Stop(_) => Err(Stopped::Failed(error)),
                    },
                };
                if let Some(place) = results.get_mut(index) {
                    *place = result;
                }
            }
            // Twenty items that are throttled together are one reason to slow down.
            if let Some(error) = throttled {
                self.pace.note(&error);
            }
            open = again;
            number += 1;
            if !open.is_empty() {
                if self.pace.wait(longest).await.is_err() {
                    break;
                }
                self.pace.retries.fetch_add(1, Ordering::Relaxed);
            }
        }
        results
    }
}
