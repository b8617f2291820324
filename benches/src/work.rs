//! The requests of a contender, and the expected ones.

use arcbook_lab::Request;

/// The expected requests: the start of each line, and the number of each; ten in all.
const DUE: [(&str, usize); 5] = [
    ("himds GET /metadata/instance?", 1),
    ("himds GET /metadata/identity/oauth2/token?", 6),
    ("arm GET /subscriptions/", 1),
    ("keyvault GET /secrets/scenario", 1),
    ("blob PUT /uploads/hosts.txt", 1),
];

/// The error of a contender that made other requests than the ten, so that its time is not comparable.
#[derive(Debug, thiserror::Error)]
#[error("{} requests were made, not the ten that are due:\n{}", .0.0.len(), .0.0.join("\n"))]
pub struct OtherWork(Work);

/// The requests of one run, each as `SERVICE METHOD TARGET`, in the order of their arrival.
#[derive(Debug)]
pub struct Work(Vec<String>);

impl Work {
    /// Extracts the requests from a lab's log.
    #[must_use]
    pub fn of(requests: &[Request]) -> Self {
        let line = |request: &Request| format!("{} {} {}", request.service, request.method, request.target);
        Self(requests.iter().map(line).collect())
    }

    /// Returns the number of requests.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Fails unless these are the ten requests that every contender makes.
    pub fn check(self) -> Result<(), OtherWork> {
        let count = |start: &str| self.0.iter().filter(|line| line.starts_with(start)).count();
        let total: usize = DUE.iter().map(|(_, times)| times).sum();
        let is_due = self.0.len() == total && DUE.iter().all(|&(start, times)| count(start) == times);
        if is_due { Ok(()) } else { Err(OtherWork(self)) }
    }
}

impl From<Vec<String>> for Work {
    fn from(lines: Vec<String>) -> Self {
        Self(lines)
    }
}

impl From<Work> for Vec<String> {
    fn from(work: Work) -> Self {
        work.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due() -> Vec<String> {
        DUE.iter().flat_map(|&(start, times)| vec![start.to_owned(); times]).collect()
    }

    #[test]
    fn only_the_ten_requests_pass() {
        assert!(Work(due()).check().is_ok());
        let one_less = due().split_off(1);
        let one_more = [due(), vec!["arm GET /metadata/endpoints".to_owned()]].concat();
        let mut another = due();
        another[9] = "blob GET /uploads/hosts.txt".to_owned();
        for work in [one_less, one_more, another] {
            assert!(Work(work.clone()).check().is_err(), "{work:?}");
        }
    }
}
