//! Holds the work that may start, in lanes by the limits that it counts towards.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::graph::NodeId;
use crate::plan::LimitId;

/// The index of a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LaneId(usize);

impl LaneId {
    /// The lane of work that counts towards no limit, or holds its places in them already.
    pub const UNLIMITED: Self = Self(0);
}

/// The reason why ready work did not start at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// As many nodes ran as the whole run may have.
    Parallelism,
    /// As many nodes ran as this limit admits.
    Limit(LimitId),
}

/// The work with the same limits, the next to start first.
#[derive(Default)]
struct Lane {
    limits: Vec<LimitId>,
    ready: BinaryHeap<(usize, Reverse<NodeId>)>,
    /// The number of times that a limit kept the lane from starting work.
    kept: u64,
    /// The last limit that did.
    kept_by: Option<LimitId>,
}

/// The use of a limit, or of the whole run.
struct Places {
    taken: usize,
    most: usize,
}

impl Places {
    fn new(most: usize) -> Self {
        Self { taken: 0, most: most.max(1) }
    }

    fn is_full(&self) -> bool {
        self.taken >= self.most
    }
}

/// The counts of a lane when work joined it, which show later whether the work had to wait.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ticket {
    full: u64,
    kept: u64,
}

/// The ready work and the running work.
///
/// Work starts only if the whole run and every limit of its lane have a place left, and takes all these places at
/// once. Work that was paused holds its places in limits while it waits for one in the whole run, and never the other way
/// around. So no deadlock can arise.
pub(super) struct Ready {
    run: Places,
    limits: Vec<Places>,
    lanes: Vec<Lane>,
    by_limits: HashMap<Vec<LimitId>, LaneId>,
    /// The number of times that work was ready while the whole run had no place left.
    full: u64,
}

impl Ready {
    /// Returns a queue for at most `most` running nodes, and limits of the given sizes.
    pub fn new(most: usize, limits: impl IntoIterator<Item = usize>) -> Self {
        Self {
            run: Places::new(most),
            limits: limits.into_iter().map(Places::new).collect(),
            lanes: vec![Lane::default()],
            by_limits: HashMap::from([(Vec::new(), LaneId::UNLIMITED)]),
            full: 0,
        }
    }

    /// Returns the lane of work with these limits.
    pub fn lane(&mut self, limits: &[LimitId]) -> LaneId {
        if let Some(lane) = self.by_limits.get(limits) {
            return *lane;
        }
        let lane = LaneId(self.lanes.len());
        self.lanes.push(Lane { limits: limits.to_vec(), ..Lane::default() });
        self.by_limits.insert(limits.to_vec(), lane);
        lane
    }

    /// Adds work to a lane; work of the greatest `height` starts first.
    pub fn push(&mut self, lane: LaneId, height: usize, node: NodeId) -> Ticket {
        let full = self.full;
        let lane = &mut self.lanes[lane.0];
        lane.ready.push((height, Reverse(node)));
        Ticket { full, kept: lane.kept }
    }

    /// Removes work that no longer waits for its places.
    pub fn remove(&mut self, lane: LaneId, node: NodeId) {
        self.lanes[lane.0].ready.retain(|(_, Reverse(other))| *other != node);
    }

    /// Takes the next work for which every place is free, and its places.
    pub fn pop(&mut self) -> Option<NodeId> {
        if self.run.is_full() {
            self.full += u64::from(self.lanes.iter().any(|lane| !lane.ready.is_empty()));
            return None;
        }
        let mut next: Option<usize> = None;
        for at in 0..self.lanes.len() {
            let Some(first) = self.lanes[at].ready.peek() else { continue };
            let full = self.lanes[at].limits.iter().find(|limit| self.limits[limit.index()].is_full());
            if let Some(&limit) = full {
                let lane = &mut self.lanes[at];
                (lane.kept, lane.kept_by) = (lane.kept + 1, Some(limit));
            } else if next.is_none_or(|next| self.lanes[next].ready.peek() < Some(first)) {
                next = Some(at);
            }
        }
        let lane = LaneId(next?);
        let (_, Reverse(node)) = self.lanes[lane.0].ready.pop()?;
        self.run.taken += 1;
        for limit in &self.lanes[lane.0].limits {
            self.limits[limit.index()].taken += 1;
        }
        Some(node)
    }

    /// Gives back the places of running work of a lane.
    pub fn release(&mut self, lane: LaneId) {
        self.pause();
        self.release_limits(lane);
    }

    /// Gives back the place of running work in the whole run.
    pub fn pause(&mut self) {
        self.run.taken -= 1;
    }

    /// Gives back the places in the limits of a lane.
    pub fn release_limits(&mut self, lane: LaneId) {
        for limit in &self.lanes[lane.0].limits {
            self.limits[limit.index()].taken -= 1;
        }
    }

    /// Returns the reason why work that starts now did not start when it joined the lane.
    pub fn kept(&self, lane: LaneId, ticket: Ticket) -> Option<Kept> {
        let lane = &self.lanes[lane.0];
        let by_limit = lane.kept_by.filter(|_| lane.kept > ticket.kept).map(Kept::Limit);
        by_limit.or_else(|| (self.full > ticket.full).then_some(Kept::Parallelism))
    }

    /// Removes all ready work.
    pub fn drain(&mut self) -> impl Iterator<Item = NodeId> {
        self.lanes.iter_mut().flat_map(|lane| lane.ready.drain()).map(|(_, Reverse(node))| node)
    }
}
