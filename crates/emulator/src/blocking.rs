//! The emulator for tests without an async runtime.

use std::ops::Deref;

use crate::emulator::{Builder, StartError};

/// A running emulator, started without a runtime. Everything else is as with
/// [`crate::Emulator`], which it dereferences to.
#[derive(Debug)]
pub struct Emulator(crate::Emulator);

impl Emulator {
    /// Starts an emulator with the demo tenant on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// [`StartError`], when the machine has no port or thread to give.
    pub fn start() -> Result<Emulator, StartError> {
        Emulator::start_with(Builder::default())
    }

    /// Starts an emulator that differs from the default.
    ///
    /// # Errors
    ///
    /// [`StartError`], as [`Builder::start`].
    pub fn start_with(builder: Builder) -> Result<Emulator, StartError> {
        builder.start_on_thread().map(Emulator)
    }
}

impl Deref for Emulator {
    type Target = crate::Emulator;

    fn deref(&self) -> &crate::Emulator {
        &self.0
    }
}
