//! Over TLS: a server that is certified by an authority that the system trusts, and by no other.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use origin::reads::cache::server;
use secrecy::ExposeSecret;
use xtask::process::{Running, Signal};
use xtask::wait;

use super::{READY_MAX, Redis};
use crate::authority::Authority;
use crate::harness::Shop;

/// The server's certificate names this host.
const HOST: &str = "localhost";

/// What an origin that listens there tells in figures; nothing while it does not.
fn figures(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET /metrics HTTP/1.0\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some(text)
}

#[tokio::test]
async fn it_is_who_an_authority_says_that_it_is() {
    let Some(mut redis) = Redis::prepare() else {
        return;
    };
    let authority = Authority::new();
    let certified = authority.certifies(HOST);
    let folder = redis.folder.path().to_owned();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let ca = file("ca.pem", &authority.certificate);
    let certificate = file("certificate.pem", &certified.certificate);
    let key = file("key.pem", &certified.key);
    let port = redis.port.to_string();
    redis.run_with(&[
        "--port",
        "0",
        "--tls-port",
        &port,
        "--tls-auth-clients",
        "no",
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &ca,
    ]);

    let url = format!("rediss://{HOST}:{port}");
    let unknown = server(&url).unwrap().connect().await.unwrap_err();
    let text = format!("{unknown:#}");
    assert!(text.contains("UnknownIssuer"), "{text}");

    // Trust is the process's, so this is one of its own; it finds the cache by itself, too.
    let shop = Shop::open().await;
    let listen = xtask::ports::free().unwrap();
    let mut serve = Command::new(env!("CARGO_BIN_EXE_origin"));
    serve
        .args(["serve", "--listen", &format!("127.0.0.1:{listen}")])
        .env(
            "DATABASE_URL",
            shop.config.databases.database_url.expose_secret(),
        )
        .env("ASSERTION_KEYS", shop.config.assertion_keys.expose_secret())
        .env("DERIVATION_KEY", shop.config.derivation_key.expose_secret())
        .env("CACHE_URL", &url)
        .env("SSL_CERT_FILE", &ca);
    let log = folder.join("origin.log");
    let mut origin = Running::start("origin serve", &mut serve, &log, Signal::TERM).unwrap();
    wait::until(READY_MAX, "the origin finds the cache", || {
        origin.check()?;
        let text = figures(listen).unwrap_or_default();
        Ok(text.contains("\nheadgate_redis_up 1\n").then_some(()))
    })
    .unwrap();
}
