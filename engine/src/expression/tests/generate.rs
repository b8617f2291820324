//! Generates random expressions and values.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::value::convert;

/// The leaves of expressions, other than the variables `a`, `b`, `v` and `k`; a `for` may rebind the last
/// two.
const LEAVES: &[&str] = &[
    "a",
    "a",
    "a",
    "b",
    "v",
    "k",
    "1",
    "0",
    "2.5",
    "true",
    "false",
    "null",
    "\"x\"",
    "\"\"",
    "[]",
    "{}",
    "[1, 2]",
    "[\"x\", \"y\"]",
    "{ x = 1, y = 2 }",
    "[{ x = 1 }, { x = 2 }]",
];

/// All forms except calls; `A` and `B` are replaced by expressions.
const FORMS: &[&str] = &[
    "(A)",
    "-A",
    "!A",
    "(A + B)",
    "(A - B)",
    "(A * B)",
    "(A / B)",
    "(A % B)",
    "(A < B)",
    "(A <= B)",
    "(A > B)",
    "(A >= B)",
    "(A == B)",
    "(A != B)",
    "(A && B)",
    "(A || B)",
    "(A ? B : v)",
    "(v ? A : B)",
    "(A == B ? A : 1)",
    "(true ? A : B)",
    "[A, B]",
    "[A]",
    "{ x = A, y = B }",
    "{ (A) = B }",
    "{ \"${A}\" = B }",
    "A.x",
    "(A).x.y",
    "A[B]",
    "A[0]",
    "A[\"x\"]",
    "[A, B].0",
    "[A, B][v]",
    "{ x = A, y = B }[k]",
    "A[*]",
    "((A).*.x)",
    "A[*].x",
    "A[*][B]",
    "[A, B][*].x",
    "\"<${A}>\"",
    "\"${A}${B}\"",
    "\"${A}\"",
    "\"%{ if A }y%{ else }${B}%{ endif }\"",
    "\"a%{ if false }${A}%{ endif }\"",
    "\"a%{ if A == B }${A}%{ else }%{ if v }${B}%{ endif }%{ endif }\"",
    "(true || A)",
    "(false && A)",
    "((A).*)",
    "\"%{ for v in A }${v}${B}%{ endfor }\"",
    "\"%{ for k, v in A }${k}%{ endfor }\"",
    "<<E\n  ${A}\n%{ if true ~}\n  ${B}\n%{ endif ~}\nE\n",
    "<<-E\n    ${A}\n      ${B}\n  E\n",
    "[for v in A : B]",
    "[for k, v in A : [k, B]]",
    "[for v in [A, B] : v]",
    "[for v in A : v if B]",
    "{ for k, v in A : k => B }",
    "{ for v in A : v => B... }",
    "{ for k, v in A : v => k... if B }",
    "{ for k, v in { x = A, y = B } : k => v }",
];

/// Calls of many functions.
const CALLS: &[&str] = &[
    "abs(A)",
    "alltrue([A, B])",
    "anytrue([A, B])",
    "base64encode(A)",
    "can(A)",
    "can(A[B])",
    "ceil(A)",
    "chunklist(A, 1)",
    "cidrhost(\"10.0.0.0/8\", A)",
    "cidrsubnets(\"10.0.0.0/8\", A, B)",
    "coalesce(A, B)",
    "coalescelist(A, [B])",
    "compact([A, B])",
    "concat(A, [B])",
    "concat(A, B)",
    "concat([A], B...)",
    "contains([A, 1], B)",
    "distinct([A, B, 1])",
    "distinct(A)",
    "element([A, B], k)",
    "element(A, 1)",
    "endswith(A, \"x\")",
    "ephemeralasnull(A)",
    "flatten([A, [B]])",
    "flatten(A)",
    "floor(A)",
    "formatdate(A, \"2018-01-02T23:12:01Z\")",
    "formatdate(\"YYYY''MM\", A)",
    "format(\"%s-%v\", A, B)",
    "format(A, B)",
    "formatlist(\"%s!\", A)",
    "index([A, 1], B)",
    "join(\"-\", [A, B])",
    "join(A, [\"x\", \"y\"])",
    "jmespath(A, \"x\")",
    "jmespath([A, B], \"[?@]\")",
    "jsondecode(jsonencode(A))",
    "jsonencode([A, { x = B }])",
    "keys(A)",
    "values(A)[0]",
    "keys(merge({ x = 1 }, A))",
    "keys({ x = A, y = B })",
    "length(A)",
    "length([A, B])",
    "lookup(A, \"x\", B)",
    "lookup({ x = A }, k, B)",
    "lower(A)",
    "matchkeys([A, B], [1, 2], [v])",
    "matchkeys(A, A, B)",
    "max(A, B)",
    "md5(A)",
    "merge(A, { x = B })",
    "merge([A, B]...)",
    "merge(A, B)",
    "min(A, 1)",
    "one([A])",
    "one(A[*])",
    "parseint(A, 16)",
    "pow(A, 2)",
    "pow(2, A)",
    "pow(A, B)",
    "range(A)",
    "regex(A, B)",
    "regexall(\"[a-z]\", A)",
    "regexall(\"{(?P<n>.)|({?)\", A)",
    "replace(A, \"x\", B)",
    "replace(A, \"/(x)|y/\", B)",
    "reverse([A, B])",
    "reverse(A)",
    "setintersection([A, 1], [B])",
    "setproduct([A], [B, 1])",
    "setproduct(A, B)",
    "setsubtract([A, 1], [B])",
    "setunion([A], [B])",
    "setunion(A, B)",
    "signum(A)",
    "slice([A, B, 1], 0, 2)",
    "slice(A, 0, B)",
    "sort([A, B])",
    "split(\",\", A)",
    "startswith(A, B)",
    "strcontains(A, B)",
    "strrev(A)",
    "substr(A, 0, 1)",
    "sum([A, B])",
    "templatestring(\"x${\"$\"}{y}\", { y = A })",
    "templatestring(t, { y = A, z = B })",
    "title(A)",
    "tobool(A)",
    "tolist([A, B])",
    "tolist(A)",
    "tomap({ x = A, y = B })",
    "tomap(A)",
    "tonumber(A)",
    "toset([A, B])",
    "tostring(A)",
    "transpose({ x = [A], y = [B] })",
    "trimprefix(A, B)",
    "try(A, B)",
    "try(A.x, B)",
    "upper(A)",
    "values(A)",
    "values({ x = A, y = B })",
    "yamldecode(yamlencode(A))",
    "zipmap([A], [B])",
    "zipmap(A, B)",
    "zipmap([\"x\", \"y\"], [A, B])",
];

/// Generates expressions over the names in [`world`].
pub fn expressions() -> impl Strategy<Value = String> {
    let leaf = select(LEAVES).prop_map(str::to_owned);
    leaf.prop_recursive(3, 16, 2, |inner| {
        let form = prop_oneof![3 => select(FORMS), 2 => select(CALLS)];
        (form, inner.clone(), inner).prop_map(|(form, a, b)| filled(form, &a, &b))
    })
}

/// Generates `count` expressions, the same ones each time.
pub fn samples(count: usize) -> Vec<String> {
    let (all, mut runner) = (expressions(), TestRunner::deterministic());
    (0..count).map(|_| all.new_tree(&mut runner).unwrap().current()).collect()
}

/// Replaces the capitals in `form` by expressions.
fn filled(form: &str, a: &str, b: &str) -> String {
    let mut text = String::new();
    for (at, c) in form.char_indices() {
        match c {
            'A' => text.push_str(a),
            'B' => text.push_str(b),
            _ => text.push_str(&form[at..at + c.len_utf8()]),
        }
    }
    // A heredoc ends with its line, unlike the expressions around it.
    if text.contains("<<") && !text.starts_with('(') { format!("({text})") } else { text }
}

/// Generates the values of variables.
fn inputs() -> impl Strategy<Value = Value> {
    let leaf = || {
        prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-3_i64..4).prop_map(Value::from),
            select(vec!["", "x", "y", "1", "true", "x,y", "%d"]).prop_map(Value::from),
            Just(Value::NULL),
        ]
    };
    let strings = || prop::collection::vec(select(vec!["x", "y", "1"]), 0..3);
    prop_oneof![
        4 => leaf(),
        1 => prop::collection::vec(leaf(), 0..3).prop_map(Value::tuple),
        1 => prop::collection::vec((select(vec!["x", "y"]), leaf()), 0..3).prop_map(Value::object),
        1 => strings().prop_map(|all| Value::list(Type::String, all.into_iter().map(Value::from))),
        1 => strings().prop_map(|all| convert(&Value::tuple(all.into_iter().map(Value::from)), &Type::set(Type::String)).unwrap()),
        1 => (strings(), strings()).prop_map(|(names, texts)| Value::string_map(names.into_iter().zip(texts))),
    ]
}

/// Generates the values of all names.
pub fn worlds() -> impl Strategy<Value = [Value; 4]> {
    [inputs().boxed(), inputs().boxed(), inputs().boxed(), inputs().boxed()]
}
