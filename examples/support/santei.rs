//! 算定基礎届 (the notification from which each employee's standard monthly remuneration is determined) of made-up employees.

use serde_json::{Value, json};

/// Its form at the pension office.
pub const PROCEDURE: &str = "2225700";
/// Who takes it.
pub const AGENCY: &str = "pension-office";

const FAMILIES: [(&str, &str); 3] = [("見本", "ﾐﾎﾝ"), ("例示", "ﾚｲｼﾞ"), ("試験", "ｼｹﾝ")];
const GIVEN: [(&str, &str); 5] = [("一郎", "ｲﾁﾛｳ"), ("花子", "ﾊﾅｺ"), ("次郎", "ｼﾞﾛｳ"), ("桜", "ｻｸﾗ"), ("三郎", "ｻﾌﾞﾛｳ")];

/// What all records say of their office.
pub fn office() -> Value {
    json!({
        "prefecture_code": "21", "area_code": "01", "office_symbol": "ｹｲﾄ", "office_number": "12345",
        "office_postal_code": "1000000", "office_address": "東京都見本区見本町１－２－３", "office_name": "見本商事株式会社",
        "employer_name": "見本　良一", "phone_area": "03", "phone_exchange": "0000", "phone_subscriber": "0000",
    })
}

/// The record of the employee of this number.
pub fn employee(n: usize) -> Value {
    let (family, given) = (FAMILIES[n % FAMILIES.len()], GIVEN[n / 3 % GIVEN.len()]);
    let pay = 200_000 + n % 300 * 1000;
    json!({
        "insured_person_number": (n % 999_999 + 1).to_string(),
        "name": format!("{}　{}", family.0, given.0),
        "name_kana": format!("{} {}", family.1, given.1),
        "birth_date": format!("{}-{:02}-{:02}", 1965 + n % 40, n % 12 + 1, n % 28 + 1),
        "applies_from": "2026-09", "former_health_standard": 260, "former_pension_standard": 260,
        "former_revision": "2025-09", "days_1": 30, "days_2": 31, "days_3": 30,
        "currency_1": pay, "currency_2": pay, "currency_3": pay, "in_kind_1": 0, "in_kind_2": 0, "in_kind_3": 0,
        "total": pay * 3, "average": pay, "basic_pension_number": format!("9999{:06}", n % 1_000_000),
    })
}

/// A file of these records: a line of JSON for each.
pub fn file(records: impl Iterator<Item = Value>) -> Vec<u8> {
    let mut file = Vec::new();
    for record in records {
        file.extend_from_slice(record.to_string().as_bytes());
        file.push(b'\n');
    }
    file
}
