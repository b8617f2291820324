//! Properties of a selection, tested with random runbooks.

use std::collections::{BTreeMap, BTreeSet};

use arcbook_engine::plan::Selection;
use arcbook_engine::run::Status;
use proptest::prelude::*;

use super::{begun, run};
use crate::support::stage;

/// The dependencies of each step, whether it is a cleanup step, and whether it has two instances.
type Steps = Vec<(Vec<usize>, bool, bool)>;

/// Generates random steps with dependencies on earlier ones, some of them cleanup steps or with two
/// instances.
fn runbooks() -> impl Strategy<Value = (Steps, Vec<usize>, Vec<usize>)> {
    let step = (prop::collection::vec(any::<prop::sample::Index>(), 0..3), 0..5_u8, 0..4_u8);
    let steps = prop::collection::vec(step, 1..12).prop_map(|steps| {
        let of = |(at, (needs, cleanup, many)): (usize, (Vec<prop::sample::Index>, u8, u8))| {
            let needs: BTreeSet<usize> = needs.iter().filter(|_| at > 0).map(|need| need.index(at)).collect();
            (needs.into_iter().collect(), cleanup == 0, many == 0)
        };
        steps.into_iter().enumerate().map(of).collect::<Vec<_>>()
    });
    let some = || prop::collection::vec(any::<prop::sample::Index>(), 0..3);
    (steps, some(), some()).prop_map(|(steps, targets, excludes)| {
        let of = |some: Vec<prop::sample::Index>| some.iter().map(|index| index.index(steps.len())).collect();
        let (targets, excludes) = (of(targets), of(excludes));
        (steps, targets, excludes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// A target selects itself and its dependencies; an exclusion omits itself and its dependents. A run
    /// executes exactly the selected steps.
    #[test]
    fn a_selection_is_closed((steps, targets, excludes) in runbooks()) {
        let mut text = "step \"read\" \"keys\" { value = toset([\"x\", \"y\"]) }\n".to_owned();
        for (at, (needs, cleanup, many)) in steps.iter().enumerate() {
            let needs: Vec<_> = needs.iter().map(|need| format!("step.change.s{need}")).collect();
            let run_on = if *cleanup && !needs.is_empty() { "always" } else { "success" };
            let each = if *many { "for_each = step.read.keys.value\n" } else { "" };
            let step = format!(
                "step \"change\" \"s{at}\" {{\n{each}run_on = \"{run_on}\"\ndepends_on = [{}]\n}}\n",
                needs.join(", ")
            );
            text += &step;
        }
        let names = |of: &[usize]| of.iter().map(|at| format!("step.change.s{at}")).collect::<Vec<_>>();
        let (targeted, excluded) = (names(&targets), names(&excludes));
        let borrowed = |of: &[String]| -> Vec<String> { of.to_vec() };
        let mut stage = stage(&text).unwrap_or_else(|error| panic!("{error}"));
        stage.plan.select(Selection::parse(&borrowed(&targeted), &borrowed(&excluded)).unwrap()).unwrap();

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (report, events) = runtime.block_on(run(&stage));
        prop_assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
        let kept: BTreeSet<usize> = begun(&stage).iter().filter_map(|step| {
            let name = step.strip_prefix("step.change.s")?;
            name.split('[').next()?.parse().ok()
        }).collect();

        // The expected selection, computed in the simplest way.
        let cleans_up = |at: usize| steps[at].1 && !steps[at].0.is_empty();
        let before: Vec<BTreeSet<usize>> = steps.iter().fold(Vec::new(), |mut all, (needs, ..)| {
            let more: BTreeSet<usize> = needs.iter().flat_map(|need| all[*need].clone()).collect();
            all.push(needs.iter().copied().chain(more).collect());
            all
        });
        let mut expected = BTreeSet::new();
        for at in 0..steps.len() {
            let wanted = targets.is_empty() || targets.iter().any(|target| *target == at || before[*target].contains(&at));
            let free = before[at].iter().all(|needed| !excludes.contains(needed));
            let cleanup = cleans_up(at) && steps[at].0.iter().any(|needed| expected.contains(needed));
            if !excludes.contains(&at) && (cleanup || (wanted && free)) {
                expected.insert(at);
            }
        }
        prop_assert_eq!(&kept, &expected, "{}\n{:?} but {:?}", text, targets, excludes);
        // The record has exactly one end of every step: finished or skipped.
        let mut ends: BTreeMap<String, usize> = BTreeMap::new();
        for event in events.of("step_finished").into_iter().chain(events.of("step_skipped")) {
            *ends.entry(event["step"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        prop_assert!(ends.values().all(|times| *times == 1), "{:?}", ends);
    }
}
