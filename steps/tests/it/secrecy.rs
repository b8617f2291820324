//! No secret is shown.

use arcbook_engine::step::Part;
use arcbook_engine::value::{Marks, Value};
use arcbook_steps::Service;

use crate::world::{Bench, text};

#[tokio::test]
async fn nothing_secret_is_in_debug_output() {
    let bench = Bench::start().await;
    let outcome = bench.run("token", &[("resource", "https://vault.azure.net".into())]).await.unwrap();
    let token = text(&outcome, "access_token").to_owned();
    bench.read_secret().await.unwrap();
    bench.fault("keyvault:403:times=always");
    let error = bench.read_secret().await.unwrap_err();
    let shown = format!("{:?} {error:?} {:?}", bench.azure, bench.progress.lock().unwrap());
    for secret in [token.as_str(), "canary-secret-value"] {
        assert!(!shown.contains(secret));
    }
}

#[tokio::test]
async fn tokens_keys_and_secrets_are_registered_as_secrets() {
    let bench = Bench::start().await;
    let outcome = bench
        .run("token", &[("resource", bench.azure.cloud().audience(Service::KeyVault).as_str().into())])
        .await
        .unwrap();
    assert_eq!(bench.secrets.len(), 2, "the key and the token");
    bench.read_secret().await.unwrap();
    assert_eq!(bench.secrets.len(), 3, "and the value of the secret");
    let text = format!("{} canary-secret-value", text(&outcome, "access_token"));
    let redacted = bench.secrets.redact(&text);
    assert!(!redacted.contains("canary") && !redacted.contains("eyJ"), "{redacted}");
}

#[tokio::test]
async fn a_sensitive_argument_shows_in_no_call() {
    let bench = Bench::start().await;
    let name = Value::from("canary-name").with_marks(&Marks::sensitive("var.name"));
    let arguments = [("vault", Value::from("arcmi01")), ("name", name)];
    let arguments = arguments.into_iter().map(|(name, value)| (name.into(), value)).collect();
    let work =
        arcbook_steps::registry(&bench.azure).get("keyvault_secret").unwrap().prepare(&arguments).unwrap();
    let actions = work.actions();
    let request = actions[0].request().expect("a request");
    assert!(!format!("{actions:?} {}", request.url).contains("canary"));
    assert!(request.url.parts().iter().any(|part| matches!(part, Part::Sensitive(_))));
    let error = work.run(bench.context()).await.unwrap_err();
    assert!(!error.failed_request().unwrap().contains("canary"), "{error:?}");
}
