//! Finds the files that steps read and that earlier steps of the same run make.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::{Plan, PlannedStep, When};
use crate::graph::{ModuleId, NodeId};
use crate::step::{Action, ActionKind, Safety};

/// The steps of a plan that make files.
pub struct MadeFiles<'a> {
    plan: &'a Plan,
    directory: &'a Path,
    /// The steps that write each file.
    writers: HashMap<PathBuf, Vec<NodeId>>,
    /// The steps with programs that may change something, and so may make any file.
    programs: HashSet<NodeId>,
}

impl<'a> MadeFiles<'a> {
    /// Finds the steps that make files.
    #[must_use]
    pub fn of(plan: &'a Plan) -> Self {
        let directory = plan.state.runbook(ModuleId::ROOT).directory.as_path();
        let mut made = Self { plan, directory, writers: HashMap::new(), programs: HashSet::new() };
        for step in plan.steps.iter().filter(|step| step.when != When::No) {
            for action in &step.actions {
                match &action.kind {
                    ActionKind::WriteFile(file) => {
                        if let Some(path) = file.path.reveal() {
                            made.writers.entry(made.whole(Path::new(&path))).or_default().push(step.node);
                        }
                    }
                    ActionKind::Exec(_) if action.safety != Safety::Reads => {
                        made.programs.insert(step.node);
                    }
                    _ => {}
                }
            }
        }
        made
    }

    /// Returns the steps before `step` that write the file at `path`, as the step names it.
    #[must_use]
    pub fn writers(&self, step: &PlannedStep, path: &Path) -> Vec<NodeId> {
        let Some(writers) = self.writers.get(&self.whole(path)) else { return Vec::new() };
        let before = self.before(step.node);
        writers.iter().copied().filter(|writer| before.contains(writer)).collect()
    }

    /// Returns the steps before each step that write a file which it reads.
    #[must_use]
    pub fn writers_of_all(&self) -> HashMap<NodeId, Vec<NodeId>> {
        let of = |step: &PlannedStep| {
            let read =
                step.actions.iter().filter_map(Action::input_file).filter_map(|file| file.path.reveal());
            let writers: Vec<NodeId> = read.flat_map(|path| self.writers(step, Path::new(&path))).collect();
            (!writers.is_empty()).then_some((step.node, writers))
        };
        self.plan.steps.iter().filter_map(of).collect()
    }

    /// Returns the pairs of steps that write one file, of which neither waits for the other: the first one of each file.
    #[must_use]
    pub fn rivals(&self) -> Vec<(NodeId, NodeId)> {
        let is_before = |one: NodeId, other: NodeId| self.before(other).contains(&one);
        let rivals = |writers: &Vec<NodeId>| {
            let mut pairs = writers.windows(2).map(|pair| (pair[0], pair[1]));
            pairs.find(|(one, other)| one != other && !is_before(*one, *other) && !is_before(*other, *one))
        };
        let mut rivals: Vec<_> =
            self.writers.values().filter(|all| all.len() > 1).filter_map(rivals).collect();
        rivals.sort_unstable();
        rivals
    }

    /// Returns true if a program before `step` may make the file at `path`, which is not there.
    #[must_use]
    pub fn may_come_from_a_program(&self, step: &PlannedStep, path: &Path) -> bool {
        !self.directory.join(path).exists() && self.follows_a_program(step)
    }

    /// Returns true if a program before `step` may make files.
    #[must_use]
    pub fn follows_a_program(&self, step: &PlannedStep) -> bool {
        !self.programs.is_empty() && self.before(step.node).iter().any(|node| self.programs.contains(node))
    }

    /// Returns true if a step before `step` changes this machine, and so may install a program or make a directory.
    #[must_use]
    pub fn follows_a_local_change(&self, step: &PlannedStep) -> bool {
        let before = self.before(step.node);
        let changes = |action: &Action| action.is_local() && !action.is_read();
        let mut earlier =
            self.plan.steps.iter().filter(|other| other.when != When::No && before.contains(&other.node));
        earlier.any(|other| other.actions.iter().any(changes))
    }

    /// Returns the nodes that a node waits for.
    fn before(&self, node: NodeId) -> HashSet<NodeId> {
        let mut before = HashSet::new();
        let mut queue: Vec<NodeId> = self.plan.graph.needs(node).collect();
        while let Some(needed) = queue.pop() {
            if before.insert(needed) {
                queue.extend(self.plan.graph.needs(needed));
            }
        }
        before
    }

    /// Returns the whole path, without `.` in it.
    fn whole(&self, path: &Path) -> PathBuf {
        self.directory.join(path).components().collect()
    }
}
