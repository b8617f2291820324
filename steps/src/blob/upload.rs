//! Sends large files in blocks.

use std::collections::HashMap;

use arcbook_engine::step::{Action, Method, StepError};
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use super::block_id::block_id;
use super::block_list;
use super::parts::{block_size, parts};
use crate::file::{FilePart, Hashing, OpenFile, md5};
use crate::http::{HttpResponse, Payload};
use crate::session::{BlockRequest, Session, Transfer, body_of};

/// The content of a blob, ready to be committed by one more request.
pub(crate) struct Staged {
    /// The MD5 of the content, in base64.
    pub md5: String,
    /// The size in bytes.
    pub size: u64,
    body: StagedBody,
}

enum StagedBody {
    /// The request carries the content.
    Whole(Payload),
    /// The service has the content in blocks; the request carries the list of them.
    Blocks(Bytes),
}

/// Makes the content of `put` ready to be committed: sends the blocks of a large file, and checks that the file is the
/// one of the reviewed plan and did not change meanwhile. Otherwise nothing can be committed.
pub(crate) async fn stage(session: &Session, put: &Action, is_secret: bool) -> Result<Staged, StepError> {
    let Some(file) = session.open_sent(put).await? else {
        let bytes = body_of(put)?.unwrap_or_default();
        let (md5, size) = (md5(&bytes), bytes.len() as u64);
        return Ok(Staged { md5, size, body: StagedBody::Whole(bytes.into()) });
    };
    let size = file.size();
    let staged = if size <= session.azure().transfers().sizes.block {
        let (md5, sha256) = file.digests(session.pins_sent(put)).await?;
        Ok((md5, sha256, StagedBody::Whole(Payload::File(file.whole()))))
    } else {
        send_blocks(session, put, &file, is_secret).await
    };
    // A change of the file is the cause of whatever failed, such as the check of a block by the service.
    file.check_unchanged().await?;
    let (md5, sha256, body) = staged?;
    session.check_sent(put, sha256.as_deref())?;
    Ok(Staged { md5, size, body })
}

impl Staged {
    /// Returns true if the response to the commit has the MD5 of the content.
    pub fn is_whole(&self) -> bool {
        matches!(self.body, StagedBody::Whole(_))
    }

    /// Commits the content with these conditions.
    pub async fn commit(
        &self,
        session: &Session,
        put: &Action,
        conditions: &[(&str, &str)],
    ) -> Result<HttpResponse, StepError> {
        match &self.body {
            StagedBody::Whole(payload) => {
                let headers = [&[("content-md5", self.md5.as_str())][..], conditions].concat();
                session.send_loaded(put, Some(payload.clone()), &headers).await
            }
            StagedBody::Blocks(list) => {
                let of_list = md5(list);
                let own = [("content-md5", of_list.as_str()), ("x-ms-blob-content-md5", self.md5.as_str())];
                let list = BlockRequest {
                    method: Method::Put,
                    query: "comp=blocklist",
                    payload: Some(list.clone().into()),
                    keeps: |name| name != "x-ms-blob-type",
                    headers: &[&own[..], conditions].concat(),
                    is_part: false,
                };
                session.send_in_blocks(put, list).await
            }
        }
    }
}

/// The blocks of a file in transfer.
struct Sending<'a> {
    session: &'a Session,
    put: &'a Action,
    /// The sizes of the blocks that the service has, by id.
    stored: HashMap<String, u64>,
    transfer: Transfer<'a>,
}

/// Sends the blocks that the service does not have. Returns the digests of the file, and the list of its blocks.
async fn send_blocks(
    session: &Session,
    put: &Action,
    file: &OpenFile,
    is_secret: bool,
) -> Result<(String, Option<String>, StagedBody), StepError> {
    let sizes = session.azure().transfers().sizes;
    let stored = stored(session, put).await?;
    let transfer = session.begin_transfer(put, "?comp=block", file.size());
    let sending = Sending { session, put, stored, transfer };
    let (mut hashing, mut ids) = (Hashing::new(session.pins_sent(put)), Vec::new());
    let mut in_transfer = FuturesUnordered::new();
    let run = session.first_run();
    for (index, range) in parts(file.size(), block_size(file.size(), sizes.block)).enumerate() {
        let mut added = std::pin::pin!(hashing.add_block(file.part(range.clone())));
        // While a block is read, others are sent.
        let (so_far, md5) = loop {
            tokio::select! {
                added = &mut added => break added.map_err(|error| file.unreadable(&error))?,
                Some(sent) = in_transfer.next() => { sent? }
            }
        };
        hashing = so_far;
        let id = block_id(run, index, (!is_secret).then_some(&md5));
        ids.push(id.clone());
        if in_transfer.len() >= sizes.at_once {
            in_transfer.next().await.transpose()?;
        }
        in_transfer.push(sending.send(id, md5, file.part(range), is_secret));
    }
    while let Some(sent) = in_transfer.next().await {
        sent?;
    }
    drop(in_transfer);
    sending.transfer.end(201);
    let (md5, sha256) = hashing.finish();
    Ok((md5, sha256, StagedBody::Blocks(block_list::write(&ids))))
}

impl Sending<'_> {
    /// Sends a block, unless the service has it. The MD5 in the request makes the service refuse other content.
    async fn send(&self, id: String, md5: String, part: FilePart, is_secret: bool) -> Result<(), StepError> {
        let size = part.len();
        if is_secret || self.stored.get(&id) != Some(&size) {
            let _place = self.session.azure().transfers().place().await;
            let block = BlockRequest {
                method: Method::Put,
                query: &format!("comp=block&blockid={id}"),
                payload: Some(Payload::File(part)),
                keeps: |name| name == "x-ms-version",
                headers: &[("content-md5", &md5)],
                is_part: true,
            };
            self.session.send_in_blocks(self.put, block).await?;
        }
        self.transfer.add(size);
        Ok(())
    }
}

/// Returns the sizes of the uncommitted blocks of the blob by id: those that a killed run has sent are among them.
async fn stored(session: &Session, put: &Action) -> Result<HashMap<String, u64>, StepError> {
    let list = BlockRequest {
        method: Method::Get,
        query: "comp=blocklist&blocklisttype=uncommitted",
        payload: None,
        keeps: |name| name == "x-ms-version",
        headers: &[],
        is_part: false,
    };
    match session.send_in_blocks(put, list).await {
        Ok(response) => block_list::uncommitted(&response.body)
            .ok_or_else(|| response.nonsense("it is not a list of blocks")),
        // There is neither a blob nor a block, or the identity may write but not read.
        Err(error) if matches!(error.status(), Some(403 | 404)) => Ok(HashMap::new()),
        Err(error) => Err(error),
    }
}
