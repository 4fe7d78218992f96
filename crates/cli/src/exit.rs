//! Exit codes: what a script can tell from how the command ended.

use std::process::ExitCode;

use graph_photo::ErrorKind;

/// The table shown by `--help`.
pub(crate) const TABLE: &str = "\
Exit codes:
  0  done
  1  failure
  2  usage: the command line or the configuration cannot be right
  3  there is no photo
  4  not authorised: no token, an expired one, or one without the permission
  5  throttled: Graph kept asking to wait
  6  done in part (sync)
  7  findings (migrate scan without --fix)";

pub(crate) const FAILURE: u8 = 1;
pub(crate) const USAGE: u8 = 2;
pub(crate) const NO_PHOTO: u8 = 3;
pub(crate) const NOT_AUTHORISED: u8 = 4;
pub(crate) const THROTTLED: u8 = 5;
pub(crate) const IN_PART: u8 = 6;

/// What was asked for cannot be right, whatever Graph would say.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// There is no photo; the sentence says whose.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoPhoto(pub(crate) String);

/// There is no token, or it cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotAuthorised(pub(crate) String);

/// The exit code that an error ends with.
pub(crate) fn code(error: &anyhow::Error) -> ExitCode {
    // A reader that has had enough, as `head` does, is no failure.
    for cause in error.chain() {
        if let Some(io) = cause.downcast_ref::<std::io::Error>()
            && io.kind() == std::io::ErrorKind::BrokenPipe
        {
            return ExitCode::SUCCESS;
        }
    }
    for cause in error.chain() {
        if cause.is::<Usage>() {
            return USAGE.into();
        }
        if cause.is::<NoPhoto>() {
            return NO_PHOTO.into();
        }
        if cause.is::<NotAuthorised>() {
            return NOT_AUTHORISED.into();
        }
        if let Some(error) = cause.downcast_ref::<graph_photo::Error>() {
            return of_kind(error.kind()).into();
        }
    }
    FAILURE.into()
}

fn of_kind(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::NoPhoto => NO_PHOTO,
        ErrorKind::Unauthorized | ErrorKind::Forbidden => NOT_AUTHORISED,
        ErrorKind::Throttled => THROTTLED,
        ErrorKind::Configuration => USAGE,
        _ => FAILURE,
    }
}

/// Whether the error is only that nobody reads the output any more.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
