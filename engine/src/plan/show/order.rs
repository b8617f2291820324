//! Puts the steps of a listing in the order in which a run starts them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::plan::listing::ListedStep;

/// Returns the steps in an order in which a run with one place could start them: each after the steps that it waits for, and
/// among those that are ready, the first of the runbook.
///
/// The listing may come from an untrusted file: steps that wait for each other come last, in the order of the runbook.
pub fn in_order(steps: Vec<ListedStep>) -> Vec<ListedStep> {
    let order = order(&steps);
    let mut steps: Vec<Option<ListedStep>> = steps.into_iter().map(Some).collect();
    let mut taken = |at: usize| steps.get_mut(at).and_then(Option::take);
    let mut sorted: Vec<ListedStep> = order.into_iter().filter_map(&mut taken).collect();
    sorted.extend(steps.into_iter().flatten());
    sorted
}

/// Returns the positions of the steps that can be put in order.
fn order(steps: &[ListedStep]) -> Vec<usize> {
    // What is waited for is a step, or a block or a module whose steps have all ended: a group.
    let mut groups: HashMap<&str, usize> = HashMap::new();
    for needed in steps.iter().flat_map(|step| &step.after) {
        let next = groups.len();
        groups.entry(needed).or_insert(next);
    }
    let mut waiters: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
    let mut open = vec![0_usize; groups.len()];
    let mut member_of: Vec<Vec<usize>> = Vec::with_capacity(steps.len());
    for (at, step) in steps.iter().enumerate() {
        for needed in &step.after {
            waiters[groups[needed.as_str()]].push(at);
        }
        let of: Vec<usize> = beginnings(&step.address).filter_map(|name| groups.get(name).copied()).collect();
        for group in &of {
            open[*group] += 1;
        }
        member_of.push(of);
    }
    let is_open = |group: &usize, open: &[usize]| open[*group] > 0;
    let mut waits: Vec<usize> = steps
        .iter()
        .map(|step| step.after.iter().filter(|needed| is_open(&groups[needed.as_str()], &open)).count())
        .collect();
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..steps.len()).filter(|at| waits[*at] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(steps.len());
    while let Some(Reverse(at)) = ready.pop() {
        order.push(at);
        for group in &member_of[at] {
            open[*group] -= 1;
            if open[*group] > 0 {
                continue;
            }
            for waiter in &waiters[*group] {
                waits[*waiter] -= 1;
                if waits[*waiter] == 0 {
                    ready.push(Reverse(*waiter));
                }
            }
        }
    }
    order
}

/// Returns an address and its beginnings that may be those of a block or a module.
fn beginnings(address: &str) -> impl Iterator<Item = &str> {
    let ends = address.match_indices(['.', '[']).map(|(at, _)| at);
    ends.chain([address.len()]).map(|end| &address[..end])
}
