//! An employee asks by a link, once; the company answers or declines; payroll's items make a draft.

use super::Payroll;
use super::certificates::{ALL, content, issue, open, parties, told};
use crate::pages::browser::{Browser, Page};
use futures_util::future::join_all;
use serde_json::{Value, json};

const REQUESTS: &str = "/v1/employment-certificate-requests";
const COMPANY: &str = "5000000990004";

async fn link(company: &Payroll) -> (String, String) {
    let body = json!({"corporate_number": COMPANY, "employer_name": "見本給与計算株式会社", "employee": "000123"});
    let made = company.post(REQUESTS, Some(&body)).await;
    assert_eq!((made.status, &made.body["request"]["state"]), (201, &json!("open")), "{}", made.body);
    let link = made.body["link"].as_str().unwrap();
    let path = url::Url::parse(link).unwrap().path().to_owned();
    assert_eq!(path.rsplit('/').next().unwrap().len(), 43);
    (made.body["request"]["id"].as_str().unwrap().to_owned(), path)
}

async fn ask(browser: &mut Browser, path: &str, municipality: &str) -> Page {
    let fields = [("municipality".to_owned(), municipality.to_owned())];
    browser.post(path, &fields).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_looked_at_often_and_used_once() {
    let (app, company, _) = parties().await;
    let (id, path) = link(&company).await;
    let own = format!("{REQUESTS}/{id}");
    let mut browser = Browser::at(app.url());
    browser.accepts = "ja";
    // Looking, as mail programs do, uses nothing up.
    for _ in 0..3 {
        let page = browser.get(&path).await;
        assert!(page.status == 200 && page.html.contains("見本給与計算株式会社"), "{}", page.html);
        assert!(!page.html.contains("000123"), "the company's own name for the employee is nobody else's");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
    }
    for wrong in ["", "13104", "131042", "<script>", "見本市"] {
        let page = ask(&mut browser, &path, wrong).await;
        assert!(page.status == 422 && page.html.contains("全国地方公共団体コード"), "{wrong}: {}", page.html);
        assert!(!page.html.contains("<script>"), "{}", page.html);
    }
    let answered = company.post(&format!("{own}/answer"), Some(&json!({"certificate": "emp_none"}))).await;
    assert_eq!(told(&answered), (409, Some("conflict"), Some("id")), "nobody asked yet");
    let page = browser.get(&path).await;
    let away = browser.submit(&page, &path, &[("municipality", "999016")]).await;
    assert_eq!(away.status, 303, "{}", away.html);
    let page = browser.get(&away.location).await;
    assert!(page.status == 200 && page.html.contains("依頼しました"), "{}", page.html);
    assert_eq!(browser.get(&path).await.status, 404, "the link is used up");
    assert_eq!(ask(&mut browser, &path, "999016").await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_employee_asks_by_a_link_and_gets_the_reference_that_the_city_opens() {
    let (app, company, city) = parties().await;
    let (id, path) = link(&company).await;
    let own = format!("{REQUESTS}/{id}");
    let mut browser = Browser::at(app.url());
    browser.accepts = "ja";
    let away = ask(&mut browser, &path, "999016").await;
    let request = company.get(&own).await.body;
    assert_eq!((&request["state"], &request["employee"]), (&json!("asked"), &json!("000123")), "{request}");
    assert_eq!(
        (&request["asked"]["municipality"], &request["asked"]["form"]),
        (&json!("999016"), &json!("standard-plus"))
    );
    let mut elsewhere = content();
    elsewhere["municipality"] = json!("131041");
    elsewhere["form"] = json!("standard");
    elsewhere["employee"].as_object_mut().unwrap().remove("commute_minutes");
    let elsewhere = issue(&company, "elsewhere", &elsewhere).await.body["certificate"]["id"].clone();
    for wrong in [elsewhere, json!("emp_none"), json!("")] {
        let refused = company.post(&format!("{own}/answer"), Some(&json!({"certificate": wrong}))).await;
        assert_eq!(told(&refused), (422, Some("invalid_value"), Some("/certificate")), "{}", refused.body);
    }
    let issued = issue(&company, "one", &content()).await.body;
    let certificate = &issued["certificate"]["id"];
    let answered = company.post(&format!("{own}/answer"), Some(&json!({"certificate": certificate}))).await;
    assert_eq!((answered.status, &answered.body["certificate"]), (200, certificate), "{}", answered.body);
    let again = company.post(&format!("{own}/decline"), Some(&json!({"reason": "not_employed"}))).await;
    assert_eq!(told(&again), (409, Some("conflict"), Some("id")));

    let page = browser.get(&away.location).await;
    let reference = page.text("#shown-reference");
    assert_eq!(reference, issued["reference"].as_str().unwrap());
    assert!(!page.html.contains("見本　髙子"), "what it says is not shown: {}", page.html);
    assert_eq!(open(&city, &json!(reference)).await.status, 200);
    let revoke = format!("{ALL}/{}/revoke", certificate.as_str().unwrap());
    company.post(&revoke, Some(&json!({"reason": "incorrect"}))).await;
    let page = browser.get(&away.location).await;
    assert!(page.html.contains("失効") && !page.html.contains(&reference), "{}", page.html);
    let reader = Payroll::open(&app.directory()).await;
    let events = reader.get("/v1/events").await.body;
    let news = events["events"].as_array().unwrap().iter().filter_map(|one| one["certificate_request_news"].as_str());
    assert_eq!(news.collect::<Vec<_>>(), ["made", "asked", "answered"], "{events}");
    assert!(!events.to_string().contains("000123"), "{events}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_use_a_link_at_once_one_asks() {
    let (app, company, _) = parties().await;
    let (id, path) = link(&company).await;
    let (path, at) = (&path, app.url());
    let asks = (0..10).map(|_| async move { ask(&mut Browser::at(at), path, "999016").await });
    let pages = join_all(asks).await;
    let mut statuses: Vec<u16> = pages.iter().map(|page| page.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![303], vec![404; 9]].concat());
    let listed = company.get(REQUESTS).await.body;
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["state"]), (&json!(id), &json!("asked")), "{listed}");
    assert_eq!(told(&company.get(&format!("{REQUESTS}?limit=0")).await), (422, Some("invalid_value"), Some("limit")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_declines_takes_a_link_back_and_is_refused_what_is_wrong() {
    let (app, company, _) = parties().await;
    let mut browser = Browser::at(app.url());
    let (id, path) = link(&company).await;
    let away = ask(&mut browser, &path, "999016").await;
    let decline = |id: &str, reason: &str| (format!("{REQUESTS}/{id}/decline"), json!({"reason": reason}));
    let (to, body) = decline(&id, "not_identified");
    assert_eq!(company.post(&to, Some(&body)).await.body["declined"]["reason"], "not_identified");
    let page = browser.get(&away.location).await;
    assert!(page.status == 200 && page.html.contains("It is not sure who asked"), "{}", page.html);
    let (id, path) = link(&company).await;
    let (to, body) = decline(&id, "withdrawn");
    assert_eq!(company.post(&to, Some(&body)).await.status, 200);
    assert_eq!((browser.get(&path).await.status, ask(&mut browser, &path, "999016").await.status), (404, 404));
    for unknown in ["/employment-certificates/requests/x", "/employment-certificates/requests/answers/x"] {
        assert_eq!(browser.get(unknown).await.status, 404);
    }
    let (to, body) = decline("ecr_none", "withdrawn");
    assert_eq!(told(&company.post(&to, Some(&body)).await), (404, Some("not_found"), Some("id")));
    let good = json!({"corporate_number": COMPANY, "employer_name": "見本", "employee": "1", "days": 60});
    for (member, value, problem) in [
        ("corporate_number", json!("5000000990005"), (422, Some("invalid_value"))),
        ("corporate_number", json!("7000012050002"), (403, Some("not_delegated"))),
        ("employer_name", json!("　"), (422, Some("invalid_value"))),
        ("employer_name", json!("見本\u{202E}"), (422, Some("invalid_value"))),
        ("employer_name", json!("見".repeat(101)), (422, Some("invalid_value"))),
        ("employee", json!("a\nb"), (422, Some("invalid_value"))),
        ("days", json!(0), (422, Some("invalid_value"))),
        ("days", json!(61), (422, Some("invalid_value"))),
        ("days", json!(u32::MAX), (422, Some("invalid_value"))),
    ] {
        let mut wrong = good.clone();
        wrong[member] = value;
        let refused = company.post(REQUESTS, Some(&wrong)).await;
        let place = format!("/{member}");
        assert_eq!(told(&refused), (problem.0, problem.1, Some(&*place)), "{wrong}: {}", refused.body);
    }
    assert_eq!(company.post(REQUESTS, Some(&good)).await.status, 201);
}

/// What payroll keeps of one employee for filings.
fn kept() -> Value {
    json!({
        "corporate_number": COMPANY, "municipality": "999016",
        "office": {
            "office_name": "見本給与計算株式会社", "office_address": "東京都見本区見本町1-2-3", "employer_name": "見本　良一",
            "phone_area": "03", "phone_exchange": "0000", "phone_subscriber": "0000", "office_number": "12345",
        },
        "employee": {
            "name": "見本　髙子", "name_kana": "ﾐﾎﾝ ﾀﾞｲｺﾞ", "birth_date": "平成2年4月1日", "acquired_on": "R02-04-01",
            "has_term": false, "weekly_minutes": 2325, "employment_form": "3", "individual_number": "000000000000",
            "remarks": "届出の備考", "industry": "07", "works_monday": true,
        },
        "months": [
            {"month": "2026-08", "days": 20, "hours": 155}, {"month": "2026-10", "days": 21, "hours": 162},
            {"month": "2026-07", "days": 1, "hours": 8}, {"month": "令和8年9月", "days": 19, "hours": 150},
        ],
    })
}

fn places(draft: &Value) -> Vec<String> {
    let findings = draft["findings"].as_array().unwrap();
    findings.iter().map(|one| one["pointer"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_payroll_keeps_for_filings_makes_a_draft_and_says_what_is_missing() {
    let (_app, company, _) = parties().await;
    let (kept, at) = (kept(), format!("{ALL}/prefill"));
    let draft = company.post(&at, Some(&kept)).await;
    assert_eq!(draft.status, 200, "{}", draft.body);
    let (content, employee) = (&draft.body["content"], &draft.body["content"]["employee"]);
    assert_eq!(content["form"], "standard-plus");
    assert_eq!(
        (&content["employer"]["employer_phone"], &content["employer"]["representative_name"]),
        (&json!("0300000000"), &json!("見本　良一"))
    );
    for (name, value) in [
        ("name_kana", json!("ミホン　ダイゴ")),
        ("birth_date", json!("1990-04-01")),
        ("employed_from", json!("2020-04-01")),
        ("term", json!("1")),
        ("hours_per_week", json!(38)),
        ("minutes_per_week", json!(45)),
        ("employment_type", json!("02")),
        ("workplace_name", json!("見本給与計算株式会社")),
        ("worked_month_1", json!("2026-10")),
        ("worked_month_2", json!("2026-09")),
        ("worked_days_3", json!(20)),
        ("remarks", Value::Null),
    ] {
        assert_eq!(employee[name], value, "{name}: {employee}");
    }
    assert!(!draft.body.to_string().contains("000000000000"), "{}", draft.body);
    let unused: Vec<_> = draft.body["unused"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(unused, ["office_number", "individual_number", "remarks"]);
    let missing =
        ["/content/employer/contact_name", "/content/employer/contact_phone", "/content/employee/commute_minutes"];
    assert_eq!(places(&draft.body), missing);
    // What is completed is right, and can be signed and issued as it is.
    let mut whole = content.clone();
    whole["employer"]["contact_name"] = json!("見本　担当");
    whole["employer"]["contact_phone"] = json!("0300000001");
    whole["employee"]["commute_minutes"] = json!(35);
    assert_eq!(issue(&company, "filled", &whole).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_shows_what_is_wrong_and_is_refused_to_others() {
    let (_app, company, _) = parties().await;
    let (kept, at) = (kept(), format!("{ALL}/prefill"));
    let mut wrong = kept.clone();
    wrong["employee"]["birth_date"] = json!("いつか");
    let draft = company.post(&at, Some(&wrong)).await.body;
    assert!(places(&draft).contains(&"/content/employee/birth_date".to_owned()), "{draft}");
    for (member, value, problem) in [
        ("corporate_number", json!("x"), (422, Some("invalid_value"), Some("/corporate_number"))),
        ("corporate_number", json!("7000012050002"), (403, Some("not_delegated"), Some("/corporate_number"))),
        ("municipality", json!("131042"), (422, Some("invalid_value"), Some("/municipality"))),
        ("months", json!(vec![kept["months"][0].clone(); 25]), (422, Some("invalid_value"), Some("/months"))),
        ("office", json!([]), (400, Some("invalid_request"), None)),
    ] {
        let mut wrong = kept.clone();
        wrong[member] = value;
        assert_eq!(told(&company.post(&at, Some(&wrong)).await), problem, "{member}");
    }
}
