//! `madoguchi status`: what the operator tells everybody of incidents (障害) and planned maintenance (計画停止).

use super::arguments::StorePlace;
use super::{clients, say};
use crate::domain::service_status::{
    ComponentCode, ComponentState, StatusNotice, StatusNoticeKind, StatusStep, StatusUpdate,
};
use crate::domain::{Clock as _, Failure, SystemClock, SystemEntropy, Timestamp, Words};
use crate::services::status::desk::{self, NewNotice};
use chrono::DateTime;
use clap::{Args, Subcommand};
use std::time::Duration;

/// Most lines of a list.
const LISTED: u32 = 1000;
/// How far back the list goes.
const LISTED_FOR: Duration = Duration::from_hours(24 * 366);

#[derive(Debug, Subcommand)]
pub enum StatusCommand {
    /// What broke.
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// What is stopped as planned; while it lasts, what it is about is not called.
    #[command(subcommand)]
    Maintenance(MaintenanceCommand),
}

#[derive(Debug, Subcommand)]
pub enum IncidentCommand {
    /// Tell of a new incident; prints its id.
    Open {
        #[command(flatten)]
        new: New,
        /// What it does: `degraded` or `outage`.
        #[arg(long, default_value = "degraded", value_parser = impact)]
        impact: ComponentState,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Tell more of one.
    Update {
        #[command(flatten)]
        more: More,
        /// Where it stands: `investigating`, `identified` or `monitoring`.
        #[arg(long, value_parser = step)]
        state: StatusStep,
    },
    /// Tell that one is over; nothing can be told of it afterwards.
    Resolve(More),
    /// List the incidents of the last year.
    List(StorePlace),
}

#[derive(Debug, Subcommand)]
pub enum MaintenanceCommand {
    /// Tell of a maintenance to come; prints its id. It begins and ends by its times, unless it is begun by hand.
    Plan {
        #[command(flatten)]
        new: New,
        /// When it begins (RFC 3339, such as 2027-01-15T22:00:00+09:00).
        #[arg(long, value_name = "TIME", value_parser = moment)]
        from: Timestamp,
        /// When it ends.
        #[arg(long, value_name = "TIME", value_parser = moment)]
        to: Timestamp,
        #[command(flatten)]
        place: StorePlace,
    },
    /// Begin one by hand, before its time if need be: it lasts until it is ended by hand.
    Begin(More),
    /// End one that was begun by hand.
    End(More),
    /// Tell that one does not take place.
    Cancel(More),
    /// List the maintenance of the last year and to come.
    List(StorePlace),
}

/// What is told in both languages, and by whom.
#[derive(Debug, Args)]
pub struct Told {
    /// What is told, in Japanese.
    #[arg(long, value_name = "TEXT")]
    text_ja: String,
    /// The same in English.
    #[arg(long, value_name = "TEXT")]
    text_en: String,
    /// Under which name you act; it is written down, and the public is not told.
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// A new notice.
#[derive(Debug, Args)]
pub struct New {
    /// What it is about, such as counter or agency:NAME; may be given several times.
    #[arg(long = "component", required = true, value_parser = ComponentCode::parse)]
    components: Vec<ComponentCode>,
    /// In a line, in Japanese.
    #[arg(long, value_name = "TEXT")]
    title_ja: String,
    /// The same in English.
    #[arg(long, value_name = "TEXT")]
    title_en: String,
    #[command(flatten)]
    told: Told,
}

/// More of a notice.
#[derive(Debug, Args)]
pub struct More {
    /// Its id.
    id: String,
    #[command(flatten)]
    told: Told,
    #[command(flatten)]
    place: StorePlace,
}

impl New {
    fn read(self) -> NewNotice {
        let title = Words { ja: self.title_ja, en: self.title_en };
        let text = Words { ja: self.told.text_ja, en: self.told.text_en };
        NewNotice { components: self.components, title, text, by: self.told.by.trim().to_owned() }
    }
}

fn impact(text: &str) -> Result<ComponentState, String> {
    ComponentState::parse_impact(text).ok_or_else(|| "degraded or outage".to_owned())
}

fn step(text: &str) -> Result<StatusStep, String> {
    StatusStep::parse_open(text).ok_or_else(|| "investigating, identified or monitoring".to_owned())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let read = DateTime::parse_from_rfc3339(text).map_err(|_| "no RFC 3339 time with its offset".to_owned())?;
    Ok(Timestamp::from_seconds(read.timestamp()))
}

fn told(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Refused(refusal) => anyhow::anyhow!("{}", refusal.public),
        Failure::Broken(fault) => fault.into(),
    }
}

/// Runs one of the commands.
pub async fn run(command: StatusCommand) -> anyhow::Result<()> {
    use StatusNoticeKind::{Incident, Maintenance};
    match command {
        StatusCommand::Incident(IncidentCommand::Open { new, impact, place }) => {
            let store = clients::open(&place).await?;
            let now = (SystemClock.now(), &SystemEntropy as _);
            told_of(&desk::open_incident(&*store, (new.read(), impact), now).await.map_err(told)?);
            Ok(())
        }
        StatusCommand::Maintenance(MaintenanceCommand::Plan { new, from, to, place }) => {
            let store = clients::open(&place).await?;
            let now = (SystemClock.now(), &SystemEntropy as _);
            told_of(&desk::plan_maintenance(&*store, (new.read(), (from, to)), now).await.map_err(told)?);
            Ok(())
        }
        StatusCommand::Incident(IncidentCommand::Update { more, state }) => tell(Incident, state, more).await,
        StatusCommand::Incident(IncidentCommand::Resolve(more)) => tell(Incident, StatusStep::Resolved, more).await,
        StatusCommand::Maintenance(MaintenanceCommand::Begin(more)) => tell(Maintenance, StatusStep::Begun, more).await,
        StatusCommand::Maintenance(MaintenanceCommand::End(more)) => tell(Maintenance, StatusStep::Ended, more).await,
        StatusCommand::Maintenance(MaintenanceCommand::Cancel(more)) => {
            tell(Maintenance, StatusStep::Cancelled, more).await
        }
        StatusCommand::Incident(IncidentCommand::List(place)) => list(Incident, &place).await,
        StatusCommand::Maintenance(MaintenanceCommand::List(place)) => list(Maintenance, &place).await,
    }
}

fn told_of(notice: &StatusNotice) {
    say(&format!("{} is {}", notice.id, notice.step().as_str()));
}

async fn tell(kind: StatusNoticeKind, step: StatusStep, more: More) -> anyhow::Result<()> {
    let store = clients::open(&more.place).await?;
    let text = Words { ja: more.told.text_ja, en: more.told.text_en };
    let update = StatusUpdate { at: SystemClock.now(), step, text, by: more.told.by.trim().to_owned() };
    told_of(&desk::update(&*store, (kind, &more.id), update).await.map_err(told)?);
    Ok(())
}

async fn list(kind: StatusNoticeKind, place: &StorePlace) -> anyhow::Result<()> {
    let store = clients::open(place).await?;
    let all = store.list_status_notices(SystemClock.now().minus(LISTED_FOR), LISTED).await?;
    for one in all.into_iter().filter(|one| one.kind == kind) {
        let about: Vec<&str> = one.components.iter().map(ComponentCode::as_str).collect();
        let ends = one.ends_at.map(|end| format!(" to {}", end.rfc3339())).unwrap_or_default();
        let (step, from) = (one.step().as_str(), one.starts_at.rfc3339());
        say(&format!("{}\t{step}\t{from}{ends}\t{}\t{}", one.id, about.join(","), one.title.ja));
        for update in &one.updates {
            say(&format!("\t{}\t{}\t{}\t{}", update.at.rfc3339(), update.step.as_str(), update.by, update.text.ja));
        }
    }
    Ok(())
}
