//! `cargo xtask drill`: builds what the drills need, then hands over to their program, in the crate `tests`.

use std::process::Command;

use anyhow::Result;

use crate::progress::Progress;
use crate::tools::Tools;
use crate::{origin, process};

/// Runs the drills that the arguments name, or all, and answers whether each went as it should.
pub fn drill(arguments: &[String]) -> Result<bool> {
    let progress = Progress::shown();
    let tools = Tools::ensure(progress)?;
    let [program] = origin::programs(&tools, ["drill"], progress)?;
    let mut command = if rustix::process::geteuid().is_root() {
        // The small disk of one of them is mounted where nobody else sees it, and goes with the process.
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--"]).arg(program);
        unshare
    } else {
        Command::new(program)
    };
    command.args(arguments).env("PATH", tools.path());
    Ok(process::pass_through("drill", &mut command)?.success())
}
