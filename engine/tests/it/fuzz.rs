//! Runs the fuzz targets on their seeds and on the inputs of earlier failures.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

#[path = "../../../fuzz/src/lib.rs"]
mod targets;

#[test]
fn every_seed_and_every_kept_input_passes() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let mut failed = Vec::new();
    for (name, holds) in targets::TARGETS {
        let seeds = fs::read_dir(fuzz.join("seeds").join(name)).unwrap();
        // A target without failures has no `kept` directory.
        let kept = fs::read_dir(fuzz.join("kept").join(name)).into_iter().flatten();
        for input in seeds.chain(kept) {
            let path = input.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            if catch_unwind(|| holds(&bytes)).is_err() {
                failed.push(path);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
