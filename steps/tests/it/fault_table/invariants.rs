//! The rules that hold for every cell, whatever the table says.

use arcbook_engine::step::Change;

use super::cases::{Case, Target};
use super::cell::{Cell, Pass};
use super::record::{End, end, errors, intends};

/// The most attempts of one request: those of the policy of these tests.
const ATTEMPTS: usize = crate::world::QUICK.attempts as usize;

/// Returns the rules that the cell breaks, in words.
pub fn broken(cell: &Cell) -> Vec<String> {
    let mut rules = Rules { cell, broken: Vec::new() };
    rules.first();
    rules.attempts();
    rules.second();
    rules.third();
    rules.secrets();
    rules.broken
}

struct Rules<'a> {
    cell: &'a Cell,
    broken: Vec<String>,
}

impl Rules<'_> {
    fn rule(&mut self, holds: bool, says: &str) {
        if !holds {
            let errors = errors(&self.cell.first.ran.journal);
            self.broken.push(format!("{}: {says} ({errors})", self.cell.name()));
        }
    }

    /// A run says of the change what is true of it.
    fn first(&mut self) {
        let Cell { case, first, .. } = self.cell;
        let (wanted, made) = (case.changes, first.changes);
        self.rule(made <= wanted || case.repeats.is_some(), "a change was made twice");
        match end(&first.ran.journal) {
            // The service said that the object to delete does not exist.
            End::Done(_) if made < wanted && case.absent && self.cell.is_404() => {}
            End::Done(change) => {
                self.rule(made >= wanted, "the step is done, and its change was not made");
                self.rule(
                    (change == Change::None) == self.changes_nothing(),
                    "the step names another change",
                );
                self.rule(has_file(case, first), "the step is done, and its file is not right");
            }
            End::Failed { is_uncertain, changed } => {
                let says = is_uncertain || changed;
                let meant = intends(&first.ran.journal);
                self.rule(
                    meant || !says,
                    "the step failed before any change, and says that it may have made one",
                );
                self.rule(made == 0 || says, "the step failed, and says nothing of the change that was made");
                self.rule(made > 0 || !changed, "the step failed, and names a change that was not made");
            }
            End::NotStarted => self.rule(made == 0, "the step never started, and made a change"),
        }
    }

    /// Returns true if the step makes no change: it only reads.
    fn changes_nothing(&self) -> bool {
        let Case { changes, repeats, file, targets, .. } = self.cell.case;
        *changes == 0 && file.is_none() || repeats.is_some() && !targets.iter().any(Target::changes)
    }

    /// A refused token is renewed once, and an object is read before a change and after it.
    fn attempts(&mut self) {
        let most = 4 * ATTEMPTS;
        self.rule(self.cell.attempts() > 0 || self.cell.injected.is_none(), "no request has the fault");
        self.rule(self.cell.attempts() <= most, "more attempts than the policy allows");
    }

    /// The run that resumes a failed one comes to the same end, or says that nobody can.
    fn second(&mut self) {
        let Cell { case, first, second, .. } = self.cell;
        let Some(second) = second else {
            return self.rule(first.ran.exit() == 0, "a run that failed was not resumed");
        };
        let is_unknown = matches!(end(&first.ran.journal), End::Failed { is_uncertain: true, .. });
        if case.refuses.is_some() && is_unknown {
            self.rule(second.ran.exit() != 0, "the outcome is unknown, and the resumed run does not say so");
            self.rule(
                second.changes == first.changes,
                "the resumed run repeated a change of unknown outcome",
            );
            return;
        }
        let errors = errors(&second.ran.journal);
        self.rule(second.ran.exit() == 0, &format!("the resumed run failed, without a fault: {errors}"));
        self.rule(second.changes >= case.changes, "the change is lost after all");
        let twice = second.changes > case.changes && case.repeats.is_none();
        self.rule(!twice, "the resumed run made the change twice");
        self.rule(has_file(case, second), "the resumed run is done, and its file is not right");
    }

    /// A change that was sent again left what it should: a further run finds nothing to do. A run that does not repeat a
    /// change of unknown outcome does not repeat it the next time either.
    fn third(&mut self) {
        let Cell { first, second, third, .. } = self.cell;
        let Some(third) = third else { return };
        let before = second.as_ref().unwrap_or(first);
        self.rule(third.changes == before.changes, "a further run makes the change again");
        self.rule(third.ran.exit() == before.ran.exit(), "a further run ends otherwise");
    }

    /// No record has a secret.
    fn secrets(&mut self) {
        let Cell { first, second, third, .. } = self.cell;
        for pass in std::iter::once(first).chain(second).chain(third) {
            for secret in ["canary", "eyJ0", self.cell.token_dir.as_str()] {
                self.rule(!pass.ran.text.contains(secret), &format!("the record contains {secret}"));
            }
        }
    }
}

fn has_file(case: &Case, pass: &Pass) -> bool {
    case.file.is_none_or(|(_, content)| pass.file.as_deref() == Some(content))
}
