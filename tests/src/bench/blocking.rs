//! Each task by hand on ureq, and through the blocking client.

use std::io::Read;
use std::time::Duration;

use anyhow::{Result, ensure};
use bytes::Bytes;
use graph_photo_blocking::Client;
use graph_photo_model::types::{ProfilePhoto, ProfilePhotoCollectionResponse};
use graph_photo_model::wire::encode_path;

use super::server::{LARGE, SMALL, photo};
use super::{By, Task};

/// Both ways, set up.
#[derive(Debug, Clone)]
pub struct Bench {
    base_url: String,
    floor: ureq::Agent,
    client: Client,
    small: Bytes,
    large: Bytes,
}

impl Bench {
    /// Connects nothing yet.
    ///
    /// # Errors
    /// When a client cannot be built.
    pub fn new(base_url: &str) -> Result<Self> {
        let config = ureq::Agent::config_builder()
            .user_agent("bench")
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(100)))
            .http_status_as_error(true)
            .max_redirects(0)
            .proxy(None)
            .accept_encoding("");
        Ok(Self {
            base_url: base_url.to_owned(),
            floor: config.build().new_agent(),
            client: Client::builder()
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
    pub fn run(&self, task: Task, by: By) -> Result<()> {
        match by {
            By::Floor => self.by_hand(task),
            By::Client => self.through_client(task),
        }
    }

    fn by_hand(&self, task: Task) -> Result<()> {
        let user = encode_path("user-id", task.user())?;
        let get = |path: &str, accept: &'static str| {
            let url = format!("{}/users/{user}{path}", self.base_url);
            self.floor
                .get(url)
                .header("authorization", "Bearer token")
                .header("accept", accept)
        };
        match task {
            Task::Metadata => {
                let mut response = get("/photo", "application/json").call()?;
                let photo: ProfilePhoto =
                    serde_json::from_slice(&response.body_mut().read_to_vec()?)?;
                ensure!(photo.width == Some(648));
            }
            Task::List => {
                let mut response = get("/photos", "application/json").call()?;
                let list: ProfilePhotoCollectionResponse =
                    serde_json::from_slice(&response.body_mut().read_to_vec()?)?;
                ensure!(list.value.len() == 9);
            }
            Task::GetSmall | Task::GetLarge => {
                let mut response = get("/photo/$value", "image/*, application/json").call()?;
                let kind = response.headers().get("content-type").cloned();
                let bytes = response.body_mut().read_to_vec()?;
                ensure!(kind.is_some() && bytes.len() >= SMALL);
            }
            Task::StreamLarge => {
                let mut response = get("/photo/$value", "image/*, application/json").call()?;
                let mut reader = response.body_mut().as_reader();
                let mut buffer = vec![0; 64 * 1024];
                let mut length = 0;
                loop {
                    match reader.read(&mut buffer)? {
                        0 => break,
                        read => length += read,
                    }
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
                let request = self.floor.put(url).header("authorization", "Bearer token");
                let request = request
                    .header("accept", "application/json")
                    .header("content-type", "image/jpeg");
                request.send(&body[..])?.body_mut().read_to_vec()?;
            }
        }
        Ok(())
    }

    fn through_client(&self, task: Task) -> Result<()> {
        let photo = self.client.user(task.user()).photo();
        match task {
            Task::Metadata => ensure!(photo.metadata()?.is_some()),
            Task::List => ensure!(photo.sizes()?.len() == 9),
            Task::GetSmall | Task::GetLarge => {
                ensure!(
                    photo
                        .get()?
                        .is_some_and(|photo| photo.bytes().len() >= SMALL)
                );
            }
            Task::StreamLarge => {
                let mut length = 0;
                if let Some(mut stream) = photo.stream()? {
                    let mut buffer = vec![0; 64 * 1024];
                    loop {
                        match stream.read(&mut buffer)? {
                            0 => break,
                            read => length += read,
                        }
                    }
                }
                ensure!(length == LARGE);
            }
            Task::PutSmall => photo.put(self.small.clone())?,
            Task::PutLarge => photo.put(self.large.clone())?,
        }
        Ok(())
    }
}
