//! A stage of the pipeline imports only earlier stages.

use std::fs;
use std::path::{Path, PathBuf};

/// The stages in their order; `ARCHITECTURE.md` lists them too.
const STAGES: [&str; 25] = [
    "source",
    "diagnostic",
    "layout",
    "value",
    "redact",
    "jmespath",
    "syntax",
    "format",
    "expression",
    "program",
    "step",
    "runbook",
    "explain",
    "graph",
    "plan",
    "permissions",
    "diff",
    "policy",
    "audit",
    "export",
    "run",
    "journal",
    "timeline",
    "report",
    "attest",
];

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("the sources").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            files(&entry, found);
        } else if entry.extension().is_some_and(|ending| ending == "rs") {
            found.push(entry);
        }
    }
}

/// Returns the stages that a file names as `crate::stage`.
fn imports(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    text.match_indices("crate::").filter_map(|(at, prefix)| {
        let name: &str =
            text[at + prefix.len()..].split(|next: char| !next.is_alphanumeric() && next != '_').next()?;
        let stage = STAGES.iter().position(|stage| *stage == name)?;
        Some((stage, STAGES[stage]))
    })
}

#[test]
fn no_stage_imports_a_later_one() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (number, stage) in STAGES.iter().enumerate() {
        let mut found = Vec::new();
        files(&sources.join(stage), &mut found);
        assert!(!found.is_empty(), "the stage {stage} has no files");
        for file in found {
            let text = fs::read_to_string(&file).expect("a source file");
            let later = imports(&text).filter(|(imported, _)| *imported > number);
            wrong.extend(later.map(|(_, name)| format!("{} imports {name}", file.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
