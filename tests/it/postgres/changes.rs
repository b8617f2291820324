//! Statements that change something.

use super::server::{PASSWORD, Postgres, query, rows};
use crate::support::Place;

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
    assert!(
        undone.seen().contains("its statement cannot be undone without a block `undo`"),
        "{}",
        undone.seen()
    );
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

/// Returns a runbook with one statement of `ann`, whose password is in a file.
fn with_file(server: &Postgres, arguments: &str) -> Place {
    use std::os::unix::fs::PermissionsExt as _;
    let password = "  password = var.password\n";
    let runbook = query(arguments);
    assert!(runbook.contains(password), "{runbook}");
    let place = server.place(&runbook.replace(password, "  password_file = \"pgpass\"\n"));
    let word = PASSWORD.replace('\\', "\\\\").replace(':', "\\:");
    place.write("pgpass", format!("localhost:*:*:ann:{word}\n"));
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(place.path().join("pgpass"), private).expect("set");
    place
}

#[test]
fn a_statement_is_executed_unless_a_query_returns_a_row_and_is_undone_by_its_opposite() {
    let server = Postgres::shared();
    table(server, "undone");
    let place = with_file(
        server,
        "statement = \"INSERT INTO undone VALUES ($1, $2)\"\n  parameters = [7, \"a\"]\n  effect = \"changes\"\n\
         unless {\n  statement = \"SELECT id FROM undone WHERE id = $1\"\n  parameters = [7]\n}\n\
         undo {\n  statement = \"DELETE FROM undone WHERE id = $1\"\n  parameters = [7]\n}",
    );
    for (code, rows) in [(2, "1"), (0, "1")] {
        let planned = server.run(&place, &["plan", "-live", "-detailed-exitcode"]);
        assert_eq!(planned.code, Some(code), "{}", planned.seen());
        let ran = server.run(&place, &["run", "-auto-approve"]);
        assert_eq!((ran.code, count(server, "undone").as_str()), (Some(0), rows), "{}", ran.seen());
    }
    // The second run changed nothing, so its undo takes nothing back.
    let runs = server.run(&place, &["runs"]).out;
    let mut names: Vec<&str> = runs.lines().filter_map(|line| line.split(' ').next()).collect();
    names.retain(|name| name.starts_with("20"));
    names.sort_unstable();
    let [first, second] = names[..] else { panic!("{runs}") };
    let nothing = server.run(&place, &["undo", "-auto-approve", second]);
    assert_eq!((nothing.code, count(server, "undone").as_str()), (Some(0), "1"), "{}", nothing.seen());
    let listed = server.run(&place, &["undo", "-plan", first]);
    assert!(listed.out.contains("DELETE FROM undone WHERE id = $1"), "{}", listed.seen());
    server.psql("ann", "app", "INSERT INTO undone VALUES (8, 'of others')");
    let undone = server.run(&place, &["undo", "-auto-approve", first]);
    assert_eq!((undone.code, count(server, "undone").as_str()), (Some(0), "1"), "{}", undone.seen());
    assert!(!super::server::leaks(&place.path().join(".arcbook")));
}

/// Without a changed row there is nothing to take back, even if the opposite would find one.
#[test]
fn a_statement_that_changed_no_row_is_not_undone() {
    let server = Postgres::shared();
    server.psql("ann", "app", "CREATE TABLE there (id int PRIMARY KEY)");
    server.psql("ann", "app", "INSERT INTO there VALUES (1)");
    let place = with_file(
        server,
        "statement = \"INSERT INTO there VALUES (1) ON CONFLICT DO NOTHING\"\n  effect = \"changes\"\n\
         undo {\n  statement = \"DELETE FROM there WHERE id = 1\"\n}",
    );
    let ran = server.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let undone = server.run(&place, &["undo", "-auto-approve"]);
    assert_eq!((undone.code, count(server, "there").as_str()), (Some(0), "1"), "{}", undone.seen());
}
