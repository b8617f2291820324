//! A PostgreSQL server of the tests, over TLS, with a certificate authority of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock};

use crate::free_port::free_port;
use crate::support::{Place, Ran};

/// The password of `ann`: each form of a connection must quote or encode something in it.
pub const PASSWORD: &str = "it's 50% \"of\":@/$\\";

/// The password of the administrator.
const ADMIN: &str = "adm1n-of-the-tests";

/// The user who runs the server if the tests run as root, which the server refuses.
const NOBODY: u32 = 65_534;

/// A running server; it ends when the test process does.
pub struct Postgres {
    pub port: u16,
    directory: PathBuf,
    /// Ends the server when its input ends.
    _end: Child,
}

/// A cluster that was initialised and never started.
struct Template {
    directory: PathBuf,
    _end: Child,
}

static TEMPLATE: OnceLock<Template> = OnceLock::new();
static SHARED: OnceLock<Postgres> = OnceLock::new();

/// The script that ends a server and removes its files.
const END: &str = "read _; \"$1/pg_ctl\" -D \"$2/data\" stop -m immediate; rm -rf \"$2\"";

const SETUP: &str = r#"
CREATE ROLE ann LOGIN PASSWORD 'it''s 50% "of":@/$\';
CREATE DATABASE app OWNER ann;
CREATE DATABASE closed;
REVOKE CONNECT ON DATABASE closed FROM PUBLIC;
"#;

/// Returns the directory of the server's programs, of the newest version.
fn programs() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort();
    found.pop().expect("the tests need PostgreSQL: apt-get install postgresql").1
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Builds a command of the user who may run a server.
fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
    command
}

fn done(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

/// Returns a directory of the user who may run a server.
fn directory() -> PathBuf {
    let directory = tempfile::tempdir().expect("a directory").keep();
    if is_root() {
        std::os::unix::fs::chown(&directory, Some(NOBODY), Some(NOBODY)).expect("owned");
    }
    directory
}

/// Starts a script that waits for the end of this process.
fn ending(script: &str, directory: &Path) -> Child {
    let mut command = command("sh");
    command.args(["-c", script, "end"]).arg(programs()).arg(directory).current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sh")
}

impl Template {
    fn get() -> &'static Self {
        TEMPLATE.get_or_init(|| {
            let directory = directory();
            let template = Self { _end: ending("read _; rm -rf \"$2\"", &directory), directory };
            let path = &template.directory;
            std::fs::write(path.join("admin"), ADMIN).expect("written");
            done(command(programs().join("initdb")).current_dir(path).args([
                "-D",
                "data",
                "-U",
                "admin",
                "--pwfile=admin",
                "--auth=scram-sha-256",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
            ]));
            template.certificates();
            let hba = "hostssl all all all scram-sha-256\nhostnossl app ann all scram-sha-256\n";
            std::fs::write(path.join("data/pg_hba.conf"), hba).expect("written");
            template
        })
    }

    /// Makes an authority, and a certificate for `localhost` and for a few names below it.
    fn certificates(&self) {
        let openssl = |arguments: &str| {
            done(command("openssl").current_dir(&self.directory).args(arguments.split(' ')));
        };
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        openssl(&format!("req -x509 {key} -days 2 -subj /CN=tests -keyout ca.key -out ca.crt"));
        openssl(&format!("req {key} -subj /CN=localhost -keyout data/server.key -out server.csr"));
        let extensions =
            "subjectAltName=DNS:localhost,DNS:db.localhost,DNS:db.postgres.localhost,IP:127.0.0.1\n";
        std::fs::write(self.directory.join("names"), extensions).expect("written");
        openssl(
            "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -days 2 -extfile names -out data/server.crt",
        );
    }
}

impl Postgres {
    /// Returns the server that all tests share; no test stops it.
    pub fn shared() -> &'static Self {
        SHARED.get_or_init(Self::start)
    }

    /// Starts a server of its own for a test.
    pub fn start() -> Self {
        let directory = directory();
        let template = &Template::get().directory;
        done(command("cp").args(["-R", "--preserve=mode"]).arg(template.join("data")).arg(&directory));
        std::fs::copy(template.join("ca.crt"), directory.join("ca.crt")).expect("copied");
        let port = free_port();
        let settings = format!(
            "port = {port}\nlisten_addresses = 'localhost'\nunix_socket_directories = ''\nssl = on\nfsync = off\n"
        );
        let path = directory.join("data/postgresql.auto.conf");
        std::fs::write(path, settings).expect("written");
        let end = ending(END, &directory);
        let server = Self { port, directory, _end: end };
        server.resume();
        for statement in SETUP.trim().lines() {
            server.psql("admin", "postgres", statement);
        }
        server
    }

    /// Returns the file with the certificate of the authority.
    pub fn authority(&self) -> PathBuf {
        self.directory.join("ca.crt")
    }

    fn control(&self, arguments: &[&str]) {
        let mut control = command(programs().join("pg_ctl"));
        control.current_dir("/").arg("-D").arg(self.directory.join("data")).args(arguments);
        // The server keeps the streams of the program that starts it.
        let status = control.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.expect("pg_ctl").success(), "{control:?}");
    }

    /// Starts the server, and waits until it answers.
    pub fn resume(&self) {
        let log = self.directory.join("log").display().to_string();
        self.control(&["-w", "-l", &log, "start"]);
    }

    /// Lets the server crash and start again at once.
    pub fn restart(&self) {
        let log = self.directory.join("log").display().to_string();
        self.control(&["-w", "-l", &log, "-m", "immediate", "restart"]);
    }

    /// Stops the server at once, as if it crashed.
    pub fn crash(&self) {
        self.control(&["-w", "-m", "immediate", "stop"]);
    }

    /// Decides how a user proves its identity: a line of `pg_hba.conf`, which comes before those of all other users.
    pub fn admit(&self, line: &str) {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _alone = ONE_AT_A_TIME.lock();
        let path = self.directory.join("data/pg_hba.conf");
        let others = std::fs::read_to_string(&path).expect("readable");
        std::fs::write(path, format!("{line}\n{others}")).expect("written");
        let loaded = || self.psql("admin", "postgres", "SELECT pg_conf_load_time()");
        let before = loaded();
        self.control(&["reload"]);
        while loaded() == before {}
    }

    /// Builds a command of `psql` as a user.
    pub fn client(&self, user: &str, database: &str) -> Command {
        let mut psql = Command::new("psql");
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "localhost", "-p", &self.port.to_string()]);
        psql.args(["-U", user, "-d", database]).env("PGSSLMODE", "require").env("PGTZ", "UTC");
        psql.env("PGPASSWORD", if user == "admin" { ADMIN } else { PASSWORD });
        psql
    }

    /// Executes statements with `psql` and returns its output.
    pub fn psql(&self, user: &str, database: &str, statement: &str) -> String {
        let output = done(self.client(user, database).args(["-c", statement]));
        String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
    }

    /// Returns the number of statements of arcbook that the server executes now.
    pub fn active(&self) -> usize {
        let query =
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'arcbook' AND state = 'active'";
        self.psql("admin", "postgres", query).parse().expect("a number")
    }

    /// Returns a place with a runbook, in which `PORT` is that of the server.
    pub fn place(&self, runbook: &str) -> Place {
        Place::with(&runbook.replace("PORT", &self.port.to_string()))
    }

    /// Builds a command of arcbook that trusts the authority of the server.
    pub fn command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = place.command(arguments);
        command.env("SSL_CERT_FILE", self.authority()).env("ARCBOOK_VAR_password", PASSWORD);
        command
    }

    /// Runs arcbook, which trusts the authority of the server.
    pub fn run(&self, place: &Place, arguments: &[&str]) -> Ran {
        Ran::of(self.command(place, arguments).output().expect("the program"))
    }
}

/// Returns a runbook with one query of `ann`, and an output with its rows.
pub fn query(arguments: &str) -> String {
    format!(
        r#"
variable "password" {{
  type      = string
  sensitive = true
}}

step "postgres_query" "q" {{
  host     = "localhost"
  port     = PORT
  database = "app"
  user     = "ann"
  password = var.password
  {arguments}
}}

output "rows" {{
  value = step.postgres_query.q.rows
}}
"#
    )
}

/// Returns the output `rows` of the last run in a place.
pub fn rows(server: &Postgres, place: &Place) -> serde_json::Value {
    let ran = server.run(place, &["output", "-json", "rows"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    serde_json::from_str(&ran.out).expect("JSON")
}

/// Writes a text as a string of the language.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("JSON").replace("${", "$${").replace("%{", "%%{")
}

/// Removes the path of a directory from a text.
pub fn contains_password(text: &str) -> bool {
    text.contains(PASSWORD) || text.contains(ADMIN)
}

/// Returns true if any file below `path` contains the password.
pub fn leaks(path: &Path) -> bool {
    let entries = std::fs::read_dir(path).expect("a directory").flatten();
    entries.map(|entry| entry.path()).any(|path| {
        if path.is_dir() {
            leaks(&path)
        } else {
            contains_password(&String::from_utf8_lossy(&std::fs::read(&path).expect("readable")))
        }
    })
}
