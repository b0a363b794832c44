//! Where a run of tests leaves its files.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use xtask::scratch::Scratch;

/// A folder for this run of the tests.
pub fn folder() -> &'static Path {
    static SCRATCH: LazyLock<Scratch> = LazyLock::new(|| {
        let program = std::env::current_exe().expect("the program's own path");
        let name = program.file_stem().and_then(|name| name.to_str());
        let name = name.expect("a name");
        // Such as `e2e-2c9d7e22a2953904`, where the hash is another for each build.
        let name = name.split_once('-').map_or(name, |(name, _)| name);
        Scratch::open(&target().join("scratch").join(name)).expect("a scratch folder")
    });
    SCRATCH.folder()
}

/// The folder of this build's programs, such as `target/debug`.
pub(crate) fn target() -> PathBuf {
    let program = std::env::current_exe().expect("the program's own path");
    let folder = program.parent().expect("a folder");
    // Tests are in target/<profile>/deps, programs in target/<profile>.
    let folder = if folder.ends_with("deps") {
        folder.parent()
    } else {
        Some(folder)
    };
    folder.expect("target/<profile>").to_owned()
}

/// A folder for one more shop.
pub(crate) fn of_a_shop() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = folder().join(format!("shop-{number}"));
    std::fs::create_dir_all(folder.join("mail")).expect("a folder");
    folder
}
