//! Deployments of templates, and their predictions.

use serde_json::{Value, json};

use crate::SUBSCRIPTION;
use crate::client::Answer;
use crate::subscription::{Subscription, assert_refused, in_group};

const NONE: Value = Value::Null;

const WORLD: &str = r#"
    role_assignment { role = "Contributor" }
    resource_type "Lab.Now/things" {
        api_versions = ["2024-01-01"]
        defaults     = { tier = "basic" }
    }
    resource_type "Lab.Now/things/parts" {}
    resource_type "Lab.Broken/things" {
        operation {
            kind  = "azure-async-operation"
            fails = { code = "DiskFull", message = "There is no room." }
        }
    }
    resource "Lab.Now/things" "old" {
        resource_group = "rg"
        properties     = { size = 1 }
    }
    policy_denial "names" { name = "forbidden" }
"#;

fn deployment() -> String {
    in_group("Microsoft.Resources/deployments/main")
}

fn template(resources: &Value) -> Value {
    json!({
        "parameters": {
            "name": { "type": "string" },
            "size": { "type": "int", "defaultValue": 3 },
            "key": { "type": "secureString", "defaultValue": "hush" },
        },
        "variables": { "whole": "[concat(parameters('name'), '-', toLower('X'))]" },
        "resources": resources,
        "outputs": {
            "id": { "type": "string", "value": "[resourceId('Lab.Now/things', variables('whole'))]" },
            "size": { "type": "int", "value": "[reference(variables('whole')).size]" },
            "key": { "type": "secureString", "value": "[parameters('key')]" },
        },
    })
}

fn thing() -> Value {
    json!([
        {
            "type": "Lab.Now/things/parts", "apiVersion": "2024-01-01", "name": "[concat(variables('whole'), '/one')]",
            "dependsOn": ["[resourceId('Lab.Now/things', variables('whole'))]"],
        },
        {
            "type": "Lab.Now/things", "apiVersion": "2024-01-01", "name": "[variables('whole')]",
            "location": "[resourceGroup().location]",
            "properties": { "size": "[parameters('size')]", "note": "[[plain]", "key": "[parameters('key')]" },
        },
    ])
}

fn body(template: &Value, more: &Value) -> Value {
    let mut properties =
        json!({ "mode": "Incremental", "template": template, "parameters": { "name": { "value": "a" } } });
    for (name, value) in more.as_object().into_iter().flatten() {
        properties[name] = value.clone();
    }
    json!({ "properties": properties })
}

/// Polls an operation to its end.
async fn ended(azure: &Subscription, answer: &Answer) -> Value {
    loop {
        let polled = azure.poll(answer.header("azure-asyncoperation").unwrap()).await.json();
        if polled["status"] != "Running" {
            return polled;
        }
    }
}

/// Returns the changes that a prediction tells.
async fn predicted(azure: &Subscription, body: &Value) -> Vec<String> {
    let answer = azure.send("POST", &format!("{}/whatIf", deployment()), body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let place = answer.header("location").unwrap().to_owned();
    let result = loop {
        let polled = azure.poll(&place).await;
        if polled.status == 200 {
            break polled.json();
        }
    };
    let told = |change: &Value| {
        let name = change["resourceId"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let delta = change["delta"].as_array().into_iter().flatten();
        let delta: Vec<_> = delta
            .map(|delta| {
                format!(
                    " {}:{}",
                    delta["path"].as_str().unwrap(),
                    delta["propertyChangeType"].as_str().unwrap()
                )
            })
            .collect();
        format!("{} {name}{}", change["changeType"].as_str().unwrap(), delta.concat())
    };
    result["properties"]["changes"].as_array().unwrap().iter().map(told).collect()
}

#[tokio::test]
async fn a_validation_makes_every_check_and_no_change() {
    let azure = Subscription::of(WORLD).await;
    let validate = async |body: &str| {
        let request = azure.request("POST", &format!("{}/validate", deployment()));
        request.body(body.to_owned()).send().await
    };
    let sound = body(&template(&thing()), &json!({}));
    let answer = validate(&sound.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let properties = answer.json()["properties"].clone();
    assert_eq!(properties["validatedResources"][0]["id"], in_group("Lab.Now/things/a-x"));
    assert_eq!(properties["parameters"]["key"], json!({ "type": "secureString" }));
    let unknown = json!([{ "type": "Lab.None/x", "apiVersion": "2024-01-01", "name": "x" }]);
    let refused = validate(&body(&template(&unknown), &json!({})).to_string()).await;
    assert_refused(&refused, 400, "InvalidTemplateDeployment", "an unknown type");
    // As the Azure CLI sends a template: the file as it is, with its comments, under a name without quotes.
    let file = "{ // all\n \"resources\": [], /* none */ \"outputs\": {} }";
    let spliced = format!("{{\"properties\": {{\"mode\": \"Incremental\", template:{file}}}}}");
    assert_eq!(validate(&spliced).await.status, 200);
    let text = json!({ "properties": { "mode": "Incremental", "template": file } });
    assert_eq!(validate(&text.to_string()).await.status, 200);
    assert_refused(&validate("{template").await, 400, "InvalidRequestContent", "no JSON");
    assert_eq!(azure.get(&deployment()).await.status, 404);
    assert_eq!(azure.changes(), 0);
}

#[tokio::test]
async fn a_template_is_deployed_with_its_outputs() {
    let azure = Subscription::of(WORLD).await;
    let body = body(&template(&thing()), &json!({}));
    let started = azure.send("PUT", &deployment(), &body).await;
    assert_eq!(started.status, 201, "{}", started.text());
    let running = azure.get(&deployment()).await.json();
    assert_eq!(running["properties"]["outputs"], NONE, "there are none yet: {running}");
    assert_eq!(ended(&azure, &started).await["status"], "Succeeded");
    let done = azure.get(&deployment()).await.json();
    for (pointer, value) in [
        ("/properties/provisioningState", json!("Succeeded")),
        ("/properties/outputs/size/value", json!(3)),
        ("/properties/outputs/id/value", json!(in_group("Lab.Now/things/a-x"))),
        ("/properties/outputs/key", json!({ "type": "secureString" })),
        ("/properties/parameters/name/value", json!("a")),
        ("/properties/parameters/key", json!({ "type": "secureString" })),
    ] {
        assert_eq!(done.pointer(pointer), Some(&value), "{pointer}: {done}");
    }
    let made = azure.get(&in_group("Lab.Now/things/a-x")).await;
    assert_eq!(made.status, 400, "the type has its own versions");
    let made = azure.lab.written(&in_group("Lab.Now/things/a-x")).unwrap();
    assert_eq!((&made["location"], &made["properties"]["note"]), (&json!("westeurope"), &json!("[plain]")));
    assert!(azure.lab.written(&in_group("Lab.Now/things/a-x/parts/one")).is_some());
    assert!(
        azure.lab.written(&in_group("Lab.Now/things/old")).is_some(),
        "an incremental one deletes nothing"
    );
    let listed = azure.get(&format!("{SUBSCRIPTION}/resources")).await.text();
    assert!(!listed.contains("deployments"), "{listed}");
    let complete = self::body(&template(&thing()), &json!({ "mode": "Complete" }));
    assert_eq!(azure.send("PUT", &deployment(), &complete).await.status, 200);
    assert!(
        azure.lab.written(&in_group("Lab.Now/things/old")).is_none(),
        "a complete one deletes the others"
    );
    assert!(azure.lab.written(&in_group("Lab.Now/things/a-x/parts/one")).is_some());
}

#[tokio::test]
async fn a_prediction_changes_nothing_and_tells_each_difference() {
    let azure = Subscription::of(WORLD).await;
    let size = |size: u8| {
        body(
            &template(&thing()),
            &json!({ "parameters": { "name": { "value": "a" }, "size": { "value": size } } }),
        )
    };
    assert_eq!(predicted(&azure, &size(3)).await, ["Create a-x", "Create one", "Ignore old", "Ignore vm-1"]);
    assert_eq!(azure.changes(), 0);
    azure.send("PUT", &deployment(), &size(3)).await;
    assert_eq!(
        predicted(&azure, &size(3)).await,
        ["NoChange a-x", "NoChange one", "Ignore old", "Ignore vm-1"]
    );
    assert_eq!(predicted(&azure, &size(4)).await[0], "Modify a-x properties.size:Modify");
    let complete = body(&template(&thing()), &json!({ "mode": "Complete" }));
    assert_eq!(predicted(&azure, &complete).await[2], "Delete old");
}

/// Returns a template with one resource of this name, which has these members too.
fn one(name: &str, more: &Value) -> Value {
    let mut thing = json!({ "type": "Lab.Now/things", "apiVersion": "2024-01-01", "name": name });
    for (name, value) in more.as_object().into_iter().flatten() {
        thing[name] = value.clone();
    }
    template(&json!([thing]))
}

#[tokio::test]
async fn a_template_that_is_none_is_refused() {
    let azure = Subscription::of(WORLD).await;
    let (x, none) = (|| one("x", &json!({})), json!({}));
    for (template, more, says) in [
        (json!({}), &none, "resources"),
        (x(), &json!({ "parameters": {} }), "'name' is not provided"),
        (x(), &json!({ "parameters": { "b": { "value": 1 } } }), "'b'"),
        (x(), &json!({ "parameters": { "name": { "value": 1 } } }), "not of the type"),
        (one("[uniqueString('a')]", &none), &none, "'uniqueString' with 1 arguments"),
        (one("[variables('b')]", &none), &none, "'b' is not found"),
        (one("[concat('a']", &none), &none, "is not valid"),
        (one("x", &json!({ "copy": {} })), &none, "'copy'"),
        (one("x", &json!({ "dependsOn": ["x"] })), &none, "Circular"),
    ] {
        let case = format!("{template} {more}");
        let answer = azure.send("PUT", &deployment(), &body(&template, more)).await;
        assert_refused(&answer, 400, "InvalidTemplate", &case);
        assert!(answer.text().contains(says), "{case}: {}", answer.text());
    }
    let odd = azure.send("PUT", &deployment(), &body(&x(), &json!({ "mode": "Odd" }))).await;
    assert_refused(&odd, 400, "InvalidRequestContent", "a mode");
}

#[tokio::test]
async fn a_resource_that_cannot_be_is_refused_before_anything_is_deployed() {
    let azure = Subscription::of(WORLD).await;
    for (template, says) in [
        (one("x", &json!({ "type": "Lab.None/things" })), "Lab.None"),
        (one("x", &json!({ "apiVersion": "2020-01-01" })), "NoRegistered"),
        (one("forbidden", &json!({})), "RequestDisallowedByPolicy"),
    ] {
        let answer = azure.send("PUT", &deployment(), &body(&template, &json!({}))).await;
        assert_refused(&answer, 400, "InvalidTemplateDeployment", says);
        assert!(answer.text().contains(says), "{}", answer.text());
    }
    assert_eq!(azure.changes(), 0);
}

#[tokio::test]
async fn a_deployment_fails_with_the_cause_inside() {
    let azure = Subscription::of(WORLD).await;
    let broken = json!([{ "type": "Lab.Broken/things", "apiVersion": "1", "name": "x" }]);
    let started = azure.send("PUT", &deployment(), &body(&template(&broken), &json!({}))).await;
    let ended = ended(&azure, &started).await;
    assert_eq!((&ended["status"], &ended["error"]["code"]), (&json!("Failed"), &json!("DeploymentFailed")));
    assert!(ended["error"]["details"][0]["details"][0]["details"][0]["code"] == "DiskFull", "{ended}");
    let done = azure.get(&deployment()).await.json();
    assert_eq!(done["properties"]["provisioningState"], "Failed");
    assert_eq!(done["properties"]["error"]["code"], "DeploymentFailed");
}

#[tokio::test]
async fn each_resource_of_a_template_needs_its_own_permission() {
    let world = WORLD.replace("role_assignment { role = \"Contributor\" }", "");
    let azure = Subscription::of(&format!(
        "{world}\nresource \"Microsoft.HybridCompute/machines\" \"m\" {{\n resource_group = \"rg\"\n}}\n\
         role_assignment {{ role = \"Azure Connected Machine Resource Administrator\" }}"
    ))
    .await;
    let refused = azure.send("PUT", &deployment(), &body(&template(&thing()), &json!({}))).await;
    assert_refused(&refused, 403, "InvalidTemplateDeployment", "write");
    assert!(refused.text().contains("perform action 'Lab.Now/things/write'"), "{}", refused.text());
}

#[tokio::test]
async fn a_subscription_gets_resource_groups() {
    let azure = Subscription::of(WORLD).await;
    let id = format!("{SUBSCRIPTION}/providers/Microsoft.Resources/deployments/groups");
    let group = json!([{
        "type": "Microsoft.Resources/resourceGroups", "apiVersion": "2021-04-01", "name": "new",
        "location": "northeurope",
    }]);
    let plain = json!({ "resources": group, "outputs": { "id": { "type": "string", "value": "[subscription().id]" } } });
    let mut body = json!({ "properties": { "mode": "Incremental", "template": plain } });
    assert_refused(&azure.send("PUT", &id, &body).await, 400, "LocationRequired", "no location");
    body["location"] = "westeurope".into();
    let started = azure.send("PUT", &id, &body).await;
    assert_eq!(started.status, 201, "{}", started.text());
    ended(&azure, &started).await;
    assert_eq!(azure.get(&id).await.json()["properties"]["outputs"]["id"]["value"], SUBSCRIPTION);
    assert_eq!(
        azure.get(&format!("{SUBSCRIPTION}/resourceGroups/new")).await.json()["location"],
        "northeurope"
    );
}
