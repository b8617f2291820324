//! The ways to say where to connect and as whom.

use super::server::{PASSWORD, Postgres, leaks, quoted, rows};

/// Returns a runbook whose connection is in the sensitive variable `c`.
fn runbook(arguments: &str) -> String {
    format!(
        r#"
variable "c" {{
  type      = string
  sensitive = true
}}

step "postgres_query" "q" {{
  {arguments}
  statement = "SELECT current_user::text AS me, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
}}

output "rows" {{
  value = step.postgres_query.q.rows
}}
"#
    )
}

/// The password in a URI.
fn encoded() -> String {
    PASSWORD.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
}

/// The password in libpq's keywords.
fn escaped() -> String {
    PASSWORD.replace('\\', "\\\\").replace('\'', "\\'")
}

/// A word of a shell.
fn word(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[test]
fn every_form_of_a_connection_logs_in() {
    let server = Postgres::shared();
    let port = server.port;
    let keywords = format!("host=localhost port={port} dbname=app user=ann password='{}'", escaped());
    let uri = format!("postgresql://ann:{}@localhost:{port}/app", encoded());
    for connection in [
        format!("{uri}?sslmode=require"),
        uri.clone(),
        format!("postgres://localhost:{port}/app?user=ann&password={}&sslmode=disable", encoded()),
        format!("{keywords} sslmode=prefer"),
        format!("psql {}", word(&keywords)),
        format!("psql {}", word(&uri)),
        format!(
            "PGPASSWORD={} psql --host=localhost --port={port} --username=ann --dbname=app",
            word(PASSWORD)
        ),
        format!(
            "psql -h localhost -p {port} -U ann --dbname {}",
            word(&format!("dbname=app password='{}'", escaped()))
        ),
    ] {
        let place = server.place(&runbook("connection = var.c"));
        let ran = |arguments: &[&str]| {
            let mut command = server.command(&place, arguments);
            crate::support::Ran::of(command.env("ARCBOOK_VAR_c", &connection).output().expect("run"))
        };
        let ran = [ran(&["run", "-auto-approve"]), ran(&["show"]), ran(&["plan"])];
        for ran in &ran {
            assert_eq!(ran.code, Some(0), "{connection}: {}", ran.seen());
            assert!(!ran.seen().contains(PASSWORD), "{}", ran.seen());
        }
        // Whatever a connection asks for, TLS is used and verified.
        let expected = serde_json::json!([{"me": "ann", "ssl": true}]);
        assert_eq!(rows(server, &place), expected, "{connection}");
        assert!(ran[2].out.contains(&format!("database app at localhost:{port}")), "{}", ran[2].out);
        assert!(!leaks(place.path()));
    }
}

#[test]
fn a_password_comes_from_a_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Postgres::shared();
    let arguments = "host = \"localhost\"\n port = PORT\n database = \"app\"\n user = \"ann\"\n password_file = \"pgpass\"";
    let place = server.place(&runbook(arguments));
    let line = PASSWORD.replace('\\', "\\\\").replace(':', "\\:");
    let other = "# a comment\nlocalhost:1:app:ann:wrong\n*:*:app:bob:wrong\n";
    let set = |mode| {
        let path = place.path().join("pgpass");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
    };
    place.write("pgpass", format!("{other}*:{}:app:ann:{line}\n", server.port));
    let run = || {
        let mut command = server.command(&place, &["run", "-auto-approve"]);
        crate::support::Ran::of(command.env("ARCBOOK_VAR_c", "unused").output().expect("run"))
    };
    for (mode, content, expected) in [
        (0o600, None, None),
        (0o640, None, Some("Others may read it")),
        (0o600, Some(other), Some("No line matches")),
        (0o600, Some("*:*:*:*:wrong"), Some("28P01")),
    ] {
        if let Some(content) = content {
            place.write("pgpass", content);
        }
        set(mode);
        let ran = run();
        match expected {
            None => assert_eq!(ran.code, Some(0), "{}", ran.seen()),
            Some(expected) => assert!(ran.code != Some(0) && ran.err.contains(expected), "{}", ran.seen()),
        }
    }
}

/// As for libpq, a password in a connection comes before that of a file, which is not even read.
#[test]
fn a_password_in_a_connection_comes_before_that_of_a_file() {
    let server = Postgres::shared();
    let place = server.place(&runbook("connection = var.c\n  password_file = \"pgpass\""));
    for (uri, expected) in [
        (format!("postgresql://ann:{}@localhost:{}/app", encoded(), server.port), None),
        (format!("postgresql://ann@localhost:{}/app", server.port), Some("password file")),
    ] {
        let mut command = server.command(&place, &["run", "-auto-approve"]);
        let ran = crate::support::Ran::of(command.env("ARCBOOK_VAR_c", &uri).output().expect("run"));
        assert_eq!(ran.code, Some(i32::from(expected.is_some())), "{}", ran.seen());
        assert!(ran.err.contains(expected.unwrap_or_default()), "{}", ran.seen());
    }
}

/// libpq's `require` does not verify, and its default is to do without TLS.
#[test]
fn an_sslmode_in_a_connection_weakens_nothing() {
    let server = Postgres::shared();
    for (mode, is_told) in [("require", true), ("prefer", true), ("disable", true), ("verify-full", false)] {
        let uri = format!("postgresql://ann:{}@localhost:{}/app?sslmode={mode}", encoded(), server.port);
        let place = server.place(&runbook("connection = var.c"));
        let mut command = server.command(&place, &["run", "-auto-approve"]);
        command.env("ARCBOOK_VAR_c", &uri).env_remove("SSL_CERT_FILE");
        let ran = crate::support::Ran::of(command.output().expect("run"));
        assert!(ran.code == Some(1) && ran.err.contains("certificate"), "{}", ran.seen());
        assert_eq!(ran.err.contains(&format!("`sslmode={mode}` in `connection`")), is_told, "{}", ran.seen());
    }
}

/// A part beside `connection` holds it to a value, so that a plan can say where a statement goes.
#[test]
fn an_argument_beside_a_connection_holds_it_to_a_value() {
    let server = Postgres::shared();
    let uri = format!("postgresql://ann:{}@localhost:{}/app", encoded(), server.port);
    for (arguments, expected) in [
        ("host = \"LOCALHOST\"", None),
        ("database = \"app\"\n user = \"ann\"\n port = PORT", None),
        ("host = \"db.localhost\"", Some("`host` differs from that of `connection`")),
        ("port = 1", Some("`port` differs")),
        ("database = \"other\"", Some("`database` differs")),
        ("user = \"bob\"", Some("`user` differs")),
        ("password = \"x\"", Some("`connection` has a password")),
    ] {
        let place = server.place(&runbook(&format!("connection = var.c\n  {arguments}")));
        let mut command = server.command(&place, &["run", "-auto-approve"]);
        let ran = crate::support::Ran::of(command.env("ARCBOOK_VAR_c", &uri).output().expect("run"));
        match expected {
            None => assert_eq!(ran.code, Some(0), "{}", ran.seen()),
            Some(expected) => assert!(ran.code != Some(0) && ran.err.contains(expected), "{}", ran.seen()),
        }
        assert!(!ran.seen().contains(&encoded()), "{}", ran.seen());
    }
}

/// A connection that a step finds is not known in the plan, and the record says where the statement went.
#[test]
fn a_connection_that_a_step_finds_is_recorded_without_its_password() {
    let server = Postgres::shared();
    let uri = format!("postgresql://ann:{}@localhost:{}/app?sslmode=require", encoded(), server.port);
    let place = server.place(&format!(
        "step \"exec\" \"find\" {{\n  argv = [\"cat\", \"found\"]\n  effect = \"reads\"\n  sensitive = true\n}}\n{}",
        runbook("connection = step.exec.find.stdout").replace("variable \"c\" {", "variable \"c\" {\n  default = \"\"")
    ));
    place.write("found", format!("{uri}\n"));
    let planned = server.run(&place, &["plan", "-requests"]);
    assert!(planned.out.contains("(known after step.exec.find)"), "{}", planned.out);
    let ran = server.run(&place, &["run", "-auto-approve", "-json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let port = server.port;
    let expected = format!(
        "\"kind\":\"sql\",\"host\":\"localhost:{port}\",\"database\":\"app\",\"user\":\"ann\",\"tls\":\"verify-full\",\"password\":true"
    );
    assert!(ran.out.contains(&expected), "{}", ran.out);
    assert!(!ran.out.contains(&encoded()) && !ran.out.contains(&quoted(PASSWORD)), "{}", ran.out);
}
