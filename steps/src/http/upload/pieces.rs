//! A request's body, sent in pieces.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::JoinHandle;

use super::super::Payload;

/// The size of a piece, in bytes: a response that arrives during the upload is noticed between two pieces.
const PIECE: usize = 64 * 1024;

/// The size of a piece that is read from a file, in bytes. Each is read on another thread.
const PIECE_OF_FILE: u64 = 256 * 1024;

/// A request's body, which records whether the connection took all of it.
pub(super) struct Pieces {
    left: Payload,
    /// The piece of the file that is being read, and its length.
    reading: Option<(JoinHandle<io::Result<Bytes>>, u64)>,
    taken: Arc<AtomicBool>,
}

impl Pieces {
    /// Returns the body, and a flag that becomes true once all of it is taken.
    pub fn of(payload: Payload) -> (Self, Arc<AtomicBool>) {
        let taken = Arc::new(AtomicBool::new(payload.is_empty()));
        (Self { left: payload, reading: None, taken: Arc::clone(&taken) }, taken)
    }

    /// Returns the next piece; none at the end.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let part = match &mut self.left {
            Payload::Bytes(left) => {
                let length = left.len().min(PIECE);
                let piece = left.split_to(length);
                return Poll::Ready((!piece.is_empty()).then_some(Ok(piece)));
            }
            Payload::File(part) => part,
        };
        if self.reading.is_none() {
            if part.is_empty() {
                return Poll::Ready(None);
            }
            let piece = part.split(PIECE_OF_FILE);
            let length = piece.len();
            self.reading = Some((tokio::task::spawn_blocking(move || piece.read()), length));
        }
        let Some((reading, _)) = &mut self.reading else { return Poll::Ready(None) };
        let read = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        Poll::Ready(Some(read.map_err(io::Error::other).and_then(|read| read)))
    }

    /// Returns the number of bytes that the connection has not taken yet.
    fn left(&self) -> u64 {
        self.left.len() + self.reading.as_ref().map_or(0, |(_, length)| *length)
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let piece = ready!(self.poll_piece(context));
        if self.left() == 0 {
            self.taken.store(true, Ordering::Relaxed);
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}
