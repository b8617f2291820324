//! Tests files that change after the plan was made.

use super::*;

/// Changes one file of the runbook after its plan was saved, and runs the plan.
pub fn changed(cloud: &Cloud, name: &str, content: &str) -> Ran {
    let place = book();
    saved(cloud, &place);
    place.write(&format!("book/{name}"), content);
    let ran = run(cloud, &place, &[]);
    assert!(!place.path().join(".arcbook").exists(), "something was run: {}", ran.seen());
    ran
}

#[test]
fn a_changed_file_is_refused_before_the_run() {
    let cloud = Cloud::start();
    for (name, content, expected) in [
        ("note.txt", "another note", "the file note.txt has changed"),
        ("data.bin", "other data", "the file data.bin has changed"),
        ("site/main.runbook.hcl", &format!("{SITE}# more\n"), "the file site/main.runbook.hcl has changed"),
        ("x.auto.vars.hcl", "region = \"south\"\n", "the file x.auto.vars.hcl has changed"),
        ("new.runbook.hcl", "", "the file new.runbook.hcl is read now"),
    ] {
        let ran = changed(&cloud, name, content);
        assert_eq!(ran.code, Some(3), "{name}: {}", ran.seen());
        assert!(ran.err.contains(expected), "no {expected} in {}", ran.err);
        assert!(ran.err.contains("`arcbook plan -out book.plan book`"), "{}", ran.err);
    }
    assert_eq!(cloud.changes(), [""; 0]);
}

/// The file changes between the comparison and the upload.
#[test]
fn a_file_that_changes_during_the_run_is_not_uploaded() {
    let place = Place::with(
        r#"
step "keyvault_secret" "word" {
  vault = "kv01"
  name  = "word"
}
step "blob_upload" "data" {
  account    = "acc01"
  container  = "old"
  name       = "data.bin"
  source     = "data.bin"
  depends_on = [step.keyvault_secret.word]
}
"#,
    );
    place.write("data.bin", "as it was reviewed");
    let data = place.path().join("data.bin");
    let cloud = Cloud::watched(move |request| {
        if request.service == Service::KeyVault {
            std::fs::write(&data, "something else").expect("written");
        }
    });
    assert_eq!(cloud.run(&place, &["plan", "-out", "a.plan"]).code, Some(0));
    let ran = cloud.run(&place, &["run", "a.plan"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.err.contains("error[unplanned-change]: data.bin has changed"), "{}", ran.err);
    assert_eq!(cloud.changes(), [""; 0]);
}
