//! Addresses by which users name a part of a runbook: `module.site["west"].step.blob_upload.report[0]`.

use std::collections::HashSet;
use std::fmt;

use crate::diagnostic::{Diagnostic, did_you_mean, odd_character};
use crate::graph::{Blocks, Instance, Item};
use crate::runbook::Runbook;
use crate::source::{SourceFile, Sources};
use crate::syntax::{Reference, Segment, Use, parse_expression};

/// The address of a step, module, output or check; without a key it names all instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The enclosing modules, outermost first; without a `part`, the last one is the named part itself.
    modules: Vec<Name>,
    /// The named step, output or check.
    part: Option<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    /// The block: `module.name`, `step.type.name`, `output.name` or `check.name`.
    block: String,
    key: Option<Instance>,
}

/// An address resolved to an existing part of a runbook.
#[derive(Clone, Debug)]
pub struct Located {
    /// The enclosing modules: the index of each block in its parent runbook, and the instance key, if given.
    modules: Vec<(usize, Option<Instance>)>,
    /// The step, output or check.
    item: Option<Item>,
    /// The instance key of the step, output or check, if given.
    key: Option<Instance>,
}

/// The relation of a node to an address. The variants are ordered: the lesser of two holds for both together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The node is outside the address.
    Apart,
    /// The node is another instance of the named block, or lies in one.
    Other,
    /// The node is a placeholder for instances, one of which may match the address.
    Perhaps,
    /// The node matches the address, or lies in the part that matches.
    Within,
}

/// The root names of an address.
const ROOTS: [&str; 4] = ["step", "module", "output", "check"];
/// The maximum number of existing parts that a message lists.
const LISTED: usize = 10;

impl Address {
    /// Parses an address as a user wrote it.
    pub fn parse(text: &str) -> Result<Self, Box<Diagnostic>> {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new("address", text.to_owned()));
        let expression = parse_expression(&sources, file).map_err(|_| unreadable(text))?;
        let uses = expression.uses();
        let reference = match uses.as_slice() {
            [Use { reference, key: None }] => reference,
            [Use { reference, key: Some(_) }, ..] => return Err(unquoted(text, reference)),
            _ => return Err(unreadable(text)),
        };
        if reference.span.range() != (0..text.len()) {
            return Err(if text.ends_with("[*]") { starred(text) } else { unreadable(text) });
        }
        Self::of(reference).ok_or_else(|| unreadable(text))
    }

    fn of(reference: &Reference) -> Option<Self> {
        let mut address = Self { modules: Vec::new(), part: None };
        let mut root = reference.root.value.clone();
        let mut path = reference.path.iter().peekable();
        loop {
            let mut names = vec![root.clone()];
            for _ in 0..if &*root == "step" { 2 } else { 1 } {
                match path.next()? {
                    Segment::Attribute(name) => names.push(name.value.clone()),
                    Segment::Index(_) => return None,
                }
            }
            let key = path.next_if(|next| matches!(next, Segment::Index(_))).map(instance).transpose();
            let name = Name { block: names.join("."), key: key.ok()? };
            match &*root {
                "module" => address.modules.push(name),
                "step" => address.part = Some(name),
                "output" | "check" if name.key.is_none() => address.part = Some(name),
                _ => return None,
            }
            match path.next() {
                None => return Some(address),
                Some(Segment::Attribute(next)) if address.part.is_none() => root = next.value.clone(),
                Some(_) => return None,
            }
        }
    }

    /// Resolves the address among the blocks of a runbook; the error lists the existing parts.
    pub fn locate(&self, blocks: &Blocks) -> Result<Located, Box<Diagnostic>> {
        let mut located = Located { modules: Vec::new(), item: None, key: None };
        let mut place = &blocks.runbooks[0];
        for name in &self.modules {
            let modules = &place.runbook.modules;
            let found = modules.iter().position(|module| module.address() == name.block);
            let index = found.ok_or_else(|| self.unknown(&place.runbook, &place.prefix, name))?;
            self.check_key(name, modules[index].repetition.is_some())?;
            located.modules.push((index, name.key.clone()));
            place = &blocks.runbooks[place.modules[index]];
        }
        if let Some(name) = &self.part {
            let item = items(&place.runbook).find(|(_, block)| *block == name.block);
            let (item, _) = item.ok_or_else(|| self.unknown(&place.runbook, &place.prefix, name))?;
            let is_repeated =
                matches!(item, Item::Step(step) if place.runbook.steps[step].repetition.is_some());
            self.check_key(name, is_repeated)?;
            (located.item, located.key) = (Some(item), name.key.clone());
        }
        Ok(located)
    }

    fn check_key(&self, name: &Name, is_repeated: bool) -> Result<(), Box<Diagnostic>> {
        match &name.key {
            Some(key) if !is_repeated => Err(Box::new(
                Diagnostic::error("unknown-address", format!("there is no `{self}`"))
                    .detail(format!("`{}` has neither `count` nor `for_each`.", name.block))
                    .help(format!("leave out `{key}`")),
            )),
            _ => Ok(()),
        }
    }

    fn unknown(&self, runbook: &Runbook, prefix: &str, name: &Name) -> Box<Diagnostic> {
        let modules = runbook.modules.iter().map(crate::runbook::Module::address);
        let there: Vec<String> = items(runbook).map(|(_, block)| block).chain(modules).collect();
        let summary = format!("there is no `{prefix}{}`", name.block);
        let hint = did_you_mean(&name.block, there.iter().map(String::as_str));
        let help = hint.unwrap_or_else(|| listed(prefix, &there));
        let error = Diagnostic::error("unknown-address", summary).help(help);
        Box::new(error.about(self.to_string()))
    }

    /// Returns true if the address contains an instance key.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.modules.iter().chain(&self.part).any(|name| name.key.is_some())
    }

    /// Returns the warning that the named instance does not exist after expansion.
    #[must_use]
    pub fn unmet(&self) -> Diagnostic {
        Diagnostic::warning("unmet-selection", format!("no instance matched `{self}`"))
            .help("`arcbook show` lists the instances")
    }

    /// Returns the error that the address matches none of the existing `instances`.
    #[must_use]
    pub fn no_instance(&self, instances: &[String]) -> Diagnostic {
        Diagnostic::error("unknown-address", format!("there is no `{self}`")).help(listed("", instances))
    }
}

/// Returns the addressable parts of a runbook other than its modules.
fn items(runbook: &Runbook) -> impl Iterator<Item = (Item, String)> {
    let steps = (0..runbook.steps.len()).map(Item::Step);
    let outputs = (0..runbook.outputs.len()).map(Item::Output);
    let checks = (0..runbook.checks.len()).map(Item::Check);
    steps.chain(outputs).chain(checks).map(|item| (item, item.address(runbook)))
}

fn listed(prefix: &str, there: &[String]) -> String {
    let mut names: Vec<String> =
        there.iter().take(LISTED).map(|block| format!("`{prefix}{block}`")).collect();
    if there.len() > LISTED {
        names.push(format!("{} more", there.len() - LISTED));
    }
    if names.is_empty() {
        return "the runbook has no addresses".to_owned();
    }
    format!("there is {}", names.join(", "))
}

fn instance(segment: &Segment) -> Result<Instance, ()> {
    match segment {
        Segment::Index(key) => Instance::of(&key.value.to_value()).ok_or(()),
        Segment::Attribute(_) => Err(()),
    }
}

fn unreadable(text: &str) -> Box<Diagnostic> {
    let root = text.split(['.', '[']).next().unwrap_or_default();
    let hint = did_you_mean(root, ROOTS).filter(|_| !ROOTS.contains(&root));
    let roots: Vec<String> = ROOTS.iter().map(|root| format!("`{root}.`")).collect();
    Box::new(
        Diagnostic::error("invalid-address", format!("`{text}` is not an address"))
            .detail(format!("An address starts with one of {}, and ends with the name or a key.", roots.join(", ")))
            .maybe_help(hint.or_else(|| odd_character(text, '"')))
            .help("write it as in the plan: `step.TYPE.NAME`, `module.NAME`, or with a key in quotes for the shell: 'step.TYPE.NAME[\"KEY\"]'"),
    )
}

fn unquoted(text: &str, reference: &Reference) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(
            "invalid-address",
            format!("the key in `{text}` is neither a number nor in quotes"),
        )
        .help(with_quotes(&reference.to_string(), cfg!(windows))),
    )
}

/// Returns the remedy for a key whose quotes the shell took.
fn with_quotes(reference: &str, is_windows: bool) -> String {
    let kept = format!("keep the quotes from the shell: '{reference}[\"KEY\"]'");
    if is_windows { format!("{kept}, in Windows PowerShell '{reference}[\\\"KEY\\\"]'") } else { kept }
}

fn starred(text: &str) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error("invalid-address", format!("`{text}` is not an address"))
            .help("leave out `[*]`: an address without a key means all instances"),
    )
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Name { block, key }) in self.modules.iter().chain(&self.part).enumerate() {
            let dot = if at > 0 { "." } else { "" };
            write!(f, "{dot}{block}{}", key.as_ref().unwrap_or(&Instance::Only))?;
        }
        Ok(())
    }
}

impl Located {
    /// Returns the address without its keys, which names all instances.
    #[must_use]
    pub fn any_instance(&self) -> Self {
        let modules = self.modules.iter().map(|(block, _)| (*block, None)).collect();
        Self { modules, item: self.item, key: None }
    }

    /// Returns the relation of an instance of `item`, in the module reached through `path`, to this address.
    #[must_use]
    pub fn relation(&self, path: &[(usize, Instance)], item: Item, instance: &Instance) -> Relation {
        let mut relation = Relation::Within;
        for ((wanted, key), (block, instance)) in self.modules.iter().zip(path) {
            if wanted != block {
                return Relation::Apart;
            }
            match meets(key.as_ref(), instance) {
                Relation::Other => return Relation::Other,
                met => relation = relation.min(met),
            }
        }
        let Some(wanted) = self.item else {
            return if path.len() < self.modules.len() { Relation::Apart } else { relation };
        };
        if path.len() != self.modules.len() || wanted != item {
            return Relation::Apart;
        }
        relation.min(meets(self.key.as_ref(), instance))
    }
}

fn meets(key: Option<&Instance>, instance: &Instance) -> Relation {
    match key {
        Some(key) if *instance == Instance::Each && *key != Instance::Each => Relation::Perhaps,
        Some(key) if key != instance => Relation::Other,
        _ => Relation::Within,
    }
}

/// Returns an address without its instance keys: `module.a["x"].step.b.c[0]` becomes `module.a.step.b.c`.
#[must_use]
pub fn shape(address: &str) -> String {
    let Some(first_key) = address.find('[') else { return address.to_owned() };
    let mut shape = address[..first_key].to_owned();
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    for next in address[first_key..].chars() {
        match next {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !quoted => inside = true,
            ']' if !quoted => inside = false,
            _ if !inside => shape.push(next),
            _ => {}
        }
    }
    shape
}

/// Puts the first entry of each block before the others, so that a list that is cut names every block.
#[must_use]
pub fn each_block_first<T>(entries: Vec<T>, address: impl Fn(&T) -> &str) -> Vec<T> {
    let mut seen = HashSet::new();
    let is_first: Vec<bool> = entries.iter().map(|entry| seen.insert(shape(address(entry)))).collect();
    let (first, others): (Vec<_>, Vec<_>) =
        entries.into_iter().zip(is_first).partition(|(_, is_first)| *is_first);
    first.into_iter().chain(others).map(|(entry, _)| entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_for_a_key_without_quotes_fits_the_shell() {
        for (is_windows, expected) in [
            (false, r#"keep the quotes from the shell: 'step.a.b["KEY"]'"#),
            (
                true,
                r#"keep the quotes from the shell: 'step.a.b["KEY"]', in Windows PowerShell 'step.a.b[\"KEY\"]'"#,
            ),
        ] {
            assert_eq!(with_quotes("step.a.b", is_windows), expected);
        }
    }

    #[test]
    fn the_keys_of_instances_are_no_part_of_the_shape() {
        for (address, expected) in [
            ("step.a.b", "step.a.b"),
            ("step.a.b[0]", "step.a.b"),
            ("module.m[\"x]\\\"y\"].step.a.b[*]", "module.m.step.a.b"),
        ] {
            assert_eq!(shape(address), expected);
        }
    }

    #[test]
    fn an_address_is_written_as_it_is_read() {
        for text in [
            "step.a.b",
            "step.a.b[0]",
            "step.a.b[\"x.y\"]",
            "module.m",
            "module.m[\"a\"].module.n[1].output.x",
        ] {
            let address = Address::parse(text).expect("an address");
            assert_eq!(address.to_string(), text);
            assert_eq!(address.has_keys(), text.contains('['));
        }
    }
}
