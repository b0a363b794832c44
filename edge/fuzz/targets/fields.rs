//! See `edge::fuzzing::fields`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edge::fuzzing::fields(bytes));
