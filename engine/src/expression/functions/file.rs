//! Implements functions that read files, relative to the runbook's directory.

mod glob;

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::arguments::Arguments;
use super::failure::Failure;
use super::function::Returns;
use super::hash::{base64_digest, hex_digest};
use super::{Accepts, Files, Function, Parameter};
use crate::source::FileKind;

/// The size limit of a file, in bytes.
const MAX_FILE: u64 = 1 << 26;

const PATH: &[Parameter] = &[Parameter::new("path", Accepts::String)];
const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "file",
        "The text of a file, which must be UTF-8.",
        [r#"file("motd.txt")"#, r#""Hello!\n""#],
        PATH,
        STRING,
        |given| {
            let text = String::from_utf8(read(given)?);
            let text = text.map_err(|_| {
                let path = given.text(0);
                Failure::new(format!(
                    "contents of {path:?} are not valid UTF-8; use filebase64 to get them as Base64"
                ))
            })?;
            Ok(text.into())
        },
    ),
    Function::new(
        "filebase64",
        "The bytes of a file as Base64.",
        [r#"filebase64("motd.txt")"#, r#""SGVsbG8hCg==""#],
        PATH,
        STRING,
        |given| Ok(STANDARD.encode(read(given)?).into()),
    ),
    Function::new(
        "filebase64sha256",
        "The SHA-256 of a file as Base64.",
        [r#"filebase64sha256("motd.txt")"#, r#""sisAkTRiK2UI11bxBiRV1xpwJllOrLC634H09neSnr4=""#],
        PATH,
        STRING,
        |given| Ok(base64_digest::<Sha256>(&read(given)?).into()),
    ),
    Function::new(
        "filebase64sha512",
        "The SHA-512 of a file as Base64.",
        [r#"substr(filebase64sha512("motd.txt"), 0, 12)"#, r#""6yLZkdbYZkHZ""#],
        PATH,
        STRING,
        |given| Ok(base64_digest::<Sha512>(&read(given)?).into()),
    ),
    Function::new(
        "fileexists",
        "True if the file exists.",
        [r#"fileexists("motd.txt")"#, "true"],
        PATH,
        Returns::Always(Accepts::Bool),
        |given| {
            let path = given.text(0);
            match given.context.files.file_system().kind(&locate(given)?) {
                Ok(FileKind::Regular) => Ok(true.into()),
                Ok(FileKind::Directory) => Err(Failure::new(format!("{path:?} is a directory, not a file"))),
                Ok(FileKind::Other) => Err(Failure::new(format!("{path:?} is not a regular file"))),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(false.into()),
                Err(error) => Err(Failure::new(format!("failed to look at {path:?}: {error}"))),
            }
        },
    ),
    Function::new(
        "filemd5",
        "The MD5 of a file in hexadecimal digits.",
        [r#"filemd5("motd.txt")"#, r#""e134ced312b3511d88943d57ccd70c83""#],
        PATH,
        STRING,
        |given| Ok(hex_digest::<Md5>(&read(given)?).into()),
    ),
    Function::new(
        "fileset",
        "The files below a folder whose path from there matches a pattern with *, **, ?, [] and {}.",
        [r#"fileset(".", "*.txt")"#, r#"["motd.txt"]"#],
        &[Parameter::new("path", Accepts::String), Parameter::new("pattern", Accepts::String)],
        Returns::Always(Accepts::StringSet),
        glob::find,
    ),
    Function::new(
        "filesha1",
        "The SHA-1 of a file in hexadecimal digits.",
        [r#"filesha1("motd.txt")"#, r#""a8d191538209e335154750d2df575b9ddfb16fc7""#],
        PATH,
        STRING,
        |given| Ok(hex_digest::<Sha1>(&read(given)?).into()),
    ),
    Function::new(
        "filesha256",
        "The SHA-256 of a file in hexadecimal digits.",
        [
            r#"filesha256("motd.txt")"#,
            r#""b22b009134622b6508d756f1062455d71a7026594eacb0badf81f4f677929ebe""#,
        ],
        PATH,
        STRING,
        |given| Ok(hex_digest::<Sha256>(&read(given)?).into()),
    ),
    Function::new(
        "filesha512",
        "The SHA-512 of a file in hexadecimal digits.",
        [r#"substr(filesha512("motd.txt"), 0, 12)"#, r#""eb22d991d6d8""#],
        PATH,
        STRING,
        |given| Ok(hex_digest::<Sha512>(&read(given)?).into()),
    ),
];

fn read(given: &Arguments<'_>) -> Result<Vec<u8>, Failure> {
    let path = given.text(0);
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Failure::argument(0, format!("no file exists at {path:?}")),
        ErrorKind::IsADirectory | ErrorKind::InvalidInput => {
            Failure::argument(0, format!("{path:?} is not a regular file"))
        }
        ErrorKind::FileTooLarge => Failure::argument(0, format!("{path:?} is larger than {MAX_FILE} bytes")),
        _ => Failure::new(format!("failed to read {path:?}: {error}")),
    };
    let full = locate(given)?;
    let files = given.context.files;
    let bytes = files.file_system().read(&full, MAX_FILE).map_err(failed)?;
    files.note(path, given.marked, &bytes);
    Ok(bytes)
}

/// Reads a file that a template includes; none for a path that leads out of the directory.
pub(in crate::expression) fn read_inside(
    files: &Files,
    path: &str,
    is_secret: bool,
) -> io::Result<Option<Vec<u8>>> {
    let Some(full) = files.locate_inside(path) else { return Ok(None) };
    let bytes = files.file_system().read(&full, MAX_FILE)?;
    files.note(path, is_secret, &bytes);
    Ok(Some(bytes))
}

/// Resolves the path in the first argument, if it is accessible.
fn locate(given: &Arguments<'_>) -> Result<PathBuf, Failure> {
    let path = given.text(0);
    given.context.files.locate(path, given.context.reach).ok_or_else(|| {
        Failure::argument(
            0,
            format!(
                "{path:?} leads out of the runbook's directory; take it from a variable (`var.…`) in this call, or write the whole path"
            ),
        )
    })
}

/// Returns true if the function with that name reads files.
#[must_use]
pub fn reads_files(name: &str) -> bool {
    name == "templatefile" || FUNCTIONS.iter().any(|function| function.name() == name)
}

/// Returns true if the result of the function with that name is made from the content of files, not only from their
/// names.
#[must_use]
pub fn reads_content(name: &str) -> bool {
    reads_files(name) && !matches!(name, "fileset" | "fileexists")
}

#[cfg(test)]
mod tests {
    use super::super::{Clock, Context, Files, call};
    use crate::value::Value;

    #[test]
    fn reads_what_is_beside_the_runbook() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "hi").unwrap();
        std::fs::write(folder.path().join("b.bin"), [0xff]).unwrap();
        let files = Files::new(folder.path());
        let context = Context::new(&files, Clock::plan());
        let invoke = |name: &str, path: &str| {
            call(name, &[Value::from(path)], &context).map_err(|error| error.to_string())
        };
        assert_eq!(invoke("file", "a.txt"), Ok("hi".into()));
        assert_eq!(invoke("filebase64", "./b.bin"), Ok("/w==".into()));
        assert_eq!(invoke("filemd5", "a.txt"), Ok("49f68a5c8493ec2c0bf489821c21fc3b".into()));
        assert_eq!(invoke("fileexists", "a.txt"), Ok(true.into()));
        assert_eq!(invoke("fileexists", "c.txt"), Ok(false.into()));
        let refusals = [
            ("file", "c.txt", "invalid value for \"path\" parameter: no file exists at \"c.txt\""),
            (
                "fileexists",
                "../c.txt",
                "invalid value for \"path\" parameter: \"../c.txt\" leads out of the runbook's directory; take it from a variable (`var.…`) in this call, or write the whole path",
            ),
            ("file", ".", "invalid value for \"path\" parameter: \".\" is not a regular file"),
            ("fileexists", ".", "call to function \"fileexists\" failed: \".\" is a directory, not a file"),
        ];
        for (name, path, message) in refusals {
            assert_eq!(invoke(name, path), Err(message.to_owned()));
        }
        let found = call("fileset", &[Value::from("."), Value::from("*.{txt,md}")], &context).unwrap();
        assert_eq!(found.to_json_text().unwrap(), r#"["a.txt"]"#);
        assert!(call("fileset", &[Value::from("."), Value::from("{a,b")], &context).is_err());
        assert!(invoke("file", "b.bin").unwrap_err().contains("not valid UTF-8"));
        assert_eq!(files.read(), ["a.txt", "b.bin"]);
    }
}
