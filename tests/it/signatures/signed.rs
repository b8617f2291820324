//! The signed statements, and that a run is the plan.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use arcbook_engine::attest::VerifyingKey;

use super::support::{RUNBOOK, ended, place, plan, private, records, run, run_with, signature, with_payload};

fn statement(envelope: &str) -> Json {
    let envelope: Json = serde_json::from_str(envelope).expect("an envelope");
    assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
    let payload = STANDARD.decode(envelope["payload"].as_str().expect("a payload")).expect("base64");
    serde_json::from_slice(&payload).expect("a statement")
}

#[test]
fn a_plan_and_its_run_are_signed_and_verified() {
    let place = place();
    plan(&place);
    let record = run(&place);
    let text = fs::read_to_string(place.path().join("site.plan.intoto.json")).expect("a signature");
    let signed = statement(&text);
    assert_eq!(signed["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(signed["subject"][0]["name"], "site.plan");
    let writes = json!({ "access": "write", "path": "out.txt" });
    let files = signed["predicate"]["permits"]["files"].as_array().expect("files");
    assert!(
        files.iter().any(|file| file["access"] == writes["access"] && file["path"] == writes["path"]),
        "{signed}"
    );
    let of_record = statement(&fs::read_to_string(signature(&record)).expect("a signature"));
    let predicate = &of_record["predicate"];
    assert_eq!(predicate["plan"], signed["subject"][0]["digest"]["sha256"]);
    assert_eq!(predicate["approved"]["approval"], "plan_file");
    assert_eq!(predicate["approved"]["by"]["user"], "ann");
    assert_eq!((&predicate["policies"], &predicate["status"]), (&json!([]), &json!("done")));
    let plan_verified = ended(place.run(&["verify", "-key", "key.pub", "site.plan"]), 0);
    assert!(plan_verified.out.contains("The plan is signed"), "{}", plan_verified.seen());
    for arguments in [
        &["verify", "-key", "key.pub", "latest"][..],
        &["verify", "-key", "key.pub", "latest", "-plan", "site.plan"],
        &["verify", "-key", "key.pub"],
        &["verify", "-key", "key.pub", ".arcbook/runs"],
        &["verify", "-key", "key.pub", record.to_str().expect("UTF-8")],
    ] {
        let ran = ended(place.run(arguments), 0);
        assert!(ran.out.contains("signed"), "{arguments:?}: {}", ran.seen());
        ended(place.run(&[arguments, &["-json"]].concat()), 0);
    }
}

#[test]
fn only_a_signed_plan_runs_where_that_is_required() {
    let place = place();
    plan(&place);
    let required = ["run", "site.plan", "-require-signature"];
    let other = ended(place.run(&[&required[..], &["other.pub"]].concat()), 3);
    assert!(other.err.contains("no signature in it is one of the given key"), "{}", other.seen());
    ended(place.run(&["run", "-require-signature", "key.pub", "-auto-approve"]), 3);
    let envelope = fs::read_to_string(place.path().join("site.plan.intoto.json")).expect("a signature");
    // Another plan with the signature of the first one.
    place.write("main.runbook.hcl", RUNBOOK.replace("hello", "goodbye"));
    ended(place.run(&["plan", "-out", "site.plan"]), 0);
    place.write("site.plan.intoto.json", &envelope);
    let replaced = ended(place.run(&[&required[..], &["key.pub"]].concat()), 3);
    assert!(replaced.err.contains("it was signed with the digest"), "{}", replaced.seen());
    fs::remove_file(place.path().join("site.plan.intoto.json")).expect("removed");
    let unsigned = ended(place.run(&[&required[..], &["key.pub"]].concat()), 3);
    assert!(unsigned.err.contains("is not signed"), "{}", unsigned.seen());
    assert!(records(&place).is_empty() && !place.path().join("out.txt").exists());
}

#[test]
fn a_run_of_another_plan_is_not_the_run_of_this_one() {
    let place = place();
    plan(&place);
    let record = run(&place);
    place.write("main.runbook.hcl", RUNBOOK.replace("hello", "goodbye"));
    ended(place.run(&["plan", "-out", "later.plan", "-sign", "key.pem"]), 0);
    let name = record.to_str().expect("UTF-8");
    let ran = ended(place.run(&["verify", "-key", "key.pub", name, "-plan", "later.plan"]), 1);
    assert!(ran.err.contains("did not execute later.plan"), "{}", ran.seen());
    for words in ["it executed the plan with the sha256 ", "name the plan file that the run executed"] {
        assert!(ran.err.contains(words) && !ran.err.contains("do not trust"), "{words}: {}", ran.seen());
    }
}

#[test]
fn a_run_without_a_plan_file_is_not_the_run_of_one() {
    let place = place();
    plan(&place);
    ended(place.run(&["run", "-auto-approve", "-sign", "key.pem"]), 0);
    let ran = ended(place.run(&["verify", "-key", "key.pub", "latest", "-plan", "site.plan"]), 1);
    assert!(ran.err.contains("it was not made from a plan file"), "{}", ran.seen());
    assert!(!ran.err.contains("another plan") && !ran.err.contains("do not trust"), "{}", ran.seen());
}

#[test]
fn a_plan_of_one_key_and_a_record_of_another_are_checked_together() {
    let place = place();
    plan(&place);
    let record = run_with(&place, "other.pem");
    let typed = ["verify", "-key", "other.pub", "latest", "-plan", "site.plan"];
    let refused = ended(place.run(&typed), 1);
    assert!(refused.err.contains("site.plan does not hold"), "{}", refused.seen());
    let verified = ended(place.run(&[&typed[..], &["-plan-key", "key.pub"]].concat()), 0);
    let signed = statement(&fs::read_to_string(signature(&record)).expect("a signature"));
    let signature = &signed["predicate"]["approved"]["plan_signature"];
    let key = VerifyingKey::read(&fs::read(place.path().join("key.pub")).expect("a key")).expect("a key");
    assert_eq!((&signature["key"], &signature["made"]["by"]["user"]), (&json!(key.id()), &json!("ann")));
    for told in [
        format!("which the key {} signed", key.id()),
        "The run required the signature of this plan".to_owned(),
    ] {
        assert!(verified.out.contains(&told), "{}", verified.seen());
    }
    let shown = ended(place.run(&["show", "latest"]), 0);
    assert!(shown.out.contains("made by ann@"), "{}", shown.seen());
    // A run that required no signature names none, whatever lies beside the plan.
    fs::remove_file(place.path().join("out.txt")).expect("removed");
    ended(place.run(&["run", "site.plan", "-sign", "other.pem"]), 0);
    let verified = ended(place.run(&[&typed[..], &["-plan-key", "key.pub"]].concat()), 0);
    assert!(!verified.out.contains("required the signature"), "{}", verified.seen());
}

#[test]
fn a_removal_is_signed() {
    let place = place();
    for _ in 0..2 {
        plan(&place);
        run(&place);
    }
    let prune = ["runs", "prune", "-keep", "1", "-including-undoable", "-auto-approve"];
    ended(place.run(&[&prune[..], &["-sign", "key.pem"]].concat()), 0);
    let ran = ended(place.run(&["verify", "-key", "key.pub"]), 0);
    assert!(ran.out.contains("Each of them is signed"), "{}", ran.seen());
    let removal = records(&place).into_iter().find(|path| path.to_string_lossy().contains(".prune."));
    let removal = removal.expect("a removal");
    let one = ended(place.run(&["verify", "-key", "key.pub", removal.to_str().expect("UTF-8")]), 0);
    assert!(one.out.contains("removal of 1 record by ann"), "{}", one.seen());
    // Who edits the list of what was removed breaks the signature, and who leaves it out too.
    let text = fs::read_to_string(&removal).expect("a removal");
    fs::write(&removal, text.replacen("\"auto_approve\"", "\"typed\"", 1)).expect("written");
    assert_eq!(place.run(&["verify", "-key", "key.pub"]).code, Some(1));
    fs::write(&removal, text).expect("written");
    fs::remove_file(signature(&removal)).expect("removed");
    let unsigned = ended(place.run(&["verify", "-key", "key.pub"]), 1);
    assert!(unsigned.err.contains(".prune.jsonl is not signed"), "{}", unsigned.seen());
}

#[test]
fn where_no_record_is_nothing_is_signed() {
    let place = place();
    place.write("empty/.arcbook/runs/notes.txt", "");
    for (arguments, code, words) in [
        (&["verify", "-key", "key.pub"][..], 3, "no run is on record"),
        (&["verify", "-key", "key.pub", "."], 1, "there is no record in"),
        (&["verify", "-key", "key.pub", "-journal", "empty/.arcbook/runs"], 1, "there is no record in"),
    ] {
        let ran = ended(place.run(arguments), code);
        assert!(ran.err.contains(words), "{}", ran.seen());
        assert!(!ran.out.contains("signed"), "{}", ran.seen());
    }
}

#[test]
fn envelopes_that_are_wrong_are_refused() {
    let place = place();
    plan(&place);
    let envelope = fs::read_to_string(place.path().join("site.plan.intoto.json")).expect("a signature");
    let json: Json = serde_json::from_str(&envelope).expect("an envelope");
    let with = |change: &dyn Fn(&mut Json)| {
        let mut json = json.clone();
        change(&mut json);
        json.to_string()
    };
    let mut two = json["signatures"].as_array().expect("signatures").clone();
    two.insert(0, json!({ "keyid": "", "sig": STANDARD.encode([0_u8; 64]) }));
    let holds = with(&|json| json["signatures"] = two.clone().into());
    let no_hint = with(&|json| json["signatures"][0]["keyid"] = "".into());
    let cases = [
        (envelope[..envelope.len() / 2].to_owned(), Some("is not a DSSE envelope")),
        (String::new(), Some("is not a DSSE envelope")),
        (with(&|json| json["payloadType"] = "text/plain".into()), Some("of the type `text/plain`")),
        (with(&|json| json["payload"] = "?".into()), Some("is not base64")),
        (with(&|json| json["signatures"] = json!([])), Some("has no signature")),
        (with_payload(&envelope, |text| text.replace("ann", "eve")), Some("what it signs was changed")),
        (
            with_payload(&envelope, |text| text.replace("plan/v1", "record/v1")),
            Some("what it signs was changed"),
        ),
        (envelope.replacen('{', "{\"payload\":\"e30=\",", 1), Some("duplicate field `payload`")),
        (holds, None),
        (no_hint, None),
    ];
    for (text, refused) in cases {
        place.write("site.plan.intoto.json", &text);
        let ran = place.run(&["verify", "-key", "key.pub", "site.plan"]);
        assert_eq!(ran.code, Some(i32::from(refused.is_some())), "{refused:?}: {}", ran.seen());
        if let Some(reason) = refused {
            assert!(ran.err.contains(reason), "{reason}: {}", ran.seen());
        }
    }
    // A statement about a record is none about a plan, although the key is the same.
    let record = run_again(&place);
    fs::copy(signature(&record), place.path().join("site.plan.intoto.json")).expect("copied");
    let ran = ended(place.run(&["verify", "-key", "key.pub", "site.plan"]), 1);
    assert!(ran.err.contains("is of the kind"), "{}", ran.seen());
}

fn run_again(place: &crate::support::Place) -> std::path::PathBuf {
    plan(place);
    run(place)
}

#[test]
fn the_policies_that_were_asked_are_signed() {
    let place = place();
    place.write("rules/none.rego", "package arcbook\n\ndeny contains \"never\" if {\n  false\n}\n");
    ended(place.run(&["run", "-auto-approve", "-policy", "rules", "-sign", "key.pem"]), 0);
    let record = records(&place).pop().expect("a record");
    let signed = statement(&fs::read_to_string(signature(&record)).expect("a signature"));
    assert_eq!(signed["predicate"]["policies"][0]["file"], "none.rego", "{signed}");
    assert_eq!(signed["predicate"]["policies"][0]["sha256"].as_str().map(str::len), Some(64));
    ended(place.run(&["verify", "-key", "key.pub", "latest"]), 0);
}

#[test]
fn no_statement_has_a_secret() {
    let place = place();
    place.write(
        "main.runbook.hcl",
        "variable \"pw\" {\n  sensitive = true\n}\n\nstep \"exec\" \"use\" {\n  argv        = [\"true\"]\n  \
         environment = { PASSWORD = var.pw }\n}\n\nstep \"file\" \"kept\" {\n  path    = \"kept\"\n  content = \"pw ${var.pw}\"\n  \
         mode    = \"0600\"\n}\n\noutput \"pw\" {\n  value     = var.pw\n  sensitive = true\n}\n",
    );
    let given = ["-var", "pw=canary-zqxv"];
    ended(place.run(&[&["plan", "-out", "site.plan", "-sign", "key.pem"], &given[..]].concat()), 0);
    ended(place.run(&[&["run", "site.plan", "-sign", "key.pem"], &given[..]].concat()), 0);
    let record = records(&place).pop().expect("a record");
    for path in [place.path().join("site.plan.intoto.json"), signature(&record)] {
        let statement = statement(&fs::read_to_string(path).expect("a signature")).to_string();
        assert!(!statement.contains("canary") && !statement.contains("zqxv"), "{statement}");
    }
    let permits = &statement(
        &fs::read_to_string(place.path().join("site.plan.intoto.json")).expect("a signature"),
    )["predicate"]["permits"];
    let to: Vec<&str> =
        permits["secrets"].as_array().expect("a list").iter().filter_map(|end| end["to"].as_str()).collect();
    assert_eq!(to, ["output.pw", "step.exec.use.environment", "step.file.kept.content"]);
}

#[test]
fn a_run_that_cannot_record_does_not_run() {
    let place = place();
    place.write("file", "");
    let ran = place.run(&["run", "-auto-approve", "-audit", "-journal", "file"]);
    assert_ne!(ran.code, Some(0), "{}", ran.seen());
    assert!(!place.path().join("out.txt").exists(), "{}", ran.seen());
    private(&place, "broken.pem", "-----BEGIN PRIVATE KEY-----\n");
    let ran = ended(place.run(&["run", "-auto-approve", "-sign", "broken.pem"]), 3);
    assert!(!place.path().join("out.txt").exists() && records(&place).is_empty(), "{}", ran.seen());
}

/// A disk that is full when the run begins: a step that only reads does not start either.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_an_audited_run_before_its_first_step() {
    let place = place();
    place.write("main.runbook.hcl", "step \"exec\" \"look\" {\n  argv   = [\"touch\", \"started\"]\n  effect = \"reads\"\n}\n\noutput \"x\" {\n  value = step.exec.look.stdout\n}\n");
    // No file may have more than 0 blocks, as on a full disk.
    let run = |audit: &str| {
        let script = format!("ulimit -f 0; exec \"$0\" run -auto-approve {audit}");
        let mut shell = std::process::Command::new("sh");
        let program = place.command(&[]);
        shell.args(["-c", &script]).arg(program.get_program()).current_dir(place.path());
        shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.output().expect("a shell")
    };
    let audited = run("-audit");
    assert_eq!(audited.status.code(), Some(1), "{audited:?}");
    assert!(
        String::from_utf8_lossy(&audited.stderr).contains("the record of the run is incomplete"),
        "{audited:?}"
    );
    assert!(!place.path().join("started").exists());
}
