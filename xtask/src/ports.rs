//! Ports on the loopback address. Nothing here ever listens on another.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, bail};

/// The first port that is given out.
const FIRST: u32 = 12_000;
/// How many there are. They end below those that systems take for outgoing connections (from 32,768 on):
/// one of those could take a port before whom it was given to listens.
const SPAN: u32 = 20_000;
/// How far the first ports of two processes are apart, if their ids follow each other.
const APART: u32 = 61;

/// A port that was free a moment ago, another each time.
pub fn free() -> Result<u16> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(APART);
    for _ in 0..SPAN {
        let turn = start.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(FIRST + turn % SPAN)?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("No port could be opened on 127.0.0.1; check the machine's loopback interface.")
}

/// Fails with a sentence that names the fix when `port` is taken. 0 means "any" and never is.
pub fn check(port: u16, what: &str, flag: &str) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) => bail!(refusal(port, what, flag, error.kind())),
    }
}

fn refusal(port: u16, what: &str, flag: &str, kind: std::io::ErrorKind) -> String {
    let other = if port < 60_000 {
        port + 1000
    } else {
        port - 1000
    };
    match kind {
        std::io::ErrorKind::AddrInUse => format!(
            "Port {port} for the {what} is taken. Stop the program that listens there, or choose \
             another port with `{flag} {other}`."
        ),
        std::io::ErrorKind::PermissionDenied => format!(
            "This user may not listen on port {port} for the {what}. Choose one above 1023 with \
             `{flag} 8787`."
        ),
        other => format!(
            "Port {port} for the {what} can't be opened ({other}). Choose another with `{flag}`."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn a_taken_port_names_the_flag_and_another_port() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        let text = check(port, "edge", "--port").unwrap_err().to_string();
        assert!(
            text.contains(&format!("Port {port} for the edge is taken")),
            "{text}"
        );
        assert!(text.contains("`--port "), "{text}");
        drop(held);
        check(port, "edge", "--port").unwrap();
    }

    #[test]
    fn ports_are_given_out_once_and_lie_below_those_of_outgoing_connections() {
        let ports: std::collections::HashSet<_> = (0..100).map(|_| free().unwrap()).collect();
        assert_eq!(ports.len(), 100);
        assert!(ports.iter().all(|port| (12_000..32_000).contains(port)));
    }

    #[test]
    fn each_refusal_names_a_fix() {
        for (port, kind, part) in [
            (8787, ErrorKind::AddrInUse, "`--port 9787`"),
            (65_535, ErrorKind::AddrInUse, "`--port 64535`"),
            (80, ErrorKind::PermissionDenied, "above 1023"),
            (8787, ErrorKind::AddrNotAvailable, "Choose another"),
        ] {
            let text = refusal(port, "edge", "--port", kind);
            assert!(text.contains(part), "{text}");
        }
    }
}
