//! A browser for the tests of what runs in one: `CHROME_BIN`, else one on `PATH`, else Debian's.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Peer, Skip, apt, is_program, on_path};
use crate::environment::Environment;
use crate::progress::Progress;

const NAME: &str = "chromium";

const PROGRAMS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

const FIX: &str = "No browser is on PATH. Install Chromium or Chrome (Debian: `apt-get install \
    chromium`), or name one with CHROME_BIN.";

/// What to do, as far as the machine shows.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    Use(PathBuf),
    Install,
    Skip(String),
}

/// A browser, installed where that needs no asking.
pub fn chromium(environment: &Environment, progress: Progress) -> Result<Peer> {
    let found = || on_path(&environment.path, &PROGRAMS);
    match way(
        environment.chrome.clone(),
        found(),
        apt::allowed(environment),
    ) {
        Way::Use(program) => Ok(Peer::Here(program)),
        Way::Skip(why) => Ok(Peer::Missing(Skip { name: NAME, why })),
        Way::Install => {
            let installed = apt::install("chromium", environment, progress)
                .and_then(|()| found().context("The package brought no program of that name."));
            Peer::from_install(NAME, installed)
        }
    }
}

fn way(named: Option<PathBuf>, found: Option<PathBuf>, may_install: bool) -> Way {
    match (named, found) {
        // Whoever names a browser wants that one; another in its place would hide the mistake.
        (Some(named), _) if is_program(&named) => Way::Use(named),
        (Some(named), _) => Way::Skip(format!(
            "CHROME_BIN names {}, which is no program.",
            named.display()
        )),
        (None, Some(found)) => Way::Use(found),
        (None, None) if may_install => Way::Install,
        (None, None) => Way::Skip(FIX.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_browser_first_then_a_found_one_then_debians() {
        let program = || Some(PathBuf::from("/bin/sh"));
        let used = || Way::Use("/bin/sh".into());
        for (named, found, may_install, expected) in [
            (program(), None, false, used()),
            (None, program(), true, used()),
            (None, None, true, Way::Install),
            (None, None, false, Way::Skip(FIX.into())),
            (
                Some("/nowhere".into()),
                program(),
                true,
                Way::Skip("CHROME_BIN names /nowhere, which is no program.".into()),
            ),
        ] {
            assert_eq!(way(named, found, may_install), expected);
        }
    }
}
