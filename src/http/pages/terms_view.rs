//! The terms of a consent in words: how often, on what basis in law, on whose behalf.

use super::form::FormError;
use super::reply::Shell;
use crate::domain::consent::Ask;
use crate::domain::terms::{Frequency, LegalBasis, OnBehalfOf, Per, Terms};

/// The lower numbers that a citizen can choose from.
const FEWER: [u32; 6] = [1, 3, 5, 10, 30, 100];
/// What the form says for what was asked.
const AS_ASKED: &str = "asked";

/// One number of times that the citizen can choose.
pub struct FrequencyView {
    pub id: String,
    pub value: String,
    pub text: String,
    pub is_asked: bool,
    pub is_picked: bool,
}

/// The terms in words.
pub struct TermsView {
    pub frequency: String,
    pub legal_basis: String,
    pub on_behalf_of: String,
}

impl TermsView {
    /// The words for `terms`.
    #[must_use]
    pub fn new(shell: &Shell<'_>, terms: &Terms) -> Self {
        let legal_basis = match terms.legal_basis {
            LegalBasis::Consent => "legal-basis-consent",
            LegalBasis::Contract => "legal-basis-contract",
            LegalBasis::Law => "legal-basis-law",
        };
        let on_behalf_of = match terms.on_behalf_of {
            OnBehalfOf::Own => "on-behalf-of-self",
            OnBehalfOf::Represented => "on-behalf-of-represented",
            OnBehalfOf::Either => "on-behalf-of-either",
        };
        Self {
            frequency: frequency(shell, terms.frequency),
            legal_basis: shell.t(legal_basis),
            on_behalf_of: shell.t(on_behalf_of),
        }
    }
}

/// How often, in words.
#[must_use]
pub fn frequency(shell: &Shell<'_>, frequency: Option<Frequency>) -> String {
    let Some(Frequency { times, per }) = frequency else { return shell.t("frequency-any") };
    let id = match per {
        Per::Day => "frequency-day",
        Per::Month => "frequency-month",
        Per::Consent => "frequency-consent",
    };
    shell.count(id, times)
}

/// What was asked, and what is less; nothing where only one retrieval was asked for.
#[must_use]
pub fn frequencies(shell: &Shell<'_>, ask: Option<&Ask>, picked: Option<Frequency>) -> Vec<FrequencyView> {
    let Some(ask) = ask.filter(|ask| ask.access_days > 0) else { return Vec::new() };
    let asked = ask.terms.frequency;
    let fewer: Vec<Frequency> = match asked {
        Some(Frequency { times, per }) => {
            FEWER.into_iter().filter(|fewer| *fewer < times).map(|times| Frequency { times, per }).collect()
        }
        None => vec![Frequency { times: 1, per: Per::Month }, Frequency { times: 1, per: Per::Day }],
    };
    let view = |value: String, chosen: Option<Frequency>, is_asked: bool| FrequencyView {
        id: format!("frequency-{value}"),
        text: frequency(shell, chosen),
        is_asked,
        is_picked: if is_asked { picked.is_none() || picked == asked } else { picked == chosen },
        value,
    };
    let fewer = fewer.into_iter().map(|less| view(format!("{}-{}", less.times, less.per.as_str()), Some(less), false));
    fewer.chain([view(AS_ASKED.to_owned(), asked, true)]).collect()
}

/// Reads what the form says; nothing for what was asked. Whether it is less than was asked is not judged here.
///
/// # Errors
/// [`FormError::NotAForm`] for what our page does not say.
pub fn read_frequency(text: Option<&str>) -> Result<Option<Frequency>, FormError> {
    let Some(text) = text.filter(|text| *text != AS_ASKED) else { return Ok(None) };
    let (times, per) = text.split_once('-').ok_or(FormError::NotAForm)?;
    let times = times.parse().ok().filter(|times| (1..=Frequency::MOST).contains(times));
    let (times, per) = times.zip(Per::parse(per)).ok_or(FormError::NotAForm)?;
    Ok(Some(Frequency { times, per }))
}
