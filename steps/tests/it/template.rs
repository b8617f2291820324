//! Files that steps render from templates.

use std::fs;

use arcbook_engine::step::{Context, Existing, Outcome, StepError};
use arcbook_engine::value::{Entries, Marks, Value};
use arcbook_steps::registry;

use crate::file::told;
use crate::world::{Bench, RUN};

type Given = Vec<(&'static str, Value)>;

fn values(entries: &[(&'static str, Value)]) -> Given {
    vec![("values", Value::object(entries.iter().map(|(name, value)| (*name, value.clone()))))]
}

fn written(content: &str, engine: &str) -> Given {
    vec![("path", "f".into()), ("content", content.into()), ("engine", engine.into())]
}

fn secret(text: &str) -> Value {
    Value::from(text).with_marks(&Marks::sensitive("x"))
}

async fn find_and_run(
    bench: &Bench,
    directory: &std::path::Path,
    given: &Given,
) -> (Result<Existing, StepError>, Result<Outcome, StepError>) {
    let arguments: Entries = given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let work = || registry(&bench.azure).get("template").unwrap().prepare(&arguments).unwrap();
    let context = || {
        Context::new("step.template.a", directory, bench.secrets.clone(), |_| {}).in_runs([RUN.to_owned()])
    };
    (work().find(context()).await, work().run(context()).await)
}

#[tokio::test]
async fn a_template_is_rendered_to_a_file() {
    let bench = Bench::start().await;
    let place = tempfile::tempdir().unwrap();
    for (name, text) in
        [("t.j2", "{{ a }} ${a}\n"), ("t.tftpl", "${a} {{ a }}\n"), ("bom.j2", "\u{feff}{{ a }}")]
    {
        fs::write(place.path().join(name), text).unwrap();
    }
    let source = |name: &str| vec![("path", "f".into()), ("source", Value::from(name))];
    for (given, expected) in [
        (source("t.j2"), "x ${a}\n"),
        (source("t.tftpl"), "x {{ a }}\n"),
        (source("bom.j2"), "x"),
        ([source("t.tftpl"), vec![("engine", "jinja".into())]].concat(), "${a} x\n"),
        (written("{{ a }}", "jinja"), "x"),
        (written("%{ for b in [a, a] }${b}%{ endfor }", "terraform"), "xx"),
    ] {
        let given = [given, values(&[("a", "x".into())])].concat();
        let (_, ran) = find_and_run(&bench, place.path(), &given).await;
        assert!(ran.is_ok(), "{ran:?}");
        assert_eq!(fs::read_to_string(place.path().join("f")).unwrap(), expected, "{given:?}");
        let (found, again) = find_and_run(&bench, place.path(), &given).await;
        assert_eq!(told(&found.unwrap()), "as wanted");
        assert_eq!(again.unwrap().outputs["sha256"], ran.unwrap().outputs["sha256"]);
    }
    let given = [written("{{ a }}", "jinja"), values(&[("a", "y".into())])].concat();
    let (found, _) = find_and_run(&bench, place.path(), &given).await;
    assert_eq!(told(&found.unwrap()), "sha256 size content");
}

#[tokio::test]
async fn a_secret_counts_only_if_the_template_uses_it() {
    use std::os::unix::fs::MetadataExt as _;

    let bench = Bench::start().await;
    let values = values(&[("a", "x".into()), ("pw", secret("canary-value"))]);
    for (text, is_secret) in
        [("{{ a }}", false), ("{{ pw }}", true), ("{% if pw == 'n' %}1{% endif %}", true)]
    {
        let place = tempfile::tempdir().unwrap();
        let given = [written(text, "jinja"), values.clone()].concat();
        let (_, ran) = find_and_run(&bench, place.path(), &given).await;
        let ran = ran.unwrap();
        let mode = place.path().join("f").metadata().unwrap().mode() & 0o777;
        assert_eq!((ran.outputs["sha256"].is_null(), mode == 0o600), (is_secret, is_secret), "{text}");
        assert_eq!(format!("{:?}", ran.receipt).contains("sha256"), !is_secret, "{text}");
    }
}

#[tokio::test]
async fn a_template_that_cannot_be_rendered_is_explained_without_its_secrets() {
    let bench = Bench::start().await;
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("other"), "canary-file").unwrap();
    fs::write(place.path().join("t.j2"), "line\n{{ nme }}").unwrap();
    fs::write(place.path().join("latin.j2"), b"\xff").unwrap();
    let name = || values(&[("name", "x".into()), ("pw", secret("canary-value"))]);
    let source = |source: &str| vec![("path", "f".into()), ("source", Value::from(source))];
    for (given, argument, detail) in [
        (source("t.j2"), "source", "t.j2:2: `nme` is not defined: did you mean `name`?"),
        (source("latin.j2"), "source", ""),
        (source("none.j2"), "source", "os error 2"),
        (written("${file(\"other\")}", "terraform"), "content", "template:1:"),
        (written("{% include 'other' %}", "jinja"), "content", "template:1:"),
        (written("{{ pw + 1 }}", "jinja"), "content", "hidden"),
        (
            vec![
                ("path", "f".into()),
                ("content", secret("canary-text {{ x }}")),
                ("engine", "jinja".into()),
            ],
            "content",
            "The reason is hidden",
        ),
    ] {
        let (found, ran) = find_and_run(&bench, place.path(), &[given.clone(), name()].concat()).await;
        for error in [found.err().unwrap(), ran.err().unwrap()] {
            assert_eq!(error.about(), Some(argument), "{error:?}");
            assert!(error.why().unwrap_or_default().contains(detail), "{given:?} {error:?}");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
        assert!(!place.path().join("f").exists());
    }
}

#[tokio::test]
async fn wrong_arguments_are_known_in_a_plan() {
    let bench = Bench::start().await;
    for (given, expected) in [
        (vec![("path", "f".into()), ("content", "x".into())], "engine"),
        (vec![("path", "d/".into()), ("source", "x.j2".into())], "path"),
        ([written("x", "jinja"), vec![("values", "x".into())]].concat(), "values"),
        (written("x", "erb"), "engine"),
        (written("${name", "terraform"), "content"),
        (written("{% if x %}", "jinja"), "content"),
        (written("${name}", "terraform"), "content"),
    ] {
        let errors = bench.refused("template", &given);
        let names: Vec<&str> = errors.iter().map(arcbook_engine::step::ArgumentError::argument).collect();
        assert_eq!(names.join(" "), expected, "{given:?}");
    }
}
