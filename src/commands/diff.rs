//! `arcbook diff`.

use arcbook_engine::diagnostic::{Diagnostic, Style};
use arcbook_engine::diff::{self, Difference, Extent};
use arcbook_engine::layout::Page;
use arcbook_steps::registry;

use crate::compared::{Compared, Comparison};
use crate::exit::Exit;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    /// The old runbook: a directory, a file, a plan file, or a revision in git, such as `HEAD~1`, of the other one.
    old: String,
    /// The new runbook, in the same ways.
    new: String,
    /// Print a Markdown document, for a pull request.
    #[arg(long)]
    markdown: bool,
    /// List every difference, also all accesses of new blocks.
    #[arg(long)]
    verbose: bool,
    /// Exit with 2 if privilege grows, or if anything changed in meaning.
    #[arg(long, value_name = "WHAT", value_enum)]
    fail_on: Option<FailOn>,
}

/// The difference that a check does not accept.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// The new runbook has an access that the old one does not have.
    Privilege,
    /// Anything changed in meaning.
    Change,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let compared = super::with_azure(screen, |azure| {
        let [old, new] = [Compared::find(&arguments.old)?, Compared::find(&arguments.new)?];
        let comparison = Comparison::new(azure, screen, [&old, &new]);
        let [then, now] = comparison.load(&old, &new)?;
        if let (true, Some(nothing)) = (now.is_absent, then.notes.first().filter(|_| then.is_absent)) {
            let found = Diagnostic::error("no-runbook", nothing.trim_end_matches('.'));
            return Err(Box::new(found.help("name a revision that has it, or another path")).into());
        }
        let mut difference = diff::compare(&then.subject, &now.subject, &registry(azure));
        difference.notes.splice(0..0, then.notes.into_iter().chain(now.notes));
        Ok(difference)
    });
    match compared {
        Ok(difference) => {
            let difference = screen.secrets().redacted(&difference).into_owned();
            arguments.print(&difference, screen);
            arguments.exit(&difference)
        }
        Err(rejected) => rejected.tell(screen),
    }
}

impl Arguments {
    fn print(&self, difference: &Difference, screen: &Screen) {
        if screen.json {
            // Serialization cannot fail: a difference holds strings and lists.
            return screen.clean_object(&serde_json::to_value(difference).unwrap_or_default());
        }
        let style = if self.markdown { Style::default() } else { screen.page_style() };
        let mut page = Page::new(style);
        let extent = if self.markdown || self.verbose { Extent::Everything } else { Extent::Screen };
        diff::show(&mut page, difference, extent);
        if self.markdown {
            screen.print(&page.markdown());
        } else {
            screen.page(&page.finish());
        }
    }

    fn exit(&self, difference: &Difference) -> Exit {
        let fails = match self.fail_on {
            None => false,
            Some(FailOn::Privilege) => !difference.privilege.is_empty(),
            Some(FailOn::Change) => !difference.is_empty(),
        };
        if fails { Exit::Pending } else { Exit::Done }
    }
}
