//! The state of the agent.

use arcbook_engine::step::ErrorKind;

use super::{Machine, connected, id};
use crate::world::text;

#[tokio::test]
async fn the_state_of_the_agent_is_read_whether_or_not_it_is_there() {
    let machine = Machine::new().await;
    let run = async |given| machine.bench.run("arc_agent", &[("program", given)]).await;
    let outcome = run(machine.program()).await.unwrap();
    let told = |name: &str| outcome.outputs[name].clone();
    assert_eq!((told("installed"), told("connected")), (true.into(), false.into()));
    assert!(told("resource_id").is_null() && told("tenant_id").is_null());
    machine
        .write("shown", &format!("\u{feff}{}", connected(&id("edge", "web-01")).replace("status", "STATUS")));
    let outcome = run(machine.program()).await.unwrap();
    assert_eq!(outcome.outputs["connected"], true.into());
    assert_eq!((text(&outcome, "status"), text(&outcome, "tenant_id")), ("Connected", "t-1"));
    assert!(outcome.body.unwrap().to_json_text().unwrap().contains("STATUS"), "the answer is passed on");
    let outcome = run("/nowhere/azcmagent".into()).await.unwrap();
    assert_eq!(
        (&outcome.outputs["installed"], &outcome.outputs["connected"]),
        (&false.into(), &false.into())
    );
    assert!(outcome.body.unwrap().is_null());
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_error() {
    let machine = Machine::new().await;
    machine.write("shown", "Agent Status : Connected");
    let error = machine.bench.run("arc_agent", &[("program", machine.program())]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Answer);
    machine.write("show-code", "64");
    let error = machine.bench.run("arc_agent", &[("program", machine.program())]).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Program, Some("AZCM0064")));
    assert!(error.summary().contains("the agent's service cannot be reached"), "{error:?}");
    assert!(error.remedies()[0].contains("himdsd"), "{error:?}");
}

#[tokio::test]
async fn the_password_of_a_proxy_in_an_answer_is_a_secret_of_the_run() {
    let machine = Machine::new().await;
    machine.write("shown", r#"{"status":"Connected","httpsProxy":"http://me:canary-proxy@proxy:8080"}"#);
    let outcome = machine.bench.run("arc_agent", &[("program", machine.program())]).await.unwrap();
    let body = outcome.body.unwrap().to_json_text().unwrap();
    assert!(!machine.bench.secrets.redact(&body).contains("canary-proxy"));
}

#[tokio::test]
async fn the_program_is_in_the_plan() {
    let machine = Machine::new().await;
    assert_eq!(machine.lines("arc_agent", &vec![]), ["run azcmagent show -j"]);
    assert!(machine.work("arc_agent", &vec![]).actions().iter().all(arcbook_engine::step::Action::is_read));
}
