//! `origin probe`: whether the process on this machine would serve a request now. An image has no other
//! program that could ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use clap::Args;
use http::Request;
use http_body_util::{BodyExt, Full, Limited};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Said;
use crate::http_client;

/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);
/// Most bytes of an answer: a problem document is far smaller.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Whom to ask.
#[derive(Debug, Clone, Args)]
pub struct Asked {
    /// The address that the process serves on.
    #[arg(long, env, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
}

/// Asks, and fails if it is not ready.
pub async fn run(asked: &Asked) -> Result<Said> {
    let url = format!("http://{}/readyz", reached(asked.listen));
    let answer = timeout(ANSWER_TIMEOUT, ask(&url));
    let (status, body) = answer
        .await
        .with_context(|| format!("{url} gave no answer in {} s", ANSWER_TIMEOUT.as_secs()))??;
    ensure!(
        status.is_success(),
        "{url} answers {status}: {}",
        why(&body)
    );
    Ok(Said {
        document: json!({"ready": true, "url": url}),
        text: format!("{url} is ready"),
    })
}

async fn ask(url: &str) -> Result<(http::StatusCode, Bytes)> {
    let request = Request::get(url).body(Full::default())?;
    let client = http_client::client(ANSWER_TIMEOUT)?;
    let answer = client.request(request).await;
    let answer = answer.with_context(|| format!("{url} can't be reached"))?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect();
    let body = body
        .await
        .map_err(|error| anyhow::anyhow!("{url} broke off: {error}"))?;
    Ok((status, body.to_bytes()))
}

/// What a problem document says.
fn why(body: &[u8]) -> String {
    let problem: Option<Value> = serde_json::from_slice(body).ok();
    let detail = problem
        .as_ref()
        .and_then(|problem| problem.get("detail")?.as_str());
    detail.unwrap_or("it says no more than that").to_owned()
}

/// Where a process is reached that listens there: on all addresses is on its own, too.
fn reached(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::get;
    use tokio::net::TcpListener;

    use super::*;

    async fn probe(answer: (StatusCode, &'static str)) -> Result<Said> {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let listen = listener.local_addr().unwrap();
        let router = Router::new().route("/readyz", get(move || async move { answer }));
        let served = tokio::spawn(async move { axum::serve(listener, router).await });
        let said = run(&Asked { listen }).await;
        served.abort();
        said
    }

    #[tokio::test]
    async fn who_is_ready_is_told_from_who_is_not() {
        let ready = probe((StatusCode::OK, r#"{"status":"ready"}"#)).await;
        assert_eq!(ready.unwrap().document["ready"], true);
        let ending = r#"{"detail":"The process is ending; another one serves."}"#;
        for (answer, expected) in [
            (
                (StatusCode::SERVICE_UNAVAILABLE, ending),
                "The process is ending",
            ),
            ((StatusCode::NOT_FOUND, "no"), "404"),
        ] {
            let error = probe(answer).await.unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[tokio::test]
    async fn nobody_is_not_ready() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listen = listener.local_addr().unwrap();
        drop(listener);
        let error = run(&Asked { listen }).await.unwrap_err().to_string();
        assert!(error.ends_with("can't be reached"), "{error}");
    }

    #[test]
    fn all_addresses_are_reached_on_their_own() {
        for (listen, expected) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.7:80", "192.0.2.7:80"),
        ] {
            assert_eq!(reached(listen.parse().unwrap()).to_string(), expected);
        }
    }
}
