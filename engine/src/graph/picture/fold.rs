//! Folds the boxes of a large drawing.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::draw::Shape;
use crate::graph::{Drawing, Kind};

/// The maximum number of boxes in a picture.
pub const MOST: usize = 300;

/// Returns the key of the box that a box is folded into.
type Key<'a> = Box<dyn Fn(&'a Shape) -> String + 'a>;

/// Returns a drawing of at most [`MOST`] boxes; none if `drawing` has no more.
///
/// Modules are folded first, then the boxes of one kind in a wave, then waves.
pub fn fold(drawing: &Drawing) -> Option<Drawing> {
    if drawing.boxes.len() <= MOST {
        return None;
    }
    let waves = drawing.boxes.iter().map(|shape| shape.wave).max().unwrap_or(0) + 1;
    let kind = |shape: &Shape| steps(1, shape.kind).replacen("1 ", "", 1);
    let candidates: [Key<'_>; 4] = [
        Box::new(|shape| module(&shape.block).map_or_else(|| shape.block.clone(), str::to_owned)),
        Box::new(|shape| outermost(&shape.block).map_or_else(|| shape.block.clone(), str::to_owned)),
        Box::new(move |shape| {
            let module = outermost(&shape.block).unwrap_or_default();
            format!("{} {module} {}", shape.wave, kind(shape))
        }),
        Box::new(move |shape| format!("{} {}", shape.wave, kind(shape))),
    ];
    let folded = candidates.iter().find_map(|key| folded(drawing, key));
    folded.or_else(|| self::folded(drawing, &|shape| (shape.wave * MOST / waves.max(MOST)).to_string()))
}

/// Folds the boxes with equal keys; none if too many boxes remain, or if they would wait for each other.
fn folded<'a>(drawing: &'a Drawing, key: &dyn Fn(&'a Shape) -> String) -> Option<Drawing> {
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Shape>> = Vec::new();
    let mut group_of = Vec::with_capacity(drawing.boxes.len());
    for shape in &drawing.boxes {
        let at = *keys.entry(key(shape)).or_insert(groups.len());
        if at == groups.len() {
            if at == MOST {
                return None;
            }
            groups.push(Vec::new());
        }
        groups[at].push(shape);
        group_of.push(at);
    }
    // Others are of a circle, as in a plan file that somebody altered.
    let leads_on = |(from, to): &&(usize, usize)| drawing.boxes[*from].wave < drawing.boxes[*to].wave;
    let between = |arrows: &BTreeSet<(usize, usize)>| -> BTreeSet<(usize, usize)> {
        let arrows = arrows.iter().filter(leads_on).map(|&(from, to)| (group_of[from], group_of[to]));
        arrows.filter(|(from, to)| from != to).collect()
    };
    let (arrows, secrets) = (between(&drawing.arrows), between(&drawing.secrets));
    let mut folded = Drawing { boxes: groups.iter().map(|group| together(group)).collect(), arrows, secrets };
    folded.arrange();
    let is_ordered = |&(from, to): &(usize, usize)| folded.boxes[from].wave < folded.boxes[to].wave;
    folded.arrows.iter().all(is_ordered).then_some(folded)
}

/// Returns one box for several.
fn together(group: &[&Shape]) -> Shape {
    let mut of_steps = group.iter().map(|shape| shape.kind).filter(|kind| is_step(*kind)).collect::<Vec<_>>();
    of_steps.sort_unstable();
    let first = group[0];
    let kind = of_steps.last().copied().unwrap_or(first.kind);
    let mut shape = Shape::new(label(group), kind, first.block.clone());
    shape.count = group.iter().map(|shape| shape.count).sum();
    for (outcome, count) in group.iter().flat_map(|shape| &shape.outcomes) {
        *shape.outcomes.entry(*outcome).or_default() += count;
    }
    shape
}

/// Says which boxes a box stands for.
fn label(group: &[&Shape]) -> String {
    let first = group[0];
    if group.len() == 1 {
        return first.label.clone();
    }
    let count = group.iter().map(|shape| shape.count).sum();
    let all = |same: &dyn Fn(&Shape) -> bool| group.iter().all(|shape| same(shape));
    let words = if all(&|shape| shape.kind == first.kind) {
        steps(count, first.kind)
    } else {
        format!("{count} parts")
    };
    for of in [module, outermost] {
        if let Some(module) = of(&first.block)
            && all(&|shape| of(&shape.block) == Some(module))
        {
            return format!("{module}: {words}");
        }
    }
    let waves = || group.iter().map(|shape| shape.wave + 1);
    match (waves().min().unwrap_or(1), waves().max().unwrap_or(1)) {
        (first, last) if first == last => format!("wave {first}: {words}"),
        (first, last) => format!("waves {first} to {last}: {words}"),
    }
}

/// Returns a number of instances of a kind in words.
pub fn steps(count: usize, kind: Kind) -> String {
    let (one, many) = match kind {
        Kind::Reads => ("step that reads", "steps that read"),
        Kind::Changes => ("step that changes something", "steps that change something"),
        Kind::Computes => ("step that computes", "steps that compute"),
        Kind::Token => ("token", "tokens"),
        Kind::Check => ("check", "checks"),
        Kind::Output => ("output", "outputs"),
    };
    format!("{count} {}", if count == 1 { one } else { many })
}

fn is_step(kind: Kind) -> bool {
    Kind::STEPS.iter().any(|(step, _)| *step == kind)
}

/// Returns the address of the module that a block is in; none for a block of the runbook itself.
fn module(block: &str) -> Option<&str> {
    let mut end = 0;
    while let Some(rest) = block[end..].strip_prefix("module.")
        && let Some(name) = rest.find('.')
    {
        end += "module.".len() + name + 1;
    }
    (end > 0).then(|| &block[..end - 1])
}

/// Returns the address of the outermost module that a block is in.
fn outermost(block: &str) -> Option<&str> {
    let rest = block.strip_prefix("module.")?;
    Some(&block[.."module.".len() + rest.find('.')?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::DrawnPart;

    /// Draws parts with these addresses, each of which waits for the parts at some indexes.
    fn drawing(parts: &[(String, Vec<usize>)]) -> Drawing {
        let part = |(address, after): &'_ (String, Vec<usize>)| DrawnPart {
            address: parts.iter().find(|(other, _)| other == address).map_or("", |(address, _)| address),
            block: address.clone(),
            kind: Kind::Reads,
            outcome: None,
            after: after.iter().map(|at| parts[*at].0.as_str()).collect(),
        };
        Drawing::of_parts(&parts.iter().map(part).collect::<Vec<_>>(), &[])
    }

    fn labels(drawing: &Drawing) -> Vec<&str> {
        drawing.boxes.iter().map(|shape| shape.label.as_str()).collect()
    }

    #[test]
    fn a_small_drawing_stays() {
        let parts: Vec<_> = (0..MOST).map(|at| (format!("step.echo.s{at}"), Vec::new())).collect();
        assert!(fold(&drawing(&parts)).is_none());
    }

    #[test]
    fn modules_are_folded_first() {
        let parts: Vec<_> = (0..400)
            .map(|at| (format!("module.m{}.module.n{}.step.echo.s{at}", at % 2, at % 4), Vec::new()))
            .collect();
        let folded = fold(&drawing(&parts)).expect("a folded drawing");
        assert_eq!(labels(&folded).len(), 4);
        assert_eq!(labels(&folded)[1], "module.m1.module.n1: 100 steps that read");
    }

    #[test]
    fn modules_that_wait_for_each_other_are_folded_by_wave() {
        // Each module begins before the step outside, and ends after it.
        let mut parts = vec![("step.echo.outside".to_owned(), vec![1])];
        parts.push(("module.m.step.echo.first".to_owned(), Vec::new()));
        parts.extend((0..400).map(|at| (format!("module.m.step.echo.s{at}"), vec![0])));
        let folded = fold(&drawing(&parts)).expect("a folded drawing");
        assert_eq!(
            labels(&folded),
            ["step.echo.outside", "module.m.step.echo.first", "module.m: 400 steps that read"]
        );
        assert_eq!(folded.arrows.len(), 2);
    }

    #[test]
    fn a_long_chain_is_folded_by_waves() {
        let after = |at: usize| if at == 0 { Vec::new() } else { vec![at - 1] };
        let parts: Vec<_> = (0..10_000).map(|at| (format!("step.echo.s{at}"), after(at))).collect();
        let folded = fold(&drawing(&parts)).expect("a folded drawing");
        assert_eq!((folded.boxes.len(), folded.arrows.len()), (MOST, MOST - 1));
        assert_eq!(labels(&folded)[0], "waves 1 to 34: 34 steps that read");
        assert_eq!(folded.boxes.iter().map(|shape| shape.count).sum::<usize>(), 10_000);
        // Parts that wait for each other, as in an altered file, change nothing about it.
        let circle = [("step.echo.x".to_owned(), vec![10_001]), ("step.echo.y".to_owned(), vec![10_000])];
        let folded = fold(&drawing(&[parts, circle.into()].concat())).expect("a folded drawing");
        assert_eq!((folded.boxes.len(), folded.arrows.len()), (MOST, MOST - 1));
    }
}
