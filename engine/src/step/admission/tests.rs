use proptest::prelude::*;

use super::*;
use crate::value::Origins;

/// Returns a text in which `{any}`, `{component}`, `{segment}`, `{url}` and `{path}` stand for unknown parts.
fn planned(text: &str) -> Text {
    text.split('{').enumerate().fold(Text::new(), |text, (at, piece)| {
        let Some((form, known)) = piece.split_once('}').filter(|_| at > 0) else { return text.then(piece) };
        let form = match form {
            "any" => Form::Any,
            "component" => Form::Component,
            "segment" => Form::Segment,
            "url" => Form::Url,
            _ => Form::Path,
        };
        text.then_unknown(Origins::of("step.a.b"), form).then(known)
    })
}

const ARM: &str = "https://arm.test/subscriptions/{segment}/tagNames?api-version=1";

#[test]
fn an_unknown_part_has_the_characters_of_its_form() {
    for (url, text, expected) in [
        (ARM, "https://arm.test/subscriptions/x/tagNames?api-version=1", true),
        (ARM, "https://arm.test/subscriptions/a%20b%25/tagNames?api-version=1", true),
        (ARM, "https://arm.test/subscriptions/x/resourceGroups/y/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions//tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/../tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/%2e./tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x%2Fy/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x%252Fy/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x%25252Fy/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x%5cy/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x%3Fy/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x%23y/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x%00/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x%/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x?y/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x#y/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x\\y/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x y/tagNames?api-version=1", false),
        (ARM, "https://arm.test/subscriptions/x/tagNames?api-version=2", false),
        ("https://a.test/{path}/z?v=1", "https://a.test/x/y%2F%23/z?v=1", true),
        ("https://a.test/{path}/z?v=1", "https://a.test/x/../z?v=1", false),
        ("https://a.test/{path}/z?v=1", "https://a.test/x%2F..%2Fy/z?v=1", false),
        ("https://a.test/{path}/z?v=1", "https://a.test/x//z?v=1", false),
        ("https://a.test/{path}/z?v=1", "https://a.test//z?v=1", false),
        ("https://a.test/{path}/z?v=1", "https://a.test/x?y/z?v=1", false),
        ("https://a.test/z?f={component}", "https://a.test/z?f=a%20eq%20%2Fx~", true),
        ("https://a.test/z?f={component}", "https://a.test/z?f=", true),
        ("https://a.test/z?f={component}", "https://a.test/z?f=a&b=c", false),
        ("https://a.test/z?f={component}", "https://a.test/z?f=a#b", false),
        ("https://{segment}.test/z", "https://a.b-c.test/z", true),
        ("{any}", "https://a.test/x", false),
        ("{url}", "https://a.test:8443/x?y", true),
        ("{url}/z", "https://a.test/x/z", true),
        ("{url}/z", "https://a.test/x", false),
        ("{url}/{path}", "https://a.test/x/../z", false),
        ("https://{any}.test/z", "https://evil/.test/z", false),
        ("https://{path}.test/z", "https://evil/x.test/z", false),
        ("https://a.test/{any}", "https://a.test/x/../y?z#é", true),
        ("https://a.test/a-{segment}-b", "https://a.test/a--b", true),
        ("https://a.test/{segment}{segment}", "https://a.test/x", true),
        ("https://a.test/{segment}{segment}", "https://a.test/x/y", false),
        ("https://a.test/é{segment}é", "https://a.test/éxé", true),
    ] {
        assert_eq!(planned(url).admits(text, Syntax::Url), expected, "{url} {text}");
    }
}

#[test]
fn an_unknown_part_of_a_file_name_stays_in_its_folder() {
    for (path, text, expected) in [
        ("/data/{segment}.json", "/data/ü 1?.json", true),
        ("/data/{segment}.json", "/data/../x.json", false),
        ("/data/{segment}.json", "/data/x/y.json", false),
        ("/data/{segment}.json", "/data/x\\y.json", false),
        ("/data/{segment}.json", "/data/x\ny.json", false),
        ("/data/{segment}/x", "/data/../x", false),
        ("../data/{segment}/x", "../data/y/x", true),
        ("../data/{segment}/x", "../data/./x", false),
        ("{any}", "/data/../x", true),
    ] {
        assert_eq!(planned(path).admits(text, Syntax::Plain), expected, "{path} {text}");
    }
}

#[test]
fn the_argument_that_does_not_fit_is_named() {
    let part = |name: &'static str| {
        Text::new().then_unknown(Origins::of("step.a.b"), Form::Segment).of_argument(name)
    };
    let url =
        Text::from("https://a.test/").then_text(&part("one")).then("/").then_text(&part("two")).then("/c");
    for (text, expected) in [
        ("https://a.test/x/y/c", None),
        ("https://a.test/x%2F/y/c", Some("one")),
        ("https://a.test/x/y%2F/c", Some("two")),
        ("https://a.test/x/y/z/c", Some("one")),
        ("https://a.test/x/y/d", None),
        ("https://b.test/x/y/c", None),
    ] {
        assert_eq!(
            url.misfit(text, Syntax::Url).filter(|_| !url.admits(text, Syntax::Url)),
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_long_answer_is_compared_in_little_time() {
    let many = ARM.replace("{segment}", &"{any}-{segment}".repeat(30));
    let text = format!("https://arm.test/subscriptions/{}/x?api-version=1", "-a".repeat(50_000));
    assert!(!planned(&many).admits(&text, Syntax::Url));
}

/// Returns true if the pieces between the known parts can be cut out of `text` in some way, by brute force.
fn by_force(parts: &[Part], text: &[u8]) -> bool {
    match parts {
        [] => text.is_empty(),
        [Part::Known(known), rest @ ..] => {
            text.strip_prefix(known.as_bytes()).is_some_and(|text| by_force(rest, text))
        }
        [_, rest @ ..] => {
            let is_unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
            (0..=text.len())
                .take_while(|&end| text[..end].iter().all(is_unreserved))
                .any(|end| by_force(rest, &text[end..]))
        }
    }
}

proptest! {
    #[test]
    fn the_quick_comparison_is_the_slow_one(
        url in prop::collection::vec(prop_oneof![Just("{component}"), Just("a"), Just("b"), Just("&")], 0..8),
        text in "[ab&]{0,8}",
    ) {
        let url = planned(&format!("https://a.test/?{}", url.concat()));
        let text = format!("https://a.test/?{text}");
        prop_assert_eq!(url.admits(&text, Syntax::Url), by_force(url.parts(), text.as_bytes()), "{} {}", url, text);
    }
}
