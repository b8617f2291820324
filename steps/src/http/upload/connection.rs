//! A connection that keeps reading after a failed write.
//!
//! A server that refuses an upload responds while the request is still being sent, stops reading and closes;
//! further writes of the client then reset the connection. The response has arrived all the same and can be
//! read, but HTTP libraries stop at the failed write. This connection only stops writing: later writes are
//! dropped, and reading continues until the response is complete or the stream ends. Only then is the failed
//! write reported.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{self, Connected};

/// A byte stream in both directions.
pub(super) trait Stream: Read + Write + Unpin + Send {}

impl<T: Read + Write + Unpin + Send> Stream for T {}

/// A connection that keeps reading after a failed write.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    line: Line,
    /// The first failed write; later writes are dropped.
    failed: Option<io::ErrorKind>,
}

/// A handle that can close a connection while the HTTP library owns it.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    hung_up: bool,
    /// True if a write failed.
    failed: bool,
    /// The task that waits for the peer to accept more data.
    writer: Option<Waker>,
}

impl Line {
    /// Returns whether the peer does not accept data that is still to be sent.
    pub fn is_blocked(&self) -> bool {
        let state = self.lock();
        state.failed || state.writer.is_some()
    }

    /// Closes the connection: its next write fails.
    pub fn hang_up(&self) {
        let mut state = self.lock();
        state.hung_up = true;
        if let Some(writer) = state.writer.take() {
            writer.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream, line: Line::default(), failed: None }
    }

    /// Writes `length` bytes with `write`, or drops them if the peer no longer accepts any.
    fn write(
        &mut self,
        context: &mut Context<'_>,
        length: usize,
        write: impl FnOnce(Pin<&mut dyn Stream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if self.line.lock().hung_up {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.failed.is_some() {
            return Poll::Ready(Ok(length));
        }
        let written = write(Pin::new(&mut *self.stream), context);
        let mut state = self.line.lock();
        state.writer = written.is_pending().then(|| context.waker().clone());
        drop(state);
        match written {
            Poll::Ready(Err(error)) => {
                self.failed = Some(error.kind());
                self.line.lock().failed = true;
                Poll::Ready(Ok(length))
            }
            written => written,
        }
    }
}

impl Read for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(failed) = self.failed else { return Pin::new(&mut *self.stream).poll_read(context, buffer) };
        // At the end of the stream, the failed write is the error to report.
        let room = buffer.remaining();
        let read = {
            let mut bytes = vec![0; room.min(CHUNK)];
            let mut own = hyper::rt::ReadBuf::new(&mut bytes);
            let read = Pin::new(&mut *self.stream).poll_read(context, own.unfilled());
            buffer.put_slice(own.filled());
            read
        };
        match read {
            Poll::Ready(Ok(())) if room > 0 && buffer.remaining() == room => Poll::Ready(Err(failed.into())),
            read => read,
        }
    }
}

/// The size of a read after a failed write, in bytes.
const CHUNK: usize = 16 * 1024;

impl Write for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(context, bytes.len(), |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = slices.iter().map(|slice| slice.len()).sum();
        self.write(context, length, |stream, context| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(context, 0, |stream, context| stream.poll_flush(context).map_ok(|()| 0)).map_ok(|_| ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.failed.is_some() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut *self.stream).poll_shutdown(context)
    }
}

impl connect::Connection for Connection {
    fn connected(&self) -> Connected {
        Connected::new().extra(self.line.clone())
    }
}
