//! Secrets stay out of what Ansible prints and keeps.

use serde_json::{Value as Json, json};

use super::machines::{Machines, RUNBOOK};
use crate::support::Ran;

/// A secret that Ansible is told of, one in a variable that the runbook declares sensitive, one in a file on the
/// machine, and that of the vault.
const SECRETS: [&str; 4] = ["canary-0a17", "canary-1b28", "canary-2c39", "canary-5e1f"];

/// Fails if a secret is in the output, or in a file other than those that give it.
fn assert_hidden(machines: &Machines, ran: &Ran) {
    for secret in SECRETS {
        assert!(!ran.seen().contains(secret), "{secret} in {}", ran.seen());
        for (path, content) in machines.place.files() {
            let is_given = path.ends_with("secrets.json");
            let text = String::from_utf8_lossy(&content);
            assert!(is_given || !text.contains(secret), "{secret} in {}", path.display());
        }
    }
}

fn machines() -> Option<Machines> {
    let mut machines = Machines::start(&["east", "west"])?;
    let more = "variable \"file\" { sensitive = true }\nvariable \"told\" { sensitive = true }\n";
    for name in ["east", "west"] {
        let runbook = RUNBOOK.replace("content   = \"a report\"", "content   = \"${var.file} ${var.told}\"");
        machines.place.write(&format!("{name}/runbook/main.runbook.hcl"), format!("{more}{runbook}"));
        machines.place.write(&format!("{name}/secrets.json"), json!({ "file": SECRETS[2] }).to_string());
    }
    let secrets = json!({ "told": SECRETS[0], "declared": SECRETS[1] });
    machines.place.write("controller/secrets.json", secrets.to_string());
    machines.set("secret_vars", json!({ "told": "{{ told }}" }));
    machines.set("vars", json!({ "key": "{{ declared }}", "role": "web" }));
    machines.set("var_files", json!(["{{ directory }}/secrets.json"]));
    Some(machines)
}

#[test]
fn no_secret_is_printed_or_kept() {
    let Some(machines) = machines() else { return };
    for more in [&["--check"][..], &[], &["--diff"]] {
        let ran = machines.play(&[&["-vvv", "-e", "@secrets.json"], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert_hidden(&machines, &ran);
        for part in [r#""key": "(hidden)""#, r#""role": "web""#, r#""told": "(hidden)""#] {
            assert!(ran.out.contains(part), "no {part} in {}", ran.out);
        }
    }
}

#[test]
fn no_secret_is_printed_when_nothing_runs() {
    let Some(mut machines) = machines() else { return };
    // Values of the wrong type, of an unknown variable, and for a runbook that cannot be read.
    for (vars, runbook) in [
        (json!({ "key": ["{{ declared }}"] }), None),
        (json!({ "kee": "{{ declared }}" }), None),
        (json!({ "key": "{{ declared }}" }), Some("step {")),
    ] {
        machines.set("vars", vars);
        if let Some(runbook) = runbook {
            machines.place.write("east/runbook/main.runbook.hcl", runbook);
        }
        let ran = machines.play(&["-vvv", "-e", "@secrets.json", "--limit", "east"]);
        assert_eq!(ran.code, Some(2), "{}", ran.seen());
        assert_hidden(&machines, &ran);
        assert_eq!(machines.result("east")["rc"], json!(3));
    }
}

#[test]
fn a_secret_for_a_public_variable_is_warned_of() {
    let Some(mut machines) = machines() else { return };
    machines.set("vars", json!({}));
    machines.set("secret_vars", json!({ "told": "{{ told }}", "role": "{{ declared }}" }));
    let ran = machines.play(&["-e", "@secrets.json", "--limit", "east"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let result = machines.result("east");
    let warnings: Vec<&str> =
        result["warnings"].as_array().expect("a list").iter().filter_map(Json::as_str).collect();
    assert!(
        warnings.iter().any(|text| text.contains("does not declare its variable `role` sensitive")),
        "{result}"
    );
    assert!(!ran.seen().contains(SECRETS[1]), "{}", ran.seen());
}
