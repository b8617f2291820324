//! Tests of what a planned action admits.

use super::*;
use crate::step::{Arg, Behavior, Effect, Texts};
use crate::value::Origins;

fn later() -> Text {
    Text::new().then_arg(&Arg::<String>::Unknown(Origins::of("step.a.b")), Clone::clone)
}

fn http(method: Method, url: &str) -> Action {
    HttpRequest::new(method, url.into()).action()
}

fn plain(url: &str) -> Action {
    HttpRequest::new(Method::Get, url.into()).in_the_clear().action()
}

fn verb(name: &str) -> Method {
    Method::parse(name).expect("a method")
}

#[test]
fn a_method_is_a_word_in_capital_letters() {
    for (name, expected) in [
        ("GET", Some(Safety::Reads)),
        ("OPTIONS", Some(Safety::Reads)),
        ("DELETE", Some(Safety::Idempotent)),
        ("POST", Some(Safety::Once)),
        ("VERSION-CONTROL", Some(Safety::Once)),
        ("get", None),
        ("", None),
        ("A B", None),
        ("A\r\n", None),
        ("ABCDEFGHIJKLMNOPQRSTUVWXY", None),
    ] {
        let method = Method::parse(name);
        assert_eq!(method.map(Method::safety), expected, "{name}");
        assert!(method.is_none_or(|method| method.as_str() == name), "{name}");
    }
}

fn exec(argv: Vec<Text>, safety: Safety) -> Action {
    Action::exec(Process { argv: Texts::Known(argv), ..Process::default() }, safety)
}

fn write(path: Text, mode: u32) -> Action {
    Action::write_file(FileWrite { path, mode: Some(mode) })
}

fn read(path: Text) -> Action {
    Action::read_file(FileRead::input(path, "path", 1))
}

fn sql(host: Text, tls: Tls, credential: Credential) -> Action {
    let name = || Text::from("x");
    let statement = Statement { host, database: name(), user: name(), tls, credential, text: name() };
    Action::sql(statement, Safety::Reads)
}

/// A connection is never weaker than the planned one, and never proves more.
#[test]
fn a_planned_statement_admits_its_own_connection() {
    let host = || Text::from("db.test:5432");
    let token = |audience: &str| Credential::Token(Audience::new(audience.to_owned()));
    let (full, password) = (Tls::VerifyFull, Credential::Password);
    for (planned, actual, expected) in [
        (sql(later(), full, password.clone()), sql(host(), full, password.clone()), true),
        (sql(later(), full, password.clone()), sql(host(), full, Credential::None), true),
        (sql(host(), full, Credential::None), sql(host(), full, password.clone()), false),
        (sql(host(), full, password.clone()), sql(host(), full, token("a")), false),
        (sql(host(), full, token("a")), sql(host(), full, token("b")), false),
        (sql(host(), full, password.clone()), sql(host(), Tls::Require, password.clone()), false),
        (sql(host(), Tls::Require, password.clone()), sql(host(), Tls::Disable, password.clone()), false),
        (sql("other:1".into(), full, password.clone()), sql(host(), full, password.clone()), false),
        (sql(later(), full, password.clone()), sql(later(), full, password), false),
    ] {
        assert_eq!(planned.admits(&actual), expected, "{planned:?} {actual:?}");
    }
}

#[test]
fn a_planned_action_admits_itself_and_nothing_else() {
    let url = "https://a.test/x";
    let planned_url =
        HttpRequest::new(Method::Put, Text::from("https://a.test/").then_text(&later())).action();
    for (planned, action, expected) in [
        (http(Method::Get, url), http(Method::Get, url), true),
        (http(Method::Get, url), http(Method::Put, url), false),
        (http(Method::Get, url), http(Method::Get, "https://a.test/y"), false),
        (planned_url.clone(), http(Method::Put, url), true),
        (planned_url.clone(), http(Method::Put, "https://b.test/x"), false),
        (planned_url.clone(), planned_url, false),
        (plain(url), plain(url), true),
        (plain(url), http(Method::Get, url), true),
        (http(Method::Get, url), plain(url), false),
        (http(verb("PURGE"), url), http(verb("PURGE"), url), true),
        (http(verb("PURGE"), url), http(verb("PURGES"), url), false),
        // A change is not hidden behind a planned read.
        (http(Method::Post, url).safety(Safety::Reads), http(Method::Post, url), false),
        (http(Method::Post, url), http(Method::Post, url).safety(Safety::Reads), true),
        (exec(vec!["id".into()], Safety::Reads), exec(vec!["id".into()], Safety::Once), false),
        (
            exec(vec!["rm".into(), later()], Safety::Once),
            exec(vec!["rm".into(), "a b".into()], Safety::Once),
            true,
        ),
        (
            exec(vec!["rm".into(), later()], Safety::Once),
            exec(vec!["rm".into(), "a".into(), "b".into()], Safety::Once),
            false,
        ),
        (exec(vec![later()], Safety::Once), exec(vec![], Safety::Once), false),
        (write(later(), 0o600), write("/etc/motd".into(), 0o600), true),
        (write(later(), 0o600), write("/etc/motd".into(), 0o644), false),
        (write("a".into(), 0o600), Action::remove_file("a".into()), false),
        (read("a".into()), write("a".into(), 0o600), false),
        (read(later()), read("/etc/shadow".into()), true),
    ] {
        assert_eq!(planned.admits(&action), expected, "{planned:?}\n{action:?}");
    }
}

#[test]
fn a_step_is_as_safe_as_its_most_dangerous_action() {
    let (get, put, post) = (http(Method::Get, "x"), http(Method::Put, "x"), http(Method::Post, "x"));
    for (actions, effect, repeatable) in [
        (vec![], Effect::Nothing, true),
        (vec![get.clone()], Effect::Reads, true),
        (vec![post.clone().safety(Safety::Reads)], Effect::Reads, true),
        (vec![get.clone(), put.clone()], Effect::Changes, true),
        (vec![put, post, get], Effect::Changes, false),
    ] {
        assert_eq!(Behavior::of(&actions), Behavior { effect, repeatable }, "{actions:?}");
    }
}

#[test]
fn a_target_is_what_an_action_changes() {
    let line = |action: &Action| ActionFacts::brief(action).target();
    for (action, target) in [
        (http(Method::Get, "https://a.test/x?y"), None),
        (http(Method::Patch, "https://a.test/x?y"), Some("https://a.test/x")),
        (write("a".into(), 0o600), Some("a")),
        (Action::remove_file("a".into()), Some("a")),
        (read("a".into()), None),
        (exec(vec!["rm".into(), "a".into()], Safety::Once), Some("rm a")),
    ] {
        assert_eq!(line(&action).as_deref(), target, "{action:?}");
    }
}

#[test]
fn a_part_that_the_run_names_is_planned_as_such() {
    let url = |name: &str| Text::from("https://a.test/x/own-").then_text(&name.into()).then("?v=1");
    let named = || Text::from("https://a.test/x/own-").then_named_by_run().then("?v=1");
    let put = |url: Text| Action::from(HttpRequest::new(Method::Put, url));
    for (planned, action, expected) in [
        (named(), named(), true),
        (named(), url("1a"), true),
        (named(), url("1/a"), false),
        (url("1a"), named(), false),
        (Text::from("https://a.test/y/").then_named_by_run(), named(), false),
    ] {
        assert_eq!(put(planned.clone()).admits(&put(action.clone())), expected, "{planned} {action}");
    }
}
