//! Finds the critical path of a run: the steps that determined its duration.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::graph::NodeId;
use crate::plan::LimitId;
use crate::redact::Redact;

use super::Kept;

/// The maximum number of links reported; of a longer path, the longest links.
const TOLD: usize = 100;

/// The steps and tokens that determined the duration of a run: the one that ended last, the last dependency
/// that it waited for, and so on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriticalPath {
    /// The links of the path in order; of more than 100, the longest.
    pub links: Vec<Link>,
    /// The total number of links.
    pub length: usize,
    /// The total duration of the links.
    pub milliseconds: u64,
    /// The total time for which links were ready and waited for a place under `-parallelism` or a limit.
    pub queued_milliseconds: u64,
}

/// A step or token on the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The address.
    pub address: String,
    /// The duration.
    pub milliseconds: u64,
    /// The time for which it was ready and waited for a place under `-parallelism` or a limit.
    pub queued_milliseconds: u64,
    /// The limit that it waited for last, if not for `-parallelism`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_for: Option<String>,
}

/// The shortest reported wait for a place, in microseconds; shorter ones are the engine's own overhead.
const SHORT: u64 = 1_000;

/// The times at which nodes were ready, began and ended, in microseconds since the start of the run.
#[derive(Default)]
pub struct Times {
    /// The time at which the first nodes were ready.
    opened: u64,
    nodes: Vec<Option<Time>>,
    /// The node that ended last.
    last: Option<NodeId>,
}

#[derive(Clone, Copy)]
struct Time {
    after: Option<NodeId>,
    kept: Option<Kept>,
    ready: u64,
    began: u64,
    ended: u64,
}

impl Time {
    fn took(&self) -> u64 {
        self.ended.saturating_sub(self.began)
    }

    fn queued(&self) -> u64 {
        let queued = self.began.saturating_sub(self.ready);
        if queued < SHORT { 0 } else { queued }
    }

    /// Returns the limit that it waited for, if it waited long enough to be reported.
    fn queued_for(&self) -> Option<LimitId> {
        match self.kept {
            Some(Kept::Limit(limit)) if self.queued() > 0 => Some(limit),
            _ => None,
        }
    }
}

impl Times {
    /// Records the time at which nodes without dependencies may begin.
    pub fn open(&mut self, now: u64) {
        self.opened = now;
    }

    /// Records that a node begins, whose last dependency was `after`, and which then waited because of `kept`. A
    /// node that has begun before keeps its first time.
    pub fn begin(&mut self, node: NodeId, after: Option<NodeId>, kept: Option<Kept>, now: u64) {
        if self.nodes.len() <= node.index() {
            self.nodes.resize(node.index() + 1, None);
        }
        let freed = after.and_then(|after| self.get(after)).map_or(self.opened, |time| time.ended);
        // Without a wait for a place, the gap is the engine's own overhead.
        let ready = if kept.is_some() { freed } else { now };
        self.nodes[node.index()].get_or_insert(Time { after, kept, ready, began: now, ended: now });
    }

    /// Records that a node ends.
    pub fn end(&mut self, node: NodeId, now: u64) {
        if let Some(Some(time)) = self.nodes.get_mut(node.index()) {
            time.ended = now;
            self.last = Some(node);
        }
    }

    /// Returns the time since a node began.
    pub fn since(&self, node: NodeId, now: u64) -> u64 {
        self.get(node).map_or(0, |time| now.saturating_sub(time.began))
    }

    /// Returns the time for which a node was ready and waited for a place.
    pub fn queued(&self, node: NodeId) -> u64 {
        self.get(node).map_or(0, Time::queued)
    }

    /// Returns the limit that a node waited for, if not for `-parallelism`.
    pub fn queued_for(&self, node: NodeId) -> Option<LimitId> {
        self.get(node).and_then(Time::queued_for)
    }

    fn get(&self, node: NodeId) -> Option<&Time> {
        self.nodes.get(node.index())?.as_ref()
    }

    /// Returns the critical path, with the addresses of its nodes and the names of limits.
    pub fn critical_path(
        &self,
        address: impl Fn(NodeId) -> String,
        limit: impl Fn(LimitId) -> String,
    ) -> CriticalPath {
        let next = |(_, time): &(NodeId, &Time)| self.timed(time.after?);
        let mut path: Vec<(NodeId, &Time)> =
            std::iter::successors(self.last.and_then(|last| self.timed(last)), next).collect();
        path.reverse();
        let sum = |of: fn(&Time) -> u64| path.iter().map(|(_, time)| of(time)).sum::<u64>() / 1_000;
        let (length, milliseconds, queued_milliseconds) = (path.len(), sum(Time::took), sum(Time::queued));
        if length > TOLD {
            let mut longest: Vec<usize> = (0..length).collect();
            longest.sort_by_key(|&at| Reverse(path[at].1.took()));
            longest.truncate(TOLD);
            longest.sort_unstable();
            path = longest.into_iter().map(|at| path[at]).collect();
        }
        let link = |(node, time): (NodeId, &Time)| Link {
            address: address(node),
            milliseconds: time.took() / 1_000,
            queued_milliseconds: time.queued() / 1_000,
            queued_for: time.queued_for().map(&limit),
        };
        CriticalPath {
            links: path.into_iter().map(link).collect(),
            length,
            milliseconds,
            queued_milliseconds,
        }
    }

    fn timed(&self, node: NodeId) -> Option<(NodeId, &Time)> {
        Some((node, self.get(node)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the times of nodes `(after, began, ended)`, given in milliseconds and in the order of their
    /// ends.
    fn times(nodes: &[(Option<usize>, u64, u64)]) -> Times {
        let mut times = Times::default();
        for (at, &(after, began, _)) in nodes.iter().enumerate() {
            if let Some(after) = after {
                times.end(NodeId::new(after), nodes[after].2 * 1_000);
            }
            times.begin(NodeId::new(at), after.map(NodeId::new), Some(Kept::Parallelism), began * 1_000);
        }
        let mut ends: Vec<usize> = (0..nodes.len()).collect();
        ends.sort_by_key(|&at| nodes[at].2);
        for at in ends {
            times.end(NodeId::new(at), nodes[at].2 * 1_000);
        }
        times
    }

    fn told(path: &CriticalPath) -> Vec<(&str, u64, u64)> {
        let link = |link: &'_ Link| (link.milliseconds, link.queued_milliseconds);
        path.links.iter().map(|each| (each.address.as_str(), link(each).0, link(each).1)).collect()
    }

    #[test]
    fn it_leads_from_the_last_end_back_to_what_was_waited_for() {
        let path = times(&[(None, 0, 30), (None, 0, 100), (Some(0), 30, 80), (Some(1), 140, 150)])
            .critical_path(|node| node.index().to_string(), |_| String::new());
        assert_eq!(told(&path), [("1", 100, 0), ("3", 10, 40)]);
        assert_eq!((path.length, path.milliseconds, path.queued_milliseconds), (2, 110, 40));
    }

    #[test]
    fn only_what_was_kept_waited_for_a_place() {
        for (kept, expected) in [(Some(Kept::Parallelism), 5_000), (None, 0)] {
            let mut times = Times::default();
            times.begin(NodeId::new(0), None, kept, 5_000);
            assert_eq!(times.queued(NodeId::new(0)), expected);
        }
    }

    #[test]
    fn of_a_long_one_the_longest_links_are_told() {
        let mut nodes = vec![(None, 0, 5)];
        for at in 1..1_000_u64 {
            let began = nodes.last().map_or(0, |&(_, _, ended)| ended);
            nodes.push((Some(nodes.len() - 1), began, began + if at >= 950 { 7 } else { 1 }));
        }
        let path = times(&nodes).critical_path(|node| node.index().to_string(), |_| String::new());
        assert_eq!((path.length, path.links.len()), (1_000, TOLD));
        assert_eq!(path.links.iter().filter(|link| link.milliseconds == 7).count(), 50);
        assert_eq!(path.links[0].address, "0");
    }

    #[test]
    fn without_work_there_is_none() {
        assert_eq!(
            Times::default().critical_path(|_| String::new(), |_| String::new()),
            CriticalPath::default()
        );
    }
}
