//! `cargo xtask bench`: sets everything up, then hands over to the crate `bench`.

use anyhow::Result;

use crate::process;
use crate::progress::Progress;
use crate::tools::Tools;

/// Runs the benchmarks that the arguments name, or all, and answers whether they ran to their end.
pub fn bench(arguments: &[String]) -> Result<bool> {
    let tools = Tools::ensure(Progress::shown())?;
    let mut cargo = tools.cargo();
    cargo
        .args(["run", "--release", "--quiet", "--package", "bench", "--"])
        .args(arguments);
    cargo.env("PATH", tools.path());
    Ok(process::pass_through("bench", &mut cargo)?.success())
}
