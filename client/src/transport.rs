//! A stream of bytes on which the messages of many calls leave together.
//!
//! What a call has to say is written when its connection gets its turn, which is next. Where many calls are ready at
//! once, each of them then has a system call of its own, and half the time of an empty call is spent there. A corked
//! stream lets whatever is ready to run go first, once, and then writes what has come together. It waits for no clock:
//! alone, a call leaves at once.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream that lets others go first before it writes.
#[derive(Debug)]
pub struct Corked<S> {
    stream: S,
    /// Since the last flush.
    has_waited: bool,
}

impl<S> Corked<S> {
    /// Writes to, and reads from, `stream`.
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            has_waited: false,
        }
    }

    /// Goes to the end of the line of what is ready to run, once between two flushes.
    fn wait(&mut self, context: &Context<'_>) -> Poll<()> {
        if self.has_waited {
            return Poll::Ready(());
        }
        self.has_waited = true;
        // Whoever wakes itself while it runs comes last.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Corked<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.wait(context));
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.wait(context));
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.has_waited = false;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Corked<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::AsyncWriteExt as _;

    /// Counts how often it is written to.
    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl AsyncWrite for Counted {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn whatever_is_ready_goes_first_and_the_write_is_not_held_up_again_until_it_is_flushed() {
        let mut stream = Corked::new(Counted::default());
        let turns = AtomicUsize::new(0);
        let other = async {
            turns.fetch_add(1, Ordering::Relaxed);
        };
        let write = async {
            stream.write_all(b"one").await.unwrap();
            assert_eq!(turns.load(Ordering::Relaxed), 1);
            stream.write_all(b"two").await.unwrap();
            stream.flush().await.unwrap();
        };
        tokio::join!(biased; write, other);
        assert_eq!(stream.stream.0.load(Ordering::Relaxed), 2);
        let mut again = attempt(&mut stream);
        assert!(again.is_pending());
        again = attempt(&mut stream);
        assert!(again.is_ready());
    }

    /// One attempt to write.
    fn attempt(stream: &mut Corked<Counted>) -> Poll<io::Result<usize>> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        Pin::new(stream).poll_write(&mut context, b"three")
    }
}
