//! `run -lab` and `plan -live -lab` work in any directory, and say which world they use.

use crate::chain::holds;
use crate::cloud::WORLD;
use crate::support::{Place, repository};

const RUNBOOK: &str =
    "step \"metadata\" \"machine\" {}\noutput \"name\" { value = step.metadata.machine.name }\n";

#[test]
fn a_world_of_the_directory_wins_over_the_one_that_is_built_in() {
    let built_in = "Using the embedded lab with the world of the Jumpstart lab, which is built in.";
    let own = "Using the embedded lab with the world of ./own.lab.hcl.";
    for command in [&["run", "-lab"][..], &["plan", "-live", "-lab"]] {
        let place = Place::with(RUNBOOK);
        let ran = place.run(command);
        holds(&ran, 0, &["ArcBox-Ubuntu-01"]);
        assert_eq!(ran.out.lines().next(), Some(built_in), "{}", ran.seen());
        let json = place.run(&[command, &["-json"]].concat());
        assert!(
            json.out.starts_with("{\"lab\":{\"world\":\"the Jumpstart lab, which is built in\"}}\n"),
            "{}",
            json.seen()
        );
        place.write("own.lab.hcl", WORLD);
        let ran = place.run(command);
        holds(&ran, 0, &["vm-1"]);
        assert_eq!(ran.out.lines().next(), Some(own), "{}", ran.seen());
        let world = repository().join("runbooks/jumpstart/jumpstart.lab.hcl");
        let named = place.run(&[command, &["-world", world.to_str().expect("UTF-8")]].concat());
        holds(&named, 0, &["ArcBox-Ubuntu-01", "jumpstart.lab.hcl."]);
        place.write("other.lab.hcl", WORLD);
        holds(&place.run(command), 3, &["there are several labs in ."]);
        let fault = place.run(&[command, &["-world", "own.lab.hcl", "-fault", "himds:403:times=9"]].concat());
        assert_ne!(fault.code, Some(0), "{}", fault.seen());
    }
    let place = Place::with(RUNBOOK);
    holds(&place.run(&["plan", "-lab"]), 3, &["-live"]);
    holds(&place.run(&["plan", "-live", "-lab", "-out", "p.plan"]), 3, &["-out"]);
}
