//! The link that a chat front hands a person over by, and the page that it leads to.

use super::Chat;
use reqwest::StatusCode;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_leads_to_the_procedure_and_names_nobody() {
    let chat = Chat::open().await;
    let find = [("municipality", "152048"), ("procedure", "child-allowance-claim")];
    let told = chat.found("/v1/service-procedures", &find).await;
    let link = told["procedures"][0]["apply_url"].as_str().unwrap().to_owned();
    let psid = told["procedures"][0]["psid"].as_str().unwrap();
    assert_eq!(link, format!("{}/services/apply?municipality=152048&procedure={psid}", chat.app.url()));

    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let open = async |link: &str, language: &str| {
        let answer = browser.get(link).header("accept-language", language).send().await.unwrap();
        (answer.status(), answer.headers().clone(), answer.text().await.unwrap())
    };
    let (status, headers, page) = open(&link, "ja").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("児童手当等の受給資格及び児童手当の額についての認定請求") && page.contains("新潟県三条市"));
    let (needed, unnecessary) = page.split_once("提出を省略できる書類").unwrap();
    assert!(needed.contains("本人確認書類") && !needed.contains("課税証明書"), "what is needed comes first");
    assert!(unnecessary.contains("課税証明書") && unnecessary.contains("住民票"));
    assert!(page.contains("rel=\"noreferrer\"") && !page.contains("<script"));
    assert!(headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert!(!headers.contains_key("set-cookie"), "it wants to know nothing");
    let (_, _, page) = open(&link, "en").await;
    assert!(page.contains("Claim for child allowance") && page.contains("What you need not bring"));

    for more in ["&name=%E8%A6%8B%E6%9C%AC", "&utm_source=line", "&municipality=131121"] {
        let (status, _, page) = open(&format!("{link}{more}"), "ja").await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{more}");
        assert!(!page.contains("見本"), "nothing of it is repeated");
    }
    let bare = format!("{}/services/apply?municipality", chat.app.url());
    for (codes, status) in [
        ("=152049&procedure=1520480001", StatusCode::BAD_REQUEST),
        ("=131121&procedure=1520480001", StatusCode::NOT_FOUND),
        ("=152048&procedure=9999999999", StatusCode::NOT_FOUND),
        ("=152048&procedure=%3Cb%3E", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(open(&format!("{bare}{codes}"), "ja").await.0, status, "{codes}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_a_municipality_is_a_table_on_the_page() {
    let chat = Chat::open().await;
    let find = [("municipality", "131121"), ("procedure", "damage-certificate")];
    let told = chat.found("/v1/service-procedures", &find).await;
    let link = told["procedures"][0]["apply_url"].as_str().unwrap();
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let page = browser.get(link).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<th scope=\"col\">損害割合</th>") && page.contains("<td>全壊</td>"), "{page}");
    assert!(!page.contains("|全壊") && !page.contains("&lt;br"), "no markup is left");
}
