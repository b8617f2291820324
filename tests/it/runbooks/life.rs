//! The life of a runbook: it is run, run again, killed at any moment, resumed and undone.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::crash;
use crate::support::Ran;

use super::scene::Scene;

/// The number of moments at which a run is killed, unless `ARCBOOK_CRASH=all`.
const MOMENTS: usize = 10;

/// After a resumed run, every third one is undone.
const UNDOES: usize = 3;

/// A runbook with the real parts that it acts on.
pub trait Stage {
    /// Starts all parts anew, as they are before the first run.
    fn set_up() -> Self;

    /// Returns the runbook and its Azure.
    fn scene(&self) -> &Scene;

    /// Returns the number of changes so far, of which a second run makes none: those of the lab, unless a part counts its own.
    fn changes(&self) -> usize {
        self.scene().changes().len()
    }

    /// Asserts what the runbook is there for, on the real part.
    fn check_done(&self);

    /// Asserts that nothing is left of what the runbook made.
    fn check_undone(&self);
}

/// Runs a runbook, runs it again without a change, verifies its record and undoes it.
pub fn runs_again_and_undoes<S: Stage>() {
    let stage = S::set_up();
    run(&stage);
    is_as_wanted(&stage, "a second run");
    undo(&stage, "an undo");
}

/// Kills a run at one moment of its journal after another; each time, resumes it, and finds everything done once.
pub fn survives_kills<S: Stage>() {
    if crash::all() {
        for at in (1..).take_while(|at| survives_kill::<S>(*at)) {
            assert!(at < 100_000);
        }
        return;
    }
    // One write may hold many lines of the record, so the number of moments is at most this.
    let last = 3 * run(&S::set_up());
    let killed = different_moments(last, survives_kill::<S>);
    assert!(!killed.is_empty(), "no run was killed");
}

/// Calls `kill` with different moments up to `last`, until it was true for as many as wanted or for all that there are.
///
/// It returns false if there is no such moment, and then there is no later one either.
fn different_moments(mut last: usize, kill: impl Fn(usize) -> bool) -> BTreeSet<usize> {
    let mut random = Random::default();
    let mut killed = BTreeSet::new();
    while killed.len() < MOMENTS.min(last) {
        let at = random.up_to(last);
        if killed.contains(&at) {
            continue;
        }
        if kill(at) {
            killed.insert(at);
        } else {
            last = at - 1;
        }
    }
    killed
}

#[test]
fn no_moment_is_taken_twice() {
    for moments in [0, 1, 2, 9, 10, 11, 30, 300] {
        let calls = RefCell::new(Vec::new());
        let killed = different_moments(3 * moments.max(1), |at| {
            calls.borrow_mut().push(at);
            at <= moments
        });
        assert_eq!(killed.len(), MOMENTS.min(moments), "{killed:?}");
        let calls = calls.into_inner();
        assert_eq!(calls.iter().collect::<BTreeSet<_>>().len(), calls.len(), "{calls:?}");
    }
}

/// Kills a run at that moment and resumes it; returns false if it has no such moment.
fn survives_kill<S: Stage>(at: usize) -> bool {
    let stage = S::set_up();
    let scene = stage.scene();
    let moment = format!("moment {at}");
    let died = Ran::killed_at(scene.command_of_runbook(&["run", "-auto-approve"]), at);
    if died.code.is_none() {
        let resumed = resume(scene);
        assert_eq!(resumed.code, Some(0), "{moment}: {}", resumed.seen());
    }
    is_as_wanted(&stage, &moment);
    if at.is_multiple_of(UNDOES) {
        undo(&stage, &moment);
    }
    died.code.is_none()
}

/// Runs the runbook to its end; returns the number of lines in the record.
fn run<S: Stage>(stage: &S) -> usize {
    let scene = stage.scene();
    let ran = scene.ran_runbook(&["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    stage.check_done();
    let events = scene.ran(&["show", "-events", "latest"]);
    assert_eq!(events.code, Some(0), "{}", events.seen());
    events.out.lines().count()
}

/// Resumes a killed run; runs it anew if it was killed before the record began or after it ended.
fn resume(scene: &Scene) -> Ran {
    // A program that the killed run was about to start holds its lock until it begins.
    let wait = ["-lock-timeout", "1m"];
    let ran = scene.ran_runbook(&[&["run", "-auto-approve", "-resume", "latest"], &wait[..]].concat());
    let nothing = ["there is no run `latest`", "no run is on record", "there is nothing to resume"];
    if ran.code == Some(3) && nothing.iter().any(|words| ran.err.contains(words)) {
        return scene.ran_runbook(&[&["run", "-auto-approve"], &wait[..]].concat());
    }
    ran
}

/// Asserts that the effect is there, that another run changes nothing, and that the records are whole.
fn is_as_wanted<S: Stage>(stage: &S, moment: &str) {
    stage.check_done();
    let scene = stage.scene();
    let before = stage.changes();
    let planned = scene.ran_runbook(&["plan", "-live", "-detailed-exitcode"]);
    assert_eq!(planned.code, Some(0), "{moment}: {}", planned.seen());
    let again = scene.ran_runbook(&["run", "-auto-approve"]);
    assert_eq!(again.code, Some(0), "{moment}: {}", again.seen());
    assert_eq!(stage.changes(), before, "{moment}: {}", again.seen());
    stage.check_done();
    let verified = scene.ran(&["verify"]);
    assert_eq!(verified.code, Some(0), "{moment}: {}", verified.seen());
}

/// Undoes every chain of runs, the newest first, and asserts that nothing is left.
fn undo<S: Stage>(stage: &S, moment: &str) {
    let scene = stage.scene();
    let runs = scene.ran(&["runs", "-json"]);
    let runs: Vec<Json> = runs.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let was_resumed = |run: &Json| run["resumed_by"].as_array().is_some_and(|by| !by.is_empty());
    let ends = runs.iter().filter(|run| !was_resumed(run));
    let mut ends: Vec<&str> = ends.filter_map(|run| run["run"].as_str()).collect();
    ends.sort_unstable();
    assert!(!ends.is_empty(), "{moment}");
    for name in ends.into_iter().rev() {
        let undone = scene.ran(&["undo", "-auto-approve", name]);
        let nothing = undone.err.contains("nothing");
        assert!(undone.code == Some(0) || nothing, "{moment}: {}", undone.seen());
    }
    stage.check_undone();
}

/// Numbers that look random and are the same in each run of the tests.
struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Random {
    /// Returns a number from 1 to `last`.
    fn up_to(&mut self, last: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let last = u64::try_from(last.max(1)).expect("small");
        usize::try_from(self.0 % last).expect("small") + 1
    }
}
