//! Limits on the steps that run at once, beside that of the whole run.

use super::*;

/// Returns a schedule with limits of these sizes; `of` has the limits of each step, by their indices.
fn limited(graph: &Graph<Node>, parallelism: usize, sizes: &[usize], of: &[Vec<usize>]) -> Schedule {
    limited_by(graph, parallelism, sizes, of, &[]).0
}

fn limited_by(
    graph: &Graph<Node>,
    parallelism: usize,
    sizes: &[usize],
    of: &[Vec<usize>],
    run_on: &[RunOn],
) -> (Schedule, Skips) {
    let mut schedule = Schedule::new(graph, parallelism, sizes.iter().copied());
    let ids: Vec<Vec<LimitId>> =
        of.iter().map(|limits| limits.iter().copied().map(LimitId::new).collect()).collect();
    let skipped = schedule.take_in(|node| match node {
        Node::Item { item: Item::Step(index), .. } => Some(Terms {
            run_on: run_on.get(*index).copied().unwrap_or_default(),
            limits: ids.get(*index).map_or(&[], Vec::as_slice),
        }),
        _ => None,
    });
    (schedule, skipped)
}

fn kept(schedule: &Schedule, steps: usize) -> Vec<Option<Kept>> {
    (0..steps).map(|step| schedule.kept(NodeId::new(step))).collect()
}

const NONE: [usize; 0] = [];
const LIMITED: Option<Kept> = Some(Kept::Limit(LimitId::new(0)));

#[test]
fn a_limit_of_one_runs_its_steps_in_turn_while_others_go_on() {
    let graph = graph(5, &[]);
    let mut schedule = limited(&graph, 9, &[1], &[vec![0], vec![0], vec![], vec![0], vec![]]);
    assert_eq!(started(&mut schedule), [0, 2, 4]);
    schedule.finish(work(2), Completion::Done);
    assert_eq!(started(&mut schedule), NONE);
    schedule.finish(work(0), Completion::Failed);
    assert_eq!(started(&mut schedule), [1]);
    schedule.finish(work(1), Completion::Done);
    assert_eq!(started(&mut schedule), [3]);
    assert_eq!(kept(&schedule, 5), [None, LIMITED, None, LIMITED, None]);
}

#[test]
fn a_step_in_two_limits_waits_for_both() {
    let graph = graph(3, &[]);
    let mut schedule = limited(&graph, 9, &[1, 1], &[vec![0], vec![1], vec![0, 1]]);
    assert_eq!(started(&mut schedule), [0, 1]);
    schedule.finish(work(1), Completion::Done);
    assert_eq!(started(&mut schedule), NONE);
    schedule.finish(work(0), Completion::Done);
    assert_eq!(started(&mut schedule), [2]);
    assert_eq!(kept(&schedule, 3)[2], LIMITED);
}

#[test]
fn a_parked_step_gives_its_places_back() {
    let graph = graph(3, &[]);
    let mut schedule = limited(&graph, 9, &[1], &[vec![0], vec![0], vec![0]]);
    assert_eq!(started(&mut schedule), [0]);
    schedule.park(NodeId::new(0));
    assert_eq!(started(&mut schedule), [1]);
    schedule.unpark(NodeId::new(0));
    assert_eq!(started(&mut schedule), NONE);
    schedule.finish(work(1), Completion::Done);
    assert_eq!(started(&mut schedule), [0], "declared first");
    schedule.finish(work(0), Completion::Done);
    assert_eq!(started(&mut schedule), [2]);
}

#[test]
fn a_paused_step_keeps_its_places_in_limits_and_gives_back_that_in_the_run() {
    let graph = graph(4, &[]);
    let mut schedule = limited(&graph, 1, &[1], &[vec![0], vec![0], vec![], vec![]]);
    assert_eq!(started(&mut schedule), [0]);
    schedule.pause(NodeId::new(0));
    assert_eq!(started(&mut schedule), [2], "the limit is full, and the run is not");
    schedule.resume(NodeId::new(0));
    assert_eq!(started(&mut schedule), NONE);
    schedule.finish(work(2), Completion::Done);
    assert_eq!(started(&mut schedule), [0], "it needs no second place in its limit");
    schedule.pause(NodeId::new(0));
    schedule.finish(work(0), Completion::Failed);
    assert_eq!(started(&mut schedule), [1], "an aborted step leaves no place taken");
    schedule.pause(NodeId::new(1));
    schedule.resume(NodeId::new(1));
    assert_eq!(schedule.stop(Stop::Work), [skip(3, Skip::Stopped)]);
    assert_eq!(started(&mut schedule), [1], "its change is under way");
}

#[test]
fn withheld_work_ends_like_a_dependent_of_the_failed_step() {
    let graph = graph(4, &[(0, 3), (1, 2), (1, 3)]);
    let run_on = [RunOn::Success, RunOn::Success, RunOn::Success, RunOn::Always];
    let of = [vec![0], vec![0], vec![], vec![]];
    let (mut schedule, _) = limited_by(&graph, 9, &[1], &of, &run_on);
    assert_eq!(started(&mut schedule), [0]);
    schedule.finish(work(0), Completion::Failed);
    assert_eq!(started(&mut schedule), [1]);
    let skipped = schedule.withhold(NodeId::new(1), NodeId::new(0));
    assert_eq!(skipped, [skip(2, Skip::Failed(NodeId::new(0)))]);
    assert_eq!(started(&mut schedule), [3], "cleanup runs");
}

#[test]
fn the_longest_way_starts_first_among_those_with_a_place() {
    // 2 → 4 is longest, and its limit is taken by 0.
    let graph = graph(5, &[(2, 4), (0, 3)]);
    let mut schedule = limited(&graph, 2, &[1], &[vec![0], vec![], vec![0], vec![], vec![]]);
    assert_eq!(started(&mut schedule), [0, 1]);
    schedule.finish(work(0), Completion::Done);
    assert_eq!(started(&mut schedule), [2]);
    assert_eq!(kept(&schedule, 3)[2], LIMITED);
}

#[test]
fn cleanup_in_a_limit_runs_after_a_stop() {
    let graph = graph(3, &[(0, 2)]);
    let run_on = [RunOn::Success, RunOn::Success, RunOn::Always];
    let of = [vec![0], vec![0], vec![0]];
    let (mut schedule, _) = limited_by(&graph, 9, &[1], &of, &run_on);
    assert_eq!(started(&mut schedule), [0]);
    assert_eq!(schedule.stop(Stop::Work), [skip(1, Skip::Stopped)]);
    schedule.finish(work(0), Completion::Failed);
    assert_eq!(started(&mut schedule), [2]);
}

/// The work of a run, which ends, parks and pauses as a random choice says.
struct Workers {
    running: Vec<Start>,
    parked: Vec<NodeId>,
    /// Work whose future waits.
    paused: Vec<NodeId>,
    /// Work that waits for its place in the run, to continue.
    resumed: Vec<NodeId>,
}

impl Workers {
    /// Returns the number of nodes that hold a place in a limit.
    fn taken(&self, of: &[Vec<usize>], limit: usize) -> usize {
        let running = self.running.iter().map(|start| start.node());
        let holding = running.chain(self.paused.iter().copied()).chain(self.resumed.iter().copied());
        holding.filter(|node| of[node.index()].contains(&limit)).count()
    }

    /// Parks, pauses or continues work, if `act` says so or nothing else is left to do; returns true if it did.
    fn moved(&mut self, schedule: &mut Schedule, pick: Index, act: u8) -> bool {
        let is_idle = self.running.is_empty();
        if !self.parked.is_empty() && (act == 0 || is_idle) {
            schedule.unpark(self.parked.swap_remove(pick.index(self.parked.len())));
        } else if !self.paused.is_empty() && (act == 1 || is_idle) {
            let node = self.paused.swap_remove(pick.index(self.paused.len()));
            schedule.resume(node);
            self.resumed.push(node);
        } else if act < 4 && !is_idle {
            let node = self.running.swap_remove(pick.index(self.running.len())).node();
            if act.is_multiple_of(2) {
                schedule.park(node);
                self.parked.push(node);
            } else {
                schedule.pause(node);
                self.paused.push(node);
            }
        } else {
            return false;
        }
        true
    }
}

proptest! {
    /// For all graphs, limits, failures, orders of ends and pauses: no limit is exceeded, every edge is respected,
    /// each step has the result that its own rule requires, and a step that could start does.
    #[test]
    fn the_laws_of_limits(
        (steps, edges) in dag(),
        roles in prop::collection::vec(role(), 30),
        parallelism in prop_oneof![1..5usize, Just(usize::MAX)],
        sizes in prop::collection::vec(1..4usize, 3),
        of in prop::collection::vec(prop::collection::btree_set(0..3usize, 0..3), 30),
        picks in prop::collection::vec((any::<Index>(), 0..10u8), 200),
    ) {
        let graph = graph(steps, &edges);
        let roles = &roles[..steps];
        let of: Vec<Vec<usize>> = of.into_iter().map(|limits| limits.into_iter().collect()).collect();
        let run_on: Vec<RunOn> = roles.iter().map(|role| role.run_on).collect();
        let (mut schedule, mut skipped) = limited_by(&graph, parallelism, &sizes, &of, &run_on);
        let mut workers = Workers { running: vec![], parked: vec![], paused: vec![], resumed: vec![] };
        let mut ended = vec![false; steps];
        for (id, _) in &skipped {
            ended[id.index()] = true;
        }
        let mut picks = picks.into_iter().chain(std::iter::repeat((any_index(), 9)));
        loop {
            while let Some(start) = schedule.start() {
                let needs: Vec<_> = schedule.graph().needs(start.node()).collect();
                prop_assert!(needs.iter().all(|needed| ended[needed.index()]));
                workers.resumed.retain(|node| *node != start.node());
                workers.running.push(start);
            }
            let is_full = workers.running.len() >= parallelism;
            prop_assert!(workers.running.len() <= parallelism && (is_full || workers.resumed.is_empty()));
            prop_assert!((0..sizes.len()).all(|limit| workers.taken(&of, limit) <= sizes[limit]));
            let has_place = |at: usize| !is_full && of[at].iter().all(|&limit| workers.taken(&of, limit) < sizes[limit]);
            for at in 0..steps {
                let state = &schedule.nodes[at];
                let is_ready = state.phase == Phase::Waiting && state.waits == 0;
                prop_assert!(!is_ready || !has_place(at), "{at} has a place and did not start");
            }
            let Some((pick, act)) = picks.next() else { break };
            if workers.moved(&mut schedule, pick, act) {
                continue;
            }
            if workers.running.is_empty() {
                break;
            }
            let start = workers.running.swap_remove(pick.index(workers.running.len()));
            ended[start.node().index()] = true;
            let fails = roles[start.node().index()].fails;
            let completion = if fails { Completion::Failed } else { Completion::Done };
            for (id, skip) in schedule.finish(start, completion) {
                ended[id.index()] = true;
                skipped.push((id, skip));
            }
        }
        let mut found = vec![None; steps];
        for &(id, skip) in &skipped {
            found[id.index()] = Some(skip);
        }
        prop_assert_eq!(&found, &expected(&graph, roles));
        prop_assert!(schedule.nodes.iter().all(|node| node.phase == Phase::Ended));
    }
}

/// Returns an index that picks the first element.
fn any_index() -> Index {
    use proptest::strategy::ValueTree;
    any::<Index>()
        .new_tree(&mut proptest::test_runner::TestRunner::deterministic())
        .expect("an index")
        .current()
}
