//! Rows as values.

use serde_json::{Value as Json, json};

use super::server::{Postgres, query, quoted, rows};

/// Expressions whose values are the same as in the JSON that the server itself makes.
const SAME: [&str; 78] = [
    "true",
    "false",
    "NULL::int",
    "1::int2",
    "(-32768)::int2",
    "2147483647",
    "9223372036854775807::int8",
    "-9223372036854775808",
    "0.1::float8",
    "1e300::float8",
    "-1.5e-300::float8",
    "0.1::float4",
    "16777216::float4",
    "1e20::float8",
    "'NaN'::float8",
    "'-Infinity'::float8",
    "'Infinity'::float4",
    "0::numeric",
    "1::numeric",
    "-1::numeric",
    "10000::numeric",
    "100000000::numeric",
    "0.0001::numeric",
    "0.00012::numeric",
    "123456789012345678901234567890.123456789012345678901234567890::numeric",
    "-0.5::numeric",
    "9999.9999::numeric",
    "1e100::numeric",
    "1e-100::numeric",
    "'NaN'::numeric",
    "'Infinity'::numeric",
    "'-Infinity'::numeric",
    "'text'::text",
    "''::text",
    "E'a\\n\"\\\\ü€😀'",
    "'ab'::varchar(5)",
    "'ab'::char(5)",
    "'n'::name",
    "'c'::\"char\"",
    "'{\"a\":[1,2.50,null,{\"b\":\"c\"}]}'::json",
    "'{\"a\":[1,2.50,null,{\"b\":\"c\"}]}'::jsonb",
    "'null'::jsonb",
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
    "'<a>b</a>'::xml",
    "B'1011001110'",
    "'101'::varbit",
    "'2024-02-29'::date",
    "'0001-01-01'::date",
    "'0044-03-15 BC'::date",
    "'infinity'::date",
    "'1969-12-31'::date",
    "'99999-12-31'::date",
    "'23:59:59.999999'::time",
    "'24:00'::time",
    "'01:02:03.5'::time",
    "'01:02:03+05:30'::timetz",
    "'01:02:03.25-08'::timetz",
    "'2024-02-29 12:34:56.789'::timestamp",
    "'1999-12-31 23:59:59'::timestamp",
    "'-infinity'::timestamp",
    "'0044-03-15 10:00 BC'::timestamp",
    "'2024-02-29 12:34:56.789+02'::timestamptz",
    "'1 year 2 months 3 days 04:05:06.789'::interval",
    "'-1 year 2 months -3 days 04:05:06'::interval",
    "'0'::interval",
    "'-00:00:00.5'::interval",
    "'1 day'::interval",
    "'100 hours'::interval",
    "'-14 months'::interval",
    "'192.168.1.5'::inet",
    "'192.168.0.0/16'::cidr",
    "'10.0.0.1/8'::inet",
    "'2001:db8::1'::inet",
    "'2001:db8::/32'::cidr",
    "'08:00:2b:01:02:03'::macaddr",
    "26::oid",
    "ARRAY[1,2,NULL]",
    "ARRAY[['a','b'],['c',NULL]]",
];

/// Every type has the value that `row_to_json` gives it.
#[test]
fn a_value_is_that_of_row_to_json() {
    let server = Postgres::shared();
    let columns: Vec<String> = SAME.iter().enumerate().map(|(at, text)| format!("{text} AS c{at}")).collect();
    let statement = format!("SELECT {}", columns.join(", "));
    let wanted = server.psql("ann", "app", &format!("SELECT row_to_json(r) FROM ({statement}) r"));
    let place = server.place(&query(&format!("statement = {}", quoted(&statement))));
    let ran = server.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let (wanted, got): (Json, Json) = (serde_json::from_str(&wanted).expect("JSON"), rows(server, &place));
    for (at, text) in SAME.iter().enumerate() {
        let name = format!("c{at}");
        let (wanted, got) = (&wanted[&name], &got[0][&name]);
        assert!(is_same(wanted, got), "{text}: {got} is not {wanted}");
    }
}

/// Compares numbers by their digits: `1.50` is `1.5`.
fn is_same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => digits(&one.to_string()) == digits(&other.to_string()),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| is_same(one, other)))
        }
        (one, other) => one == other,
    }
}

/// Returns the significant digits of a number with its sign, and the power of ten of the first one.
fn digits(number: &str) -> (bool, String, i64) {
    let (number, is_negative) = number.strip_prefix('-').map_or((number, false), |number| (number, true));
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let exponent: i64 = exponent.parse().expect("an exponent");
    let leading = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_matches('0').to_owned();
    let point = i64::try_from(whole.len()).expect("short") - i64::try_from(leading).expect("short");
    let power = if digits.is_empty() { 0 } else { exponent + point };
    (is_negative && !digits.is_empty(), digits, power)
}

#[test]
fn types_of_the_database_are_read_too() {
    let server = Postgres::shared();
    for statement in [
        "CREATE TYPE mood AS ENUM ('sad', 'fine')",
        "CREATE TYPE pair AS (a int, b text[])",
        "CREATE DOMAIN small AS int CHECK (VALUE < 10)",
    ] {
        server.psql("ann", "app", statement);
    }
    let statement = "SELECT 'fine'::mood AS mood, 7::small AS small, ROW(1, ARRAY['x'])::pair AS pair, \
        ARRAY[ROW(2, NULL)::pair] AS pairs, '\\xdeadbeef'::bytea AS bytes, '{}'::int[] AS none, \
        '[0:1]={5,6}'::int[] AS shifted, '1/2A'::pg_lsn AS lsn";
    let place = server.place(&query(&format!("statement = {}", quoted(statement))));
    let ran = server.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let expected = json!([{
        "mood": "fine", "small": 7, "pair": {"a": 1, "b": ["x"]}, "pairs": [{"a": 2, "b": null}],
        "bytes": "3q2+7w==", "none": [], "shifted": [5, 6], "lsn": "1/2A",
    }]);
    assert_eq!(rows(server, &place), expected);
}

#[test]
fn a_parameter_has_the_type_that_the_statement_gives_it() {
    let server = Postgres::shared();
    let statement = "SELECT $1::int + 1 AS i, $2::text || '!' AS t, $3::bool AS b, $4::numeric AS n, $5::date + 1 AS d, \
        $6::jsonb AS j, $7::int[] AS a, $8::bytea AS y, $9::uuid AS u, $10::text[] AS q, $11::text IS NULL AS z, $12::json AS k";
    let parameters = r#"[41, "it's; DROP", true, 123456789012345678901234567890, "2024-02-28", { a = [1, null] }, [1, 2], "3q2+7w==",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", ["a\"b", "c\\d", ""], null, "[1]"]"#;
    let place =
        server.place(&query(&format!("statement = {}\n  parameters = {parameters}", quoted(statement))));
    let ran = server.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let expected: Json = serde_json::from_str(
        r#"[{"i": 42, "t": "it's; DROP!", "b": true, "n": 123456789012345678901234567890, "d": "2024-02-29",
        "j": {"a": [1, null]}, "a": [1, 2], "y": "3q2+7w==", "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "q": ["a\"b", "c\\d", ""], "z": true, "k": [1]}]"#,
    )
    .expect("JSON");
    assert_eq!(rows(server, &place), expected);
}

/// A password proves who asks and is no part of the answer; a parameter may be.
#[test]
fn rows_are_sensitive_if_a_parameter_is() {
    let server = Postgres::shared();
    let open = server.place(&query("statement = \"SELECT 1 AS x\""));
    assert_eq!(server.run(&open, &["run", "-auto-approve"]).code, Some(0));
    let secret = query("statement = \"SELECT $1::text AS x\"\n  parameters = [var.password]");
    let secret = server.place(&secret.replace("value = step", "sensitive = true\n  value = step"));
    let ran = server.run(&secret, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("(sensitive"), "{}", ran.out);
    assert!(!super::server::leaks(secret.path()));
}

/// The result is bounded by its limits, and so is the memory of a result that is thrown away at its limit.
#[test]
fn many_rows_are_read_within_bounds() {
    let server = Postgres::shared();
    let statement = "SELECT x AS id, 'row ' || x AS name FROM generate_series(1, 100000) x";
    let arguments = format!(
        "statement = {}\n  max_rows = 100000\n  extract = {{ last = \"rows[-1].id\" }}",
        quoted(statement)
    );
    let runbook =
        query(&arguments).replace("step.postgres_query.q.rows", "step.postgres_query.q.extract.last");
    let place = server.place(&runbook);
    let (ran, peak) = measured(server, &place);
    assert_eq!((ran.code, rows(server, &place)), (Some(0), json!(100_000)), "{}", ran.seen());
    assert!(peak < 400 << 10, "{peak} KiB for 100,000 rows");

    let endless = "statement = \"SELECT repeat('x', 1000) AS x FROM generate_series(1, 10000000) x\"\n  max_rows = 1000000";
    let place = server.place(&query(endless));
    let (ran, peak) = measured(server, &place);
    assert!(ran.code == Some(1) && ran.err.contains("more than 16777216 bytes"), "{}", ran.seen());
    assert!(peak < 200 << 10, "{peak} KiB for a result of 10 GB");
}

/// Runs the runbook of a place, and returns the largest amount of memory that it had, in KiB.
fn measured(server: &Postgres, place: &crate::support::Place) -> (crate::support::Ran, u64) {
    let program = server.command(place, &["run", "-auto-approve", "-quiet"]);
    let mut command = std::process::Command::new("/usr/bin/time");
    command
        .args(["-f", "peak %M"])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(place.path());
    command.env_clear();
    for (name, value) in program.get_envs() {
        command.envs(value.map(|value| (name, value)));
    }
    let ran = crate::support::Ran::of(command.output().expect("time"));
    let peak = ran.err.rsplit("peak ").next().and_then(|peak| peak.trim().parse().ok());
    (ran, peak.unwrap_or(u64::MAX))
}
