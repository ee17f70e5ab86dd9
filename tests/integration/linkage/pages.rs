//! The citizen's own page of links.

use super::{Office, POST, said};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_citizen_links_and_ends_a_link_at_the_counter_without_any_software() {
    let mut office = Office::open().await;
    let page = office.links().await;
    assert!(
        page.texts("main").join(" ").contains("Nothing is linked") && page.texts("main").join(" ").contains("not yet"),
        "{}",
        page.texts("main").join(" ")
    );
    let linked = office.link(POST).await;
    assert!(
        linked.url.path() == "/dashboard/links" && linked.texts("main").join(" ").contains("It is linked"),
        "{}",
        linked.texts("main").join(" ")
    );
    assert!(linked.texts("main").join(" ").contains("Registered: yes") && linked.form_to(&services(POST)).is_err());
    assert_eq!(office.open_accounts(POST), 1);
    let end = linked.links().into_iter().find(|link| link.ends_with("/end")).unwrap();
    let confirm = office.citizen.open(&office.at(&end)).await.unwrap();
    assert!(
        confirm.texts("main").join(" ").contains("no software can receive documents"),
        "{}",
        confirm.texts("main").join(" ")
    );
    assert_eq!(office.links().await.links().iter().filter(|link| **link == end).count(), 1, "to look ends nothing");
    assert!(office.citizen.press(&confirm, &end).await.unwrap().texts("main").join(" ").contains("The link has ended"));
    assert!(
        office.citizen.press(&confirm, &end).await.unwrap().texts("main").join(" ").contains("no such link any more")
    );
    office.until_open(POST, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_citizens_link_and_an_unknown_service_are_not_there() {
    let mut office = Office::open().await;
    let linked = office.link(POST).await;
    let end = linked.links().into_iter().find(|link| link.ends_with("/end")).unwrap();
    let person = office.installation.sandbox.persons.iter().filter(|person| !person.is_suspended).nth(1).unwrap();
    let mut stranger = crate::support::played::citizen::Citizen::new(&person.card_number, &person.pin).unwrap();
    stranger.dashboard(&office.installation.public_url).await.unwrap();
    assert_eq!(stranger.open(&office.at(&end)).await.unwrap().status, 404);
    let page = stranger.open(&office.at("/dashboard/links")).await.unwrap();
    assert!(page.texts("main").join(" ").contains("Nothing is linked"));
    // A way back that another session began links nothing to them.
    let login = stranger.press(&page, &services("reiji-mailbox")).await.unwrap();
    let form = login.form_with("person").unwrap();
    let callback = office.at("/links/callback");
    let back = stranger.send(&login, &form, &callback).await.unwrap();
    assert!(said(&back.url, "code").is_some());
    assert_eq!(office.citizen.open(back.url.as_str()).await.unwrap().status, 403);
    assert!(stranger.open(back.url.as_str()).await.unwrap().texts("main").join(" ").contains("It is linked"));
    let mut unknown = page.form_to(&services("reiji-mailbox")).unwrap();
    unknown.action = services("nonsense");
    assert_eq!(stranger.send(&page, &unknown, "").await.unwrap().status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_account_leaves_no_link_here_nor_at_the_provider() {
    let mut office = Office::open().await;
    office.link(POST).await;
    let page = office.citizen.open(&office.at("/dashboard/account")).await.unwrap();
    assert!(
        page.texts("main").join(" ").contains("your links with other services"),
        "{}",
        page.texts("main").join(" ")
    );
    let gone = office.citizen.fill(&page, "/dashboard/account", &[("confirm", "yes")]).await.unwrap();
    assert_eq!(gone.status, 200, "{}", gone.texts("main").join(" "));
    office.until_open(POST, 0).await;
}

fn services(code: &str) -> String {
    format!("/dashboard/links/services/{code}")
}
