#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| arcbook_fuzz::allow(input));
