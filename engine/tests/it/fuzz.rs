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

/// The number of changed inputs of each seed.
const CHANGES: u64 = 40;

/// Cuts, doubles, flips and joins parts of the seeds, always in the same way: a search that needs no nightly toolchain.
#[test]
fn every_target_takes_seeds_that_are_changed() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    let most = std::env::var("ARCBOOK_FUZZ").ok().and_then(|most| most.parse().ok()).unwrap_or(CHANGES);
    let mut failed = Vec::new();
    for (name, holds) in targets::TARGETS {
        for seed in fs::read_dir(seeds.join(name)).unwrap() {
            let bytes = fs::read(seed.unwrap().path()).unwrap();
            for number in 0..most {
                let changed = changed(&bytes, number);
                if catch_unwind(|| holds(&changed)).is_err() {
                    failed.push(format!("{name} {}", String::from_utf8_lossy(&changed).escape_debug()));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

fn changed(seed: &[u8], number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.len() as u64;
    let mut next = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % most.max(1)
    };
    let mut bytes = seed.to_vec();
    for _ in 0..=next(4) {
        let (from, length) = (next(bytes.len()), next(24));
        let part = from..(from + length).min(bytes.len());
        match next(5) {
            0 => drop(bytes.drain(part)),
            1 => {
                let copy = bytes[part].to_vec();
                let at = next(bytes.len());
                bytes.splice(at..at, copy);
            }
            2 => bytes.iter_mut().skip(from).take(1).for_each(|byte| *byte ^= 1 << (length % 8)),
            3 => bytes.truncate(from),
            _ => drop(bytes.splice(part, "\"]}#/*\n${{0-é".bytes())),
        }
    }
    bytes
}
