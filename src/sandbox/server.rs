//! The server: what all handlers share, where it listens, how it starts and stops.

mod e_gov;

use super::agencies::{self, Agencies};
use super::certification::{self, Certification};
use super::cloud::{self, Cloud};
use super::delivery::{self, Delivery};
use super::egov::{self, Egov};
use super::gbizid::{self, Corporate};
use super::identity::{self, Identity};
use super::if001::{self, Inquiries};
use super::pages;
use super::parties::Parties;
use super::payment::{self, PaymentDesk};
use super::people::People;
use super::qualification::{self, Qualification};
use super::records::{self, Records};
use super::scenario::Scenario;
use super::services::{self, Services};
use super::settings::{Pace, Settings, StartError};
use super::tax_site::{self, TaxSite};
use super::terms::Terms;
use crate::catalog::Catalog;
use crate::catalog::procedures::Procedures;
use crate::domain::words::Words;
use crate::domain::{Clock, Entropy};
use actix_web::dev::{Server, ServerHandle, Service as _};
use actix_web::{App, HttpServer, web};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use url::Url;

/// Larger bodies are refused with 413.
const LARGEST_BODY: usize = 64 * 1024;
/// How often what has ended is forgotten.
const SWEEP: Duration = Duration::from_secs(1);
/// How long answers under way may take when the sandbox stops.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// What all handlers share.
pub(super) struct Sandbox {
    pub(super) addresses: Addresses,
    pub(super) scenarios: Vec<Scenario>,
    pub(super) pace: Pace,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) terms: Terms,
    pub(super) people: People,
    pub(super) parties: Parties,
    pub(super) identity: Identity,
    pub(super) corporate: Corporate,
    pub(super) inquiries: Inquiries,
    pub(super) agencies: Agencies,
    pub(super) egov: Egov,
    pub(super) cloud: Cloud,
    pub(super) delivery: Delivery,
    pub(super) payments: PaymentDesk,
    pub(super) procedures: Arc<Procedures>,
    pub(super) services: Services,
    pub(super) records: Records,
    pub(super) qualification: Qualification,
    pub(super) certification: Certification,
    pub(super) tax_site: TaxSite,
    under_way: AtomicUsize,
}

/// The addresses that callers see.
pub(super) struct Addresses {
    /// The issuer for citizens.
    pub(super) identity: String,
    /// The issuer for companies; it ends with a slash.
    pub(super) corporate: String,
    /// The base of IF001, which is also its audience.
    pub(super) inquiry: String,
    /// The base of the private delivery providers' issuers.
    pub(super) delivery: String,
    /// Scheme, host and port.
    pub(super) origin: String,
}

/// A sandbox that is listening.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The address that callers see.
    pub public_url: Url,
    /// The persons, for whoever wants to show them.
    pub persons: Vec<Listed>,
    sandbox: Arc<Sandbox>,
    handle: ServerHandle,
    tasks: [JoinHandle<()>; 2],
}

/// A person as shown in a terminal.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The name in files and forms.
    pub id: String,
    /// The full name, in Japanese and in Roman letters.
    pub name: Words,
    /// Who this is, in one line.
    pub story: Words,
    /// The card's number.
    pub card_number: String,
    /// The card's PIN.
    pub pin: String,
    /// The card is reported lost.
    pub is_suspended: bool,
}

/// Starts the sandbox; it is listening when this returns. Call it inside a tokio runtime.
///
/// # Errors
/// [`StartError`] when the address is taken, a file does not read or a registration is not usable.
pub fn start(
    settings: &Settings,
    catalog: &Catalog,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
) -> Result<Running, StartError> {
    // Both are installed once for the process; whoever came first installed the same.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let bind = |source| StartError::Bind { address: settings.listen, source };
    let listener = TcpListener::bind(settings.listen).map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    let public_url = match &settings.public_url {
        Some(url) => url.clone(),
        None => Url::parse(&format!("http://{address}/")).map_err(|e| StartError::Machinery(e.to_string()))?,
    };
    let sandbox = Arc::new(prepare(settings, &public_url, catalog, (clock, entropy))?);
    let server = serve(Arc::clone(&sandbox), listener, settings.workers).map_err(bind)?;
    let handle = server.handle();
    let tasks = [
        tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(error = %error, "the sandbox's server ended");
            }
        }),
        tokio::spawn(sweep(Arc::clone(&sandbox))),
    ];
    let persons = sandbox.people.iter().map(pages::listed_plainly).collect();
    Ok(Running { address, public_url, persons, sandbox, handle, tasks })
}

fn prepare(
    settings: &Settings,
    public_url: &Url,
    catalog: &Catalog,
    (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
) -> Result<Sandbox, StartError> {
    let base = public_url.as_str().trim_end_matches('/');
    let terms = Terms::of(catalog);
    let people = People::load(settings.persons.as_deref(), &terms).map_err(StartError::Files)?;
    let ids: Vec<&str> = people.iter().map(|p| p.file.id.as_str()).collect();
    let notices = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(3))
        .build()
        .map_err(|e| StartError::Machinery(e.to_string()))?;
    let tax_site = TaxSite::new(settings.tax_site.clone(), notices.clone())?;
    Ok(Sandbox {
        addresses: Addresses {
            identity: format!("{base}{}", identity::REALM),
            corporate: format!("{base}{}", super::COMPANY_PATH),
            inquiry: format!("{base}{}", super::INQUIRY_PATH),
            delivery: format!("{base}{}", delivery::PATH),
            origin: public_url.origin().ascii_serialization(),
        },
        scenarios: settings.scenarios.clone(),
        pace: settings.pace,
        clock,
        entropy,
        parties: Parties::new(&settings.relying_parties, &ids)?,
        identity: Identity::new(ids.len())?,
        corporate: Corporate::new()?,
        inquiries: Inquiries::new(notices, tokio::runtime::Handle::current()),
        agencies: Agencies::default(),
        egov: Egov::new(base).map_err(StartError::Machinery)?,
        cloud: Cloud::default(),
        delivery: Delivery::new()?,
        payments: PaymentDesk::default(),
        procedures: Arc::clone(&settings.procedures),
        services: Services::new(&settings.standards).map_err(StartError::Machinery)?,
        records: Records::new().map_err(StartError::Machinery)?,
        qualification: Qualification::default(),
        certification: Certification::new(ids.len()),
        tax_site,
        terms,
        people,
        under_way: AtomicUsize::new(0),
    })
}

fn serve(sandbox: Arc<Sandbox>, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    let app = move || {
        let counted = Arc::clone(&sandbox);
        App::new()
            .app_data(web::Data::from(Arc::clone(&sandbox)))
            .app_data(web::PayloadConfig::new(LARGEST_BODY))
            // Counts answers under way, so that a stop can wait for them and for nothing else.
            .wrap_fn(move |request, next| {
                let counted = UnderWay::enter(Arc::clone(&counted));
                let answer = next.call(request);
                async move {
                    let answer = answer.await;
                    drop(counted);
                    answer
                }
            })
            .configure(pages::routes)
            .configure(identity::routes)
            .configure(gbizid::routes)
            .configure(if001::routes)
            .configure(agencies::routes)
            .configure(egov::routes)
            .configure(cloud::routes)
            .configure(delivery::routes)
            .configure(payment::routes)
            .configure(services::routes)
            .configure(records::routes)
            .configure(qualification::routes)
            .configure(certification::routes)
            .configure(tax_site::routes)
    };
    let server = HttpServer::new(app).workers(workers.max(1)).disable_signals().listen(listener)?;
    Ok(server.run())
}

/// One answer under way; it is counted off when it is dropped, also when its caller has gone.
struct UnderWay(Arc<Sandbox>);

impl UnderWay {
    fn enter(sandbox: Arc<Sandbox>) -> Self {
        sandbox.under_way.fetch_add(1, Ordering::SeqCst);
        Self(sandbox)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn sweep(sandbox: Arc<Sandbox>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let now = sandbox.clock.now();
        sandbox.parties.sweep(now);
        sandbox.identity.sweep(now);
        sandbox.corporate.sweep(now);
        sandbox.inquiries.sweep(now);
        sandbox.egov.sweep(now);
        sandbox.delivery.sweep(now);
        sandbox.tax_site.sweep(now);
    }
}

impl Running {
    /// The issuer for citizens.
    #[must_use]
    pub fn identity_issuer(&self) -> &str {
        &self.sandbox.addresses.identity
    }

    /// The issuer for companies.
    #[must_use]
    pub fn corporate_issuer(&self) -> &str {
        &self.sandbox.addresses.corporate
    }

    /// The base of IF001.
    #[must_use]
    pub fn inquiry_base(&self) -> &str {
        &self.sandbox.addresses.inquiry
    }

    /// The agencies that take filings: what they did, and how they feel.
    #[must_use]
    pub fn agencies(&self) -> &Agencies {
        &self.sandbox.agencies
    }

    /// The company's cloud.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.sandbox.cloud
    }

    /// The private delivery providers.
    #[must_use]
    pub fn delivery(&self) -> &Delivery {
        &self.sandbox.delivery
    }

    /// The payment service.
    #[must_use]
    pub fn payments(&self) -> &PaymentDesk {
        &self.sandbox.payments
    }

    /// The search web service.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.sandbox.services
    }

    /// The records of exchanges.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.sandbox.records
    }

    /// The insurers and the qualification system.
    #[must_use]
    pub fn qualification(&self) -> &Qualification {
        &self.sandbox.qualification
    }

    /// The authority of certificates for signing.
    #[must_use]
    pub fn certification(&self) -> &Certification {
        &self.sandbox.certification
    }

    /// The tax site.
    #[must_use]
    pub fn tax_site(&self) -> &TaxSite {
        &self.sandbox.tax_site
    }

    /// Suspends the card of the person with this id, or lets it be used again, and tells the gateways; false when there
    /// is nobody of this id.
    #[must_use]
    pub fn suspend_card(&self, person: &str, is_suspended: bool) -> bool {
        let found = self.sandbox.people.by_id(person);
        if let Some((_, person)) = found {
            identity::switch_card(&self.sandbox, person, is_suspended);
        }
        found.is_some()
    }

    /// Gives the person with this id another card; false when there is nobody of this id.
    #[must_use]
    pub fn renew_card(&self, person: &str) -> bool {
        self.sandbox.people.by_id(person).map(|(_, person)| person.renew_card()).is_some()
    }

    /// Stops in under a second: answers under way get half of one, idle connections nothing.
    pub async fn stop(self) {
        let step = Duration::from_millis(10);
        let mut waited = Duration::ZERO;
        while waited < LAST_ANSWERS && self.sandbox.under_way.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(step).await;
            waited += step;
        }
        // Not the server's own graceful stop: that one looks only once a second, and waits for idle connections.
        self.handle.stop(false).await;
        for task in &self.tasks {
            task.abort();
        }
    }
}
