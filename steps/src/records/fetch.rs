//! Reads all records of a container.
//!
//! Each machine writes its own blobs, so that no name and no size is trusted.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::journal::is_record_name;
use arcbook_engine::step::{Action, Context, Method, StepError};
use arcbook_os::private;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::container::{FetchError, Fetched};
use super::store::Store;
use crate::blob::{BlobVersion, ListPage, Listed, Right, read_in_ranges, request};
use crate::http::HttpResponse;
use crate::percent::{component, segments};
use crate::session::{ListAdvice, Session};

/// The maximum number of blobs that are read at once.
const AT_ONCE: usize = 8;

/// The maximum size of a blob, in bytes.
const LARGEST: u64 = 1 << 28;

/// The maximum number of parts of a name, and of bytes of a part.
const LONGEST: (usize, usize) = (16, 200);

const ADVICE: ListAdvice = ListAdvice {
    narrower: "read fewer records: name a longer prefix, as in ACCOUNT/CONTAINER/PREFIX",
    unlisted: None,
};

/// Writes the records of a container into the directory `into`.
pub(super) async fn fetch(store: &Store, into: &Path, context: &Context) -> Result<Fetched, FetchError> {
    let mut fetched = Fetched::default();
    let mut due = Vec::new();
    for blob in list(store, context).await? {
        let Some(name) = blob.name.strip_prefix(&store.prefix()) else { continue };
        match place(&blob, name) {
            Ok(path) => due.push((into.join(path), blob)),
            Err(why) => fetched.left_out.push((blob.name, why)),
        }
    }
    fetched.records = due.len();
    let all = stream::iter(due).map(|(path, blob)| one(store, path, blob, context));
    all.buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    Ok(fetched)
}

async fn list(store: &Store, context: &Context) -> Result<Vec<Listed>, StepError> {
    let query = "?restype=container&comp=list&prefix=";
    let url = store.container().then(query).then(component(&store.prefix()));
    let list = request(store.azure(), Method::Get, url).action();
    let list = list.needs(Right::ReadBlob.at(store.container())).paged();
    let session = session(store, context, &list);
    let first = session.declared(&list)?;
    let read = |answer: &HttpResponse| {
        let page = ListPage::read(&answer.body).map_err(|reason| answer.nonsense(&reason))?;
        let query = first.query().unwrap_or_default();
        let next = page.marker.map(|marker| format!("?{query}&marker={}", component(&marker)));
        Ok((page.blobs, next))
    };
    session.pages(&list, ADVICE, read).await
}

async fn one(store: &Store, path: PathBuf, blob: Listed, context: &Context) -> Result<(), FetchError> {
    let at = path.clone();
    let failed = |error| FetchError::Disk(at.clone(), error);
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(failed)?;
    }
    // Two names may be one on this system.
    let options = private::Options { write: true, create_new: true, ..private::Options::default() };
    let mut file: File = options.open(&path).map_err(failed)?;
    let url = store.container().then("/").then(segments(&blob.name));
    let get = store.get(url);
    let etag = blob.etag.unwrap_or_default();
    let version = BlobVersion { etag, size: blob.size.unwrap_or_default(), md5: None };
    let mut written = Ok(());
    let take = |bytes: &[u8]| {
        if written.is_ok() {
            written = file.write_all(bytes);
        }
    };
    read_in_ranges(&session(store, context, &get), &get, &version, take).await?;
    written.map_err(failed)
}

fn session(store: &Store, context: &Context, action: &Action) -> Session {
    Session::new(Arc::clone(store.azure()), context.clone(), vec![action.clone()])
}

/// Returns the path of the copy of a blob; the reason to leave it out if it may not be a record.
fn place(blob: &Listed, name: &str) -> Result<PathBuf, &'static str> {
    let path = path(name).ok_or("its name is not that of a record")?;
    match blob.size {
        Some(size) if size > LARGEST => Err("it has more than 256 MiB"),
        Some(_) if blob.etag.is_some() => Ok(path),
        _ => Err("the list has no size or no ETag of it"),
    }
}

/// Returns the path of the record with that name; none if the name could lead elsewhere, or is not that of a record.
fn path(name: &str) -> Option<PathBuf> {
    let parts: Vec<&str> = name.split('/').collect();
    let may_be = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    let is_good = |part: &&str| {
        !part.trim_matches(['.', ' ']).is_empty()
            && !part.ends_with(['.', ' '])
            && part.len() <= LONGEST.1
            && part.chars().all(may_be)
    };
    let path: PathBuf = parts.iter().collect();
    (parts.len() <= LONGEST.0 && parts.iter().all(is_good) && is_record_name(&path)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_directory() {
        for name in ["r.jsonl", "web01-5e1f/20261126-1.jsonl", "a/b/c.jsonl.gz", "..a/x.prune.jsonl"] {
            assert_eq!(path(name), Some(PathBuf::from(name)), "{name}");
        }
        let (deep, long) = ("a/".repeat(16) + "r.jsonl", "a".repeat(201) + ".jsonl");
        for name in [
            "",
            "/etc/r.jsonl",
            "../r.jsonl",
            "a/../r.jsonl",
            "a//r.jsonl",
            "./r.jsonl",
            " /r.jsonl",
            "a/r.txt",
            "C:\\r.jsonl",
            "a\\..\\r.jsonl",
            "a\u{1b}[2J.jsonl",
            "a\0.jsonl",
            "a\u{202e}.jsonl",
            "con./r.jsonl",
            &deep,
            &long,
        ] {
            assert_eq!(path(name), None, "{name}");
        }
    }
}
