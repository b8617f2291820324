//! Programs of a run on the embedded lab have the environment of any run, and trust the lab too.

use crate::support::{Place, Ran, finished};

#[test]
fn a_program_has_its_usual_environment_and_trusts_the_lab_too() {
    let place = Place::with(
        r#"
        step "exec" "home" {
          argv   = ["sh", "-c", "printf '%s ' \"$HOME\" \"$LANG\"; grep -c BEGIN \"$SSL_CERT_FILE\""]
          effect = "reads"
        }
        step "token" "arm" { resource = "https://management.azure.com" }
        step "token" "vault" { resource = "https://vault.azure.net" }
        step "exec" "reached" {
          argv   = ["curl", "-sS", "-o", "/dev/null", "-w", "%%{http_code}", "${step.token.arm.endpoint}/subscriptions"]
          effect = "reads"
        }
        output "home" { value = step.exec.home.stdout }
        output "endpoints" { value = [step.token.vault.endpoint, step.exec.reached.stdout] }
        "#,
    );
    let own = rcgen::generate_simple_self_signed(["own.test".to_owned()]).expect("a certificate");
    place.write("own.pem", own.cert.pem());
    let mut command = place.command(&["run", "-lab"]);
    command
        .env("LANG", "C")
        .env("SSL_CERT_FILE", place.path().join("own.pem"))
        .env("SSL_CERT_DIR", "/nowhere");
    let ran = Ran::of(finished(&mut command));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let home = place.path().join("home");
    assert!(ran.out.contains(&format!("{} C 2", home.display())), "{}", ran.seen());
    // Without a token, the lab answers with a status: curl trusts it.
    assert!(
        ran.out.contains(r#"endpoints = [null, "400"]"#) || ran.out.contains(r#"endpoints = [null, "401"]"#),
        "{}",
        ran.seen()
    );
}
