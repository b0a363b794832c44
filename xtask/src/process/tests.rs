use super::*;

fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command
}

fn start(script: &str, folder: &Path) -> Running {
    let log = folder.join("log");
    Running::start("a shell", &mut shell(script), &log, Signal::TERM).unwrap()
}

fn said(running: &Running, word: &str) {
    let seen = || {
        Ok(std::fs::read_to_string(running.log())?
            .contains(word)
            .then_some(()))
    };
    wait::until(Duration::from_secs(10), word, seen).unwrap();
}

#[test]
fn a_stopped_child_takes_its_own_children_along() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start("sleep 1000 & echo up; wait", folder.path());
    said(&running, "up");
    running.stop(STOP_GRACE);
    assert!(running.gone());
}

#[test]
fn one_that_ignores_the_signal_is_killed_by_the_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(
        "trap '' TERM; echo up; while :; do sleep 0.05; done",
        folder.path(),
    );
    said(&running, "up");
    running.stop(Duration::from_millis(50));
    assert_eq!(describe(running.exit().unwrap().unwrap()), "signal 9");
}

#[test]
fn a_death_is_told_with_the_last_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start("echo the reason; exit 3", folder.path());
    wait::until(Duration::from_secs(10), "its end", || running.exit()).unwrap();
    let text = running.check().unwrap_err().to_string();
    assert!(text.contains("a shell ended (exit code 3)"), "{text}");
    assert!(text.contains("    the reason"), "{text}");
}

#[test]
fn the_guard_ends_the_group_when_its_pipe_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start("echo up; sleep 1000", folder.path());
    said(&running, "up");
    // What the kernel does to the pipe when xtask is killed.
    drop(running.guard.stdin.take());
    wait::until(Duration::from_secs(10), "the guard's work", || {
        running.exit()
    })
    .unwrap();
}

#[test]
fn a_failing_step_shows_everything_and_the_fix() {
    let text = run(
        "a step",
        &mut shell("echo out; echo err >&2; exit 1"),
        "Do this.",
    )
    .unwrap_err();
    assert_eq!(
        text.to_string(),
        "a step failed (exit code 1):\nout\nerr\nDo this."
    );
}

#[test]
fn no_network_is_said() {
    for (words, expected) in [
        ("npm error code ENOTFOUND", true),
        (
            "error: failed to download; [6] Could not resolve host: index.crates.io",
            true,
        ),
        ("error[E0432]: unresolved import", false),
    ] {
        assert_eq!(no_network(words), expected, "{words}");
    }
}

#[test]
fn a_group_of_the_dead_is_gone() {
    for (listed, expected) in [
        ("  71 S\n  7 Z\n  7 Z+\n", false),
        ("  7 Z\n  7 Ss\n", true),
        ("", false),
    ] {
        assert_eq!(
            alive(listed, Pid::from_raw(7).unwrap()),
            expected,
            "{listed}"
        );
    }
}
