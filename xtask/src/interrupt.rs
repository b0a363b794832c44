//! Ctrl-C and SIGTERM: the first asks everything to end well, a second ends xtask at once (its
//! children's guards then do the rest, see `process`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::Result;

static REQUESTED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// The exit code of a shell's command that was ended by SIGINT.
pub const EXIT_CODE: u8 = 130;

/// The user asked to stop; nothing went wrong.
#[derive(Debug)]
pub struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Stopped on request.")
    }
}

impl std::error::Error for Interrupted {}

/// From now on a signal sets a flag instead of ending the process. Programs call this once;
/// libraries (tests that use this crate) don't, and keep the default.
pub fn listen() -> Result<()> {
    let flag = REQUESTED.get_or_init(Arc::default);
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // Order matters: the shutdown acts on a flag that an earlier signal has set.
        signal_hook::flag::register_conditional_shutdown(signal, EXIT_CODE.into(), flag.clone())?;
        signal_hook::flag::register(signal, flag.clone())?;
    }
    Ok(())
}

/// Whether a stop was asked for.
pub fn requested() -> bool {
    REQUESTED
        .get()
        .is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// Fails with [`Interrupted`] once a stop was asked for, so that `?` unwinds any set-up step.
pub fn check() -> Result<()> {
    if requested() {
        Err(Interrupted.into())
    } else {
        Ok(())
    }
}
