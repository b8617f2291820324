//! `arcbook token -claims` shows the claims of a token, and never the token.

use crate::cloud::Cloud;
use crate::support::{Place, settings};

#[test]
fn the_claims_of_a_token_are_shown_and_not_the_token() {
    let (cloud, place) = (Cloud::start(), Place::new());
    let token = cloud.run(&place, &["token", "-format", "raw"]).out;
    let signature = token.trim().rsplit('.').next().expect("a signature").to_owned();
    let (claims, json) =
        (cloud.run(&place, &["token", "-claims"]), cloud.run(&place, &["token", "-claims", "-json"]));
    assert_eq!((claims.code, json.code), (Some(0), Some(0)), "{}", claims.seen());
    for ran in [&claims, &json] {
        assert!(!ran.seen().contains(&signature) && !ran.seen().contains("eyJ0"), "{}", ran.seen());
    }
    let parsed: serde_json::Value = serde_json::from_str(&json.out).expect("one object");
    let expiry = parsed["claims"].as_array().expect("claims").iter().find(|claim| claim["name"] == "exp");
    let expiry = expiry.expect("an expiry");
    assert!(expiry["in_seconds"].as_i64().is_some_and(|seconds| seconds > 0), "{expiry}");
    let mut settings = settings();
    settings.add_filter(r"\b\d{10}\b", "[seconds]");
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[time]");
    settings.add_filter(r"\((\[time\]), [^)]*\)", "($1, [relative])");
    settings.add_filter(r"uti( +)\S+", "uti$1[id]");
    settings.bind(|| insta::assert_snapshot!(claims.seen()));
    let both = cloud.run(&place, &["token", "-claims", "-format", "raw"]);
    assert_eq!(both.code, Some(3), "{}", both.seen());
}
