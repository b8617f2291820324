//! Receives large blobs in ranges.

use std::collections::HashMap;
use std::ops::Range;

use arcbook_engine::step::{Action, ErrorKind, StepError};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sha2::{Digest as _, Sha256};

use super::parts::parts;
use crate::file::{FilePart, Hashing, Partial, Siblings, Trouble, discard, md5};
use crate::http::HttpResponse;
use crate::session::{Session, Transfer, line};

/// The longest range whose MD5 the service computes, in bytes.
const LONGEST_WITH_MD5: u64 = 4 << 20;

/// The version of a blob that is received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlobVersion {
    /// The ETag, which every range must have.
    pub etag: String,
    /// The size in bytes.
    pub size: u64,
    /// The MD5 that is stored with the blob, in base64; none if its writer gave none.
    pub md5: Option<String>,
}

impl BlobVersion {
    /// Reads the version in the response to a HEAD request.
    pub fn of(head: &HttpResponse) -> Result<Self, StepError> {
        let size = head.header("content-length").and_then(|size| size.parse().ok());
        let (Some(etag), Some(size)) = (head.header("etag"), size) else {
            return Err(head.nonsense("it has no ETag or no size"));
        };
        let md5 = head.header("content-md5").map(str::to_owned);
        Ok(Self { etag: etag.to_owned(), size, md5 })
    }
}

/// Receives the content of a version of the blob that `get` reads into a file beside its target, with the ranges that an
/// earlier run has received. Returns the complete file and its MD5, in base64.
///
/// After a failure that another attempt may not have, the ranges stay for it.
pub(crate) async fn receive(
    session: &Session,
    get: &Action,
    version: &BlobVersion,
    siblings: &Siblings,
) -> Result<(Partial, String), StepError> {
    let received = receive_ranges(session, get, version, siblings).await;
    if received.as_ref().is_err_and(|failed| !failed.keeps) {
        discard(siblings);
    }
    received.map_err(|failed| failed.error)
}

/// A failure, and whether the received ranges can be of use after it.
struct Failed {
    error: StepError,
    keeps: bool,
}

impl From<StepError> for Failed {
    fn from(error: StepError) -> Self {
        Self { error, keeps: true }
    }
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        Self { error: trouble.error(), keeps: trouble != Trouble::Full }
    }
}

async fn receive_ranges(
    session: &Session,
    get: &Action,
    version: &BlobVersion,
    siblings: &Siblings,
) -> Result<(Partial, String), Failed> {
    let sizes = session.azure().transfers().sizes;
    let url = get.request().and_then(|request| request.url.reveal()).unwrap_or_default();
    let BlobVersion { etag, size, .. } = version;
    let line = format!("{etag} {size} {} {:x}", sizes.range, Sha256::digest(url));
    let (at, bytes) = (siblings.clone(), *size);
    let (partial, recorded) = off_thread(move || Partial::open(&at, &line, bytes)).await??;
    let transfer = session.begin_transfer(get, "", *size);
    let receiver = Receiver { session, get, version, partial, recorded, transfer };
    let ranges: Vec<Range<u64>> = parts(*size, sizes.range).collect();
    let mut order = ranges.iter().cloned().enumerate();
    let (mut arrived, mut next) = (vec![false; ranges.len()], 0);
    let (mut receiving, mut adding) = (FuturesUnordered::new(), FuturesUnordered::new());
    let mut hashing = Some(Hashing::new(false));
    // The ranges arrive in any order, and are digested in that of the file.
    loop {
        while receiving.len() < sizes.at_once.max(1)
            && let Some((index, range)) = order.next()
        {
            receiving.push(receiver.range(index, range));
        }
        if arrived.get(next) == Some(&true)
            && let Some(so_far) = hashing.take()
        {
            adding.push(so_far.add(receiver.part(&ranges[next])));
            next += 1;
        }
        tokio::select! {
            Some(index) = receiving.next() => arrived[index?] = true,
            Some(added) = adding.next() => hashing = Some(added.map_err(Trouble::unreadable)?),
            else => break,
        }
    }
    drop((receiving, adding));
    let (md5, _) = hashing.ok_or_else(broke_off)?.finish();
    let Receiver { partial, transfer, .. } = receiver;
    transfer.end(206);
    match &version.md5 {
        Some(stored) if *stored != md5 => Err(Failed { error: mismatch(get, stored, &md5), keeps: false }),
        _ => Ok((partial, md5)),
    }
}

/// The receiver of the ranges of a blob.
struct Receiver<'a> {
    session: &'a Session,
    get: &'a Action,
    version: &'a BlobVersion,
    partial: Partial,
    /// The MD5 of the ranges that an earlier run has received, by index.
    recorded: HashMap<usize, String>,
    transfer: Transfer<'a>,
}

impl Receiver<'_> {
    fn part(&self, range: &Range<u64>) -> FilePart {
        self.partial.part(range.start, range.end - range.start)
    }

    /// Receives a range, unless the file has it; returns its index.
    async fn range(&self, index: usize, range: Range<u64>) -> Result<usize, Failed> {
        let length = range.end - range.start;
        if !self.has(index, &range).await? {
            let _place = self.session.azure().transfers().place().await;
            let response = self.request(&range).await?;
            let (partial, body, offset) = (self.partial.clone(), response.body.clone(), range.start);
            let sent = response.header("content-md5").map(str::to_owned);
            let is_whole = off_thread(move || {
                let own = md5(&body);
                let is_whole = sent.is_none_or(|sent| sent == own);
                if is_whole { partial.write(index, offset, (&body, &own)).map(|()| true) } else { Ok(false) }
            });
            if !is_whole.await?? {
                return Err(response.nonsense("its MD5 is not that of the range that was asked for").into());
            }
        }
        self.transfer.add(length);
        Ok(index)
    }

    /// Returns true if an earlier run has received the range, and the file still has it.
    async fn has(&self, index: usize, range: &Range<u64>) -> Result<bool, Failed> {
        let Some(recorded) = self.recorded.get(&index).cloned() else { return Ok(false) };
        let part = self.part(range);
        Ok(off_thread(move || part.read().is_ok_and(|bytes| md5(&bytes) == recorded)).await?)
    }

    /// Requests a range of the version.
    async fn request(&self, range: &Range<u64>) -> Result<HttpResponse, Failed> {
        match read_range(self.session, self.get, self.version, range).await {
            Err(error) if error.status() == Some(412) => {
                Err(Failed { error: changed(self.get), keeps: false })
            }
            read => Ok(read?),
        }
    }
}

/// Requests a range of a version of the blob that `get` reads; the service answers with 412 if the blob has another one.
pub(super) async fn read_range(
    session: &Session,
    get: &Action,
    version: &BlobVersion,
    range: &Range<u64>,
) -> Result<HttpResponse, StepError> {
    let BlobVersion { etag, size, .. } = version;
    let asked = format!("bytes={}-{}", range.start, range.end - 1);
    let mut headers = vec![("x-ms-range", asked.as_str()), ("if-match", etag.as_str())];
    if range.end - range.start <= LONGEST_WITH_MD5 {
        headers.push(("x-ms-range-get-content-md5", "true"));
    }
    let response = session.send_range(get, &headers).await?;
    let expected = format!("bytes {}-{}/{size}", range.start, range.end - 1);
    let is_range = response.status == 206
        && response.body.len() as u64 == range.end - range.start
        && response.header("content-range") == Some(&*expected)
        && response.header("etag") == Some(etag);
    if is_range { Ok(response) } else { Err(response.nonsense("it is not the range that was asked for")) }
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StepError> {
    tokio::task::spawn_blocking(work).await.map_err(|_: tokio::task::JoinError| broke_off())
}

fn broke_off() -> StepError {
    StepError::internal("the work on a file broke off")
}

/// Returns the error that the blob is not the version that the step began to receive.
pub(crate) fn changed(get: &Action) -> StepError {
    StepError::new(ErrorKind::Refused, "another client changed the blob while it was received")
        .detail("The file at `path` is as it was before.")
        .request(line(get))
        .help("run again when no other client writes to the blob")
}

fn mismatch(get: &Action, stored: &str, md5: &str) -> StepError {
    StepError::new(ErrorKind::Answer, "the content of the blob does not have the MD5 that is stored with it")
        .detail(format!(
            "The stored MD5 is {stored}, that of the content {md5}. The file at `path` is as it was before."
        ))
        .request(line(get))
        .help("ask the writer of the blob to upload it again")
}
