//! Lists the programs that steps run, other than those that their titles name.

use indexmap::{IndexMap, IndexSet};

use super::shape;
use crate::layout::Row;
use crate::step::{ActionFacts, RemoteCode, Safety, Title, few, shortened};

/// The number of rows after which programs that are declared to change nothing are counted.
const ROWS: usize = 10;

/// The role of a program that may change something.
const MAY_CHANGE: &str = "may change something";

/// The role of a program that changes nothing, if it does what its step declares.
const CHANGES_NOTHING: &str = "declared to change nothing";

/// A program in words.
#[derive(PartialEq, Eq, Hash)]
enum Program {
    /// A command, which may be too long for the page.
    Here(String),
    /// Code that runs elsewhere, in a few words.
    Elsewhere(String),
}

/// The programs that steps run, by block; instances of one block count together.
#[derive(Default)]
pub struct Programs {
    commands: IndexMap<(String, &'static str), IndexSet<Program>>,
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
                (Safety::Reads, false) => CHANGES_NOTHING,
                _ if is_named && title.name() == command => continue,
                _ => MAY_CHANGE,
            };
            self.commands.entry((shape(address), role)).or_default().insert(Program::Here(command));
        }
    }

    /// Adds the code that a step lets run on another machine, in a few words.
    pub fn remote(&mut self, address: &str, (code, words): (&RemoteCode, &str), reads: bool) {
        let role = if reads { CHANGES_NOTHING } else { MAY_CHANGE };
        let program = format!("as {}: {}, {words}", code.user, code.noun);
        self.commands.entry((shape(address), role)).or_default().insert(Program::Elsewhere(program));
    }

    /// Returns a row for each block and role. With `elsewhere`, the words for where all of them are, the programs that
    /// are declared to change nothing are counted after the first rows.
    #[must_use]
    pub fn rows(&self, elsewhere: Option<&str>) -> Vec<Row> {
        let row = |block: &str, role: &str, programs: &IndexSet<Program>| {
            let words = |program: &Program| match program {
                Program::Here(command) => shortened(command),
                Program::Elsewhere(words) => words.clone(),
            };
            let commands: Vec<String> = programs.iter().map(words).collect();
            Row::of([block.to_owned(), role.to_owned(), few(&commands)])
        };
        let (mut rows, mut rest, mut more) = (Vec::new(), Vec::new(), 0);
        for ((block, role), commands) in &self.commands {
            let row = row(block, role, commands);
            // A program that may change something is never left to another page.
            if elsewhere.is_none() || rows.len() < ROWS || *role == MAY_CHANGE {
                rows.push(row);
            } else {
                rest.push(row);
                more += commands.len();
            }
        }
        // One more row is as short as its number.
        if rest.len() == 1 {
            rows.append(&mut rest);
            more = 0;
        }
        if let Some(elsewhere) = elsewhere.filter(|_| more > 0) {
            rows.push(Row::of([format!(
                "and {more} more {}{elsewhere}",
                if more == 1 { "program" } else { "programs" }
            )]));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::{Follow, KindFacts};

    fn programs(reads: usize, changes: usize) -> Programs {
        let mut programs = Programs::default();
        for at in 0..reads + changes {
            let safety = if at < reads { Safety::Reads } else { Safety::Once };
            let argv = vec!["echo".to_owned(), at.to_string()];
            let kind = KindFacts::Exec { argv, environment: Vec::new(), directory: None, of_lab: false };
            let action =
                ActionFacts { kind, safety, follow: Follow::Nothing, needs: Vec::new(), needs_more: false };
            programs.step(&format!("step.exec.s{at}"), &Title::default(), &[action], false);
        }
        programs
    }

    #[test]
    fn many_programs_that_change_nothing_are_counted() {
        let seen = |programs: &Programs, elsewhere| {
            programs.rows(elsewhere).iter().map(|row| row.cells.concat()).collect::<Vec<_>>()
        };
        assert_eq!(seen(&programs(10, 0), Some(": there")).len(), 10);
        let all = seen(&programs(500, 3), Some(": there"));
        assert_eq!(all.len(), 14);
        assert_eq!(all[13], "and 490 more programs: there");
        assert!(all[10].contains("may change something"), "{all:?}");
        assert_eq!(seen(&programs(500, 3), None).len(), 503);
    }
}
