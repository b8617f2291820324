//! Deployments of templates.

use arcbook_engine::step::{Change, Existing, Platform as _, PriorState};
use arcbook_engine::value::{Marks, Value};
use arcbook_steps::registry;

use crate::world::{Bench, Given, json, text, told};

const WORLD: &str = r#"
role_assignment { role = "Contributor" }

resource_type "Lab.Now/things" { defaults = { tier = "basic" } }

resource_type "Lab.Broken/things" {
  operation {
    kind  = "azure-async-operation"
    fails = { code = "DiskFull", message = "There is no room." }
  }
}

resource "Lab.Now/things" "old" { resource_group = "arc_pilot" }
"#;

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot";

const TEMPLATE: &str = r#"{
  "parameters": {
    "size": { "type": "int" },
    "key":  { "type": "secureString", "defaultValue": "none" }
  },
  "resources": [{
    "type": "Lab.Now/things", "apiVersion": "2024-01-01", "name": "x", "location": "[resourceGroup().location]",
    "properties": { "size": "[parameters('size')]", "key": "[parameters('key')]" }
  }],
  "outputs": {
    "id":  { "type": "string", "value": "[resourceId('Lab.Now/things', 'x')]" },
    "key": { "type": "secureString", "value": "[parameters('key')]" }
  }
}"#;

fn given(size: i64, more: &[(&'static str, Value)]) -> Given {
    let usual = [
        ("name", "main".into()),
        ("scope", GROUP.into()),
        ("template", json(TEMPLATE)),
        ("parameters", Value::object([("size", size.into())])),
    ];
    [&usual, more].concat()
}

fn thing(name: &str) -> String {
    format!("{GROUP}/providers/Lab.Now/things/{name}")
}

async fn keep(bench: &Bench, given: &Given) -> Change {
    bench.keep_step("arm_deployment", given, bench.context()).await.expect("deployed").outcome.change
}

fn puts(bench: &Bench) -> usize {
    bench.lab.requests().iter().filter(|request| request.method == "PUT" && request.changed).count()
}

#[tokio::test]
async fn a_template_is_deployed_once_and_predicted_before() {
    let bench = Bench::of(WORLD).await;
    let find = async |given: &Given| told(bench.find("arm_deployment", given, None).await);
    assert_eq!(find(&given(1, &[])).await, "differs: things/x, not to be put back");
    assert_eq!(puts(&bench), 0, "a prediction changes nothing");
    let kept = bench.keep_step("arm_deployment", &given(1, &[]), bench.context()).await.expect("deployed");
    assert_eq!(kept.outcome.change, Change::Updated);
    assert_eq!(kept.outcome.outputs["outputs"], json(&format!(r#"{{"id":"{}"}}"#, thing("x"))));
    assert!(kept.outcome.outputs["secure_outputs"].is_null());
    assert!(text(&kept.outcome, "id").ends_with("/providers/Microsoft.Resources/deployments/main"));
    let again = bench.keep_step("arm_deployment", &given(1, &[]), bench.context()).await.expect("kept");
    assert_eq!(again.outcome.change, Change::None);
    assert_eq!(again.outcome.outputs["outputs"], kept.outcome.outputs["outputs"]);
    assert_eq!(
        find(&given(2, &[])).await,
        "differs: things/x.properties.size deployment.parameters, not to be put back"
    );
    assert_eq!(keep(&bench, &given(2, &[])).await, Change::Updated);
    assert_eq!((puts(&bench), bench.lab.written(&thing("old")).is_some()), (2, true));
    let other = json(&TEMPLATE.replace("\"id\": ", "\"other\": "));
    let other =
        [given(2, &[])[..2].to_vec(), vec![("template", other)], given(2, &[])[3..].to_vec()].concat();
    assert_eq!(find(&other).await, "differs: deployment.outputs, not to be put back");
    let receipt = kept.receipt.expect("a receipt");
    assert!(bench.undo_step("arm_deployment", &receipt).await.is_none(), "it is lasting");
}

#[tokio::test]
async fn a_complete_deployment_deletes_the_others() {
    let bench = Bench::of(WORLD).await;
    keep(&bench, &given(1, &[])).await;
    let complete = given(1, &[("mode", "complete".into())]);
    let found = told(bench.find("arm_deployment", &complete, None).await);
    assert!(found.contains("things/old") && !found.contains("things/x"), "{found}");
    keep(&bench, &complete).await;
    assert!(bench.lab.written(&thing("old")).is_none() && bench.lab.written(&thing("x")).is_some());
}

#[tokio::test]
async fn a_secret_is_sent_and_hidden_in_every_difference() {
    let bench = Bench::of(WORLD).await;
    let secret = |text: &str| {
        let value = Value::object([("key", Value::from(text))]).with_marks(&Marks::sensitive("var.key"));
        given(1, &[("sensitive_parameters", value)])
    };
    keep(&bench, &secret("canary-6612-one")).await;
    let written = bench.lab.written(&thing("x")).expect("written").to_string();
    assert!(written.contains("canary-6612-one"));
    match bench.find("arm_deployment", &secret("canary-6612-two"), None).await.expect("found") {
        Existing::Different(differences, prior) => {
            assert!(!differences.is_empty() && prior.is_none());
            for difference in differences {
                assert!(
                    difference.was.is_marked() && difference.will.is_marked(),
                    "{}",
                    difference.attribute
                );
            }
        }
        other => panic!("{}", told(Ok(other))),
    }
}

#[tokio::test]
async fn an_error_names_the_innermost_cause() {
    let broken = TEMPLATE.replace("Lab.Now/things\", \"apiVersion", "Lab.Broken/things\", \"apiVersion");
    let template = |text: &str| {
        let mut given = given(1, &[]);
        given[2] = ("template", text.into());
        given
    };
    for (template, fault, code) in [
        (template(&broken), "", "DiskFull"),
        (template(&TEMPLATE.replace("resourceGroup()", "nothing()")), "", "InvalidTemplate"),
        (
            template(&TEMPLATE.replace("\"x\"", "\"y\"").replace("Lab.Now", "Lab.None")),
            "",
            "InvalidResourceType",
        ),
        (template(TEMPLATE), "arm:operation-failed:method=PUT", "SkuNotAvailable"),
        (template(TEMPLATE), "arm:policy:method=PUT", "RequestDisallowedByPolicy"),
        (template(TEMPLATE), "arm:scope-locked:method=PUT", "ScopeLocked"),
    ] {
        let bench = Bench::of(WORLD).await;
        if !fault.is_empty() {
            bench.fault(fault);
        }
        let error = bench.keep_step("arm_deployment", &template, bench.context()).await.map(drop);
        let error = error.expect_err(code);
        assert_eq!(error.code(), Some(code), "{error:?}");
    }
    let bench = Bench::of(WORLD).await;
    let failing = template(&broken);
    assert!(bench.keep_step("arm_deployment", &failing, bench.context()).await.is_err());
    let found = told(bench.find("arm_deployment", &failing, None).await);
    assert!(found.contains("deployment.provisioningState"), "a failed deployment is tried again: {found}");
}

#[tokio::test]
async fn a_deployment_is_not_sent_again() {
    for fault in [
        "arm:lost-answer:method=PUT",
        "arm:429:method=PUT:retry-after=0",
        "arm:404:path=/operationStatuses/:times=99",
    ] {
        let bench = Bench::of(WORLD).await;
        bench.fault(fault);
        assert_eq!(keep(&bench, &given(1, &[])).await, Change::Updated, "{fault}");
        assert_eq!(puts(&bench), 1, "{fault}");
    }
}

#[tokio::test]
async fn a_resumed_run_waits_for_the_deployment() {
    let bench = Bench::of(WORLD).await;
    bench.fault("arm:operation-never-ends:method=PUT");
    let given = given(1, &[]);
    let arguments = given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let prepare =
        || registry(&bench.azure).get("arm_deployment").expect("known").prepare(&arguments).expect("valid");
    let first = prepare().run(bench.context().acting_as(bench.azure.machine()));
    let place = bench.until_poll(first).await;
    let context = bench.context().after(Some(PriorState::Present)).continuing(Some(&place));
    assert_eq!(bench.until_poll(prepare().run(context)).await, place, "it waits for the same operation");
    assert_eq!(puts(&bench), 1);
}

#[tokio::test]
async fn whoever_may_not_predict_is_not_told() {
    let bench = Bench::of(&WORLD.replace("Contributor", "Reader")).await;
    assert_eq!(told(bench.find("arm_deployment", &given(1, &[]), None).await), "unknown");
    let error = bench.run("arm_deployment", &given(1, &[])).await.map(drop).expect_err("no right");
    assert_eq!((error.status(), error.is_uncertain()), (Some(403), false));
}

#[tokio::test]
async fn a_subscription_gets_a_resource_group() {
    let bench = Bench::of(WORLD).await;
    let template = r#"{"resources":[{"type":"Microsoft.Resources/resourceGroups","apiVersion":"2021-04-01","name":"new","location":"northeurope"}]}"#;
    let given: Given = vec![
        ("name", "groups".into()),
        ("scope", "/subscriptions/00000000-0000-0000-0000-000000000000".into()),
        ("template", template.into()),
        ("location", "westeurope".into()),
    ];
    assert_eq!(keep(&bench, &given).await, Change::Updated);
    assert_eq!(keep(&bench, &given).await, Change::None);
    let without = given[..3].to_vec();
    assert_eq!(bench.refused("arm_deployment", &without).len(), 1);
    let complete = [given, vec![("mode", "complete".into())]].concat();
    assert_eq!(bench.refused("arm_deployment", &complete).len(), 1);
}

#[tokio::test]
async fn wrong_arguments_of_a_deployment_are_named() {
    let bench = Bench::of(WORLD).await;
    for (name, value) in
        [("template", Value::from("x")), ("parameters", Value::from(1_i64)), ("name", "a b".into())]
    {
        let mut wrong = given(1, &[]);
        wrong.retain(|(own, _)| *own != name);
        wrong.push((name, value));
        assert_eq!(bench.refused("arm_deployment", &wrong).len(), 1, "{name}");
    }
}

/// A refused repetition after a lost answer says nothing about the deployment: only the template's resources do.
#[tokio::test]
async fn an_older_deployment_is_not_taken_for_this_one() {
    let bench = Bench::of(WORLD).await;
    keep(&bench, &given(1, &[])).await;
    bench.fault("arm:reset:method=PUT:path=deployments");
    bench.fault("arm:409:method=PUT:path=deployments:times=9");
    let kept = bench.keep_step("arm_deployment", &given(2, &[]), bench.context()).await;
    let error = kept.map(drop).expect_err("nothing was deployed");
    assert!(error.is_uncertain(), "{error:?}");
    assert_eq!(bench.lab.written(&thing("x")).expect("it exists")["properties"]["size"], 1);
}
