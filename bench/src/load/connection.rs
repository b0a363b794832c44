//! One connection of the load.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http::Response;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

use super::{
    ANSWER_SECONDS_MAX, CHECK_EVERY, LATENCY_US_MAX, Pace, Traffic, Window, histogram, micros, next,
};

/// How much of a wrong answer's body is told.
const TOLD_CHARS_MAX: usize = 300;

/// Sends until the window closes, and answers the latencies inside it.
pub(super) async fn drive(
    address: SocketAddr,
    traffic: Arc<Traffic>,
    window: Window,
    pace: Option<Pace>,
) -> Result<Histogram<u64>> {
    let mut latencies = histogram()?;
    let mut sender = connect(address).await?;
    let mut due = pace.map(|pace| pace.first);
    loop {
        let number = next();
        let request = (traffic.requests)(number);
        if let Some(due) = due {
            sleep_until(due).await;
        }
        let began = due.unwrap_or_else(Instant::now);
        due = due.zip(pace).map(|(due, pace)| due + pace.between);
        if began >= window.closes {
            return Ok(latencies);
        }
        sender
            .ready()
            .await
            .context("the server closed a keep-alive connection")?;
        let limit = Duration::from_secs(ANSWER_SECONDS_MAX);
        let answer = timeout(limit, exchange(&mut sender, request))
            .await
            .with_context(|| format!("no answer within {ANSWER_SECONDS_MAX} s"))??;
        let ended = Instant::now();
        let inside = began >= window.opens && ended < window.closes;
        inspect(&traffic, number, &answer, inside)?;
        if inside {
            latencies.record(micros(ended - began).clamp(1, LATENCY_US_MAX))?;
        }
    }
}

pub(super) async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("nothing listens on {address}"))?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with its sender; what goes wrong on it, the sender is told.
    tokio::spawn(connection);
    Ok(sender)
}

pub(super) async fn exchange(
    sender: &mut SendRequest<Full<Bytes>>,
    request: http::Request<Full<Bytes>>,
) -> Result<Response<Bytes>> {
    let (parts, body) = sender.send_request(request).await?.into_parts();
    Ok(Response::from_parts(
        parts,
        body.collect().await?.to_bytes(),
    ))
}

pub(super) fn inspect(
    traffic: &Traffic,
    number: u64,
    answer: &Response<Bytes>,
    whole: bool,
) -> Result<()> {
    if answer.status() != traffic.status {
        bail!(
            "answered {} instead of {}: {}",
            answer.status(),
            traffic.status,
            told(answer.body())
        );
    }
    if whole && number.is_multiple_of(CHECK_EVERY) {
        (traffic.check)(number, answer).with_context(|| {
            format!(
                "a wrong answer: {:?}: {}",
                answer.headers(),
                told(answer.body())
            )
        })?;
    }
    Ok(())
}

fn told(body: &Bytes) -> String {
    String::from_utf8_lossy(body)
        .chars()
        .take(TOLD_CHARS_MAX)
        .collect()
}
