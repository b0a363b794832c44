//! Half a run that the user ended is not taken for a whole one.

use std::io::{BufReader, Read};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

#[test]
fn a_check_that_is_interrupted_has_not_passed() {
    let mut check = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("check")
        .stderr(Stdio::piped())
        .spawn()
        .expect("xtask starts");
    let mut told = BufReader::new(check.stderr.take().expect("it is piped")).bytes();
    let mut words = String::new();
    while !words.contains("formatting") {
        let byte = told.next().expect("it goes on").expect("it is read");
        words.push(byte.into());
    }
    let pid = i32::try_from(check.id()).ok().and_then(Pid::from_raw);
    kill_process(pid.expect("a pid"), Signal::INT).expect("it runs");
    // Read to the end, so that it never waits for a reader.
    told.for_each(drop);
    let status = check.wait().expect("it ends");
    assert_eq!(status.code(), Some(130), "{words}");
}
