//! Programs that steps run.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use arcbook_engine::step::{ActionFacts, Change, ErrorKind, Existing, Outcome, PriorState, StepError};
use arcbook_engine::value::{Data, Marks, Type, Value};
use arcbook_lab::Options;
use arcbook_steps::{Environment, registry};

use crate::world::{Bench, text};

type Given = Vec<(&'static str, Value)>;

async fn bench() -> Bench {
    let own = [
        ("PATH", "/usr/bin:/bin"),
        ("HOME", "/home/me"),
        ("KUBECONFIG", "/k"),
        ("API_TOKEN", "canary-inherited"),
        ("DATABASE_URL", "postgres://me:canary-url@db/site"),
        ("ARCBOOK_VAR_pw", "canary-variable"),
        ("https_proxy", "http://me:canary-proxy@proxy:1"),
    ];
    Bench::with(Options::default(), |options| options.environment = Environment::from_iter(own)).await
}

fn list(parts: &[&str]) -> Value {
    Value::new(Data::List(Type::String, Arc::new(parts.iter().map(|&part| part.into()).collect())))
}

fn map(name: &str, value: Value) -> Value {
    Value::new(Data::Map(Type::String, Arc::new([(name.into(), value)].into_iter().collect())))
}

fn sensitive(value: impl Into<Value>) -> Value {
    value.into().with_marks(&Marks::sensitive("x"))
}

fn unknown(ty: Type) -> Value {
    Value::unknown(ty, arcbook_engine::value::Origins::of("step.a.b"))
}

fn sh(script: &str) -> Given {
    vec![("argv", list(&["sh", "-c", script]))]
}

fn with(given: &[Given]) -> Given {
    given.concat()
}

async fn run(bench: &Bench, given: &[Given]) -> Result<Outcome, StepError> {
    bench.run("exec", &with(given)).await
}

#[tokio::test]
async fn a_program_gives_its_outputs() {
    let bench = bench().await;
    for (script, stdin, stdout, stderr) in [
        ("printf 'a\\nb'; echo c >&2", "", "a\nb", "c\n"),
        ("cat", "in\n", "in\n", ""),
        // A program need not read its input.
        ("exit 0", "unread", "", ""),
        ("test -t 0 || test -r /dev/stdin && cat && echo empty", "", "empty\n", ""),
    ] {
        let outcome = run(&bench, &[sh(script), vec![("stdin", stdin.into())]]).await.unwrap();
        assert_eq!((text(&outcome, "stdout"), text(&outcome, "stderr")), (stdout, stderr), "{script}");
        assert_eq!((outcome.change, &outcome.outputs["truncated"]), (Change::Updated, &false.into()));
    }
    let outcome = run(&bench, &[sh("printf '\\377'")]).await.unwrap();
    assert!(outcome.outputs["stdout"].is_null());
    assert_eq!(text(&outcome, "stdout_base64"), "/w==");
    for (script, body) in [("echo '{\"a\": [1]}'", r#"{"a":[1]}"#), ("echo no", "null"), ("true", "null")] {
        let outcome = run(&bench, &[sh(script), vec![("effect", "reads".into())]]).await.unwrap();
        let found = outcome.body.map(|body| serde_json::to_string(&body.to_json().unwrap()).unwrap());
        assert_eq!(found.as_deref(), Some(body), "{script}");
        assert_eq!(outcome.change, Change::None);
    }
}

#[tokio::test]
async fn megabytes_in_every_direction_block_nothing() {
    let much = "head -c 10485760 /dev/zero | tr '\\0'";
    let script = format!("{much} x; {much} y >&2; {much} z");
    let stdin = "unread ".repeat(1 << 20);
    let outcome = run(&bench().await, &[sh(&script), vec![("stdin", stdin.into())]]).await.unwrap();
    assert_eq!((text(&outcome, "stdout").len(), text(&outcome, "stderr").len()), (1 << 20, 1 << 20));
    assert_eq!(outcome.outputs["truncated"], true.into());
}

#[tokio::test]
async fn a_program_gets_only_harmless_variables() {
    let bench = bench().await;
    let names = |names: &[&str]| vec![("inherit_environment", list(names))];
    for (given, expected) in [
        (vec![], "HOME PATH"),
        (names(&[]), ""),
        (names(&["KUBECONFIG", "NONE"]), "KUBECONFIG"),
        (vec![("environment", map("HOME", "/elsewhere".into()))], "HOME PATH"),
        (vec![("environment", map("EMPTY", "".into()))], "EMPTY HOME PATH"),
    ] {
        let argv = vec![("argv", list(&["/usr/bin/env"]))];
        let outcome = run(&bench, &[argv, given.clone()]).await.unwrap();
        let mut found: Vec<&str> =
            text(&outcome, "stdout").lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        found.sort_unstable();
        assert_eq!(found.join(" "), expected, "{given:?}");
        let home = text(&outcome, "stdout").contains("HOME=/elsewhere");
        assert_eq!(home, format!("{given:?}").contains("elsewhere"));
    }
}

#[tokio::test]
async fn an_inherited_variable_with_a_password_keeps_a_program_from_running() {
    let bench = bench().await;
    let dir = tempfile::tempdir().unwrap();
    let script = format!("touch {}", dir.path().join("made").display());
    let inherits = |names: Value| vec![("inherit_environment", names)];
    for (names, summary) in [
        (list(&["PATH", "DATABASE_URL"]), "the variable DATABASE_URL of arcbook contains a password"),
        (list(&["PATH", "https_proxy"]), "the variable https_proxy of arcbook contains a password"),
        (sensitive(list(&["PATH", "DATABASE_URL"])), "a variable of arcbook contains a password"),
    ] {
        let unless = vec![("unless", list(&["sh", "-c", &script]))];
        let error = run(&bench, &[sh(&script), inherits(names.clone())]).await.unwrap_err();
        let condition = bench.find("exec", &with(&[sh("true"), unless, inherits(names)]), None).await;
        for error in [error, condition.unwrap_err()] {
            assert!(error.summary().starts_with(summary) && !error.is_uncertain(), "{error:?}");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
        assert!(!dir.path().join("made").exists());
    }
    let outcome = run(&bench, &[sh("true"), inherits(list(&["PATH", "KUBECONFIG"]))]).await;
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[tokio::test]
async fn a_program_that_does_not_succeed_is_explained() {
    let bench = bench().await;
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(at("plain"), "text").unwrap();
    let argv = |program: &str| vec![("argv", list(&[program]))];
    let code = |codes: &[i64]| {
        let codes = Arc::new(codes.iter().map(|&code| code.into()).collect());
        vec![("success_codes", Value::new(Data::List(Type::Number, codes)))]
    };
    for (given, summary, detail) in [
        (
            sh("echo one >&2; echo two >&2; exit 3"),
            "the program ended with exit code 3",
            "messages:\n  one\n  two",
        ),
        (sh("echo one; exit 3"), "the program ended with exit code 3", "messages on standard output:\n  one"),
        (sh("echo one; echo two >&2; exit 3"), "the program ended with exit code 3", "messages:\n  two"),
        (with(&[sh("true"), code(&[3])]), "the program ended with exit code 0", ""),
        (sh("kill -9 $$"), "the program was ended by SIGKILL", ""),
        (argv("no-such-program"), "the program is not in PATH", ""),
        (argv(&at("none")), "the program does not exist", ""),
        (argv(&at("plain")), "the user that runs arcbook may not execute the program", ""),
        (argv(dir.path().to_str().unwrap()), "the program is a directory", ""),
        (
            with(&[sh("true"), vec![("directory", at("none").into())]]),
            "the working directory does not exist",
            "",
        ),
    ] {
        let error = run(&bench, std::slice::from_ref(&given)).await.unwrap_err();
        assert_eq!(error.summary(), summary);
        assert!(error.why().unwrap_or_default().ends_with(detail), "{error:?}");
        // A program that was started may have changed something, unless it only reads.
        let has_run = error.kind() == ErrorKind::Program;
        assert_eq!(has_run, summary.contains("ended"), "{summary}");
        assert_eq!(error.is_uncertain(), has_run, "{summary}");
        assert!(error.about().is_some());
        let error = run(&bench, &[given, vec![("effect", "reads".into())]]).await.unwrap_err();
        assert!(!error.is_uncertain(), "{summary}");
    }
    assert!(run(&bench, &[sh("exit 3"), code(&[0, 3])]).await.is_ok());
}

#[tokio::test]
async fn the_messages_of_a_program_that_got_secrets_are_withheld() {
    let bench = bench().await;
    let script = || sh("cat >&2; echo $PW $KUBECONFIG >&2; exit 1");
    for given in [
        vec![("stdin", sensitive("canary-1"))],
        vec![("environment", map("PW", sensitive("canary-1")))],
        vec![("environment", sensitive(map("PW", "canary-1".into())))],
        vec![("inherit_environment", list(&["PATH", "KUBECONFIG"]))],
    ] {
        let error = run(&bench, &[script(), given.clone()]).await.unwrap_err();
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        let argument = given[0].0;
        let why = format!("withheld, since they may contain a secret: the program gets one in `{argument}`.");
        assert!(error.why().unwrap_or_default().ends_with(&why), "{error:?}");
        assert!(error.remedies().iter().any(|way| way.contains("run the program by hand")), "{error:?}");
    }
}

#[tokio::test]
async fn the_plan_shows_a_program_without_its_secrets() {
    let bench = bench().await;
    let echo = || list(&["echo", "a b"]);
    for (given, expected) in [
        (vec![("argv", echo())], "run echo 'a b' (once)"),
        (vec![("argv", echo()), ("effect", "reads".into())], "run echo 'a b' (reads)"),
        (vec![("argv", echo()), ("idempotent", true.into())], "run echo 'a b' (idempotent)"),
        (vec![("argv", echo()), ("effect", unknown(Type::String))], "run echo 'a b' (once)"),
        (vec![("argv", unknown(Type::list(Type::String)))], "run (known after step.a.b) (once)"),
        (
            vec![("argv", echo()), ("creates", "/x".into()), ("unless", list(&["test", "-e", "y"]))],
            "read the file /x (reads), run test -e y (reads), run echo 'a b' (once)",
        ),
        (
            vec![("argv", echo()), ("stdin", sensitive("canary-1")), ("directory", sensitive("canary-2"))],
            "run echo 'a b' (once)",
        ),
    ] {
        let arguments = given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        let work = registry(&bench.azure).get("exec").unwrap().prepare(&arguments).unwrap();
        let actions = work.actions();
        let facts: Vec<ActionFacts> = actions.iter().map(ActionFacts::from).collect();
        let lines: Vec<String> =
            facts.iter().map(|facts| format!("{} ({})", facts.line(), facts.safety.as_str())).collect();
        assert_eq!(lines.join(", "), expected);
        assert!(!serde_json::to_string(&facts).unwrap().contains("canary"));
    }
    for (environment, expected) in [
        (map("PW", sensitive("canary-1")), r#"["PW"]"#),
        (sensitive(map("canary-name", "x".into())), r#"["(sensitive)"]"#),
        (unknown(Type::map(Type::String)), r#"["(known after step.a.b)"]"#),
    ] {
        let arguments = [("argv".into(), echo()), ("environment".into(), environment)].into_iter().collect();
        let work = registry(&bench.azure).get("exec").unwrap().prepare(&arguments).unwrap();
        let facts = serde_json::to_value(ActionFacts::from(&work.actions()[0])).unwrap();
        assert_eq!(facts["environment"].to_string(), expected);
    }
    let kubeconfig = || map("KUBECONFIG", "/k".into());
    for (set, inherited, expected) in [
        (None, list(&[]), "null"),
        (None, list(&["PATH", "HOME", "https_proxy"]), "null"),
        (None, list(&["PATH", "KUBECONFIG", "NONE"]), r#"["KUBECONFIG","NONE"]"#),
        (Some(map("PW", "x".into())), list(&["KUBECONFIG"]), r#"["PW","KUBECONFIG"]"#),
        (Some(kubeconfig()), list(&["KUBECONFIG"]), r#"["KUBECONFIG"]"#),
        (None, sensitive(list(&["CANARY_NAME"])), r#"["(sensitive)"]"#),
        (Some(kubeconfig()), unknown(Type::list(Type::String)), r#"["(known after step.a.b)"]"#),
    ] {
        let inherited = [("inherit_environment".into(), inherited), ("argv".into(), echo())];
        let set = set.map(|set| ("environment".into(), set));
        let arguments = inherited.into_iter().chain(set).collect();
        let work = registry(&bench.azure).get("exec").unwrap().prepare(&arguments).unwrap();
        let facts = serde_json::to_value(ActionFacts::from(&work.actions()[0])).unwrap();
        assert_eq!(facts["environment"].to_string(), expected);
    }
}

#[tokio::test]
async fn arguments_that_no_program_can_have_are_refused() {
    let bench = bench().await;
    let argv = |parts: &[&str]| ("argv", list(parts));
    let secret = Value::new(Data::List(Type::String, Arc::new(vec!["a".into(), sensitive("canary-1")])));
    for (given, place, message) in [
        (vec![argv(&[])], "argv", "must name a program"),
        (vec![argv(&[""])], "argv[0]", "must name a program"),
        (vec![argv(&["a", "b\0"])], "argv[1]", "null character"),
        (vec![("argv", secret.clone())], "argv[1]", "must not be sensitive"),
        (vec![("argv", sensitive(list(&["canary-1"])))], "argv[0]", "must not be sensitive"),
        (vec![argv(&["a"]), ("unless", secret)], "unless[1]", "must not be sensitive"),
        (vec![argv(&["a"]), ("environment", map("A=B", "x".into()))], "environment[\"A=B\"]", "without `=`"),
        (
            vec![argv(&["a"]), ("environment", sensitive(map("canary=", "x".into())))],
            "environment",
            "without `=`",
        ),
        (
            vec![argv(&["a"]), ("inherit_environment", list(&["PATH", "ARCBOOK_VAR_pw"]))],
            "inherit_environment[1]",
            "must not be a variable of arcbook itself",
        ),
        (
            vec![argv(&["a"]), ("inherit_environment", list(&["PATH", "API_TOKEN"]))],
            "inherit_environment[1]",
            "whose name suggests a secret",
        ),
        (
            vec![argv(&["a"]), ("inherit_environment", list(&["SSH_AUTH_SOCK", "aws_secret_access_key"]))],
            "inherit_environment[1]",
            "whose name suggests a secret",
        ),
        (vec![argv(&["a"]), ("effect", "reads".into()), ("creates", "x".into())], "creates", "reads"),
    ] {
        let errors = bench.refused("exec", &given);
        let [error] = errors.as_slice() else { panic!("{given:?}: {errors:?}") };
        assert_eq!(error.shown_path(false), place);
        assert!(error.message.contains(message), "{error:?}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_condition_keeps_a_program_from_running() {
    let bench = bench().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made");
    std::fs::write(dir.path().join("there"), "").unwrap();
    let at = |name: &str| Value::from(dir.path().join(name).to_str().unwrap());
    for (given, expected) in [
        (vec![], "a program cannot be asked for its effect: set `creates` or `unless`"),
        (vec![("creates", at("there"))], "as wanted"),
        (vec![("creates", at("none"))], "needed"),
        (vec![("creates", at("there/none"))], "needed"),
        (vec![("unless", list(&["true"]))], "as wanted"),
        (vec![("unless", list(&["false"]))], "needed"),
        (vec![("creates", at("none")), ("unless", list(&["false"]))], "needed"),
        (vec![("unless", list(&["sh", "-c", "kill -9 $$"]))], "the program was ended by SIGKILL"),
        (vec![("unless", list(&["no-such-program"]))], "the program is not in PATH"),
        (vec![("creates", at("none")), ("unless", list(&["true"]))], "as wanted"),
    ] {
        let argv = vec![("argv", list(&["touch", path.to_str().unwrap()]))];
        for (before, change) in [(None, Change::None), (Some(PriorState::Unknown), Change::Updated)] {
            let found = bench.find("exec", &with(&[argv.clone(), given.clone()]), before).await;
            let told = match found {
                Ok(Existing::Unknown(why)) => why.into_owned(),
                Ok(Existing::Absent) => "needed".to_owned(),
                Ok(Existing::AsWanted(outcome)) => {
                    assert_eq!(outcome.change, change);
                    assert!(outcome.outputs["exit_code"].is_null());
                    "as wanted".to_owned()
                }
                Ok(other) => format!("{other:?}"),
                Err(error) => {
                    assert_eq!((error.about(), error.is_uncertain()), (Some("unless"), false));
                    error.summary().to_owned()
                }
            };
            assert_eq!(told, expected, "{given:?}");
        }
    }
    assert!(!path.exists(), "a query must not run the program");
}

/// Returns the text that everyone who has the pipe open writes, until the last one closes it.
fn read_to_end(pipe: &Path) -> tokio::task::JoinHandle<String> {
    let pipe = pipe.to_owned();
    tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        std::fs::File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
        text
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_program_ends_with_its_whole_group() {
    let sleep = "while :; do sleep 0.01; done";
    let ready = "echo ready > \"$0.ready\"";
    let stubborn = format!("trap '' TERM; (trap '' TERM; {sleep}) & {ready}; {sleep}");
    let polite = format!("trap 'echo bye >&3; exit' TERM; {ready}; {sleep}");
    let stopped = format!("{ready}; kill -STOP $$; {sleep}");
    for (script, expected) in [(stubborn.as_str(), ""), (&polite, "bye\n"), (&stopped, "")] {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        let begun = dir.path().join("pipe.ready");
        for pipe in [&pipe, &begun] {
            assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
        }
        let script = format!("exec 3>\"$0\"; {script}");
        let argv = list(&["sh", "-c", &script, pipe.to_str().unwrap()]);
        let bench = bench().await;
        let arguments = [("argv".into(), argv)].into_iter().collect();
        let work = registry(&bench.azure).get("exec").unwrap().prepare(&arguments).unwrap();
        let end = read_to_end(&pipe);
        let running = tokio::spawn(work.run(bench.context()));
        assert_eq!(read_to_end(&begun).await.unwrap(), "ready\n");
        running.abort();
        assert!(running.await.is_err());
        // The last owner waits until every group has ended, but not as long as the polite one may take.
        let _owner = Some(bench).filter(|_| !expected.is_empty());
        assert_eq!(end.await.unwrap(), expected, "{script}");
    }
}

#[tokio::test]
async fn a_process_that_outlives_its_program_is_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // The process in the background keeps the output open until the test reads the pipe.
    let script = sh(&format!("echo begun; (echo end > '{}') & exit 0", pipe.display()));
    let outcome = run(&bench().await, &[script]).await.unwrap();
    assert_eq!(text(&outcome, "stdout"), "begun\n");
    assert_eq!(read_to_end(&pipe).await.unwrap(), "end\n");
}

#[tokio::test]
async fn a_program_that_cannot_run_is_a_local_problem() {
    let error = run(&bench().await, &[vec![("argv", list(&["no-such-program"]))]]).await.unwrap_err();
    assert_eq!((error.kind(), error.about()), (ErrorKind::Local, Some("argv")));
}
