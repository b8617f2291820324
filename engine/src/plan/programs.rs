//! Lists the programs that steps run, other than those that their titles name.

use indexmap::{IndexMap, IndexSet};

use super::shape;
use crate::layout::Row;
use crate::step::{ActionFacts, Safety, Title, few, shortened};

/// The programs that steps run, by block; instances of one block count together.
#[derive(Default)]
pub struct Programs {
    commands: IndexMap<(String, &'static str), IndexSet<String>>,
}

impl Programs {
    /// Adds the programs of a step; `is_named` is true if the page has the title of the step, which names its own
    /// program.
    pub fn step(&mut self, address: &str, title: &Title, actions: &[ActionFacts], is_named: bool) {
        let changes = actions.iter().any(|action| action.safety != Safety::Reads);
        for action in actions {
            let Some(command) = action.command() else { continue };
            let role = match (action.safety, changes) {
                (Safety::Reads, true) => "looks before its change",
                (Safety::Reads, false) => "declared to change nothing",
                _ if is_named && title.name() == command => continue,
                _ => "may change something",
            };
            self.commands.entry((shape(address), role)).or_default().insert(command);
        }
    }

    /// Returns a row for each block and role.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let row = |((block, role), commands): (&(String, &str), &IndexSet<String>)| {
            let commands: Vec<String> = commands.iter().map(|command| shortened(command)).collect();
            Row::of([block.clone(), (*role).to_owned(), few(&commands)])
        };
        self.commands.iter().map(row).collect()
    }
}
