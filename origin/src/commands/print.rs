//! What commands print, in one place. A reader that goes, such as `head`, ends the command without a word.

use std::io::{ErrorKind, Write as _, stderr, stdout};

use anyhow::Context;
use serde_json::Value;

/// Whoever read the output is gone.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the output any more")]
pub struct NobodyReads;

/// Prints a line.
///
/// # Errors
/// [`NobodyReads`], or what could not be written.
pub fn line(text: &str) -> anyhow::Result<()> {
    match writeln!(stdout().lock(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(NobodyReads.into()),
        printed => printed.context("the output can't be written"),
    }
}

/// Prints an answer: the document for scripts, or words for people. No words are no line.
///
/// # Errors
/// [`NobodyReads`], or what could not be written.
pub fn say(json: bool, document: &Value, text: &str) -> anyhow::Result<()> {
    match (json, text) {
        (true, _) => line(&document.to_string()),
        (false, "") => Ok(()),
        (false, text) => line(text),
    }
}

/// Says something beside the answer. Whether anybody reads it is all the same.
pub fn warn(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}
