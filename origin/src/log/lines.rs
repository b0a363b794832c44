//! Lines that a thread of their own writes, as many at once as a moment brought: so a request waits for no disk
//! and no pipe, and wakes nobody for its line but the first of such a moment.
//!
//! No line is dropped: so many bytes wait to be written ([`BYTES_MAX`]), and then whoever has a line waits as well.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// For how long lines are gathered before they are written.
const GATHERED: Duration = Duration::from_millis(10);
/// So many bytes are written without waiting for more.
const BYTES_ENOUGH: usize = 64 * 1024;
/// Most bytes that wait to be written.
const BYTES_MAX: usize = 256 * 1024;
/// How long an end waits for what is still to be written.
const END_MAX: Duration = Duration::from_secs(1);

/// What waits.
#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Whether the writer has something in its hands.
    writing: bool,
    /// Whether somebody waits until all of it is written.
    hurried: bool,
}

/// Where lines are put.
#[derive(Debug, Default)]
pub(super) struct Lines {
    waiting: Mutex<Waiting>,
    /// Something came, or somebody is in a hurry.
    came: Condvar,
    /// Something was taken up, or has been written.
    went: Condvar,
}

impl Lines {
    /// Lines that are written to a sink, by a thread that lives as long as the process.
    pub(super) fn written_to(sink: impl Write + Send + 'static) -> Arc<Self> {
        let lines = Arc::new(Self::default());
        let ours = lines.clone();
        thread::spawn(move || ours.write_to(sink));
        lines
    }

    /// Waits until all that came before is written, or for [`END_MAX`].
    pub(super) fn written(&self) {
        let mut waiting = self.lock();
        waiting.hurried = true;
        self.came.notify_one();
        let (mut waiting, _) = self
            .went
            .wait_timeout_while(waiting, END_MAX, |waiting| {
                waiting.writing || !waiting.bytes.is_empty()
            })
            .unwrap_or_else(PoisonError::into_inner);
        waiting.hurried = false;
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, mut sink: impl Write) {
        let mut bytes = Vec::new();
        loop {
            self.take(&mut bytes);
            // A log that is gone is no reason to serve no more.
            let _ = sink.write_all(&bytes).and_then(|()| sink.flush());
            bytes.clear();
            self.lock().writing = false;
            self.went.notify_all();
        }
    }

    /// Takes up what waits, once there is enough or for long enough, and leaves empty room in its place.
    fn take(&self, bytes: &mut Vec<u8>) {
        let waiting = self
            .came
            .wait_while(self.lock(), |waiting| waiting.bytes.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        let (mut waiting, _) = self
            .came
            .wait_timeout_while(waiting, GATHERED, |waiting| {
                waiting.bytes.len() < BYTES_ENOUGH && !waiting.hurried
            })
            .unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut waiting.bytes, bytes);
        waiting.writing = true;
        drop(waiting);
        self.went.notify_all();
    }
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self
            .went
            .wait_while(self.lock(), |waiting| {
                // A line that is longer than all the room has it for itself.
                !waiting.bytes.is_empty() && waiting.bytes.len() + line.len() > BYTES_MAX
            })
            .unwrap_or_else(PoisonError::into_inner);
        let before = waiting.bytes.len();
        waiting.bytes.extend_from_slice(line);
        let is_first = before == 0;
        let is_enough = before < BYTES_ENOUGH && waiting.bytes.len() >= BYTES_ENOUGH;
        drop(waiting);
        if is_first || is_enough {
            self.came.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A sink that shows what is written, each time after it was let.
    struct Sink {
        shown: Sender<Vec<u8>>,
        let_go: Receiver<()>,
    }

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.let_go.recv().map_err(io::Error::other)?;
            self.shown.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn sink() -> (Arc<Lines>, Receiver<Vec<u8>>, Sender<()>) {
        let ((shown, written), (lets, let_go)) = (channel(), channel());
        (Lines::written_to(Sink { shown, let_go }), written, lets)
    }

    #[test]
    fn lines_come_whole_and_in_their_order() {
        let (lines, shows, lets) = sink();
        let mut expected = Vec::new();
        for number in 0..1_000 {
            let line = format!("line {number}\n");
            expected.extend(line.bytes());
            (&*lines).write_all(line.as_bytes()).unwrap();
        }
        let mut written = Vec::new();
        while written.len() < expected.len() {
            lets.send(()).unwrap();
            written.extend(shows.recv().unwrap());
        }
        assert_eq!(written, expected);
    }

    #[test]
    fn none_is_dropped_when_nobody_reads_and_whoever_has_one_waits() {
        let (lines, shows, lets) = sink();
        let long = vec![b'x'; BYTES_MAX];
        // One is in the writer's hands, and one takes all the room.
        (&*lines).write_all(&long).unwrap();
        (&*lines).write_all(&long).unwrap();
        let ours = lines.clone();
        let third = thread::spawn(move || (&*ours).write_all(b"third").unwrap());
        assert!(shows.try_recv().is_err());
        assert!(!third.is_finished());
        let mut written = 0;
        for bytes in [BYTES_MAX, BYTES_MAX, 5] {
            lets.send(()).unwrap();
            assert_eq!(shows.recv().unwrap().len(), bytes);
            written += bytes;
        }
        third.join().unwrap();
        assert_eq!(written, 2 * BYTES_MAX + 5);
    }

    #[test]
    fn an_end_waits_for_what_is_to_be_written_but_not_for_ever() {
        let (lines, shows, lets) = sink();
        (&*lines).write_all(b"last").unwrap();
        // Nobody reads: it goes on after its time.
        lines.written();
        assert!(shows.try_recv().is_err());
        lets.send(()).unwrap();
        lines.written();
        assert_eq!(shows.try_recv().unwrap(), b"last");
        // Nothing waits.
        lines.written();
    }
}
