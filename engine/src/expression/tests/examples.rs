//! The example of every function is what the console answers.

use std::fs;
use std::path::Path;

use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};

use super::*;
use crate::diagnostic::{Diagnostic, Style, render_all};
use crate::expression::functions::{Clock, Context};
use crate::expression::{Resolved, Scope, function_docs, function_names};
use crate::syntax::Reference;
use crate::value::{Layout, show};

/// The world of an expression in the console, while a plan is run.
struct Console(Bindings);

impl Scope for Console {
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        self.0.resolve(reference)
    }

    fn functions(&self) -> Context<'_> {
        let context = self.0.functions();
        Context { clock: Clock::plan().run(), ..context }
    }

    fn is_console(&self) -> bool {
        true
    }
}

/// The files that examples read.
fn write_files(folder: &Path) {
    let write = |name: &str, content: &[u8]| fs::write(folder.join(name), content).unwrap();
    write("motd.txt", b"Hello!\n");
    write("hosts.tftpl", b"%{ for host in hosts ~}\n${host} up\n%{ endfor ~}\n");
    let key = RsaPrivateKey::new(&mut OsRng, 512).unwrap();
    write("secret.bin", &key.to_public_key().encrypt(&mut OsRng, Pkcs1v15Encrypt, b"hush").unwrap());
    write("key.pem", key.to_pkcs1_pem(LineEnding::LF).unwrap().as_bytes());
}

#[test]
fn every_example_gives_what_is_printed_below_it() {
    let folder = tempfile::tempdir().unwrap();
    write_files(folder.path());
    let scope = Console(Bindings::new(folder.path()));
    for docs in function_docs() {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("console", docs.example.expression.to_owned()));
        let value = parse_expression(&sources, file).and_then(|expression| evaluate(&expression, &scope));
        let value = value.unwrap_or_else(|found| {
            panic!("{}: {}", docs.name, render_all(&found, &sources, &Style { color: false, width: 100 }))
        });
        // The console shows a type as it is, not as a text.
        let shown = match value.as_str() {
            Some(text) if docs.name == "type" => text.to_owned(),
            _ => show(&value, Layout::default()),
        };
        // An absolute path of Windows begins with the drive of the working directory.
        let shown = if cfg!(windows) && docs.name == "abspath" { shown.replacen("C:", "", 1) } else { shown };
        assert_eq!(shown, docs.example.result, "{}", docs.example.expression);
        assert!(docs.example.expression.contains(&format!("{}(", docs.name)), "{}", docs.name);
        assert!(docs.signature.starts_with(&format!("{}(", docs.name)), "{}", docs.signature);
    }
}

#[test]
fn every_function_that_can_be_called_is_explained() {
    let explained: Vec<_> = function_docs().iter().map(|docs| docs.name).collect();
    for name in function_names().chain(["type"]) {
        assert!(explained.contains(&name), "{name}");
    }
}
