//! Leaves out the arrows that other arrows imply.

use std::collections::BTreeSet;

use crate::graph::Drawing;

/// Returns the arrows of `drawing`, for each box those to other boxes, without those that others imply and that carry no
/// secret.
///
/// An arrow that does not lead to a later wave, as in a plan file that somebody altered, is left out too.
pub fn arrows(drawing: &Drawing) -> Vec<Vec<usize>> {
    let wave = |at: usize| drawing.boxes[at].wave;
    let mut targets: Vec<Vec<usize>> = vec![Vec::new(); drawing.boxes.len()];
    for &(from, to) in drawing.arrows.iter().filter(|(from, to)| wave(*from) < wave(*to)) {
        targets[from].push(to);
    }
    let mut last_first: Vec<usize> = (0..targets.len()).collect();
    last_first.sort_by_key(|&at| std::cmp::Reverse(wave(at)));
    let mut reached: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); targets.len()];
    for from in last_first {
        targets[from].sort_by_key(|&to| (wave(to), to));
        let mut seen = BTreeSet::new();
        targets[from].retain(|&to| {
            let is_new = seen.insert(to);
            if is_new {
                seen.extend(reached[to].iter().copied());
            }
            is_new || drawing.secrets.contains(&(from, to))
        });
        reached[from] = seen;
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{DrawnPart, Kind, Outcomes};

    fn part(name: &str, after: &[&str], secrets_from: &[&str]) -> DrawnPart {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        DrawnPart {
            after: names(after),
            secrets_from: names(secrets_from),
            ..DrawnPart::new(name, name.to_owned(), Kind::Reads)
        }
    }

    fn drawn(parts: &[DrawnPart]) -> Vec<Vec<usize>> {
        arrows(&Drawing::of_parts(parts, &Outcomes::new()))
    }

    #[test]
    fn implied_arrows_are_left_out() {
        let parts = [
            part("a", &[], &[]),
            part("b", &["a"], &[]),
            part("c", &["a", "b"], &[]),
            part("d", &["a", "b", "c", "unknown"], &[]),
            part("e", &["a"], &[]),
        ];
        assert_eq!(drawn(&parts), [vec![1, 4], vec![2], vec![3], vec![], vec![]]);
        let parts = [part("a", &[], &[]), part("b", &["a"], &[]), part("c", &["a", "b"], &["a"])];
        assert_eq!(drawn(&parts), [vec![1, 2], vec![2], vec![]]);
        // A circle, which only an altered file has.
        let parts = [part("a", &["b"], &[]), part("b", &["a"], &[]), part("c", &[], &[])];
        assert_eq!(drawn(&parts), [vec![], vec![], vec![]] as [Vec<usize>; 3]);
    }
}
