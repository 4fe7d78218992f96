//! What the panics of this process say.
//!
//! There is one panic hook for all tests of the process, so it is set once, for both clients.

use std::panic;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

static TEXTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

static HOOK: LazyLock<()> = LazyLock::new(|| {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        texts().push(panic.to_string());
        usual(panic);
    }));
});

fn texts() -> MutexGuard<'static, Vec<String>> {
    TEXTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hears panics from now on.
pub(super) fn listen() {
    LazyLock::force(&HOOK);
}

/// What was heard so far, whoever panicked.
pub(super) fn heard() -> Vec<String> {
    texts().clone()
}
