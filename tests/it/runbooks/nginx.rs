//! An nginx of the tests, with a certificate of its own making at first.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::free_port::free_port;
use crate::support::{Ran, finished};

/// The name for which the server has a certificate.
pub const NAME: &str = "www.example.net";

/// A running server; it ends when it is dropped, or the test process ends.
pub struct Nginx {
    pub port: u16,
    directory: TempDir,
    /// Ends the server when its input ends.
    end: Child,
}

/// The script that ends a server.
const END: &str = "read _; \"$@\" -s stop";

/// Returns the program; it is not in the path of every user.
fn program() -> &'static Path {
    let path = Path::new("/usr/sbin/nginx");
    assert!(path.exists(), "the tests need nginx: apt-get install nginx-light");
    path
}

/// Makes a certificate that nobody else issued, with a new key of this kind.
pub fn self_signed(kind: &[&str], certificate: &Path, key: &Path) {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=www.example.net"]).args(kind);
    let ran = Ran::of(finished(openssl.arg("-keyout").arg(key).arg("-out").arg(certificate)));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

impl Nginx {
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let port = free_port();
        let path = directory.path();
        std::fs::create_dir(path.join("tls")).expect("made");
        let kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
        self_signed(&kind, &path.join("tls/web.crt"), &path.join("tls/web.key"));
        std::fs::write(path.join("nginx.conf"), configuration(path, port)).expect("written");
        let words = words(path);
        let mut end = Command::new("sh");
        end.args(["-c", END, "end"]).args(&words);
        end.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { port, directory, end: end.spawn().expect("sh") };
        let ran = server.control(&[]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        server
    }

    /// Returns the program with the arguments that lead to this server.
    pub fn words(&self) -> Vec<String> {
        words(self.directory.path())
    }

    /// Runs the program with further arguments.
    pub fn control(&self, arguments: &[&str]) -> Ran {
        let words = self.words();
        Ran::of(finished(Command::new(&words[0]).args(&words[1..]).args(arguments)))
    }

    /// Returns the directory of the certificate and the key.
    pub fn tls(&self) -> PathBuf {
        self.directory.path().join("tls")
    }

    /// Returns the number of times that the server loaded its files again.
    pub fn reloads(&self) -> usize {
        let log = std::fs::read_to_string(self.directory.path().join("error.log")).expect("a log");
        log.matches("(SIGHUP) received").count()
    }

    /// Waits until a reload that has begun has ended: the worker before it takes connections for a while.
    pub fn settled(&self) {
        const LIMIT: Duration = Duration::from_mins(1);
        let (log, began) = (self.directory.path().join("error.log"), Instant::now());
        loop {
            let log = std::fs::read_to_string(&log).expect("a log");
            if log.matches("exited with code 0").count() >= self.reloads() {
                return;
            }
            assert!(began.elapsed() < LIMIT, "an earlier worker goes on: {log}");
            std::thread::yield_now();
        }
    }

    /// Returns the answer to a request whose TLS is verified with the authorities in a file.
    pub fn get(&self, authorities: &Path) -> Ran {
        let mut curl = Command::new("curl");
        curl.arg("-sS").arg("--cacert").arg(authorities);
        curl.args(["--connect-to", &format!("::localhost:{}", self.port), &format!("https://{NAME}/")]);
        Ran::of(finished(&mut curl))
    }

    /// Returns the certificate that the server presents, as PEM.
    pub fn served(&self) -> String {
        let mut openssl = Command::new("openssl");
        openssl.args(["s_client", "-servername", NAME, "-connect", &format!("localhost:{}", self.port)]);
        let ran = Ran::of(finished(openssl.stdin(Stdio::null())));
        first_certificate(&ran.out)
    }
}

/// Ends the server while its files are still there, from which the program knows it.
impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.end.stdin.take());
        drop(self.end.wait());
    }
}

fn words(path: &Path) -> Vec<String> {
    let file = |name: &str| path.join(name).display().to_string();
    let program = program().display().to_string();
    let prefix = path.display().to_string();
    [&program, "-p", &prefix, "-c", &file("nginx.conf"), "-e", &file("error.log")].map(str::to_owned).into()
}

fn configuration(path: &Path, port: u16) -> String {
    let directory = path.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|name| format!("{name}_temp_path {directory}/{name};\n")).concat();
    format!(
        "pid {directory}/nginx.pid;\nerror_log {directory}/error.log notice;\nevents {{}}\nhttp {{\naccess_log off;\n\
         {temporary}server {{\nlisten 127.0.0.1:{port} ssl;\nserver_name {NAME};\n\
         ssl_certificate {directory}/tls/web.crt;\nssl_certificate_key {directory}/tls/web.key;\n\
         location / {{ return 200 \"Hello over TLS.\\n\"; }}\n}}\n}}\n"
    )
}

/// Returns the first certificate in a text, as PEM.
pub fn first_certificate(text: &str) -> String {
    let begin =
        text.find("-----BEGIN CERTIFICATE-----").unwrap_or_else(|| panic!("no certificate in {text}"));
    let end = "-----END CERTIFICATE-----";
    let length = text[begin..].find(end).expect("the end of the certificate");
    text[begin..begin + length + end.len()].to_owned()
}
