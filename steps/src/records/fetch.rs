//! Reads all records of a container.
//!
//! Each machine writes its own blobs, so that no name and no size is trusted.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::journal::{LeftOut, RecordSet, is_record_name, signed_record};
use arcbook_engine::step::{Action, Context, ErrorKind, Method, StepError};
use arcbook_os::private;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::container::FetchError;
use super::store::{Store, without_step};
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

/// Copies the records of a container, and their signatures, into the directory `into`.
pub(super) async fn fetch(store: &Store, into: &Path, context: &Context) -> Result<RecordSet, FetchError> {
    let (mut copies, mut due, mut left_out) = (Copies::new(into), Vec::new(), Vec::new());
    for blob in list(store, context).await.map_err(without_step)? {
        let Some(name) = blob.name.strip_prefix(&store.prefix()) else { continue };
        match place(&blob, name) {
            Ok((folder, file)) => {
                let path = copies.path(folder, file).map_err(|error| FetchError::Disk(into.into(), error))?;
                due.push((folder.to_owned(), path, blob));
            }
            Err(why) => left_out.push(left_out_of(blob.name, why)),
        }
    }
    let all = stream::iter(due).map(async |(folder, path, blob)| {
        let name = blob.name.clone();
        let done = one(store, &path, blob, context).await?;
        Ok::<_, FetchError>(done.map(|()| (folder, path)).map_err(|why| left_out_of(name, &why)))
    });
    let all: Vec<_> = all.buffer_unordered(AT_ONCE).try_collect().await?;
    let mut records = Vec::new();
    for one in all {
        match one {
            Ok(record) => records.push(record),
            Err(left) => left_out.push(left),
        }
    }
    Ok(RecordSet::of(into, records, left_out))
}

fn left_out_of(name: String, why: &str) -> LeftOut {
    let is_cased = |ending: &str| name.to_ascii_lowercase().ends_with(ending);
    let may_be_record = is_cased(".jsonl") || is_cased(".jsonl.gz");
    LeftOut { name, why: why.to_owned(), may_be_record }
}

/// The places of copies: a directory for each folder, and another one for names that may be one on this system.
///
/// So a name takes no place of another one: a folder may be called like a record, and two names may differ only in case.
struct Copies<'a> {
    into: &'a Path,
    directories: HashMap<(String, usize), PathBuf>,
    names: HashMap<(String, String), usize>,
}

impl<'a> Copies<'a> {
    fn new(into: &'a Path) -> Self {
        Self { into, directories: HashMap::new(), names: HashMap::new() }
    }

    /// Returns the path of the copy of a record, whose directory exists then.
    fn path(&mut self, folder: &str, file: &str) -> io::Result<PathBuf> {
        let count = self.names.entry((folder.to_owned(), file.to_lowercase())).or_default();
        *count += 1;
        let key = (folder.to_owned(), *count);
        if let Some(directory) = self.directories.get(&key) {
            return Ok(directory.join(file));
        }
        let directory = self.into.join(self.directories.len().to_string());
        std::fs::create_dir(&directory)?;
        self.directories.insert(key, directory.clone());
        Ok(directory.join(file))
    }
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

/// Copies a blob to `path`; the inner error is the reason to leave it out.
async fn one(
    store: &Store,
    path: &Path,
    blob: Listed,
    context: &Context,
) -> Result<Result<(), String>, FetchError> {
    let failed = |error| FetchError::Disk(path.to_owned(), error);
    let options = private::Options { write: true, create_new: true, ..private::Options::default() };
    let mut file: File = match options.open(path) {
        Ok(file) => file,
        Err(error) if is_about_name(&error) => return Ok(Err(format!("it cannot be copied: {error}"))),
        Err(error) => return Err(failed(error)),
    };
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
    let read = read_in_ranges(&session(store, context, &get), &get, &version, take).await;
    match read {
        Ok(()) => written.map(Ok).map_err(failed),
        Err(error) if is_about_blob(&error) => Ok(Err(format!("it cannot be read: {}", in_short(&error)))),
        Err(error) => Err(error.into()),
    }
}

/// Returns true if another name would do.
fn is_about_name(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, InvalidFilename, InvalidInput, IsADirectory, NotADirectory};
    matches!(error.kind(), AlreadyExists | InvalidFilename | InvalidInput | IsADirectory | NotADirectory)
}

/// Returns true if the service refused one blob, as it does if that is archived, encrypted by its writer, or was
/// removed or changed since it was listed.
fn is_about_blob(error: &StepError) -> bool {
    match error.status() {
        Some(status) => (400..500).contains(&status) && !matches!(status, 401 | 403 | 407 | 408 | 429),
        None => error.kind() == ErrorKind::Refused,
    }
}

fn in_short(error: &StepError) -> String {
    error.answered().unwrap_or_else(|| error.to_string())
}

fn session(store: &Store, context: &Context, action: &Action) -> Session {
    Session::new(Arc::clone(store.azure()), context.clone(), vec![action.clone()])
}

/// Returns the folder of a blob and the name of its file; the reason to leave it out if it may not be a record.
fn place<'a>(blob: &Listed, name: &'a str) -> Result<(&'a str, &'a str), &'static str> {
    let parts = parts(name).ok_or("its name is not that of a record")?;
    match blob.size {
        Some(size) if size > LARGEST => Err("it has more than 256 MiB"),
        Some(_) if blob.etag.is_some() => Ok(parts),
        _ => Err("the list has no size or no ETag of it"),
    }
}

/// Returns the folder and the file of a record's name; none if the name could lead elsewhere, or is not that of a record.
fn parts(name: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = name.split('/').collect();
    let may_be = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    let is_good = |part: &&str| {
        !part.trim_matches(['.', ' ']).is_empty()
            && !part.ends_with(['.', ' '])
            && part.len() <= LONGEST.1
            && part.chars().all(may_be)
    };
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let path = Path::new(file);
    let is_record = (is_record_name(path) || signed_record(path).is_some()) && !is_reserved(file);
    (parts.len() <= LONGEST.0 && parts.iter().all(is_good) && is_record).then_some((folder, file))
}

/// Returns true if a name is that of a device on Windows, whatever follows its first dot.
fn is_reserved(file: &str) -> bool {
    let stem = file.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut rest = rest.chars();
            matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
        })
    };
    ["con", "prn", "aux", "nul"].contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_name_leads_out_of_the_directory() {
        for name in [
            "r.jsonl",
            "web01-5e1f/20261126-1.jsonl",
            "a/b/c.jsonl.gz",
            "..a/x.prune.jsonl",
            "a/r.jsonl.intoto.json",
        ] {
            let parts = parts(name).unwrap_or_else(|| panic!("{name} is a name"));
            assert_eq!(format!("{}/{}", parts.0, parts.1).trim_start_matches('/'), name);
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
            "a/con.jsonl",
            "AUX.prune.jsonl",
            "con.jsonl.intoto.json",
            "a/.jsonl.intoto.json",
            "a/r.intoto.json",
            "a/com1.jsonl.gz",
            "lpt³ .jsonl",
            &deep,
            &long,
        ] {
            assert_eq!(parts(name), None, "{name}");
        }
    }

    #[test]
    fn no_name_takes_the_place_of_another_one() {
        let into = tempfile::tempdir().expect("a directory");
        let mut copies = Copies::new(into.path());
        let names = [("", "r.jsonl"), ("r.jsonl", "y.jsonl"), ("r.jsonl", "Y.jsonl"), ("R.jsonl", "y.jsonl")];
        let names = names.into_iter().chain([
            ("a", "é.jsonl"),
            ("a", "É.jsonl"),
            ("a", "e.jsonl"),
            ("a/b", "e.jsonl"),
        ]);
        let paths: Vec<PathBuf> =
            names.map(|(folder, file)| copies.path(folder, file).expect("made")).collect();
        let shown = |path: &PathBuf| path.to_string_lossy().to_lowercase();
        let different: HashSet<String> = paths.iter().map(shown).collect();
        assert_eq!(different.len(), paths.len(), "{paths:?}");
        for path in &paths {
            File::create_new(path).expect("no other file is there");
        }
        // A folder has one directory as long as its names differ.
        assert_eq!(paths[4].parent(), paths[6].parent());
    }
}
