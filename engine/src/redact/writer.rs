//! The writer at the bottom of every output.

use std::io::{self, Write};

use super::{REPLACEMENT, Secrets};

/// Writes to `W` what is written to it, with `(sensitive)` in place of every secret.
///
/// A secret is found however it is split over writes: the longest end of the text that could be the beginning of a secret
/// is held back (never more than a needle, that is some hundred bytes) until more text decides. All else goes out
/// with the write it came in, so [`flush`](Write::flush) has nothing to add but the flush of `W`; what is held back stays
/// held, because giving it out would give out half a secret. [`finish`](Self::finish), or dropping the writer, ends
/// the text and gives it out. `finish` tells of errors; dropping does not.
///
/// Secrets that are added later are found in later writes, and in what is held back.
pub struct RedactingWriter<W: Write> {
    /// None only while and after it is taken out by `finish`.
    inner: Option<W>,
    secrets: Secrets,
    /// What is held back.
    held: Vec<u8>,
    /// How much of `held` belongs to a secret that is already blotted out; `Some(0)` when the text before `held` does,
    /// so that a secret right after it joins it.
    blotted: Option<usize>,
}

impl<W: Write> RedactingWriter<W> {
    /// Writes to `inner` without the `secrets`.
    pub fn new(inner: W, secrets: Secrets) -> Self {
        Self { inner: Some(inner), secrets, held: Vec::new(), blotted: None }
    }

    /// Writes what holds no secret as it is, after what is held back.
    pub fn write_clean(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.end()?;
        self.inner.as_mut().ok_or_else(closed)?.write_all(bytes)
    }

    /// Ends the text and gives back the writer beneath.
    pub fn finish(mut self) -> io::Result<W> {
        self.end()?;
        self.inner.take().ok_or_else(closed)
    }

    /// Gives out all that is held back.
    fn end(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        self.put(&held, 0)
    }

    /// Gives out `text` but for its last `open` bytes, which are held back.
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
            // A drop has nobody to tell; who wants to know calls `finish`.
            let _ = self.end().and_then(|()| self.flush());
        }
    }
}
