//! The metadata of an Azure virtual machine.

use arcbook_engine::step::ActionFacts;
use arcbook_engine::value::Value;
use arcbook_steps::{Environment, registry};

use crate::world::{Bench, text};

const HOOK: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

const VM: &str = r#"
virtual_machine "web" {
  resource_group = "arc_pilot"
  tags           = { scenario = "VM" }
}
"#;

/// Returns a bench of a virtual machine that has no agent.
async fn bench() -> Bench {
    let bench = Bench::of(VM).await;
    let imds = bench.lab.imds().expect("a virtual machine").url.clone();
    bench.again(|options| {
        options.agent = None;
        options.virtual_machine = Some(true);
        options.environment = Environment::from_iter([(HOOK, imds)]);
    })
}

#[tokio::test]
async fn a_virtual_machine_gives_the_same_outputs() {
    let bench = bench().await;
    let outcome = bench.run("metadata", &[]).await.unwrap();
    assert_eq!((text(&outcome, "name"), text(&outcome, "os")), ("web", "linux"));
    assert_eq!(text(&outcome, "resource_group"), "arc_pilot");
    assert!(text(&outcome, "resource_id").ends_with("/Microsoft.Compute/virtualMachines/web"));
    assert_eq!(outcome.outputs["tags"], Value::string_map([("scenario", "VM")]));
}

#[tokio::test]
async fn the_plan_names_the_service() {
    let with_agent = Bench::of(VM).await;
    let (agent, vm) = (with_agent.lab.himds().url.clone(), with_agent.lab.imds().unwrap().url.clone());
    let with_agent =
        with_agent.again(|options| options.environment = Environment::from_iter([(HOOK, vm.clone())]));
    let without = bench().await;
    let own = without.lab.imds().unwrap().url.clone();
    let far = Bench::start().await.again(|options| {
        options.agent = None;
        options.virtual_machine = Some(true);
    });
    let line = |bench: &Bench, from: Option<&str>| {
        let from = from.map(|from| ("from".into(), Value::from(from)));
        let work = registry(&bench.azure).get("metadata").unwrap().prepare(&from.into_iter().collect());
        ActionFacts::from(&work.unwrap().actions()[0]).line()
    };
    let get = |base: &str, end: &str| {
        format!("GET {}/metadata/instance?api-version=2020-06-01{end}", base.trim_end_matches('/'))
    };
    assert_eq!(line(&with_agent, None), get(&agent, ""));
    assert_eq!(line(&with_agent, Some("vm")), get(&vm, ""));
    assert_eq!(line(&without, None), get(&own, ""));
    assert_eq!(line(&far, None), get("http://169.254.169.254", " without TLS"));
    assert_eq!(
        with_agent.run("metadata", &[("from", "vm".into())]).await.unwrap().outputs["name"],
        "web".into()
    );
    assert_eq!(with_agent.run("metadata", &[]).await.unwrap().outputs["name"], "ArcBox-01".into());
    assert_eq!(with_agent.refused("metadata", &[("from", "arm".into())])[0].argument(), "from");
}

#[tokio::test]
async fn a_version_that_the_service_lacks_is_explained() {
    let bench = bench().await;
    let error = bench.run("metadata", &[("api_version", "2017-01-01".into())]).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert!(error.summary().starts_with("the metadata service"), "{error:?}");
    assert!(error.why().unwrap().contains("2025-04-07"), "{error:?}");
    assert!(error.remedies()[0].contains("api_version"), "{error:?}");
}

#[tokio::test]
async fn a_machine_with_neither_is_told_about_the_agent() {
    let bench = Bench::start().await.again(|options| {
        options.agent = None;
        options.virtual_machine = Some(false);
    });
    // Where the tests run, no agent is installed.
    let error = bench.run("metadata", &[]).await.unwrap_err();
    assert!(error.summary().contains("no Azure Arc agent"), "{error:?}");
}
