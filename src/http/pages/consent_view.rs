//! What the consent page says, put into words.

pub use super::consent_sheet::{Picked, Sheet};

use super::Pages;
use super::acting_view::ActingView;
use super::difference_view::{DifferenceView, foreseen_by};
use super::linking_view::LinkingSection;
use super::questions_view::Questions;
use super::reply::Shell;
use super::terms_view::{FrequencyView, TermsView, frequencies};
use super::visit::Visit;
use super::wording::{Moment, day, moment, span};
use crate::catalog::DataSet;
use crate::domain::Fault;
use crate::domain::citizen_notice::CONSENT_DAYS;
use crate::domain::client::Purpose;
use crate::domain::consent::{AskedDataSet, AskedItem, ChoiceError, Need, Period};
use crate::domain::corporate_number::CorporateNumber;
use crate::domain::data_set::ItemCode;
use crate::domain::decoupled::Channel;
use crate::domain::difference::{Mark, SetDifference};
use crate::domain::scope::Scope;
use crate::issuer::interaction::ConsentView;
use crate::protocol::authorization_request::GrantManagement;
use crate::services::self_information::preview;
use askama::Template;
use std::collections::BTreeSet;
use std::time::Duration;

/// The shorter times that a citizen can choose from, in days, besides once.
const SHORTER: [u32; 6] = [7, 30, 90, 180, 365, 730];
/// A day.
const DAY: Duration = Duration::from_hours(24);

struct PurposeView {
    words: String,
    if_refused: String,
    retention: String,
    recipients: Vec<String>,
}

/// An item, or a question, as it is asked.
pub(super) struct ItemView {
    pub id: String,
    pub value: String,
    pub within: Option<String>,
    pub name: String,
    pub plain: String,
    pub is_ticked: bool,
    /// How it stands to what was agreed to before, where this changes that.
    pub mark: Option<String>,
}

struct SetView {
    id: String,
    name: String,
    summary: String,
    provider: String,
    period: String,
    is_sensitive: bool,
    required: Vec<ItemView>,
    optional: Vec<ItemView>,
    /// What was agreed to before just so, where this changes that.
    kept_required: Vec<ItemView>,
    kept_optional: Vec<ItemView>,
    kept: Option<String>,
    /// What would be sent, with made-up content, of what is required and ticked.
    preview: Option<String>,
}

struct SpanView {
    days: u32,
    text: String,
    is_asked: bool,
    is_picked: bool,
}

struct ErrorView {
    text: String,
    href: String,
    is_about_time: bool,
    is_about_frequency: bool,
    is_about_acting: bool,
}

/// What the citizen must compare before they decide about something asked elsewhere.
struct ElsewhereView {
    message: Option<String>,
    /// Where, and for how long, a terminal uses what is agreed to.
    terminal: String,
}

/// The consent page.
#[derive(Template)]
#[template(path = "consent.html", config = "src/http/pages/askama.toml")]
pub struct ConsentPage<'p> {
    shell: Shell<'p>,
    action: String,
    interaction: Option<String>,
    elsewhere: Option<ElsewhereView>,
    token: String,
    client_name: String,
    corporate_number: String,
    phone: String,
    email: String,
    deadline: Moment,
    purpose: Option<PurposeView>,
    /// What becomes of a consent that is there already, when this one changes it.
    change: Vec<String>,
    difference: Option<DifferenceView>,
    sets: Vec<SetView>,
    /// Whether the person's records of exchanges are asked for.
    has_records: bool,
    /// That their card would be registered as their health insurance card, where that is asked for.
    insurance: Option<String>,
    /// Whether the person's notices are asked for, and for how long where nothing else is.
    has_notices: bool,
    notices_span: String,
    spans: Vec<SpanView>,
    frequencies: Vec<FrequencyView>,
    terms: Option<TermsView>,
    acting: Option<ActingView>,
    /// What the person's documents and links are asked for, and what that leads over.
    linking: Option<LinkingSection>,
    /// Whether it is asked to apply to municipalities for the person.
    asks_to_apply: bool,
    error: Option<ErrorView>,
}

impl<'p> ConsentPage<'p> {
    /// The page for a sheet, with what was picked before and what was wrong with it.
    ///
    /// # Errors
    /// [`Fault::Internal`] when the catalogue no longer has what was asked.
    pub fn new(
        pages: &'p Pages,
        visit: &Visit,
        sheet: Sheet<'_>,
        picked: &Picked,
        error: Option<&ChoiceError>,
    ) -> Result<Self, Fault> {
        let mut shell = Shell::new(pages, visit);
        shell.switch = Some(sheet.switch.clone());
        let client = sheet.client;
        let difference = sheet.view.and_then(foreseen_by);
        let mut sets = Vec::new();
        for asked in sheet.ask.iter().flat_map(|ask| &ask.data_sets) {
            let set = pages.catalog.data_set(asked.code);
            let set = set.ok_or_else(|| Fault::Internal(format!("{} left the catalogue", asked.code)))?;
            let before = difference.as_ref().and_then(|difference| difference.set(asked.code));
            sets.push(set_view(pages, &shell, asked, (set, before), picked));
        }
        Ok(Self {
            interaction: sheet.interaction.map(ToString::to_string),
            elsewhere: sheet.channel.map(|(channel, most)| ElsewhereView {
                terminal: at_terminal(&shell, client.name.get(visit.lang), most),
                message: match channel {
                    Channel::Device => None,
                    Channel::Backchannel { message, .. } => Some(message.clone()),
                },
            }),
            client_name: client.name.get(visit.lang).to_owned(),
            corporate_number: stated(&client.corporate_number),
            phone: client.contact.phone.clone(),
            email: client.contact.email.clone(),
            deadline: moment(sheet.ends_at, visit.lang),
            purpose: sheet
                .ask
                .and_then(|ask| client.purpose(&ask.purpose))
                .map(|purpose| purpose_view(&shell, purpose)),
            change: sheet.view.map(|view| change(pages, &shell, view)).unwrap_or_default(),
            difference: difference.map(|difference| DifferenceView::new(pages, &shell, &difference)),
            has_records: sheet.scope.has(Scope::ProvisionRecords),
            insurance: sheet
                .scope
                .has(Scope::HealthInsurance)
                .then(|| shell.with("consent-insurance-text", "client", client.name.get(visit.lang))),
            has_notices: sheet.scope.has(Scope::Notices),
            notices_span: span(&shell, CONSENT_DAYS),
            spans: spans(&shell, &sheet, picked),
            frequencies: frequencies(&shell, sheet.ask, picked.frequency),
            terms: sheet.ask.map(|ask| TermsView::new(&shell, &ask.terms)),
            acting: ActingView::new(&shell, &sheet, picked),
            linking: LinkingSection::new(&shell, &sheet, client.name.get(visit.lang)),
            asks_to_apply: sheet.scope.has(Scope::Applications),
            action: sheet.action,
            token: sheet.token,
            error: error.map(|error| error_view(&shell, error, &sets)),
            sets,
            shell,
        })
    }
}

/// Where, and for how long, a terminal uses what is agreed to.
fn at_terminal(shell: &Shell<'_>, client: &str, most: Duration) -> String {
    let minutes = (most.as_secs() / 60).to_string();
    shell.with2("elsewhere-device", ("client", client), ("minutes", &minutes))
}

/// The number, unless none was given at the registration.
fn stated(number: &CorporateNumber) -> String {
    if *number == CorporateNumber::none() { String::new() } else { number.to_string() }
}

/// A citizen who agreed before is told what their answer does to that (Grant Management §5.2): what stays, and until
/// when, or that nothing does.
fn change(pages: &Pages, shell: &Shell<'_>, view: &ConsentView) -> Vec<String> {
    let Some(grant) = &view.existing else { return Vec::new() };
    let since = day(grant.updated_at.unwrap_or(grant.created_at).date_in_japan(), shell.lang);
    if matches!(view.request.grant_management, GrantManagement::Replace { .. }) {
        return vec![shell.with("consent-change-replace", "date", &since)];
    }
    let sets = grant.consent.iter().flat_map(|consent| &consent.data_sets).filter(|set| !set.allows_nothing());
    let names = sets.filter_map(|set| pages.catalog.data_set(set.code)).map(|set| set.name.get(shell.lang));
    let names = names.collect::<Vec<_>>().join(&shell.t("consent-change-joint"));
    let mut told = vec![shell.with("consent-change-merge", "date", &since)];
    if !names.is_empty() {
        told.push(shell.with("consent-change-stays", "names", &names));
    }
    if view.request.ask.is_some() {
        told.push(shell.t("consent-change-time"));
    }
    told
}

fn purpose_view(shell: &Shell<'_>, purpose: &Purpose) -> PurposeView {
    let retention = match purpose.retention_days {
        0 => shell.t("consent-retention-none"),
        days => shell.with("consent-retention-text", "span", &span(shell, days)),
    };
    PurposeView {
        words: purpose.words.get(shell.lang).to_owned(),
        if_refused: purpose.if_refused.get(shell.lang).to_owned(),
        retention,
        recipients: purpose.recipients.iter().map(|words| words.get(shell.lang).to_owned()).collect(),
    }
}

fn set_view(
    pages: &Pages,
    shell: &Shell<'_>,
    asked: &AskedDataSet,
    (set, before): (&DataSet, Option<&SetDifference>),
    picked: &Picked,
) -> SetView {
    let lang = shell.lang;
    let mark = |item: ItemCode| before.and_then(|before| before.mark(item));
    let parents: BTreeSet<_> = asked.items.iter().filter_map(|item| set.item(item.code)?.parent).collect();
    let questions = Questions { pages, shell, asked, before, picked };
    let items = |need: Need, is_kept: bool| {
        let mut views = questions.views(need, is_kept);
        // In the catalogue's order, which is the order of the paper form.
        for item in &set.items {
            let is_asked = asked.items.iter().any(|a| a.code == item.code && a.need == need);
            if !is_asked || (mark(item.code) == Some(Mark::Kept)) != is_kept {
                continue;
            }
            let within = item.parent.filter(|_| parents.len() > 1).and_then(|code| set.item(code));
            views.push(ItemView {
                id: format!("item-{}-{}", set.code, item.code),
                value: format!("{}:{}", set.code, item.code),
                within: within.map(|group| group.name.get(lang).to_owned()),
                name: item.name.get(lang).to_owned(),
                plain: item.plain.get(lang).to_owned(),
                is_ticked: picked.ticked.contains(&(set.code, item.code)),
                mark: match mark(item.code) {
                    Some(Mark::Added) => Some(shell.t("difference-tag-added")),
                    Some(Mark::Changed) => Some(shell.t("difference-tag-changed")),
                    Some(Mark::Kept) | None => None,
                },
            });
        }
        views
    };
    let (kept_required, kept_optional) = (items(Need::Required, true), items(Need::Optional, true));
    let kept = u32::try_from(kept_required.len() + kept_optional.len()).unwrap_or(u32::MAX);
    SetView {
        id: format!("set-{}", set.code),
        name: set.name.get(lang).to_owned(),
        summary: set.summary.get(lang).to_owned(),
        provider: set.provider.get(lang).to_owned(),
        period: period_of(shell, asked),
        is_sensitive: set.is_sensitive,
        required: items(Need::Required, false),
        optional: items(Need::Optional, false),
        kept_required,
        kept_optional,
        kept: (kept > 0).then(|| shell.count("consent-kept", kept)),
        preview: both(preview(set, &shared(asked, picked)), questions.preview()),
    }
}

fn both(one: Option<String>, other: Option<String>) -> Option<String> {
    let all: Vec<String> = one.into_iter().chain(other).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

/// A question names its own time.
fn period_of(shell: &Shell<'_>, asked: &AskedDataSet) -> String {
    if asked.items.is_empty() { shell.t("consent-period-question") } else { period(shell, asked.period.as_ref()) }
}

/// What would be shared as it is ticked now.
fn shared(asked: &AskedDataSet, picked: &Picked) -> Vec<ItemCode> {
    let is_shared = |item: &&AskedItem| item.need == Need::Required || picked.ticked.contains(&(asked.code, item.code));
    asked.items.iter().filter(is_shared).map(|item| item.code).collect()
}

/// The time that the data may be about, in words.
#[must_use]
pub fn period(shell: &Shell<'_>, period: Option<&Period>) -> String {
    match period {
        None => shell.t("consent-period-any"),
        Some(Period { from, to: None }) => shell.with("consent-period-open", "from", &day(*from, shell.lang)),
        Some(Period { from, to: Some(to) }) => {
            let (from, to) = (day(*from, shell.lang), day(*to, shell.lang));
            shell.with2("consent-period-range", ("from", &from), ("to", &to))
        }
    }
}

/// Once, every shorter time, and what was asked; nothing when only once was asked.
fn spans(shell: &Shell<'_>, sheet: &Sheet<'_>, picked: &Picked) -> Vec<SpanView> {
    let asked = sheet.ask.map_or(0, |ask| ask.access_days);
    if asked == 0 {
        return Vec::new();
    }
    let now = sheet.since;
    let shorter = SHORTER.into_iter().filter(|days| *days < asked);
    let all = [0].into_iter().chain(shorter).chain([asked]);
    let chosen = picked.access_days.unwrap_or(asked);
    let text = |days: u32| {
        if days == 0 {
            return shell.t("consent-duration-once");
        }
        let until = day(now.plus(DAY.saturating_mul(days)).date_in_japan(), shell.lang);
        shell.with2("consent-duration-days", ("span", &span(shell, days)), ("until", &until))
    };
    all.map(|days| SpanView { days, text: text(days), is_asked: days == asked, is_picked: days == chosen }).collect()
}

fn error_view(shell: &Shell<'_>, error: &ChoiceError, sets: &[SetView]) -> ErrorView {
    let first = sets.iter().flat_map(|set| &set.optional).next();
    let first = first.map_or_else(|| "#decide".to_owned(), |item| format!("#{}", item.id));
    let (id, href) = match error {
        ChoiceError::Nothing => ("error-choice-nothing", first),
        ChoiceError::NotOptional(..) | ChoiceError::NotOptionalQuestion(..) => ("error-choice-required", first),
        ChoiceError::TooLong(..) => ("error-choice-too-long", "#days-0".to_owned()),
        ChoiceError::TooOften(..) => ("error-choice-too-often", "#frequency-asked".to_owned()),
        ChoiceError::OnBehalf => ("error-choice-on-behalf", "#acting".to_owned()),
    };
    ErrorView {
        text: shell.t(id),
        href,
        is_about_time: matches!(error, ChoiceError::TooLong(..)),
        is_about_frequency: matches!(error, ChoiceError::TooOften(..)),
        is_about_acting: matches!(error, ChoiceError::OnBehalf),
    }
}

impl SpanView {
    fn id(&self) -> String {
        format!("days-{}", self.days)
    }
}
