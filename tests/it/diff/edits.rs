//! A table of edits of one runbook, with everything that is said of each.

use super::support::{difference, lines, write};
use crate::support::Place;

/// The runbook that is edited.
const BASE: &str = include_str!("base.runbook.hcl");

/// The module that it uses.
const PART: &str = include_str!("part.runbook.hcl");

/// The edits: a name, and the texts that replace others.
const EDITS: &str = include_str!("edits.txt");

/// An edit of the table: `## name`, then pairs of texts between `<<<`, `===` and `>>>`.
struct Edit<'a> {
    name: &'a str,
    replaced: Vec<(&'a str, &'a str)>,
}

fn edits() -> Vec<Edit<'static>> {
    let edit = |text: &'static str| {
        let (name, rest) = text.split_once('\n').expect("a name and a text");
        let pair = |pair: &'static str| {
            let (old, rest) = pair.split_once("\n===").expect("a middle");
            let (new, _) = rest.split_once("\n>>>").expect("an end");
            (old, new.strip_prefix('\n').unwrap_or(new))
        };
        Edit { name, replaced: rest.split("<<<\n").skip(1).map(pair).collect() }
    };
    EDITS.split("\n## ").skip(1).map(edit).collect()
}

#[test]
fn every_edit_is_told_by_its_meaning() {
    let place = Place::new();
    write(&place, "old", BASE);
    write(&place, "old/part", PART);
    place.write("old/banner.txt", "welcome\n");
    place.write("old/greeting.j2", "Hello {{ name }}\n");
    let edits = edits();
    assert!(edits.len() >= 50, "{} edits", edits.len());
    let mut said = String::new();
    for Edit { name, replaced } in edits {
        let mut files = [BASE, PART, "welcome\n", "Hello {{ name }}\n"].map(str::to_owned);
        for (old, new) in replaced {
            let file = files.iter_mut().find(|file| file.contains(old));
            let file = file.unwrap_or_else(|| panic!("{name}: nothing has the text {old}"));
            *file = file.replacen(old, new, 1);
        }
        write(&place, "new", &files[0]);
        write(&place, "new/part", &files[1]);
        place.write("new/banner.txt", &files[2]);
        place.write("new/greeting.j2", &files[3]);
        let lines = lines(&difference(&place, "old", "new"));
        let lines = if lines.is_empty() { vec!["nothing".to_owned()] } else { lines };
        said.extend([name, "\n    ", &lines.join("\n    "), "\n"]);
    }
    insta::assert_snapshot!(said);
}
