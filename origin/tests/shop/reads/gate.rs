//! A way to a server that can be shut: who has come through is thrown out, and who knocks is let go.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The gate.
pub(super) struct Gate {
    port: u16,
    open: watch::Sender<bool>,
    knocked: Arc<AtomicUsize>,
}

impl Gate {
    /// Before a server at a port of this machine.
    pub(super) async fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (open, is_open) = watch::channel(true);
        let knocked = Arc::new(AtomicUsize::new(0));
        let count = knocked.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut is_open = is_open.clone();
                tokio::spawn(async move {
                    if !*is_open.borrow() {
                        return;
                    }
                    let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                        _ = is_open.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Self {
            port,
            open,
            knocked,
        }
    }

    /// The same address, through the gate.
    pub(super) fn through(&self, url: &str, server: u16) -> String {
        let (from, to) = (format!(":{server}/"), format!(":{}/", self.port));
        assert!(url.contains(&from), "{url}");
        url.replace(&from, &to)
    }

    pub(super) fn open(&self, open: bool) {
        self.open.send(open).unwrap();
    }

    /// How many have come.
    pub(super) fn knocked(&self) -> usize {
        self.knocked.load(Ordering::SeqCst)
    }
}
