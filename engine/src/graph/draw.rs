//! Draws the graph: the boxes and arrows that other programs lay out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::outcome::Outcome;
use crate::redact::Redact;
use crate::step::Effect;

/// A drawing of steps, tokens, checks and outputs, in waves; computed values are passed through, and the
/// instances of a block are folded into one box.
pub struct Drawing {
    pub(super) boxes: Vec<Shape>,
    pub(super) arrows: BTreeSet<(usize, usize)>,
    /// The arrows along which a secret goes.
    pub(super) secrets: BTreeSet<(usize, usize)>,
}

/// A box of a drawing.
pub(super) struct Shape {
    pub label: String,
    pub kind: Kind,
    /// The number of boxes before it on the longest path to it.
    pub wave: usize,
    /// The address of the block.
    pub block: String,
    /// The number of instances that it stands for.
    pub count: usize,
    /// The words for its boxes, if it stands for several.
    pub folded: Option<String>,
    /// The number of instances with each outcome, in a drawing of a run.
    pub outcomes: BTreeMap<Outcome, usize>,
}

/// The kind of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A step that did not begin, so that a record does not say what it does.
    NotRun,
    /// A step that computes.
    Computes,
    /// A step that reads.
    Reads,
    /// A step that changes something.
    Changes,
    /// A token.
    Token,
    /// A check.
    Check,
    /// An output.
    Output,
}

impl Kind {
    /// The kinds of steps, with the words of the legend.
    pub(super) const STEPS: [(Self, &str); 3] =
        [(Self::Reads, "reads"), (Self::Changes, "changes something"), (Self::Computes, "computes")];

    /// Returns the kind of a step with that effect.
    #[must_use]
    pub const fn of(effect: Effect) -> Self {
        match effect {
            Effect::Nothing => Self::Computes,
            Effect::Reads => Self::Reads,
            Effect::Changes => Self::Changes,
        }
    }
}

impl Drawing {
    /// Sorts the boxes into waves. A box of folded instances may come after one that was drawn later.
    ///
    /// Steps that did not run and of which no order is known are in a wave of their own, the last one.
    pub(super) fn arrange(&mut self) {
        let mut waiting = vec![0; self.boxes.len()];
        self.arrows.iter().for_each(|&(_, to)| waiting[to] += 1);
        let mut ready: Vec<usize> = (0..self.boxes.len()).filter(|&at| waiting[at] == 0).collect();
        while let Some(from) = ready.pop() {
            let wave = self.boxes[from].wave + 1;
            for &(_, to) in self.arrows.range((from, 0)..(from + 1, 0)) {
                self.boxes[to].wave = self.boxes[to].wave.max(wave);
                waiting[to] -= 1;
                if waiting[to] == 0 {
                    ready.push(to);
                }
            }
        }
        let ordered: BTreeSet<usize> = self.arrows.iter().flat_map(|&(from, to)| [from, to]).collect();
        let is_apart = |at: usize, shape: &Shape| shape.did_not_run() && !ordered.contains(&at);
        let placed = self.boxes.iter().enumerate().filter(|(at, shape)| !is_apart(*at, shape));
        let end = placed.map(|(_, shape)| shape.wave + 1).max().unwrap_or(0);
        for (at, shape) in self.boxes.iter_mut().enumerate() {
            if is_apart(at, shape) {
                shape.wave = end;
            }
        }
    }

    /// Returns the name of a wave, which has these boxes.
    pub(super) fn wave_name(&self, number: usize, boxes: &[usize]) -> String {
        if boxes.iter().all(|&at| self.boxes[at].did_not_run()) {
            return "not run".to_owned();
        }
        format!("wave {}", number + 1)
    }

    /// Returns the boxes of each wave.
    pub(super) fn waves(&self) -> impl Iterator<Item = Vec<usize>> {
        let last = self.boxes.iter().map(|shape| shape.wave).max();
        (0..last.map_or(0, |last| last + 1))
            .map(|wave| (0..self.boxes.len()).filter(|&at| self.boxes[at].wave == wave).collect())
    }

    /// Returns the kinds of steps in the drawing, with the words of the legend.
    pub(super) fn legend(&self) -> Vec<(Kind, &'static str)> {
        let is_drawn = |(kind, _): &(Kind, &str)| self.boxes.iter().any(|shape| shape.kind == *kind);
        Kind::STEPS.into_iter().filter(is_drawn).collect()
    }
}

impl Shape {
    pub fn new(label: String, kind: Kind, block: String) -> Self {
        Self { label, kind, wave: 0, block, count: 1, folded: None, outcomes: BTreeMap::new() }
    }
    /// Returns true for steps that did not run and of which no more is known.
    pub fn did_not_run(&self) -> bool {
        self.kind == Kind::NotRun && self.outcomes.keys().all(|outcome| *outcome == Outcome::Skipped)
    }
}
