//! Values that the runbook declares sensitive.

use crate::support::Place;

/// An output that is declared sensitive is shown nowhere, whatever it is made from.
#[cfg(unix)]
#[test]
fn a_declared_output_is_shown_nowhere() {
    for value in [
        "trimspace(step.exec.made.stdout)",
        "{ text = trimspace(step.exec.made.stdout), pin = 123, on = true }",
        "[step.exec.made.exit_code, \"w-${trimspace(step.exec.made.stdout)}\"]",
        "length(step.exec.made.stdout) * 1000003",
    ] {
        let runbook = format!(
            r#"
step "exec" "made" {{
  argv      = ["sh", "-c", "printf canary-%s $((70000 + 7123))"]
  effect    = "reads"
  sensitive = true
}}

output "shown" {{
  value     = nonsensitive({value})
  sensitive = true
}}
"#
        );
        let place = Place::with(&runbook);
        let ran = place.run(&["run", "-json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let screens = [
            ran.seen(),
            place.run(&["run"]).seen(),
            place.run(&["show"]).seen(),
            place.run(&["show", "-events"]).seen(),
            place.run(&["output"]).seen(),
            place.run(&["output", "shown", "-raw"]).seen(),
            place.run(&["plan", "-live"]).seen(),
            place.run(&["plan", "-against", "latest"]).seen(),
        ];
        for (at, screen) in screens.iter().enumerate() {
            for secret in ["77123", "12000036", ": 123", "= 123"] {
                assert!(!screen.contains(secret), "{value}: screen {at} shows {secret}: {screen}");
            }
        }
        for (path, content) in place.files() {
            let text = String::from_utf8_lossy(&content);
            assert!(!text.contains("77123"), "{value}: {}: {text}", path.display());
        }
    }
}
