//! The step type `template`.

use std::path::Path;

use arcbook_engine::expression::{TemplateLanguage, check_template_text, is_jinja, render_template};
use arcbook_engine::source::slashed;
use arcbook_engine::step::{
    Action, Arg, ArgumentError, ArgumentType, Arguments, Choice, Effect, ErrorKind, Existing, FileMode,
    FileRead, Outputs, Power, Receipt, Response, StepError, Title,
};
use arcbook_engine::value::{Data, Entries, Type, Value};
use bytes::Bytes;

use super::file_target::{Content, Kept, Target};
use super::file_undo::FileUndo;
use crate::azure::Azure;
use crate::file;
use crate::session::Session;
use crate::step::{Done, TypedStep, known_outputs};
use crate::undo::Undo;

/// The size limit of a template, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Renders a template to a file on this machine.
///
/// The function `templatefile` renders a template in a plan. This step renders it in the run, so the template itself may
/// come from an earlier step. `plan -live` renders it too, and compares the result with the file.
///
/// The file is kept as the step type `file` keeps it: it is replaced as a whole, its prior content stays beside it for
/// `arcbook undo`, and a symbolic link is an error. The file counts as sensitive if the template uses a sensitive value.
/// The template reads no other file: it includes nothing, and `file()` fails in it.
#[derive(Arguments, Debug)]
#[arguments(exactly_one(source, content))]
pub struct Template {
    /// Path of the file to write; a relative one starts at the runbook's directory.
    #[argument(sink = "path")]
    path: Arg<String>,
    /// Path of the template, of at most 16 MiB; a relative one starts at the runbook's directory.
    source: Option<Arg<String>>,
    /// Text of the template.
    #[argument(sink = "file")]
    content: Option<Arg<String>>,
    /// Language of the template; defaults to `jinja` for a source that ends in `.j2`, and to `terraform` for another one.
    ///
    /// It is required with `content`.
    engine: Option<Arg<Language>>,
    /// Variables of the template by name; a part that the template does not use need not be public.
    #[argument(sink = "file")]
    values: Option<Arg<Variables>>,
    /// Permissions of the file, such as `0640`; an existing file keeps its own by default.
    ///
    /// A new file has `0600` if its content is sensitive, and `0644` otherwise. An existing file that others may use keeps
    /// only the permissions of its owner if the content is sensitive, such as `0600` of `0644`.
    mode: Option<Arg<FileMode>>,
    /// Owner of the file, by name or number; an existing file keeps its own by default. Not on Windows.
    owner: Option<Arg<String>>,
    /// Group of the file, by name or number; an existing file keeps its own by default. Not on Windows.
    group: Option<Arg<String>>,
    /// If true, missing directories above the file are created with mode `0755`; defaults to false.
    ///
    /// An undo leaves them.
    create_directories: Option<Arg<bool>>,
}

/// The language of a template.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Jinja: `{{ name }}` and `{% for … %}`.
    Jinja,
    /// Terraform's templates: `${name}` and `%{ for … }`.
    Terraform,
}

/// The variables of a template, with their marks.
#[derive(Clone, PartialEq)]
pub struct Variables(Value);

/// Omits the values, which may be secret.
impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Variables")
    }
}

impl ArgumentType for Variables {
    fn ty() -> Type {
        Type::Any
    }

    /// The result of the rendering tells whether it is sensitive.
    fn is_sensitive(value: &Value) -> bool {
        value.is_marked()
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        match value.data() {
            Data::Object(_) | Data::Map(..) => Ok(Self(value.clone())),
            _ => Err(ArgumentError::value("must be an object or a map").help("write `{ name = … }`").into()),
        }
    }
}

/// The outputs of `template`.
#[derive(Outputs, Debug)]
pub struct Rendered {
    /// Path of the file, as configured.
    #[output(from(path), fact)]
    path: String,
    /// SHA-256 of the content, in hexadecimal; null if the content is sensitive.
    #[output(answer)]
    sha256: Option<String>,
    /// Size of the content in bytes.
    #[output(from(source, content, values))]
    size: i64,
    /// Permissions of the file, such as `0644`.
    #[output(fact)]
    mode: String,
    /// True if the step changed something.
    #[output(fact)]
    changed: bool,
}

impl From<Kept> for Rendered {
    fn from(kept: Kept) -> Self {
        let Kept { path, sha256, size, mode, changed } = kept;
        Self { path, sha256, size: size.unwrap_or_default(), mode: mode.unwrap_or_default(), changed }
    }
}

impl Template {
    fn target(&self) -> Target<'_> {
        Target {
            path: &self.path,
            mode: self.mode.as_ref(),
            owner: self.owner.as_ref(),
            group: self.group.as_ref(),
            create_directories: self.create_directories.as_ref(),
        }
    }

    /// Returns the reading of the template, if it is a file.
    fn read(&self) -> Option<Action> {
        let read = FileRead::input(file::path(self.source.as_ref()?), "source", LONGEST);
        Some(Action::read_file(match self.language() {
            Ok(language) => read.template(language, self.names()),
            Err(_) => read,
        }))
    }

    /// Returns the names of the variables, if they are known.
    fn names(&self) -> Option<Vec<String>> {
        let Some(values) = &self.values else { return Some(Vec::new()) };
        match values.value()?.0.data() {
            Data::Object(entries) | Data::Map(_, entries) => {
                Some(entries.keys().map(ToString::to_string).collect())
            }
            _ => None,
        }
    }

    /// Returns the mistakes in the text of the template, if it is known and may be shown.
    fn mistakes(&self) -> Vec<String> {
        let content = self.content.as_ref().filter(|content| !content.is_sensitive()).and_then(Arg::value);
        let (Some(content), Ok(language)) = (content, self.language()) else { return Vec::new() };
        let names = self.names();
        let names: Option<Vec<&str>> = names.as_ref().map(|names| names.iter().map(String::as_str).collect());
        check_template_text(language, "template", content, names.as_deref())
    }

    fn language(&self) -> Result<TemplateLanguage, StepError> {
        let language = match (&self.engine, &self.source) {
            (Some(engine), _) => *engine.get()?,
            (None, Some(source)) if is_jinja(source.get()?) => Language::Jinja,
            _ => Language::Terraform,
        };
        Ok(match language {
            Language::Jinja => TemplateLanguage::Jinja,
            Language::Terraform => TemplateLanguage::Terraform,
        })
    }

    /// Returns the argument that gives the template.
    fn given(&self) -> &'static str {
        if self.source.is_some() { "source" } else { "content" }
    }

    /// Returns the text of the template, and true if it must not be shown.
    async fn template(&self, session: &Session) -> Result<(String, bool), StepError> {
        let (Some(read), Some(source)) = (self.read(), &self.source) else {
            let content =
                self.content.as_ref().ok_or_else(|| StepError::internal("a template has no text"))?;
            return Ok((content.get()?.clone(), content.is_sensitive()));
        };
        let bytes = session.input_file(&read).await?;
        if bytes.len() as u64 > LONGEST {
            return Err(
                StepError::new(ErrorKind::Local, "the template is larger than 16 MiB").argument("source")
            );
        }
        let text = String::from_utf8(bytes.into()).map_err(|_| {
            StepError::new(ErrorKind::Local, "the template is not UTF-8 text")
                .argument("source")
                .help("convert the file to UTF-8")
        })?;
        Ok((text, source.is_sensitive()))
    }

    /// Returns the content of the file.
    async fn content(&self, session: &Session) -> Result<Content, StepError> {
        let (text, is_hidden) = self.template(session).await?;
        let values = match &self.values {
            Some(values) => values.get()?.0.clone(),
            None => Value::object::<&str>([]),
        };
        let language = self.language()?;
        let shown = match &self.source {
            Some(source) if !source.is_sensitive() => slashed(Path::new(source.get()?)),
            _ => "template".to_owned(),
        };
        let work = move || render_template(language, &shown, &text, &values);
        let rendered = tokio::task::spawn_blocking(work).await;
        let rendered = rendered.map_err(|_| StepError::internal("the rendering of a template broke off"))?;
        let rendered = rendered.map_err(|reason| self.failed(session, &reason, is_hidden))?;
        let is_secret = session.is_sensitive() || is_hidden || rendered.has_deep_marks();
        let bytes = Bytes::from(rendered.as_str().unwrap_or_default().to_owned());
        Ok(Content { bytes, is_secret })
    }

    /// Returns the error of a template that cannot be rendered. A reason may quote the template.
    fn failed(&self, session: &Session, reason: &str, is_hidden: bool) -> StepError {
        let error =
            StepError::new(ErrorKind::Local, "the template cannot be rendered").argument(self.given());
        if is_hidden {
            return error.detail("The reason is hidden, because the template is sensitive.");
        }
        error
            .detail(format!("{}.", session.redacted(reason).trim_end_matches('.')))
            .help("correct the template, or give the variable that it uses in `values`")
    }
}

impl TypedStep for Template {
    const TYPE: &'static str = "template";
    const EXAMPLE: &'static str = r#"step "template" "motd" {
  path    = "motd"
  engine  = "jinja"
  content = "Managed by {{ team }}.\n"
  values  = { team = "platform" }
}

output "digest" {
  value = step.template.motd.sha256
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const POWER: Power = Power::Content;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    type Output = Rendered;

    fn check(&self, _azure: &Azure) -> Vec<ArgumentError> {
        let mut errors = Vec::new();
        if self.path.value().is_some_and(|path| !file::names_a_file(path)) {
            errors.push(ArgumentError::new("path", "must name a file"));
        }
        if self.engine.is_none() && self.content.is_some() {
            let error = ArgumentError::new("engine", "must be given with `content`");
            errors.push(error.help("write `engine = \"jinja\"` or `engine = \"terraform\"`"));
        } else {
            let mistakes = self.mistakes();
            if !mistakes.is_empty() {
                let error = ArgumentError::new("content", "must be a template that can be rendered");
                let help = "correct the template, or give the variable that it uses in `values`";
                errors.push(error.help(help).hint(Some(mistakes.join("; "))));
            }
        }
        errors
    }

    fn title(&self) -> Title {
        let source = self.source.as_ref().map(|source| format!("from the template {}", file::path(source)));
        let place: Vec<String> = source.into_iter().chain(self.target().attributes()).collect();
        Title::new("file").named(&file::path(&self.path)).placed(place.join(", "))
    }

    fn keeps_copies(&self) -> bool {
        !self.path.is_sensitive()
    }

    fn actions(&self, _azure: &Azure) -> Vec<Action> {
        let target = self.target();
        self.read().into_iter().chain([target.look(), target.write()]).collect()
    }

    fn known_outputs(&self, _azure: &Azure) -> Entries {
        known_outputs("path", &self.path, Clone::clone)
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Rendered>>, StepError> {
        let content = self.content(session).await?;
        Ok(self.target().find(session, Some(content)).await?.map(|done| done.map(Rendered::from)))
    }

    fn undo(_azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        FileUndo::of(receipt)
    }

    async fn run(&self, session: &Session) -> Result<Done<Rendered>, StepError> {
        let content = self.content(session).await?;
        Ok(self.target().put(session, content).await?.map(Rendered::from))
    }
}
