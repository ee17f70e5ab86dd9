//! Deciding for another at the consent page: only what one may, marked as what it is, and ended with the representation.

use super::browser::{Browser, Page};
use super::counter::{Counter, now, request};
use super::representatives::{LIST, arrive, end, registered, wanted};
use madoguchi::domain::SystemEntropy;
use madoguchi::domain::access::{Access, AccessedDataSet, Disposition};
use madoguchi::domain::data_set::DataSetCode;
use madoguchi::domain::grant::{Grant, GrantStatus, RevokedBy};
use madoguchi::domain::ids::{AccessId, SubjectId};
use madoguchi::domain::representation::{FreezeReason, Representation, RepresentationKind as Kind, Turn};
use madoguchi::domain::retrieval::OutcomeKind;
use madoguchi::domain::terms::OnBehalfOf;
use madoguchi::hot::Invalidation;
use madoguchi::issuer::representations::Wanted;
use madoguchi::protocol::authorization_request::AuthorizationRequest;

fn asked(on_behalf_of: OnBehalfOf) -> AuthorizationRequest {
    let mut asked = request();
    asked.ask.as_mut().unwrap().terms.on_behalf_of = on_behalf_of;
    asked
}

/// Two persons, one registered to act for the other.
struct Two {
    counter: Counter,
    mine: Browser,
    principal: SubjectId,
    theirs: Browser,
    representative: SubjectId,
    one: Representation,
}

impl Two {
    async fn new() -> Self {
        let counter = Counter::start().await;
        let (mine, principal) = arrive(&counter, "p1").await;
        let (theirs, representative) = arrive(&counter, "p2").await;
        let one = registered(&counter, wanted(&principal, &representative)).await.unwrap();
        Self { counter, mine, principal, theirs, representative, one }
    }

    /// The representative at the consent page.
    async fn page(&self, name: &str, on_behalf_of: OnBehalfOf) -> (Browser, Page) {
        let mut browser = Browser::at(&self.counter.address);
        let page = browser.arrive(&self.counter.push(name, &asked(on_behalf_of)).await, "p2").await;
        (browser, page)
    }

    /// What the representative decides there; the grant, if one is made.
    async fn decide(&self, name: &str, on_behalf_of: OnBehalfOf, acting: Option<&str>) -> Result<Grant, Page> {
        let (mut browser, page) = self.page(name, on_behalf_of).await;
        let mut changes = vec![("decision", "agree")];
        changes.extend(acting.map(|acting| ("acting", acting)));
        let answer = browser.submit(&page, "/consent", &changes).await;
        if answer.status != 303 {
            return Err(answer);
        }
        let held = self.counter.take_code(&answer.query("code")).await;
        Ok(self.counter.store.find_grant(&held.grant).await.unwrap().unwrap())
    }

    async fn given(&self) -> Grant {
        self.decide("given", OnBehalfOf::Either, Some(self.one.id.as_str())).await.map_err(|p| p.html).unwrap()
    }

    async fn status(&self, grant: &Grant) -> GrantStatus {
        self.counter.store.find_grant(&grant.id).await.unwrap().unwrap().status
    }
}

#[actix_web::test]
async fn what_a_representative_decides_is_the_principals_marked_and_never_says_who_they_are() {
    let two = Two::new().await;
    let (_, page) = two.page("look", OnBehalfOf::Either).await;
    let choice = page.text("section[aria-labelledby=acting]");
    for needed in ["Your own", "Chosen representative", two.one.id.as_str(), "never confirmed for another"] {
        assert!(choice.contains(needed), "{needed}: {choice}");
    }
    let grant = two.given().await;
    assert_eq!(grant.subject.as_ref(), Some(&two.principal));
    let acting = grant.acting.clone().unwrap();
    assert_eq!((&acting.id, &acting.representative, acting.kind), (&two.one.id, &two.representative, Kind::Appointed));
    assert_eq!(grant.scope.to_string(), "self_information", "openid is about the one who signs in");
    assert_eq!(grant.consent.as_ref().unwrap().terms.on_behalf_of, OnBehalfOf::Represented);
    assert!(grant.expires_at <= two.one.expires_at);

    let own = two.decide("own", OnBehalfOf::Either, Some("self")).await.map_err(|p| p.html).unwrap();
    assert_eq!((own.subject.as_ref(), &own.acting), (Some(&two.representative), &None));
    assert!(own.scope.to_string().contains("openid"));
    assert_eq!(own.consent.unwrap().terms.on_behalf_of, OnBehalfOf::Own);
}

#[actix_web::test]
async fn nobody_decides_for_another_what_was_not_asked_so_or_is_not_theirs_to_decide() {
    let two = Two::new().await;
    let (_, stranger) = arrive(&two.counter, "p3").await;
    let foreign = registered(&two.counter, wanted(&stranger, &two.principal)).await.unwrap();
    let backwards = registered(&two.counter, wanted(&two.representative, &two.principal)).await.unwrap();
    // A care manager has nothing to do with income.
    let manager = Wanted { kind: Kind::CareManager, ..wanted(&stranger, &two.representative) };
    let manager = registered(&two.counter, manager).await.unwrap();
    let mine = two.one.id.as_str();
    let cases = [
        ("asked of themselves only", OnBehalfOf::Own, Some(mine)),
        ("asked of representatives only", OnBehalfOf::Represented, None),
        ("said to be themselves", OnBehalfOf::Represented, Some("self")),
        ("somebody else's registration", OnBehalfOf::Either, Some(foreign.id.as_str())),
        ("their own representative's", OnBehalfOf::Either, Some(backwards.id.as_str())),
        ("one that does not cover it", OnBehalfOf::Either, Some(manager.id.as_str())),
        ("none such", OnBehalfOf::Either, Some("rep_unknown")),
    ];
    for (n, (what, on_behalf_of, acting)) in cases.into_iter().enumerate() {
        let told =
            two.decide(&format!("bad-{n}"), on_behalf_of, acting).await.err().unwrap_or_else(|| panic!("{what}"));
        assert_eq!(told.status, 422, "{what}: {}", told.html);
        assert!(told.text(".error-summary").contains("for that person"), "{what}: {}", told.html);
    }
    for (n, bad) in ["x y", "é"].into_iter().enumerate() {
        let told = two.decide(&format!("worse-{n}"), OnBehalfOf::Either, Some(bad)).await.err().unwrap();
        assert_eq!(told.status, 400, "{bad}");
    }
    let (_, page) = two.page("plain", OnBehalfOf::Own).await;
    assert!(!page.html.contains("name=\"acting\""), "nothing to choose where it is asked of oneself");
    assert!(!page.html.contains(manager.id.as_str()));
    for (n, turn) in [Turn::Freeze(FreezeReason::Operator), Turn::Unfreeze(None)].into_iter().enumerate() {
        assert!(two.counter.store.turn_representation(&two.one.id, turn, Some("desk"), now()).await.unwrap().is_done());
        let told = two.decide(&format!("turned-{n}"), OnBehalfOf::Either, Some(mine)).await;
        assert_eq!(told.is_ok(), n == 1, "{turn:?}");
    }
}

#[actix_web::test]
async fn the_principal_sees_it_and_ends_it_alone_and_every_node_is_told() {
    let mut two = Two::new().await;
    let grant = two.given().await;
    let line = Access {
        id: AccessId::generate(&SystemEntropy),
        at: now(),
        subject: two.principal.clone(),
        client: grant.client.clone(),
        grant: grant.id.clone(),
        request: None,
        purpose: "loan_examination".into(),
        data_sets: vec![AccessedDataSet {
            code: DataSetCode::parse("TM00000000000002").unwrap(),
            outcome: OutcomeKind::Ok,
            items: 2,
            cut: None,
            predicates: vec![],
        }],
        notices: vec![],
        private_documents: vec![],
        records: None,
        disposition: Disposition::Answered,
        acting: grant.acting.as_ref().map(madoguchi::domain::representation::Acting::mark),
    };
    two.counter.store.insert_accesses(&[line]).await.unwrap();
    let page = two.mine.get("/dashboard").await;
    let mark = "A representative: Chosen representative";
    assert_eq!(page.texts("section[aria-labelledby=active] .tag.warn"), [mark]);
    assert_eq!(page.texts("section[aria-labelledby=history] .tag.warn"), [mark]);
    let one = two.mine.get(&format!("/dashboard/grants/{}", grant.id)).await;
    assert!(one.text("main").contains(mark) && one.text("main").contains("That of a person who is represented"));
    // The representative sees what was decided and used, and nothing else of the principal's.
    let theirs = two.theirs.get(LIST).await;
    let told = theirs.text("section[aria-labelledby=represented]");
    assert!(told.contains("Reiji Bank, Ltd.: In force") && told.contains("How it was used"), "{told}");
    assert_eq!(two.theirs.get(&format!("/dashboard/grants/{}", grant.id)).await.status, 404);
    assert!(two.theirs.get("/dashboard").await.texts("section[aria-labelledby=active] .tag.warn").is_empty());

    let mut word = two.counter.word();
    assert_eq!(end(&mut two.mine, &two.one).await.status, 303);
    assert_eq!(two.status(&grant).await, GrantStatus::Revoked { at: now(), by: RevokedBy::Citizen });
    assert!(matches!(word.recv().await.unwrap(), Invalidation::Grant(id) if id == grant.id));
}

#[actix_web::test]
async fn after_a_suspended_card_only_the_principal_lets_it_go_on_and_after_an_operators_hold_nobody() {
    let mut two = Two::new().await;
    let grant = two.given().await;
    let path = format!("{LIST}/{}/unfreeze", two.one.id);
    for (reason, may) in [(FreezeReason::CardSuspended, true), (FreezeReason::Operator, false)] {
        let turn = Turn::Freeze(reason);
        assert!(two.counter.store.turn_representation(&two.one.id, turn, None, now()).await.unwrap().is_done());
        assert_eq!(two.status(&grant).await, GrantStatus::Held { since: now() });
        let page = two.mine.get(&format!("/dashboard/grants/{}", grant.id)).await;
        assert!(page.text(".state").contains("Held still") && !page.html.contains("id=\"resume\""));
        for (browser, may) in [(&mut two.theirs, false), (&mut two.mine, may)] {
            let page = browser.get(LIST).await;
            assert_eq!(page.html.contains(&path), may, "{reason:?}");
            let token = page.form("/sign-out")[0].1.clone();
            let told = browser.post(&path, &[("token".into(), token)]).await;
            assert_eq!(told.location.ends_with("notice=unfrozen"), may, "{reason:?}: {}", told.location);
        }
        assert_eq!(two.status(&grant).await == GrantStatus::Active, may, "{reason:?}");
    }
}
