//! Single parts of a counter.

use crate::adapters::agency::egov::RefreshTokens;
use crate::adapters::agency::{self, Agency, AgencySettings};
use crate::adapters::identity::{CompanyParty, CompanyProvider, CompanySettings};
use crate::adapters::maintenance::{Closures, Maintained};
use crate::adapters::outward::{Outward, Reach};
use crate::adapters::selfinfo::{BackendSettings, SelfInformationBackend, SelfInformationSource};
use crate::catalog::procedures::Procedures;
use crate::cli::ground::{Ground, Rules};
use crate::cli::retention::Retention;
use crate::domain::representation::RepresentationProof;
use crate::domain::{Fault, Secret};
use crate::evidence::{EvidenceLog, LogParts, LogSettings, Witness};
use crate::gateway::{Gateway, GatewayParts, GatewaySettings};
use crate::http::callbacks::Sources;
use crate::http::conformance::{Conformance, ConformanceParts, Deployment};
use crate::http::health::Health;
use crate::http::pages::Pages;
use crate::issuer::companies::{Companies, CompaniesParts};
use crate::issuer::{Issuer, IssuerParts};
use crate::policy::Policies;
use crate::protocol::nonce::Nonces;
use crate::services::account::Account;
use crate::store::rotation::Rotation;
use crate::submissions::{StoredTokens, Submissions, SubmissionsParts, Webhooks, WebhooksParts};
use actix_web::web;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the issuer stands on.
pub(super) fn issuer(ground: &Ground, rules: &Rules) -> IssuerParts {
    IssuerParts {
        store: Arc::clone(&ground.store),
        hot: Arc::clone(&ground.hot),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
        master: Arc::clone(&ground.master),
        catalog: Arc::clone(&rules.catalog),
        policies: Arc::clone(&rules.policies),
        limits: Arc::clone(&rules.limits),
    }
}

/// The log of evidence of the counter at `public_url`.
pub(super) fn evidence(ground: &Ground, public_url: &str, most_pending: u64) -> EvidenceLog {
    let parts = LogParts {
        store: Arc::clone(&ground.store),
        master: Arc::clone(&ground.master),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
    };
    EvidenceLog::new(LogSettings::of(public_url, most_pending), parts)
}

/// The engine of filings, by whose receipts the issuer's key vouches.
pub(super) fn submissions(
    ground: &Ground,
    (agencies, rules): (Vec<AgencySettings>, &Rules),
    (issuer, evidence): (&Arc<Issuer>, &Arc<EvidenceLog>),
    closures: &Arc<Closures>,
) -> anyhow::Result<Arc<Submissions>> {
    let signer = Arc::clone(issuer);
    Ok(Arc::new(Submissions::new(SubmissionsParts {
        issuer: issuer.public_url().to_owned(),
        store: Arc::clone(&ground.store),
        agencies: self::agencies(agencies, (&rules.procedures, ground))?,
        procedures: Arc::clone(&rules.procedures),
        by_reference: rules.deposits.procedures().map(|one| one.code.clone()).collect(),
        evidence: Arc::clone(evidence),
        master: Arc::clone(&ground.master),
        signing: Arc::new(move || Ok(signer.message_signer())),
        closures: Arc::clone(closures),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
    })))
}

/// An engine that delivers filings and takes none on; it is what `madoguchi worker` runs.
///
/// # Errors
/// When an agency cannot be used as configured.
pub fn worker(
    ground: &Ground,
    agencies: Vec<AgencySettings>,
    procedures: &Arc<Procedures>,
    closures: &Arc<Closures>,
) -> anyhow::Result<Submissions> {
    let takes_nothing = || Err(Fault::Internal("a worker takes no filing on".into()));
    Ok(Submissions::new(SubmissionsParts {
        issuer: String::new(),
        store: Arc::clone(&ground.store),
        agencies: self::agencies(agencies, (procedures, ground))?,
        procedures: Arc::clone(procedures),
        by_reference: BTreeSet::new(),
        evidence: Arc::new(evidence(ground, "https://worker.invalid", 0)),
        master: Arc::clone(&ground.master),
        signing: Arc::new(takes_nothing),
        closures: Arc::clone(closures),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
    }))
}

fn agencies(
    settings: Vec<AgencySettings>,
    (procedures, ground): (&Arc<Procedures>, &Ground),
) -> anyhow::Result<BTreeMap<String, Arc<dyn Agency>>> {
    let (store, master) = (Arc::clone(&ground.store), Arc::clone(&ground.master));
    let tokens: Arc<dyn RefreshTokens> = Arc::new(StoredTokens::new(store, master, Arc::clone(&ground.entropy)));
    let mut agencies: BTreeMap<String, Arc<dyn Agency>> = BTreeMap::new();
    for one in settings {
        let name = one.name.clone();
        let agency = agency::open(one, procedures, &ground.clock, Some(Arc::clone(&tokens)))?;
        anyhow::ensure!(agencies.insert(name.clone(), agency).is_none(), "two agencies are called {name:?}");
    }
    Ok(agencies)
}

/// The use cases of a citizen's account.
pub(super) fn account(ground: &Ground, rules: &Rules) -> Account {
    let (clock, entropy) = (Arc::clone(&ground.clock), Arc::clone(&ground.entropy));
    let account = Account::new(Arc::clone(&ground.store), Arc::clone(&ground.hot), clock, entropy);
    let policies = Arc::clone(&rules.policies);
    let rules = Arc::clone(&policies);
    let account = account.inviting(Arc::new(move |kind, days| {
        let rules = rules.now();
        let limits = rules.representation_limits().ok_or("the rules here let nobody be represented")?;
        limits.check((kind, RepresentationProof::OwnSignIn), days, None).map_err(|told| told.to_string())
    }));
    account.keeping(Arc::new(move || policies.now().retention().on_request_after_days()))
}

/// The use cases of companies, which are closed where no provider is named.
pub(super) fn companies(ground: &Ground, rules: &Rules, us: Option<CompanySettings>) -> anyhow::Result<Companies> {
    let party = us.map(|settings| CompanyParty::new(settings, Arc::clone(&ground.clock))).transpose()?;
    Ok(Companies::new(CompaniesParts {
        store: Arc::clone(&ground.store),
        provider: party.map(|party| Arc::new(party) as Arc<dyn CompanyProvider>),
        policies: Arc::clone(&rules.policies),
        procedures: Arc::clone(&rules.procedures),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
    }))
}

/// What tells filers.
pub(super) async fn webhooks(ground: &Ground, reach: &Reach, rotation: Rotation) -> anyhow::Result<Webhooks> {
    let parts = WebhooksParts {
        store: Arc::clone(&ground.store),
        master: Arc::clone(&ground.master),
        outward: Outward::new(reach.clone()),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
        rotation,
    };
    Ok(Webhooks::open(parts).await?)
}

/// What erases on schedule.
pub(super) fn retention(ground: &Ground, policies: &Arc<Policies>) -> Retention {
    Retention::new(Arc::clone(&ground.store), Arc::clone(policies), Arc::clone(&ground.clock))
}

/// The backends by their names.
pub(super) fn sources(
    backends: Vec<(BackendSettings, Secret<String>)>,
    ground: &Ground,
    closures: &Arc<Closures>,
) -> anyhow::Result<Sources> {
    let mut sources: BTreeMap<String, Arc<dyn SelfInformationSource>> = BTreeMap::new();
    for (settings, key) in backends {
        let name = settings.name.clone();
        let clock = Arc::clone(&ground.clock);
        let backend = SelfInformationBackend::new(settings, &key, clock, Arc::clone(&ground.entropy))?;
        let backend = Maintained::new(&name, Arc::new(backend), (Arc::clone(closures), Arc::clone(&ground.clock)));
        anyhow::ensure!(sources.insert(name.clone(), Arc::new(backend)).is_none(), "two backends are called {name:?}");
    }
    Ok(sources)
}

/// What the load balancer is told.
pub(super) fn health(
    ground: &Ground,
    rules: &Rules,
    (conformance, evidence): (&web::Data<Conformance>, &Arc<EvidenceLog>),
) -> Health {
    let store = Arc::clone(&ground.store);
    let health = Health::new(store).held_to(conformance.clone()).governed_by(Arc::clone(&rules.policies));
    health.witnessed_by(Arc::clone(evidence))
}

/// Who is let in, and how often.
pub(super) fn gateway(
    ground: &Ground,
    rules: &Rules,
    (settings, issuer, witness): (GatewaySettings, &Issuer, Arc<Witness>),
) -> anyhow::Result<Gateway> {
    let parts = GatewayParts {
        store: Arc::clone(&ground.store),
        hot: Arc::clone(&ground.hot),
        clock: Arc::clone(&ground.clock),
        keys: issuer.published_keys(),
        nonces: Arc::new(Nonces::new(&ground.master)?),
        limits: Arc::clone(&rules.limits),
        policies: Arc::clone(&rules.policies),
        catalog: Arc::clone(&rules.catalog),
        witness,
    };
    Ok(Gateway::new(settings, parts))
}

/// What looks at the clauses of the security profile.
pub(super) fn conformance(
    ground: &Ground,
    rules: &Rules,
    deployment: Deployment,
    (issuer, gateway, pages): (web::Data<Issuer>, web::Data<Gateway>, web::Data<Pages>),
) -> anyhow::Result<Conformance> {
    let parts = ConformanceParts {
        deployment,
        store: Arc::clone(&ground.store),
        clock: Arc::clone(&ground.clock),
        entropy: Arc::clone(&ground.entropy),
        catalog: Arc::clone(&rules.catalog),
        policies: Arc::clone(&rules.policies),
        limits: Arc::clone(&rules.limits),
        issuer,
        gateway,
        pages,
    };
    Ok(Conformance::new(parts)?)
}

/// Who writes the access history.
pub(super) fn witness(ground: &Ground) -> Arc<Witness> {
    let (store, clock) = (Arc::clone(&ground.store), Arc::clone(&ground.clock));
    Arc::new(Witness::new(store, clock, Arc::clone(&ground.entropy)))
}
