//! A request's body, sent in pieces.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The size of a piece, in bytes: a response that arrives during the upload is noticed between two pieces.
const PIECE: usize = 64 * 1024;

/// A request's body, which records whether the connection took all of it.
pub(super) struct Pieces {
    left: Bytes,
    taken: Arc<AtomicBool>,
}

impl Pieces {
    /// Returns the body, and a flag that becomes true once all of it is taken.
    pub fn of(bytes: Bytes) -> (Self, Arc<AtomicBool>) {
        let taken = Arc::new(AtomicBool::new(bytes.is_empty()));
        (Self { left: bytes, taken: Arc::clone(&taken) }, taken)
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.left.len().min(PIECE);
        let piece = self.left.split_to(length);
        if self.left.is_empty() {
            self.taken.store(true, Ordering::Relaxed);
        }
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
