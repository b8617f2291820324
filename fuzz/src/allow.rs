use arcbook_engine::audit::allowed_lines;
use arcbook_engine::source::{SourceFile, Sources};

/// Fuzzes the comments that allow findings: each is about lines of the file, in order, the first at its own line or after.
pub fn allow(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new("input", text.to_owned()));
    let most = text.split('\n').count();
    for (own, lines) in allowed_lines(file, &sources) {
        assert!(own <= *lines.start() && lines.start() <= lines.end(), "{own} {lines:?}");
        assert!(*lines.end() <= most, "{lines:?} of {most}");
    }
}
