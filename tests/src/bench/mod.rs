//! The clients against hand-written reqwest and ureq, doing the same work on the same server; and the
//! gateway against a plain reverse proxy.
//!
//! * `server`: answers from memory, in a process of its own, so that its CPU time is not counted.
//! * `asynchronous`, `blocking`: each task once by hand and once through the client.
//! * `gateway`: both of them in processes of their own, and callers for them.
//! * `measure`: interleaved runs in CPU time, and what their ratios say.
//! * `processor`: which processor each of them runs on.
//! * `valgrind`: the same tasks, counted: instructions, allocations, memory.

pub mod asynchronous;
pub mod blocking;
pub mod gateway;
pub mod measure;
pub mod processor;
pub mod server;
pub mod valgrind;

/// What is done over and over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The metadata of a photo.
    Metadata,
    /// The list of its sizes.
    List,
    /// A photo of 60 KB into memory.
    GetSmall,
    /// A photo of 3.5 MB into memory.
    GetLarge,
    /// A photo of 3.5 MB, looked at chunk by chunk.
    StreamLarge,
    /// An upload of 60 KB.
    PutSmall,
    /// An upload of 3.5 MB.
    PutLarge,
}

impl Task {
    /// All tasks.
    pub const ALL: [Self; 7] = [
        Self::Metadata,
        Self::List,
        Self::GetSmall,
        Self::GetLarge,
        Self::StreamLarge,
        Self::PutSmall,
        Self::PutLarge,
    ];

    /// The task's name on the command line and in the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::List => "list",
            Self::GetSmall => "get 60 KB",
            Self::GetLarge => "get 3.5 MB",
            Self::StreamLarge => "stream 3.5 MB",
            Self::PutSmall => "put 60 KB",
            Self::PutLarge => "put 3.5 MB",
        }
    }

    /// Whose photo it is about; the server knows two.
    pub fn user(self) -> &'static str {
        match self {
            Self::GetLarge | Self::StreamLarge | Self::PutLarge => "large@contoso.com",
            _ => "small@contoso.com",
        }
    }

    /// How many calls make one sample of some 20 ms.
    pub fn calls(self) -> usize {
        match self {
            Self::Metadata | Self::List => 200,
            Self::GetSmall | Self::PutSmall => 150,
            Self::GetLarge | Self::StreamLarge | Self::PutLarge => 10,
        }
    }
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Written by hand on reqwest or ureq.
    Floor,
    /// Through the client.
    Client,
}
