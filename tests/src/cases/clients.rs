//! Runs call cases against a client: through the operation, and through the curated call that goes
//! with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::batch::{self, BatchCase};
use super::case::{Api, CallCase, Handle, Network};
use super::outcome::{self, Outcome};
use super::socket::Socket;
use super::{arguments, wire_check};

/// A case that was not as it says, and how.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The case.
    pub case: String,
    /// What was different.
    pub differences: Vec<String>,
}

/// How long a client waits where nothing comes, and where half an answer must have come by then.
fn patience(network: Network) -> Option<Duration> {
    match network {
        Network::Stalled => Some(Duration::from_secs(1)),
        Network::Silent => Some(Duration::from_millis(200)),
        Network::Refused | Network::NotTls => None,
    }
}

/// What a call goes through.
#[derive(Debug, Clone, Copy)]
enum Way<'c> {
    Operation(&'c str),
    Handle(&'c Handle),
}

/// Defines a runner for a client: `$crate_name`'s client, `$wait` being `.await` or nothing.
macro_rules! runner {
    ($(#[$docs:meta])* $name:ident, $crate_name:ident, [$($async:tt)*], [$($wait:tt)*]) => {
        $(#[$docs])*
        pub mod $name {
            use super::*;

            /// A client for each version of the API, and the server that answers them.
            #[derive(Debug)]
            pub struct Runner {
                socket: Socket,
                v1: $crate_name::Client,
                beta: $crate_name::Client,
                /// Those that ask again, by how often; building one takes longer than a case.
                persistent: Mutex<BTreeMap<(&'static str, u32), $crate_name::Client>>,
            }

            impl Runner {
                /// Starts the server and builds the clients, without retries.
                ///
                /// # Errors
                /// When no port is free or a client cannot be set up.
                pub fn start() -> Result<Self> {
                    let socket = Socket::open()?;
                    let client = |api: Api| client(&socket.base_url(api.as_str()));
                    Ok(Self { v1: client(Api::V1)?, beta: client(Api::Beta)?, persistent: Mutex::default(), socket })
                }

                /// Runs a case; what was different, or nothing.
                ///
                /// # Errors
                /// When the case itself is at fault.
                pub $($async)* fn run(&self, case: &CallCase) -> Result<Vec<String>> {
                    let client = match case.api {
                        Api::V1 => &self.v1,
                        Api::Beta => &self.beta,
                    };
                    let mut differences = Vec::new();
                    if let Some(operation) = &case.call {
                        differences.extend(self.one(client, case, Way::Operation(operation))$($wait)*?);
                    }
                    if let Some(handle) = arguments::curated(case)? {
                        let found = self.one(client, case, Way::Handle(&handle))$($wait)*?;
                        differences.extend(found.into_iter().map(|found| format!("curated: {found}")));
                    }
                    Ok(differences)
                }

                $($async)* fn one(&self, client: &$crate_name::Client, case: &CallCase, way: Way<'_>) -> Result<Vec<String>> {
                    self.socket.load_answers(case.answer.as_slice())?;
                    let outcome = match (case.network, case.attempts) {
                        (None, None) => call(client, case, way)$($wait)*?,
                        (None, Some(attempts)) => {
                            let persistent = self.persistent(case.api, attempts)?;
                            call(&persistent, case, way)$($wait)*?
                        }
                        (Some(network), _) => {
                            let mut builder = client_of(&self.socket.base_url_on(network)?);
                            if let Some(patience) = patience(network) {
                                builder = builder.timeout(patience);
                            }
                            let patient = builder.build().context("building the client")?;
                            call(&patient, case, way)$($wait)*?
                        }
                    };
                    check(case, &outcome, &self.socket, matches!(way, Way::Handle(_)))
                }

                /// Runs a case of a batch; what was different, or nothing.
                ///
                /// # Errors
                /// When the case itself is at fault.
                pub $($async)* fn run_batch(&self, case: &BatchCase) -> Result<Vec<String>> {
                    self.socket.load_answers(case.answer.as_slice())?;
                    let outcomes = match case.attempts {
                        None => crate::call_batch!(self.v1, case, [$($wait)*]),
                        Some(attempts) => {
                            let persistent = self.persistent(Api::V1, attempts)?;
                            crate::call_batch!(persistent, case, [$($wait)*])
                        }
                    }?;
                    batch::differences(case, &outcomes, &self.socket.requests())
                }

                /// A client that asks again, without a wait of its own in between.
                fn persistent(&self, api: Api, attempts: u32) -> Result<$crate_name::Client> {
                    let mut built = self.persistent.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(client) = built.get(&(api.as_str(), attempts)) {
                        return Ok(client.clone());
                    }
                    let policy = graph_photo_model::retry::Policy::DEFAULT
                        .with_max_attempts(attempts)
                        .with_base_delay(Duration::ZERO);
                    let client = client_of(&self.socket.base_url(api.as_str()))
                        .retry(policy)
                        .build()
                        .context("building the client")?;
                    built.insert((api.as_str(), attempts), client.clone());
                    Ok(client)
                }
            }

            /// A client with the settings of every case.
            ///
            /// # Errors
            /// When it cannot be set up.
            pub fn client(base_url: &str) -> Result<$crate_name::Client> {
                client_of(base_url).build().context("building the client")
            }

            fn client_of(base_url: &str) -> $crate_name::ClientBuilder {
                $crate_name::Client::builder()
                    .base_url(base_url)
                    .bearer_token(wire_check::TOKEN)
                    .retry(graph_photo_model::retry::Policy::NEVER)
            }

            /// Makes the call of a case as the operation it names.
            ///
            /// # Errors
            /// When the case itself is at fault.
            pub $($async)* fn call_operation(client: &$crate_name::Client, case: &CallCase) -> Result<Outcome> {
                let operation = case.call.as_deref().context("the case names no operation")?;
                call(client, case, Way::Operation(operation))$($wait)*
            }

            $($async)* fn call(client: &$crate_name::Client, case: &CallCase, way: Way<'_>) -> Result<Outcome> {
                match way {
                    Way::Operation(name) => {
                        let arguments = arguments::Arguments(&case.with);
                        crate::call_operation!(client.operations(), name, arguments, [$($wait)*])
                    }
                    Way::Handle(handle) => crate::call_handle!(client, handle, [$($wait)*]),
                }
            }
        }
    };
}

runner!(
    /// The async client.
    asynchronous, graph_photo, [async], [.await]
);
runner!(
    /// The blocking client.
    blocking, graph_photo_blocking, [], []
);

/// What is different between a case and what happened.
fn check(
    case: &CallCase,
    outcome: &Outcome,
    socket: &Socket,
    through_handle: bool,
) -> Result<Vec<String>> {
    let requests = socket.requests();
    let mut differences = Vec::new();
    if let Some(refusal) = &case.refuses {
        match outcome {
            Outcome::Error(failure)
                if failure.kind == refusal.kind && failure.display.contains(&refusal.names) => {}
            found => differences.push(format!("expected {refusal:?}, found {found:?}")),
        }
        differences.extend(wire_check::differences(&[], &requests)?);
        return Ok(differences);
    }
    if !case.sends.as_slice().is_empty() {
        differences.extend(wire_check::differences(case.sends.as_slice(), &requests)?);
    }
    match &case.gives {
        Some(gives) => {
            let answer = case.answer.as_slice().last();
            differences.extend(outcome::differences(answer, gives, outcome, through_handle))
        }
        None => {
            if let Outcome::Error(failure) = outcome {
                differences.push(format!("the call failed: {}", failure.display));
            }
        }
    }
    Ok(differences)
}
