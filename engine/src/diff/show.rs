//! Shows a difference to people.

use std::collections::HashSet;
use std::fmt::Write as _;

use indexmap::IndexMap;

use super::access::{FileUse, Host, Program, Statement};
use super::block::{BlockDifference, Change};
use super::difference::{Changes, Difference, Used};
use super::excerpt::excerpts;
use super::grows::GrowthKind;
use super::meaning::BlockKind;
use super::part::PartDifference;
use super::permission::HeldPermission;
use super::privilege::actor;
use super::secret_end::SecretEnd;
use crate::layout::{Page, Row};
use crate::plan::{plural, shape};
use crate::step::{few, shortened};

/// The maximum number of rows of a table on one screen; a document has all of them.
const ROWS: usize = 12;

/// The amount of a difference that a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// One screen: privilege first, the first rows of each table, and nothing twice.
    Screen,
    /// Everything.
    Everything,
}

/// Makes a text as short as the page wants it.
type Brief = fn(&str) -> String;

/// Writes the page of a difference.
pub fn show(page: &mut Page, difference: &Difference, extent: Extent) {
    let is_whole = extent == Extent::Everything;
    let title = format!("{} → {}", difference.old, difference.new);
    let verdict = match difference.privilege.len() {
        _ if difference.is_empty() && difference.privilege.is_empty() => "nothing changed in meaning",
        0 => "privilege does not grow",
        _ => "privilege grows",
    };
    page.heading(&format!("{title} · diff"), verdict);
    difference.notes.iter().for_each(|note| page.prose(note));
    if !difference.compares_expressions {
        page.prose(
            "A plan file has no expressions: a change behind a value that is known later is not seen.",
        );
    }
    for sentence in counts(difference) {
        page.prose(&sentence);
    }
    page.gap();
    let brief: Brief = if is_whole { str::to_owned } else { shortened };
    let most = if is_whole { usize::MAX } else { ROWS };
    let mut table = |label: &str, columns, rows: Vec<Row>| page.columns(label, columns, cut(rows, most));
    table("Grows", &["privilege", "blocks", "access"], growth(difference, is_whole, brief));
    table("Blocks", &["", "block", "difference"], blocks(difference, brief));
    let input =
        |file: &super::FileChange| Row { symbol: file.change.symbol(), cells: vec![file.path.clone()] };
    let mut folded = 0;
    let mut sets = Sets { added: (!is_whole).then(|| difference.added()), folded: &mut folded };
    table(
        "Rights",
        &["", "permission", "scope", "identity", "blocks"],
        sets.rows(&difference.permissions, right),
    );
    table("Hosts", &["", "host", "receives", "blocks"], sets.rows(&difference.hosts, host));
    table("Secrets", &["", "from", "to", "blocks"], sets.rows(&difference.secrets, secret));
    table("Files", &["", "use", "path", "blocks"], sets.rows(&difference.files, file));
    table("Programs", &["", "program", "blocks"], sets.rows(&difference.programs, program));
    table("Database", &["", "statement", "blocks"], sets.rows(&difference.statements, statement));
    table("Read", &["", "file"], difference.inputs.iter().map(input).collect());
    page.legend(MARKS);
    if folded > 0 {
        page.gap();
        page.line(
            0,
            format_args!(
                "Not listed here: {}; -verbose lists all.",
                counted((folded, "access of added blocks"))
            ),
        );
    }
}

/// The meanings of the marks before differences.
const MARKS: &[(&str, &str)] = &[("+", "added"), ("-", "removed"), ("~", "changed"), (">", "renamed")];

/// Counts the differences of each kind in words.
fn counts(difference: &Difference) -> Vec<String> {
    let of = |change: Change, kind: BlockKind| {
        difference.blocks.iter().filter(|one| one.change == change && one.kind == kind).count()
    };
    let kinds = [
        (BlockKind::Runbook, "setting"),
        (BlockKind::Variable, "variable"),
        (BlockKind::Identity, "identity"),
        (BlockKind::Module, "module"),
        (BlockKind::Step, "step"),
        (BlockKind::Check, "check"),
        (BlockKind::Output, "output"),
    ];
    let changes = [
        (Change::Added, "added"),
        (Change::Removed, "removed"),
        (Change::Changed, "changed"),
        (Change::Renamed, "renamed"),
    ];
    let of_change = |(change, words): (Change, &str)| {
        let counts = kinds.iter().map(|(kind, noun)| (of(change, *kind), *noun));
        let counts: Vec<String> = counts.filter(|(count, _)| *count > 0).map(counted).collect();
        (!counts.is_empty()).then(|| format!("{words}: {}", counts.join(", ")))
    };
    let blocks: Vec<String> = changes.into_iter().filter_map(of_change).collect();
    let mut grown: IndexMap<&str, usize> = IndexMap::new();
    for growth in &difference.privilege {
        *grown.entry(growth.kind.noun()).or_default() += 1;
    }
    let grown: Vec<String> = grown.into_iter().map(|(noun, count)| counted((count, noun))).collect();
    let sentence = |parts: Vec<String>, before: &str, between: &str| {
        (!parts.is_empty()).then(|| format!("{before}{}.", parts.join(between)))
    };
    let blocks = sentence(blocks, "Blocks ", "; ");
    blocks.into_iter().chain(sentence(grown, "Privilege grows by ", ", ")).collect()
}

/// Returns a number of things in words: the first word is the noun, and others say more about it.
fn counted((count, noun): (usize, &str)) -> String {
    match noun.split_once(' ') {
        Some((noun, more)) => format!("{} {more}", plural(count, noun)),
        None => plural(count, noun),
    }
}

/// The rows of sets of accesses. On one screen, those that only added blocks have are counted: they grow privilege,
/// and then stand above, or are told by their blocks.
struct Sets<'a> {
    added: Option<HashSet<&'a str>>,
    folded: &'a mut usize,
}

impl Sets<'_> {
    fn rows<T>(&mut self, changes: &Changes<T>, cells: impl Fn(&T) -> Vec<String>) -> Vec<Row> {
        let row = |symbol: &'static str, used: &Used<T>| {
            let mut cells = cells(&used.one);
            cells.push(few(&used.blocks));
            Row { symbol, cells }
        };
        let is_told = |used: &&Used<T>| {
            let is_added = |block: &String| {
                self.added.as_ref().is_some_and(|added| {
                    added.contains(shape(block).as_str()) || added.contains(block.as_str())
                })
            };
            !used.blocks.is_empty() && used.blocks.iter().all(is_added)
        };
        let told = changes.added.iter().filter(is_told).count();
        let added = changes.added.iter().filter(|used| !is_told(used)).map(|used| row("+", used));
        let rows = added.chain(changes.removed.iter().map(|used| row("-", used))).collect();
        *self.folded += told;
        rows
    }
}

/// Keeps the first rows, and says how many more there are.
fn cut(mut rows: Vec<Row>, most: usize) -> Vec<Row> {
    if rows.len() > most {
        let more = rows.split_off(most - 1).len();
        rows.push(Row::of([format!("and {more} more; -verbose lists them")]));
    }
    rows
}

/// Returns the rows of privilege; accesses that are not known are one row for the same blocks, unless all are listed.
fn growth(difference: &Difference, is_whole: bool, brief: Brief) -> Vec<Row> {
    let mut groups: IndexMap<(GrowthKind, &[String], usize), Vec<&str>> = IndexMap::new();
    for (at, growth) in difference.privilege.iter().enumerate() {
        let is_grouped = growth.kind == GrowthKind::Unknown && !is_whole;
        let key = (growth.kind, growth.blocks.as_slice(), if is_grouped { usize::MAX } else { at });
        groups.entry(key).or_default().push(&growth.access);
    }
    let row = |((kind, blocks, _), accesses): ((GrowthKind, &[String], usize), Vec<&str>)| {
        let first = accesses.first().copied().unwrap_or_default();
        let more = match accesses.len() - 1 {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        // A scope, a host or a path says how far an access reaches, at its end too.
        let first = match first.split_once(": ") {
            _ if !kind.is_long() || brief(first) == *first => first.to_owned(),
            Some((name, change)) => match change.split_once(" → ") {
                Some((old, new)) => format!("{name}: {}", excerpts(old, new)),
                None => brief(first),
            },
            None => brief(first),
        };
        Row::of([kind.words().to_owned(), few(blocks), format!("{first}{more}")])
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
        (Some(old), Some(new)) if brief(old) != *old || brief(new) != *new => {
            format!("{name}: {}", excerpts(old, new))
        }
        (Some(old), Some(new)) => format!("{name}: {old} → {new}"),
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
