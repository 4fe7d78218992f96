//! Each task by hand on reqwest, and through the async client.

use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use graph_photo::{Client, ClientBuilder};
use graph_photo_model::types::{ProfilePhoto, ProfilePhotoCollectionResponse};
use graph_photo_model::wire::encode_path;
use reqwest::header::{ACCEPT, CONTENT_TYPE};

use super::server::{LARGE, SMALL, photo};
use super::{By, Task};

/// Both ways, set up.
#[derive(Debug, Clone)]
pub struct Bench {
    base_url: String,
    floor: reqwest::Client,
    client: Client,
    small: Bytes,
    large: Bytes,
}

impl Bench {
    /// The client as it is by default; connects nothing yet.
    ///
    /// # Errors
    /// When a client cannot be built.
    pub fn new(base_url: &str) -> Result<Self> {
        Self::with(base_url, Client::builder())
    }

    /// The client over hyper alone, still against reqwest by hand.
    ///
    /// # Errors
    /// When a client cannot be built.
    pub fn over_hyper(base_url: &str) -> Result<Self> {
        Self::with(base_url, Client::builder().over_hyper())
    }

    fn with(base_url: &str, client: ClientBuilder) -> Result<Self> {
        // The floor is built without naming a provider. One that is installed already is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            base_url: base_url.to_owned(),
            floor: reqwest::Client::builder()
                .user_agent("bench")
                .connect_timeout(Duration::from_secs(10))
                .timeout(Duration::from_secs(100))
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .http1_only()
                .build()?,
            client: client
                .base_url(base_url)
                .user_agent("bench")
                .no_proxy()
                .bearer_token("token")
                .build()?,
            small: photo(SMALL).into(),
            large: photo(LARGE).into(),
        })
    }

    /// Does the task once.
    ///
    /// # Errors
    /// When it fails, or gives something else than it should.
    pub async fn run(&self, task: Task, by: By) -> Result<()> {
        match by {
            By::Floor => self.by_hand(task).await,
            By::Client => self.through_client(task).await,
        }
    }

    async fn by_hand(&self, task: Task) -> Result<()> {
        let user = encode_path("user-id", task.user())?;
        let get = |path: &str, accept: &'static str| {
            let url = format!("{}/users/{user}{path}", self.base_url);
            self.floor
                .get(url)
                .bearer_auth("token")
                .header(ACCEPT, accept)
        };
        match task {
            Task::Metadata => {
                let response = get("/photo", "application/json")
                    .send()
                    .await?
                    .error_for_status()?;
                let photo: ProfilePhoto = serde_json::from_slice(&response.bytes().await?)?;
                ensure!(photo.width == Some(648));
            }
            Task::List => {
                let response = get("/photos", "application/json")
                    .send()
                    .await?
                    .error_for_status()?;
                let list: ProfilePhotoCollectionResponse =
                    serde_json::from_slice(&response.bytes().await?)?;
                ensure!(list.value.len() == 9);
            }
            Task::GetSmall | Task::GetLarge => {
                let response = get("/photo/$value", "image/*, application/json")
                    .send()
                    .await?
                    .error_for_status()?;
                let kind = response.headers().get(CONTENT_TYPE).cloned();
                let bytes = response.bytes().await?;
                ensure!(kind.is_some() && bytes.len() >= SMALL);
            }
            Task::StreamLarge => {
                let mut response = get("/photo/$value", "image/*, application/json")
                    .send()
                    .await?
                    .error_for_status()?;
                let mut length = 0;
                while let Some(chunk) = response.chunk().await? {
                    length += chunk.len();
                }
                ensure!(length == LARGE);
            }
            Task::PutSmall | Task::PutLarge => {
                let body = if task == Task::PutSmall {
                    &self.small
                } else {
                    &self.large
                };
                let url = format!("{}/users/{user}/photo/$value", self.base_url);
                let request = self
                    .floor
                    .put(url)
                    .bearer_auth("token")
                    .header(ACCEPT, "application/json");
                let request = request
                    .header(CONTENT_TYPE, "image/jpeg")
                    .body(body.clone());
                request.send().await?.error_for_status()?.bytes().await?;
            }
        }
        Ok(())
    }

    async fn through_client(&self, task: Task) -> Result<()> {
        let photo = self.client.user(task.user()).photo();
        match task {
            Task::Metadata => ensure!(photo.metadata().await?.is_some()),
            Task::List => ensure!(photo.sizes().await?.len() == 9),
            Task::GetSmall | Task::GetLarge => {
                ensure!(
                    photo
                        .get()
                        .await?
                        .is_some_and(|photo| photo.bytes().len() >= SMALL)
                );
            }
            Task::StreamLarge => {
                let mut length = 0;
                if let Some(mut stream) = photo.stream().await? {
                    while let Some(chunk) = stream.chunk().await? {
                        length += chunk.len();
                    }
                }
                ensure!(length == LARGE);
            }
            Task::PutSmall => photo.put(self.small.clone()).await?,
            Task::PutLarge => photo.put(self.large.clone()).await?,
        }
        Ok(())
    }
}
