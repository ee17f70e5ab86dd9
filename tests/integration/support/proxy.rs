//! A TCP proxy that can be cut: for tests of what happens when a server goes away mid-flight.

use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A running proxy; dropping it cuts it for good.
pub struct Proxy {
    /// Where to connect instead of the server.
    pub address: SocketAddr,
    is_cut: Arc<watch::Sender<bool>>,
}

impl Proxy {
    /// A proxy on a free port to `server` (`host:port`).
    pub async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (is_cut, cut) = watch::channel(false);
        tokio::spawn(accept(listener, server.to_owned(), cut));
        Self { address, is_cut: Arc::new(is_cut) }
    }

    /// Drops every connection, and refuses new ones until [`mend`](Self::mend).
    pub fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}

async fn accept(listener: TcpListener, server: String, cut: watch::Receiver<bool>) {
    while let Ok((mut inside, _)) = listener.accept().await {
        let (server, mut cut) = (server.clone(), cut.clone());
        tokio::spawn(async move {
            if *cut.borrow_and_update() {
                return;
            }
            let Ok(mut outside) = TcpStream::connect(&server).await else { return };
            tokio::select! {
                _ = copy_bidirectional(&mut inside, &mut outside) => {}
                _ = cut.wait_for(|is_cut| *is_cut) => {}
            }
        });
    }
}
