//! Connections to receivers, made to public addresses alone.
//!
//! A name is looked up here and its addresses are checked, and then the connection is made to one of
//! these very addresses. Nothing looks the name up a second time, so an answer that changes in between
//! (DNS rebinding) changes nothing. An address that a URL names itself goes the same way.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::address::{is_public, literal};

/// How long one address may take to be reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Most addresses of a name that are tried.
const ADDRESSES_MAX: usize = 4;

/// Looks names up.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// The addresses of a name.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// The receiver's addresses are not for us to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(pub IpAddr);

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} is not a public address", self.0)
    }
}

impl std::error::Error for Refused {}

/// Makes the connections.
#[derive(Clone)]
pub struct Connector {
    resolver: Arc<dyn Resolve>,
    allow_private: bool,
}

impl Connector {
    /// By this resolver; to private addresses too, if that is allowed.
    pub fn new(resolver: Arc<dyn Resolve>, allow_private: bool) -> Self {
        Self {
            resolver,
            allow_private,
        }
    }

    async fn connect(self, uri: Uri) -> io::Result<TcpStream> {
        let host = uri.host().unwrap_or_default();
        let standard = if uri.scheme_str() == Some("https") {
            443
        } else {
            80
        };
        let port = uri.port_u16().unwrap_or(standard);
        let found = match literal(host) {
            Some(address) => vec![address],
            None => self.resolver.resolve(host).await?,
        };
        let allowed = |address: IpAddr| self.allow_private || is_public(address);
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name leads nowhere");
        for address in found.into_iter().take(ADDRESSES_MAX) {
            if !allowed(address) {
                last = io::Error::other(Refused(address));
                continue;
            }
            match reach(SocketAddr::new(address, port)).await {
                Ok(stream) => {
                    // What counts is who is at the other end.
                    let peer = stream.peer_addr()?.ip();
                    if !allowed(peer) {
                        return Err(io::Error::other(Refused(peer)));
                    }
                    return Ok(stream);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

async fn reach(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address))
        .await
        .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "it can't be reached in time"))??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.clone().connect(uri);
        Box::pin(async move { connecting.await.map(TokioIo::new) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::net::TcpListener;

    use super::*;

    /// A name whose answer is another one each time.
    #[derive(Default)]
    struct Rebinding {
        answers: Vec<Vec<IpAddr>>,
        asked: AtomicUsize,
    }

    #[async_trait]
    impl Resolve for Rebinding {
        async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            let turn = self.asked.fetch_add(1, Ordering::SeqCst);
            Ok(self.answers.get(turn).cloned().unwrap_or_default())
        }
    }

    fn refused(error: &io::Error) -> Option<Refused> {
        error.get_ref()?.downcast_ref().copied()
    }

    #[tokio::test]
    async fn a_private_address_is_not_connected_to_however_it_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let loopback: IpAddr = "127.0.0.1".parse().unwrap();
        let mapped: IpAddr = "::ffff:127.0.0.1".parse().unwrap();
        for (host, answer) in [
            ("127.0.0.1".to_owned(), vec![]),
            ("[::ffff:127.0.0.1]".to_owned(), vec![]),
            ("2130706433".to_owned(), vec![loopback]),
            ("shop.example".to_owned(), vec![loopback]),
            ("shop.example".to_owned(), vec![mapped]),
            ("shop.example".to_owned(), vec![loopback, mapped]),
        ] {
            let uri: Uri = format!("http://{host}:{port}/").parse().unwrap();
            let resolver = Arc::new(Rebinding {
                answers: vec![answer.clone()],
                ..Rebinding::default()
            });
            let strict = Connector::new(resolver, false).connect(uri.clone()).await;
            let error = strict.unwrap_err();
            assert!(refused(&error).is_some(), "{uri}: {error}");
            let resolver = Arc::new(Rebinding {
                answers: vec![answer],
                ..Rebinding::default()
            });
            let open = Connector::new(resolver, true).connect(uri.clone()).await;
            assert!(open.is_ok(), "{uri}: {open:?}");
        }
    }

    #[tokio::test]
    async fn a_name_is_looked_up_once_a_connection() {
        // The first answer is looked at and connected to; that another one would follow does not
        // matter. 192.0.2.1 is kept for documentation, so it is refused and never called.
        let resolver = Arc::new(Rebinding {
            answers: vec![
                vec!["192.0.2.1".parse().unwrap()],
                vec!["127.0.0.1".parse().unwrap()],
            ],
            ..Rebinding::default()
        });
        let uri = Uri::from_static("https://shop.example/");
        let connector = Connector::new(resolver.clone(), false);
        let error = connector.connect(uri).await.unwrap_err();
        assert_eq!(refused(&error), Some(Refused("192.0.2.1".parse().unwrap())));
        assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_name_that_leads_nowhere_is_no_refusal() {
        let resolver = Arc::new(Rebinding::default());
        let uri = Uri::from_static("https://shop.example/");
        let error = Connector::new(resolver, false)
            .connect(uri)
            .await
            .unwrap_err();
        assert_eq!(refused(&error), None, "{error}");
    }
}
