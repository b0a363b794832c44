//! TLS to Postgres: how sure the origin is of the server is what `DATABASE_URL` says.

use std::sync::Arc;

use origin::config::Databases;
use origin::store::pool;
use sqlx::{Connection, PgConnection};
use xtask::postgres::{Cluster, Options};
use xtask::progress::Progress;
use xtask::tools::Tools;

use crate::authority::Authority;
use crate::harness::{Shop, folder};
use crate::provider::Provider;

/// What the server's certificate names.
const HOST: &str = "localhost";

/// Whether a connection is encrypted; or why there is none.
async fn is_encrypted(url: String) -> Result<bool, String> {
    let options = pool::options(&url.into()).unwrap();
    let connection = PgConnection::connect_with(&options).await;
    let mut connection = connection.map_err(|error| error.to_string())?;
    let sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    let is_encrypted = sqlx::query_scalar(sql).fetch_one(&mut connection).await;
    Ok(is_encrypted.unwrap())
}

#[tokio::test]
async fn a_server_is_trusted_as_far_as_the_url_says() {
    let (authority, other) = (Authority::new(), Authority::new());
    let certified = authority.certifies(HOST);
    let cluster = tokio::task::spawn_blocking(move || {
        let options = Options {
            folder: folder().join("tls"),
            log: folder().join("tls.log"),
            ephemeral: true,
        };
        let tools = Tools::ensure(Progress::quiet()).unwrap();
        let mut cluster = Cluster::start(&tools, &options).unwrap();
        cluster
            .require_tls(&certified.certificate, &certified.key)
            .unwrap();
        cluster
    });
    let cluster = cluster.await.unwrap();
    let file = |name: &str, text: &str| {
        let path = folder().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let ours = file("tls-ours.pem", &authority.certificate);
    let theirs = file("tls-theirs.pem", &other.certificate);
    let by_name = cluster.url_of("postgres").replace("127.0.0.1", HOST);
    let by_address = cluster.url_of("postgres");
    let trusting = |mode: &str, file: &str| format!("?sslmode={mode}&sslrootcert={file}");
    for (url, asked, expected) in [
        (&by_name, String::new(), None),
        (&by_name, "?sslmode=require".to_owned(), None),
        (
            &by_name,
            "?sslmode=disable".to_owned(),
            Some("no encryption"),
        ),
        (&by_address, trusting("verify-ca", &ours), None),
        (&by_name, trusting("verify-full", &ours), None),
        (
            &by_address,
            trusting("verify-full", &ours),
            Some("not valid for name"),
        ),
        // An authority of the same name.
        (
            &by_address,
            trusting("verify-ca", &theirs),
            Some("BadSignature"),
        ),
        (
            &by_name,
            trusting("verify-full", &theirs),
            Some("BadSignature"),
        ),
        // By itself the origin knows public authorities alone.
        (
            &by_name,
            "?sslmode=verify-full".to_owned(),
            Some("UnknownIssuer"),
        ),
    ] {
        match (is_encrypted(format!("{url}{asked}")).await, expected) {
            (Ok(is_encrypted), None) => assert!(is_encrypted, "{asked}"),
            (Err(error), Some(why)) => assert!(error.contains(why), "{asked}: {error}"),
            (other, _) => panic!("{asked}: {other:?}"),
        }
    }

    let verified = trusting("verify-full", &ours);
    let url = cluster.url_of("shop").replace("127.0.0.1", HOST);
    let databases = Databases {
        database_url: format!("{url}{verified}").into(),
        database_replica_url: None,
        pool_connections_max: Some(4),
    };
    let provider = Arc::new(Provider::default());
    let shop = Shop::open_on(databases, provider.clone(), provider).await;
    assert_eq!(shop.get("/products", &[]).await.status, 200);
    let open = "select count(*) from pg_stat_ssl join pg_stat_activity using (pid)
                where datname = current_database() and not ssl";
    assert_eq!(shop.count(open).await, 0);
}
