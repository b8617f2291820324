//! Evaluates the nodes that only compute: local values, outputs, rules and checks.

use crate::diagnostic::Diagnostics;
use crate::graph::{Item, ModuleId, Node};
use crate::plan::{self, ShownValue, register_secrets};
use crate::value::Value;

use super::dispatcher::Dispatcher;
use super::{Event, Start, failure};

impl Dispatcher<'_> {
    pub(super) fn value(&mut self, start: Start, module: ModuleId, item: Item) {
        // The plan reported the warnings.
        match plan::value(&self.state, module, item, &mut Diagnostics::new()) {
            Ok(value) => {
                if let (Item::Output(index), ModuleId::ROOT) = (item, module) {
                    self.output(index, value.clone());
                } else {
                    register_secrets(&self.job.secrets, &value);
                }
                self.state.set(module, item, value);
                self.done(start);
            }
            Err(errors) => self.value_failed(start, errors),
        }
    }

    fn output(&mut self, index: usize, value: Value) {
        let output = &self.job.runbook.outputs[index];
        let name = output.name.value.to_string();
        let declared = output.secrecy.marks(|| format!("output.{name}"));
        plan::register_output(&self.job.secrets, &value, &declared);
        let secrets = plan::secrets_of_output(&name, &value).unwrap_or_default();
        let value = value.with_marks(&declared);
        let sensitive = value.deep_marks().is_sensitive();
        let public = (!sensitive).then(|| ShownValue::from(&value));
        if self.mode.has_outputs() {
            self.emit(Event::Output { name, value: public, sensitive, secrets });
        }
        self.tally.output(index, value);
    }

    pub(super) fn rules(&mut self, start: Start, module: ModuleId, item: Item) {
        match plan::check(&self.state, module, item).or(()) {
            Ok(()) => self.done(start),
            Err(errors) => self.value_failed(start, errors),
        }
    }

    pub(super) fn value_failed(&mut self, start: Start, errors: Diagnostics) {
        if let Node::Item { module, item, .. } = *self.schedule.graph().get(start.node()) {
            self.state.set(module, item, Value::NULL);
            if let (ModuleId::ROOT, Item::Output(index)) = (module, item) {
                self.tally.missing_output(index, "it has an error".to_owned());
            }
            if let Item::Open(block) = item {
                self.state.close(module, block);
            }
        }
        let address = self.address(start.node());
        let errors = errors.about(&address);
        self.tally.blame(&address, failure::why(&errors));
        self.emit(Event::ValueFailed { address, error: failure::json(&errors, self.job.sources) });
        self.failed(start, errors);
    }

    pub(super) fn check(&mut self, start: Start, module: ModuleId, item: Item) {
        let found = plan::check(&self.state, module, item);
        if found.has_errors() {
            return self.value_failed(start, found);
        }
        if !found.is_empty() {
            let check = self.address(start.node());
            self.emit(Event::CheckFailed { check, error: failure::json(&found, self.job.sources) });
            self.tally.report_all(found);
        }
        self.done(start);
    }
}
