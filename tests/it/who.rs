//! Records and plan files say who made them, where, and with which approval.

use std::fs::File;
use std::io::Write;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value as Json, json};

use crate::cloud::{Cloud, WORLD};
use crate::support::{Place, Ran, settings};

const RUNBOOK: &str = r#"
variable "pin" {
  default   = "none-yet"
  sensitive = true
}

step "blob_container" "new" {
  account = "acc01"
  name    = "new"
}
"#;

/// A runbook without changes.
const READS: &str = "step \"keyvault_secret\" \"word\" {\n  vault = \"kv01\"\n  name = \"word\"\n}\n";

/// The resource id of the machine in the lab.
const MACHINE: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg/providers/microsoft.hybridcompute/machines/vm-1";

/// Returns the first event of the newest record.
fn started(place: &Place) -> Json {
    let shown = place.run(&["show", "-json"]);
    serde_json::from_str(shown.out.lines().next().expect("events")).expect("JSON")
}

/// Runs the program with a terminal as its input, on which a user types `yes`.
fn typing(cloud: &Cloud, place: &Place, arguments: &[&str]) -> Ran {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).expect("granted");
    unlockpt(&terminal).expect("unlocked");
    let name = ptsname(&terminal, Vec::new()).expect("a name");
    let input = File::options().read(true).write(true).open(name.to_str().expect("a path")).expect("opened");
    let mut terminal = File::from(terminal);
    terminal.write_all(b"yes\n").expect("typed");
    Ran::of(cloud.command(place, arguments).stdin(Stdio::from(input)).output().expect("the program"))
}

#[test]
fn a_record_has_the_approval_of_its_run() {
    let cloud = Cloud::start();
    let place = Place::with(RUNBOOK);
    let planned = cloud.run(&place, &["plan", "-out", "new.plan"]);
    assert_eq!(planned.code, Some(0), "{}", planned.seen());
    let approved = |ran: &Ran, place: &Place, approval: &str, command: &[&str]| {
        assert_eq!(ran.code, Some(0), "{approval}: {}", ran.seen());
        let started = started(place);
        assert_eq!(started["approval"], approval, "{started}");
        assert_eq!(started["command"], json!(command), "{approval}");
        assert_eq!(started["by"], json!({ "user": "ann", "host": "web01" }));
        assert_eq!(started.get("plan").is_some(), approval == "plan_file");
    };
    approved(&cloud.run(&place, &["run", "new.plan"]), &place, "plan_file", &["arcbook", "run", "new.plan"]);
    let undo = cloud.run(&place, &["undo", "-auto-approve"]);
    approved(&undo, &place, "auto_approve", &["arcbook", "undo", "-auto-approve"]);
    let page = place.run(&["show"]).out;
    assert!(page.contains("object id  ") && !page.contains("principal not known"), "{page}");
    let run = cloud.run(&place, &["run", "-auto-approve", "-var", "pin=hunter3"]);
    approved(&run, &place, "auto_approve", &["arcbook", "run", "-auto-approve", "-var pin=…"]);
    let undo = typing(&cloud, &place, &["undo"]);
    approved(&undo, &place, "typed", &["arcbook", "undo"]);
    approved(&typing(&cloud, &place, &["run"]), &place, "typed", &["arcbook", "run"]);

    let reads = Place::with(READS);
    approved(&cloud.run(&reads, &["run"]), &reads, "not_needed", &["arcbook", "run"]);
    let lab = Place::with(RUNBOOK);
    lab.write("world.lab.hcl", WORLD);
    approved(&lab.run(&["run", "-lab"]), &lab, "lab", &["arcbook", "run", "-lab"]);
}

/// An automatic undo was approved together with its run.
#[test]
fn an_undo_after_a_failure_has_the_approval_of_the_run() {
    let cloud = Cloud::start();
    let fails = "runbook { on_failure = \"undo\" }\nstep \"arm_get\" \"wrong\" {\n  path = \"/subscriptions/x/y\"\n  api_version = \"2021-04-01\"\n  depends_on = [step.blob_container.new]\n}\n";
    let place = Place::with(&format!("{RUNBOOK}{fails}"));
    let ran = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let started = started(&place);
    assert!(started.get("undoes").is_some(), "{started}");
    assert_eq!(started["approval"], "auto_approve");
}

#[test]
fn a_record_begins_with_who_and_where() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    assert_eq!(cloud.run(&place, &["run", "-auto-approve"]).code, Some(0));
    let wide = place.command(&["show"]).env("COLUMNS", "400").output().expect("the program");
    let shown = Ran::of(wide).out;
    let rows = shown.lines().skip_while(|line| !line.starts_with("Who"));
    let head: String = rows.take(10).flat_map(|line| [line, "\n"]).collect();
    let head = head.replace(&cloud.lab.azure().arm, "[arm]");
    let mut settings = settings();
    settings.add_filter(r"(?m)^With .*$", "With        [versions]");
    settings.bind(|| insta::assert_snapshot!(head));
    let runs: Json = serde_json::from_str(&place.run(&["runs", "-json"]).out).expect("one run");
    assert_eq!(runs["by"], json!({ "user": "ann", "host": "web01" }));
    assert_eq!(runs["approval"], "auto_approve");
    assert_eq!(runs["principals"]["machine"]["machine"], MACHINE);
    let pruned = place.run(&["runs", "prune", "-keep", "0", "-including-undoable", "-auto-approve"]);
    assert_eq!(pruned.code, Some(0), "{}", pruned.seen());
    let removal = pruned.out.split_whitespace().find(|word| word.contains(".prune")).expect("a record");
    let shown = place.run(&["show", removal.trim_end_matches(',')]).out;
    assert!(shown.contains("removal of 1 records by ann@web01, approved by -auto-approve"), "{shown}");
}

#[test]
fn the_system_names_the_user_and_the_host() {
    let (cloud, place) = (Cloud::start(), Place::with(READS));
    let mut command = cloud.command(&place, &["run"]);
    let ran = Ran::of(command.env_remove("ARCBOOK_TEST_ACTOR").output().expect("the program"));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let started = started(&place);
    let host = rustix::system::uname();
    assert_eq!(started["by"]["host"], host.nodename().to_str().expect("UTF-8"));
    assert_eq!(started["by"]["uid"], rustix::process::geteuid().as_raw());
    assert_eq!(started["versions"]["architecture"], std::env::consts::ARCH);
    assert!(started["versions"]["kernel"].is_string(), "{started}");
}

/// A plan, the host and the lab that run it, and the mismatch in the refusal.
struct Case<'a> {
    plan: &'a [&'a str],
    host: &'static str,
    /// The text of the world that another lab replaces.
    other: Option<(&'static str, &'static str)>,
    refusal: &'static str,
}

#[test]
fn a_plan_file_of_another_machine_is_refused() {
    let upper = MACHINE.to_uppercase();
    let upper = ["-for-machine", &upper];
    let renamed = Some(("machine \"vm-1\" {", "machine \"vm-2\" {"));
    let principal = Some((
        "{ resource_group = \"rg\" }",
        "{\n  resource_group = \"rg\"\n  principal_id = \"aaaaaaaa-0000-4000-8000-000000000001\"\n}",
    ));
    let tenant = Some(("10000000-0000-4000-8000-000000000001", "20000000-0000-4000-8000-000000000002"));
    let cases = [
        Case { plan: &[], host: "web01", other: None, refusal: "" },
        Case { plan: &[], host: "db02", other: None, refusal: "`host` was web01, is db02" },
        Case { plan: &["-live"], host: "db02", other: None, refusal: "" },
        Case { plan: &["-live"], host: "web01", other: renamed, refusal: "`machine` was " },
        Case { plan: &["-live"], host: "web01", other: principal, refusal: "`object_id` was " },
        Case { plan: &["-live"], host: "web01", other: tenant, refusal: "`tenant` was " },
        Case { plan: &["-for-machine", MACHINE], host: "db02", other: None, refusal: "" },
        Case { plan: &upper, host: "db02", other: None, refusal: "" },
        Case { plan: &["-for-machine", MACHINE], host: "web01", other: renamed, refusal: "`machine` was " },
    ];
    for Case { plan, host, other, refusal } in cases {
        let (made, place) = (Cloud::start(), Place::with(RUNBOOK));
        let planned = made.run(&place, &[&["plan", "-out", "new.plan"], plan].concat());
        assert_eq!(planned.code, Some(0), "{plan:?}: {}", planned.seen());
        let other = other.map(|(is, becomes)| Cloud::of_world(&WORLD.replace(is, becomes)));
        let cloud = other.as_ref().unwrap_or(&made);
        let mut command = cloud.command(&place, &["run", "new.plan"]);
        command.env("ARCBOOK_TEST_ACTOR", format!("bob@{host}"));
        let ran = Ran::of(command.output().expect("the program"));
        if refusal.is_empty() {
            assert_eq!(ran.code, Some(0), "{plan:?} on {host}: {}", ran.seen());
            assert_eq!(cloud.changes(), ["PUT /new?restype=container"], "{plan:?} on {host}");
            continue;
        }
        assert_eq!(ran.code, Some(3), "{plan:?} on {host}: {}", ran.seen());
        assert!(ran.err.contains("error[other-machine]") && ran.err.contains(refusal), "{}", ran.seen());
        assert!(ran.err.contains("ann@web01 made it at 20"), "{}", ran.seen());
        assert!(ran.err.contains("-for-machine ID"), "{}", ran.seen());
        assert_eq!(cloud.changes(), [""; 0]);
        assert!(!place.path().join(".arcbook").exists(), "{plan:?} on {host}: something was run");
    }
}

/// A plan for a machine can be made where there is no agent.
#[test]
fn a_plan_for_a_machine_is_made_without_its_agent() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    let mut command = cloud.command(&place, &["plan", "-out", "new.plan", "-for-machine", MACHINE]);
    let planned = Ran::of(command.env_remove("ARCBOOK_TEST_KEYS").output().expect("the program"));
    assert_eq!(planned.code, Some(0), "{}", planned.seen());
    assert!(
        planned.out.contains(&format!("the managed identity of the machine {MACHINE}")),
        "{}",
        planned.seen()
    );
    assert!(planned.out.contains(&format!("It is for machine {MACHINE}.")), "{}", planned.seen());
    let ran = cloud.run(&place, &["run", "new.plan"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

/// Values reach no file and no output, in whatever spelling they are on the command line.
#[test]
fn no_value_of_the_command_line_is_recorded() {
    const SECRET: &str = "hunter2-who";
    let cloud = Cloud::start();
    let typed = format!("pin={SECRET}");
    let spaced = format!(" pin ={SECRET}");
    let joined = [format!("-var={typed}"), format!("--var={typed}")];
    let spellings: [&[&str]; 5] =
        [&["-var", &typed], &["--var", &typed], &["-var", &spaced], &[&joined[0]], &[&joined[1]]];
    for spelling in spellings {
        let place = Place::with(RUNBOOK);
        let environment = |arguments: &[&str]| {
            let mut command = cloud.command(&place, &[arguments, spelling].concat());
            command
                .env("ARCBOOK_TEST_UNUSED", SECRET)
                .env("USER", SECRET)
                .env("SUDO_USER", "x y hunter2-who");
            Ran::of(command.env_remove("ARCBOOK_TEST_ACTOR").output().expect("the program"))
        };
        let planned = environment(&["plan", "-out", "new.plan"]);
        assert_eq!(planned.code, Some(0), "{spelling:?}: {}", planned.seen());
        let ran = environment(&["run", "-auto-approve"]);
        assert_eq!(ran.code, Some(0), "{spelling:?}: {}", ran.seen());
        assert_eq!(started(&place)["command"], json!(["arcbook", "run", "-auto-approve", "-var pin=…"]));
        let shown = place.run(&["show"]);
        for text in [&planned.out, &planned.err, &ran.out, &ran.err, &shown.out] {
            assert!(!text.contains(SECRET), "{spelling:?}: {text}");
        }
        for (path, content) in place.files() {
            assert!(!String::from_utf8_lossy(&content).contains(SECRET), "{spelling:?}: {}", path.display());
        }
        cloud.run(&place, &["undo", "-auto-approve"]);
    }
}
