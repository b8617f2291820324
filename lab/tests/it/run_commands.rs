//! Run commands of Arc-enabled servers, whose scripts really run.

use serde_json::{Value, json};

use crate::subscription::{Subscription, assert_refused, in_group};

#[cfg(unix)]
const NONE: Value = Value::Null;

const TYPE: &str = r#"
    role_assignment { role = "Contributor" }
    resource_type "Microsoft.HybridCompute/machines/runCommands" {
        write_only = ["properties.protectedParameters"]
    }
"#;

fn id(name: &str) -> String {
    in_group(&format!("Microsoft.HybridCompute/machines/vm-1/runCommands/{name}"))
}

fn body(script: &str, more: &Value) -> Value {
    let mut body = json!({
        "location": "westeurope",
        "properties": { "source": { "script": script }, "asyncExecution": true },
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body["properties"][name] = value.clone();
    }
    body
}

/// Waits for the end of a script, and returns its view.
#[cfg(unix)]
async fn ended(azure: &Subscription, id: &str) -> Value {
    loop {
        let view = azure.get(id).await.json()["properties"]["instanceView"].clone();
        if !["Unknown", "Pending", "Running"].contains(&view["executionState"].as_str().unwrap()) {
            return view;
        }
        tokio::task::yield_now().await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_script_runs_with_its_parameters_in_a_clean_environment() {
    let azure = Subscription::of(&format!("run_commands = true\n{TYPE}")).await;
    let script = "echo \"$greeting $1\"; env | grep -c CARGO; echo oops >&2; exit 3";
    let more = json!({
        "parameters": [{ "name": "greeting", "value": "hello" }, { "name": "", "value": "world" }],
        "protectedParameters": [{ "name": "secret", "value": "hush" }],
    });
    let created = azure.send("PUT", &id("a"), &body(script, &more)).await;
    assert_eq!(created.status, 201, "{}", created.text());
    assert!(!created.text().contains("hush"));
    let view = ended(&azure, &id("a")).await;
    for (name, expected) in [
        ("executionState", json!("Failed")),
        ("exitCode", json!(3)),
        ("output", json!("hello world\n0\n")),
        ("error", json!("oops\n")),
    ] {
        assert_eq!(view[name], expected, "{name}: {view}");
    }
    assert!(view["startTime"].is_string() && view["endTime"].is_string(), "{view}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_end_of_the_output_is_kept_and_time_ends_a_script() {
    let azure = Subscription::of(&format!("run_commands = true\n{TYPE}")).await;
    let long = "i=0; while [ $i -lt 1000 ]; do echo 'line of the output'; i=$((i+1)); done; echo last";
    azure.send("PUT", &id("long"), &body(long, &json!({}))).await;
    let view = ended(&azure, &id("long")).await;
    let output = view["output"].as_str().unwrap();
    assert_eq!((output.len(), output.ends_with("\nlast\n")), (4096, true));
    azure.send("PUT", &id("slow"), &body("sleep 600", &json!({ "timeoutInSeconds": 1 }))).await;
    let view = ended(&azure, &id("slow")).await;
    assert_eq!((&view["executionState"], &view["exitCode"]), (&json!("TimedOut"), &json!(-1)));
}

#[cfg(unix)]
#[tokio::test]
async fn a_deletion_ends_the_script() {
    let azure = Subscription::of(&format!("run_commands = true\n{TYPE}")).await;
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("pid");
    let script = format!("echo $$ > {0}.new; mv {0}.new {0}; sleep 600", file.display());
    azure.send("PUT", &id("a"), &body(&script, &json!({}))).await;
    let pid = loop {
        if let Ok(pid) = std::fs::read_to_string(&file) {
            break pid.trim().to_owned();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(azure.get(&id("a")).await.json()["properties"]["instanceView"]["executionState"], "Running");
    assert_eq!(azure.send("DELETE", &id("a"), &NONE).await.status, 200);
    let is_alive =
        || std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    while is_alive() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_lab_without_leave_runs_nothing_and_says_so() {
    let azure = Subscription::of(TYPE).await;
    azure.send("PUT", &id("a"), &body("exit 0", &json!({}))).await;
    let view = &azure.get(&id("a")).await.json()["properties"]["instanceView"];
    assert_eq!((&view["executionState"], &view["exitCode"]), (&json!("Failed"), &json!(-1)), "{view}");
    assert!(view["executionMessage"].as_str().unwrap().contains("run_commands = true"), "{view}");
}

#[tokio::test]
async fn declared_ends_take_the_place_of_scripts() {
    let blocks = r#"
    run_command "vm-2" { milliseconds = 3600000 }
    run_command "vm-*" {
        exit_code = 3
        output    = "so far"
        error     = "no space"
    }
    resource "Microsoft.HybridCompute/machines" "vm-2" { resource_group = "rg" }
    "#;
    // Even a lab that may run scripts does not run these.
    let azure = Subscription::of(&format!("run_commands = true\n{TYPE}\n{blocks}")).await;
    let of = |machine: &str| in_group(&format!("Microsoft.HybridCompute/machines/{machine}/runCommands/a"));
    let created = azure.send("PUT", &of("vm-1"), &body("touch /nowhere", &json!({}))).await;
    assert_eq!(created.status, 201, "{}", created.text());
    let view = &created.json()["properties"]["instanceView"];
    for (name, expected) in [
        ("executionState", json!("Failed")),
        ("exitCode", json!(3)),
        ("output", json!("so far")),
        ("error", json!("no space")),
    ] {
        assert_eq!(view[name], expected, "{name}: {view}");
    }
    azure.send("PUT", &of("vm-2"), &body("exit 0", &json!({}))).await;
    let view = azure.get(&of("vm-2")).await.json()["properties"]["instanceView"].clone();
    assert_eq!(view["executionState"], "Running", "it takes an hour: {view}");
}

#[tokio::test]
async fn a_run_command_has_one_source_and_a_short_name() {
    let azure = Subscription::of(TYPE).await;
    let long = "x".repeat(37);
    let two = json!({ "properties": { "source": { "script": "a", "scriptUri": "https://b.test" } } });
    for (name, body) in [(&*long, body("a", &json!({}))), ("a", two), ("a", json!({ "properties": {} }))] {
        assert_refused(&azure.send("PUT", &id(name), &body).await, 400, "InvalidParameter", name);
    }
}
