//! What a client is told of a sign-in: the `sid` of its id_token (Back-Channel Logout §2.1).

use crate::domain::ids::SignInId;
use crate::domain::scope::Scope;
use crate::domain::{Digest, Fault};
use crate::issuer::Issuer;
use crate::issuer::token::Recipient;
use crate::store::SignIn;

/// The `sid` of one id_token; none for a client that is not told of ends, which could do nothing with it but compare.
pub(in crate::issuer) struct Sid(Option<SignInId>);

impl Sid {
    /// The claim.
    pub(in crate::issuer) fn as_str(&self) -> Option<&str> {
        self.0.as_ref().map(SignInId::as_str)
    }
}

/// Whether the client gets an id_token with a `sid` in it.
fn is_told(recipient: Recipient<'_>) -> bool {
    let Recipient { client, grant, .. } = recipient;
    client.profile.logout.is_told() && grant.scope.has(Scope::Openid) && grant.subject.is_some()
}

impl Issuer {
    /// The `sid` that was written with the citizen's decision. None when the sign-in ended before the code was used:
    /// an id_token would then say what is no longer so.
    pub(in crate::issuer) async fn sid_by_code(
        &self,
        recipient: Recipient<'_>,
        code: Digest,
    ) -> Result<Option<Sid>, Fault> {
        if !is_told(recipient) {
            return Ok(Some(Sid(None)));
        }
        Ok(self.parts.store.find_sign_in(code).await?.map(|id| Sid(Some(id))))
    }

    /// A `sid` for a citizen who answered elsewhere. It ends with the grant and not with any browser: signing out on a
    /// phone says nothing about the counter or terminal that the phone was asked for. None when the grant has ended.
    pub(in crate::issuer) async fn sid_elsewhere(&self, recipient: Recipient<'_>) -> Result<Option<Sid>, Fault> {
        let Recipient { client, grant, .. } = recipient;
        let (Some(subject), true) = (&grant.subject, is_told(recipient)) else { return Ok(Some(Sid(None))) };
        let sign_in = SignIn {
            id: SignInId::generate(&*self.parts.entropy),
            client: client.id.clone(),
            subject: subject.clone(),
            grant: grant.id.clone(),
            browser: None,
            code: None,
            created_at: self.parts.clock.now(),
            expires_at: grant.expires_at,
        };
        let is_kept = self.parts.store.insert_sign_in(&sign_in).await?;
        Ok(is_kept.then_some(Sid(Some(sign_in.id))))
    }
}
