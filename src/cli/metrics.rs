//! The address at which the operator's Prometheus reads the figures of this process, and nothing else is.

use super::server;
use crate::http;
use crate::store::{AgencyLoad, Store};
use crate::telemetry::metric::{self, Figures};
use actix_web::{App, HttpServer, web};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How often it is counted how much waits.
const COUNT: Duration = Duration::from_secs(30);

/// Counts from now on, and opens the address, when the operator names one; gives where it listens.
///
/// # Errors
/// As [`open`]; and when the process counts already.
pub fn start(listen: Option<SocketAddr>, flag: &str, store: &Arc<dyn Store>) -> anyhow::Result<Option<SocketAddr>> {
    listen.map(|listen| open(listen, flag, (metric::install()?, store))).transpose()
}

/// Opens the address, which ends with the process; gives where it listens. `flag` tells how to choose another.
///
/// # Errors
/// When it cannot be listened on.
pub fn open(
    listen: SocketAddr,
    flag: &str,
    (figures, store): (Figures, &Arc<dyn Store>),
) -> anyhow::Result<SocketAddr> {
    let listener = server::bind(listen, flag)?;
    let address = listener.local_addr()?;
    let told = web::Data::new(figures.clone());
    let app = move || App::new().app_data(told.clone()).configure(http::metrics::routes);
    let server = HttpServer::new(app).disable_signals().workers(1).listen(listener)?.run();
    tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "figures are not told any more");
        }
    });
    tokio::spawn(figures.keep());
    tokio::spawn(count_forever(Arc::clone(store)));
    Ok(address)
}

/// Counts deliveries that wait, in this process: what others do is counted there too, and comes to the same.
async fn count_forever(store: Arc<dyn Store>) {
    let mut known: BTreeSet<String> = BTreeSet::new();
    loop {
        match store.count_deliveries().await {
            Ok(loads) => {
                // Where nothing waits any more is not told of: its figures would stay as they were.
                known.extend(loads.iter().map(|load| load.agency.clone()));
                for name in &known {
                    let nothing = || AgencyLoad { agency: name.clone(), ..AgencyLoad::default() };
                    let load = loads.iter().find(|load| load.agency == *name).cloned().unwrap_or_else(nothing);
                    metric::waiting(&load.agency, "to_send", load.to_send.saturating_sub(load.parked));
                    metric::waiting(&load.agency, "in_review", load.in_review);
                    metric::waiting(&load.agency, "person", load.parked);
                }
            }
            Err(fault) => tracing::warn!(%fault, "what waits could not be counted"),
        }
        tokio::time::sleep(COUNT).await;
    }
}
