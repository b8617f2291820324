//! Large files in blocks and ranges.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::step::{Context, ErrorKind, Outcome, Progress, StepError};
use arcbook_engine::value::Value;
use arcbook_lab::{Observer, Options};
use arcbook_steps::{TransferSizes, registry};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::server::{Server, no, with_blob};
use crate::world::{Bench, RUN, text};

/// A bench with small blocks and ranges, one at a time, and a directory with the file `source`.
struct Transfers {
    bench: Bench,
    directory: TempDir,
}

impl Transfers {
    async fn start(content: &[u8], block: u64, range: u64, at_once: usize) -> Self {
        Self::watched(content, TransferSizes { block, range, at_once }, |_, _| ()).await
    }

    /// Starts a bench that calls `watch` with the source and each request that the lab has executed.
    async fn watched(
        content: &[u8],
        sizes: TransferSizes,
        watch: impl Fn(&Path, &arcbook_lab::Request) + Send + Sync + 'static,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("source");
        fs::write(&source, content).unwrap();
        let observer = Observer::new(move |request| watch(&source, request));
        let options = Options { observer: Some(observer), ..Options::default() };
        let bench = Bench::with(options, |options| options.transfers = sizes).await;
        bench.container().await.unwrap();
        Self { bench, directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn context(&self) -> Context {
        self.bench.context()
    }

    async fn run(
        &self,
        ty: &str,
        path: (&'static str, &str),
        context: Context,
    ) -> Result<Outcome, StepError> {
        let path = (path.0.into(), self.path(path.1).display().to_string().into());
        let named = [("account", "arcmi01"), ("container", "uploads"), ("name", "a b/file")];
        let named = named.map(|(name, value)| (name.into(), Value::from(value)));
        let types = registry(&self.bench.azure);
        types.get(ty).unwrap().prepare(&named.into_iter().chain([path]).collect()).unwrap().run(context).await
    }

    async fn upload(&self) -> Result<Outcome, StepError> {
        self.run("blob_upload", ("source", "source"), self.context()).await
    }

    async fn download(&self) -> Result<Outcome, StepError> {
        self.run("blob_download", ("path", "target"), self.context()).await
    }

    fn target(&self) -> Option<Vec<u8>> {
        fs::read(self.path("target")).ok()
    }

    /// Returns the number of requests with this method whose target contains `part`.
    fn count(&self, method: &str, part: &str) -> usize {
        let requests = self.bench.lab.requests();
        requests.iter().filter(|request| request.method == method && request.target.contains(part)).count()
    }

    /// Returns the number of requests for each block, by its index.
    fn blocks(&self) -> BTreeMap<usize, usize> {
        let mut blocks = BTreeMap::new();
        for id in self.ids() {
            let index = (0..100).find(|index| id.starts_with(&begin(*index))).expect("an index");
            *blocks.entry(index).or_default() += 1;
        }
        blocks
    }

    fn ids(&self) -> Vec<String> {
        let id = |request: &arcbook_lab::Request| {
            request.target.split_once("comp=block&blockid=").map(|(_, id)| id.to_owned())
        };
        self.bench.lab.requests().iter().filter_map(id).collect()
    }

    /// Returns the name of the file with the ranges that have arrived.
    fn arrived(&self) -> String {
        self.leftovers().into_iter().find(|name| !name.ends_with("ranges")).unwrap()
    }

    /// Returns the names of the files beside the target that are not complete.
    fn leftovers(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name.starts_with('.')).collect();
        names.sort();
        names
    }
}

/// Returns the beginning of the id of the block with that index.
fn begin(index: usize) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(format!("{index:05}-"))
}

/// Returns bytes that differ from block to block.
fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect()
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn any_file_in_any_blocks_and_ranges_arrives_whole(
        content in proptest::collection::vec(any::<u8>(), 0..400),
        block in 20_u64..200,
        range in 10_u64..200,
        at_once in 1_usize..6,
    ) {
        block_on(async {
            let transfers = Transfers::start(&content, block, range, at_once).await;
            let sent = transfers.upload().await.unwrap();
            let received = transfers.download().await.unwrap();
            assert_eq!(transfers.target().unwrap(), content);
            assert_eq!(text(&sent, "md5"), text(&received, "md5"));
            assert_eq!(transfers.leftovers(), Vec::<String>::new());
            let blocks = if content.len() as u64 > block { (content.len() as u64).div_ceil(block) } else { 0 };
            assert_eq!(transfers.ids().len() as u64, blocks);
        });
    }
}

#[tokio::test]
async fn a_transfer_survives_what_a_retry_can_heal() {
    for (fault, sends) in [
        ("blob:503:path=comp=block&:times=2", true),
        ("blob:reset:path=comp=block&", true),
        ("blob:lost-answer:path=comp=block&", true),
        ("blob:503:method=PUT:path=comp=blocklist", true),
        ("blob:lost-answer:method=PUT:path=comp=blocklist", true),
        ("blob:503:method=GET:path=comp=blocklist", true),
        ("blob:503:method=GET:times=2", false),
        ("blob:reset:method=GET", false),
        ("blob:truncate:method=GET", false),
        ("blob:503:method=HEAD", false),
    ] {
        let content = content(95);
        let transfers = Transfers::start(&content, 20, 30, 3).await;
        if sends {
            transfers.bench.fault(fault);
        }
        transfers.upload().await.unwrap_or_else(|error| panic!("{fault}: {error:?}"));
        if !sends {
            transfers.bench.fault(fault);
        }
        transfers.download().await.unwrap_or_else(|error| panic!("{fault}: {error:?}"));
        assert_eq!(transfers.target().unwrap(), content, "{fault}");
        let progress = transfers.bench.progress.lock().unwrap();
        let last = progress.iter().rev().find_map(|progress| match progress {
            Progress::Transferred { bytes, size } => Some((*bytes, *size)),
            _ => None,
        });
        assert_eq!(last, Some((95, 95)), "{fault}");
    }
}

/// A block that fails ends the step; the blocks that the service has are not sent again.
#[tokio::test]
async fn finished_blocks_are_sent_once() {
    for is_secret in [false, true] {
        let content = content(95);
        let transfers = Transfers::start(&content, 20, 30, 1).await;
        transfers.bench.fault(&format!("blob:400:path=blockid={}", begin(3)));
        let upload = |context: Context| {
            transfers.run("blob_upload", ("source", "source"), context.sensitive(is_secret))
        };
        let error = upload(transfers.context()).await.unwrap_err();
        assert_eq!(error.status(), Some(400), "{error:?}");
        // Another client's blocks and another run's do not count as those of this run.
        let other = transfers.context().in_runs(["20261122-101500.123-1a2b3d".to_owned()]);
        transfers.bench.fault("blob:400:method=PUT:path=comp=blocklist");
        upload(other).await.unwrap_err();
        let resumed = ["20261122-101600.123-1a2b3e".to_owned(), RUN.to_owned()];
        upload(transfers.context().in_runs(resumed)).await.unwrap();
        // Once by the run that failed, once by the other run, and the secret ones once more by the resumed run.
        let expected = if is_secret {
            [(0, 3), (1, 3), (2, 3), (3, 3), (4, 2)]
        } else {
            [(0, 2), (1, 2), (2, 2), (3, 3), (4, 2)]
        };
        assert_eq!(transfers.blocks(), expected.into_iter().collect(), "{is_secret}");
        transfers.download().await.unwrap();
        assert_eq!(transfers.target().unwrap(), content);
    }
}

/// The URL of a block is logged by proxies; a digest of short content reveals it.
#[tokio::test]
async fn the_id_of_a_secret_block_says_nothing_about_it() {
    let mut ids = HashMap::new();
    for (is_secret, content) in [(false, b"abc"), (false, b"abd"), (true, b"abc"), (true, b"abd")] {
        let transfers = Transfers::start(content, 2, 2, 1).await;
        let context = transfers.context().sensitive(is_secret);
        transfers.run("blob_upload", ("source", "source"), context).await.unwrap();
        ids.entry(is_secret).or_insert_with(Vec::new).push(transfers.ids());
    }
    assert_ne!(ids[&false][0], ids[&false][1]);
    assert_eq!(ids[&true][0], ids[&true][1]);
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_sent_is_not_committed() {
    type Change = fn(&Path);
    let changes: &[(&str, Change)] = &[
        ("longer", |path| fs::write(path, content(99)).unwrap()),
        ("shorter", |path| fs::write(path, content(50)).unwrap()),
        ("other content", |path| fs::write(path, [7; 95]).unwrap()),
        // Wine replaces no file that is open; Windows does.
        #[cfg(unix)]
        ("replaced", |path| {
            fs::write(path.with_extension("new"), content(95)).unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        }),
    ];
    for &(what, change) in changes {
        let sizes = TransferSizes { block: 20, range: 20, at_once: 1 };
        let watch = move |path: &Path, request: &arcbook_lab::Request| {
            if request.target.contains(&format!("blockid={}", begin(1))) {
                change(path);
            }
        };
        let transfers = Transfers::watched(&content(95), sizes, watch).await;
        let error = transfers.upload().await.unwrap_err();
        assert!(error.to_string().contains("changed while it was sent"), "{what}: {error:?}");
        assert_eq!(error.kind(), ErrorKind::Local, "{what}");
        assert_eq!(transfers.count("PUT", "comp=blocklist"), 0, "{what}");
    }
}

#[tokio::test]
async fn only_the_content_of_the_reviewed_plan_is_committed() {
    for (block, is_planned) in [(20, true), (20, false), (200, true), (200, false)] {
        let transfers = Transfers::start(&content(95), block, 20, 2).await;
        let planned = if is_planned { content(95) } else { content(94) };
        let files = [(transfers.path("source"), format!("{:x}", Sha256::digest(planned)))];
        let context = transfers.context().sending_only(Arc::new(files.into_iter().collect()));
        let sent = transfers.run("blob_upload", ("source", "source"), context).await;
        assert_eq!(sent.as_ref().err().map(StepError::kind), (!is_planned).then_some(ErrorKind::Unplanned));
        assert_eq!(transfers.download().await.is_ok(), is_planned, "{block}");
    }
}

/// A failed download leaves the ranges that it has for a resumed run, which reads only the others.
#[tokio::test]
async fn received_ranges_are_read_once() {
    type Change = fn(&Transfers);
    // What happens between the two runs, and the number of requests for ranges in both.
    let cases: [(&str, Change, usize); 4] = [
        ("nothing", |_| (), 6),
        (
            "a range is damaged",
            |transfers| {
                let name = transfers.arrived();
                let mut bytes = fs::read(transfers.path(&name)).unwrap();
                bytes[25] ^= 1;
                fs::write(transfers.path(&name), bytes).unwrap();
            },
            7,
        ),
        (
            "the file is gone",
            |transfers| {
                let name = transfers.arrived();
                fs::remove_file(transfers.path(&name)).unwrap();
            },
            8,
        ),
        ("another blob", |transfers| fs::write(transfers.path("source"), content(96)).unwrap(), 8),
    ];
    for (what, change, requests) in cases {
        let transfers = Transfers::start(&content(95), 200, 20, 1).await;
        transfers.upload().await.unwrap();
        transfers.bench.fault("blob:delay:ms=0:method=GET:times=2");
        transfers.bench.fault("blob:400:method=GET");
        assert_eq!(transfers.download().await.unwrap_err().status(), Some(400), "{what}");
        assert_eq!((transfers.target(), transfers.leftovers().len()), (None, 2), "{what}");
        change(&transfers);
        if what == "another blob" {
            transfers.upload().await.unwrap();
        }
        transfers.download().await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        assert_eq!(transfers.target(), fs::read(transfers.path("source")).ok(), "{what}");
        assert_eq!(transfers.count("GET", "file"), requests, "{what}");
        assert_eq!(transfers.leftovers(), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test]
async fn a_blob_that_changes_while_it_is_received_is_an_error() {
    let transfers = Transfers::start(&content(95), 200, 20, 2).await;
    transfers.upload().await.unwrap();
    fs::write(transfers.path("target"), "as it was").unwrap();
    transfers.bench.fault("blob:delay:ms=0:method=GET:times=2");
    transfers.bench.fault("blob:412:method=GET");
    let error = transfers.download().await.unwrap_err();
    assert!(error.to_string().contains("changed the blob while it was received"), "{error:?}");
    assert_eq!(transfers.target().unwrap(), b"as it was");
    assert_eq!(transfers.leftovers(), Vec::<String>::new());
}

/// Returns an answer about a blob with this content, and the rest of its headers.
fn answer(status: &str, headers: &str, content: &str) -> String {
    format!("HTTP/1.1 {status}\r\netag: \"1\"\r\ncontent-length: {}\r\n{headers}\r\n{content}", content.len())
}

/// A service, or a program in between, that answers with something else.
#[tokio::test]
async fn what_is_not_the_version_of_the_blob_is_refused() {
    let (range, md5) = ("content-range: bytes 0-2/3\r\n", "content-md5: kAFQmDzST7DWlj99KOF/cg==\r\n");
    let other = "content-md5: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    let head = |md5: &str| format!("HTTP/1.1 200 OK\r\netag: \"1\"\r\ncontent-length: 3\r\n{md5}\r\n");
    for (what, answers, expected) in [
        ("as it is", vec![head(md5), answer("206 Part", &format!("{range}{md5}"), "abc")], None),
        ("no MD5 at all", vec![head(""), answer("206 Part", range, "abc")], None),
        (
            "the stored MD5 is another",
            vec![head(other), answer("206 Part", &format!("{range}{md5}"), "abc")],
            Some("does not have the MD5 that is stored with it"),
        ),
        (
            "the MD5 of the range is another",
            vec![head(md5), answer("206 Part", &format!("{range}{other}"), "abc")],
            Some("unexpected response"),
        ),
        ("not a part", vec![head(md5), answer("200 OK", "", "abc")], Some("unexpected response")),
        (
            "another part",
            vec![head(md5), answer("206 Part", "content-range: bytes 0-2/4\r\n", "abc")],
            Some("unexpected response"),
        ),
        ("too short", vec![head(md5), answer("206 Part", range, "ab")], Some("unexpected response")),
        (
            "another version",
            vec![head(md5), answer("206 Part", range, "abc").replace("etag: \"1\"", "etag: \"2\"")],
            Some("unexpected response"),
        ),
        (
            "no size",
            vec![no(200, "etag: \"1\"\r\n", "").replace("content-length: 0\r\n", "")],
            Some("unexpected"),
        ),
        (
            "no version",
            vec![head(md5).replace("etag: \"1\"", "x-ms-request-id: 1")],
            Some("unexpected response"),
        ),
    ] {
        let server = Server::answering_in_turn(|_| answers.clone()).await;
        let (bench, directory) = (with_blob(&server).await, tempfile::tempdir().unwrap());
        let target = directory.path().join("target");
        let arguments = [
            ("account", "arcmi01".into()),
            ("container", "uploads".into()),
            ("name", "file".into()),
            ("path", target.display().to_string().into()),
        ];
        let done = bench.run("blob_download", &arguments).await.map(drop);
        match expected {
            None => assert!(done.is_ok() && fs::read(&target).unwrap() == b"abc", "{what}: {done:?}"),
            Some(expected) => {
                let error = done.unwrap_err();
                assert!(error.to_string().contains(expected), "{what}: {error:?}");
                assert!(!target.exists(), "{what}");
            }
        }
    }
}
