//! A connection that gives up on a caller who does not read.
//!
//! hyper has a timeout for heads; a caller who asks for a photo and takes nothing of it would hold its place for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream whose writes fail once nothing of them was taken for a while.
pub(crate) struct Patient<S> {
    stream: S,
    patience: Duration,
    /// Runs while a write waits.
    wait: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(crate) fn new(stream: S, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            wait: None,
        }
    }

    fn or_give_up<T>(
        &mut self,
        context: &mut Context<'_>,
        progress: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.wait = None;
            return progress;
        }
        let wait = self
            .wait
            .get_or_insert_with(|| Box::pin(sleep(self.patience)));
        ready!(wait.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.or_give_up(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.or_give_up(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.or_give_up(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.or_give_up(context, shut)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);
    /// So much that two of it are more than anybody waits.
    const SHORT: Duration = Duration::from_secs(20);

    /// Takes nothing, and never ends.
    struct Stuck;

    impl AsyncWrite for Stuck {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &[io::IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            Poll::Pending
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn is_write_vectored(&self) -> bool {
            true
        }
    }

    /// Asserts that it fails when the patience is over, by the paused clock.
    async fn gives_up<T: std::fmt::Debug>(writing: impl Future<Output = io::Result<T>>) {
        let started = Instant::now();
        let error = writing.await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let waited = started.elapsed();
        assert!(waited >= PATIENCE && waited < 2 * PATIENCE, "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_given_up() {
        let (near, _far) = duplex(4);
        gives_up(Patient::new(near, PATIENCE).write_all(b"a photo")).await;

        let stuck = || Patient::new(Stuck, PATIENCE);
        assert!(stuck().is_write_vectored());
        gives_up(stuck().write(b"a photo")).await;
        gives_up(stuck().write_vectored(&[io::IoSlice::new(b"a photo")])).await;
        gives_up(stuck().flush()).await;
        gives_up(stuck().shutdown()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_given_up_is_not_waited_for_again() {
        let mut stuck = Patient::new(Stuck, PATIENCE);
        gives_up(stuck.write(b"a photo")).await;
        let started = Instant::now();
        let error = stuck.shutdown().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(started.elapsed() < PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_a_little_now_and_then_is_waited_for() {
        let (near, mut far) = duplex(4);
        let mut near = Patient::new(near, PATIENCE);
        let writing = async {
            near.write_all(b"a photo that is taken slowly").await?;
            near.flush().await
        };
        let reading = async {
            let mut taken = Vec::new();
            while taken.len() < 28 {
                tokio::time::sleep(SHORT).await;
                let mut some = [0; 4];
                far.read_exact(&mut some).await.unwrap();
                taken.extend(some);
            }
            taken
        };
        let started = Instant::now();
        let (written, taken) = tokio::join!(writing, reading);
        written.unwrap();
        assert_eq!(taken, b"a photo that is taken slowly");
        assert!(
            started.elapsed() > 2 * PATIENCE,
            "it took longer than one wait"
        );
        // What was left of the last wait is not the next one's.
        gives_up(near.write_all(b"and another")).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_who_has_nothing_to_say_is_no_matter_of_patience() {
        let (near, mut far) = duplex(64);
        let mut near = Patient::new(near, PATIENCE);
        let writing = async {
            tokio::time::sleep(10 * PATIENCE).await;
            far.write_all(b"GET /").await
        };
        let mut read = [0; 5];
        let (written, count) = tokio::join!(writing, near.read_exact(&mut read));
        written.unwrap();
        assert_eq!((count.unwrap(), &read), (5, b"GET /"));
        drop(far);
        assert_eq!(
            near.read(&mut read).await.unwrap(),
            0,
            "the end is passed on too"
        );
    }
}
