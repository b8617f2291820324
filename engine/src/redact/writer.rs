//! Redacts a stream of bytes.

use std::io::{self, Write};

use super::{REPLACEMENT, Secrets};

/// A writer to `W` that replaces every secret by `(sensitive)`.
///
/// A secret is found even if it is split over several writes: the longest suffix that could begin a secret
/// (at most a needle, some hundred bytes) is held back until more text decides. All other text is written
/// immediately, so [`flush`](Write::flush) only flushes `W`; held-back text stays held, since half a secret
/// must not be written. [`finish`](Self::finish), or dropping the writer, ends the text and writes the rest.
/// Only `finish` reports errors.
///
/// Secrets added later are found in later writes and in held-back text.
pub struct RedactingWriter<W: Write> {
    /// The underlying writer; none after `finish` has taken it.
    inner: Option<W>,
    secrets: Secrets,
    /// The held-back text.
    held: Vec<u8>,
    /// The number of bytes of `held` that belong to a secret already replaced; `Some(0)` if the text before
    /// `held` was one, so that an adjacent secret is joined to it.
    blotted: Option<usize>,
}

impl<W: Write> RedactingWriter<W> {
    /// Returns a writer to `inner` that redacts `secrets`.
    pub fn new(inner: W, secrets: Secrets) -> Self {
        Self { inner: Some(inner), secrets, held: Vec::new(), blotted: None }
    }

    /// Writes text without secrets unchanged, after the held-back text.
    pub fn write_clean(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.end()?;
        self.inner.as_mut().ok_or_else(closed)?.write_all(bytes)
    }

    /// Ends the text and returns the underlying writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.end()?;
        self.inner.take().ok_or_else(closed)
    }

    /// Writes all held-back text.
    fn end(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        self.put(&held, 0)
    }

    /// Writes `text` except for its last `open` bytes, which are held back.
    fn put(&mut self, text: &[u8], open: usize) -> io::Result<()> {
        let inner = self.inner.as_mut().ok_or_else(closed)?;
        let covered = self.secrets.matchers().map(|matchers| matchers.covered(text)).unwrap_or_default();
        let until = text.len() - open;
        let mut out = Vec::with_capacity(until);
        let mut end = self.blotted.unwrap_or_default();
        let mut joins = self.blotted.is_some();
        for range in covered.into_iter().filter(|range| range.start < until) {
            let is_new = range.start > end || !joins;
            if range.start > end {
                out.extend_from_slice(&text[end..range.start]);
            }
            if is_new {
                out.extend_from_slice(REPLACEMENT.as_bytes());
            }
            (end, joins) = (end.max(range.end), true);
        }
        if end < until {
            out.extend_from_slice(&text[end..until]);
            joins = false;
        }
        self.held = text[until..].to_vec();
        self.blotted = joins.then(|| end.saturating_sub(until));
        inner.write_all(&out)
    }
}

fn closed() -> io::Error {
    io::Error::other("the writer is finished")
}

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.held.is_empty() && self.secrets.is_empty() {
            return self.inner.as_mut().ok_or_else(closed)?.write(bytes);
        }
        let mut text = std::mem::take(&mut self.held);
        text.extend_from_slice(bytes);
        let open = self.secrets.matchers().map(|matchers| matchers.open_end(&text)).unwrap_or_default();
        self.put(&text, open)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.as_mut().ok_or_else(closed)?.flush()
    }
}

impl<W: Write> Drop for RedactingWriter<W> {
    fn drop(&mut self) {
        if self.inner.is_some() {
            // A drop cannot report errors; `finish` does.
            let _ = self.end().and_then(|()| self.flush());
        }
    }
}
