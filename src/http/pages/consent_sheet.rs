//! What the consent page is about, whichever way it was asked, and what was picked on it.

use super::visit::{Visit, other};
use crate::domain::Timestamp;
use crate::domain::client::Client;
use crate::domain::consent::Ask;
use crate::domain::data_set::{DataSetCode, ItemCode};
use crate::domain::decoupled::Channel;
use crate::domain::ids::{InteractionId, RepresentationId};
use crate::domain::predicate::Predicate;
use crate::domain::representation::Representation;
use crate::domain::scope::ScopeSet;
use crate::domain::terms::Frequency;
use crate::issuer::interaction::{ConsentView, INTERACTION_LIFETIME};
use crate::services::account::CitizenSession;
use crate::services::confirmations::Confirmation;
use std::collections::BTreeSet;
use std::time::Duration;

/// What the citizen had picked, when the page is shown again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// Optional items ticked.
    pub ticked: BTreeSet<(DataSetCode, ItemCode)>,
    /// Optional questions ticked.
    pub ticked_predicates: BTreeSet<(DataSetCode, Predicate)>,
    /// The time chosen; what was asked, on the first view.
    pub access_days: Option<u32>,
    /// The number of times chosen; what was asked when absent.
    pub frequency: Option<Frequency>,
    /// By which registration the decision is for another; for themselves when absent.
    pub acting: Option<RepresentationId>,
}

/// What the page is about, whichever way it was asked.
pub struct Sheet<'a> {
    /// Where the form goes.
    pub action: String,
    /// The interaction that the form names, if it is one.
    pub interaction: Option<&'a InteractionId>,
    /// The form's token.
    pub token: String,
    /// The same page in the other language.
    pub switch: String,
    /// Who asks.
    pub client: &'a Client,
    /// The self-information asked for, if any.
    pub ask: Option<&'a Ask>,
    /// When the citizen began to decide.
    pub since: Timestamp,
    /// Until when they may.
    pub ends_at: Timestamp,
    /// The interaction itself, for what it changes of an earlier grant.
    pub view: Option<&'a ConsentView>,
    /// By which registrations the decision can be for another.
    pub represented: &'a [Representation],
    /// What is asked beside self-information.
    pub scope: ScopeSet,
    /// How it was asked, where that was not by the browser that decides, and how long a visit to a terminal lasts.
    pub channel: Option<(&'a Channel, Duration)>,
}

impl<'a> Sheet<'a> {
    /// What an interaction is about.
    #[must_use]
    pub fn of(view: &'a ConsentView, visit: &Visit) -> Self {
        Self {
            action: "/consent".to_owned(),
            interaction: Some(&view.id),
            token: view.form_token.clone(),
            // The page may answer a POST; in the other language it is asked for anew.
            switch: format!("/consent?lang={}&interaction={}", other(visit.lang).tag(), view.id),
            client: &view.client,
            ask: view.request.ask.as_ref(),
            since: view.ends_at.minus(INTERACTION_LIFETIME),
            ends_at: view.ends_at,
            view: Some(view),
            represented: &view.represented,
            scope: view.request.scope,
            channel: None,
        }
    }

    /// What a question to a citizen elsewhere is about.
    #[must_use]
    pub fn asked_elsewhere(confirmation: &'a Confirmation, session: &CitizenSession, visit: &Visit) -> Self {
        let request = &confirmation.request;
        let action = format!("/dashboard/requests/{}", request.id);
        Self {
            interaction: None,
            token: session.form_token(),
            switch: format!("{action}?lang={}", other(visit.lang).tag()),
            action,
            client: &confirmation.client,
            ask: request.ask.as_ref(),
            since: request.created_at,
            ends_at: request.expires_at,
            view: None,
            represented: &confirmation.represented,
            scope: request.scope,
            channel: Some((&request.channel, confirmation.visit)),
        }
    }
}
