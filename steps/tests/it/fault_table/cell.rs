//! A cell of the table: a run with a fault, and the run after it without.

use arcbook_lab::{Request, Service};

use super::cases::{Case, Target};
use super::fault::{Fault, SHORT};
use super::place::{Place, Ran};

/// A fault of one kind of request; none for the run without any.
pub type Injected = Option<(&'static Target, Fault)>;

/// The outcome of a cell.
pub struct Cell {
    pub case: &'static Case,
    pub injected: Injected,
    pub first: Pass,
    /// The run that resumes the first one after the fault is over, if that failed.
    pub second: Option<Pass>,
    /// A new run after a change that was sent again, or one that resumes the second one, which failed too.
    pub third: Option<Pass>,
    /// The directory of the challenges' key files, which no record may name.
    pub token_dir: String,
}

/// A run and its traces.
pub struct Pass {
    pub ran: Ran,
    /// The requests of this run.
    pub requests: Vec<Request>,
    /// The changes that the lab made so far.
    pub changes: usize,
    /// The content of the file that the step writes, if it exists.
    pub file: Option<String>,
}

impl Cell {
    /// Runs the cell.
    pub async fn run(case: &'static Case, injected: Injected) -> Self {
        let limit = injected.filter(|(_, fault)| fault.is_slow()).map(|_| SHORT);
        let place = Place::start(case, limit).await;
        if let Some((target, fault)) = injected {
            place.lab.inject(fault.of(target));
        }
        let first = Pass::run(&place, case, None).await;
        let second = if first.ran.exit() == 0 {
            None
        } else {
            place.lab.clear_faults();
            Some(Pass::run(&place, case, Some(&first.ran.name)).await)
        };
        let last = second.as_ref().unwrap_or(&first);
        let is_done = last.ran.exit() == 0;
        // Of a change that was sent again, a new run tells whether it is as it should be.
        let is_repeated = last.changes > case.changes && case.targets.iter().any(Target::changes);
        let third = match &second {
            Some(second) if !is_done => Some(Pass::run(&place, case, Some(&second.ran.name)).await),
            _ if is_repeated => Some(Pass::run(&place, case, None).await),
            _ => None,
        };
        let token_dir = place.lab.token_dir().display().to_string();
        Self { case, injected, first, second, third, token_dir }
    }

    /// Returns the number of requests of the first run that the fault could apply to.
    pub fn attempts(&self) -> usize {
        let Some((target, _)) = self.injected else { return 0 };
        let is_target = |request: &&Request| {
            request.service == target.service
                && request.method == target.method
                && request.target.contains(target.path)
        };
        let mut requests: Vec<&Request> = self.first.requests.iter().filter(is_target).collect();
        if self.case.timed {
            // Time decides how often it asks for the end of what runs.
            let seen = |request: &Request| (request.status == Some(200)).then(|| request.target.clone());
            requests.dedup_by(|one, other| seen(one).is_some() && seen(one) == seen(other));
        }
        requests.len()
    }

    /// Returns true if the fault is a 404.
    pub fn is_404(&self) -> bool {
        self.injected.is_some_and(|(_, fault)| fault.kind == "404")
    }

    /// Returns the name of the cell, for messages.
    pub fn name(&self) -> String {
        let Some((target, fault)) = self.injected else { return format!("{}, no fault", self.case.name) };
        format!("{}, {} {} {}", self.case.name, target.name, fault.kind, fault.times())
    }
}

impl Pass {
    async fn run(place: &Place, case: &Case, earlier: Option<&str>) -> Self {
        let before = place.lab.requests().len();
        let ran = place.run(earlier).await;
        // The discovery of the cloud is no request of the run.
        let is_of_run = |request: &Request| !request.target.starts_with("/metadata/endpoints");
        let requests = place.lab.requests().into_iter().skip(before).filter(is_of_run).collect();
        let file =
            case.file.and_then(|(name, _)| std::fs::read_to_string(place.directory.path().join(name)).ok());
        Self { ran, requests, changes: place.changes(), file }
    }

    /// Returns the requests of this run, with a challenge of the agent and its answer as one.
    pub fn folded(&self) -> Vec<Folded<'_>> {
        let is_of_agent =
            |request: &Request| request.service == Service::Himds && request.target.contains("/oauth2/token");
        let mut folded = Vec::new();
        let mut rest = self.requests.iter().peekable();
        while let Some(request) = rest.next() {
            let is_answered = |next: &&&Request| is_of_agent(next) && next.status == Some(200);
            if is_of_agent(request)
                && request.status == Some(401)
                && rest.next_if(|next| is_answered(&next)).is_some()
            {
                folded.push(Folded::Token);
            } else {
                folded.push(Folded::Other(request));
            }
        }
        folded
    }
}

/// A request, or two that get a token.
#[derive(Clone, Copy)]
pub enum Folded<'a> {
    Token,
    Other(&'a Request),
}
