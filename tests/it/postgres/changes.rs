//! Statements that change something.

use super::server::{Postgres, query, rows};
use crate::support::{Place, repository};

fn table(server: &Postgres, name: &str) {
    server.psql("ann", "app", &format!("CREATE TABLE {name} (id int, note text)"));
}

fn count(server: &Postgres, name: &str) -> String {
    server.psql("ann", "app", &format!("SELECT count(*) FROM {name}"))
}

#[test]
fn a_declared_change_is_planned_committed_and_recorded() {
    let server = Postgres::shared();
    table(server, "changed");
    let place = server.place(&query(
        "statement = \"INSERT INTO changed VALUES ($1, $2), (2, 'b') RETURNING id, note\"\n  parameters = [1, \"a\"]\n  effect = \"changes\"",
    ));
    let planned = server.run(&place, &["plan"]);
    assert!(planned.out.contains("~ database  app  at localhost"), "{}", planned.out);
    let live = server.run(&place, &["plan", "-live"]);
    assert_eq!((live.code, count(server, "changed").as_str()), (Some(0), "0"), "{}", live.seen());
    let ran = server.run(&place, &["run", "-auto-approve"]);
    assert_eq!((ran.code, count(server, "changed").as_str()), (Some(0), "2"), "{}", ran.seen());
    let expected = serde_json::json!([{"id": 1, "note": "a"}, {"id": 2, "note": "b"}]);
    assert_eq!(rows(server, &place), expected);
    let shown = server.run(&place, &["show"]);
    assert!(shown.out.contains("Changed") && shown.out.contains("database"), "{}", shown.out);
    let undone = server.run(&place, &["undo", "-plan"]);
    assert!(undone.seen().contains("the effect of a statement cannot be undone"), "{}", undone.seen());
}

#[test]
fn a_change_is_not_committed_if_its_rows_cannot_be_kept() {
    let server = Postgres::shared();
    table(server, "rolled_back");
    for limit in ["max_rows = 10", "max_bytes = 100"] {
        let place = server.place(&query(&format!(
            "statement = \"INSERT INTO rolled_back SELECT x, 'n' FROM generate_series(1, 1000) x RETURNING *\"\n  effect = \"changes\"\n  {limit}"
        )));
        let ran = server.run(&place, &["run", "-auto-approve"]);
        assert_eq!((ran.code, count(server, "rolled_back").as_str()), (Some(1), "0"), "{}", ran.seen());
        assert!(!ran.seen().contains("unconfirmed"), "{}", ran.seen());
    }
}

#[test]
fn a_statement_can_run_outside_of_a_transaction() {
    let server = Postgres::shared();
    table(server, "vacuumed");
    let place = server
        .place(&query("statement = \"VACUUM vacuumed\"\n  effect = \"changes\"\n  transaction = false"));
    let ran = server.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(rows(server, &place), serde_json::json!([]));
}

/// A transaction that meets another one is rolled back as a whole, and tried again.
#[test]
fn a_transaction_that_met_another_one_is_tried_again() {
    let server = Postgres::shared();
    table(server, "met");
    server.psql("ann", "app", "CREATE SEQUENCE attempts");
    server.psql(
        "ann",
        "app",
        "CREATE FUNCTION sometimes() RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF nextval('attempts') < 3 THEN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END IF; RETURN 1; END $$",
    );
    let place = server
        .place(&query("statement = \"INSERT INTO met SELECT sometimes(), 'x'\"\n  effect = \"changes\""));
    let ran = server.run(&place, &["run", "-auto-approve"]);
    assert_eq!((ran.code, count(server, "met").as_str()), (Some(0), "1"), "{}", ran.seen());
    assert!(ran.out.contains("PostgreSQL answered 40001"), "{}", ran.seen());
}

/// The example runs with its own world, apart from the port of the server.
#[test]
fn the_example_runs() {
    let server = Postgres::shared();
    for statement in ["CREATE ROLE visitor LOGIN PASSWORD 'visits'", "CREATE DATABASE site OWNER visitor"] {
        server.psql("admin", "postgres", statement);
    }
    server.psql("admin", "site", "CREATE TABLE visits (id int GENERATED ALWAYS AS IDENTITY, name text)");
    server.psql("admin", "site", "GRANT ALL ON visits TO visitor");
    let port = server.port.to_string();
    for connection in [
        format!("postgresql://visitor:visits@localhost:{port}/site?sslmode=require"),
        format!(
            "psql \\\"host=localhost port={port} dbname=site user=visitor password=visits sslmode=require\\\""
        ),
        format!("PGPASSWORD=visits psql --host=localhost --port={port} --username=visitor --dbname=site"),
    ] {
        let place = Place::new();
        for name in ["postgres.runbook.hcl", "postgres.lab.hcl"] {
            let text =
                std::fs::read_to_string(repository().join("examples/postgres").join(name)).expect("text");
            let uri = "postgresql://visitor:visits@localhost:5432/site?sslmode=require";
            assert_eq!(text.contains(uri), name.ends_with("lab.hcl"));
            let text = text.replace(uri, &connection);
            place.write(
                name,
                text.replace(
                    "host       = \"localhost\"",
                    &format!("host       = \"localhost\"\n  port = {port}"),
                ),
            );
        }
        let planned = server.run(&place, &["plan"]);
        assert!(planned.out.contains(&format!("at localhost:{port}")), "{}", planned.out);
        let ran = server.run(&place, &["run", "-lab", "-auto-approve"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
    }
    assert_eq!(server.psql("admin", "site", "SELECT count(*) FROM visits"), "3");
}
