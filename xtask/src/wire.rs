//! A port of this machine that leads to another one: what a load balancer, or the name of a database, is in
//! production. It can lead elsewhere from one moment to the next, be cut, and carry answers slowly.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::{ports, wait};

/// What is carried at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// The wire. Dropping it closes it, and all that it carries.
#[derive(Debug)]
pub struct Wire {
    port: u16,
    way: Arc<Way>,
}

/// What its threads share.
#[derive(Debug, Default)]
struct Way {
    upstream: AtomicU16,
    delay_ms: AtomicU32,
    is_cut: AtomicBool,
    is_over: AtomicBool,
    accepted: AtomicU64,
    answered: AtomicU64,
    open: Mutex<HashMap<u64, [TcpStream; 2]>>,
}

impl Wire {
    /// Opens one that leads nowhere yet, on this port of 127.0.0.1; 0 takes a free one.
    pub fn open(port: u16) -> Result<Self> {
        let port = if port == 0 { ports::free()? } else { port };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let way = Arc::new(Way::default());
        let accepting = Arc::clone(&way);
        thread::spawn(move || accept(&listener, &accepting));
        Ok(Self { port, way })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on new connections lead to this port.
    pub fn lead_to(&self, port: u16) {
        self.way.upstream.store(port, Ordering::SeqCst);
    }

    /// Ends what it carries, and takes nothing up until [`Self::mend`].
    pub fn cut(&self) {
        self.way.is_cut.store(true, Ordering::SeqCst);
        self.way.end_all();
    }

    /// Carries again.
    pub fn mend(&self) {
        self.way.is_cut.store(false, Ordering::SeqCst);
    }

    /// From now on each piece of an answer comes so much later.
    pub fn delay(&self, delay: Duration) {
        let delay_ms = u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
        self.way.delay_ms.store(delay_ms, Ordering::SeqCst);
    }

    /// How many connections it has taken up.
    pub fn accepted(&self) -> u64 {
        self.way.accepted.load(Ordering::SeqCst)
    }

    /// How many pieces of answers it has carried; a small answer is one.
    pub fn answered(&self) -> u64 {
        self.way.answered.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.way.is_over.store(true, Ordering::SeqCst);
        self.way.end_all();
        // Who accepts learns of it by one more connection.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
    }
}

impl Way {
    fn open(&self) -> MutexGuard<'_, HashMap<u64, [TcpStream; 2]>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end_all(&self) {
        for stream in self.open().values().flatten() {
            end(stream, Shutdown::Both);
        }
    }

    fn is_closed(&self) -> bool {
        self.is_cut.load(Ordering::SeqCst) || self.is_over.load(Ordering::SeqCst)
    }

    /// Holds an answer back for as long as is asked for by then.
    fn hold(&self) {
        let delay = || Duration::from_millis(self.delay_ms.load(Ordering::SeqCst).into());
        let limit = delay();
        if !limit.is_zero() {
            wait::settle(limit, || delay().is_zero() || self.is_closed());
        }
    }
}

fn accept(listener: &TcpListener, way: &Arc<Way>) {
    for client in listener.incoming() {
        if way.is_over.load(Ordering::SeqCst) {
            return;
        }
        let Ok(client) = client else { continue };
        let way = Arc::clone(way);
        thread::spawn(move || carry(&client, &way));
    }
}

/// Carries one connection to its end. Whatever fails on one side is the end of the other.
fn carry(client: &TcpStream, way: &Way) {
    let upstream = way.upstream.load(Ordering::SeqCst);
    if way.is_closed() {
        return;
    }
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, upstream)) else {
        return;
    };
    for stream in [client, &server] {
        // Without it small packets wait for each other, which is slow and does no harm.
        drop(stream.set_nodelay(true));
    }
    let (Ok(near), Ok(far)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    let number = way.accepted.fetch_add(1, Ordering::SeqCst);
    way.open().insert(number, [near, far]);
    // A cut that came in between has not seen it.
    if way.is_closed() {
        way.end_all();
    }
    thread::scope(|scope| {
        scope.spawn(|| {
            copy(client, &server, || {});
            end(&server, Shutdown::Write);
        });
        copy(&server, client, || {
            way.hold();
            way.answered.fetch_add(1, Ordering::SeqCst);
        });
        end(client, Shutdown::Both);
    });
    way.open().remove(&number);
}

fn copy(mut from: &TcpStream, mut to: &TcpStream, before: impl Fn()) {
    let mut chunk = vec![0; CHUNK_BYTES];
    while let Ok(length @ 1..) = from.read(&mut chunk) {
        before();
        if to.write_all(&chunk[..length]).is_err() {
            return;
        }
    }
}

fn end(stream: &TcpStream, how: Shutdown) {
    // What has ended by itself needs no end.
    drop(stream.shutdown(how));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::Deadline;

    /// Says this to whoever comes, and then what it hears.
    fn server(word: &'static [u8]) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                thread::spawn(move || {
                    stream.write_all(word).unwrap();
                    let mut heard = [0; 16];
                    while let Ok(length @ 1..) = stream.read(&mut heard) {
                        stream.write_all(&heard[..length]).unwrap();
                    }
                });
            }
        });
        port
    }

    fn connect(wire: &Wire) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, wire.port())).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        stream
    }

    fn heard(mut stream: &TcpStream) -> String {
        let mut bytes = [0; 16];
        let length = stream.read(&mut bytes).unwrap_or_default();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    }

    #[test]
    fn it_carries_both_ways_leads_elsewhere_is_cut_and_mended() {
        let wire = Wire::open(0).unwrap();
        wire.lead_to(server(b"one"));
        let mut first = connect(&wire);
        assert_eq!(heard(&first), "one");
        first.write_all(b"word").unwrap();
        assert_eq!(heard(&first), "word");
        wire.lead_to(server(b"two"));
        let second = connect(&wire);
        assert_eq!(heard(&second), "two");
        first.write_all(b"still").unwrap();
        assert_eq!(heard(&first), "still", "what it carries goes on");
        wire.cut();
        assert_eq!(heard(&first), "");
        assert_eq!(heard(&second), "");
        assert_eq!(heard(&connect(&wire)), "");
        wire.mend();
        assert_eq!(heard(&connect(&wire)), "two");
    }

    #[test]
    fn an_answer_comes_later_until_it_is_told_otherwise() {
        let wire = Wire::open(0).unwrap();
        wire.lead_to(server(b"late"));
        let watch = Deadline::after(Duration::MAX);
        wire.delay(Duration::from_millis(200));
        assert_eq!(heard(&connect(&wire)), "late");
        assert!(watch.elapsed() >= Duration::from_millis(200));
        wire.delay(Duration::from_mins(10));
        let held = connect(&wire);
        wait::until(Duration::from_secs(10), "the connection", || {
            Ok((wire.accepted() == 2).then_some(()))
        })
        .unwrap();
        wire.delay(Duration::ZERO);
        assert_eq!(heard(&held), "late");
    }

    #[test]
    fn dropping_it_ends_what_it_carries() {
        let wire = Wire::open(0).unwrap();
        wire.lead_to(server(b"word"));
        let stream = connect(&wire);
        assert_eq!(heard(&stream), "word");
        drop(wire);
        assert_eq!(heard(&stream), "");
    }
}
