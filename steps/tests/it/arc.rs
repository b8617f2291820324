//! Arc-enabled servers as Azure shows them.

use arcbook_engine::value::Value;

use crate::world::{Bench, text};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc_pilot";

const WORLD: &str = r#"
resource "Microsoft.HybridCompute/machines" "Old" {
  resource_group = "arc_pilot"
  properties     = { status = "Cloned", osType = "Windows", agentVersion = "1.60" }
}

resource "Microsoft.HybridCompute/machines/extensions" "ArcBox-01/one" {
  resource_group = "arc_pilot"
  properties = {
    publisher          = "Microsoft.Azure.Extensions"
    type               = "CustomScript"
    typeHandlerVersion = "2.1"
    provisioningState  = "Failed"
    instanceView       = { typeHandlerVersion = "2.1.10", status = { message = "exit status 1" } }
  }
}

resource "Microsoft.HybridCompute/machines/extensions" "ArcBox-01/two" { resource_group = "arc_pilot" }
resource "Microsoft.HybridCompute/machines/extensions" "ArcBox-01/three" { resource_group = "arc_pilot" }
"#;

#[tokio::test]
async fn a_server_is_read_by_id_or_name() {
    let bench = Bench::of(WORLD).await;
    let id = format!("{GROUP}/providers/Microsoft.HybridCompute/machines/ArcBox-01");
    let by_name = [("name", "ArcBox-01".into()), ("resource_group", GROUP.into())];
    let server = bench.run("arc_machine", &[("id", id.as_str().into())]).await.expect("read");
    assert_eq!(bench.run("arc_machine", &by_name).await.expect("read").outputs["id"], server.outputs["id"]);
    for (name, expected) in [
        ("id", &*id),
        ("name", "ArcBox-01"),
        ("os", "linux"),
        ("location", "westeurope"),
        ("status", "Connected"),
    ] {
        assert_eq!(text(&server, name), expected, "{name}");
    }
    assert_eq!(text(&server, "principal_id").len(), 36);
    let told = format!("{:?}", server.outputs["extensions"]);
    for part in ["one", "two", "three", "CustomScript", "2.1.10", "Failed", "exit status 1"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[tokio::test]
async fn a_word_that_is_newer_than_arcbook_is_a_state_too() {
    let bench = Bench::of(WORLD).await;
    let old = [("name", Value::from("Old")), ("resource_group", GROUP.into()), ("extensions", false.into())];
    let before = bench.lab.requests().len();
    let server = bench.run("arc_machine", &old).await.expect("read");
    assert_eq!((text(&server, "status"), text(&server, "os")), ("Cloned", "windows"));
    assert!(server.outputs["extensions"].is_null() && server.outputs["principal_id"].is_null());
    let asked = bench.lab.requests().split_off(before);
    assert!(!asked.iter().any(|request| request.target.contains("/extensions")));
    let missing = [("name", Value::from("None")), ("resource_group", GROUP.into())];
    assert_eq!(bench.run("arc_machine", &missing).await.map(drop).expect_err("none").status(), Some(404));
}

#[tokio::test]
async fn the_id_of_another_resource_is_no_server() {
    let bench = Bench::of(WORLD).await;
    for given in [
        vec![("id", Value::from(format!("{GROUP}/providers/Microsoft.Compute/virtualMachines/x")))],
        vec![("id", Value::from(GROUP))],
        vec![("name", Value::from("a"))],
        vec![("name", Value::from("a/b")), ("resource_group", GROUP.into())],
    ] {
        assert_eq!(bench.refused("arc_machine", &given).len(), 1, "{given:?}");
    }
}
