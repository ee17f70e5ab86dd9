//! The pension office: what is written for it is read by it, strictly, and every filing has its effect once.

use super::api::opened;
use super::{Payroll, counted};
use madoguchi::adapters::agency::pension::file::{self, Medium};
use madoguchi::catalog::procedures::Procedures;
use madoguchi::sandbox::agencies::pension::read;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::Path;

fn procedures() -> Procedures {
    Procedures::load(Path::new("policies/procedures")).unwrap()
}

fn office() -> Value {
    json!({
        "prefecture_code": "21", "area_code": "01", "office_symbol": "ｹｲﾄ", "office_number": "12345",
        "office_postal_code": "1000000", "office_address": "東京都見本区見本町１－２－３", "office_name": "見本商事株式会社",
        "employer_name": "見本　良一", "phone_area": "03", "phone_exchange": "0000", "phone_subscriber": "0000",
    })
}

fn bonus(name: &str, kana: &str, currency: u64) -> Value {
    json!({
        "name": name, "name_kana": kana, "birth_date": "1985-05-15", "paid_on": "2026-12-10", "currency": currency,
        "in_kind": 0, "basic_pension_number": "1234567890",
    })
}

fn filing(records: &[Value], scenario: &str) -> Value {
    let content = json!({"office": office(), "records": records, "sandbox_scenario": scenario});
    json!({"deliveries": [{"agency": "pension-office", "procedure": "2265700", "content": content}]})
}

fn medium() -> Medium {
    Medium { first: 7, made_on: "2026-11-21".parse().unwrap() }
}

#[test]
fn what_is_written_is_read_back_the_same() {
    let all = procedures();
    let one = all.get("2265700").unwrap();
    let name =
        proptest::collection::vec(prop::sample::select("見本例示試験々ヶ〇ー".chars().collect::<Vec<_>>()), 1..5);
    let kana = proptest::collection::vec(prop::sample::select("ｱｲｶﾞﾊﾟｯｰ".chars().collect::<Vec<_>>()), 1..8);
    let record = (name, kana, 0..9_999_999_u64, 0..36_000_u64, proptest::option::of(1..=31_u64), any::<bool>());
    let records = proptest::collection::vec(record, 1..20);
    let mut runner = proptest::test_runner::TestRunner::default();
    let ran = runner.run(&records, |records| {
        let start: chrono::NaiveDate = "1926-12-25".parse().unwrap();
        let made = records.into_iter().map(|(name, kana, currency, days, first, flag)| {
            let name = format!("{}　子", name.into_iter().collect::<String>());
            let mut record = bonus(&name, &format!("{} ｺ", kana.into_iter().collect::<String>()), currency);
            record["birth_date"] = (start + chrono::Days::new(days)).to_string().into();
            if let Some(first) = first {
                record["first_paid_on"] = first.into();
            }
            if flag {
                record["two_workplaces"] = true.into();
            }
            record
        });
        let content = json!({"office": office(), "records": made.collect::<Vec<_>>()});
        prop_assert_eq!(one.check(&content), vec![]);
        let files = file::write(one, &content, &medium()).unwrap();
        let back = read(&all, "2265700", (1, &files[0].bytes)).unwrap();
        prop_assert_eq!((back.media_number, back.content), (7, content));
        Ok(())
    });
    ran.unwrap();
}

#[test]
fn the_office_is_strict_and_names_row_and_column() {
    let all = procedures();
    let one = all.get("2265700").unwrap();
    let content = json!({"office": office(), "records": [bonus("見本　太郎", "ﾐﾎﾝ ﾀﾛｳ", 500_999), bonus("見本　花子", "ﾐﾎﾝ ﾊﾅｺ", 1)]});
    let bytes = file::write(one, &content, &medium()).unwrap().remove(0).bytes;
    let text = one.charset().decode_lines(&bytes).unwrap();
    for (from, to, wanted) in [
        ("22223", "22224", ("N005", 0, 0)),
        ("[data]", "[dat]", ("N005", 0, 0)),
        (",001\r\n", ",002\r\n", ("N005", 0, 0)),
        ("見本　花子", "見本　花子,", ("N010", 2, 0)),
        ("2265700,21,01,ｹｲﾄ,,ﾐﾎﾝ ﾊﾅｺ", "2265701,21,01,ｹｲﾄ,,ﾐﾎﾝ ﾊﾅｺ", ("N011", 2, 1)),
        ("2265700,21,01,ｹｲﾄ,,ﾐﾎﾝ ﾊﾅｺ", "2265700,13,01,ｹｲﾄ,,ﾐﾎﾝ ﾊﾅｺ", ("N012", 2, 2)),
        ("9,081210,0000001", "9,081310,0000001", ("N014", 2, 10)),
        ("0500000", "0500999", ("N015", 1, 14)),
        ("見本　花子", "花子", ("N208", 2, 7)),
        ("ﾐﾎﾝ ﾊﾅｺ", "", ("N201", 2, 6)),
    ] {
        assert!(text.contains(from), "{from} in {text}");
        let bad = text.replace(from, to);
        let bad: Vec<Vec<u8>> =
            bad.lines().map(|line| [one.charset().encode(line).unwrap(), b"\r\n".to_vec()].concat()).collect();
        let errors = read(&all, "2265700", (1, &bad.concat())).unwrap_err();
        let first = &errors[0];
        assert_eq!((first.rule.as_str(), first.row, first.column), wanted, "{to}: {errors:?}");
    }
    for (bytes, rule) in [(b"".as_slice(), "N004"), (b"\xFA\xA1\r\n", "N003"), (b"a,b", "N003")] {
        assert_eq!(read(&all, "2265700", (1, bytes)).unwrap_err()[0].rule, rule);
    }
    assert_eq!(read(&all, "9990001", (1, &bytes)).unwrap_err()[0].rule, "N001");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filing_of_many_employees_reaches_the_office_once_whatever_happens_to_the_answer() {
    let (app, payroll) = opened().await;
    let many: Vec<Value> = (0..500).map(|n| bonus("見本　太郎", "ﾐﾎﾝ ﾀﾛｳ", n * 1000)).collect();
    let done = payroll.filed("many", &filing(&many, "auto")).await;
    let one = [bonus("見本　太郎", "ﾐﾎﾝ ﾀﾛｳ", 1000)];
    let lost = payroll.filed("lost", &filing(&one, "lose_reply")).await;
    let returned = payroll.filed("returned", &filing(&one, "return")).await;
    assert_eq!(payroll.until_state(&returned, "returned").await["deliveries"][0]["findings"][0]["rule"], "S021");
    amended(&payroll, &one).await;
    payroll.until_state(&done, "completed").await;
    let agencies = app.dev.sandbox.own.as_ref().unwrap().agencies();
    // Its answers are lost until the office feels better.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    agencies.feel(Some(madoguchi::sandbox::agencies::Mood::Slow));
    payroll.until(&lost, "its arrival", |filing| filing["deliveries"][0]["arrival_number"].is_string()).await;
    let counts = counted(&agencies.effects(), "pension-office");
    assert_eq!((counts.len(), counts.values().max()), (5, Some(&1)), "four filings and an amendment: {counts:?}");
}

async fn amended(payroll: &Payroll, one: &[Value]) {
    let id = payroll.filed("amended", &filing(one, "amend")).await;
    let asked = payroll.until_state(&id, "action_required").await;
    let part = &asked["deliveries"][0]["id"];
    let content = |name: &str| json!({"office": office(), "records": [bonus(name, "ﾐﾎﾝ ﾀﾛｳ", 2000)]});
    let with = |name: &str| json!({"deliveries": [{"id": part, "content": content(name)}]});
    let path = format!("/v1/submissions/{id}/amend");
    let refused = payroll.post(&path, Some(&with("髙橋　太郎"))).await;
    let finding = &refused.body["findings"][0];
    assert_eq!((refused.status, finding["suggestion"].as_str()), (422, Some("高")), "{}", refused.body);
    assert_eq!(finding["pointer"], "/deliveries/0/content/records/0/name");
    assert_eq!(payroll.post(&path, Some(&with("見本　太郎"))).await.status, 200);
    payroll.until_state(&id, "completed").await;
}
