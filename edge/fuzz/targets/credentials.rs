//! See `edge::fuzzing::credentials`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edge::fuzzing::credentials(bytes));
