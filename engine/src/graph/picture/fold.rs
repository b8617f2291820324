//! Folds the boxes of a large drawing.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::mem::take;

use crate::graph::draw::Shape;
use crate::graph::{Drawing, Kind};

/// The maximum number of boxes in a picture.
pub const MOST: usize = 300;

/// The number of boxes that folded modules leave at least; with fewer, a picture shows too little of its steps.
const FEWEST: usize = MOST / 2;

/// Returns the key of the boxes that a box is folded with; none if it stays.
type Key<'a> = Box<dyn Fn(&'a Shape) -> Option<String> + 'a>;

impl Drawing {
    /// Returns a drawing of at most 300 boxes; none if this one has no more.
    ///
    /// Only as many boxes are folded as necessary: modules first, then the boxes of one kind in a wave, then waves.
    #[must_use]
    pub fn folded(&self) -> Option<Self> {
        if self.boxes.len() <= MOST {
            return None;
        }
        let waves = self.boxes.iter().map(|shape| shape.wave).max().unwrap_or(0) + 1;
        let modules: [Key<'_>; 2] = [
            Box::new(|shape| module(&shape.block).map(str::to_owned)),
            Box::new(|shape| outermost(&shape.block).map(str::to_owned)),
        ];
        let kinds: [Key<'_>; 2] = [
            Box::new(|shape| {
                let module = outermost(&shape.block).unwrap_or_default();
                Some(format!("{} {module} {:?}", shape.wave, shape.kind))
            }),
            Box::new(|shape| Some(format!("{} {:?}", shape.wave, shape.kind))),
        ];
        let of_modules = modules.iter().find_map(|key| {
            let folded = together(self, &whole(groups(self, key))?)?;
            (folded.boxes.len() >= FEWEST).then_some(folded)
        });
        let of_kinds = || kinds.iter().find_map(|key| together(self, &in_part(groups(self, key))?));
        of_modules.or_else(of_kinds).or_else(|| {
            let wave: Key<'_> = Box::new(|shape| Some((shape.wave * MOST / waves.max(MOST)).to_string()));
            together(self, &groups(self, &wave))
        })
    }
}

/// Returns the boxes by their keys, in the order of the first of each; a box without a key is alone.
fn groups<'a>(drawing: &'a Drawing, key: &Key<'a>) -> Vec<Vec<usize>> {
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, shape) in drawing.boxes.iter().enumerate() {
        let group = key(shape).map_or(groups.len(), |key| *at.entry(key).or_insert(groups.len()));
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(index);
    }
    groups
}

/// Returns the indexes of the groups that have to be folded, largest first, and the number of boxes that remain; none if
/// too many remain.
fn largest(groups: &[Vec<usize>]) -> Option<(Vec<usize>, usize)> {
    let mut remaining: usize = groups.iter().map(Vec::len).sum();
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&at| Reverse(groups[at].len()));
    let mut folded = Vec::new();
    for at in order {
        if remaining <= MOST {
            break;
        }
        folded.push(at);
        remaining -= groups[at].len() - 1;
    }
    (remaining <= MOST).then_some((folded, remaining))
}

/// Folds whole groups, the largest first; none if too many boxes remain.
fn whole(groups: Vec<Vec<usize>>) -> Option<Vec<Vec<usize>>> {
    let folded: HashSet<usize> = largest(&groups)?.0.into_iter().collect();
    let apart = |(at, group): (usize, Vec<usize>)| {
        if folded.contains(&at) { vec![group] } else { group.into_iter().map(|one| vec![one]).collect() }
    };
    Some(groups.into_iter().enumerate().flat_map(apart).collect())
}

/// Folds groups, the largest first, and the last of them only as far as necessary; none if too many boxes remain.
fn in_part(groups: Vec<Vec<usize>>) -> Option<Vec<Vec<usize>>> {
    let (folded, remaining) = largest(&groups)?;
    let (last, spare) = (folded.last().copied(), MOST - remaining);
    let folded: HashSet<usize> = folded.into_iter().collect();
    let apart = |(at, mut group): (usize, Vec<usize>)| {
        if !folded.contains(&at) {
            return group.into_iter().map(|one| vec![one]).collect::<Vec<_>>();
        }
        // The first boxes of the last group stay, as far as there is room.
        let rest =
            if Some(at) == last { group.split_off(spare.min(group.len() - 1)) } else { take(&mut group) };
        group.into_iter().map(|one| vec![one]).chain([rest]).collect()
    };
    Some(groups.into_iter().enumerate().flat_map(apart).collect())
}

/// Returns the drawing with one box for each group; none if they would wait for each other.
fn together(drawing: &Drawing, groups: &[Vec<usize>]) -> Option<Drawing> {
    let mut group_of = vec![0; drawing.boxes.len()];
    for (at, group) in groups.iter().enumerate() {
        for &index in group {
            group_of[index] = at;
        }
    }
    // Others are of a circle, as in a plan file that somebody altered.
    let leads_on = |(from, to): &&(usize, usize)| drawing.boxes[*from].wave < drawing.boxes[*to].wave;
    let between = |arrows: &BTreeSet<(usize, usize)>| -> BTreeSet<(usize, usize)> {
        let arrows = arrows.iter().filter(leads_on).map(|&(from, to)| (group_of[from], group_of[to]));
        arrows.filter(|(from, to)| from != to).collect()
    };
    let (arrows, secrets) = (between(&drawing.arrows), between(&drawing.secrets));
    let shape = |group: &Vec<usize>| one(&group.iter().map(|&at| &drawing.boxes[at]).collect::<Vec<_>>());
    let mut folded = Drawing { boxes: groups.iter().map(shape).collect(), arrows, secrets };
    folded.arrange();
    let is_ordered = |&(from, to): &(usize, usize)| folded.boxes[from].wave < folded.boxes[to].wave;
    folded.arrows.iter().all(is_ordered).then_some(folded)
}

/// Returns one box for several.
fn one(group: &[&Shape]) -> Shape {
    let first = group[0];
    let is_one = group.len() == 1;
    let mut of_steps = group.iter().map(|shape| shape.kind).filter(|kind| is_step(*kind)).collect::<Vec<_>>();
    of_steps.sort_unstable();
    let kind = of_steps.last().copied().unwrap_or(first.kind);
    let label = if is_one { first.label.clone() } else { label(group) };
    let mut shape = Shape::new(label, kind, first.block.clone());
    shape.count = group.iter().map(|shape| shape.count).sum();
    shape.folded = if is_one { first.folded.clone() } else { Some(words(group)) };
    for (outcome, count) in group.iter().flat_map(|shape| &shape.outcomes) {
        *shape.outcomes.entry(*outcome).or_default() += count;
    }
    shape
}

/// Names the boxes that a box stands for: their module, or the first one and the last one.
fn label(group: &[&Shape]) -> String {
    let (first, last) = (group[0], group[group.len() - 1]);
    for of in [module, outermost] {
        if let Some(module) = of(&first.block)
            && group.iter().all(|shape| of(&shape.block) == Some(module))
            && group.iter().any(|shape| shape.wave != first.wave)
        {
            return module.to_owned();
        }
    }
    let between = if group.len() == 2 { ", " } else { " … " };
    format!("{}{between}{}", first.label, last.label)
}

/// Counts what a box stands for in words.
fn words(group: &[&Shape]) -> String {
    let count = group.iter().map(|shape| shape.count).sum();
    if group.iter().all(|shape| shape.kind == group[0].kind) {
        steps(count, group[0].kind)
    } else {
        format!("{count} parts")
    }
}

/// Returns a number of instances of a kind in words.
pub fn steps(count: usize, kind: Kind) -> String {
    let (one, many) = match kind {
        Kind::Reads => ("step that reads", "steps that read"),
        Kind::Changes => ("step that changes something", "steps that change something"),
        Kind::Computes => ("step that computes", "steps that compute"),
        Kind::NotRun => ("step that did not begin", "steps that did not begin"),
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
    use crate::graph::{DrawnPart, Outcomes};

    /// Draws parts with these addresses, each of which waits for the parts at some indexes.
    fn drawing(parts: &[(String, Vec<usize>)]) -> Drawing {
        let part = |(address, after): &(String, Vec<usize>)| DrawnPart {
            after: after.iter().map(|at| parts[*at].0.clone()).collect(),
            ..DrawnPart::new(address, address.clone(), Kind::Reads)
        };
        Drawing::of_parts(&parts.iter().map(part).collect::<Vec<_>>(), &Outcomes::new())
    }

    fn folded(parts: &[(String, Vec<usize>)]) -> Drawing {
        drawing(parts).folded().expect("a folded drawing")
    }

    fn labels(drawing: &Drawing) -> Vec<&str> {
        drawing.boxes.iter().map(|shape| shape.label.as_str()).collect()
    }

    /// Returns the labels and the words of the boxes that stand for several.
    fn folds(drawing: &Drawing) -> Vec<(&str, &str)> {
        let folded = |shape: &'_ Shape| shape.folded.is_some();
        let shapes = drawing.boxes.iter().filter(|shape| folded(shape));
        shapes.map(|shape| (shape.label.as_str(), shape.folded.as_deref().unwrap_or_default())).collect()
    }

    #[test]
    fn a_small_drawing_stays() {
        let parts: Vec<_> = (0..MOST).map(|at| (format!("step.echo.s{at}"), Vec::new())).collect();
        assert!(drawing(&parts).folded().is_none());
    }

    /// Two of four modules are enough, and the steps of the others keep their names.
    #[test]
    fn modules_are_folded_first() {
        let parts: Vec<_> = (0..400)
            .map(|at| {
                let after = if at < 4 { Vec::new() } else { vec![at - 4] };
                (format!("module.m{}.module.n{}.step.echo.s{at}", at % 2, at % 4), after)
            })
            .collect();
        let folded = folded(&parts);
        assert_eq!(labels(&folded).len(), 202);
        let words = "100 steps that read";
        assert_eq!(folds(&folded), [("module.m0.module.n0", words), ("module.m1.module.n1", words)]);
    }

    /// A module that has nearly all steps is not folded into one box.
    #[test]
    fn only_as_many_boxes_are_folded_as_necessary() {
        for prefix in ["", "module.m."] {
            let mut parts: Vec<_> =
                (0..490).map(|at| (format!("{prefix}step.echo.s{at}"), Vec::new())).collect();
            parts.push((format!("{prefix}step.echo.last"), vec![489]));
            let folded = folded(&parts);
            assert_eq!(folded.boxes.len(), MOST);
            let label = format!("{prefix}step.echo.s298 … {prefix}step.echo.s489");
            assert_eq!(folds(&folded), [(label.as_str(), "192 steps that read")]);
            assert_eq!(folded.boxes.iter().map(|shape| shape.count).sum::<usize>(), 491);
        }
    }

    #[test]
    fn modules_that_wait_for_each_other_are_folded_by_wave() {
        // Each module begins before the step outside, and ends after it.
        let mut parts = vec![("step.echo.outside".to_owned(), vec![1])];
        parts.push(("module.m.step.echo.first".to_owned(), Vec::new()));
        parts.extend((0..400).map(|at| (format!("module.m.step.echo.s{at}"), vec![0])));
        let folded = folded(&parts);
        assert_eq!(folded.boxes.len(), MOST);
        assert_eq!(
            folds(&folded),
            [("module.m.step.echo.s297 … module.m.step.echo.s399", "103 steps that read")]
        );
    }

    #[test]
    fn a_long_chain_is_folded_by_waves() {
        let after = |at: usize| if at == 0 { Vec::new() } else { vec![at - 1] };
        let parts: Vec<_> = (0..10_000).map(|at| (format!("step.echo.s{at}"), after(at))).collect();
        let long = folded(&parts);
        assert_eq!((long.boxes.len(), long.arrows.len()), (MOST, MOST - 1));
        assert_eq!(folds(&long)[0], ("step.echo.s0 … step.echo.s33", "34 steps that read"));
        assert_eq!(long.boxes.iter().map(|shape| shape.count).sum::<usize>(), 10_000);
        // Parts that wait for each other, as in an altered file, change nothing about it.
        let circle = [("step.echo.x".to_owned(), vec![10_001]), ("step.echo.y".to_owned(), vec![10_000])];
        let folded = folded(&[parts, circle.into()].concat());
        assert_eq!((folded.boxes.len(), folded.arrows.len()), (MOST, MOST - 1));
    }

    /// Steps that did not run and of which no order is known come last, beside no others.
    #[test]
    fn steps_that_did_not_run_are_apart() {
        let part = |name: &str, kind, after: &[&str]| DrawnPart {
            after: after.iter().map(|&name| name.to_owned()).collect(),
            ..DrawnPart::new(name, name.to_owned(), kind)
        };
        let drawing = Drawing::of_parts(
            &[
                part("lost", Kind::NotRun, &["nobody"]),
                part("a", Kind::Reads, &[]),
                part("b", Kind::NotRun, &["a"]),
            ],
            &Outcomes::new(),
        );
        let waves: Vec<Vec<usize>> = drawing.waves().collect();
        assert_eq!(waves, [vec![1], vec![2], vec![0]]);
        assert_eq!(drawing.wave_name(2, &waves[2]), "not run");
    }
}
