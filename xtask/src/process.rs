//! Children: each in a group of its own, ended by a deadline, and never outliving xtask.
//!
//! 1. A child leads its own process group, so a terminal's Ctrl-C reaches only xtask, which then
//!    ends the children in its own order, and grandchildren (wrangler's workerd) go with them.
//! 2. Beside each child stands a guard: a shell that waits for the end of a pipe which only xtask
//!    holds open. When xtask dies without a word (`kill -9`), the pipe ends and the guard ends the
//!    group. The parent-death signal of Linux would need unsafe code, reaches no grandchildren,
//!    and other systems have none.
//! 3. What a child prints goes to a file, for whoever asks why it died.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, kill_process_group, test_kill_process_group};

use crate::{disk, interrupt, wait};

pub use rustix::process::Signal;

/// What a child may take to end by itself before it is killed.
pub const STOP_GRACE: Duration = Duration::from_secs(5);

/// What the kernel may take to clear away a killed group.
const KILL_GRACE: Duration = Duration::from_secs(2);

/// What a command that runs to its end may take; building every tool on a slow machine is far below.
const STEP_MAX: Duration = Duration::from_hours(2);

/// How many of a log's last lines tell why its writer died.
const LAST_LINES: usize = 20;

/// `$1` group, `$2` signal. A word on stdin means that the group was ended in an orderly way.
const GUARD: &str = r#"
read -r word
[ "$word" = ended ] && exit 0
kill -s "$2" -- "-$1" 2>/dev/null
tries=0
while [ $tries -lt 50 ] && kill -s 0 -- "-$1" 2>/dev/null; do sleep 0.1; tries=$((tries + 1)); done
kill -s KILL -- "-$1" 2>/dev/null
exit 0
"#;

/// A child that runs until it is stopped, or until this is dropped.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    guard: Child,
    gentle: Signal,
    log: PathBuf,
    status: Option<ExitStatus>,
    stopped: bool,
}

impl Running {
    /// Starts `command` in a group of its own. Its stdout and stderr are appended to `log`.
    /// `gentle` is the signal that asks it to end.
    pub fn start(name: &str, command: &mut Command, log: &Path, gentle: Signal) -> Result<Self> {
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("The log {} can't be written.", log.display()))?;
        command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out);
        Self::spawn(name, command, log.to_owned(), gentle)
    }

    fn spawn(name: &str, command: &mut Command, log: PathBuf, gentle: Signal) -> Result<Self> {
        let program = command.get_program().to_owned();
        let mut child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} can't be started ({}).", program.display()))?;
        let guard = Command::new("/bin/sh")
            .args([
                "-c",
                GUARD,
                "headgate-guard",
                &child.id().to_string(),
                signal_name(gentle),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/")
            .process_group(0)
            .spawn();
        match guard {
            Ok(guard) => Ok(Self {
                name: name.to_owned(),
                child,
                guard,
                gentle,
                log,
                status: None,
                stopped: false,
            }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error).context("/bin/sh can't be started.")
            }
        }
    }

    /// What it was called at the start.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The child's process id, which is its group's id too.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where its output goes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// How it ended, if it has.
    pub fn exit(&mut self) -> Result<Option<ExitStatus>> {
        if self.status.is_none() {
            self.status = self.child.try_wait()?;
        }
        Ok(self.status)
    }

    /// The end of its log, indented, for a message.
    pub fn last_words(&self) -> String {
        last_lines(&std::fs::read(&self.log).unwrap_or_default())
    }

    /// Fails, with the child's last words, if it has ended.
    pub fn check(&mut self) -> Result<()> {
        match self.exit()? {
            None => Ok(()),
            Some(status) => {
                let words = self.last_words();
                let fix = if disk::full(&words) {
                    format!("\n{}", disk::FIX)
                } else {
                    String::new()
                };
                bail!(
                    "{} ended ({}). The end of {}:\n{words}{fix}",
                    self.name,
                    describe(status),
                    self.log.display(),
                )
            }
        }
    }

    /// Asks the group to end, and kills what is left of it after `grace`. Safe to repeat.
    pub fn stop(&mut self, grace: Duration) {
        if self.stopped {
            return;
        }
        self.stopped = true;
        let mut gone = !self.signal(self.gentle);
        if !gone {
            gone = wait::settle(grace, || self.gone());
        }
        if !gone {
            self.signal(Signal::KILL);
            wait::settle(KILL_GRACE, || self.gone());
        }
        self.dismiss_guard();
    }

    /// Kills the group at once, as a crash would.
    pub fn kill(&mut self) {
        self.stopped = true;
        self.signal(Signal::KILL);
        wait::settle(KILL_GRACE, || self.gone());
        self.dismiss_guard();
    }

    fn signal(&self, signal: Signal) -> bool {
        group(&self.child).is_some_and(|group| kill_process_group(group, signal).is_ok())
    }

    fn gone(&mut self) -> bool {
        let ended = self.exit().map_or(true, |status| status.is_some());
        ended
            && group(&self.child).is_none_or(|group| {
                test_kill_process_group(group).is_err() || only_dead_members(group)
            })
    }

    fn dismiss_guard(&mut self) {
        if let Some(mut pipe) = self.guard.stdin.take() {
            // A guard that is gone already needs no word.
            let _ = pipe.write_all(b"ended\n");
        }
        let _ = self.guard.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop(STOP_GRACE);
    }
}

fn group(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Whether a group has only members that ended and whose parent has not asked how. Orphans stay
/// so until the machine's first process looks, which in a container may take seconds.
fn only_dead_members(group: Pid) -> bool {
    let listed = Command::new("ps")
        .args(["-A", "-o", "pgid=,stat="])
        .output();
    listed.is_ok_and(|listed| !alive(&String::from_utf8_lossy(&listed.stdout), group))
}

fn alive(listed: &str, group: Pid) -> bool {
    let group = group.as_raw_nonzero().to_string();
    listed.lines().any(|line| {
        let mut columns = line.split_whitespace();
        columns.next() == Some(group.as_str())
            && columns.next().is_some_and(|state| !state.starts_with('Z'))
    })
}

fn signal_name(signal: Signal) -> &'static str {
    if signal == Signal::INT { "INT" } else { "TERM" }
}

/// `exit code 1`, `signal 9`.
pub fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}

fn last_lines(log: &[u8]) -> String {
    let text = String::from_utf8_lossy(log);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(LAST_LINES);
    let last: Vec<String> = lines
        .iter()
        .skip(from)
        .map(|line| format!("    {line}"))
        .collect();
    if last.is_empty() {
        "    (it said nothing)".into()
    } else {
        last.join("\n")
    }
}

/// What a command that ran to its end printed.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its stdout.
    pub stdout: String,
    /// Its stderr.
    pub stderr: String,
}

/// Runs a command to its end, whatever that is; the user's interrupt ends it early.
pub fn output(name: &str, command: &mut Command) -> Result<Output> {
    output_of(name, command, Stdio::null())
}

fn output_of(name: &str, command: &mut Command, input: Stdio) -> Result<Output> {
    let mut stdout = tempfile::tempfile()?;
    let mut stderr = tempfile::tempfile()?;
    command
        .stdin(input)
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?);
    let status = finish(Running::spawn(name, command, PathBuf::new(), Signal::TERM)?)?;
    Ok(Output {
        status,
        stdout: read(&mut stdout)?,
        stderr: read(&mut stderr)?,
    })
}

/// Runs a command that must succeed and answers its stdout. When it fails, the error carries all
/// that it printed, and `fix`, a sentence that says what to do.
pub fn run(name: &str, command: &mut Command, fix: &str) -> Result<String> {
    let output = output(name, command).with_context(|| fix.to_owned())?;
    judge(name, output, fix)
}

/// Like [`run`], with `input` on the command's stdin.
pub fn run_with_input(name: &str, command: &mut Command, input: &str, fix: &str) -> Result<String> {
    let mut file = tempfile::tempfile()?;
    file.write_all(input.as_bytes())?;
    file.rewind()?;
    judge(name, output_of(name, command, file.into())?, fix)
}

fn judge(name: &str, output: Output, fix: &str) -> Result<String> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = format!("{}{}", output.stdout, output.stderr);
    let fix = if disk::full(&said) {
        disk::FIX
    } else if no_network(&said) {
        "There seems to be no network: the registry could not be reached. Connect, or set the \
         proxy's variables (HTTPS_PROXY), and run the command again; what is installed stays."
    } else {
        fix
    };
    bail!(
        "{name} failed ({}):\n{}\n{fix}",
        describe(output.status),
        said.trim_end()
    )
}

/// Runs a command that talks to the user itself (tests, benchmarks) and answers how it ended.
pub fn pass_through(name: &str, command: &mut Command) -> Result<ExitStatus> {
    command.stdin(Stdio::null());
    finish(Running::spawn(name, command, PathBuf::new(), Signal::TERM)?)
}

fn finish(mut running: Running) -> Result<ExitStatus> {
    let ended = wait::until(STEP_MAX, "a step", || running.exit());
    running.stop(if interrupt::requested() {
        STOP_GRACE
    } else {
        KILL_GRACE
    });
    ended
}

fn read(file: &mut File) -> Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a tool's words mean that it could not reach its server.
fn no_network(said: &str) -> bool {
    const SIGNS: [&str; 9] = [
        "ENOTFOUND",
        "EAI_AGAIN",
        "ENETUNREACH",
        "ETIMEDOUT",
        "Could not resolve host",
        "Couldn't resolve host",
        "failed to lookup address",
        "Temporary failure in name resolution",
        "Could not connect to server",
    ];
    SIGNS.iter().any(|sign| said.contains(sign))
}

#[cfg(test)]
mod tests;
