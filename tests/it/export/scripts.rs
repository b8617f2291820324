//! Scripts run, and do what their runbooks do.

use std::path::PathBuf;

use arcbook_lab::Service;
use serde_json::json;

use super::scene::{Scene, jumpstart, outputs};
use crate::executable::executable;
use crate::support::{Place, Ran, finished, repository};

#[test]
fn the_jumpstart_lab_as_a_script() {
    let ran = Place::new().run(&["export", "-format", "bash", &jumpstart()]);
    assert_eq!((ran.code, &*ran.err), (Some(0), ""), "{}", ran.seen());
    insta::assert_snapshot!(ran.out);
}

/// A variable decides which of two values is meant, and whether a condition applies.
#[test]
fn a_condition_that_is_known_chooses() {
    let words = ["export", "-format", "bash", "-var", "vault=site0000", &jumpstart()];
    let ran = Place::new().run(&words);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("https://site0000.vault.azure.net/secrets/scenario"), "{}", ran.out);
    let asks = |name: &str| ran.out.contains(&format!("shows several {name}"));
    assert_eq!((asks("key vaults"), asks("storage accounts")), (false, true), "{}", ran.out);
}

#[test]
fn a_script_sends_what_the_runbook_sends() {
    let (theirs, ours) = (Scene::jumpstart(), Scene::jumpstart());
    let script = ours.export(&["-var", "file=hosts", &jumpstart()]);
    assert_eq!(script.code, Some(0), "{}", script.seen());
    let ran = ours.run(&script.out);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());

    let place = Place::jumpstart();
    let mut command =
        theirs.cloud.command(&place, &["run", "-auto-approve", "-var", "file=hosts", "jumpstart"]);
    let run = Ran::of(finished(command.env("SSL_CERT_FILE", theirs.place.path().join("ca.pem"))));
    assert_eq!(run.code, Some(0), "{}", run.seen());
    assert_eq!(ours.requests(), theirs.requests());
    assert_eq!(ours.requests().len(), 16);
    assert_eq!(ours.cloud.changes(), ["PUT /uploads/hosts.txt", "PUT /uploads?restype=container"]);

    let shown = outputs(&ran);
    assert_eq!(shown["machine"], "ArcBox-Ubuntu-01", "{shown}");
    assert_eq!(
        shown["tags"],
        json!({ "datacentre": "Azure Citadel", "city": "Reading", "scenario": "Managed Identity" })
    );
    assert_eq!(shown["tag_names"], json!(["city", "datacentre", "owner", "scenario"]));
    assert_eq!(shown["secret"], "(sensitive value)");
    assert_eq!(shown["url"], "https://arcmi00000000.blob.core.windows.net/uploads/hosts.txt");
    assert_eq!(shown["secret_version"].as_str().map(str::len), Some(32));
    assert_eq!(shown["md5"].as_str().map(str::len), Some(24));

    // A second run finds everything as it is wanted, and another content is sent.
    let again = ours.run(&script.out);
    assert_eq!((again.code, ours.cloud.changes().len()), (Some(0), 2), "{}", again.seen());
    ours.place.write("hosts", "127.0.0.2 other\n");
    let changed = ours.run(&script.out);
    assert_eq!((changed.code, ours.cloud.changes().len()), (Some(0), 3), "{}", changed.seen());
}

/// Every program that a script starts notes its words.
#[test]
fn no_command_line_of_a_script_has_a_secret() {
    let scene = Scene::jumpstart();
    let script = scene.export(&["-var", "file=hosts", &jumpstart()]).out;
    let seen = scene.place.path().join("seen");
    let path = std::env::var("PATH").expect("a path");
    for program in ["curl", "jq", "sed", "tr", "tail", "openssl", "base64"] {
        let real = std::env::split_paths(&path).map(|directory| directory.join(program));
        let real: PathBuf = real.into_iter().find(|path| path.is_file()).expect("installed");
        let note = format!(
            "#!/bin/sh\nprintf '%s\\n' {program} \"$@\" >> {}\nexec {} \"$@\"\n",
            seen.display(),
            real.display()
        );
        executable(&scene.place.path().join("bin").join(program), &note);
    }
    let mut command = scene.command(&script);
    let ran = Ran::of(finished(
        command.env("PATH", format!("{}:{path}", scene.place.path().join("bin").display())),
    ));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let words = std::fs::read_to_string(seen).expect("noted");
    assert!(words.contains("--upload-file") && words.contains("--config"), "{words}");
    // A token, a key of the agent, and the value of the secret, which is the text of a tag too.
    assert!(
        !["eyJ0", "Authorization", "Managed Identity"].iter().any(|secret| words.contains(secret)),
        "{words}"
    );
    assert!(!ran.seen().contains("eyJ0"), "{}", ran.seen());
}

/// A header may be any text of one line; a part of a URL may not.
#[test]
fn a_result_may_be_the_value_of_a_header() {
    let runbook = r#"
        step "keyvault_secret" "type" {
          vault = "arcmi00000000"
          name  = "type"
        }
        step "blob_upload" "page" {
          account      = "arcmi00000000"
          container    = "pages"
          name         = "page.html"
          content      = "a page"
          content_type = step.keyvault_secret.type.content_type
        }
        "#;
    let secret = |content_type: &str| {
        let type_of = serde_json::to_string(content_type).expect("JSON");
        format!("  secret \"type\" {{\n    value = \"x\"\n    content_type = {type_of}\n  }}\n\n  secret ")
    };
    let world = std::fs::read_to_string(repository().join("runbooks/jumpstart/jumpstart.lab.hcl"));
    let world = world.expect("a world").replacen(
        "storage_account \"arcmi00000000\" {",
        "storage_account \"arcmi00000000\" {\n  container \"pages\" {}\n",
        1,
    );
    for (content_type, expected) in [
        ("text/html; charset=utf-8", Ok(())),
        ("text/html\nx-ms-meta-injected: 1", Err("has more than one line")),
    ] {
        let scene = Scene::of(&world.replacen("  secret ", &secret(content_type), 1));
        scene.place.write("site/main.runbook.hcl", runbook);
        let script = scene.export(&["site"]);
        assert_eq!(script.code, Some(0), "{}", script.seen());
        let ran = scene.run(&script.out);
        match expected {
            Ok(()) => {
                assert_eq!(ran.code, Some(0), "{}\n{}", ran.seen(), script.out);
                assert_eq!(scene.cloud.changes(), ["PUT /pages/page.html"]);
            }
            Err(reason) => {
                assert!(ran.code == Some(1) && ran.err.contains(reason), "{}", ran.seen());
                assert!(scene.cloud.changes().is_empty());
            }
        }
    }
}

#[test]
fn a_script_stops_where_a_run_fails() {
    let world =
        std::fs::read_to_string(repository().join("runbooks/jumpstart/jumpstart.lab.hcl")).expect("a world");
    let elsewhere = "resource_group \"elsewhere\" { location = \"westeurope\" }\n\n";
    let vault = "key_vault \"arcmi00000000\" {\n  resource_group = \"arc_pilot\"";
    assert!(world.contains(vault));
    let hidden = world.replace(vault, &format!("{elsewhere}{}", vault.replace("arc_pilot", "elsewhere")));
    let denied = world.replace("secrets = [\"get\", \"list\"]\n", "secrets = [\"list\"]\n");
    for (world, words) in [(hidden, "arc_pilot shows no key vault."), (denied, "status 403. Forbidden")] {
        let scene = Scene::of(&world);
        let script = scene.export(&["-var", "file=hosts", &jumpstart()]).out;
        let ran = scene.run(&script);
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        assert!(ran.err.contains(words), "no {words} in {}", ran.seen());
        assert_eq!(scene.cloud.changes(), Vec::<String>::new());
    }
}

/// Also in content, and not by its digest.
#[test]
fn a_secret_is_sent_as_it_is() {
    let scene = Scene::jumpstart();
    scene.place.write(
        "copy/main.runbook.hcl",
        r#"
        step "keyvault_secret" "scenario" {
          vault = "arcmi00000000"
          name  = "scenario"
        }
        step "blob_container" "copies" {
          account = "arcmi00000000"
          name    = "copies"
        }
        step "blob_upload" "copy" {
          account   = "arcmi00000000"
          container = step.blob_container.copies.name
          name      = "copy.txt"
          content   = "it's ${step.keyvault_secret.scenario.value}\n"
        }
        step "blob_upload" "again" {
          account   = "arcmi00000000"
          container = step.blob_container.copies.name
          name      = "again.txt"
          source    = "written"
          depends_on = [step.blob_upload.copy]
        }
        "#,
    );
    scene.place.write("copy/written", "it's Managed Identity\n");
    scene.place.write("written", "it's Managed Identity\n");
    let script = scene.export(&["copy"]);
    assert_eq!(script.code, Some(0), "{}", script.seen());
    let ran = scene.run(&script.out);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (Some(0), "", ""), "{}", script.out);
    // The service has checked the digest, and the second blob has the same.
    assert!(!script.out.contains("Managed Identity"), "{}", script.out);
    let again = scene.run(&script.out.replace("copies/again.txt", "copies/copy.txt"));
    assert_eq!((again.code, scene.cloud.changes().len()), (Some(0), 3), "{}", again.seen());
}

/// A world with two accounts, whose lists have a page for each item.
const ACCOUNTS: &str = r#"
        tenant_id    = "10000000-0000-4000-8000-000000000001"
        subscription = "00000000-0000-0000-0000-000000000000"
        page_size    = 1
        resource_group "rg" { location = "westeurope" }
        machine "vm-1" {
          resource_group = "rg"
          tags = { site = "north" }
        }
        role_assignment { role = "Reader" }
        storage_account "acc01" {
          resource_group = "rg"
          role_assignment { role = "Storage Blob Data Contributor" }
        }
        storage_account "acc02" {
          resource_group = "rg"
          role_assignment { role = "Storage Blob Data Contributor" }
        }
    "#;

/// A runbook whose module takes results of steps.
const SITE: &str = r#"
        step "metadata" "machine" {}
        step "arm_list" "accounts" {
          scope         = step.metadata.machine.resource_group_id
          resource_type = "Microsoft.Storage/storageAccounts"
          extract       = {
            first = "value[0].name"
            id    = "value[1].id"
            names = "value[].name"
          }
        }
        step "arm_get" "second" {
          path        = step.arm_list.accounts.extract.id
          api_version = "2023-05-01"
          extract     = { name = "name" }
        }
        module "report" {
          source   = "./report"
          for_each = { one = step.arm_list.accounts.extract.first, two = step.arm_get.second.extract.name }
          account  = each.value
          site     = step.metadata.machine.tags.site
        }
        output "names" { value = step.arm_list.accounts.extract.names }
        output "count" { value = length(step.arm_list.accounts.extract.names) }
        output "all" { value = join("+", step.arm_list.accounts.extract.names) }
        output "text" { value = "${step.metadata.machine.name} of ${step.arm_get.second.extract.name}" }
        output "known" { value = ["a", 1] }
        "#;

/// The module.
const REPORT: &str = r#"
        variable "account" { type = string }
        variable "site" { type = string }
        step "blob_container" "reports" {
          account = var.account
          name    = "reports"
        }
        step "blob_upload" "report" {
          account   = var.account
          container = step.blob_container.reports.name
          name      = "${var.site}/it's $HOME.txt"
          content   = "a 'text' with $(signs) and `more`\n"
        }
        "#;

/// Lists of many pages, modules, instances and ids that are results.
#[test]
fn parts_and_instances_of_a_runbook_are_written() {
    let scene = Scene::of(ACCOUNTS);
    scene.place.write("site/main.runbook.hcl", SITE);
    scene.place.write("site/report/report.runbook.hcl", REPORT);
    let script = scene.export(&["site"]);
    assert_eq!(script.code, Some(0), "{}", script.seen());
    let ran = scene.run(&script.out);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.seen(), script.out);
    let shown = outputs(&ran);
    let expected = json!({
        "names": ["acc01", "acc02"], "count": 2, "all": "acc01+acc02", "text": "vm-1 of acc02", "known": ["a", 1],
    });
    assert_eq!(shown, expected, "{}", ran.out);
    let written = scene.cloud.lab.requests().into_iter();
    let written = written.filter(|request| request.service == Service::Blob && request.status == Some(201));
    let mut written: Vec<String> =
        written.map(|request| format!("{}{}", request.host, request.target)).collect();
    written.sort();
    let blob = "reports/north/it%27s%20%24HOME.txt";
    let expected: Vec<String> = ["acc01", "acc02"]
        .into_iter()
        .flat_map(|account| {
            let host = format!("{account}.blob.core.windows.net");
            [format!("{host}/{blob}"), format!("{host}/reports?restype=container")]
        })
        .collect();
    assert_eq!(written, expected);
    let again = scene.run(&script.out);
    assert_eq!((again.code, scene.cloud.changes().len()), (Some(0), 4), "{}", again.seen());
}

/// Contents that functions make from results: the script makes each as the runbook does.
const MADE: &[&str] = &[
    "jsonencode({ z = step.metadata.machine.name, a = step.metadata.machine.tags, n = step.arm_list.all.extract.none })",
    "jsonencode([step.arm_list.all.extract.names, \"<&>\", 5, true, null])",
    "\"${upper(step.metadata.machine.name)} ${lower(step.metadata.machine.location)}\\n\"",
    "join(\", \", sort(step.arm_list.all.extract.names))",
    "base64encode(\"${step.metadata.machine.name}\\n\")",
    "jsonencode({ parts = split(\"-\", step.metadata.machine.name), count = length(step.arm_list.all.extract.names) })",
    "jsonencode({ secret = step.keyvault_secret.s.value })",
];

#[test]
fn a_script_makes_what_functions_make() {
    let blob = |(number, content): (usize, &&str)| {
        format!(
            "step \"blob_upload\" \"b{number}\" {{\n  account = \"arcmi00000000\"\n  container = step.blob_container.c.name\n  \
             name = \"b{number}\"\n  content = {content}\n}}\n"
        )
    };
    let blobs: String = MADE.iter().enumerate().map(blob).collect();
    let runbook = format!(
        "step \"metadata\" \"machine\" {{}}\nstep \"arm_list\" \"all\" {{\n  scope = step.metadata.machine.resource_group_id\n  \
         extract = {{ names = \"value[].name\", none = \"value[?name=='none'].name | [0]\" }}\n}}\n\
         step \"keyvault_secret\" \"s\" {{\n  vault = \"arcmi00000000\"\n  name = \"scenario\"\n}}\n\
         step \"blob_container\" \"c\" {{\n  account = \"arcmi00000000\"\n  name = \"made\"\n}}\n{blobs}"
    );
    let scene = Scene::jumpstart();
    scene.place.write("own/main.runbook.hcl", &runbook);
    let script = scene.export(&["own"]);
    assert_eq!(script.code, Some(0), "{}", script.seen());
    let ran = scene.run(&script.out);
    assert_eq!(ran.code, Some(0), "{}\n{}", script.out, ran.seen());
    assert_eq!(scene.cloud.changes().len(), MADE.len() + 1);
    // The runbook finds every blob as it is wanted.
    let mut command = scene.cloud.command(&scene.place, &["run", "-auto-approve", "own"]);
    let run = Ran::of(finished(command.env("SSL_CERT_FILE", scene.place.path().join("ca.pem"))));
    assert_eq!(run.code, Some(0), "{}", run.seen());
    assert_eq!(scene.cloud.changes().len(), MADE.len() + 1, "{}", run.seen());
}

#[test]
fn the_runbook_of_init_has_a_script() {
    let scene = Scene::jumpstart();
    let made = scene.place.run(&["init", "own"]);
    assert_eq!(made.code, Some(0), "{}", made.seen());
    let script = scene.export(&["own"]);
    assert_eq!(script.code, Some(0), "{}", script.seen());
    let ran = scene.run(&script.out);
    assert_eq!((ran.code, scene.cloud.changes().len()), (Some(0), 2), "{}", ran.seen());
}
