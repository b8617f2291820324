//! Groups the steps of a run for the reader.

use indexmap::IndexMap;

use super::ReportedRun;
use crate::journal::RecordedStep;
use crate::plan::shape;

/// The maximum number of groups of one block each.
const MOST: usize = 300;

/// Steps that belong together.
pub struct Group<'a> {
    /// The address of the one step, or of what they share, with their number.
    pub name: String,
    /// The steps, with their addresses.
    pub steps: Vec<(&'a str, &'a RecordedStep<'a>)>,
}

/// Groups the steps that `belongs` accepts: by block, or by type and module if there are many blocks.
pub fn groups<'a>(run: &'a ReportedRun<'_>, belongs: impl Fn(&RecordedStep<'_>) -> bool) -> Vec<Group<'a>> {
    let steps = || run.run.steps.iter().filter(|(_, step)| belongs(step));
    let by = |key: fn(&str) -> String| {
        let mut groups: IndexMap<String, Vec<(&'a str, &'a RecordedStep<'a>)>> = IndexMap::new();
        for (address, step) in steps() {
            groups.entry(key(address)).or_default().push((address, step));
        }
        groups
    };
    let blocks = by(shape);
    let (groups, noun) = if blocks.len() > MOST { (by(kind), "steps") } else { (blocks, "instances") };
    let group = |(key, steps): (String, Vec<(&'a str, &'a RecordedStep<'a>)>)| {
        let name = match steps.as_slice() {
            [(address, _)] => (*address).to_owned(),
            steps => format!("{key} ({} {noun})", steps.len()),
        };
        Group { name, steps }
    };
    groups.into_iter().map(group).collect()
}

/// Returns the module and the type of a step, without its name.
fn kind(address: &str) -> String {
    let block = shape(address);
    block.rsplit_once('.').map_or(block.clone(), |(kind, _)| kind.to_owned())
}
