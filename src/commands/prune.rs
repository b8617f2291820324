//! `arcbook runs prune`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use arcbook_engine::attest::SigningKey;
use arcbook_engine::diagnostic::{Diagnostic, Diagnostics, visible_line};
use arcbook_engine::journal::{Doomed, JournalError, Kept, Lock, Prune, Pruned, Retention};
use arcbook_engine::plan::abridged;
use arcbook_engine::run::{Approval, PriorRun};
use arcbook_steps::EMBEDDED_LAB;
use serde_json::json;

use super::{JournalArguments, LockArguments, block_on, failed, origin, refused, time, wrong};
use crate::approve::{ask, can_ask};
use crate::exit::Exit;
use crate::progress::plural;
use crate::screen::Screen;
use crate::signing::{SignArguments, sign_records};

#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("rules").args(["older_than", "keep"]).required(true).multiple(true)))]
pub struct Arguments {
    /// Remove only records of runs that began at least this long ago, such as `30d`.
    #[arg(long, value_name = "TIME", value_parser = time)]
    older_than: Option<Duration>,
    /// Keep the records of this many newest runs.
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
    #[command(flatten)]
    useful: Useful,
    /// Show the records that would be removed, without removing them.
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Skip the approval of removals.
    #[arg(long)]
    auto_approve: bool,
    #[command(flatten)]
    sign: SignArguments,
    #[command(flatten)]
    lock: LockArguments,
    #[command(flatten)]
    journal: JournalArguments,
}

/// The options to remove records that are still of use.
#[derive(clap::Args)]
struct Useful {
    /// Remove even the records of runs that can still be resumed.
    #[arg(long)]
    including_resumable: bool,
    /// Remove even the records of runs that can still be undone.
    #[arg(long)]
    including_undoable: bool,
    /// Remove even records that were to be uploaded, and were not.
    #[arg(long)]
    including_unshipped: bool,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let key = match arguments.sign.key(screen) {
        Ok(key) => key,
        Err(diagnostic) => return wrong(screen, diagnostic),
    };
    match block_on(go(arguments, key.as_ref(), screen)) {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => refused(screen, error),
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn go(arguments: &Arguments, key: Option<&SigningKey>, screen: &Screen) -> Result<Exit, JournalError> {
    let (directory, retention) = (arguments.journal.directory(), arguments.retention());
    let mut prune = Prune::plan(&directory, &retention, is_over)?;
    let told = say(&prune, screen, "");
    if arguments.dry_run || prune.removes.is_empty() {
        return Ok(Exit::Done);
    }
    if !arguments.auto_approve
        && let Err(exit) = can_ask(screen, "records are removed", "review the list")
    {
        return Ok(exit);
    }
    let _locks = arguments.lock(&mut prune, || Prune::plan(&directory, &retention, is_over), screen).await?;
    say(&prune, screen, &told);
    if prune.removes.is_empty() {
        return Ok(Exit::Done);
    }
    if !arguments.auto_approve
        && let Err(exit) = ask(screen, "")
    {
        return Ok(exit);
    }
    let approval = if arguments.auto_approve { Approval::AutoApprove } else { Approval::Typed };
    let pruned = prune.carry_out(origin::of_process(approval), |path| fs::remove_file(path))?;
    let exit = close(&prune, &pruned, screen);
    Ok(sign_records(&directory, &[pruned.id], key, screen, exit))
}

impl Arguments {
    fn retention(&self) -> Retention {
        Retention {
            older_than: self.older_than,
            keep: self.keep,
            including_resumable: self.useful.including_resumable,
            including_undoable: self.useful.including_undoable,
            including_unshipped: self.useful.including_unshipped,
        }
    }

    /// Locks the runbooks whose records are removed, so that nothing resumes or undoes these runs meanwhile,
    /// and plans the removal anew: another process may have held a lock until now.
    async fn lock<'a>(
        &self,
        prune: &mut Prune<'a>,
        again: impl Fn() -> Result<Prune<'a>, JournalError>,
        screen: &Screen,
    ) -> Result<Vec<Lock>, JournalError> {
        let (mut locks, mut locked) = (Vec::new(), BTreeSet::new());
        loop {
            let runbooks = prune.runbooks();
            // All runbooks in one directory share its lock.
            let by_place: BTreeMap<String, String> =
                runbooks.into_iter().map(|(name, place)| (place, name)).collect();
            let free: Vec<_> = by_place.into_iter().filter(|(place, _)| !locked.contains(place)).collect();
            if free.is_empty() && !locked.is_empty() {
                return Ok(locks);
            }
            for (place, name) in free {
                locks.push(self.lock.acquire((&name, &place), screen).await?);
                locked.insert(place);
            }
            *prune = again()?;
            if prune.runbooks().is_empty() {
                return Ok(locks);
            }
        }
    }
}

/// Returns true for a run on the embedded lab, whose Azure ended with it; its changes of this machine stay.
fn is_over(run: &PriorRun) -> bool {
    run.setting.get(EMBEDDED_LAB).is_some()
}

/// Prints the records to remove and those that are kept in spite of their age, unless that was `told` before;
/// returns the text.
fn say(prune: &Prune<'_>, screen: &Screen, told: &str) -> String {
    let text = text(prune);
    if text == told {
        return text;
    }
    if screen.json {
        let removes = prune.removes.iter().map(|doomed| &doomed.facts);
        let keeps = prune.keeps.iter().map(|(run, why)| json!({ "run": run, "because": because(*why) }));
        screen.object(&json!({
            "removes": removes.collect::<Vec<_>>(),
            "keeps": keeps.collect::<Vec<_>>(),
            "stay": prune.stay,
        }));
    } else {
        screen.print(&text);
    }
    text
}

fn text(prune: &Prune<'_>) -> String {
    let mut lines = Vec::new();
    if !prune.removes.is_empty() {
        lines.push("These records are removed:".to_owned());
    }
    for Doomed { facts, runbook, .. } in &prune.removes {
        let of = runbook.as_ref().map_or("an earlier removal", |(name, _)| name.as_str());
        lines.push(format!("- {}  {of}, {}", facts.run, plural_bytes(facts.bytes)));
    }
    let mut kept: BTreeMap<Kept, Vec<&str>> = BTreeMap::new();
    for (run, why) in &prune.keeps {
        kept.entry(*why).or_default().push(run);
    }
    if !kept.is_empty() {
        lines.push("These are old enough, and are kept:".to_owned());
    }
    lines.extend(kept.iter().map(|(why, runs)| format!("= {}: {}", abridged(runs), because(*why))));
    let stay = prune.stay;
    lines.push(match prune.removes.len() {
        0 => format!("There is nothing to remove; {} kept.", are(stay)),
        count => {
            let bytes = prune.removes.iter().map(|doomed| doomed.facts.bytes).sum();
            format!("{} ({}) to remove; {} kept.", plural(count, "record"), plural_bytes(bytes), are(stay))
        }
    });
    // Names come from files and records.
    lines.iter().map(|line| visible_line(line) + "\n").collect()
}

fn are(count: usize) -> String {
    format!("{} {}", plural(count, "record"), if count == 1 { "is" } else { "are" })
}

fn plural_bytes(bytes: u64) -> String {
    plural(usize::try_from(bytes).unwrap_or(usize::MAX), "byte")
}

fn because(why: Kept) -> &'static str {
    match why {
        Kept::Resumable => "they can still be resumed (`-including-resumable` removes them too)",
        Kept::Undoable => "they can still be undone (`-including-undoable` removes them too)",
        Kept::Unshipped => {
            "they were to leave the machine, and did not: `arcbook runs ship` uploads them (`-including-unshipped` removes them)"
        }
        Kept::InProgress => "they may be in progress",
        Kept::Incomplete => "a record of their chain was altered or is missing: see `arcbook verify`",
        Kept::Witness => {
            "they name a record that is missing, as `arcbook verify` says: without them, nobody would know"
        }
    }
}

/// Reports the end of a removal.
fn close(prune: &Prune<'_>, pruned: &Pruned, screen: &Screen) -> Exit {
    let Pruned { id, digest, left } = pruned;
    let count = prune.removes.len() - left.len();
    if screen.json {
        let digest = digest.to_string();
        screen.object(&json!({ "removed": count, "left": left, "record": id, "digest": digest }));
    } else {
        let removed = plural(count, "record");
        screen.line(&format!("{removed} removed. Recorded in {id}, sha256 {digest}."));
    }
    let mut problems = Diagnostics::new();
    for left in left {
        let summary = format!("the record of {} could not be removed: {}", left.run, left.reason);
        problems.push(
            Diagnostic::error("record-not-removed", summary)
                .help("get permission to write to the directory, and remove it again"),
        );
    }
    if problems.is_empty() { Exit::Done } else { failed(screen, problems) }
}
