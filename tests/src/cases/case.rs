//! What a case can say, once it is expanded.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use graph_photo_model::operations::OPERATIONS;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::batch::{self, BatchCase};
use super::bytes_spec::BytesSpec;
use super::document::{self, Document};

/// A case of any kind.
#[derive(Debug, Clone)]
pub enum Case {
    /// A call of a client: what it sends, what an answer means.
    Call(Box<CallCase>),
    /// A call that reads many photos at once.
    Batch(Box<BatchCase>),
    /// A request as it stands on the wire, and what a server answers.
    Exchange(Box<ExchangeCase>),
    /// A legacy document and its Graph form.
    LegacyDocument(LegacyDocumentCase),
    /// A legacy URL and the Graph request it becomes.
    LegacyUrl(LegacyUrlCase),
    /// A legacy scope and its Graph form.
    LegacyScope(LegacyScopeCase),
    /// A legacy request, what goes to Graph for it, and what comes back.
    LegacyCall(Box<LegacyCallCase>),
}

/// A call of a client.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallCase {
    /// What the case shows; unique.
    pub name: String,
    /// The document it is from.
    #[serde(default)]
    pub source: Option<String>,
    /// Why it is as it is.
    #[serde(default)]
    pub note: Option<String>,
    /// The operation, by its name.
    #[serde(default)]
    pub call: Option<String>,
    /// Its arguments by their names in Graph: `user-id`, `$select`, `If-Match`, `body`.
    #[serde(default)]
    pub with: Map<String, Value>,
    /// Or the call of the curated surface.
    #[serde(default)]
    pub handle: Option<Handle>,
    /// Whether the curated call that goes with the operation is made too.
    #[serde(default = "yes")]
    pub curated: bool,
    /// The version of the API.
    #[serde(default)]
    pub api: Api,
    /// How often the request is sent at most; once if absent.
    #[serde(default)]
    pub attempts: Option<u32>,
    /// The requests, in order.
    #[serde(default)]
    pub sends: OneOrMany<Sends>,
    /// That nothing is sent, and why.
    #[serde(default)]
    pub refuses: Option<Refusal>,
    /// What is wrong below HTTP, if something is.
    #[serde(default)]
    pub network: Option<Network>,
    /// The answers, in order.
    #[serde(default)]
    pub answer: OneOrMany<Answer>,
    /// What the call then gives.
    #[serde(default)]
    pub gives: Option<Gives>,
    /// That the emulator answers this call in the same way, and how it is to be set up.
    #[serde(default)]
    pub emulator: Option<EmulatorSetup>,
}

fn yes() -> bool {
    true
}

/// What is wrong below HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Nobody listens on the port.
    Refused,
    /// The server reads the request and says nothing; the client waits no longer than 200 ms.
    Silent,
    /// The server begins an answer and stops in the middle of the body; the client waits for
    /// the answer's head, and then no longer than a second in all.
    Stalled,
    /// The client expects TLS and the server has none.
    NotTls,
}

/// A call of the curated surface.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handle {
    /// Whose photo.
    pub owner: Owner,
    /// What is done with it.
    pub photo: Action,
    /// The size, where one is asked for.
    #[serde(default)]
    pub size: Option<String>,
    /// What to take when that size is not there.
    #[serde(default)]
    pub fit: Option<Fit>,
    /// What is uploaded.
    #[serde(default)]
    pub body: Option<BytesSpec>,
}

/// Whose photo it is. A contact can be in a folder, and either can be a user's.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The signed-in user, whose `me` is true.
    #[serde(default)]
    pub me: bool,
    /// A user.
    #[serde(default)]
    pub user: Option<String>,
    /// A group.
    #[serde(default)]
    pub group: Option<String>,
    /// A team.
    #[serde(default)]
    pub team: Option<String>,
    /// A contact folder.
    #[serde(default)]
    pub folder: Option<String>,
    /// A contact.
    #[serde(default)]
    pub contact: Option<String>,
}

/// What a curated call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The photo in memory.
    Get,
    /// The photo as it arrives.
    Stream,
    /// What is known about it.
    Metadata,
    /// The sizes there are.
    Sizes,
    /// Replaces it.
    Put,
    /// Deletes it.
    Delete,
}

/// What to take when a size is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// Nothing.
    Exact,
    /// The next smaller one.
    Down,
    /// The nearest.
    Any,
}

/// The version of the API that is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Api {
    /// `/v1.0`
    #[default]
    #[serde(rename = "v1.0")]
    V1,
    /// `/beta`
    #[serde(rename = "beta")]
    Beta,
}

impl Api {
    /// The first segment of its paths.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// One thing, or several in order.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// Several.
    Many(Vec<T>),
    /// One.
    One(Box<T>),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::Many(items) => items,
            Self::One(item) => std::slice::from_ref(item),
        }
    }
}

/// A request as it is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sends {
    /// The method.
    pub method: String,
    /// Path and query, exactly.
    pub target: String,
    /// All headers, by name in lower case, but Host, User-Agent and Authorization, which are the
    /// same in every case, and Content-Length, which follows from the body.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body; none if absent.
    #[serde(default)]
    pub body: Option<BytesSpec>,
}

/// A call that is refused before anything is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The kind of error.
    pub kind: String,
    /// What its text names.
    pub names: String,
}

/// A server's answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The status.
    #[serde(default)]
    pub status: u16,
    /// The headers. Content-Length and `Connection: close` are added.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body; none if absent.
    #[serde(default)]
    pub body: Option<BytesSpec>,
    /// How the end of the body is told.
    #[serde(default)]
    pub framing: Framing,
    /// The Content-Length to claim in place of the body's.
    #[serde(default)]
    pub claims_length: Option<u64>,
    /// The whole answer as bytes, in place of all of the above.
    #[serde(default)]
    pub raw: Option<BytesSpec>,
}

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Framing {
    /// By Content-Length.
    #[default]
    Length,
    /// By chunks of at most 1,000 bytes.
    Chunked,
    /// By the end of the connection.
    Close,
}

/// What a call gives.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gives {
    /// That the curated call says "no photo". The operation gives what else stands here: an
    /// error, or the placeholder as a value.
    #[serde(default)]
    pub no_photo: bool,
    /// Metadata, exactly the members the model knows.
    #[serde(default)]
    pub metadata: Option<Value>,
    /// The size that the curated call reads out of it; `none` if it cannot.
    #[serde(default)]
    pub size: Option<String>,
    /// A list of metadata.
    #[serde(default)]
    pub list: Option<Value>,
    /// The sizes that the curated call gives for it, in order.
    #[serde(default)]
    pub sizes: Option<Vec<String>>,
    /// The bytes of the answer's body, with what is known about them.
    #[serde(default)]
    pub photo: Option<PhotoGives>,
    /// That nothing is given, only success.
    #[serde(default)]
    pub done: bool,
    /// The request id on success.
    #[serde(default)]
    pub request_id: Option<String>,
    /// An error.
    #[serde(default)]
    pub error: Option<ErrorGives>,
}

/// A photo in memory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoGives {
    /// The bytes, where they are not the body of the answer.
    #[serde(default)]
    pub bytes: Option<BytesSpec>,
    /// The media type.
    #[serde(default)]
    pub content_type: Option<String>,
    /// The size that the bytes show, by the curated call; `none` if they show none.
    #[serde(default)]
    pub size: Option<String>,
    /// The media etag, by the curated call.
    #[serde(default)]
    pub etag: Option<String>,
}

/// An error. What is absent here is absent there, but for `status` and `message`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorGives {
    /// Its kind.
    pub kind: String,
    /// The status, where it is not that of the answer.
    #[serde(default)]
    pub status: Option<u16>,
    /// Whether it carries the answer's status; else none.
    #[serde(default = "yes")]
    pub answered: bool,
    /// Graph's code.
    #[serde(default)]
    pub code: Option<String>,
    /// Graph's message; looked at only if it is given.
    #[serde(default)]
    pub message: Option<String>,
    /// The id the service gave the request.
    #[serde(default)]
    pub request_id: Option<String>,
    /// The id the client gave the request.
    #[serde(default)]
    pub client_request_id: Option<String>,
    /// The wait asked for, in seconds.
    #[serde(default)]
    pub retry_after: Option<f64>,
}

/// How the emulator is set up.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmulatorSetup {
    /// `404` or `placeholder`.
    #[serde(default)]
    pub no_photo: Option<String>,
    /// `default` or `size`.
    #[serde(default)]
    pub photo_id: Option<String>,
    /// Faults as `graph-photo emulator --fault` takes them.
    #[serde(default)]
    pub faults: Vec<String>,
}

/// A request as it stands on the wire, and what a server answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeCase {
    /// What the case shows; unique.
    pub name: String,
    /// The document it is from.
    #[serde(default)]
    pub source: Option<String>,
    /// Why it is as it is.
    #[serde(default)]
    pub note: Option<String>,
    /// The request.
    pub request: Sends,
    /// The answer.
    pub answers: Answers,
    /// How the emulator is set up.
    #[serde(default)]
    pub emulator: EmulatorSetup,
}

/// What a server answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The status.
    pub status: u16,
    /// The media type, without parameters; none for an empty body.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Headers that are there, whatever they hold.
    #[serde(default)]
    pub has_headers: Vec<String>,
    /// The JSON body: the same members at every level; a value of `any` stands for any value.
    #[serde(default)]
    pub json: Option<Value>,
}

/// A legacy document and its Graph form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegacyDocumentCase {
    /// What the case shows; unique.
    pub name: String,
    /// The document it is from.
    #[serde(default)]
    pub source: Option<String>,
    /// Why it is as it is.
    #[serde(default)]
    pub note: Option<String>,
    /// In the legacy spelling.
    pub outlook: BytesSpec,
    /// In Graph's.
    pub graph: BytesSpec,
    /// Whether it is translated back too.
    #[serde(default = "yes")]
    pub both_ways: bool,
}

/// A legacy URL and the Graph request it becomes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegacyUrlCase {
    /// What the case shows; unique.
    pub name: String,
    /// The document it is from.
    #[serde(default)]
    pub source: Option<String>,
    /// Why it is as it is.
    #[serde(default)]
    pub note: Option<String>,
    /// The legacy URL.
    pub url: String,
    /// The Graph URL.
    #[serde(default)]
    pub graph: Option<String>,
    /// The operations by method.
    #[serde(default)]
    pub operations: BTreeMap<String, String>,
    /// What is said when there is no counterpart.
    #[serde(default)]
    pub refused: Option<String>,
}

/// A legacy scope and its Graph form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegacyScopeCase {
    /// What the case shows; unique.
    pub name: String,
    /// The document it is from.
    #[serde(default)]
    pub source: Option<String>,
    /// Why it is as it is.
    #[serde(default)]
    pub note: Option<String>,
    /// The legacy scope.
    pub scope: String,
    /// The Graph scope.
    pub graph: String,
    /// The least privileged permission that allows the same.
    #[serde(default)]
    pub least_privileged: Option<String>,
}

/// A legacy request, what goes to Graph for it, and what comes back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegacyCallCase {
    /// What the case shows; unique.
    pub name: String,
    /// The document it is from.
    #[serde(default)]
    pub source: Option<String>,
    /// Why it is as it is.
    #[serde(default)]
    pub note: Option<String>,
    /// The legacy request; the target is the path below the host.
    pub legacy: Sends,
    /// The requests to Graph, in order.
    pub sends: OneOrMany<Sends>,
    /// Graph's answers, in order.
    pub answer: OneOrMany<Answer>,
    /// The legacy answer.
    pub returns: Answer,
}

impl Case {
    /// What the case shows.
    pub fn name(&self) -> &str {
        match self {
            Self::Call(case) => &case.name,
            Self::Batch(case) => &case.name,
            Self::Exchange(case) => &case.name,
            Self::LegacyDocument(case) => &case.name,
            Self::LegacyUrl(case) => &case.name,
            Self::LegacyScope(case) => &case.name,
            Self::LegacyCall(case) => &case.name,
        }
    }
}

impl CallCase {
    /// Whether it says what is sent, or that nothing is.
    pub fn is_request(&self) -> bool {
        !self.sends.as_slice().is_empty() || self.refuses.is_some()
    }

    /// Whether it says what an answer means.
    pub fn is_response(&self) -> bool {
        self.gives.is_some()
    }
}

/// Reads all cases of a folder.
///
/// # Errors
/// When a file cannot be read or expanded, or a case says something that no case can say; the
/// error names the file, the case and the member.
pub fn read(folder: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for document in document::read(folder)? {
        for value in &document.cases {
            let title = value
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let case = typed(&document, value)
                .with_context(|| format!("{}.yaml: {title}", document.name))?;
            cases.push(case);
        }
    }
    Ok(cases)
}

fn typed(document: &Document, value: &Value) -> Result<Case> {
    Ok(match document.kind.as_str() {
        "call" => {
            let case: CallCase = parse(value)?;
            check_call(&case)?;
            Case::Call(Box::new(case))
        }
        "batch" => {
            let case: BatchCase = parse(value)?;
            batch::check(&case)?;
            case.gives
                .iter()
                .try_for_each(|gives| check_gives(gives, true))?;
            Case::Batch(Box::new(case))
        }
        "exchange" => Case::Exchange(Box::new(parse(value)?)),
        "legacy-document" => Case::LegacyDocument(parse(value)?),
        "legacy-url" => {
            let case: LegacyUrlCase = parse(value)?;
            ensure!(
                case.graph.is_some() != case.refused.is_some(),
                "says neither or both of `graph` and `refused`"
            );
            Case::LegacyUrl(case)
        }
        "legacy-scope" => Case::LegacyScope(parse(value)?),
        "legacy-call" => Case::LegacyCall(Box::new(parse(value)?)),
        other => bail!("there is no kind {other:?}"),
    })
}

fn parse<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| anyhow::anyhow!("{}: {}", error.path(), error.inner()))
}

/// What the schema cannot say.
fn check_call(case: &CallCase) -> Result<()> {
    ensure!(
        case.call.is_some() != case.handle.is_some(),
        "says neither or both of `call` and `handle`"
    );
    if let Some(name) = &case.call {
        ensure!(
            OPERATIONS.iter().any(|operation| operation.name == name),
            "there is no operation {name:?}"
        );
    }
    ensure!(
        case.is_request() || case.is_response(),
        "checks nothing\n    remedy: add `sends`, `refuses` or `gives`"
    );
    ensure!(
        case.refuses.is_none() || (case.sends.as_slice().is_empty() && case.gives.is_none()),
        "a call that is refused sends and gives nothing"
    );
    ensure!(
        !case.is_response() || !case.answer.as_slice().is_empty() || case.network.is_some(),
        "`gives` needs an `answer` or a `network`"
    );
    if let Some(gives) = &case.gives {
        check_gives(gives, case.handle.is_some())?;
    }
    Ok(())
}

/// That a result says one thing; a curated one can also say that there is no photo.
fn check_gives(gives: &Gives, curated: bool) -> Result<()> {
    let said = [
        gives.metadata.is_some(),
        gives.list.is_some(),
        gives.photo.is_some(),
        gives.done,
        gives.error.is_some(),
    ];
    let said = said.iter().filter(|said| **said).count();
    let only_none = curated && gives.no_photo && said == 0;
    let only_sizes = curated && gives.sizes.is_some() && said == 0;
    ensure!(
        said == 1 || only_none || only_sizes,
        "`gives` says {said} of metadata, list, photo, done and error"
    );
    Ok(())
}
