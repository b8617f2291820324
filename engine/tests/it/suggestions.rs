//! "Did you mean", wherever a name is wrong.

use arcbook_engine::explain::find;
use arcbook_engine::jmespath::Query;
use arcbook_engine::plan::{Address, Selection};
use arcbook_engine::step::Registry;

use crate::support::stage;

/// Runbooks with a wrong name, and the right one.
const NAMES: [(&str, &str); 30] = [
    ("stpe \"read\" \"a\" {\n}\n", "step"),
    ("Step \"read\" \"a\" {\n}\n", "step"),
    ("VARIABLE \"a\" {\n}\n", "variable"),
    ("step \"Read\" \"a\" {\n}\n", "read"),
    ("step \"raed\" \"a\" {\n}\n", "read"),
    ("step \"re-ad\" \"a\" {\n}\n", "read"),
    ("step \"read\" \"a\" {\n  Value = 1\n}\n", "value"),
    ("step \"read\" \"a\" {\n  dependsOn = []\n}\n", "depends_on"),
    ("step \"read\" \"a\" {\n  for-each = []\n}\n", "for_each"),
    ("step \"read\" \"a\" {\n  pre_condition {\n  }\n}\n", "precondition"),
    ("step \"read\" \"a\" {\n  Retry {\n  }\n}\n", "retry"),
    ("step \"read\" \"a\" {\n  retry {\n    attempt = 1\n  }\n}\n", "attempts"),
    ("step \"read\" \"a\" {\n  run_on = \"Failure\"\n}\n", "failure"),
    ("runbook {\n  on_failure = \"Undo\"\n}\n", "undo"),
    (
        "step \"read\" \"a\" {\n  dynamic \"valeu\" {\n    for_each = []\n    content {\n    }\n  }\n}\n",
        "value",
    ),
    ("variable \"a\" {\n  Sensitive = true\n}\n", "sensitive"),
    ("variable \"a\" {\n  type = String\n}\n", "string"),
    ("variable \"the_region\" {\n}\nlocals {\n  a = var.theRegion\n}\n", "the_region"),
    ("variable \"the_region\" {\n}\nlocals {\n  a = var.region\n}\n", "the_region"),
    ("variable \"region\" {\n}\nlocals {\n  a = Region\n}\n", "var.region"),
    ("locals {\n  my_zone = 1\n  a       = local.myzone\n}\n", "my_zone"),
    ("locals {\n  my_zone = 1\n  a       = my-zone\n}\n", "local.my_zone"),
    ("step \"read\" \"first\" {\n}\nlocals {\n  a = step.read.First.value\n}\n", "first"),
    ("step \"read\" \"first\" {\n}\nlocals {\n  a = step.Read.first.value\n}\n", "read"),
    ("step \"read\" \"first\" {\n}\nlocals {\n  a = step.read.first.Value\n}\n", "value"),
    ("locals {\n  a = Path.module\n}\n", "path"),
    ("locals {\n  a = path.Module\n}\n", "module"),
    ("locals {\n  a = JsonEncode(1)\n}\n", "jsonencode"),
    ("locals {\n  a = base64_encode(\"x\")\n}\n", "base64encode"),
    ("locals {\n  a = \"%{ If true }x%{ endif }\"\n}\n", "if"),
];

#[test]
fn of_every_wrong_name_in_a_runbook_the_right_one_is_told() {
    for (text, meant) in NAMES {
        let Err(seen) = stage(text) else { panic!("{text} is let through") };
        assert!(seen.contains(&format!("did you mean `{meant}`?")), "{text}\n{seen}");
    }
    let values = "variable \"machine\" {\n  default = { name = \"m1\" }\n}\noutput \"x\" {\n  value = var.machine.Name\n}\n";
    let Err(seen) = stage(values) else { panic!("let through") };
    assert!(seen.contains("did you mean `name`?"), "{seen}");
}

#[test]
fn addresses_queries_and_topics_suggest_too() {
    let help = Address::parse("Step.read.a").map(|address| address.to_string()).unwrap_err().help.concat();
    assert!(help.contains("did you mean `step`?"), "{help}");
    let mut stage = stage("step \"read\" \"first_one\" {\n}\n").unwrap_or_else(|seen| panic!("{seen}"));
    for (address, meant) in
        [("step.read.First-One", "step.read.first_one"), ("step.raed.first_one", "step.read.first_one")]
    {
        let selection = Selection::parse(&[address.to_owned()], &[]).unwrap();
        let found = stage.plan.select(selection).unwrap_err();
        let help = found.iter().next().unwrap().help.concat();
        assert!(help.contains(&format!("did you mean `{meant}`?")), "{help}");
    }
    let help = Query::parse("SortBy(a, &b)").unwrap_err().help.unwrap();
    assert_eq!(help, "did you mean `sort_by`?");
    let registry = Registry::default();
    for (asked, meant) in
        [("Variable", "variable"), ("uper", "upper"), ("jmespath sortby", "sort_by"), ("block upper", "")]
    {
        let hint = find(asked, &registry).unwrap_err().unwrap_or_default();
        assert!(
            if meant.is_empty() { hint.is_empty() } else { hint == format!("did you mean `{meant}`?") },
            "{asked}: {hint}"
        );
    }
    assert_eq!(find("join", &registry).unwrap().len(), 2);
    assert_eq!(find("jmespath join", &registry).unwrap().len(), 1);
}
