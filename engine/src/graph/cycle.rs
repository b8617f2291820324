//! Detects dependency cycles.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;

use petgraph::algo::kosaraju_scc;

use crate::diagnostic::{Diagnostic, Diagnostics};

use super::{Edge, Graph, NodeId};

/// Returns an error for each group of nodes that wait for each other: the shortest path through its first
/// node.
pub fn check<N: Clone + Eq + Hash>(graph: &Graph<N>, address: impl Fn(&N) -> String) -> Diagnostics {
    let mut groups: Vec<HashSet<NodeId>> = kosaraju_scc(graph.inner())
        .into_iter()
        .filter(|group| group.len() > 1 || graph.waiters(group[0]).any(|waiter| waiter == group[0]))
        .map(|group| group.into_iter().collect())
        .collect();
    groups.sort_by_key(|group| group.iter().min().copied());
    groups
        .iter()
        .filter_map(|group| Some(report(&path(graph, group)?, |id| address(graph.get(id)))))
        .collect()
}

/// An edge of a cycle: the needed node, the waiting node, and the reason.
type Link = (NodeId, NodeId, Edge);

/// Returns the shortest path from the first node of `group` back to itself.
fn path<N: Clone + Eq + Hash>(graph: &Graph<N>, group: &HashSet<NodeId>) -> Option<Vec<Link>> {
    let start = *group.iter().min()?;
    let mut came: HashMap<NodeId, Link> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for (waiter, why) in graph.waiters_with_reason(at).filter(|(waiter, _)| group.contains(waiter)) {
            if came.contains_key(&waiter) {
                continue;
            }
            came.insert(waiter, (at, waiter, why));
            if waiter == start {
                return Some(back(&came, start));
            }
            queue.push_back(waiter);
        }
    }
    None
}

fn back(came: &HashMap<NodeId, Link>, start: NodeId) -> Vec<Link> {
    let mut links = Vec::new();
    let mut at = start;
    while let Some(&link) = came.get(&at) {
        links.push(link);
        at = link.0;
        if at == start {
            break;
        }
    }
    links
}

fn report(links: &[Link], address: impl Fn(NodeId) -> String) -> Diagnostic {
    // Each link reads "waiter needs needed", so the path follows the references in the source.
    let mut names: Vec<String> = links.iter().map(|&(_, waiter, _)| address(waiter)).collect();
    names.extend(names.first().cloned());
    let mut diagnostic = Diagnostic::error("cycle", format!("dependency cycle: {}", names.join(" → ")))
        .help("remove one of these references, or split a step in two");
    for &(needed, waiter, why) in links {
        let (Edge::Reference(span) | Edge::DependsOn(span)) = why else { continue };
        let text = format!("{} needs {}", address(waiter), address(needed));
        diagnostic = match diagnostic.primary {
            None => diagnostic.at(span, text),
            Some(_) => diagnostic.also(span, text),
        };
    }
    diagnostic
}
