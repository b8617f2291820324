//! Logins and statements that fail, each with its reason and a remedy.

use super::server::{PASSWORD, Postgres, contains_password, query};
use crate::support::{Place, Ran};

fn with_password(server: &Postgres, place: &Place, password: &str) -> Ran {
    let mut command = server.command(place, &["run", "-auto-approve"]);
    Ran::of(command.env("ARCBOOK_VAR_password", password).output().expect("the program"))
}

#[test]
fn a_login_that_fails_says_why() {
    let server = Postgres::shared();
    let select = "statement = \"SELECT 1 AS one\"";
    let with = |from: &str, to: &str| query(select).replace(from, to);
    for (runbook, password, expected) in [
        (query(select), "wrong", &["28P01", "check the user and the password"][..]),
        (with("password = var.password", ""), PASSWORD, &["login to the database failed", "`password_file`"]),
        (with("\"ann\"", "\"nobody\""), PASSWORD, &["28P01", "check the user and the password"]),
        (with("\"app\"", "\"none\""), PASSWORD, &["3D000", "check the name of the database"]),
        (with("\"app\"", "\"closed\""), PASSWORD, &["42501", "Permission denied for database"]),
        (
            with("\"app\"", "\"closed\"\n  tls = \"disable\""),
            PASSWORD,
            &["28000", "No pg_hba.conf entry", "pg_hba.conf"],
        ),
        (
            with("\"localhost\"", "\"other.localhost\""),
            PASSWORD,
            &["certificate of the database server is not accepted", "not valid for name", "SSL_CERT_FILE"],
        ),
        (with("= PORT", "= 1"), PASSWORD, &["cannot be reached", "tried 5 times"]),
    ] {
        // A port without a server is retried, which takes a while.
        let runbook = if runbook.contains("= 1\n") {
            runbook.replace("statement =", "retry {\n attempts = 1\n }\n  statement =")
        } else {
            runbook
        };
        let place = server.place(&runbook);
        let ran = with_password(server, &place, password);
        let expected: Vec<&&str> = expected.iter().filter(|part| !part.contains("tried 5")).collect();
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        let message = ran.err.replace("\n  ", " ");
        let missing = expected.iter().find(|part| !message.contains(***part));
        assert_eq!(missing, None, "{}", ran.seen());
        assert!(!contains_password(&ran.seen()) && !ran.seen().contains("uncertain"), "{}", ran.seen());
    }
}

#[test]
fn an_authority_that_is_not_trusted_gets_no_password() {
    let server = Postgres::shared();
    let place = server.place(&query("statement = \"SELECT 1 AS one\""));
    let mut command = server.command(&place, &["run", "-auto-approve"]);
    command.env_remove("SSL_CERT_FILE");
    let ran = Ran::of(command.output().expect("the program"));
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.err.contains("certificate of the database server is not accepted"), "{}", ran.seen());
    // The plan shows every weaker way.
    for (tls, expected) in [("require", "with TLS that trusts any certificate"), ("disable", "without TLS")] {
        let place = server.place(&query(&format!("tls = \"{tls}\"\n  statement = \"SELECT 1 AS one\"")));
        let planned = server.run(&place, &["plan"]);
        assert!(planned.out.contains(&format!("at localhost:{} {expected}", server.port)), "{}", planned.out);
        let mut command = server.command(&place, &["run", "-auto-approve"]);
        let ran = Ran::of(command.env_remove("SSL_CERT_FILE").output().expect("the program"));
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let shown = server.run(&place, &["show"]);
        assert!(shown.out.contains(expected), "{}", shown.out);
    }
}

#[test]
fn a_statement_that_fails_says_why_and_where() {
    let server = Postgres::shared();
    server.psql("ann", "app", "CREATE TABLE refused (id int PRIMARY KEY, name text NOT NULL)");
    server.psql("ann", "app", "INSERT INTO refused VALUES (1, 'a')");
    for (arguments, expected) in [
        ("statement = \"SELECT *\\nFROM nowhere\"", &["42P01", "line 2, column 6", "name of the table"][..]),
        ("statement = \"SELECT nothing FROM refused\"", &["42703", "name of the column"]),
        ("statement = \"SELEKT 1\"", &["42601", "line 1, column 1"]),
        ("statement = \"SELECT 1/0 AS x\"", &["22012", "Division by zero"]),
        (
            "statement = \"SELECT pg_sleep(60)\"\n statement_timeout = \"50ms\"",
            &["57014", "`statement_timeout`"],
        ),
        ("statement = \"INSERT INTO refused VALUES (2, 'b')\"", &["25006", "effect = \"changes\""]),
        ("statement = \"SELECT set_config('transaction_read_only', 'off', true)\"", &["25001"]),
        (
            "statement = \"DO $$ BEGIN SET TRANSACTION READ WRITE; INSERT INTO refused VALUES (3, 'c'); END $$\"",
            &["25001"],
        ),
        (
            "statement = \"INSERT INTO refused VALUES (1, 'b')\"\n effect = \"changes\"",
            &["23505", "Key (id)=(1) already exists", "constraint"],
        ),
        ("statement = \"VACUUM refused\"\n effect = \"changes\"", &["25001", "transaction = false"]),
        ("statement = \"SELECT $1::int AS x\"", &["1 parameter, and 0 are given"]),
        ("statement = \"SELECT $1::int AS x\"\n parameters = [[1]]", &["$1 is a collection"]),
        (
            "statement = \"SELECT $1::int AS x\"\n parameters = [\"x\"]",
            &["22P02", "invalid input syntax", "as text"],
        ),
        ("statement = \"SELECT $1::bytea AS x\"\n parameters = [\"?\"]", &["$1 must be base64"]),
        ("statement = \"SELECT 1 AS x, 2 AS x\"", &["two columns are named `x`"]),
        ("statement = \"SELECT point(1, 2) AS p\"", &["type point, which cannot be read", "`p::text`"]),
        (
            "statement = \"SELECT generate_series(1, 11) AS x\"\n max_rows = 10",
            &["more than 10 rows", "`max_rows`"],
        ),
        ("statement = \"SELECT repeat('x', 2000) AS x\"\n max_bytes = 1000", &["more than 1000 bytes"]),
    ] {
        let place = server.place(&query(arguments));
        let ran = server.run(&place, &["run", "-auto-approve"]);
        assert_eq!(ran.code, Some(1), "{arguments}: {}", ran.seen());
        let message = ran.err.replace("\n  ", " ").to_lowercase();
        let missing = expected.iter().find(|part| !message.contains(&part.to_lowercase()));
        assert_eq!(missing, None, "{arguments}: {}", ran.seen());
    }
    assert_eq!(server.psql("ann", "app", "SELECT count(*) FROM refused"), "1");
}

/// A message of the server may quote the statement and its parameters.
#[test]
fn a_message_about_a_secret_is_withheld() {
    let server = Postgres::shared();
    let arguments = "statement = \"SELECT $1::int AS x\"\n  parameters = [var.password]";
    let place = server.place(&query(arguments).replace("value = step", "sensitive = true\n  value = step"));
    let ran = server.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.err.contains("22P02") && ran.err.contains("not shown"), "{}", ran.seen());
    assert!(!ran.seen().contains("it's 50%"), "{}", ran.seen());
}

#[test]
fn arguments_that_cannot_work_are_errors_of_the_runbook() {
    for (arguments, expected) in [
        ("statement = \"SELECT 1; DROP TABLE x\"", "must be a single statement"),
        ("statement = \"COMMIT\"", "must not control the transaction"),
        ("statement = \"\\\\d\"", "backslash"),
        ("statement = \"COPY x FROM STDIN\"", "must not be `COPY`"),
        ("statement = \"\"", "must contain a statement"),
        ("statement = \"SELECT 1\"\n parameters = \"x\"", "must be a list"),
        ("statement = \"SELECT 1\"\n transaction = false", "must be true for a statement that reads"),
        ("statement = \"SELECT 1\"\n password_file = \"x\"", "`password`"),
        ("statement = \"SELECT 1\"\n connection = \"psql -h localhost -c 'SELECT 1'\"", "word 4"),
        ("statement = \"SELECT 1\"\n connection = \"postgresql://u:literal@h/d\"", "must be sensitive"),
        ("statement = \"SELECT 1\"\n host = \"a b\"", "must name a host or an address"),
        (
            "statement = \"SELECT 1\"\n unless {\n statement = \"SELECT 1\"\n }",
            "must not be given for a statement that reads",
        ),
        (
            "statement = \"SELECT 1\"\n effect = \"changes\"\n unless {\n statement = \"COMMIT\"\n }",
            "must not control the transaction",
        ),
        (
            "statement = \"SELECT 1\"\n effect = \"changes\"\n undo {\n statement = \"SELECT 1\"\n }",
            "requires `password_file` or `entra_token`",
        ),
        (
            "statement = \"SELECT 1\"\n effect = \"changes\"\n password_file = \"x\"\n undo {\n statement = \"SELECT $1\"\n parameters = [var.password]\n }",
            "must not contain a sensitive value",
        ),
    ] {
        let runbook = query(arguments).replace("PORT", "5432");
        // There is one proof of identity, unless two are what the case is about.
        let is_undo = arguments.contains("undo {") && arguments.contains("password_file");
        let runbook = if is_undo { runbook.replace("password = var.password\n", "") } else { runbook };
        let place = Place::with(&runbook);
        let ran = place.run(&["validate"]);
        let mut planned = place.command(&["plan"]);
        let planned = Ran::of(planned.env("ARCBOOK_VAR_password", "x").output().expect("the program"));
        let told = format!("{}{}", ran.err, planned.err);
        assert!(told.replace("\n  ", " ").contains(expected), "{arguments}: {told}");
        assert_ne!(planned.code, Some(0), "{arguments}: {}", planned.seen());
    }
    let place =
        Place::with("step \"postgres_query\" \"q\" {\n  host = \"db.test\"\n  statement = \"SELECT 1\"\n}\n");
    let planned = place.run(&["plan"]);
    assert!(planned.err.contains("`database` must be given, or `connection`"), "{}", planned.seen());
    let token = "step \"postgres_query\" \"q\" {\n  host = \"db.test\"\n  database = \"d\"\n  user = \"u\"\n  entra_token = true\n  tls = \"require\"\n  statement = \"SELECT 1\"\n}\n";
    let foreign = Place::with(&token.replace("  tls = \"require\"\n", "")).run(&["plan"]);
    assert!(foreign.err.contains("may be sent only to *.postgres.database.azure.com"), "{}", foreign.seen());
    let azure =
        token.replace("  tls = \"require\"\n", "").replace("db.test", "db1.postgres.database.azure.com");
    let planned = Place::with(&azure).run(&["plan", "-requests"]);
    assert!(
        planned.out.contains("token for https://ossrdbms-aad.database.windows.net"),
        "{}",
        planned.seen()
    );
    let planned = Place::with(token).run(&["plan"]);
    assert!(planned.err.contains("must be `verify-full` with `entra_token`"), "{}", planned.seen());
}
