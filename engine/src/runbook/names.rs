//! Resolves names in a runbook.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::diagnostic::{Diagnostic, closest, did_you_mean};
use crate::expression::literal;
use crate::syntax::{Reference, Segment};

use super::{Identity, Local, Module, Runbook, Step, Variable};

/// The target of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The variable with that index in the runbook.
    Variable(usize),
    /// The local value with that index.
    Local(usize),
    /// The step with that index.
    Step(usize),
    /// The module with that index.
    Module(usize),
    /// The identity with that index.
    Identity(usize),
    /// `each.key`, `each.value`.
    Each,
    /// `count.index`.
    Count,
    /// `self`: the result of the step.
    This,
    /// `path.…`.
    Path,
    /// `runbook.…`.
    Runbook,
}

/// The targets of the names in a runbook.
#[derive(Debug, Default)]
pub struct Names {
    variables: FxHashMap<Arc<str>, usize>,
    locals: FxHashMap<Arc<str>, usize>,
    steps: Typed,
    identities: Typed,
    modules: FxHashMap<Arc<str>, usize>,
}

/// The indexes of declarations by type and name.
type Typed = FxHashMap<Arc<str>, FxHashMap<Arc<str>, usize>>;

const ROOTS: [&str; 10] =
    ["var", "local", "step", "identity", "module", "path", "runbook", "each", "count", "self"];
const PATHS: [&str; 3] = ["module", "root", "cwd"];

impl Names {
    /// Returns the variable with that name.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<usize> {
        self.variables.get(name).copied()
    }

    /// Resolves `reference`; returns its target, and the number of segments that name it.
    pub fn resolve(&self, reference: &Reference) -> Result<(Target, usize), Box<Diagnostic>> {
        match &*reference.root.value {
            "var" => {
                self.one(reference, &self.variables, "variable", "name").map(|at| (Target::Variable(at), 1))
            }
            "local" => {
                self.one(reference, &self.locals, "local value", "name").map(|at| (Target::Local(at), 1))
            }
            "step" => {
                typed(reference, &self.steps, ("a step", "step", "type")).map(|at| (Target::Step(at), 2))
            }
            "identity" => typed(reference, &self.identities, ("an identity", "identity", "kind"))
                .map(|at| (Target::Identity(at), 2)),
            "module" => {
                self.one(reference, &self.modules, "module", "name").map(|at| (Target::Module(at), 1))
            }
            "path" => constant(reference, &PATHS).map(|()| (Target::Path, 1)),
            "runbook" => constant(reference, &["name", "run_id"]).map(|()| (Target::Runbook, 1)),
            "each" => constant(reference, &["key", "value"]).map(|()| (Target::Each, 1)),
            "count" => constant(reference, &["index"]).map(|()| (Target::Count, 1)),
            "self" => Ok((Target::This, 0)),
            _ => Err(self.unknown_root(reference)),
        }
    }

    fn one(
        &self,
        reference: &Reference,
        declared: &FxHashMap<Arc<str>, usize>,
        noun: &str,
        wanted: &str,
    ) -> Result<usize, Box<Diagnostic>> {
        let segment = segment(reference, 0, &format!("the {wanted} of a {noun}"))?;
        let (name, span) = (named(segment)?, segment.span());
        declared.get(name).copied().ok_or_else(|| {
            let hint = did_you_mean(name, declared.keys().map(AsRef::as_ref));
            let remedy = hint.unwrap_or_else(|| self.how_to_declare(noun, name));
            Box::new(
                Diagnostic::error("unknown-reference", format!("there is no {noun} named `{name}`"))
                    .at(span, "not declared in this runbook")
                    .help(remedy),
            )
        })
    }

    #[expect(clippy::unused_self, reason = "reads as a question to the names")]
    fn how_to_declare(&self, noun: &str, name: &str) -> String {
        match noun {
            "variable" => format!("declare it: `variable \"{name}\" {{}}`"),
            "module" => format!("declare it: `module \"{name}\" {{ source = \"./{name}\" }}`"),
            _ => format!("declare it in a `locals` block: `{name} = …`"),
        }
    }

    /// The variable or local value whose name is nearly `name`.
    fn nearly(&self, name: &str) -> Option<String> {
        let near = |declared: &FxHashMap<Arc<str>, usize>| {
            closest(name, declared.keys().map(AsRef::as_ref)).map(str::to_owned)
        };
        let variable = near(&self.variables).map(|name| format!("var.{name}"));
        variable.or_else(|| near(&self.locals).map(|name| format!("local.{name}")))
    }

    fn unknown_root(&self, reference: &Reference) -> Box<Diagnostic> {
        let root = &*reference.root.value;
        let first = reference.path.first().and_then(Segment::name);
        let whole = |prefix: &str| format!("did you mean `{prefix}.{root}`?");
        let hint = if root == "data" || root == "resource" {
            Some("a runbook has steps instead: `step.type.name`".to_owned())
        } else if let (Some(steps), Some(name)) = (self.steps.get(root), first) {
            steps.contains_key(name).then(|| format!("did you mean `step.{root}.{name}`?"))
        } else if let (Some(identities), Some(name)) = (self.identities.get(root), first) {
            identities.contains_key(name).then(|| format!("did you mean `identity.{root}.{name}`?"))
        } else if self.variables.contains_key(root) {
            Some(whole("var"))
        } else if self.locals.contains_key(root) {
            Some(whole("local"))
        } else if let Some(literal) = literal(root) {
            Some(format!("write `{literal}`"))
        } else {
            did_you_mean(root, ROOTS)
                .or_else(|| self.nearly(root).map(|name| format!("did you mean `{name}`?")))
        };
        let remedy = hint.unwrap_or_else(|| {
            "references begin with `var.`, `local.`, `step.`, `identity.`, `module.`, `path.` or `runbook.`; text goes in double \
             quotes"
                .to_owned()
        });
        Box::new(
            Diagnostic::error("unknown-reference", format!("unknown name `{root}`"))
                .at(reference.root.span, "unknown name")
                .help(remedy),
        )
    }
}

/// Resolves a reference with a type and a name: `noun` is also the root of the reference, and `of` the word for its
/// type.
fn typed(
    reference: &Reference,
    declared: &Typed,
    (article, noun, of): (&str, &str, &str),
) -> Result<usize, Box<Diagnostic>> {
    let form = format!("`{noun}.{of}.name`");
    let type_segment = segment(reference, 0, &format!("the {of} and the name of {article}: {form}"))?;
    let type_name = named(type_segment)?;
    let Some(of_type) = declared.get(type_name) else {
        let hint = did_you_mean(type_name, declared.keys().map(AsRef::as_ref));
        // Remedy for `step.name`, which lacks the type.
        let by_name = types_with(declared, type_name)
            .next()
            .map(|ty| format!("{article} is named with its {of}: `{noun}.{ty}.{type_name}`"));
        return Err(Box::new(
            Diagnostic::error("unknown-reference", format!("there is no {noun} of {of} `{type_name}`"))
                .at(type_segment.span(), format!("no {noun} of this {of} in this runbook"))
                .maybe_help(hint.or(by_name)),
        ));
    };
    let name_segment = segment(reference, 1, &format!("the name of {article}: {form}"))?;
    let name = named(name_segment)?;
    of_type.get(name).copied().ok_or_else(|| {
        let elsewhere = || {
            let ty = types_with(declared, name).next()?;
            Some(format!("did you mean `{noun}.{ty}.{name}`?"))
        };
        let hint = did_you_mean(name, of_type.keys().map(AsRef::as_ref)).or_else(elsewhere);
        Box::new(
            Diagnostic::error(
                "unknown-reference",
                format!("there is no {noun} `{type_name}` named `{name}`"),
            )
            .at(name_segment.span(), "not declared in this runbook")
            .maybe_help(hint),
        )
    })
}

/// Declares each name together with its target, so that every index is valid. Each method returns the index
/// of an earlier declaration of that name, which remains.
impl Runbook {
    /// Declares a variable.
    pub fn declare_variable(&mut self, variable: Variable) -> Option<usize> {
        let name = variable.name.value.clone();
        declare(&mut self.names.variables, name, &mut self.variables, variable)
    }

    /// Declares a local value.
    pub fn declare_local(&mut self, local: Local) -> Option<usize> {
        let name = local.name.value.clone();
        declare(&mut self.names.locals, name, &mut self.locals, local)
    }

    /// Declares a step, whose name is unique within its type.
    pub fn declare_step(&mut self, step: Step) -> Option<usize> {
        let of_type = self.names.steps.entry(step.type_name.value.clone()).or_default();
        declare(of_type, step.name.value.clone(), &mut self.steps, step)
    }

    /// Declares an identity, whose name is unique within its kind.
    pub fn declare_identity(&mut self, identity: Identity) -> Option<usize> {
        let of_kind = self.names.identities.entry(identity.kind_name.value.clone()).or_default();
        declare(of_kind, identity.name.value.clone(), &mut self.identities, identity)
    }

    /// Declares a module.
    pub fn declare_module(&mut self, module: Module) -> Option<usize> {
        let name = module.name.value.clone();
        declare(&mut self.names.modules, name, &mut self.modules, module)
    }
}

/// Returns the types, in order, of which there is one with that name.
fn types_with<'a>(declared: &'a Typed, name: &str) -> impl Iterator<Item = &'a Arc<str>> {
    let mut types: Vec<_> =
        declared.iter().filter(|(_, names)| names.contains_key(name)).map(|(ty, _)| ty).collect();
    types.sort();
    types.into_iter()
}

fn declare<T>(
    names: &mut FxHashMap<Arc<str>, usize>,
    name: Arc<str>,
    declared: &mut Vec<T>,
    new: T,
) -> Option<usize> {
    let index = declared.len();
    declared.push(new);
    match names.entry(name) {
        std::collections::hash_map::Entry::Occupied(earlier) => Some(*earlier.get()),
        std::collections::hash_map::Entry::Vacant(free) => {
            free.insert(index);
            None
        }
    }
}

/// Returns the required segment `at` of a reference.
fn segment<'a>(reference: &'a Reference, at: usize, wanted: &str) -> Result<&'a Segment, Box<Diagnostic>> {
    reference.path.get(at).ok_or_else(|| {
        Box::new(
            Diagnostic::error("incomplete-reference", format!("`{reference}` is not complete"))
                .at(reference.span, format!("must be followed by {wanted}"))
                .detail("Only a constant name can follow here, not an expression in brackets or a splat."),
        )
    })
}

fn named(segment: &Segment) -> Result<&Arc<str>, Box<Diagnostic>> {
    segment.name().ok_or_else(|| {
        Box::new(
            Diagnostic::error("incomplete-reference", "a name is needed here")
                .at(segment.span(), "not a name"),
        )
    })
}

fn constant(reference: &Reference, known: &[&'static str]) -> Result<(), Box<Diagnostic>> {
    let root = &reference.root.value;
    let segment = segment(reference, 0, &format!("one of {}", known.join(", ")))?;
    let name = named(segment)?;
    if known.contains(&&**name) {
        return Ok(());
    }
    Err(Box::new(
        Diagnostic::error("unknown-reference", format!("`{root}` has no `{name}`"))
            .at(segment.span(), "unknown name")
            .help(did_you_mean(name, known.iter().copied()).unwrap_or_else(|| {
                let all: Vec<_> = known.iter().map(|known| format!("`{root}.{known}`")).collect();
                format!("there is {}", all.join(", "))
            })),
    ))
}
