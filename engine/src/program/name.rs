//! Names a program.

/// Returns the name of a program without its directory, its version and its ending, in lower case.
#[must_use]
pub fn name(text: &str) -> String {
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    let plain = name.trim_end_matches(|last: char| last.is_ascii_digit() || matches!(last, '.' | '-' | '_'));
    if plain.is_empty() { name.to_owned() } else { plain.to_owned() }
}
