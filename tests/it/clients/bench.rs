//! A lab over HTTPS, for arcbook and for Microsoft's clients.

use std::fmt::Display;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use arcbook_lab::Options;
use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::environment;
use crate::support::{Place, Ran, repository};

/// Returns the Python of the environment that `requirements.txt` in this folder of the repository describes; `None`, and a
/// loud word, if there can be none. Fails if `CI` is set, where nothing may be missing.
pub fn python(files: &str) -> Option<PathBuf> {
    let name = files.trim_start_matches("tests/").replace('/', "-");
    let made =
        environment::python(&repository().join(files), &Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    made.map_err(|why| skip(&why)).ok()
}

fn skip(why: &dyn Display) {
    assert!(std::env::var_os("CI").is_none(), "Microsoft's clients cannot be used here: {why}");
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: Microsoft's clients beside arcbook: {why} ***\n");
}

/// A lab, and the file with its certificate.
pub struct Bench {
    pub cloud: Cloud,
    own: Place,
}

impl Bench {
    pub fn start(world: &str) -> Self {
        let cloud =
            Cloud::with(world.to_owned(), Options { https: true, ..Options::default() }).expect("a lab");
        let own = Place::with("");
        own.write("ca.pem", cloud.lab.ca_pem().expect("a certificate"));
        Self { cloud, own }
    }

    fn ca(&self) -> PathBuf {
        self.own.path().join("ca.pem")
    }

    /// Runs a runbook.
    pub fn run(&self, place: &Place) -> Ran {
        let mut command = self.cloud.command(place, &["run", "-auto-approve"]);
        Ran::of(command.env("SSL_CERT_FILE", self.ca()).output().expect("the program"))
    }

    /// Runs a runbook that finds everything as it is wanted, and checks that it changed nothing.
    pub fn finds_as_wanted(&self, place: &Place) -> Ran {
        let first = self.cloud.lab.requests().len();
        let ran = self.run(place);
        let records =
            place.files().into_iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "jsonl"));
        let records: Vec<String> = records.map(|(_, text)| String::from_utf8(text).expect("UTF-8")).collect();
        let [record] = &records[..] else { panic!("one record: {}", ran.seen()) };
        let ends: Vec<&str> =
            record.lines().filter(|line| line.contains("\"event\":\"step_finished\"")).collect();
        assert!(!ends.is_empty(), "{}", ran.seen());
        let changed = ends.into_iter().find(|end| !end.contains("\"change\":\"none\""));
        assert_eq!(changed, None, "{}", ran.seen());
        let requests = self.cloud.lab.requests().into_iter().skip(first).filter(|request| request.changed);
        let sent: Vec<_> = requests.map(|request| (request.method, request.target)).collect();
        assert!(sent.is_empty(), "{sent:?}");
        ran
    }

    /// Returns a token of the world's machine.
    pub fn token(&self, audience: &str) -> String {
        self.cloud.lab.token("vm-1", audience).expect("a token")
    }

    /// Builds a command of a script in `tests/sdk`, which trusts the lab.
    pub fn script(&self, python: &Path, script: &str) -> Command {
        let mut command = Command::new(python);
        command
            .arg(repository().join("tests/sdk").join(script))
            .env("REQUESTS_CA_BUNDLE", self.ca())
            .env("NO_PROXY", "localhost,.localhost,127.0.0.1");
        command
    }
}

/// Returns the JSON that a client printed.
pub fn report(command: &mut Command) -> Json {
    let told = command.output().expect("python");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&told.stdout)))
}
