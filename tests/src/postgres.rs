//! One Postgres for all tests of a binary; each test makes its own databases.

use std::path::PathBuf;
use std::sync::OnceLock;

use xtask::postgres::{Cluster, Options};

use crate::build::tools;
use crate::scratch;

/// The server's URL without a database, such as `postgres://postgres@127.0.0.1:5432`.
pub fn url() -> &'static str {
    static SERVER: OnceLock<(Cluster, String)> = OnceLock::new();
    let (_, url) = SERVER.get_or_init(|| {
        let options = Options {
            folder: scratch::folder().join("postgres"),
            log: log_file(),
            ephemeral: true,
        };
        let cluster = Cluster::start(tools(), &options).expect("Postgres starts");
        let whole = cluster.url_of("postgres");
        let server = whole.rsplit_once('/').map(|(server, _)| server.to_owned());
        (cluster, server.expect("a URL ends in a database"))
    });
    url
}

/// What the server has said so far.
pub fn log() -> String {
    std::fs::read_to_string(log_file()).expect("the server's log")
}

fn log_file() -> PathBuf {
    scratch::folder().join("postgres.log")
}
