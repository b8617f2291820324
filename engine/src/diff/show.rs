//! Shows a difference to people.

use std::fmt::Write as _;

use indexmap::IndexMap;

use super::access::{FileUse, Host, Program, Statement};
use super::block::BlockDifference;
use super::difference::{Changes, Difference, Used};
use super::grows::GrowthKind;
use super::meaning::BlockKind;
use super::part::PartDifference;
use super::permission::HeldPermission;
use super::privilege::actor;
use super::secret_end::SecretEnd;
use crate::layout::{Page, Row};
use crate::step::{few, shortened};

/// The maximum number of rows of a table on one screen; a document has all of them.
const ROWS: usize = 12;

/// Makes a text as short as the page wants it.
type Brief = fn(&str) -> String;

/// Writes the page of a difference; `is_document` is true if it has all rows, rather than those for one screen.
pub fn show(page: &mut Page, difference: &Difference, is_document: bool) {
    let title = format!("{} → {}", difference.old, difference.new);
    let verdict = match difference.privilege.len() {
        _ if difference.is_empty() && difference.privilege.is_empty() => "nothing changed in meaning",
        0 => "privilege does not grow",
        _ => "privilege grows",
    };
    page.heading(&format!("{title} · diff"), verdict);
    if !difference.compares_expressions {
        page.prose(
            "A plan file has no expressions: a change behind a value that is known later is not seen.",
        );
    }
    page.gap();
    let brief: Brief = if is_document { str::to_owned } else { shortened };
    let most = if is_document { usize::MAX } else { ROWS };
    let mut table = |label: &str, columns, rows: Vec<Row>| page.columns(label, columns, cut(rows, most));
    table("Grows", &["privilege", "blocks", "access"], growth(difference, is_document, brief));
    table("Blocks", &["", "block", "difference"], blocks(difference, brief));
    table("Rights", &["", "permission", "scope", "identity", "blocks"], rows(&difference.permissions, right));
    table("Hosts", &["", "host", "receives", "blocks"], rows(&difference.hosts, host));
    table("Secrets", &["", "from", "to", "blocks"], rows(&difference.secrets, secret));
    table("Files", &["", "use", "path", "blocks"], rows(&difference.files, file));
    table("Programs", &["", "program", "blocks"], rows(&difference.programs, program));
    table("Database", &["", "statement", "blocks"], rows(&difference.statements, statement));
    let input =
        |file: &super::FileChange| Row { symbol: file.change.symbol(), cells: vec![file.path.clone()] };
    table("Read", &["", "file"], difference.inputs.iter().map(input).collect());
}

/// Keeps the first rows, and says how many more there are.
fn cut(mut rows: Vec<Row>, most: usize) -> Vec<Row> {
    if rows.len() > most {
        let more = rows.split_off(most - 1).len();
        rows.push(Row::of([format!("and {more} more; -markdown and -json list them")]));
    }
    rows
}

/// Returns the rows of privilege; accesses that are not known are one row for the same blocks, unless all are listed.
fn growth(difference: &Difference, is_document: bool, brief: Brief) -> Vec<Row> {
    let mut groups: IndexMap<(GrowthKind, &[String], usize), Vec<&str>> = IndexMap::new();
    for (at, growth) in difference.privilege.iter().enumerate() {
        let is_grouped = growth.kind == GrowthKind::Unknown && !is_document;
        let key = (growth.kind, growth.blocks.as_slice(), if is_grouped { usize::MAX } else { at });
        groups.entry(key).or_default().push(&growth.access);
    }
    let row = |((kind, blocks, _), accesses): ((GrowthKind, &[String], usize), Vec<&str>)| {
        let first = accesses.first().copied().unwrap_or_default();
        let more = match accesses.len() - 1 {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        Row::of([kind.words().to_owned(), few(blocks), format!("{}{more}", brief(first))])
    };
    groups.into_iter().map(row).collect()
}

fn blocks(difference: &Difference, brief: Brief) -> Vec<Row> {
    let mut rows = Vec::new();
    for block in &difference.blocks {
        let symbol = block.change.symbol();
        let name =
            if block.kind == BlockKind::Runbook { "runbook".to_owned() } else { block.address.clone() };
        let head = |text: String| Row { symbol, cells: vec![name.clone(), text] };
        let was = block.was.as_ref().map(|was| format!("was {was}"));
        let mut texts: Vec<String> =
            was.into_iter().chain(block.parts.iter().map(|one| part(one, brief))).collect();
        texts.extend(instances("new instances", &block.added_instances));
        texts.extend(instances("instances gone", &block.removed_instances));
        if texts.is_empty() {
            texts.push(object(block));
        }
        rows.extend(texts.into_iter().map(head));
    }
    rows
}

fn object(block: &BlockDifference) -> String {
    match &block.effect {
        Some(effect) if block.title.is_empty() => effect.as_str().to_owned(),
        Some(effect) => format!("{} {}", effect.as_str(), block.title),
        None => String::new(),
    }
}

fn instances(words: &str, addresses: &[String]) -> Option<String> {
    (!addresses.is_empty()).then(|| format!("{words}: {}", few(addresses)))
}

fn part(part: &PartDifference, brief: Brief) -> String {
    let PartDifference { name, old, new, is_consequence } = part;
    let mut text = match (old, new) {
        (Some(old), Some(new)) => format!("{name}: {} → {}", brief(old), brief(new)),
        (None, Some(new)) => format!("{name}: new: {}", brief(new)),
        (Some(old), None) => format!("{name}: gone: {}", brief(old)),
        (None, None) => name.clone(),
    };
    if *is_consequence {
        // Writing to a string cannot fail.
        let _ = write!(text, " (its value, by another change)");
    }
    text
}

fn rows<T>(changes: &Changes<T>, cells: impl Fn(&T) -> Vec<String>) -> Vec<Row> {
    let row = |symbol: &'static str, used: &Used<T>| {
        let mut cells = cells(&used.one);
        cells.push(few(&used.blocks));
        Row { symbol, cells }
    };
    let added = changes.added.iter().map(|used| row("+", used));
    added.chain(changes.removed.iter().map(|used| row("-", used))).collect()
}

fn right(held: &HeldPermission) -> Vec<String> {
    vec![held.action.clone(), held.scope.clone(), actor(&held.acts_as).to_owned()]
}

fn host(host: &Host) -> Vec<String> {
    let receives = match (&host.token, &host.acts_as) {
        (Some(token), Some(acts_as)) => format!("a token of {} for {token}", actor(acts_as)),
        _ => "no token".to_owned(),
    };
    let tls = if host.plain_http { " without TLS" } else { "" };
    vec![format!("{}{tls}", host.host), receives]
}

fn secret(end: &SecretEnd) -> Vec<String> {
    let place = if end.place.is_empty() { String::new() } else { format!(": {}", end.place) };
    vec![end.from.clone(), format!("→ {}{place}", end.to)]
}

fn file(file: &FileUse) -> Vec<String> {
    let mode = file.mode.as_ref().map(|mode| format!(", mode {mode}")).unwrap_or_default();
    vec![file.access.clone(), format!("{}{mode}", file.path)]
}

fn program(program: &Program) -> Vec<String> {
    vec![program.words()]
}

fn statement(statement: &Statement) -> Vec<String> {
    vec![statement.line.clone()]
}
