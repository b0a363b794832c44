use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use super::*;

const TIMING: Timing = Timing {
    connections: 2,
    warm_up: Duration::from_millis(20),
    measured: Duration::from_millis(60),
};

/// Answers every read with the same bytes, for as many connections as the load opens.
fn server(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).is_ok_and(|read| read > 0) {
                    if stream.write_all(answer).is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

fn traffic(
    check: impl Fn(u64, &Response<Bytes>) -> Result<()> + Send + Sync + 'static,
) -> Arc<Traffic> {
    Arc::new(Traffic {
        requests: Box::new(|number| {
            let request = Request::get(format!("/{number}")).header("host", "localhost");
            request.body(Full::default()).unwrap()
        }),
        status: StatusCode::OK,
        check: Box::new(check),
    })
}

#[test]
fn answers_inside_the_window_are_counted() {
    let address = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let whole = |_, answer: &Response<Bytes>| {
        anyhow::ensure!(answer.body() == "ok", "not ok");
        Ok(())
    };
    let measured = run(address, &traffic(whole), TIMING, &[]).unwrap();
    assert!(measured.requests > 0);
    assert!(measured.p50_us <= measured.p99_us);
}

#[test]
fn a_rate_is_kept() {
    let address = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let begun = NEXT.load(Ordering::Relaxed);
    let fine = traffic(|_, _| Ok(()));
    // Two connections, one request each 20 ms, for 80 ms; other tests count on beside.
    let measured = paced(address, &fine, TIMING, 100.0, &[]).unwrap();
    assert!(measured.requests <= 8, "{measured:?}");
    assert!(NEXT.load(Ordering::Relaxed) > begun);
    assert!(paced(address, &fine, TIMING, 0.0, &[]).is_err());
}

#[test]
fn an_error_is_no_result() {
    let busy = server(b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy");
    let error = run(busy, &traffic(|_, _| Ok(())), TIMING, &[]).unwrap_err();
    assert!(format!("{error:#}").contains("503"), "{error:#}");
    assert!(format!("{error:#}").contains("busy"), "{error:#}");

    let other = server(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nother");
    let never = |_, _: &Response<Bytes>| anyhow::bail!("not what was asked for");
    let error = run(other, &traffic(never), TIMING, &[]).unwrap_err();
    assert!(
        format!("{error:#}").contains("not what was asked for"),
        "{error:#}"
    );
}

#[test]
fn a_flood_tells_what_was_done_from_what_was_refused() {
    let done = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let refusing = server(b"HTTP/1.1 503 Busy\r\nretry-after: 1\r\ncontent-length: 2\r\n\r\nno");
    let silent = server(b"HTTP/1.1 503 Busy\r\ncontent-length: 2\r\n\r\nno");
    let flooded = |address| flood(address, &traffic(|_, _| Ok(())), TIMING, 1_000.0, 3);
    let all_done = flooded(done).unwrap();
    assert!(all_done.accepted > 0 && all_done.sent_a_second > 0.0);
    assert_eq!(all_done.refused, 0);
    let none = flooded(refusing).unwrap();
    assert_eq!(none.accepted, 0);
    assert!(none.refused > 0);
    assert!(flooded(silent).is_err());
}
