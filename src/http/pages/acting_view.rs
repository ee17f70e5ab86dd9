//! For whom a decision counts, where the person who signed in may decide for another.

use super::consent_sheet::{Picked, Sheet};
use super::form::{Form, FormError};
use super::reply::Shell;
use super::wording::{acting, day};
use crate::domain::ids::RepresentationId;
use crate::domain::scope::Scope;
use crate::domain::terms::OnBehalfOf;

/// What the form says for the person who signed in.
const OWN: &str = "self";

/// One person that the decision can be for.
pub struct ForWhom {
    pub id: String,
    pub value: String,
    pub text: String,
    pub is_picked: bool,
}

/// The choice.
pub struct ActingView {
    pub choices: Vec<ForWhom>,
    /// It is asked for another only, and the person who signed in represents nobody whom it can be for.
    pub is_nobody: bool,
    /// Who the person is was asked for too, and is not told of another.
    pub leaves_identity_out: bool,
}

impl ActingView {
    /// The choice, where there is one: the request is open to representatives, and the person who signed in is one; or
    /// it is for representatives only.
    #[must_use]
    pub fn new(shell: &Shell<'_>, sheet: &Sheet<'_>, picked: &Picked) -> Option<Self> {
        let asked = sheet.ask?.terms.on_behalf_of;
        let represented = sheet.represented;
        if asked == OnBehalfOf::Own || (asked == OnBehalfOf::Either && represented.is_empty()) {
            return None;
        }
        let own = (asked == OnBehalfOf::Either).then(|| ForWhom {
            id: "acting-self".to_owned(),
            value: OWN.to_owned(),
            text: shell.t("on-behalf-of-self"),
            is_picked: picked.acting.is_none(),
        });
        let others = represented.iter().map(|one| {
            let kind = acting(shell, one.kind);
            let until = day(one.expires_at.date_in_japan(), shell.lang);
            let what = shell.with2("acting-for", ("kind", &kind), ("until", &until));
            ForWhom {
                id: format!("acting-{}", one.id),
                value: one.id.to_string(),
                text: format!("{what} ({})", one.id),
                is_picked: picked.acting.as_ref() == Some(&one.id),
            }
        });
        let choices: Vec<ForWhom> = own.into_iter().chain(others).collect();
        let leaves_identity_out = sheet.scope.has(Scope::Openid) && !represented.is_empty();
        Some(Self { is_nobody: choices.is_empty(), choices, leaves_identity_out })
    }
}

/// For whom the form decides; nothing for the person who signed in.
///
/// # Errors
/// [`FormError::NotAForm`] for what our page does not say. Whether it is theirs to decide is not judged here.
pub fn read_acting(form: &Form) -> Result<Option<RepresentationId>, FormError> {
    match form.get("acting").filter(|text| *text != OWN) {
        None => Ok(None),
        Some(text) => RepresentationId::parse(text).map(Some).map_err(|_| FormError::NotAForm),
    }
}
