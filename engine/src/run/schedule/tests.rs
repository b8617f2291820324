use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::graph::{Acting, Edge, ModuleId};
use crate::step::Audience;

mod limits;

fn step(index: usize) -> Node {
    Node::only(ModuleId::ROOT, Item::Step(index))
}

fn graph(steps: usize, edges: &[(usize, usize)]) -> Graph<Node> {
    let mut graph = Graph::default();
    let ids: Vec<_> = (0..steps).map(|index| graph.node(step(index))).collect();
    for &(from, to) in edges {
        graph.connect(ids[from], ids[to], Edge::Part);
    }
    graph
}

/// Returns a schedule of steps with these `run_on`; missing ones run after success.
fn schedule(graph: &Graph<Node>, limit: usize, run_on: &[RunOn]) -> (Schedule, Skips) {
    let mut schedule = Schedule::new(graph, limit, []);
    let skipped = schedule.take_in(|node| match node {
        Node::Item { item: Item::Step(index), .. } => Some(run_on.get(*index).copied().unwrap_or_default()),
        _ => Some(RunOn::Success),
    });
    (schedule, skipped)
}

type Skips = Vec<(NodeId, Skip)>;

fn plain(graph: &Graph<Node>, limit: usize) -> Schedule {
    schedule(graph, limit, &[]).0
}

fn started(schedule: &mut Schedule) -> Vec<usize> {
    std::iter::from_fn(|| schedule.start()).map(|start| start.node().index()).collect()
}

fn work(index: usize) -> Start {
    Start::Work(NodeId::new(index))
}

fn skip(index: usize, skip: Skip) -> (NodeId, Skip) {
    (NodeId::new(index), skip)
}

fn failed(index: usize) -> Skip {
    Skip::Failed(NodeId::new(index))
}

/// Returns the token of the machine for an audience.
fn token(audience: &str) -> Node {
    Node::Token { acting: Acting::Machine, audience: Audience::new(audience) }
}

#[test]
fn what_was_waited_for_last_is_work_be_it_through_what_is_computed() {
    for (order, expected) in [([0, 1], 1), ([1, 0], 0)] {
        let mut graph = graph(3, &[(1, 2)]);
        let local = graph.node(Node::only(ModuleId::ROOT, Item::Local(0)));
        graph.connect(NodeId::new(0), local, Edge::Part);
        graph.connect(local, NodeId::new(2), Edge::Part);
        let mut schedule = plain(&graph, 2);
        started(&mut schedule);
        for step in order {
            schedule.finish(work(step), Completion::Done);
            if let Some(compute @ Start::Compute(_)) = schedule.start() {
                schedule.finish(compute, Completion::Done);
            }
        }
        assert_eq!(schedule.after(NodeId::new(2)), Some(NodeId::new(expected)), "{order:?}");
    }
}

#[test]
fn what_was_given_is_read_until_all_that_waits_for_it_has_ended() {
    // 0 → 1 → 2, 0 → 3; 2 is a placeholder.
    let graph = graph(4, &[(0, 1), (1, 2), (0, 3)]);
    let mut schedule = Schedule::new(&graph, 4, []);
    let is_template = |node: &Node| matches!(node, Node::Item { item: Item::Step(2), .. });
    schedule.take_in(|node| (!is_template(node)).then_some(RunOn::Success));
    let mut unread = Vec::new();
    for step in [0, 3, 1] {
        started(&mut schedule);
        schedule.finish(work(step), Completion::Done);
        unread.push(schedule.unread().into_iter().map(NodeId::index).collect::<Vec<_>>());
    }
    assert_eq!(unread, [vec![], vec![3], vec![0]], "1 is kept for what 2 stands for");
}

#[test]
fn the_longest_way_starts_first() {
    let mut schedule = plain(&graph(4, &[(1, 2), (2, 3)]), 1);
    assert_eq!(started(&mut schedule), [1]);
}

#[test]
fn only_what_was_ready_while_all_places_were_taken_was_kept() {
    let graph = graph(4, &[(0, 3)]);
    let mut schedule = plain(&graph, 2);
    assert_eq!(started(&mut schedule), [0, 1]);
    schedule.finish(work(0), Completion::Done);
    assert_eq!(started(&mut schedule), [2]);
    schedule.finish(work(1), Completion::Done);
    schedule.finish(work(2), Completion::Done);
    assert_eq!(started(&mut schedule), [3]);
    let kept = [0, 1, 2, 3].map(|node| schedule.kept(NodeId::new(node)).is_some());
    assert_eq!(kept, [false, false, true, true], "3 was ready while 1 and 2 were at work");

    let mut schedule = plain(&graph, 9);
    assert_eq!(started(&mut schedule), [0, 1, 2]);
    schedule.finish(work(0), Completion::Done);
    assert_eq!(started(&mut schedule), [3]);
    assert!(schedule.kept(NodeId::new(3)).is_none());
}

#[test]
fn what_waits_for_a_failure_never_starts() {
    let mut schedule = plain(&graph(5, &[(0, 1), (1, 2), (3, 4)]), 10);
    assert_eq!(started(&mut schedule), [0, 3]);
    let skipped = schedule.finish(work(0), Completion::Failed);
    assert_eq!(skipped, [skip(1, failed(0)), skip(2, failed(0))]);
    assert_eq!(schedule.finish(work(3), Completion::Done), []);
    assert_eq!(started(&mut schedule), [4]);
}

#[test]
fn cleanup_waits_for_the_end_of_all_and_hands_the_trouble_on() {
    // 2 cleans up 0 and 1; so does 3, after a failure. 4 follows the cleanup.
    let graph = graph(5, &[(0, 2), (1, 2), (0, 3), (1, 3), (2, 4)]);
    let run_on = [RunOn::Success, RunOn::Success, RunOn::Always, RunOn::Failure, RunOn::Success];
    let (mut bad, _) = schedule(&graph, 10, &run_on);
    assert_eq!(started(&mut bad), [0, 1]);
    assert_eq!(bad.finish(work(0), Completion::Failed), []);
    assert_eq!(started(&mut bad), [0; 0], "1 is not over yet");
    assert_eq!(bad.finish(work(1), Completion::Done), []);
    assert_eq!(started(&mut bad), [2, 3]);
    assert_eq!(bad.finish(work(2), Completion::Done), [skip(4, failed(0))]);

    let (mut good, _) = schedule(&graph, 10, &run_on);
    started(&mut good);
    assert_eq!(good.finish(work(0), Completion::Done), []);
    assert_eq!(good.finish(work(1), Completion::Done), [skip(3, Skip::Unneeded)]);
    assert_eq!(started(&mut good), [2]);
}

#[test]
fn what_is_left_out_hands_on_the_order_and_the_trouble() {
    // 1 lies between 0 and the cleanup 2; 3 is alone.
    let graph = graph(4, &[(0, 1), (1, 2)]);
    let run_on = |node: &Node| match node {
        Node::Item { item: Item::Step(2), .. } => Some(RunOn::Failure),
        _ => Some(RunOn::Success),
    };
    for (completion, expected) in [(Completion::Failed, vec![2]), (Completion::Done, vec![])] {
        let mut schedule = Schedule::new(&graph, 10, []);
        schedule.leave_out([NodeId::new(1), NodeId::new(3)]);
        assert_eq!(schedule.take_in(run_on), [skip(3, Skip::LeftOut)]);
        assert_eq!(started(&mut schedule), [0]);
        let skipped = schedule.finish(work(0), completion);
        assert_eq!(skipped[0], skip(1, Skip::LeftOut));
        assert_eq!(started(&mut schedule), expected);
    }
}

#[test]
fn nothing_is_cleaned_up_without_its_token_or_the_place_it_is_in() {
    let mut graph = graph(2, &[]);
    let token = graph.node(token("a"));
    graph.connect(NodeId::new(0), NodeId::new(1), Edge::Part);
    graph.connect(token, NodeId::new(1), Edge::Token);
    let (mut schedule, _) = schedule(&graph, 10, &[RunOn::Success, RunOn::Always]);
    started(&mut schedule);
    assert_eq!(schedule.finish(Start::Work(token), Completion::Failed), []);
    let skipped = schedule.finish(work(0), Completion::Done);
    assert_eq!(skipped, [skip(1, Skip::Failed(token))]);
}

#[test]
fn cleanup_that_is_not_run_says_what_it_is_without() {
    let mut graph = graph(2, &[]);
    let token = graph.node(token("a"));
    graph.connect(NodeId::new(0), NodeId::new(1), Edge::Part);
    graph.connect(token, NodeId::new(1), Edge::Token);
    // The failed step before it is not among the reasons.
    for (stop, expected) in [(None, Skip::Failed(token)), (Some(Stop::Everything), Skip::Stopped)] {
        let (mut schedule, _) = schedule(&graph, 10, &[RunOn::Success, RunOn::Always]);
        started(&mut schedule);
        if let Some(stop) = stop {
            assert_eq!(schedule.stop(stop), []);
        }
        assert_eq!(schedule.finish(work(0), Completion::Failed), []);
        let skipped = schedule.finish(Start::Work(token), Completion::Failed);
        assert_eq!(skipped, [skip(1, expected)], "{stop:?}");
    }
}

#[test]
fn once_stopped_only_cleanup_starts() {
    let graph = graph(4, &[(0, 1), (1, 2), (2, 3)]);
    let run_on = [RunOn::Success, RunOn::Success, RunOn::Failure, RunOn::Always];
    let (mut schedule, _) = schedule(&graph, 10, &run_on);
    started(&mut schedule);
    assert_eq!(schedule.stop(Stop::Work), []);
    assert_eq!(schedule.finish(work(0), Completion::Done), [skip(1, Skip::Stopped)]);
    assert_eq!(started(&mut schedule), [2], "what was stopped is cleaned up like what failed");
    assert_eq!(schedule.stop(Stop::Everything), []);
    assert_eq!(schedule.finish(work(2), Completion::Done), [skip(3, Skip::Stopped)]);
}

#[test]
fn a_token_for_cleanup_is_fetched_even_when_stopped() {
    let mut graph = graph(2, &[]);
    let tokens: Vec<_> = ["a", "b"].map(token).into();
    for (step, token) in tokens.iter().enumerate() {
        let token = graph.node(token.clone());
        graph.connect(token, NodeId::new(step), Edge::Token);
    }
    let (mut schedule, _) = schedule(&graph, 10, &[RunOn::Success, RunOn::Always]);
    assert_eq!(schedule.stop(Stop::Work), [skip(2, Skip::Stopped), skip(0, Skip::Stopped)]);
    assert_eq!(started(&mut schedule), [3]);
    schedule.finish(work(3), Completion::Done);
    assert_eq!(started(&mut schedule), [1]);
}

#[test]
fn what_rests_leaves_its_place_to_others() {
    let mut schedule = plain(&graph(2, &[]), 1);
    assert_eq!(started(&mut schedule), [0]);
    schedule.park(NodeId::new(0));
    assert_eq!(started(&mut schedule), [1]);
    assert_eq!(schedule.unpark(NodeId::new(0)), []);
    assert_eq!(started(&mut schedule), [0; 0]);
    schedule.finish(work(1), Completion::Done);
    assert_eq!(started(&mut schedule), [0]);
}

/// Generates an acyclic graph: edges go from lower to higher numbers.
fn dag() -> impl Strategy<Value = (usize, Vec<(usize, usize)>)> {
    (1..30usize).prop_flat_map(|steps| {
        let edge = (0..steps, 1..steps).prop_map(move |(a, ahead)| {
            let b = (a + ahead) % steps;
            (a.min(b), a.max(b))
        });
        let edges =
            if steps == 1 { Just(Vec::new()).boxed() } else { prop::collection::vec(edge, 0..60).boxed() };
        (Just(steps), edges)
    })
}

/// The `run_on` of a step and its simulated result.
#[derive(Clone, Debug)]
struct Role {
    run_on: RunOn,
    fails: bool,
    takes: u64,
}

fn role() -> impl Strategy<Value = Role> {
    let run_on = prop_oneof![4 => Just(RunOn::Success), 1 => Just(RunOn::Failure), 1 => Just(RunOn::Always)];
    (run_on, prop::bool::weighted(0.2), 1..1000u64).prop_map(|(run_on, fails, takes)| Role {
        run_on,
        fails,
        takes,
    })
}

/// Returns the expected result of each node in any order of ends; none for one that runs.
fn expected(graph: &Graph<Node>, roles: &[Role]) -> Vec<Option<Skip>> {
    let mut troubles: Vec<Option<NodeId>> = Vec::new();
    let mut fates = Vec::new();
    for (id, _) in graph.nodes() {
        let Role { run_on, fails, .. } = roles[id.index()];
        let before = graph.needs(id).filter_map(|needed| troubles[needed.index()]).min();
        let fate = match (run_on, before) {
            (RunOn::Success, Some(node)) => Some(Skip::Failed(node)),
            (RunOn::Failure, None) => Some(Skip::Unneeded),
            _ => None,
        };
        let own = (fate.is_none() && fails).then_some(id);
        troubles.push(before.into_iter().chain(own).min());
        fates.push(fate);
    }
    fates
}

/// Runs a schedule with a simulated clock; `order` breaks ties between ends. Returns the duration.
fn simulate(
    schedule: &mut Schedule,
    roles: &[Role],
    limit: usize,
    skipped: &mut Skips,
    order: impl Fn(usize) -> u64,
) -> u64 {
    let mut running = BTreeMap::new();
    let mut ended = vec![false; roles.len()];
    let mut now = 0;
    for (id, _) in skipped.iter() {
        ended[id.index()] = true;
    }
    loop {
        while let Some(start) = schedule.start() {
            let at = start.node().index();
            let needs: Vec<_> = schedule.graph().needs(start.node()).collect();
            assert!(needs.iter().all(|needed| ended[needed.index()]), "{at} started too early");
            running.insert((now + roles[at].takes, order(at), at), start);
        }
        assert!(running.len() <= limit);
        let Some(((time, _, at), start)) = running.pop_first() else { return now };
        now = time;
        ended[at] = true;
        let completion = if roles[at].fails { Completion::Failed } else { Completion::Done };
        for (id, skip) in schedule.finish(start, completion) {
            assert!(!std::mem::replace(&mut ended[id.index()], true), "{id:?} ended twice");
            skipped.push((id, skip));
        }
    }
}

/// Returns the duration of the longest chain of steps that run.
fn critical_path(graph: &Graph<Node>, roles: &[Role], fates: &[Option<Skip>]) -> u64 {
    let mut ends: Vec<u64> = Vec::new();
    for (id, _) in graph.nodes() {
        let begins = graph.needs(id).map(|needed| ends[needed.index()]).max().unwrap_or(0);
        ends.push(begins + if fates[id.index()].is_none() { roles[id.index()].takes } else { 0 });
    }
    ends.into_iter().max().unwrap_or(0)
}

proptest! {
    /// For all durations and failures: each step has the result that its own rule requires, every edge is
    /// respected, the limit holds, and with unlimited places the duration is that of the longest chain.
    #[test]
    fn the_laws_of_a_schedule(
        (steps, edges) in dag(),
        roles in prop::collection::vec(role(), 30),
        limit in prop_oneof![1..5usize, Just(usize::MAX)],
        seed in any::<u64>(),
    ) {
        let graph = graph(steps, &edges);
        let roles = &roles[..steps];
        let run_on: Vec<RunOn> = roles.iter().map(|role| role.run_on).collect();
        let (mut schedule, mut skipped) = schedule(&graph, limit, &run_on);
        let order = |at: usize| seed.rotate_left(u32::try_from(at).unwrap()) ^ at as u64;
        let took = simulate(&mut schedule, roles, limit, &mut skipped, order);
        let fates = expected(&graph, roles);
        let mut found = vec![None; steps];
        for &(id, skip) in &skipped {
            found[id.index()] = Some(skip);
        }
        prop_assert_eq!(&found, &fates);
        prop_assert!(schedule.nodes.iter().all(|node| node.phase == Phase::Ended));
        if limit == usize::MAX {
            prop_assert_eq!(took, critical_path(&graph, roles, &fates));
        }
    }

    /// A run stopped at any time starts only cleanup, ends every node, and runs all cleanup that must run.
    #[test]
    fn the_laws_of_a_schedule_that_is_stopped(
        (steps, edges) in dag(),
        roles in prop::collection::vec(role(), 30),
        limit in 1..5usize,
        picks in prop::collection::vec(any::<Index>(), 30),
        stop_after in 0..30usize,
    ) {
        let graph = graph(steps, &edges);
        let run_on: Vec<RunOn> = roles.iter().map(|role| role.run_on).collect();
        let (mut schedule, mut skipped) = schedule(&graph, limit, &run_on);
        let (mut running, mut run) = (Vec::new(), Vec::new());
        for (number, pick) in picks.into_iter().enumerate() {
            if number == stop_after {
                skipped.extend(schedule.stop(Stop::Work));
            }
            while let Some(start) = schedule.start() {
                let at = start.node().index();
                prop_assert!(number < stop_after || run_on[at].is_cleanup());
                running.push(start);
                run.push(at);
            }
            prop_assert!(running.len() <= limit);
            if !running.is_empty() {
                let start = running.swap_remove(pick.index(running.len()));
                let fails = roles[start.node().index()].fails;
                let completion = if fails { Completion::Failed } else { Completion::Done };
                skipped.extend(schedule.finish(start, completion));
            }
        }
        prop_assert!(running.is_empty());
        prop_assert_eq!(run.len() + skipped.len(), steps);
        prop_assert!((0..steps).all(|at| run_on[at] != RunOn::Always || run.contains(&at)));
    }
}
