//! The pending faults.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Denial, Fault, FaultKind, OperationFault, Times};
use crate::log::Service;

/// Faults in the order of injection; the first that matches a request applies to it.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self(Mutex::new(faults))
    }

    pub(crate) fn inject(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// Returns the transport fault for this request, and counts it as used.
    pub(crate) fn on_wire(&self, service: Service, method: &str, target: &str) -> Option<FaultKind> {
        self.take(|fault| fault.kind.service().is_none() && fault.matches(service, method, target))
    }

    /// Returns whether HIMDS must fail in this way for this request, and counts it as used.
    pub(crate) fn in_himds(&self, kind: FaultKind, target: &str) -> bool {
        self.take(|fault| fault.kind == kind && fault.matches(Service::Himds, "GET", target)).is_some()
    }

    /// Returns the refusal of this change by ARM, and counts it as used.
    pub(crate) fn denial(&self, method: &str, target: &str) -> Option<Denial> {
        let is_denial = |fault: &Fault| matches!(fault.kind, FaultKind::Denial(_));
        match self.take(|fault| is_denial(fault) && fault.matches(Service::Arm, method, target))? {
            FaultKind::Denial(denial) => Some(denial),
            _ => None,
        }
    }

    /// Returns the faults of the operation that this request starts, and counts each as used.
    pub(crate) fn of_operation(&self, method: &str, target: &str) -> Vec<OperationFault> {
        let applies = |wanted: OperationFault| {
            let same = |fault: &Fault| fault.kind == FaultKind::Operation(wanted);
            self.take(|fault| same(fault) && fault.matches(Service::Arm, method, target)).is_some()
        };
        OperationFault::ALL.map(|(_, fault)| fault).into_iter().filter(|fault| applies(*fault)).collect()
    }

    fn take(&self, wanted: impl Fn(&Fault) -> bool) -> Option<FaultKind> {
        let mut faults = self.lock();
        let index = faults.iter().position(wanted)?;
        let fault = faults.get_mut(index)?;
        let kind = fault.kind;
        match &mut fault.times {
            Times::Always => {}
            Times::Count(left) if *left > 1 => *left -= 1,
            Times::Count(_) => {
                faults.remove(index);
            }
        }
        Some(kind)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    fn matches(&self, service: Service, method: &str, target: &str) -> bool {
        self.service.is_none_or(|own| own == service)
            && self.method.as_ref().is_none_or(|own| own == method)
            && self.path.as_ref().is_none_or(|part| target.contains(part.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_applies_to_matching_requests_only_and_as_often_as_it_says() {
        let faults = Faults::new(vec!["arm:503:method=GET:path=/tagNames:times=2".parse().unwrap()]);
        assert_eq!(faults.on_wire(Service::Arm, "GET", "/subscriptions/s/resources"), None);
        assert_eq!(faults.on_wire(Service::Blob, "GET", "/tagNames"), None);
        assert_eq!(faults.on_wire(Service::Arm, "PUT", "/tagNames"), None);
        assert!(faults.on_wire(Service::Arm, "GET", "/s/tagNames?x").is_some());
        assert!(faults.on_wire(Service::Arm, "GET", "/s/tagNames?x").is_some());
        assert_eq!(faults.on_wire(Service::Arm, "GET", "/s/tagNames?x"), None);
    }

    #[test]
    fn an_operation_may_have_several_faults() {
        let faults = Faults::new(
            ["arm:operation-failed:times=2", "arm:operation-relative:method=PUT", "arm:policy", "arm:429"]
                .map(|text| text.parse().unwrap())
                .into(),
        );
        assert_eq!(faults.of_operation("DELETE", "/x"), [OperationFault::Failed]);
        assert_eq!(faults.of_operation("PUT", "/x"), [OperationFault::Failed, OperationFault::Relative]);
        assert_eq!(faults.of_operation("PUT", "/x"), []);
        assert_eq!(faults.denial("PUT", "/x"), Some(Denial::Policy));
        assert_eq!(faults.denial("PUT", "/x"), None);
        assert!(faults.on_wire(Service::Arm, "GET", "/x").is_some(), "the transport's fault is left");
    }

    #[test]
    fn himds_faults_apply_at_their_stage() {
        let faults = Faults::new(vec!["himds:expired-token:times=always".parse().unwrap()]);
        assert_eq!(faults.on_wire(Service::Himds, "GET", "/"), None);
        assert!(!faults.in_himds(FaultKind::StaleKey, "/"));
        assert!(
            faults.in_himds(FaultKind::ExpiredToken, "/") && faults.in_himds(FaultKind::ExpiredToken, "/")
        );
    }
}
