// Included twice, see main.rs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use client::Client;

use super::lane::{Lane, Step};

pub(super) fn client(base_url: String, attempts: Arc<AtomicUsize>) -> Client {
    Client::builder()
        .base_url(base_url)
        .bearer_token("token")
        .no_proxy()
        // Above what an answer takes on a busy machine, below what a stalled one takes.
        .timeout(Duration::from_secs(5))
        .retry(client::retry::Policy::DEFAULT.with_base_delay(Duration::from_millis(1)))
        .observer(move |_| {
            attempts.fetch_add(1, Ordering::Relaxed);
        })
        .build()
        .unwrap()
}

function! {
    pub(super) fn transfer(client: Client, lane: Lane, transfers: usize) -> Lane {
        let mut lane = lane;
        for _ in 0..transfers {
            match lane.next() {
                Step::Put(owner, photo) => {
                    let result = wait!(client.user(&owner).photo().put(photo.clone()));
                    lane.put(&photo, result);
                }
                Step::Get(owner) => {
                    let result = wait!(client.user(&owner).photo().get());
                    lane.got(result);
                }
            }
        }
        lane
    }
}
