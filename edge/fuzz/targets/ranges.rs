//! See `edge::fuzzing::ranges`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edge::fuzzing::ranges(bytes));
