//! Messages about addresses.

use arcbook_engine::plan::{self, Selection};
use arcbook_engine::redact::Secrets;

use super::instances::MANY;
use super::{left_out, select, selected};
use crate::instances::addresses;
use crate::support::{Tokens, stage};

#[test]
fn a_wrong_address_gets_the_valid_ones() {
    let cases = [
        ("step.read.knwn", "there is no `step.read.knwn`; did you mean `step.read.known`?"),
        (
            "step.read.known[\"z\"]",
            "there is no `step.read.known[\"z\"]`; there is `step.read.known[\"x\"]`, `step.read.known[\"y\"]`",
        ),
        ("step.read.names[0]", "there is no `step.read.names[0]`; leave out `[0]`"),
        ("module.x", "there is no `module.x`; there is `step.read.names`, "),
        ("known", "`known` is not an address; write it as in the plan"),
        ("read.known", "`read.known` is not an address"),
        ("step.read", "`step.read` is not an address"),
        ("step.read.known.value", "`step.read.known.value` is not an address"),
        ("step.read.known[*]", "leave out `[*]`"),
        (
            "step.read.known[x]",
            "neither a number nor in quotes; keep the quotes from the shell: 'step.read.known[\"KEY\"]'",
        ),
        ("output.late[0]", "is not an address"),
        ("", "`` is not an address"),
        ("step.read.known[\"x\"", "is not an address"),
    ];
    for (address, expected) in cases {
        for (targets, excludes) in [(&[address][..], &[][..]), (&[], &[address])] {
            let stage = stage(MANY).expect("planned");
            let error =
                select(stage, targets, excludes).err().unwrap_or_else(|| panic!("{address} is taken"));
            assert!(error.contains(expected), "{address}: {error}");
        }
    }
}

#[test]
fn everything_can_be_selected() {
    assert_eq!(Selection::parse(&["all".to_owned()], &[]), Ok(Selection::default()));
    let both = select(stage(MANY).expect("planned"), &["all"], &["step.read.late"]).expect("selected");
    assert!(left_out(&both).contains(&"step.read.late[*]: excluded".to_owned()));
    assert!(!addresses(&both).is_empty());
}

#[test]
fn ten_thousand_omitted_steps_are_one_line() {
    let stage =
        selected("step \"read\" \"many\" { count = 10000 }\nstep \"read\" \"a\" {}", &["step.read.a"], &[]);
    let page =
        plan::show(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new(), &crate::support::full());
    assert!(
        page.lines().count() < 15 && page.contains("not targeted: step.read.many (10000 instances)\n"),
        "{page}"
    );
}
