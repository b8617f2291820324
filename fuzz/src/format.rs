use arcbook_engine::format;

/// Fuzzes the formatter: it changes only whitespace and the quotes of labels, and is idempotent.
pub fn format(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let once = format::format(text);
    assert_eq!(format::format(&once), once, "a second time");
    assert_eq!(ink(&once), ink(text), "more than space has changed");
    assert_eq!(once.matches('\n').count(), text.matches('\n').count(), "lines");
}

fn ink(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '"').collect()
}
