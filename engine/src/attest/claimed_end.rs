//! Compares a record with the end that its signature names, which needs no key.

use serde::Deserialize;

use super::Envelope;
use crate::journal::{Audit, Condition};

/// The end of a record as the statement beside it names it, whoever signed that.
///
/// It shows that a record was cut off. It proves nothing else: only a check with the key does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ClaimedEnd {
    /// The number of records.
    records: usize,
    /// The digest of the last line.
    head: String,
}

#[derive(Deserialize)]
struct Claim {
    predicate: ClaimedEnd,
}

impl ClaimedEnd {
    /// Reads the end from the signature of a record; none if it names no end.
    #[must_use]
    pub fn read(envelope: &[u8]) -> Option<Self> {
        let payload = Envelope::read(envelope).ok()?.payload()?;
        serde_json::from_slice::<Claim>(&payload).ok().map(|claim| claim.predicate)
    }

    /// Returns the reason why a record with so many intact lines, the last of which has the digest `head`, is not the one
    /// that was signed; none if it has that end.
    #[must_use]
    pub fn mismatch(&self, lines: usize, head: Option<&str>) -> Option<String> {
        let Self { records, head: signed } = self;
        if lines < *records {
            return Some(format!(
                "it was cut off: its signature names {records} records, and it has {lines}"
            ));
        }
        if lines > *records {
            return Some(format!("its signature names {records} records, and it has {lines}"));
        }
        let is_same = head == Some(signed.as_str());
        (!is_same)
            .then(|| format!("its signature names the sha256 {signed} of its last line, which is another"))
    }
}

/// Names the records as altered that do not have the ends that their signatures name; `claim` reads such an end.
pub fn compare_with_claims(audit: &mut Audit, claim: impl Fn(&str) -> Option<ClaimedEnd>) {
    for record in &mut audit.records {
        if record.condition.is_wrong() {
            continue;
        }
        let head = record.sha256.map(|sha256| sha256.to_string());
        let mismatch = claim(&record.run).and_then(|claim| claim.mismatch(record.lines, head.as_deref()));
        if let Some(reason) = mismatch {
            audit.heads.retain(|head| head.run != record.run);
            record.condition = Condition::Altered(reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_with_another_end_is_not_the_signed_one() {
        let end = ClaimedEnd { records: 5, head: "aa".to_owned() };
        for (lines, head, expected) in [
            (5, Some("aa"), None),
            (4, Some("bb"), Some("cut off")),
            (0, None, Some("cut off")),
            (6, Some("aa"), Some("5 records, and it has 6")),
            (5, Some("bb"), Some("the sha256 aa")),
        ] {
            let found = end.mismatch(lines, head);
            assert_eq!(found.is_some(), expected.is_some(), "{lines} {head:?}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{lines} {head:?}");
        }
    }
}
