//! What is no plain request and answer: events, gRPC-web, WebSocket.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{Cache, Reply, says};

#[tokio::test]
async fn events_pass_as_they_come() {
    let cache = Cache::start().await;
    let go_on = Arc::new(Notify::new());
    let fields = vec![
        ("content-type", "text/event-stream".to_owned()),
        ("cache-control", "no-cache".to_owned()),
    ];
    let events = ["data: 1\n\n", "data: 2\n\n"];
    cache
        .origin
        .say(Reply::Parts(fields, events, Arc::clone(&go_on)));
    let url = format!("{}/events", cache.workerd.url(0));
    let asked = cache.client.get(url).header("accept", "text/event-stream");
    let mut answer = asked.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    // The origin says no more before it is told to.
    assert_eq!(answer.chunk().await.unwrap().unwrap(), events[0]);
    go_on.notify_one();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), events[1]);
    assert_eq!(answer.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn grpc_web_passes_unread() {
    let cache = Cache::start().await;
    let frames = "\0\0\0\0\u{1}x\u{7f}\0\0\0\u{f}grpc-status:0\r\n";
    cache.origin.say(says(
        200,
        &[("content-type", "application/grpc-web+proto")],
        frames,
    ));
    let url = format!("{}/pkg.Service/Call", cache.workerd.url(0));
    let call = cache
        .client
        .post(url)
        .header("content-type", "application/grpc-web+proto")
        .header("x-grpc-web", "1")
        .body("\0\0\0\0\u{1}y");
    let answer = call.send().await.unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "application/grpc-web+proto"
    );
    assert_eq!(answer.text().await.unwrap(), frames);
    let seen = cache.origin.seen();
    for field in ["content-type: application/grpc-web+proto", "x-grpc-web: 1"] {
        assert!(seen[0].contains(field), "{seen:?}");
    }
}

#[tokio::test]
async fn a_websocket_is_not_opened() {
    let cache = Cache::start().await;
    cache.origin.say(says(426, &[], "no"));
    let fields = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let answer = cache.get("/socket", &fields).await;
    assert_eq!((answer.status, answer.body.as_str()), (426, "no"));
    let seen = cache.origin.seen();
    assert!(!seen[0].contains("upgrade:"), "{seen:?}");
}
