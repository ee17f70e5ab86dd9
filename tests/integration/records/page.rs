//! The citizen's own page: both kinds in one list, narrowed by a form, and a word about what could not be read.

use super::{exchange, family};
use madoguchi::sandbox::records::Mood;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_citizen_sees_both_kinds_narrows_them_and_is_told_what_is_missing() {
    let family = family().await;
    family.read("").await;
    let mut citizen = family.installation.citizen();
    let at = |query: &str| format!("{}/dashboard/records{query}", family.installation.public_url);
    let dashboard = citizen.dashboard(&family.installation.public_url).await.unwrap();
    assert!(dashboard.links().iter().any(|link| link.ends_with("/dashboard/records")));
    let page = citizen.open(&at("")).await.unwrap();
    let text = page.texts("main").join(" ");
    for told in ["Mihon City", "Claiming child allowance", "Between bodies", "Through this counter", "name unknown"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    for hidden in ["kosodate", "子育て支援課", "住民課", "fukushi", "12345"] {
        assert!(!page.html.contains(hidden), "{hidden}");
    }
    let narrowed = citizen.open(&at("?from=2026-04-03&to=2026-04-03&kind=&asking_body=&procedure=")).await.unwrap();
    let text = narrowed.texts("ol").join(" ");
    assert_eq!(text.matches("Between bodies").count(), 2, "{text}");
    assert!(!text.contains("Through this counter"));
    for (query, told) in [
        ("?from=x", "must be a day"),
        ("?from=2026-04-03&to=2026-04-02", "not before"),
        ("?procedure=x", "choose the procedure again"),
        ("?after=x", "start again"),
    ] {
        let wrong = citizen.open(&at(query)).await.unwrap();
        assert_eq!(wrong.status, 422, "{query}");
        assert!(wrong.text().contains(told), "{query}: {}", wrong.text());
    }
    for minute in 10..60 {
        family.installation.sandbox.records().add(exchange(&format!("2026070112{minute}00000"), "0"));
    }
    let page = citizen.open(&at("?kind=provision")).await.unwrap();
    let older = page.links().into_iter().find(|link| link.contains("after=")).expect("older ones");
    assert!(older.contains("kind=provision"), "the form stays as it was: {older}");
    let rest = citizen.open(&at(&older[older.find('?').unwrap()..])).await.unwrap();
    assert_eq!(rest.texts("ol").join(" ").matches("Between bodies").count(), 4, "{}", rest.text());

    family.installation.sandbox.records().feel(Mood::Away);
    let page = citizen.open(&at("")).await.unwrap();
    let text = page.texts("main").join(" ");
    assert_eq!(page.status, 200);
    assert!(text.contains("cannot be read at the moment") && text.contains("Through this counter"), "{text}");
}
