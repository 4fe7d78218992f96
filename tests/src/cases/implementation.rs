//! Who promises the protocol, and who runs which case.

use super::case::{CallCase, Case};

/// Something that runs cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Implementation {
    /// `graph-photo`.
    Async,
    /// `graph-photo-blocking`.
    Blocking,
    /// `graph-photo-emulator`, as a server.
    Emulator,
    /// The documents of `graph-photo-compat`.
    Translator,
    /// The URLs of `graph-photo-compat`.
    UrlMapper,
    /// The scopes of `graph-photo-compat`.
    ScopeMapper,
    /// The legacy API as a Rust client over Graph.
    Facade,
    /// The legacy API as a service over Graph.
    Gateway,
}

impl Implementation {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::Async,
        Self::Blocking,
        Self::Emulator,
        Self::Translator,
        Self::UrlMapper,
        Self::ScopeMapper,
        Self::Facade,
        Self::Gateway,
    ];

    /// Those whose runner is still to be written.
    const PENDING: [Self; 0] = [];

    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Async => "async",
            Self::Blocking => "blocking",
            Self::Emulator => "emulator",
            Self::Translator => "translator",
            Self::UrlMapper => "url-mapper",
            Self::ScopeMapper => "scope-mapper",
            Self::Facade => "facade",
            Self::Gateway => "gateway",
        }
    }

    /// Whether a runner for it exists. Cases of one without a runner are pending: they are listed
    /// as such, and count for nothing.
    pub fn has_runner(self) -> bool {
        !Self::PENDING.contains(&self)
    }
}

/// Who has to run a case.
pub fn implementations(case: &Case) -> Vec<Implementation> {
    use Implementation::{
        Async, Blocking, Emulator, Facade, Gateway, ScopeMapper, Translator, UrlMapper,
    };
    match case {
        Case::Call(case) if runs_on_emulator(case) => vec![Async, Blocking, Emulator],
        Case::Call(_) => vec![Async, Blocking],
        Case::Batch(_) => vec![Async, Blocking],
        Case::Exchange(_) => vec![Emulator],
        Case::LegacyDocument(_) => vec![Translator],
        Case::LegacyUrl(_) => vec![UrlMapper],
        Case::LegacyScope(_) => vec![ScopeMapper],
        Case::LegacyCall(_) => vec![Facade, Gateway],
    }
}

/// Whether the emulator has to answer a call as the case says.
pub fn runs_on_emulator(case: &CallCase) -> bool {
    case.emulator.is_some()
}
