//! Many owners' photos in few requests.

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use graph_photo_model::batch::{MAX_ITEMS, encode, split};
use graph_photo_model::retry::{self, Attempt, Decision, Outcome};
use graph_photo_model::types::ProfilePhoto;
use graph_photo_model::wire::{Request, RequestBuilder};
use graph_photo_model::{Error, ErrorKind, Operation, Owner, Photo, PhotoMetadata, Response, Size};
use http::Method;
use http::header::RETRY_AFTER;

use super::operations::Operations;
use super::photo::found;
use crate::runtime::sleep;

/// Reads photos, or what is known about them, of many owners through Graph's `$batch`: 20 owners a
/// request. From [`Client::batch`](super::Client::batch).
///
/// The results are in the order of the owners, each the same that a single call would have given.
/// An item that is throttled is asked for again alone, after its own Retry-After.
///
/// ```
/// # async fn example(client: graph_photo::Client) -> Result<(), graph_photo::Error> {
/// use graph_photo::{Owner, Size};
///
/// let owners = [Owner::user("adele@contoso.com"), Owner::user("alex@contoso.com")];
/// let photos = client.batch().size(Size::S96).photos(&owners).await;
/// for (owner, photo) in owners.iter().zip(photos) {
///     match photo {
///         Ok(Some(photo)) => println!("{owner}: {} bytes", photo.bytes().len()),
///         Ok(None) => println!("{owner}: no photo"),
///         Err(error) => println!("{owner}: {error}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Batch<'c> {
    operations: &'c Operations,
    size: Option<Size>,
}

/// A request of the batch that has no result yet.
struct Pending {
    index: usize,
    attempt: u32,
    /// When it may be sent.
    due: Instant,
}

impl<'c> Batch<'c> {
    pub(super) fn new(operations: &'c Operations) -> Self {
        Self {
            operations,
            size: None,
        }
    }

    /// This very size instead of the largest photo; for users and groups.
    pub fn size(mut self, size: Size) -> Self {
        self.size = Some(size);
        self
    }

    /// The owners' photos; `Ok(None)` where there is none.
    pub async fn photos(&self, owners: &[Owner]) -> Vec<Result<Option<Photo>, Error>> {
        let results = self.read(owners, true).await;
        let photos = owners
            .iter()
            .zip(results)
            .map(|(owner, result)| match found(result)? {
                Some(answer) => Photo::from_answer(self.operation(owner, true), answer),
                None => Ok(None),
            });
        photos.collect()
    }

    /// What is known about the owners' photos without their bytes; `Ok(None)` where there is none.
    pub async fn metadata(&self, owners: &[Owner]) -> Vec<Result<Option<PhotoMetadata>, Error>> {
        let results = self.read(owners, false).await;
        let photos = owners.iter().zip(results).map(|(owner, result)| {
            let Some(answer) = found(result)? else {
                return Ok(None);
            };
            let (status, headers, body) = answer.into_parts();
            let operation = self.operation(owner, false);
            let photo: Response<ProfilePhoto> =
                Response::from_json(operation, status, headers, &body)?;
            Ok(PhotoMetadata::from_graph(photo.into_inner()))
        });
        photos.collect()
    }

    /// One result per owner, in their order.
    async fn read(&self, owners: &[Owner], content: bool) -> Vec<Result<Response<Bytes>, Error>> {
        let mut results: Vec<Option<Result<Response<Bytes>, Error>>> = Vec::new();
        let mut requests: Vec<Option<Request<Vec<u8>>>> = Vec::new();
        for owner in owners {
            match self.request(owner, content) {
                Ok(request) => {
                    requests.push(Some(request));
                    results.push(None);
                }
                Err(error) => {
                    requests.push(None);
                    results.push(Some(Err(error)));
                }
            }
        }
        let started = Instant::now();
        let policy = self.operations.policy();
        let mut pending: Vec<Pending> = (0..owners.len())
            .filter(|index| requests[*index].is_some())
            .map(|index| Pending {
                index,
                attempt: 1,
                due: started,
            })
            .collect();
        while !pending.is_empty() {
            let now = Instant::now();
            let mut ready: Vec<Pending> = Vec::new();
            let mut waiting: Vec<Pending> = Vec::new();
            for item in pending {
                if item.due <= now && ready.len() < MAX_ITEMS {
                    ready.push(item)
                } else {
                    waiting.push(item)
                }
            }
            pending = waiting;
            if ready.is_empty() {
                let next = pending.iter().map(|item| item.due).min().unwrap_or(now);
                sleep(next.saturating_duration_since(now)).await;
                continue;
            }
            let group: Vec<Request<Vec<u8>>> = ready
                .iter()
                .filter_map(|item| requests[item.index].clone())
                .collect();
            let answers = self.send(&group).await;
            for (item, answer) in ready.into_iter().zip(answers) {
                // A batch that failed as a whole was sent again as a whole.
                let wait = match &answer {
                    (Err(error), true) => wait(&policy, error, item.attempt, started.elapsed()),
                    _ => None,
                };
                match wait {
                    Some(wait) => pending.push(Pending {
                        index: item.index,
                        attempt: item.attempt + 1,
                        due: Instant::now() + wait,
                    }),
                    None => results[item.index] = Some(answer.0),
                }
            }
            // In the order of the owners, whatever had to wait.
            pending.sort_by_key(|item| item.index);
        }
        let missing = || {
            Err(Error::local(
                ErrorKind::UnexpectedResponse,
                "the batch has no answer to this request",
            ))
        };
        results
            .into_iter()
            .map(|result| result.unwrap_or_else(missing))
            .collect()
    }

    /// One result per request, and whether it is the item's own.
    async fn send(
        &self,
        group: &[Request<Vec<u8>>],
    ) -> Vec<(Result<Response<Bytes>, Error>, bool)> {
        let operations: Vec<&'static Operation> =
            group.iter().map(|request| request.operation).collect();
        let sent = match encode(group) {
            Ok(json) => self.operations.post_batch(json).await,
            Err(error) => Err(error),
        };
        let answers = match sent {
            Ok(answer) => {
                let (status, headers, body) = answer.into_parts();
                split(&operations, status, &headers, &body, SystemTime::now())
            }
            Err(error) => Err(error),
        };
        match answers {
            Ok(answers) => answers.into_iter().map(|answer| (answer, true)).collect(),
            Err(error) => operations
                .iter()
                .map(|operation| (Err(same(&error, operation)), false))
                .collect(),
        }
    }

    fn request(&self, owner: &Owner, content: bool) -> Result<Request<Vec<u8>>, Error> {
        let operation = self.operation(owner, content);
        let mut path = match self.size {
            None => owner.photo_path(),
            Some(size) => owner.sized_photo_path(size),
        }?;
        if content {
            path.push_str("/$value");
        }
        RequestBuilder::new(Method::GET, path)
            .operation(operation)
            .build()
    }

    fn operation(&self, owner: &Owner, content: bool) -> &'static Operation {
        match (self.size, content) {
            (None, false) => owner.get_photo(),
            (None, true) => owner.get_photo_content(),
            (Some(_), false) => owner.get_photo_by_size(),
            (Some(_), true) => owner.get_photo_content_by_size(),
        }
    }
}

/// How long to wait before an item is sent again; `None` if it is not.
fn wait(policy: &retry::Policy, error: &Error, number: u32, elapsed: Duration) -> Option<Duration> {
    let attempt = Attempt {
        outcome: Outcome::Status(error.status()?),
        retry_after: error.headers().get(RETRY_AFTER),
        idempotent: true,
        replayable: true,
        number,
        elapsed,
        now: SystemTime::now(),
        random: fastrand::f64(),
    };
    match retry::decide(policy, &attempt) {
        Decision::Wait(wait) => Some(wait),
        Decision::Stop(_) => None,
    }
}

/// The failure of a whole batch as that of one of its items.
fn same(error: &Error, operation: &'static Operation) -> Error {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let Some(status) = error.status() else {
        return Error::transport(
            error.kind(),
            Some(operation),
            cause.unwrap_or_else(|| error.to_string()),
        );
    };
    let (headers, body) = (
        error.headers().clone(),
        error.body_start().unwrap_or_default().as_bytes(),
    );
    if status.is_success() {
        return Error::decode(
            operation,
            status,
            headers,
            body,
            cause.unwrap_or_else(|| error.to_string()),
        );
    }
    let own = Error::from_response(Some(operation), status, headers, body, SystemTime::now());
    match cause {
        Some(cause) => own.with_source(cause),
        None => own,
    }
}
