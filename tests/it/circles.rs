//! Files of a folder do not import each other in a circle, except those listed here.
//!
//! A folder beside a file counts as one with it, so each folder is looked at on its own. An import through the
//! `mod.rs` of a folder counts as one of the file that it re-exports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::repository;

/// The circles that stay, each with its reason: the files of one folder that reach each other.
const ALLOWED: [(&str, &[&str], &str); 25] = [
    (
        "engine/src/diff/meaning",
        &["inlined", "writer"],
        "a value that is written out where it is used has an expression, which may use another such value",
    ),
    (
        "engine/src/expression",
        &["constant", "evaluate", "foreign", "functions", "scope"],
        "expressions call functions, and functions such as `templatefile` evaluate expressions",
    ),
    (
        "engine/src/expression/functions",
        &["context", "files"],
        "a context holds the files, and its reach decides which of them it reads",
    ),
    ("engine/src/jmespath", &["budget", "error"], "the error names the limit"),
    (
        "engine/src/jmespath",
        &["compile", "node", "query", "search"],
        "a node calls functions, whose arguments are nodes",
    ),
    (
        "engine/src/jmespath",
        &["members", "nothing"],
        "one tracer in two files: comparisons, and the rest of a query",
    ),
    ("engine/src/jmespath/jq", &["call", "write"], "the arguments of a call are queries"),
    (
        "engine/src/journal",
        &["directory", "error", "lock", "read", "run_record", "prune_record", "writer"],
        "the error names the holder of the lock, and a record is checked against its fold",
    ),
    ("engine/src/plan", &["count", "listing"], "a listing is counted, and holds its counts"),
    (
        "engine/src/plan",
        &["eval_scope", "why_nothing"],
        "a scope traces a name through the scopes of the expressions that set it",
    ),
    (
        "engine/src/plan",
        &["known_results", "plan", "recorded", "selection"],
        "a plan holds the source of its results, and a result is one of a planned step",
    ),
    ("engine/src/plan/file", &["error", "plan_file"], "the error names the format"),
    (
        "engine/src/runbook",
        &["module", "names", "repetition", "runbook", "step"],
        "a module is a runbook with modules",
    ),
    (
        "engine/src/runbook/read",
        &["nested", "requirements"],
        "a nested block has requirements, which name nested blocks",
    ),
    (
        "engine/src/step",
        &["admission", "arg", "text"],
        "an argument may be a partly known text, which is made of arguments",
    ),
    (
        "engine/src/step",
        &["context", "existing", "identity", "receipt", "step_type"],
        "a step type finds and undoes states, which hold outcomes of step types; a step acts as an identity, which gets \
         its tokens for the context of the step",
    ),
    (
        "engine/src/step",
        &["accepts", "argument", "choice", "group", "schema"],
        "arguments contain groups of arguments",
    ),
    (
        "engine/src/syntax",
        &["expression", "reference", "template"],
        "an expression contains templates, which contain expressions",
    ),
    (
        "engine/src/syntax",
        &["parse", "structure"],
        "a file is read block by block, and an error in a block continues the file",
    ),
    (
        "engine/src/syntax/parser",
        &["template", "whitespace"],
        "whitespace control works on the pieces of a template",
    ),
    ("engine/src/value", &["compatible", "unify"], "types contain types"),
    (
        "engine/src/value",
        &["decimal", "float", "number"],
        "a number is read from a decimal notation, whose errors are those of numbers",
    ),
    ("engine/src/value", &["entries", "value"], "a value contains entries, which contain values"),
    ("src", &["cli", "commands", "complete"], "the options of the command line complete themselves"),
    ("src/commands", &["execution", "run"], "a run is executed with the arguments of its command"),
];

/// The segments of a path in the tree of modules.
type Module = Vec<String>;

/// A crate's files, by their modules.
struct Crate {
    texts: BTreeMap<Module, String>,
    /// The names that a module re-exports from a module inside it.
    exports: BTreeMap<Module, BTreeMap<String, String>>,
}

impl Crate {
    fn read(sources: &Path) -> Self {
        let mut texts = BTreeMap::new();
        read(sources, &mut Vec::new(), &mut texts);
        let exports = texts.iter().map(|(module, text)| (module.clone(), exports(text))).collect();
        Self { texts, exports }
    }

    /// Returns the imports between the modules of each folder: folder, importing module, imported module.
    fn imports(&self) -> BTreeMap<Module, BTreeSet<(String, String)>> {
        let mut found: BTreeMap<Module, BTreeSet<(String, String)>> = BTreeMap::new();
        for (module, text) in &self.texts {
            for path in paths(text, module) {
                let shared = module.iter().zip(&path).take_while(|(a, b)| a == b).count();
                let folder = &module[..shared];
                let (Some(from), Some(to)) = (module.get(shared), path.get(shared)) else { continue };
                let to = self.exports.get(folder).and_then(|names| names.get(to)).unwrap_or(to);
                if from != to && self.is_module(folder, to) {
                    found.entry(folder.to_vec()).or_default().insert((from.clone(), to.clone()));
                }
            }
        }
        found
    }

    fn is_module(&self, folder: &[String], name: &str) -> bool {
        let inside: Module = folder.iter().cloned().chain([name.to_owned()]).collect();
        self.texts.keys().any(|module| module.starts_with(&inside))
    }
}

/// Reads the files of a folder, without tests.
fn read(folder: &Path, module: &mut Module, texts: &mut BTreeMap<Module, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if name == "tests" {
            continue;
        }
        let is_face = ["mod", "lib", "main"].contains(&name.as_str());
        if !is_face {
            module.push(name);
        }
        if path.is_dir() {
            read(&path, module, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source file");
            texts.entry(module.clone()).or_default().push_str(&code(&text));
        }
        if !is_face {
            module.pop();
        }
    }
}

/// Returns the text without comments and without the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Returns the re-exported names of a module, with the module inside it that has each.
fn exports(text: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for statement in text.split(';').filter(|statement| statement.trim_start().starts_with("pub")) {
        let Some((_, tree)) = statement.split_once(" use ") else { continue };
        for path in expand(tree) {
            let [module, .., name] = &path[..] else { continue };
            names.insert(name.clone(), module.clone());
        }
    }
    names
}

/// Returns the paths of `crate::` and `super::` in a text, from the root of the crate.
fn paths(text: &str, module: &[String]) -> Vec<Module> {
    let begins = |word: &str| {
        let is_first =
            |at: usize| !text[..at].ends_with(|c: char| c == ':' || c == '_' || c.is_alphanumeric());
        text.match_indices(word).map(|(at, _)| at).filter(move |at| is_first(*at)).collect::<Vec<_>>()
    };
    let from_root = begins("crate::").into_iter().flat_map(|at| expand(tree(&text[at..])));
    let from_root = from_root.map(|path| path[1..].to_vec());
    let from_here = begins("super::").into_iter().flat_map(|at| expand(tree(&text[at..])));
    let from_here = from_here.map(|path| {
        let up = path.iter().take_while(|segment| *segment == "super").count();
        let around = &module[..module.len().saturating_sub(up)];
        around.iter().chain(&path[up..]).cloned().collect()
    });
    from_root.chain(from_here).collect()
}

/// Returns the path, or the tree of paths, that a text begins with.
fn tree(text: &str) -> &str {
    let is_path = |c: char| c == ':' || c == '_' || c.is_alphanumeric();
    let end = text.find(|c| !is_path(c)).unwrap_or(text.len());
    if !text[..end].ends_with("::") || !text[end..].starts_with('{') {
        return &text[..end];
    }
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < end) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return &text[..=at],
            '}' => depth -= 1,
            _ => {}
        }
    }
    text
}

/// Returns the paths of a tree such as `a::{b, c::{d, e}}`.
fn expand(tree: &str) -> Vec<Module> {
    let (start, inner) = match tree.trim().split_once('{') {
        Some((start, inner)) => (start, inner.trim_end().strip_suffix('}').unwrap_or(inner)),
        None => (tree.trim(), ""),
    };
    let start = start.split(" as ").next().unwrap_or_default();
    let segments = start.split("::").map(str::trim).filter(|segment| !segment.is_empty());
    let segments: Module = segments.filter(|segment| *segment != "self").map(str::to_owned).collect();
    if inner.is_empty() {
        return vec![segments];
    }
    let (mut depth, mut from, mut all) = (0_usize, 0, Vec::new());
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let part = inner[from..at].trim();
                from = at + 1;
                let below = if part.is_empty() { Vec::new() } else { expand(part) };
                all.extend(below.into_iter().map(|path| segments.iter().cloned().chain(path).collect()));
            }
            _ => {}
        }
    }
    all
}

/// Returns the names that a name reaches.
fn reach<'a>(imports: &'a BTreeSet<(String, String)>, from: &'a str) -> BTreeSet<&'a str> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(at) = open.pop() {
        let next = imports.iter().filter(|(importing, _)| importing == at);
        open.extend(next.map(|(_, imported)| imported.as_str()).filter(|name| seen.insert(*name)));
    }
    seen
}

/// Returns the groups of names that reach each other.
fn circles(imports: &BTreeSet<(String, String)>) -> BTreeSet<Vec<&str>> {
    let names: BTreeSet<&str> = imports.iter().map(|(from, _)| from.as_str()).collect();
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        names.iter().map(|name| (*name, reach(imports, name))).collect();
    let circle = |name: &str| -> Vec<&str> {
        let mutual = |other: &&&str| reached[name].contains(**other) && reached[**other].contains(name);
        names.iter().filter(mutual).copied().collect()
    };
    names.iter().map(|name| circle(name)).filter(|circle| !circle.is_empty()).collect()
}

#[test]
fn files_do_not_import_each_other_in_a_circle() {
    let mut open: BTreeSet<&str> = ALLOWED.iter().map(|(_, _, reason)| *reason).collect();
    let mut new = Vec::new();
    for sources in ["src", "engine/src"] {
        for (folder, imports) in Crate::read(&repository().join(sources)).imports() {
            let folder = [sources.to_owned()].into_iter().chain(folder).collect::<Vec<_>>().join("/");
            for circle in circles(&imports) {
                let is_allowed = |(place, files, _): &&(&str, &[&str], &str)| {
                    *place == folder && circle.iter().all(|file| files.contains(file))
                };
                match ALLOWED.iter().find(is_allowed) {
                    Some((_, _, reason)) => drop(open.remove(reason)),
                    None => new.push(format!("{folder}: {}", circle.join(", "))),
                }
            }
        }
    }
    assert!(new.is_empty(), "these import each other in a circle:\n{}", new.join("\n"));
    assert!(open.is_empty(), "these circles are listed and exist no more: {open:?}");
}

#[test]
fn imports_are_found() {
    let module = ["plan".to_owned(), "show".to_owned()];
    let text = "use super::{State, count::{self, Count}};\nuse crate::graph::Node as N;\nfn f() { super::super::run::go(1) }";
    let found = paths(text, &module).into_iter().map(|path| path.join("::")).collect::<Vec<_>>();
    assert_eq!(found, ["graph::Node", "plan::State", "plan::count", "plan::count::Count", "run::go"]);
    let text = "mod state;\npub use state::{State, Known};\npub(crate) use a::b;\nuse c::d;";
    let found: Vec<_> = exports(text).into_iter().collect();
    let pair = |name: &str, module: &str| (name.to_owned(), module.to_owned());
    assert_eq!(found, [pair("Known", "state"), pair("State", "state"), pair("b", "a")]);
    let edges = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")].map(|(from, to)| pair(from, to));
    assert_eq!(circles(&edges.into_iter().collect()), BTreeSet::from([vec!["a", "b", "c"]]));
}
