//! Outputs inherit the marks of the arguments that they are computed from.

use crate::support::Place;

const VARIABLE: &str = r#"
variable "canary" {
  type      = string
  sensitive = true
  default   = "k1-P@ss/w0rd:canary"
}
"#;

/// A step with the secret in its arguments, one of its outputs, and whether that output is sensitive.
const OUTPUTS: &[(&str, &str, bool)] = &[
    (
        r#"step "blob_upload" "a" { account = "acc", container = "con", name = "k-${var.canary}", content = "x" }"#,
        "url",
        true,
    ),
    (
        r#"step "blob_upload" "a" { account = "acc", container = "con", name = "k-${var.canary}", content = "x" }"#,
        "md5",
        false,
    ),
    (
        r#"step "blob_upload" "a" { account = "acc", container = "con", name = "k", content = var.canary }"#,
        "md5",
        true,
    ),
    (
        r#"step "blob_upload" "a" { account = "acc", container = "con", name = "k", content = "-${var.canary}" }"#,
        "size",
        true,
    ),
    (
        r#"step "blob_upload" "a" { account = "acc", container = "con", name = "k", content = var.canary }"#,
        "url",
        false,
    ),
    (
        r#"step "blob_upload" "a" { account = "acc", container = "con", name = "k", content = var.canary }"#,
        "etag",
        false,
    ),
    (r#"step "blob_container" "a" { account = sensitive("acc"), name = "con" }"#, "url", true),
    (r#"step "blob_container" "a" { account = sensitive("acc"), name = "con" }"#, "name", false),
    (r#"step "blob_container" "a" { account = "acc", name = sensitive("con") }"#, "name", true),
    (r#"step "keyvault_secret" "a" { vault = "vault1", name = sensitive("con") }"#, "id", true),
    (r#"step "keyvault_secret" "a" { vault = "vault1", name = sensitive("con") }"#, "tags", false),
    (r#"step "arm_list" "a" { scope = "/subscriptions/${sensitive("s")}" }"#, "items", true),
    (
        r#"step "arm_list" "a" { scope = "/subscriptions/s", filter = "name eq '${var.canary}'" }"#,
        "body",
        true,
    ),
    (
        r#"step "arm_get" "a" { path = "/subscriptions/${sensitive("s")}", api_version = "2021-04-01" }"#,
        "body",
        true,
    ),
    (
        r#"step "arm_get" "a" { path = "/subscriptions/${sensitive("s")}", api_version = "2021-04-01" }"#,
        "status",
        false,
    ),
    (
        r#"step "arm_get" "a" { path = "/subscriptions/s", api_version = "2021-04-01", query = { a = var.canary } }"#,
        "body",
        true,
    ),
    (r#"step "token" "a" { resource = "https://${sensitive("vault.azure.net")}" }"#, "claims", true),
    (r#"step "echo" "a" { input = { open = "x", shut = var.canary } }"#, "output.open", false),
    (r#"step "echo" "a" { input = { open = "x", shut = var.canary } }"#, "output.shut", true),
];

#[test]
fn outputs_computed_from_a_secret_are_sensitive() {
    for (step, field, sensitive) in OUTPUTS {
        let kind = step.split('"').nth(1).expect("a type");
        let step = step.replace("{ ", "{\n").replace(", ", "\n").replace(" }", "\n}").replacen(
            "input = {\nopen = \"x\"\nshut = var.canary\n}",
            "input = { open = \"x\", shut = var.canary }",
            1,
        );
        let step = step.replace("query = {\na = var.canary\n}", "query = { a = var.canary }");
        let place =
            Place::with(&format!("{VARIABLE}\n{step}\noutput \"o\" {{ value = step.{kind}.a.{field} }}\n"));
        let ran = place.run(&["validate"]);
        let refused = ran.seen().contains("sensitive-output");
        assert_eq!(refused, *sensitive, "{kind}.{field}: {}", ran.seen());
        assert_eq!(ran.code, Some(if *sensitive { 3 } else { 0 }), "{kind}.{field}: {}", ran.seen());
    }
}

const UPLOADS: &str = r#"
step "blob_upload" "content" {
  account   = local.account
  container = step.blob_container.uploads.name
  name      = "content.txt"
  content   = "pin ${step.keyvault_secret.scenario.value}"
}

step "blob_upload" "name" {
  account   = local.account
  container = step.blob_container.uploads.name
  name      = "k-${step.keyvault_secret.scenario.value}"
  content   = "nothing"
}
"#;

/// Returns the recorded fingerprint of an upload whose file has this content.
fn fingerprint(content: &str, source: &str) -> String {
    let place = Place::jumpstart();
    let upload = format!(
        "step \"blob_upload\" \"file\" {{\n  account = local.account\n  container = step.blob_container.uploads.name\n  name = \"f\"\n  source = {source}\n}}\n"
    );
    place.write("jumpstart/upload.runbook.hcl", upload);
    place.write("jumpstart/pin.txt", content);
    let ran = place.run(&["run", "-lab", "-json", "-var", "file=hosts", "jumpstart"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let events = ran.out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let mut events = events.filter(|event| event["event"] == "step_started");
    let begun = events.find(|event| event["step"] == "step.blob_upload.file").expect("begun");
    begun["fingerprint"].as_str().expect("a fingerprint").to_owned()
}

#[test]
fn no_digest_of_a_file_at_a_secret_path_is_in_a_record() {
    for (source, same) in [("\"pin.txt\"", false), ("sensitive(\"pin.txt\")", true)] {
        let prints = ["4711", "4712"].map(|content| fingerprint(content, source));
        assert_eq!(prints[0] == prints[1], same, "{source}");
    }
}

#[test]
fn no_digest_size_or_encoded_form_of_a_secret_is_in_a_record() {
    // The MD5 and size of `pin P@ss/w0rd 4711`, and its encoded form in the blob's URL.
    let forms = ["rZe6XtQdyadbVhTBIzgIDA==", "P%40ss/w0rd%204711", "P@ss/w0rd", "w0rd"];
    let place = Place::jumpstart_with_secret("P@ss/w0rd 4711");
    place.write("jumpstart/uploads.runbook.hcl", UPLOADS);
    for json in [&[][..], &["-json"]] {
        let ran = place.run(&[&["run", "-lab", "-var", "file=hosts"], json, &["jumpstart"]].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let shown = place.run(&["show", "-json"]);
        let records = place.files();
        let records = records.iter().filter(|(path, _)| path.extension().is_some_and(|it| it == "jsonl"));
        let records = records.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
        for text in records.chain([ran.out, ran.err, shown.out, shown.err]) {
            for form in forms {
                assert!(!text.contains(form), "{form} is in {text}");
            }
            for line in text.lines().filter(|line| line.contains("step_finished")) {
                let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
                if event["step"] == "step.blob_upload.content" {
                    let hidden = event["outputs"]["sensitive"].as_array().expect("paths");
                    for name in ["size", "md5"] {
                        assert!(event["outputs"]["value"][name].is_null(), "{line}");
                        assert!(hidden.contains(&serde_json::json!([name])), "{line}");
                    }
                }
            }
        }
    }
}
