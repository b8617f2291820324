//! Tests messages as people see them.

use super::*;
use crate::diagnostic::{Style, render_all};

#[test]
fn no_message_tells_a_secret() {
    let cases = [
        "secret + 1",
        "!secret",
        "tobool(secret)",
        "tonumber([secret])",
        "jsondecode(secret)",
        "file(secret)",
        "templatefile(secret, {})",
        "[for t in [\"%%{ ${secret} }\"] : templatestring(t, {})]",
        "names[secret]",
        "{a = 1}[secret]",
        "hidden[7]",
        "{for x in names : secret => x}",
        "secret ? 1 : 2",
        "\"${[secret]}${nothing}\"",
        "try(tobool(secret))",
        "regex(\"[0-9]x\", secret)",
        "true ? tobool(secret) : true",
    ];
    for text in cases {
        let (sources, result) = run_in(&world(), text);
        let found = result.expect_err(text);
        let shown = render_all(&found, &sources, &Style::default()).replace(text, "");
        assert!(!shown.contains("s3cret"), "{text}: {shown}");
    }
    let error = run("hidden[7]").unwrap_err().into_iter().next().unwrap();
    assert_eq!(error.summary, "there is no such element or attribute");
}

#[test]
fn failing_evaluations_show_the_values_in_them() {
    let cases = [
        "region + count",
        "\"${names} in ${region}\"",
        "machine.nmae",
        "names[count]",
        "secret + 1",
        "hidden[9] + later",
        "nothing.x",
        "count ? 1 : 2",
        "true ? names : region",
        "[for x in names : x + 1]",
        "{for x in names : region => x}",
        "5 % 0",
        "uper(region)",
        "upper()",
        "[for x in region : x]",
        "nowhere.x",
    ];
    let shown = cases.map(|text| {
        let (sources, result) = run_in(&world(), text);
        render_all(&result.unwrap_err(), &sources, &Style::default())
    });
    insta::assert_snapshot!(shown.join("\n"));
}
