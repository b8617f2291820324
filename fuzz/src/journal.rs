use arcbook_engine::journal::{Digest, GENESIS, Journal, RunView, Verdict, show};
use serde_json::{Map, Value as Json};

/// Fuzzes a journal, as it is and with its hash chain repaired, so that the parser gets past the chain.
pub fn journal(input: &[u8]) {
    let view = RunView { events: true, requests: true, ..RunView::default() };
    assert!(!show(&Journal::parse(input), &view).is_empty());
    let chained = chained(input);
    let journal = Journal::parse(&chained);
    assert!(!show(&journal, &view).is_empty());
    assert_ne!(journal.verdict, Verdict::Torn, "every line is whole");
    if journal.verdict == Verdict::Complete {
        let cut = Journal::parse(&chained[..chained.len() - 1]);
        assert_eq!(cut.verdict, Verdict::Torn, "the end is missing");
    }
}

/// Returns the records of `input` in an unbroken chain.
fn chained(input: &[u8]) -> Vec<u8> {
    let records = input.split(|byte| *byte == b'\n').map(serde_json::from_slice::<Map<String, Json>>);
    let mut head = GENESIS;
    let mut lines = Vec::new();
    for (at, mut record) in records.filter_map(Result::ok).enumerate() {
        record.insert("prev".to_owned(), head.to_string().into());
        record.insert("seq".to_owned(), (at + 1).into());
        let line = Json::from(record).to_string();
        head = Digest::of(line.as_bytes());
        lines.extend_from_slice(line.as_bytes());
        lines.push(b'\n');
    }
    lines
}
