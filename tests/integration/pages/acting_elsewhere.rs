//! Deciding for another where the question was asked at a terminal or a desk: the same rules as in the browser.

use super::browser::{Browser, Page};
use super::counter::{Counter, now};
use super::elsewhere::{PACE, poll, question, terminal_asks, type_code};
use super::representatives::{arrive, registered, wanted};
use madoguchi::domain::decoupled::Channel;
use madoguchi::domain::ids::{DecoupledId, SubjectId};
use madoguchi::domain::representation::{FreezeReason, Representation, RepresentationKind as Kind, Turn};
use madoguchi::domain::terms::OnBehalfOf;
use madoguchi::domain::{Digest, SystemEntropy};
use madoguchi::issuer::representations::Wanted;
use madoguchi::store::{NewDecoupled, Polled};
use std::time::Duration;

/// Two persons, one registered to act for the other.
struct Two {
    counter: Counter,
    principal: SubjectId,
    theirs: Browser,
    representative: SubjectId,
    one: Representation,
}

impl Two {
    async fn new() -> Self {
        let counter = Counter::start().await;
        let (_, principal) = arrive(&counter, "p1").await;
        let (theirs, representative) = arrive(&counter, "p2").await;
        let one = registered(&counter, wanted(&principal, &representative)).await.unwrap();
        Self { counter, principal, theirs, representative, one }
    }

    /// A terminal asks, and the representative types its code: where they decide, and what the terminal polls with.
    async fn typed(&mut self, on_behalf_of: OnBehalfOf) -> (String, Digest) {
        let mut asked = question(&self.counter, Channel::Device);
        asked.ask.as_mut().unwrap().terms.on_behalf_of = on_behalf_of;
        let (code, digest) = terminal_asks(&self.counter, asked).await;
        (type_code(&mut self.theirs, &code.to_string()).await.location, digest)
    }

    /// A desk asks the representative.
    async fn waits(&self, on_behalf_of: OnBehalfOf) -> (String, Digest) {
        let channel = Channel::Backchannel { message: "desk 3".into(), notification: None };
        let mut request = question(&self.counter, channel);
        request.ask.as_mut().unwrap().terms.on_behalf_of = on_behalf_of;
        let digest = Digest::of(DecoupledId::generate(&SystemEntropy).as_str());
        let subject = Some(&self.representative);
        let new = NewDecoupled { request: &request, digest, user_code: None, subject, pace: PACE };
        assert!(self.counter.store.insert_decoupled(&new).await.unwrap());
        (format!("/dashboard/requests/{}", request.id), digest)
    }

    async fn agree(&mut self, path: &str, acting: Option<&str>) -> Page {
        let page = self.theirs.get(path).await;
        assert_eq!(page.status, 200, "{}", page.html);
        let mut changes = vec![("decision", "agree")];
        changes.extend(acting.map(|acting| ("acting", acting)));
        self.theirs.submit(&page, path, &changes).await
    }
}

#[actix_web::test]
async fn a_representative_answers_a_terminal_and_a_desk_for_the_principal() {
    let mut two = Two::new().await;
    let mine = two.one.id.to_string();
    for is_terminal in [true, false] {
        let (path, digest) =
            if is_terminal { two.typed(OnBehalfOf::Either).await } else { two.waits(OnBehalfOf::Either).await };
        let page = two.theirs.get(&path).await;
        let choice = page.text("section[aria-labelledby=acting]");
        for needed in ["Your own", "Chosen representative", &mine, "never confirmed for another"] {
            assert!(choice.contains(needed), "{needed}: {choice}");
        }
        let done = two.agree(&path, Some(&mine)).await;
        assert_eq!((done.status, done.location.as_str()), (303, "/dashboard?notice=confirmed"), "{}", done.html);
        let Polled::Granted(id) = poll(&two.counter, digest).await else { panic!("not granted") };
        let grant = two.counter.store.find_grant(&id).await.unwrap().unwrap();
        assert_eq!(grant.subject.as_ref(), Some(&two.principal));
        let acting = grant.acting.clone().unwrap();
        assert_eq!((acting.id.as_str(), &acting.representative), (mine.as_str(), &two.representative));
        assert_eq!(grant.scope.to_string(), "self_information", "openid is about the one who signs in");
        assert_eq!(grant.consent.as_ref().unwrap().terms.on_behalf_of, OnBehalfOf::Represented);
        assert!(grant.expires_at <= two.one.expires_at);
        if is_terminal {
            assert!(grant.expires_at <= now().plus(Duration::from_mins(30)), "a visit, whoever it is about");
        }
    }
    // For themselves it is theirs, and says who they are.
    let (path, digest) = two.typed(OnBehalfOf::Either).await;
    assert_eq!(two.agree(&path, Some("self")).await.status, 303);
    let Polled::Granted(id) = poll(&two.counter, digest).await else { panic!("not granted") };
    let own = two.counter.store.find_grant(&id).await.unwrap().unwrap();
    assert_eq!((own.subject.as_ref(), &own.acting), (Some(&two.representative), &None));
    assert!(own.scope.to_string().contains("openid"));
}

#[actix_web::test]
async fn nobody_answers_for_another_what_was_not_asked_so_or_is_not_theirs() {
    let mut two = Two::new().await;
    let (_, stranger) = arrive(&two.counter, "p3").await;
    let foreign = registered(&two.counter, wanted(&stranger, &two.principal)).await.unwrap();
    // A care manager has nothing to do with income.
    let manager = Wanted { kind: Kind::CareManager, ..wanted(&stranger, &two.representative) };
    let manager = registered(&two.counter, manager).await.unwrap();
    let mine = two.one.id.to_string();
    let cases = [
        ("asked of themselves only", OnBehalfOf::Own, Some(mine.as_str())),
        ("asked of representatives only", OnBehalfOf::Represented, None),
        ("somebody else's registration", OnBehalfOf::Either, Some(foreign.id.as_str())),
        ("one that does not cover it", OnBehalfOf::Either, Some(manager.id.as_str())),
    ];
    for (what, on_behalf_of, acting) in cases {
        let (path, digest) = two.typed(on_behalf_of).await;
        let told = two.agree(&path, acting).await;
        assert_eq!(told.status, 422, "{what}: {}", told.html);
        assert!(told.text(".error-summary").contains("for that person"), "{what}: {}", told.html);
        assert_eq!(poll(&two.counter, digest).await, Polled::Pending, "{what}: it may be answered still");
    }
    let (path, _) = two.typed(OnBehalfOf::Own).await;
    assert!(!two.theirs.get(&path).await.html.contains("name=\"acting\""), "nothing to choose");
    for (turn, status) in [(Turn::Freeze(FreezeReason::Operator), 422), (Turn::Unfreeze(None), 303)] {
        let (path, _) = two.waits(OnBehalfOf::Represented).await;
        assert!(two.counter.store.turn_representation(&two.one.id, turn, Some("desk"), now()).await.unwrap().is_done());
        assert_eq!(two.agree(&path, Some(&mine)).await.status, status, "{turn:?}");
    }
}
