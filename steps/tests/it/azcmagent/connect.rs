//! Machines that a step connects.

use arcbook_engine::step::{Change, ErrorKind, Existing, PriorState};
use arcbook_engine::value::{Marks, Value};

use super::{Given, Machine, connected, id, place, principal};
use crate::world::text;

#[tokio::test]
async fn a_machine_is_connected_once_with_the_token_of_the_identity() {
    let machine = Machine::new().await.with_azure();
    let given = place(vec![("tags", Value::string_map([("City", "Den Haag"), ("Site", "a")]))]);
    let outcome = machine.apply("arc_connect", &given, None).await.unwrap();
    assert_eq!((outcome.change, text(&outcome, "resource_id")), (Change::Created, &*id("edge", "web-01")));
    assert!(machine.is_in_azure(&outcome).await);
    let settings: serde_json::Value = serde_json::from_str(&machine.read("settings")).unwrap();
    assert_eq!(settings["tags"], "City='Den Haag',Site=a");
    assert_eq!(settings["resource-name"], "web-01");
    machine.keeps(settings["access-token"].as_str().unwrap());
    assert!(!format!("{outcome:?}").contains(settings["access-token"].as_str().unwrap()));
    let again = machine.apply("arc_connect", &given, None).await.unwrap();
    assert_eq!((again.change, &again.outputs["changed"]), (Change::None, &false.into()));
    assert_eq!(machine.count("connect"), 1);
}

#[tokio::test]
async fn a_refusal_of_azure_is_explained() {
    let machine = Machine::new().await.with_azure();
    let given = place(vec![("resource_group", "closed".into())]);
    let error = machine.apply("arc_connect", &given, None).await.unwrap_err();
    assert_eq!(error.code(), Some("AZCM0042"));
    assert!(error.remedies()[0].contains("Azure Connected Machine Onboarding"), "{error:?}");
    let given = place(vec![("access_token", "canary-stale".into())]);
    let error = machine.apply("arc_connect", &given, None).await.unwrap_err();
    assert_eq!((error.code(), error.is_uncertain()), (Some("AZCM0012"), false));
    machine.keeps("canary-stale");
}

#[tokio::test]
async fn a_service_principal_connects_without_a_trace_of_its_secret() {
    let machine = Machine::new().await;
    let given = place(principal("canary-principal"));
    assert_eq!(
        machine.lines("arc_connect", &given),
        ["run azcmagent show -j", "run azcmagent connect --config (a private file)",]
    );
    let outcome = machine.apply("arc_connect", &given, None).await.unwrap();
    assert_eq!((outcome.change, text(&outcome, "tenant_id")), (Change::Created, "t-1"));
    machine.keeps("canary-principal");
    let machine = Machine::new().await;
    let error = machine.apply("arc_connect", &place(principal("canary-wrong")), None).await.unwrap_err();
    assert_eq!((error.code(), error.is_uncertain()), (Some("AZCM0041"), false));
    machine.keeps("canary-wrong");
}

#[tokio::test]
async fn the_messages_of_the_agent_are_shown_without_secrets() {
    // The exit code, a part of the summary, and true if something may have been changed.
    for (code, summary, is_uncertain) in [
        (16, "a required setting is missing", false),
        (18, "the user may not change the agent", false),
        (23, "a setting is not valid", false),
        (26, "an endpoint cannot be reached", false),
        (44, "another machine has a resource of this name", false),
        (62, "the machine could not be connected", true),
        (99, "ended with exit code 99", true),
    ] {
        let machine = Machine::new().await;
        machine.write("code", &code.to_string());
        let error =
            machine.apply("arc_connect", &place(principal("canary-principal")), None).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Program, Some(&*format!("AZCM{code:04}"))));
        assert!(error.summary().contains(summary), "{error:?}");
        assert_eq!(error.is_uncertain(), is_uncertain, "{code}");
        assert!(error.why().unwrap().contains("told to fail") && !error.remedies().is_empty());
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_machine_that_is_not_as_configured_is_left_alone() {
    let elsewhere = "this machine is connected to Azure Arc elsewhere, and is left as it is";
    let here = id("edge", "web-01");
    for (shown, given, summary, detail) in [
        (connected(&id("other", "web-01")), vec![], elsewhere, "Its resource group differs."),
        (connected(&id("edge", "db-01")), vec![], elsewhere, "Its resource name differs."),
        (connected(&here), vec![("tenant_id", "t-2".into())], elsewhere, "Its tenant differs."),
        (
            connected(&here).replace("Connected", "Expired"),
            vec![],
            "this machine has its resource, but the status of its agent is Expired",
            "",
        ),
        (
            r#"{"status":"Connected"}"#.to_owned(),
            vec![],
            "the agent does not say as which resource this machine is connected",
            "",
        ),
    ] {
        let machine = Machine::new().await;
        machine.write("shown", &shown);
        let work = machine.work("arc_connect", &place(given.clone()));
        let asked = work.find(machine.context(None)).await.unwrap_err();
        // Without a question, the agent itself refuses with 67.
        let ran = work.run(machine.context(None)).await.unwrap_err();
        for error in [asked, ran] {
            assert_eq!((error.summary(), error.why().unwrap_or_default()), (summary, detail), "{shown}");
            assert!(error.remedies().join("\n").contains("arc_disconnect"), "{error:?}");
        }
    }
}

#[tokio::test]
async fn a_machine_that_is_connected_already_counts_if_it_is_the_same() {
    let machine = Machine::new().await;
    machine.write("shown", &connected(&id("EDGE", "WEB-01")));
    for (before, expected) in [(None, Change::None), (Some(PriorState::Absent), Change::Created)] {
        let work = machine.work("arc_connect", &place(vec![]));
        let found = work.find(machine.context(before)).await.unwrap();
        let Existing::AsWanted(outcome) = found else { panic!("{found:?}") };
        assert_eq!(outcome.change, expected);
        // The agent ends with 67.
        assert_eq!(work.run(machine.context(before)).await.unwrap().change, expected);
    }
}

#[tokio::test]
async fn an_interrupted_connection_is_found_by_the_resumed_run() {
    let machine = Machine::new().await;
    machine.write("lost", "");
    let given = place(principal("canary-principal"));
    let error = machine.apply("arc_connect", &given, None).await.unwrap_err();
    assert!(error.is_uncertain() && error.summary().contains("signal"), "{error:?}");
    machine.keeps("canary-principal");
    let outcome = machine.apply("arc_connect", &given, Some(PriorState::Absent)).await.unwrap();
    assert_eq!((outcome.change, machine.count("connect")), (Change::Created, 1));
    assert_eq!(machine.undo(&outcome, Some(outcome.change)).await, Ok(Change::Removed));
}

#[tokio::test]
async fn an_undo_disconnects_only_what_the_run_connected() {
    let machine = Machine::new().await.with_azure();
    let outcome = machine.apply("arc_connect", &place(vec![]), None).await.unwrap();
    let shown = machine.read("shown");
    assert_eq!(machine.undo(&outcome, None).await, Err("no undo".to_owned()));
    machine.write("shown", &connected(&id("edge", "other")));
    let kept = "the machine was connected to another resource since the run connected it, and stays so";
    assert_eq!(machine.undo(&outcome, Some(Change::Created)).await, Err(kept.to_owned()));
    machine.write("shown", &shown);
    assert_eq!(machine.undo(&outcome, Some(Change::Created)).await, Ok(Change::Removed));
    assert!(!machine.is_in_azure(&outcome).await);
    assert_eq!(machine.undo(&outcome, Some(Change::Created)).await, Ok(Change::None));
    machine.keeps("eyJ");
}

#[tokio::test]
async fn a_proxy_is_set_before_the_connection() {
    let machine = Machine::new().await;
    let given = place([vec![("proxy", "http://proxy:3128".into())], principal("canary-principal")].concat());
    assert_eq!(
        machine.lines("arc_connect", &given)[1],
        "run azcmagent config set proxy.url http://proxy:3128"
    );
    machine.apply("arc_connect", &given, None).await.unwrap();
    assert_eq!(machine.read("proxy"), "http://proxy:3128");
}

#[tokio::test]
async fn a_machine_without_the_agent_is_an_error_only_of_the_run() {
    let machine = Machine::new().await;
    let given =
        place([vec![("program", "/nowhere/azcmagent".into())], principal("canary-principal")].concat());
    let work = machine.work("arc_connect", &given);
    let found = work.find(machine.context(None)).await.unwrap();
    assert!(matches!(found, Existing::Unknown(_)), "an earlier step may install it");
    let error = work.run(machine.context(None)).await.unwrap_err();
    assert_eq!(error.summary(), "the Azure Connected Machine agent is not installed");
    assert!(!error.is_uncertain());
}

#[tokio::test]
async fn wrong_arguments_are_known_in_a_plan() {
    let machine = Machine::new().await;
    let sensitive = |text: &str| Value::from(text).with_marks(&Marks::sensitive("x"));
    let object = |entries: &[(&'static str, &str)]| {
        Value::object(entries.iter().map(|(name, text)| (*name, Value::from(*text))))
    };
    let cases: [(Given, &str); 9] = [
        (vec![("resource_name", "a b".into())], "resource_name"),
        (vec![("location", " ".into())], "location"),
        (vec![("tags", Value::string_map([("a", "1,2")]))], "tags"),
        (vec![("proxy", "http://me:canary@proxy".into())], "proxy"),
        (vec![("proxy", sensitive("http://proxy"))], "proxy"),
        (vec![("program", sensitive("azcmagent"))], "program"),
        (vec![("service_principal", object(&[("client_id", "c"), ("secret", "s")]))], "tenant_id"),
        (
            vec![
                ("tenant_id", "t".into()),
                ("service_principal", object(&[("client_id", "c"), ("secret", "")])),
            ],
            "service_principal",
        ),
        (vec![("access_token", "".into())], "access_token"),
    ];
    for (given, expected) in cases {
        let errors = machine.bench.refused("arc_connect", &place(given.clone()));
        let names: Vec<&str> = errors.iter().map(arcbook_engine::step::ArgumentError::argument).collect();
        assert_eq!(names.join(" "), expected, "{given:?}");
        assert!(!format!("{errors:?}").contains("canary"));
    }
}
