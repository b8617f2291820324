use super::*;
use crate::value::{Marks, Origins};

fn variables() -> Entries {
    let secret = |text: &str| Value::from(text).with_marks(&Marks::sensitive("var.secret"));
    let later = || Value::unknown(Type::Any, Origins::of("step.a.b"));
    let hosts = ["a", "b"].map(Value::from);
    let marked = Value::tuple(["x"].map(Value::from)).with_marks(&Marks::sensitive("var.list"));
    [
        ("name", Value::from("web")),
        ("port", Value::from(8080_i64)),
        ("big", "123456789012345678901234567890".parse::<crate::value::Number>().unwrap().into()),
        ("on", true.into()),
        ("none", Value::NULL),
        ("hosts", Value::tuple(hosts)),
        ("db", Value::object([("host", Value::from("h")), ("pw", secret("s3cret")), ("id", later())])),
        ("marked", marked),
        ("later", later()),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value))
    .collect()
}

fn rendered(template: &str) -> Result<Value, String> {
    let template = Template { name: "t.j2", shown: "t.j2", text: template, is_review: false };
    render(template, &variables(), &Files::new("/nowhere"))
}

#[test]
fn templates_are_rendered() {
    let cases = [
        ("{{ name }}:{{ port }} {{ big }}\n", "web:8080 123456789012345678901234567890\n"),
        ("{% for h in hosts %}{{ loop.index }}={{ h }};{% endfor %}", "1=a;2=b;"),
        ("{% if on and not none %}y{% endif %}", "y"),
        ("{{ hosts | join(',') | upper }} {{ hosts[1] }} {{ hosts | length }}", "A,B b 2"),
        ("{{ missing | default('d') }} {{ '<&>' }}", "d <&>"),
        ("{% set x = port + 1 %}{{ x }}", "8081"),
        ("{{ db.host }}", "h"),
    ];
    for (template, text) in cases {
        let value = rendered(template).unwrap();
        assert_eq!(value.as_str(), Some(text), "{template}");
        assert!(!value.is_sensitive(), "{template}");
    }
}

#[test]
fn what_is_looked_at_makes_the_text_sensitive_or_unknown() {
    let sensitive = [
        "{{ db.pw }}",
        "{{ db['pw'] | length }}",
        "{% if db.pw == 'x' %}{% endif %}",
        "{% set p = db.pw %}{{ p }}",
        "{% for k, v in db | items %}{{ k }}{% endfor %}",
        "{{ marked | length }}",
        "{{ db | tojson }}",
    ];
    for template in sensitive {
        assert!(rendered(template).unwrap().is_sensitive(), "{template}");
    }
    for template in
        ["{{ db.id }}", "{{ later.x.y }}", "{% for x in later %}{% endfor %}", "{{ db | tojson }}"]
    {
        assert!(rendered(template).unwrap().is_unknown(), "{template}");
    }
}

#[test]
fn failures_name_line_and_reason_and_no_secret() {
    let cases = [
        ("a\n{{ nmae }}", "t.j2:2: `nmae` is not defined"),
        ("{% for x in %}", "t.j2:1: syntax error: "),
        ("a\n{% include 'x' %}", "t.j2:2: no file exists at `x`"),
        ("{% include ['x', \"y\"] %}", "t.j2:1: no file exists at `x`, `y`"),
        ("{% include name %}", "t.j2:1: no file exists at `…`"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "t.j2:1: "),
        (
            "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}",
            "t.j2:1: this template takes too long",
        ),
        ("{% for a in range(10000) %}{{ 'x' * 10000 }}{% endfor %}", "t.j2:1: "),
        ("{{ debug() }}", "t.j2:1: "),
        ("{{ db.pw + 1 }}", "t.j2:1: "),
        (
            "é\n{{ “x” }}",
            "t.j2:2:4: U+201C LEFT DOUBLE QUOTATION MARK has no meaning outside of a text: write `\"`",
        ),
        (
            "{{ na\u{200b}me }}",
            "t.j2:1:6: U+200B ZERO WIDTH SPACE has no meaning outside of a text: remove it",
        ),
        ("{{ port – 1 }}", "t.j2:1:9: U+2013 EN DASH has no meaning outside of a text: write `-`"),
        ("{% if ｏn %}{% endif %}", "t.j2:1:7: U+FF4F FULLWIDTH LATIN SMALL LETTER O"),
    ];
    for (template, start) in cases {
        let reason = rendered(template).unwrap_err();
        assert!(reason.starts_with(start), "{template}: {reason}");
        assert!(!reason.contains("s3cret"), "{reason}");
    }
}

#[test]
fn long_rows_that_are_let_through_do_not_end_the_program() {
    let rows = [
        format!("{{{{ {}x }}}}", "-".repeat(4_000)),
        format!("{{{{ 1{} }}}}", "+1".repeat(2_000)),
        format!("{{{{ 1{} }}}}", "|e".repeat(2_000)),
        format!("{{{{ {}1 }}}}", "not ".repeat(1_000)),
        format!("{{% if on %}}{}{{% endif %}}", "{% elif on %}".repeat(1_000)),
    ];
    for template in rows {
        let _ = rendered(&template);
    }
}
