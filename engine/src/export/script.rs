//! Writes the script.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::plan::{Leaf, Plan, Symbol, symbol};
use crate::runbook::Runbook;
use crate::step::{Platform, PlatformScript, Shape};
use crate::syntax::Attribute;

use super::block::{Kept, Uses, Writer};
use super::computed::{Computed, parts};
use super::condition::{Condition, conditions, known};
use super::head::head;
use super::kind::Kind;
use super::leaf::{Place, Source, Variables, source};
use super::outputs::{Shown, ShownValue, outputs};
use super::refusal::{opaque, refusal};
use super::samples::{Sampled, Samples};
use super::subject::{Subject, subjects};

/// Writes a plan as a script of bash.
///
/// # Errors
///
/// Returns a diagnostic for each part of the runbook that has no counterpart.
pub fn bash(runbook: &Arc<Runbook>, plan: &Plan, platform: &dyn Platform) -> Result<String, Diagnostics> {
    let mut found = Diagnostics::new();
    let (subjects, refused) = subjects(plan, &mut found);
    let shown = outputs(plan, &mut found);
    let mut script = Script::of(&subjects, &refused, &mut found);
    for shown in &shown {
        script.use_output(shown, &subjects, &mut found);
    }
    if found.has_errors() {
        return Err(found);
    }
    script.commands(runbook, plan, &subjects, &shown, &platform.script())
}

/// The values that a script needs.
struct Script<'a> {
    /// The addresses of the steps that are refused already.
    refused: &'a HashSet<&'a str>,
    variables: Variables,
    sampled: Vec<Sampled>,
    /// The arguments that jq makes from results.
    computed: Vec<Computed>,
    /// The parts of results that become variables.
    kept: Vec<(Leaf, Source)>,
    /// The steps whose response an output shows a part of.
    responses: HashSet<String>,
    /// The conditions before and after each step.
    before: Vec<Vec<Condition>>,
    after: Vec<Vec<Condition>>,
}

impl<'a> Script<'a> {
    fn of(subjects: &[Subject<'_>], refused: &'a HashSet<&'a str>, found: &mut Diagnostics) -> Self {
        let variables = Variables::of(subjects);
        let (sampled, kept, responses) = (Vec::new(), Vec::new(), HashSet::new());
        let (computed, before, after) = (Vec::new(), Vec::new(), Vec::new());
        let mut script = Self { refused, variables, sampled, computed, kept, responses, before, after };
        for subject in subjects {
            let address = &subject.planned.address;
            for argument in &subject.step.arguments {
                script.use_argument(argument, subject, subjects, found);
            }
            let after = subject.scope.clone().with_self(&subject.result);
            let before = conditions(&subject.step.preconditions, &subject.scope, address, found);
            let after = conditions(&subject.step.postconditions, &after, address, found);
            for condition in before.iter().chain(&after) {
                script.use_condition(condition, subject, subjects, found);
            }
            script.before.push(before);
            script.after.push(after);
        }
        script
    }

    /// Makes variables of the parts of results in an argument, or one of the argument itself.
    fn use_argument(
        &mut self,
        argument: &Attribute,
        subject: &Subject<'_>,
        subjects: &[Subject<'_>],
        found: &mut Diagnostics,
    ) {
        let (address, span) = (&subject.planned.address, argument.expression.span);
        let value = match symbol(&subject.scope, &argument.expression, None) {
            Ok(value) => value,
            Err(error) => return found.push(opaque(address, &error)),
        };
        if !is_plain(&value) {
            if let Err(reason) = self.compute(&argument.name.value, value, subject, subjects) {
                found.push(refusal(
                    address,
                    span,
                    &format!("this value is known only while running, and {reason}"),
                ));
            }
            return;
        }
        let mut leaves = Vec::new();
        value.leaves(&mut |leaf| leaves.push(leaf.clone()));
        for leaf in leaves {
            if let Err(reason) = self.use_leaf(&leaf, subjects, true) {
                found.push(refusal(address, span, &format!("this {reason}")));
            }
        }
    }

    /// Lets jq make an argument.
    fn compute(
        &mut self,
        argument: &str,
        symbol: Symbol,
        subject: &Subject<'_>,
        subjects: &[Subject<'_>],
    ) -> Result<(), String> {
        let leaves = parts(&symbol)?;
        for (leaf, kind) in &leaves {
            if self.refused.contains(&*leaf.address) {
                continue;
            }
            let source = find(leaf, subjects)?;
            if let Place::Filter(_) = source.at {
                self.responses.insert(leaf.address.clone());
            } else {
                self.use_leaf(leaf, subjects, false)?;
            }
            self.sample(leaf, *kind, &source)?;
        }
        let address = subject.planned.address.clone();
        let variable = self.variables.made(&address, argument);
        self.computed.push(Computed { address, argument: argument.to_owned(), symbol, leaves, variable });
        Ok(())
    }

    /// Has a part of a result sampled.
    fn sample(&mut self, leaf: &Leaf, kind: Kind, source: &Source) -> Result<(), String> {
        let expression = leaf.expression();
        if let Some(one) = self.sampled.iter_mut().find(|one| one.leaf.expression() == expression) {
            let both = one.kind.with(kind);
            one.kind = both.ok_or_else(|| format!("takes {expression} as values of several kinds"))?;
            return Ok(());
        }
        let variable = self.variables.leaf(leaf);
        let (shape, may_change) = (source.shape, source.is_extract);
        self.sampled.push(Sampled { leaf: leaf.clone(), shape, kind, may_change, variable, texts: None });
        Ok(())
    }

    fn use_condition(
        &mut self,
        condition: &Condition,
        subject: &Subject<'_>,
        subjects: &[Subject<'_>],
        found: &mut Diagnostics,
    ) {
        let address = &subject.planned.address;
        let leaves = condition.message.iter().filter_map(|part| match part {
            Symbol::Leaf(leaf) => Some(leaf.clone()),
            _ => None,
        });
        for leaf in leaves.chain([condition.leaf.clone()]) {
            if leaf.is_secret {
                let reason = "a condition and its message must hold no secret";
                found.push(refusal(address, subject.step.header, reason));
            } else if let Err(reason) = self.use_leaf(&leaf, subjects, false) {
                found.push(refusal(address, subject.step.header, &format!("a condition {reason}")));
            }
        }
        let is_plain = |part: &Symbol| matches!(part, Symbol::Leaf(_)) || known(part).is_some();
        if !condition.message.iter().all(is_plain) {
            found.push(refusal(address, subject.step.header, "the message of a condition is computed"));
        }
    }

    fn use_output(&mut self, shown: &Shown, subjects: &[Subject<'_>], found: &mut Diagnostics) {
        let address = format!("output.{}", shown.name);
        let leaves: Vec<Leaf> = match &shown.value {
            ShownValue::Part(leaf, _) => vec![leaf.clone()],
            ShownValue::Text(parts) => {
                let mut leaves = Vec::new();
                for part in parts {
                    part.leaves(&mut |leaf| leaves.push(leaf.clone()));
                }
                leaves
            }
            _ => Vec::new(),
        };
        for leaf in leaves {
            let is_part = matches!(shown.value, ShownValue::Part(..));
            if self.refused.contains(&*leaf.address) {
                continue;
            }
            let used = match find(&leaf, subjects) {
                Ok(Source { at: Place::Filter(_), .. }) if is_part => {
                    self.responses.insert(leaf.address.clone());
                    Ok(())
                }
                Ok(_) => self.use_leaf(&leaf, subjects, false),
                Err(reason) => Err(reason),
            };
            if let Err(reason) = used {
                found.push(refusal(&address, shown.span, &format!("this {reason}")));
            }
        }
    }

    /// Makes a variable of a part of a result; with a sample, if a request holds it.
    fn use_leaf(&mut self, leaf: &Leaf, subjects: &[Subject<'_>], is_sent: bool) -> Result<(), String> {
        if self.refused.contains(&*leaf.address) {
            return Ok(());
        }
        let source = find(leaf, subjects)?;
        let expression = leaf.expression();
        if is_sent {
            self.sample(leaf, Kind::Text, &source)?;
        }
        if !self.kept.iter().any(|(kept, _)| kept.expression() == expression) {
            self.kept.push((leaf.clone(), source));
        }
        Ok(())
    }

    /// Plans with samples that the steps accept: names first, and ids where names are refused.
    fn samples(&mut self, runbook: &Arc<Runbook>, plan: &Plan, subjects: &[Subject<'_>]) -> Option<Samples> {
        let has_requests = |samples: &Samples, subject: &Subject<'_>| {
            let mut steps = samples.first.steps.iter();
            steps.any(|step| step.address == subject.planned.address && !step.actions.is_empty())
        };
        let samples = Samples::of(runbook, plan, subjects, &self.sampled)?;
        let without: Vec<&Subject<'_>> =
            subjects.iter().filter(|subject| !has_requests(&samples, subject)).collect();
        if without.is_empty() {
            return Some(samples);
        }
        let mut refused = HashSet::new();
        for subject in without {
            for argument in &subject.step.arguments {
                if let Ok(value) = symbol(&subject.scope, &argument.expression, None) {
                    value.leaves(&mut |leaf| {
                        refused.insert(leaf.expression());
                    });
                }
            }
        }
        for one in
            self.sampled.iter_mut().filter(|one| one.may_change && refused.contains(&one.leaf.expression()))
        {
            one.shape = Shape::Resource;
        }
        Samples::of(runbook, plan, subjects, &self.sampled)
    }

    fn commands(
        mut self,
        runbook: &Arc<Runbook>,
        plan: &Plan,
        subjects: &[Subject<'_>],
        shown: &[Shown],
        platform: &PlatformScript,
    ) -> Result<String, Diagnostics> {
        let mut found = Diagnostics::new();
        let Some(samples) = self.samples(runbook, plan, subjects) else { return Err(found) };
        let sources: Vec<Option<Source>> = shown
            .iter()
            .map(|shown| match &shown.value {
                ShownValue::Part(leaf, _) => find(leaf, subjects).ok(),
                _ => None,
            })
            .collect();
        let Self { variables, mut sampled, computed, kept, responses, before, after, .. } = self;
        for one in &computed {
            match (
                one.texts(&samples),
                subjects.iter().find(|subject| subject.planned.address == one.address),
            ) {
                (Some(texts), _) => sampled.push(one.sampled(texts)),
                (None, Some(subject)) => {
                    let reason = format!("no sample shows how `{}` depends on results", one.argument);
                    found.push(refusal(&one.address, subject.step.header, &reason));
                }
                (None, None) => {}
            }
        }
        let (checked, uses) = (HashSet::new(), Uses::default());
        let mut writer =
            Writer { sampled: &sampled, samples: &samples, platform: *platform, variables, checked, uses };
        let mut text = String::new();
        for ((subject, before), after) in subjects.iter().zip(&before).zip(&after) {
            let address = &subject.planned.address;
            let own = kept.iter().filter(|(leaf, _)| leaf.address == *address).cloned();
            let kept =
                Kept { leaves: own.collect(), keeps_response: responses.contains(address), before, after };
            let own = computed.iter().filter(|one| one.address == *address);
            let made: String =
                own.map(|one| one.command(&mut writer.variables, |leaf| find(leaf, subjects).ok())).collect();
            match writer.step(subject, &kept, &made) {
                Ok(commands) => {
                    text.push('\n');
                    text += &commands;
                }
                Err(reason) => found.push(refusal(address, subject.step.header, &reason)),
            }
        }
        if !shown.is_empty() {
            text += "\n# The outputs of the runbook.\n";
        }
        for (shown, source) in shown.iter().zip(&sources) {
            text += &writer.output(shown, source.as_ref());
        }
        if found.has_errors() { Err(found) } else { Ok(head(runbook, plan, &writer, &text) + &text) }
    }
}

/// Returns the place of a part of a result.
fn find(leaf: &Leaf, subjects: &[Subject<'_>]) -> Result<Source, String> {
    let subject = subjects.iter().find(|subject| subject.planned.address == leaf.address);
    source(subject.ok_or("takes a result that the script does not have")?, leaf)
}

/// Returns true if an argument can be made from results: its texts are only put together.
fn is_plain(value: &Symbol) -> bool {
    match value {
        Symbol::Known(_) | Symbol::Leaf(_) => true,
        Symbol::Text(all) | Symbol::Tuple(all) => all.iter().all(is_plain),
        Symbol::Object(entries) => entries.iter().all(|(_, value)| is_plain(value)),
        Symbol::Call(..) | Symbol::IsNull(_) | Symbol::IsNotNull(_) => false,
    }
}
