use arcbook_engine::step::{Arg, ArgumentError, ArgumentType, ArgumentValues, Form, Syntax, Text};
use arcbook_engine::value::{Origins, TextBuilder, TextKind, Type, Value};
use proptest::prelude::*;

use crate::arm::{ApiVersion, ResourcePath};
use crate::names::{Account, BlobName, Container, SecretName, SecretVersion, Vault};
use crate::percent::{component, segments};
use crate::scope::Scope;

/// Returns an unknown text in which `*` stands for an unknown part, and `@` for an unknown ARM id.
fn unknown(text: &str) -> Value {
    let mut built = TextBuilder::default();
    for piece in text.split_inclusive(['*', '@']) {
        let known = piece.trim_end_matches(['*', '@']);
        built.push_str(known);
        if known.len() < piece.len() {
            let kind = if piece.ends_with('@') { TextKind::Path } else { TextKind::Plain };
            built.push_unknown(&Origins::of("step.a.b"), kind);
        }
    }
    built.build()
}

fn take<T: ArgumentType>(value: Value) -> Result<Arg<T>, String> {
    let values = ArgumentValues::from([("name".into(), value)]);
    let message = |errors: Vec<ArgumentError>| errors.into_iter().map(|error| error.message).collect();
    Arg::take(&values, "name").map(|arg| arg.expect("given")).map_err(message)
}

/// Returns the planned text of an argument with unknown parts.
fn planned<T: ArgumentType>(text: &str) -> Result<String, String> {
    let shown = |arg: &Arg<T>| Text::new().then_parts(arg, |_| "known".to_owned()).to_string();
    take(unknown(text)).map(|arg| shown(&arg).replace("(known after step.a.b)", "*"))
}

type Planned = fn(&str) -> Result<String, String>;

#[test]
fn known_parts_are_written_as_in_requests() {
    let cases: [(Planned, &str, &str); 29] = [
        (planned::<ResourcePath>, "/subscriptions/*/tagNames", "subscriptions/*/tagNames"),
        (planned::<ResourcePath>, "/subscriptions/*/", "subscriptions/*"),
        (planned::<ResourcePath>, "@/tagNames", "*/tagNames"),
        (planned::<ResourcePath>, "*", "*"),
        (planned::<ResourcePath>, "/a b/*/c d#/100%*", "a%20b/*/c%20d%23/100%25*"),
        (
            planned::<Scope>,
            "/subscriptions/*/resourceGroups/*/providers/A.B/c/*",
            "subscriptions/*/resourceGroups/*",
        ),
        (planned::<Scope>, "/subscriptions/*", "subscriptions/*"),
        (planned::<Scope>, "/subscriptions/*/resourceGroups/a b", "subscriptions/*/resourceGroups/a%20b"),
        (planned::<Scope>, "@/providers/A.B/c/d", "*"),
        (planned::<Scope>, "*", "*"),
        (planned::<Container>, "logs-*", "logs-*"),
        (planned::<Container>, "*", "*"),
        (planned::<Container>, "$*", "$*"),
        (planned::<BlobName>, "a b/*.json", "a%20b/*.json"),
        (planned::<BlobName>, "*", "*"),
        (planned::<SecretName>, "s-*", "s-*"),
        (planned::<SecretVersion>, "0*", "0*"),
        (planned::<ApiVersion>, "2021-*", "2021-*"),
        (planned::<Vault>, "kv-*", "kv-*"),
        (planned::<Vault>, "*-kv", "*-kv"),
        (planned::<Vault>, "https://KV*.vault.azure.net/", "https://kv*.vault.azure.net"),
        (planned::<Vault>, "*://a.vault.azure.net", "*"),
        (planned::<Vault>, "http://a*.localhost:8080", "*"),
        (planned::<Vault>, "*", "*"),
        (planned::<Account>, "st*", "st*"),
        (planned::<Account>, "https://*.blob.core.windows.net", "https://*.blob.core.windows.net"),
        (planned::<Account>, "https://*.localhost:8080", "*"),
        (planned::<String>, "a/*", "a/*"),
        (planned::<String>, "*", "*"),
    ];
    for (planned, text, expected) in cases {
        assert_eq!(planned(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn known_parts_that_can_never_be_right_are_refused() {
    let cases: [(Planned, &[&str]); 9] = [
        (
            planned::<ResourcePath>,
            &[
                "https://*",
                "subscriptions/*",
                "//*",
                "/a//*",
                "/*//b",
                "/../*",
                "/*/%2e%2e/b",
                "/*?api-version=1",
                "/a\n*",
                "/a\0*",
                "/*/a%0Ab",
                "*\\..\\b",
            ],
        ),
        (
            planned::<Scope>,
            &["/subscriptions/*/resourceGroups", "/tenants/*", "/subscriptions/*/providers/A.B/c/d"],
        ),
        (planned::<Container>, &["A*", "-*", "*-", "a--*", "a/*", "a\0*"]),
        (planned::<BlobName>, &["/*", "*/", "*.", "a//*", "../*", "a\n*", "a\0*"]),
        (planned::<SecretName>, &["a_*", "*/b"]),
        (planned::<SecretVersion>, &["-*"]),
        (planned::<ApiVersion>, &["2021&*"]),
        (planned::<Vault>, &["a_*", "a/*"]),
        (planned::<Account>, &["A*", "st-*"]),
    ];
    for (planned, texts) in cases {
        for text in texts {
            assert!(planned(text).is_err(), "{text:?}: {:?}", planned(text));
        }
    }
}

/// Returns the URL that `T` writes for `text`, and the planned one, with its unknown parts.
fn urls<T: ArgumentType>(pattern: &str, text: &str, write: impl Fn(&T) -> String) -> Option<(Text, String)> {
    let url = |arg: &Arg<T>| Text::from("https://a.test/x/").then_parts(arg, &write).then("/y?v=1");
    let known = url(&take(text.into()).ok()?).reveal()?;
    Some((url(&take(unknown(pattern)).ok()?), known))
}

/// Returns whether the plan of `pattern` admits the request for the text with these values in it; none if the text is
/// refused.
fn admits(pattern: &str, values: &[String]) -> Option<bool> {
    let mut values = values.iter();
    let text = pattern.split('*').enumerate().fold(String::new(), |text, (at, known)| {
        text + if at > 0 { values.next().map_or("", String::as_str) } else { "" } + known
    });
    let path = |path: &ResourcePath| path.encoded();
    let (planned, known) = if pattern.starts_with('/') {
        urls(pattern, &text, path)?
    } else {
        urls(pattern, &text, |BlobName(name)| segments(name))?
    };
    Some(planned.admits(&known, Syntax::Url))
}

proptest! {
    #[test]
    fn a_value_that_is_one_segment_is_admitted(
        pattern in prop_oneof![Just("/a/*/b"), Just("/a/x-*-y"), Just("/*/b/*"), Just("a b/*.json"), Just("a/*/*")],
        values in prop::collection::vec("[a-zA-Z0-9 ü.&=+;~<>\\[\\]'-]{1,8}", 2),
    ) {
        // A segment may not be `.` or `..`, nor may a blob's name end in a dot.
        let is_good = values.iter().all(|value| !value.ends_with('.'));
        if is_good {
            prop_assert_eq!(admits(pattern, &values), Some(true), "{} {:?}", pattern, values);
        }
    }

    #[test]
    fn a_value_of_another_number_of_segments_is_not(
        pattern in prop_oneof![Just("/a/*/b"), Just("/a/x-*-y"), Just("/*/b/*"), Just("/a/b*")],
        start in "[a-z0-9]{1,3}",
        odd in prop_oneof![Just("/"), Just("\\"), Just("?"), Just("#"), Just("%2F"), Just("%5c"), Just("%252f"), Just("/../")],
        end in "[a-z0-9]{1,3}",
    ) {
        let value = format!("{start}{odd}{end}");
        prop_assert_ne!(admits(pattern, &[value.clone(), "x".to_owned()]), Some(true), "{} {}", pattern, value);
    }

    #[test]
    fn any_filter_is_admitted(value in "\\PC{0,8}") {
        let text = format!("name eq '{value}'");
        let filter: Arg<String> = take(unknown("name eq '*'")).expect("taken");
        let Arg::Partial(filter) = filter else { panic!("it is partly known") };
        let planned = Text::from("https://a.test/?f=");
        let planned = planned.then_text(&filter.encoded(component, Form::Component));
        let url = |value: &str| format!("https://a.test/?f={}", component(value));
        let (known, longer) = (url(&text), url(&text) + "&g");
        prop_assert!(planned.admits(&known, Syntax::Url), "{}", known);
        prop_assert!(!planned.admits(&longer, Syntax::Url), "{}", longer);
    }
}

#[test]
fn a_sensitive_part_is_held_to_but_not_shown() {
    let marks = arcbook_engine::value::Marks::sensitive("var.s");
    let path: Arg<ResourcePath> = take(unknown("/hunter2/*").with_marks(&marks)).expect("taken");
    let url = Text::from("https://a.test/").then_parts(&path, ResourcePath::encoded);
    assert!(path.is_sensitive() && url.is_sensitive());
    assert!(
        url.admits("https://a.test/hunter2/x", Syntax::Url)
            && !url.admits("https://a.test/hunter3/x", Syntax::Url)
    );
    assert!(![format!("{path:?}"), format!("{url:?}"), url.to_string()].concat().contains("hunter2"));
}

#[test]
fn a_value_in_place_of_a_whole_argument_has_its_type() {
    let later = || Value::unknown(Type::String, Origins::of("step.a.b"));
    let container: Arg<Container> = take(later()).expect("taken");
    let url = Text::from("https://a.test/").then_parts(&container, |Container(name)| name.clone());
    assert!(
        url.admits("https://a.test/logs", Syntax::Url) && !url.admits("https://a.test/logs/x", Syntax::Url)
    );
    let content: Arg<String> = take(later()).expect("taken");
    assert_eq!(content, Arg::Unknown(Origins::of("step.a.b")));
}

#[test]
fn an_unknown_part_of_a_blob_s_name_stays_in_the_container() {
    for (value, expected) in [
        ("x", Some(true)),
        ("x/y", Some(true)),
        ("P@ss? #1\\%2F", Some(true)),
        ("..", None),
        ("x/../y", None),
        ("x//y", None),
        ("", None),
    ] {
        assert_eq!(admits("a b/*/c.json", &[value.to_owned()]), expected, "{value}");
    }
}
