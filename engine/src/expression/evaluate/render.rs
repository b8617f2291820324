//! Renders the text of a template that is no file of the runbook.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::jinja;
use super::template_file::{Around, Carried, Variables, marked, on_a_thread, render_with, variables_in};
use crate::expression::functions::{self, Clock, Files};
use crate::source::{FileKind, FileSystem, SharedFileSystem, text_without_mark};
use crate::value::{Type, Value, convert};

/// The language of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateLanguage {
    /// Jinja: `{{ name }}`.
    Jinja,
    /// Terraform's templates: `${name}`.
    Terraform,
}

/// Renders `text`, which messages call `shown`, with `values`, a known map or object. The result is a text, with the marks
/// of the values that it is made from.
///
/// The template reads no file: whoever renders it outside of an expression has to declare the files that it uses. The error
/// is one line with the place in the template; it tells nothing of a marked value.
pub fn render_template(
    language: TemplateLanguage,
    shown: &str,
    text: &str,
    values: &Value,
) -> Result<Value, String> {
    let entries = marked(variables_in(values)?, values.marks());
    let files = Files::of(SharedFileSystem::from(Nowhere), "");
    let text = text_without_mark(text);
    let rendered = match language {
        TemplateLanguage::Jinja => {
            let template = jinja::Template { name: shown, shown, text, is_review: false };
            jinja::render(template, &entries, &files)?
        }
        TemplateLanguage::Terraform => {
            let context = functions::Context::new(&files, Clock::plan().run());
            let scope = Variables { values: &entries, context, given_by: None };
            let around = vec![Around { name: None, shown: shown.to_owned() }];
            on_a_thread(|| render_with(around, Carried::default(), text, &scope, true))?.0?
        }
    };
    let wrong = || format!("{shown}: the result is {}, not a text", rendered.ty().with_article());
    let result = convert(&rendered, &Type::String).map_err(|_| wrong())?;
    Ok(result.with_marks(&rendered.deep_marks()).with_marks(values.marks()))
}

/// A file system without files.
#[derive(Debug)]
struct Nowhere;

impl FileSystem for Nowhere {
    fn read(&self, _: &Path, _: u64) -> io::Result<Vec<u8>> {
        Err(nothing())
    }

    fn kind(&self, _: &Path) -> io::Result<FileKind> {
        Err(nothing())
    }

    fn list(&self, _: &Path, _: usize) -> io::Result<Vec<OsString>> {
        Err(nothing())
    }

    fn canonical(&self, _: &Path) -> io::Result<PathBuf> {
        Err(nothing())
    }
}

fn nothing() -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        "the template of a step reads no other file; `templatefile` does",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Marks;

    fn told(language: TemplateLanguage, text: &str) -> String {
        let secret = Value::from("hunter22").with_marks(&Marks::sensitive("var.pw"));
        let values = Value::object([("name", Value::from("web")), ("pw", secret)]);
        match render_template(language, "motd.j2", text, &values) {
            Ok(value) if value.has_deep_marks() => "(sensitive)".to_owned(),
            Ok(value) => value.as_str().expect("a text").to_owned(),
            Err(reason) => reason,
        }
    }

    #[test]
    fn a_text_is_rendered_in_either_language() {
        use TemplateLanguage::{Jinja, Terraform};

        for (language, text, expected) in [
            (Jinja, "Hello {{ name }}\n", "Hello web\n"),
            (Terraform, "Hello ${upper(name)}\n", "Hello WEB\n"),
            (Jinja, "${name}", "${name}"),
            (Jinja, "{{ pw }}", "(sensitive)"),
            (Terraform, "${pw}", "(sensitive)"),
            (Jinja, "\n{{ nmae }}", "motd.j2:2: `nmae` is not defined: did you mean `name`?"),
            (Terraform, "${nmae}", "motd.j2:1:3: unknown name `nmae`: not known here; did you mean `name`?"),
        ] {
            assert_eq!(told(language, text), expected, "{text}");
        }
    }

    #[test]
    fn a_template_reads_no_file() {
        let place = tempfile::tempdir().expect("a directory");
        std::fs::write(place.path().join("other"), "canary-file").expect("written");
        let path = crate::source::slashed(&place.path().join("other"));
        for (language, text) in [
            (TemplateLanguage::Terraform, format!("${{file(\"{path}\")}}")),
            (TemplateLanguage::Terraform, "${templatefile(\"other\", {})}".to_owned()),
            (TemplateLanguage::Jinja, format!("{{% include \"{path}\" %}}")),
            (TemplateLanguage::Jinja, "{% include \"other\" %}".to_owned()),
        ] {
            let told = told(language, &text);
            assert!(!told.contains("canary"), "{told}");
            assert!(told.starts_with("motd.j2:"), "{told}");
        }
    }
}
