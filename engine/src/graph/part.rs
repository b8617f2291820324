//! Draws the parts of a record or of a plan file, which have addresses and no graph.

use std::collections::{BTreeSet, HashMap};

use super::draw::Shape;
use super::{Drawing, Kind, Outcome};

/// A step or a token to draw.
#[derive(Clone, Debug)]
pub struct DrawnPart<'a> {
    /// The address.
    pub address: &'a str,
    /// The address of its block, which all instances of the block share.
    pub block: String,
    /// The kind.
    pub kind: Kind,
    /// The outcome, in a drawing of a run.
    pub outcome: Option<Outcome>,
    /// The addresses that it waits for; those of no part are passed over.
    pub after: Vec<&'a str>,
}

impl Drawing {
    /// Draws parts in the order of the runbook; the instances of a block are folded into one box. Each of `chains` has
    /// the addresses of the values and steps along which a secret goes.
    #[must_use]
    pub fn of_parts(parts: &[DrawnPart<'_>], chains: &[Vec<&str>]) -> Self {
        let mut drawing = Self { boxes: Vec::new(), arrows: BTreeSet::new(), secrets: BTreeSet::new() };
        let mut blocks: HashMap<&str, usize> = HashMap::new();
        let mut boxes: HashMap<&str, usize> = HashMap::new();
        for part in parts {
            let at = *blocks.entry(&part.block).or_insert(drawing.boxes.len());
            match drawing.boxes.get_mut(at) {
                Some(shape) => shape.add(part.kind),
                None => {
                    drawing.boxes.push(Shape::new(part.address.to_owned(), part.kind, part.block.clone()));
                }
            }
            if let (Some(outcome), Some(shape)) = (part.outcome, drawing.boxes.get_mut(at)) {
                *shape.outcomes.entry(outcome).or_default() += 1;
            }
            boxes.insert(part.address, at);
        }
        for part in parts {
            let to = boxes[part.address];
            let from = part.after.iter().filter_map(|address| boxes.get(address).copied());
            drawing.arrows.extend(from.filter(|from| *from != to).map(|from| (from, to)));
        }
        for chain in chains {
            let passed: Vec<usize> = chain.iter().filter_map(|address| part_of(&boxes, address)).collect();
            let pairs = passed.windows(2).map(|pair| (pair[0], pair[1]));
            drawing.secrets.extend(pairs.filter(|pair| drawing.arrows.contains(pair)));
        }
        drawing.arrange();
        drawing
    }
}

/// Returns the box of the part that a value belongs to, such as that of `step.a.b` for `step.a.b.value`.
fn part_of(boxes: &HashMap<&str, usize>, mut address: &str) -> Option<usize> {
    loop {
        if let Some(at) = boxes.get(address) {
            return Some(*at);
        }
        address = address.rsplit_once('.')?.0;
    }
}
