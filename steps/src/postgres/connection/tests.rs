//! Tests of the forms of a connection.

use super::*;

/// Writes a connection in one line.
fn told(text: &str) -> Result<String, String> {
    let connection = Connection::parse(text)?;
    let part = |name: &str, part: Option<String>| part.map(|part| format!("{name}={part}"));
    let parts = [
        part("host", connection.host),
        part("port", connection.port.map(|port| port.to_string())),
        part("database", connection.database),
        part("user", connection.user),
        part("password", connection.password),
        part("asks", connection.asks.map(|mode| mode.as_str().to_owned())),
    ];
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

#[test]
fn every_form_describes_a_connection() {
    let all = "host=db.test port=6432 database=app user=ann password=pw";
    for (text, expected) in [
        ("postgresql://ann:pw@db.test:6432/app", all),
        ("postgres://ann:pw@db.test:6432/app", all),
        ("  postgresql://ann:pw@db.test:6432/app\n", all),
        ("postgresql://db.test?user=ann&password=pw&port=6432&dbname=app", all),
        ("host=db.test port=6432 dbname=app user=ann password=pw", all),
        ("host = 'db.test' port= 6432 dbname ='app' user=ann password=p\\w", all),
        ("psql --host=db.test --port=6432 --username=ann '--dbname=dbname=app password=pw'", all),
        ("psql -h db.test -p6432 -U ann 'dbname=app password=pw'", all),
        ("psql \"host=db.test port=6432 dbname=app user=ann password=pw\"", all),
        ("psql postgresql://ann:pw@db.test:6432/app", all),
        ("psql -d postgresql://ann:pw@db.test:6432/app -w -X", all),
        ("PGPASSWORD=pw psql --host db.test --port 6432 app ann", all),
        ("PGHOST=db.test PGPORT=6432 PGUSER=ann PGPASSWORD='pw' PGDATABASE=app psql", all),
        ("postgresql:///app", "database=app"),
        ("postgresql://[::1]:5433", "host=::1 port=5433"),
        ("postgresql://ann:a%40b%2F%25@db.test/a%20b", "host=db.test database=a b user=ann password=a@b/%"),
        ("postgresql://ann:p:w@db.test", "host=db.test user=ann password=p:w"),
        ("postgresql://db.test/app?sslmode=require", "host=db.test database=app asks=require"),
        ("postgresql://db.test/app?ssl=true", "host=db.test database=app asks=require"),
        ("host=db.test password='it\\'s a \\\\'", "host=db.test password=it's a \\"),
        ("host=db.test password=''", "host=db.test password="),
        (
            "host=db.test sslmode=verify-ca sslrootcert=system connect_timeout=3",
            "host=db.test asks=verify-ca",
        ),
        ("psql 'host=db.test password=$(rm)`x`;|&'", "host=db.test password=$(rm)`x`;|&"),
        ("psql -h db.test -U a\\$b", "host=db.test user=a$b"),
        ("psql -h db.test -- app", "host=db.test database=app"),
    ] {
        assert_eq!(told(text).as_deref(), Ok(expected), "{text}");
    }
}

/// Connections that are refused, with a part of the reason. They contain `secret` wherever a message could repeat them.
const REFUSED: &[(&str, &str)] = &[
    ("", "must be a URI"),
    ("secret", "must be a URI"),
    ("host=db.test secret", "`=` after keyword 2"),
    ("host=db.test password='secret", "a quote without an end (keyword 2)"),
    ("host=db.test secret=secret", "something other than the parts of a connection (keyword 2)"),
    ("host=secret,secret", "a single host (keyword 1)"),
    ("host=/secret", "not the directory of a socket"),
    ("host=se_cret! port=1", "must name a host or an address (keyword 1)"),
    ("host=a port=secret", "a port from 1 to 65535 (keyword 2)"),
    ("host=a port=0", "a port from 1 to 65535"),
    ("host=a host=secret", "the same part twice (keyword 2)"),
    ("host=a sslmode=secret", "`sslmode` (keyword 2) of disable, allow"),
    ("host=a options='-c secret'", "must not set `options` (keyword 2)"),
    ("host=a hostaddr=secret", "must not set `hostaddr`"),
    ("host=a passfile=secret", "`password_file`"),
    ("host=a service=secret", "service files"),
    ("host=a sslrootcert=/secret", "SSL_CERT_FILE"),
    ("host=a channel_binding=require", "channel binding"),
    ("host=a password={your_password}", "placeholder"),
    ("postgresql://ann:{your-password}@db.test/app", "placeholder"),
    ("postgresql://ann:se@cret@db.test/app", "write one in a password as %40"),
    ("postgresql://ann:secret@db.test/a/b", "as %2F"),
    ("postgresql://ann:secret%zz@db.test", "write it as %25"),
    ("postgresql://db.test?secret=secret", "query parameter 1"),
    ("postgresql://db.test?secret", "must have a value (query parameter 1)"),
    ("postgresql://db.test:secret/app", "a port from 1 to 65535"),
    ("psql -c 'drop table secret'", "only the options -h, -p, -U and -d"),
    ("psql -h db.test -f secret", "word 4 is another one"),
    ("psql --command=secret", "word 2 is another one"),
    ("psql -h db.test -v secret=1", "word 4"),
    ("psql -h db.test; rm secret", "a second command (character 16)"),
    ("psql -h db.test\nrm secret", "a second command"),
    ("psql -h db.test & secret", "a second command"),
    ("psql -h db.test | secret", "a second command"),
    ("psql -h $(secret)", "a command after `$` (character 9)"),
    ("psql -h \"$secret\"", "`$` (character 10)"),
    ("psql -h `secret`", "backticks (character 9)"),
    ("psql -h \"`secret`\"", "backticks"),
    ("psql < secret", "a redirection (character 6)"),
    ("psql > secret", "a redirection"),
    ("(psql)", "must be a URI"),
    ("psql (secret)", "a subshell"),
    ("psql # secret", "a comment"),
    ("psql -h ~secret", "a home directory"),
    ("psql -h secret*", "a pattern for file names"),
    ("psql 'secret", "a quote without an end"),
    ("LD_PRELOAD=secret psql", "word 1 is something else"),
    ("PGOPTIONS=secret psql", "word 1 is something else"),
    ("PGHOST=db.test rm secret", "word 2 is something else"),
    ("PGHOST=db.test", "must have the command `psql`"),
    ("/tmp/secret/psql -h a", "must begin with `psql`"),
    ("psql a b secret", "a third name"),
    ("psql -c'drop table secret'", "word 2 is another one"),
    ("psql -h db.test app ann -c secret", "word 6 is another one"),
    ("psql -Xc secret", "word 2 is another one"),
    ("psql -h db.test --file=secret", "word 4 is another one"),
    ("psql -h db.test -o secret", "word 4 is another one"),
    ("psql -h db.test --output secret", "word 4 is another one"),
    ("psql -h db.test -L secret", "word 4 is another one"),
    ("psql -h db.test --set=secret=1", "word 4 is another one"),
    ("psql --hos=secret", "word 2 is another one"),
    ("psql -h db.test && secret", "a second command (character 17)"),
    ("psql -h db.test || secret", "a second command (character 17)"),
    ("psql -h db.test;secret", "a second command (character 16)"),
    ("psql -h db.test 'app'; secret", "a second command (character 22)"),
    ("psql -h db.test\rsecret", "a second command"),
    ("psql -h ${secret}", "a command after `$` (character 9)"),
    ("psql -h $((secret))", "a command after `$` (character 9)"),
    ("psql -h db.test -U \"$(secret)\"", "a command after `$` (character 21)"),
    ("psql <<< secret", "a redirection (character 6)"),
    ("psql <(secret)", "a redirection (character 6)"),
    ("psql -h db.test 2>secret", "a redirection (character 18)"),
    ("psql 'postgresql://db.test/app?options=-csecret'", "must not set `options`"),
    ("psql 'postgresql://db.test/app?passfile=secret'", "must not set `passfile`"),
    ("psql postgresql://db.test/app?secret", "a pattern for file names (character 30)"),
    ("PGPASSFILE=secret psql -h db.test", "word 1 is something else"),
    ("PGSERVICE=secret psql", "word 1 is something else"),
    ("PGHOST=$(secret) psql", "a command after `$` (character 8)"),
    ("PGHOST=db.test; secret", "a second command"),
    ("rm -rf secret", "must be a URI"),
    ("secret; psql -h db.test", "must be a URI"),
    ("sudo psql -h secret", "must be a URI"),
    ("env PGHOST=secret psql", "must be a URI"),
    ("sh -c 'psql -h secret'", "must be a URI"),
    ("./secret/psql -h a", "must begin with `psql`"),
    ("psqlsecret -h a", "must be a URI"),
    ("mysql -h secret", "must be a URI"),
    ("$(secret)", "must be a URI"),
    ("`secret`", "must be a URI"),
    ("psql -h", "an option that has no value"),
    ("psql 'host=a options=secret'", "(in word 2)"),
];

#[test]
fn an_error_names_the_place_and_never_quotes() {
    for (text, expected) in REFUSED {
        let error = told(text).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
        assert!(!error.contains("secret"), "{text}: {error}");
    }
}

#[test]
fn a_password_is_not_debugged() {
    let connection = Connection::parse("postgresql://ann:hunter2@db.test").unwrap();
    assert!(!format!("{connection:?}").contains("hunter2"));
}
