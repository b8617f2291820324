use arcbook_engine::audit::Baseline;

/// Fuzzes a baseline: reading ends with a baseline or a remedy, and a baseline reads back as it was written.
pub fn baseline(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    match Baseline::read(text, "baseline.json") {
        Ok(read) => {
            let written = read.text();
            let again = Baseline::read(&written, "baseline.json").expect("it is a baseline");
            assert_eq!(again.text(), written);
        }
        Err(error) => assert!(!error.help.is_empty()),
    }
}
