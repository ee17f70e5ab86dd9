//! Listens, serves, drains and stops.

use super::tls;
use super::wire::Counter;
use crate::http::{self, edge};
use actix_web::dev::{ServerHandle, Service as _};
use actix_web::{App, HttpServer, middleware};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// A counter that is listening.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it listens to clients with certificates, when that is a door of its own.
    pub second: Option<SocketAddr>,
    counter: Arc<Counter>,
    handle: ServerHandle,
    under_way: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<()>>,
}

/// Binds, and says plainly when the port is taken; `flag` tells how to choose another.
///
/// # Errors
/// One line naming the address and the way out.
pub fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow::anyhow!("port {} is taken; stop what listens there or choose another with {flag}", address.port())
        }
        _ => anyhow::anyhow!("cannot listen on {address}: {error}"),
    })
}

/// One address at which callers come in.
pub struct Door {
    /// Where.
    pub listener: TcpListener,
    /// With TLS of our own; none behind a proxy that terminates it.
    pub tls: Option<rustls::ServerConfig>,
}

impl From<TcpListener> for Door {
    fn from(listener: TcpListener) -> Self {
        Self { listener, tls: None }
    }
}

/// Serves `counter` at `door` and, where clients with certificates have one, at a second; both are answering when this
/// returns.
///
/// # Errors
/// When a listener cannot be used.
pub fn start(
    counter: Arc<Counter>,
    door: impl Into<Door>,
    workers: usize,
    second: Option<Door>,
) -> anyhow::Result<Server> {
    let door = door.into();
    let address = door.listener.local_addr()?;
    let own = second.as_ref().map(|door| door.listener.local_addr()).transpose()?;
    let under_way = Arc::new(AtomicUsize::new(0));
    let (served, counted) = (Arc::clone(&counter), Arc::clone(&under_way));
    let app = move || {
        let counted = Arc::clone(&counted);
        let served = Arc::clone(&served);
        App::new()
            .configure(|cfg| served.configure(cfg))
            // From the outside in: count calls under way (a stop waits for them), then the edge, then the routes.
            .wrap(middleware::from_fn(edge::wrap))
            .wrap_fn(move |request, next| {
                let counted = Arc::clone(&counted);
                counted.fetch_add(1, Ordering::SeqCst);
                let answer = next.call(request);
                async move {
                    let answer = answer.await;
                    counted.fetch_sub(1, Ordering::SeqCst);
                    answer
                }
            })
            .configure(http::routes)
    };
    let mut server = HttpServer::new(app)
        .disable_signals()
        .workers(workers.max(1))
        .backlog(2048)
        // Must come before any listener.
        .on_connect(tls::note_certificate);
    for Door { listener, tls } in std::iter::once(door).chain(second) {
        server = match tls {
            Some(tls) => server.listen_rustls_0_23(listener, tls)?,
            None => server.listen(listener)?,
        };
    }
    let server = server.run();
    let handle = server.handle();
    let mut tasks = counter.background();
    tasks.push(tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(error = %error, "the server ended");
        }
    }));
    Ok(Server { address, second: own, counter, handle, under_way, tasks })
}

impl Server {
    /// The counter that is served.
    #[must_use]
    pub fn counter(&self) -> &Counter {
        &self.counter
    }

    /// Stops: not ready any more, calls under way get `drain` to end, then everything is closed.
    pub async fn stop(self, drain: Duration) {
        self.counter.drain();
        let step = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        while waited < drain && self.under_way.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(step).await;
            waited += step;
        }
        // The server's own graceful stop would wait for idle connections too.
        self.handle.stop(false).await;
        self.counter.close().await;
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// The process being asked to stop (SIGINT or SIGTERM); heard from when this is made, so make it before anything says
/// that the counter is open.
pub struct StopSignal {
    #[cfg(unix)]
    interrupted: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminated: tokio::signal::unix::Signal,
}

impl StopSignal {
    /// Starts to listen. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> anyhow::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self { interrupted: signal(SignalKind::interrupt())?, terminated: signal(SignalKind::terminate())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Returns when the process was asked to stop.
    ///
    /// # Errors
    /// When the system refuses.
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only unix keeps its listeners"))]
    pub async fn requested(mut self) -> anyhow::Result<()> {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await?;
        Ok(())
    }
}
