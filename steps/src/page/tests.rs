use super::*;

fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> HttpResponse {
    let headers = headers
        .iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)));
    HttpResponse { status, headers: headers.collect(), body: bytes::Bytes::from(body.to_owned()) }
}

fn read(body: &str) -> Result<(usize, Option<String>), String> {
    Page::read(&answer(200, &[], body)).map(|page| (page.items.len(), page.next))
}

#[test]
fn a_status_or_a_header_may_tell_of_more() {
    let (list, whole) = (r#"{"value":[1],"nextLink":"/x"}"#, r#"{"value":[1]}"#);
    for (status, headers, body, is_read) in [
        (200, &[][..], whole, true),
        (206, &[][..], whole, false),
        (206, &[][..], list, false),
        (200, &[("link", "</x>; rel=\"next\"")][..], whole, false),
        (200, &[("link", "</x>; rel=\"next\"")][..], list, true),
        (200, &[("link", "</a>; rel=prev, </x>; title=\"a\"; REL=Next")][..], whole, false),
        (200, &[("link", "</x>; rel=\"last next\", </y>; rel=first")][..], whole, false),
        (200, &[("link", "</a>; rel=first"), ("link", "</x>;rel=next")][..], whole, false),
        (204, &[("link", "</x>; rel=next")][..], "", false),
        (200, &[("link", "</x>; rel=prev, </y?rel=next>")][..], whole, true),
        (200, &[("link", "</next>; rel=\"nextish\"")][..], whole, true),
        (200, &[("x-ms-continuation", "abc")][..], whole, false),
        (200, &[("x-ms-continuation-token", "")][..], whole, true),
    ] {
        let page = Page::read(&answer(status, headers, body));
        assert_eq!(page.is_ok(), is_read, "{status} {headers:?} {body}: {page:?}");
    }
}

#[test]
fn what_is_wrong_with_a_list_is_said_as_it_is() {
    for (body, reason) in [
        (r#"{"value":null,"id":"/a","type":"b"}"#, "its `value` is null, but it also has `id`"),
        (r#"{"id":"/a","value":null}"#, "its `value` is null, but it also has `id`"),
        (r#"{"id":"/a","type":"b"}"#, "it has `id` instead of a `value`"),
        (r#"{"value":{},"id":"/a"}"#, "its `value` is not a list"),
        (r#"{"value":null,"count":2}"#, "it counts items but lists none"),
    ] {
        assert_eq!(read(body), Err(reason.to_owned()), "{body}");
    }
}

#[test]
fn a_list_goes_on_under_any_of_its_names() {
    for name in
        ["nextLink", "NextLink", "nextlink", "@nextLink", "odata.nextLink", "@odata.nextLink", "nextPageLink"]
    {
        let body = format!(r#"{{"value":[1,2],"{name}":"/x?$skiptoken=1"}}"#);
        assert_eq!(read(&body), Ok((2, Some("/x?$skiptoken=1".to_owned()))), "{name}");
        for nothing in ["null", r#""""#] {
            assert_eq!(read(&format!(r#"{{"{name}":{nothing},"value":[1]}}"#)), Ok((1, None)), "{name}");
        }
        for odd in ["1", "true", "{}", r#"["/x"]"#, r#"{"href":"/x"}"#] {
            assert!(read(&format!(r#"{{"value":[1],"{name}":{odd}}}"#)).is_err(), "{name} {odd}");
        }
    }
    let twice = r#"{"value":[],"nextLink":"/a","@odata.nextLink":"/a"}"#;
    assert_eq!(read(twice), Ok((0, Some("/a".to_owned()))));
}

#[test]
fn nothing_in_place_of_a_list_is_an_empty_one() {
    for body in [
        "{}",
        "null",
        r#"{"value":null}"#,
        r#"{"value":null,"nextLink":null}"#,
        r#"{"@odata.context":"x","odata.count":0}"#,
        r#"{"value":null,"continuationToken":"","resultTruncated":"false"}"#,
    ] {
        assert_eq!(read(body), Ok((0, None)), "{body}");
    }
    assert_eq!(Page::read(&answer(204, &[], "")), Ok(Page::default()));
    assert_eq!(
        read(r#"{"nextLink":"/x"}"#),
        Ok((0, Some("/x".to_owned()))),
        "an empty page, and not the last"
    );
}

#[test]
fn what_may_hold_more_is_no_end() {
    for body in [
        "",
        "[]",
        r#"[{"id":"a"}]"#,
        "1",
        r#""x""#,
        r#"{"value":{}}"#,
        r#"{"value":"x"}"#,
        r#"{"items":[1]}"#,
        r#"{"properties":{"value":[1]}}"#,
        r#"{"value":null,"data":[1]}"#,
        r#"{"error":{"code":"X"}}"#,
        r#"{"value":null,"count":3}"#,
        r#"{"value":[1],"value":[2]}"#,
        r#"{"value":[1],"Value":[2]}"#,
        r#"{"value":[1],"nextLink":"/a","NextLink":"/b"}"#,
        r#"{"value":[1],"$skipToken":"abc"}"#,
        r#"{"value":[1],"continuationToken":"abc"}"#,
        r#"{"value":[1],"nextMarker":{"a":1}}"#,
        r#"{"value":[1],"hasMore":true}"#,
        r#"{"value":[1],"resultTruncated":"true"}"#,
        r#"{"value":[1],"next":"/x"}"#,
        r#"{"value":[1]"#,
    ] {
        assert!(read(body).is_err(), "{body}: {:?}", read(body));
    }
    assert!(Page::read(&answer(200, &[], "")).is_err(), "only a 204 has no body");
}

#[test]
fn a_relative_link_starts_at_its_page() {
    let page = Url::parse("https://management.azure.com/subscriptions/s/resources?api-version=1").unwrap();
    let host = "https://management.azure.com";
    for (next, expected) in [
        (
            "/subscriptions/s/resources?$skiptoken=a%2Fb+c",
            format!("{host}/subscriptions/s/resources?$skiptoken=a%2Fb+c"),
        ),
        ("?$skiptoken=a", format!("{host}/subscriptions/s/resources?$skiptoken=a")),
        ("resources?$skiptoken=a", format!("{host}/subscriptions/s/resources?$skiptoken=a")),
        ("//evil.example/x", "https://evil.example/x".to_owned()),
        ("https://evil.example/x", "https://evil.example/x".to_owned()),
        ("/s/CPU #1 > 80%?$skiptoken=#", format!("{host}/s/CPU%20%231%20%3E%2080%25?$skiptoken=%23")),
    ] {
        assert_eq!(resolve(&page, next), Ok(expected), "{next}");
    }
    for next in ["/\\evil.example", "\\\\evil.example/x", "/x\r\nHost: y", "http://"] {
        assert!(resolve(&page, next).is_err(), "{next}");
    }
}

#[test]
fn a_path_is_the_same_in_another_spelling() {
    let url = |path: &str| Url::parse(&format!("https://h{path}")).unwrap();
    for (a, b, same) in [
        ("/subscriptions/S/resourceGroups/g", "/subscriptions/s/resourcegroups/G", true),
        ("/a/b", "/a/b/?x=1", true),
        ("/a/CPU%20%3e%2080%25", "/a/CPU > 80%25", true),
        ("/a/%C3%9C", "/a/ü", true),
        ("/a/b", "/a/b/c", false),
        ("/a/b", "/a", false),
        ("/a/b%2Fc", "/a/b/c", false),
        ("/subscriptions/s", "/subscriptions/t", false),
    ] {
        assert_eq!(is_same_path(&url(a), &url(b)), same, "{a} {b}");
    }
}
