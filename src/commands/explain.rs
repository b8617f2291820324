//! `arcbook explain`.

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::explain::{Group, Topic, find, topics};

use arcbook_steps::registry;

use crate::azure;
use crate::exit::Exit;
use crate::screen::{Screen, columns};

#[derive(clap::Args)]
pub struct Arguments {
    /// A step type, a kind of identity, a block or a function; where several go by a name, all of them, or one after
    /// `step`, `identity`, `block`, `function` or `jmespath`. Everything is listed when it is left out.
    #[arg(value_name = "NAME")]
    name: Vec<String>,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let registry = registry(&azure::public());
    if arguments.name.is_empty() {
        list(&topics(&registry), screen);
        return Exit::Done;
    }
    let asked = arguments.name.join(" ");
    match find(&asked, &registry) {
        Ok(found) => {
            explain(&found, screen);
            Exit::Done
        }
        Err(hint) => {
            super::wrong(screen, unknown(&asked).maybe_help(hint).help("`arcbook explain` lists everything"))
        }
    }
}

fn unknown(asked: &str) -> Diagnostic {
    Diagnostic::error(
        "unknown-step-type",
        format!("there is no step type, kind of identity, block or function `{asked}`"),
    )
}

fn explain(found: &[Topic<'_>], screen: &Screen) {
    for (at, topic) in found.iter().enumerate() {
        if screen.json {
            screen.object(&topic.json());
            continue;
        }
        if at > 0 {
            screen.line("");
        }
        if found.len() > 1 {
            screen.line(&format!("## {} {}\n", topic.group().word(), topic.name()));
        }
        screen.print(&columns().map_or_else(|| topic.text(), |columns| topic.flowed(columns)));
    }
}

fn list(topics: &[Topic<'_>], screen: &Screen) {
    if screen.json {
        for topic in topics {
            screen.object(&topic.json());
        }
        return;
    }
    for (at, group) in Group::ALL.into_iter().enumerate() {
        screen.line(&format!("{}{}", if at > 0 { "\n" } else { "" }, group.heading()));
        for topic in topics.iter().filter(|topic| topic.group() == group) {
            screen.flow(&format!("  {:<18} {}", topic.name(), topic.summary()));
        }
    }
    screen.line("\n`arcbook explain NAME` tells more, with an example.");
}
