//! A company's delegations in words.

use super::reply::Shell;
use super::wording::{Moment, acting, day, moment};
use crate::adapters::identity::Mandate;
use crate::catalog::procedures::{AgencyKind, Procedures};
use crate::domain::client::Client;
use crate::domain::delegation::{DelegationStatus, EVERY};
use crate::domain::employment_certificate::PROCEDURE;
use crate::domain::ids::{ClientId, DelegationId, SubmissionId};
use crate::domain::{Lang, Timestamp};
use crate::issuer::companies::{Filed, ListedDelegation};
use std::time::Duration;

/// One delegation as the company sees it.
pub(super) struct EntryView {
    pub(super) id: DelegationId,
    pub(super) office: String,
    pub(super) client: ClientId,
    /// The office's that this is software of.
    pub(super) via: Option<DelegationId>,
    pub(super) kind: String,
    pub(super) procedures: String,
    pub(super) registered: String,
    pub(super) state: String,
    pub(super) since: Moment,
    pub(super) until: Moment,
    pub(super) ended: Option<Moment>,
    pub(super) paused: Option<Moment>,
    pub(super) is_in_force: bool,
    pub(super) is_standing: bool,
    pub(super) filed: Vec<FiledView>,
}

/// That software of an office came to file for the company, or files no more: lately.
pub(super) struct SoftwareView {
    /// In a sentence.
    pub(super) text: String,
    /// Where the delegation is told of on the page.
    pub(super) id: DelegationId,
    pub(super) at: Moment,
}

/// For how long it is said at the top of the page.
const LATELY: Duration = Duration::from_hours(30 * 24);

/// What changed lately among offices' software, newest first.
pub(super) fn software(shell: &Shell<'_>, listed: &[ListedDelegation], now: Timestamp) -> Vec<SoftwareView> {
    let mut told: Vec<(Timestamp, SoftwareView)> = Vec::new();
    for one in listed {
        let Some(via) = &one.delegation.via else { continue };
        let above = listed.iter().find(|known| known.delegation.id == *via);
        let name = above.map_or_else(
            || via.to_string(),
            |above| office(above.client.as_ref(), &above.delegation.client, shell.lang),
        );
        let software = office(one.client.as_ref(), &one.delegation.client, shell.lang);
        let mut tell = |at: Timestamp, text: String| {
            if now.since(at) <= LATELY {
                told.push((at, SoftwareView { text, id: one.delegation.id.clone(), at: moment(at, shell.lang) }));
            }
        };
        let (by, what) = (("office", name.as_str()), ("software", software.as_str()));
        tell(one.delegation.created_at, shell.with2("company-software-added", by, what));
        if let DelegationStatus::Ended { at, .. } = one.delegation.status {
            tell(at, shell.with2("company-software-removed", by, what));
        }
    }
    told.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    told.into_iter().map(|(_, view)| view).collect()
}

/// A mandate that another company gave this one at the provider.
pub(super) struct MandateView {
    pub(super) name: String,
    pub(super) company: String,
    pub(super) procedures: String,
    pub(super) until: String,
}

/// A mandate in words.
pub(super) fn mandate(shell: &Shell<'_>, known: &Procedures, one: &Mandate) -> MandateView {
    let covered = one.procedures.as_ref().map(|covered| procedures(shell, known, covered.names()));
    MandateView {
        name: one.name.clone(),
        company: one.company.to_string(),
        procedures: covered.unwrap_or_else(|| shell.t("company-mandate-unsaid")),
        until: day(one.until, shell.lang),
    }
}

/// What the office filed: when, under which procedures, and how it stands.
pub(super) struct FiledView {
    pub(super) id: SubmissionId,
    pub(super) at: Moment,
    pub(super) procedures: String,
    pub(super) state: String,
}

/// The office's name; its id, once it is not registered any more.
pub(super) fn office(client: Option<&Client>, id: &ClientId, lang: Lang) -> String {
    client.map_or_else(|| id.to_string(), |client| client.name.get(lang).to_owned())
}

/// Procedures of one kind of agency, to choose from.
pub(super) struct GroupView {
    pub(super) agency: String,
    pub(super) choices: Vec<ChoiceView>,
}

/// One procedure to choose.
pub(super) struct ChoiceView {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) is_chosen: bool,
}

/// Every procedure that has a name here, by the agency that takes it; certificates of employment among those that
/// municipalities take.
pub(super) fn groups(shell: &Shell<'_>, known: &Procedures, chosen: &[String]) -> Vec<GroupView> {
    let choices = |kind: AgencyKind| {
        let of_kind = known.iter().filter(move |one| one.agency == kind);
        of_kind.map(|one| ChoiceView {
            code: one.code.clone(),
            title: one.title.get(shell.lang).to_owned(),
            is_chosen: chosen.contains(&one.code),
        })
    };
    let certificates = || ChoiceView {
        code: PROCEDURE.to_owned(),
        title: shell.t("company-employment-certificate"),
        is_chosen: chosen.iter().any(|code| code == PROCEDURE),
    };
    let groups = AgencyKind::ALL.into_iter().map(|kind| GroupView {
        agency: shell.t(&format!("agency-{}", kind.as_str())),
        choices: choices(kind).chain((kind == AgencyKind::Municipality).then(certificates)).collect(),
    });
    groups.filter(|group| !group.choices.is_empty()).collect()
}

/// Which procedures, in words: by name and code, or by the code alone where nothing here tells the name.
pub(super) fn procedures(shell: &Shell<'_>, known: &Procedures, codes: &[String]) -> String {
    if codes.iter().any(|code| code == EVERY) {
        return shell.t("company-every-procedure");
    }
    let named = |code: &String| match known.get(code) {
        Some(one) => format!("{} ({code})", one.title.get(shell.lang)),
        None if code == PROCEDURE => format!("{} ({code})", shell.t("company-employment-certificate")),
        None => code.clone(),
    };
    let separator = match shell.lang {
        Lang::Ja => "、",
        Lang::En => ", ",
    };
    codes.iter().map(named).collect::<Vec<_>>().join(separator)
}

/// A delegation and what was filed by it.
pub(super) fn entry(shell: &Shell<'_>, known: &Procedures, listed: &ListedDelegation, now: Timestamp) -> EntryView {
    let one = &listed.delegation;
    let (state, ended) = match one.status {
        DelegationStatus::Ended { at, by } => (format!("delegation-ended-{}", by.as_str()), Some(at)),
        DelegationStatus::Active | DelegationStatus::Paused { .. } if now >= one.expires_at => {
            ("delegation-ended-time".to_owned(), Some(one.expires_at))
        }
        DelegationStatus::Active => ("representation-active".to_owned(), None),
        DelegationStatus::Paused { .. } => ("delegation-paused".to_owned(), None),
    };
    let paused = match one.status {
        DelegationStatus::Paused { since } if one.is_standing(now) => Some(since),
        _ => None,
    };
    let by = match (&one.via, &one.registered_by) {
        (Some(_), _) => "delegation-by-office",
        (None, Some(_)) => "delegation-by-operator",
        (None, None) => "delegation-by-company",
    };
    EntryView {
        id: one.id.clone(),
        office: office(listed.client.as_ref(), &one.client, shell.lang),
        client: one.client.clone(),
        via: one.via.clone(),
        kind: acting(shell, one.kind),
        procedures: procedures(shell, known, one.procedures.names()),
        registered: shell.t(by),
        state: shell.t(&state),
        since: moment(one.created_at, shell.lang),
        until: moment(one.expires_at, shell.lang),
        ended: ended.map(|at| moment(at, shell.lang)),
        paused: paused.map(|at| moment(at, shell.lang)),
        is_in_force: one.is_in_force(now),
        is_standing: one.is_standing(now),
        filed: listed.filed.iter().map(|one| filed(shell, known, one)).collect(),
    }
}

fn filed(shell: &Shell<'_>, known: &Procedures, one: &Filed) -> FiledView {
    FiledView {
        id: one.submission.id.clone(),
        at: moment(one.submission.accepted_at, shell.lang),
        procedures: procedures(shell, known, &one.procedures),
        state: shell.t(&format!("filing-{}", one.submission.state.as_str())),
    }
}
