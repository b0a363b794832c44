//! See `edge::fuzzing::envelope`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edge::fuzzing::envelope(bytes));
