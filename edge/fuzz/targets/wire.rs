//! See `edge::fuzzing::wire`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edge::fuzzing::wire(bytes));
