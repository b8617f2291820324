//! Response bodies: whole, truncated or slow.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::content::Content;

/// The errors that end a body too early, and so the connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("cut short on purpose")]
    Truncated,
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

/// Number of pieces of a slow body.
const PIECES: usize = 8;

/// Size of a piece of a whole body, in bytes.
const PIECE: usize = 256 << 10;

/// A response body.
pub(crate) enum ResponseBody {
    Whole(Content),
    /// Part of the body, then the end of the connection.
    Truncated {
        part: Bytes,
        announced: u64,
    },
    /// Sent in pieces, with a pause before each.
    Slow {
        rest: Bytes,
        piece: usize,
        pause: Duration,
        timer: Pin<Box<Sleep>>,
    },
}

impl ResponseBody {
    pub(crate) fn truncated(body: &Bytes) -> Self {
        // An empty body is truncated too: its announced length exceeds its content.
        Self::Truncated { part: body.slice(..body.len() / 2), announced: body.len().max(16) as u64 }
    }

    pub(crate) fn slow(body: Bytes, over: Duration) -> Self {
        let pieces = body.len().clamp(1, PIECES);
        let pause = over / u32::try_from(pieces).unwrap_or(1);
        Self::Slow { piece: body.len().div_ceil(pieces), rest: body, pause, timer: Box::pin(sleep(pause)) }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Whole(content) => {
                let piece = content.take(PIECE).transpose();
                Poll::Ready(piece.map(|piece| Ok(Frame::data(piece?))))
            }
            Self::Truncated { part, .. } if part.is_empty() => Poll::Ready(Some(Err(BodyError::Truncated))),
            Self::Truncated { part, .. } => Poll::Ready(Some(Ok(Frame::data(std::mem::take(part))))),
            Self::Slow { rest, .. } if rest.is_empty() => Poll::Ready(None),
            Self::Slow { rest, piece, pause, timer } => {
                ready!(timer.as_mut().poll(cx));
                *timer = Box::pin(sleep(*pause));
                let piece = rest.split_to((*piece).min(rest.len()));
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(content) => content.is_empty(),
            Self::Slow { rest, .. } => rest.is_empty(),
            Self::Truncated { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Whole(content) => content.len(),
            Self::Slow { rest, .. } => rest.len() as u64,
            Self::Truncated { announced, .. } => *announced,
        })
    }
}
