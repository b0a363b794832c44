use super::*;
use crate::progress::Progress;

fn options(folder: &Path) -> Options {
    Options {
        folder: folder.join("pg"),
        log: folder.join("log"),
        ephemeral: true,
    }
}

fn said(options: &Options, words: &str) -> bool {
    fs::read_to_string(&options.log).unwrap().contains(words)
}

#[test]
fn it_starts_again_after_an_orderly_end_and_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path());
    let tools = Tools::ensure(Progress::quiet()).unwrap();
    let mut cluster = Cluster::start(&tools, &options).unwrap();
    let pid = cluster.running.pid();
    assert!(ready(&options.folder.join("data"), pid));
    cluster.restart().unwrap();
    assert!(!said(&options, "not properly shut down"));
    cluster.kill();
    assert!(options.folder.join("data/postmaster.pid").exists());
    cluster.restart().unwrap();
    assert!(said(&options, "not properly shut down"));
    drop(cluster);
    assert!(!options.folder.join("data/postmaster.pid").exists());
    // A second xtask finds the folder as the first left it.
    Cluster::start(&tools, &options).unwrap();
}

#[test]
fn one_xtask_at_a_time_and_a_lock_file_of_nobody_is_no_hindrance() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path());
    let tools = Tools::ensure(Progress::quiet()).unwrap();
    let cluster = Cluster::start(&tools, &options).unwrap();
    let text = Cluster::start(&tools, &options).unwrap_err().to_string();
    assert!(
        text.contains("in use by another") && text.contains("`--data DIR`"),
        "{text}"
    );
    drop(cluster);
    // The number of a living process that is no Postgres: this one.
    let stale = format!("{}\n/elsewhere\n", std::process::id());
    fs::write(options.folder.join("data/postmaster.pid"), stale).unwrap();
    Cluster::start(&tools, &options).unwrap();
}

#[test]
fn ready_is_read_from_the_eighth_line_of_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in [
        ("7\n/d\n1\n5432\n\n127.0.0.1\n1 2\nready   \n", true),
        ("8\n/d\n1\n5432\n\n127.0.0.1\n1 2\nready   \n", false),
        ("7\n/d\n1\n5432\n\n127.0.0.1\n1 2\nstarting\n", false),
        ("7\n/d\n1\n", false),
        ("", false),
    ] {
        fs::write(folder.path().join("postmaster.pid"), text).unwrap();
        assert_eq!(ready(folder.path(), 7), expected, "{text:?}");
    }
}
