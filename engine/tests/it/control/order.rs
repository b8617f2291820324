//! The result of a run is independent of the order in which its steps finish.

use tokio::time::Instant;

use super::{skipped, staged};
use crate::support::{Events, stage_files, stage_with};

#[tokio::test(start_paused = true)]
async fn the_result_never_depends_on_the_interleaving() {
    let names: Vec<String> = (0..12).map(|at| format!("s{at}")).collect();
    let text = |seed: usize| -> String {
        let step = |(at, name): (usize, &String)| {
            let takes = (seed.wrapping_mul(7919) ^ at.wrapping_mul(104_729)) % 97;
            let before: Vec<_> = (0..at)
                .filter(|other| (at * 31 + other * 17) % 4 == 0)
                .map(|other| format!("step.read.s{other}"))
                .collect();
            let run_on = ["success", "success", "always", "success", "failure"][at % 5];
            format!(
                "step \"read\" \"{name}\" {{\n takes = {takes}\n fails = {}\n run_on = \"{run_on}\"\n depends_on = [{}]\n value = {at}\n}}\n",
                at % 6 == 1,
                before.join(", ")
            )
        };
        names.iter().enumerate().map(step).collect()
    };
    let mut first = None;
    for seed in 0..40 {
        for parallelism in [1, 3, 100] {
            let stage = staged(&text(seed));
            let events = Events::default();
            let report = stage.run(parallelism, &events).await;
            let mut ends: Vec<String> = ["step_finished", "step_failed", "step_skipped"]
                .iter()
                .flat_map(|kind| events.of(kind))
                .map(|event| format!("{} {} {}", event["event"], event["step"], event["because"]))
                .collect();
            ends.sort();
            let result = format!("{:?} {ends:?}", report.status);
            assert_eq!(
                *first.get_or_insert_with(|| result.clone()),
                result,
                "seed {seed}, {parallelism} at once"
            );
        }
    }
}

/// A deterministic random number generator.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// With unlimited parallelism a run takes as long as its longest chain; with one at a time, the sum of all
/// steps.
#[tokio::test(start_paused = true)]
async fn a_run_takes_as_long_as_its_longest_chain() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..30 {
        let (mut text, mut ends, mut total) = (String::new(), Vec::<u64>::new(), 0);
        for at in 0..20_usize {
            let takes = dice.below(1000);
            let needs: Vec<usize> = (0..at).filter(|_| dice.below(5) == 0).collect();
            let waits: Vec<String> = needs.iter().map(|needed| format!("step.read.s{needed}")).collect();
            let waits = waits.join(", ");
            let step = format!("step \"read\" \"s{at}\" {{\n takes = {takes}\n depends_on = [{waits}]\n}}\n");
            text += &step;
            ends.push(takes + needs.iter().map(|&needed| ends[needed]).max().unwrap_or(0));
            total += takes;
        }
        let longest = *ends.iter().max().unwrap();
        for (parallelism, time) in [(1000, longest), (1, total)] {
            let stage = staged(&text);
            let began = Instant::now();
            let report = stage.run(parallelism, &Events::default()).await;
            assert_eq!(report.summary.done, 20);
            assert_eq!(u128::from(time), began.elapsed().as_millis(), "{parallelism} at once: {text}");
        }
    }
}

/// A failed step in one module instance does not affect other instances.
#[tokio::test(start_paused = true)]
async fn a_failure_in_a_module_skips_only_its_dependents() {
    let stage = stage_files(
        &[
            (
                "main.runbook.hcl",
                r#"
                module "site" {
                  source   = "./site"
                  for_each = toset(["a", "b"])
                  site     = each.key
                }
                step "read" "after" {
                  for_each = toset(["a", "b"])
                  value    = module.site[each.key].all
                }
                step "read" "cleanup" {
                  run_on     = "failure"
                  depends_on = [module.site]
                }
                "#,
            ),
            (
                "site/main.runbook.hcl",
                r#"
                variable "site" { type = string }
                step "read" "one" {
                  for_each = toset(["x", "y"])
                  fails    = "${var.site}${each.key}" == "bx"
                }
                step "read" "two" {
                  for_each = toset(["x", "y"])
                  value    = step.read.one[each.key].value
                }
                output "all" { value = [for two in step.read.two : two.value] }
                "#,
            ),
        ],
        &[],
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let events = Events::default();
    let report = stage.run(10, &events).await;
    assert_eq!((report.summary.done, report.summary.failed, report.summary.skipped), (8, 1, 2));
    let because = "module.site[\"b\"].step.read.one[\"x\"] failed".to_owned();
    let after = |step: &str| (step.to_owned(), because.clone());
    let expected = [after("module.site[\"b\"].step.read.two[\"x\"]"), after("step.read.after[\"b\"]")];
    assert_eq!(skipped(&events), expected);
    assert!(stage.log.lines().contains(&"step.read.cleanup ended".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn outputs_of_a_skipped_step_are_not_sensitive() {
    let stage = stage_with(
        r#"
        variable "password" {
          type      = string
          sensitive = true
        }
        step "read" "a" {
          value = var.password
          when  = false
        }
        output "a" { value = step.read.a.value }
        "#,
        &[("password", "hunter2")],
    );
    assert!(stage.is_ok(), "null is no secret");
}
