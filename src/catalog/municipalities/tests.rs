//! The tables as shipped, and what a broken one is told.

use super::*;
use std::fs;

fn shipped() -> Municipalities {
    Municipalities::load(Path::new("policies/services")).unwrap()
}

fn code(text: &str) -> MunicipalityCode {
    MunicipalityCode::parse(text).unwrap()
}

#[test]
fn every_municipality_is_there_with_postal_codes_and_an_office() {
    let all = shipped();
    assert_eq!((all.prefectures().count(), all.iter().count()), (47, 1741));
    assert!(all.iter().all(|one| one.office.is_some()));
    let posted: std::collections::BTreeSet<_> = all.postal.iter().flat_map(|run| &run.municipalities).collect();
    assert_eq!(posted.len(), 1741, "each is delivered to");
    assert_eq!(all.counts().count(), 3);
    assert!(all.counts().all(|count| count.prefectures.len() == 47));
    let last = all.coverage(None).unwrap();
    assert_eq!(last.prefectures.iter().map(|one| one.with_e_application).sum::<u32>(), 935);
    assert_eq!(last.prefectures.iter().map(|one| one.municipalities).sum::<u32>(), 1741);
    let before = all.coverage(NaiveDate::from_ymd_opt(2019, 3, 30)).unwrap();
    assert_eq!(before.prefectures.iter().map(|one| one.with_e_application).sum::<u32>(), 883);
    assert!(all.coverage(NaiveDate::from_ymd_opt(2018, 9, 27)).is_none());
}

#[test]
fn one_is_found_by_name_reading_postal_code_and_place() {
    let all = shipped();
    let find = |wanted: Wanted| all.wanted(&wanted, None).map(|one| one.name.as_str()).collect::<Vec<_>>();
    let named = |name: &str| find(Wanted { name: Some(fold(name)), ..Wanted::default() });
    assert_eq!(named("三条市"), ["三条市"]);
    assert_eq!(named("さんじょう"), ["三条市"]);
    assert_eq!(named("ｻﾝｼﾞﾖｳ"), Vec::<&str>::new(), "another reading is another name");
    assert_eq!(named("ﾆｲｶﾞﾀｹﾝｻﾝｼﾞｮｳｼ"), ["三条市"]);
    assert_eq!(named("新潟県三条"), ["三条市"]);
    assert_eq!(named("府中市"), ["府中市", "府中市"], "one in Tokyo and one in Hiroshima");
    let tokyo = Wanted { prefecture: Some(13), name: Some(fold("府中市")), ..Wanted::default() };
    assert_eq!(all.wanted(&tokyo, None).map(|one| one.code.to_string()).collect::<Vec<_>>(), ["132063"]);

    let posted = |text: &str| all.of_postal_code(PostalCode::parse(text).unwrap()).to_vec();
    assert_eq!(posted("154-0017"), [code("131121")]);
    assert_eq!(posted("9550071"), [code("152048")]);
    assert_eq!(posted("0600041"), [code("011002")], "a ward of a designated city is the city");
    assert_eq!(posted("0000000"), []);
    for wrong in ["", "154", "15400170", "1540-017", "154-001a", "１５４００１７", "154--017"] {
        assert!(PostalCode::parse(wrong).is_none(), "{wrong}");
    }

    let near = all.nearest(Place::new(37.63, 138.96).unwrap(), 3);
    assert_eq!(near.len(), 3);
    assert_eq!((near[0].0.name.as_str(), near[0].1 < 3.0), ("三条市", true));
    assert!(near.windows(2).all(|pair| pair[0].1 <= pair[1].1));
    assert!(Place::new(f64::NAN, 139.0).is_none() && Place::new(0.0, 0.0).is_none());
}

#[test]
fn a_body_is_a_municipality_or_a_prefecture() {
    let all = shipped();
    assert_eq!(all.name_of(code("152048")).as_deref(), Some("新潟県三条市"));
    assert_eq!(all.name_of(code("150002")).as_deref(), Some("新潟県"));
    assert_eq!(all.name_of(code("999016")), None);
    assert!(code("150002").is_prefecture() && !code("152048").is_prefecture());
    assert_eq!(all.prefecture_named("15"), all.prefecture_named("新潟県"));
    assert!(all.prefecture_named("48").is_none() && all.prefecture_named("1").is_none());
}

#[test]
fn a_list_goes_on_after_any_code() {
    let (all, wanted) = (shipped(), Wanted { prefecture: Some(15), ..Wanted::default() });
    let whole: Vec<_> = all.wanted(&wanted, None).map(|one| one.code).collect();
    for (n, code) in whole.iter().enumerate() {
        let rest: Vec<_> = all.wanted(&wanted, Some(*code)).map(|one| one.code).collect();
        assert_eq!(rest, whole[n + 1..]);
    }
}

#[test]
fn every_fault_of_every_table_is_told_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| fs::write(dir.path().join(file), text).unwrap();
    write(
        "municipalities.tsv",
        "code\tprefecture\tprefecture_kana\tname\tname_kana\tlatitude\tlongitude\n\
         152048\t新潟県\tニイガタケン\t三条市\tサンジョウシ\t\t\n\
         150002\t新潟県\tニイガタケン\t\t\t\t\n\
         152048\t新潟県\tニイガタケン\t三条市\tサンジョウシ\t1.0\t2.0\n\
         152049\t新潟県\n",
    );
    write("postal_codes.tsv", "first\tlast\tmunicipalities\n9550072\t9550071\t152048\n");
    let told = Municipalities::load(dir.path()).unwrap_err();
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    let wanted = [
        "line 2: comes before",
        "line 4: stands far",
        "line 5: has 2 cells",
        "postal_codes.tsv: line 2",
        "coverage.tsv: cannot be read",
    ];
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    for (told, wanted) in told.iter().zip(wanted) {
        assert!(told.contains(wanted), "{told}");
    }
}
