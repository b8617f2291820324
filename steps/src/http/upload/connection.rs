//! A connection that hears out its peer.
//!
//! A server that refuses an upload answers while the request is still being sent, stops reading and closes; what the client
//! sends from then on resets the connection. The answer has arrived all the same and can be read, but HTTP libraries end
//! with the write that failed. So here a failed write ends the writing and nothing else: what is written afterwards is
//! dropped, and the reading goes on until the answer is there or the stream ends. Only then the failed write is reported.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{self, Connected};

/// A stream of bytes in both directions.
pub(super) trait Stream: Read + Write + Unpin + Send {}

impl<T: Read + Write + Unpin + Send> Stream for T {}

/// A connection that hears out its peer.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    line: Line,
    /// The first write that failed; from then on nothing is written.
    failed: Option<io::ErrorKind>,
}

/// The line of a connection: it can be hung up while the connection is in the hands of the HTTP library.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    hung_up: bool,
    /// Whether a write failed.
    failed: bool,
    /// Whoever waits until the peer takes more.
    writer: Option<Waker>,
}

impl Line {
    /// Whether something is to be sent that the peer does not take, now or any more.
    pub fn is_blocked(&self) -> bool {
        let state = self.lock();
        state.failed || state.writer.is_some()
    }

    /// Ends the connection: its next write fails.
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

    /// Writes `length` bytes by `write`, or drops them when the peer takes none any more.
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
        // Where nothing is left to read, the write that failed is the reason.
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

/// How much is read at once when the writing has failed.
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
