//! The pending faults.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Denial, Fault, FaultKind, OperationFault, Times};
use crate::entra::{self, EntraError};
use crate::exchange::Call;
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

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Returns the transport fault for this request, and counts it as used.
    pub(crate) fn on_wire(&self, service: Service, method: &str, target: &str) -> Option<FaultKind> {
        self.take(|fault| fault.kind.services().is_empty() && fault.matches(service, method, target))
    }

    /// Returns whether `service` must fail in this way for this request, and counts it as used.
    pub(crate) fn applies(&self, service: Service, kind: FaultKind, call: &Call) -> bool {
        self.take(|fault| fault.kind == kind && fault.is_for(service, call)).is_some()
    }

    /// Returns the error with which Entra refuses this request, and counts it as used.
    pub(crate) fn entra(&self, call: &Call) -> Option<EntraError> {
        let wanted =
            |fault: &Fault| matches!(fault.kind, FaultKind::Entra(_)) && fault.is_for(Service::Login, call);
        match self.take(wanted)? {
            FaultKind::Entra(number) => entra::numbered(number),
            _ => None,
        }
    }

    /// Returns how many seconds Entra's clock is ahead for this request, and counts it as used.
    pub(crate) fn clock(&self, call: &Call) -> i64 {
        let is_clock =
            |fault: &Fault| matches!(fault.kind, FaultKind::ClockAhead(_) | FaultKind::ClockBehind(_));
        match self.take(|fault| is_clock(fault) && fault.is_for(Service::Login, call)) {
            Some(FaultKind::ClockAhead(seconds)) => i64::from(seconds),
            Some(FaultKind::ClockBehind(seconds)) => -i64::from(seconds),
            _ => 0,
        }
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
    fn is_for(&self, service: Service, call: &Call) -> bool {
        self.matches(service, call.method.as_str(), &call.target)
    }

    fn matches(&self, service: Service, method: &str, target: &str) -> bool {
        self.service.is_none_or(|own| own == service)
            && self.method.as_ref().is_none_or(|own| own == method)
            && self.path.as_ref().is_none_or(|part| target.contains(part.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;

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
    fn faults_of_a_service_apply_at_their_stage() {
        let faults = Faults::new(
            ["himds:expired-token:times=always", "login:clock-behind:seconds=5", "login:aadsts53003"]
                .map(|text| text.parse().unwrap())
                .into(),
        );
        let call =
            Call::new("http", String::new(), hyper::Method::GET, &"/".parse().unwrap(), HeaderMap::default());
        let call = call.unwrap();
        assert_eq!(faults.on_wire(Service::Himds, "GET", "/"), None);
        assert!(!faults.applies(Service::Himds, FaultKind::StaleKey, &call));
        assert!(!faults.applies(Service::Imds, FaultKind::ExpiredToken, &call));
        assert!((0..2).all(|_| faults.applies(Service::Himds, FaultKind::ExpiredToken, &call)));
        assert_eq!((faults.clock(&call), faults.clock(&call)), (-5, 0));
        assert_eq!(faults.entra(&call).map(|error| error.number), Some(53_003));
        assert_eq!(faults.entra(&call), None);
    }
}
