//! To be filled in its slice.
fn main() {}
