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

use super::auth::without_token;
use super::byte_stream::ByteStream;
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

/// What an item's successful answer says; `None` if it says that there is no photo.
type Decode<T> = fn(&'static Operation, Response<Bytes>) -> Result<Option<T>, Error>;

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
        self.read(owners, true, Photo::from_answer).await
    }

    /// What is known about the owners' photos without their bytes; `Ok(None)` where there is none.
    pub async fn metadata(&self, owners: &[Owner]) -> Vec<Result<Option<PhotoMetadata>, Error>> {
        self.read(owners, false, metadata).await
    }

    /// One result per owner, in their order.
    async fn read<T>(
        &self,
        owners: &[Owner],
        content: bool,
        decode: Decode<T>,
    ) -> Vec<Result<Option<T>, Error>> {
        let mut results: Vec<Option<Result<Option<T>, Error>>> = Vec::new();
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
            let answers = self.send(&group, decode).await;
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
    async fn send<T>(
        &self,
        group: &[Request<Vec<u8>>],
        decode: Decode<T>,
    ) -> Vec<(Result<Option<T>, Error>, bool)> {
        let operations: Vec<&'static Operation> =
            group.iter().map(|request| request.operation).collect();
        let sent = match encode(group) {
            Ok(json) => self.operations.post_batch(json).await,
            Err(error) => Err(error),
        };
        let answers = match sent {
            Ok(answer) => take_apart(&operations, answer, decode).await,
            Err(error) => Err(error),
        };
        match answers {
            Ok(answers) => answers.into_iter().map(|answer| (answer, true)).collect(),
            Err(error) => operations
                .iter()
                .map(|operation| (Err(error.of_operation(operation)), false))
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

/// One result per operation. No error repeats the token.
async fn take_apart<T>(
    operations: &[&'static Operation],
    answer: Response<ByteStream>,
    decode: Decode<T>,
) -> Result<Vec<Result<Option<T>, Error>>, Error> {
    let (status, headers, body) = answer.into_parts();
    let token = body.token();
    let body = body.bytes().await?;
    let masked = |error| without_token(error, token.as_ref());
    let items = split(operations, status, &headers, &body, SystemTime::now()).map_err(masked)?;
    let results = operations.iter().zip(items).map(|(operation, item)| {
        let value = match found(item) {
            Ok(Some(answer)) => decode(operation, answer),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        value.map_err(masked)
    });
    Ok(results.collect())
}

fn metadata(
    operation: &'static Operation,
    answer: Response<Bytes>,
) -> Result<Option<PhotoMetadata>, Error> {
    let (status, headers, body) = answer.into_parts();
    let photo: Response<ProfilePhoto> = Response::from_json(operation, status, headers, &body)?;
    Ok(PhotoMetadata::from_graph(photo.into_inner()))
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
