//! Blob storage: requests, large transfers and undo operations, shared by its step types.

mod block_id;
mod block_list;
mod download;
mod page;
mod parts;
mod read;
mod request;
mod undo;
mod upload;

pub(crate) use download::{BlobVersion, changed, receive};
pub(crate) use page::{ListPage, Listed};
pub(crate) use parts::LONGEST;
pub(crate) use read::read_in_ranges;
pub(crate) use request::{
    CREATED_BY, Right, blob_name, blob_title, blob_url, check_account, container_url, created_by, request,
};
pub(crate) use undo::{Origin, RemoveBlob, RemoveContainer, RemoveOwnBlob};
pub(crate) use upload::stage;
