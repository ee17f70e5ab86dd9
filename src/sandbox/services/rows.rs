//! One row of the pretend search web service, made of a standard procedure.

use crate::catalog::services::{Category, Level, StandardProcedure, Standards};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const OFFERS: &str = include_str!("offers.toml");

/// What a pretend municipality offers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Offers {
    pub code: String,
    /// Files of standard procedures.
    files: Vec<String>,
    /// Those of them that can be applied for online.
    e_applicable: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OffersFile {
    municipality: Vec<Offers>,
}

/// A row.
pub(super) struct Row {
    pub psid: String,
    pub municipality: String,
    pub name: String,
    pub summary: String,
    pub service_code: &'static str,
    pub is_e_applicable: bool,
    version: u32,
    alias: Option<String>,
    department: &'static str,
    texts: BTreeMap<&'static str, String>,
    years: [Option<u16>; 2],
}

/// What the file says.
pub(super) fn offers() -> Result<Vec<Offers>, String> {
    toml::from_str::<OffersFile>(OFFERS).map(|file| file.municipality).map_err(|error| error.to_string())
}

/// Every row.
pub(super) fn all(standards: &Standards) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for offers in offers()? {
        // A prefecture has what goes to prefectures, a municipality the rest.
        let level = if offers.code.get(2..5) == Some("000") { Level::Prefecture } else { Level::Municipality };
        // Numbered over all standard procedures, so that one keeps its id whatever else is offered.
        for (number, one) in standards.iter().enumerate() {
            if offers.files.contains(&one.file) && one.level == level {
                rows.push(Row::of(&offers, one, (number, standards)));
            }
        }
    }
    Ok(rows)
}

impl Row {
    fn of(offers: &Offers, one: &StandardProcedure, (number, standards): (usize, &Standards)) -> Self {
        let documents = one.documents.iter().filter_map(|code| standards.document(code));
        let documents: Vec<String> = documents.map(|one| format!("・{}", one.name.ja)).collect();
        let is_e_applicable = offers.e_applicable.contains(&one.file);
        let how = match (is_e_applicable, one.is_signed) {
            (true, true) => "電子申請（マイナンバーカードによる署名が必要です）、窓口、郵送",
            (true, false) => "電子申請、窓口、郵送",
            (false, _) => "窓口、郵送",
        };
        let due = one.due.as_ref().map(|due| format!("<br>期限：{}", due.ja)).unwrap_or_default();
        let texts = [
            ("body", format!("{}<br>この案内は模擬データです。\n{}", one.summary.ja, one.body.trim())),
            ("procedureMethod", format!("{how}{due}")),
            ("requirements", documents.join("<br>")),
        ];
        Self {
            psid: format!("{}{:04}", offers.code, number + 1),
            municipality: offers.code.clone(),
            name: one.name.ja.clone(),
            summary: one.summary.ja.clone(),
            service_code: one.category.service_code(),
            is_e_applicable,
            version: 1,
            alias: one.alias.clone(),
            department: department(one.category),
            texts: texts.into_iter().filter(|(_, text)| !text.is_empty()).collect(),
            years: [one.from_years, one.to_years],
        }
    }

    /// As a municipality that edits its page.
    pub(super) fn change(&mut self, summary: &str) {
        summary.clone_into(&mut self.summary);
        self.version += 1;
    }

    /// As the list shows it.
    pub(super) fn listed(&self) -> Value {
        json!({
            "psid": self.psid,
            "officialName": self.name,
            "aliasName": self.alias,
            "summary": self.summary,
            "serviceCode": self.service_code,
            "isEApplicable": self.is_e_applicable,
            "procedurePeriodDateFrom": "20260401",
            "procedurePeriodDateTo": "",
            "jurisdictionDepartment": self.department,
            "openStartDatetime": "20260401000000",
            "openEndDatetime": "",
            "procedureVersion": self.version,
            "updateDateTime": format!("202604010900{:02}", self.version.min(59)),
        })
    }

    /// As the detail shows it.
    pub(super) fn detailed(&self) -> Value {
        let mut told = self.listed();
        if let Some(members) = told.as_object_mut() {
            members.extend(self.texts.iter().map(|(name, text)| ((*name).to_owned(), text.as_str().into())));
            members.insert("targetAgeFrom".to_owned(), json!(self.years[0]));
            members.insert("targetAgeTo".to_owned(), json!(self.years[1]));
            members.insert("contactName".to_owned(), self.department.into());
            members.insert("contactTelNo".to_owned(), "000-000-0000".into());
            let guide = format!("https://city-{}.example/procedures/{}", self.municipality, self.psid);
            members.insert("relatedLinkList".to_owned(), json!([format!("手続のご案内（模擬）;{guide}")]));
        }
        told
    }
}

fn department(category: Category) -> &'static str {
    match category {
        Category::ChildRearing => "子育て支援課",
        Category::Care => "介護保険課",
        Category::Disaster => "危機管理課",
        Category::Tax => "税務課",
        Category::Living => "生活環境課",
        Category::Health => "保険年金課",
        Category::Facilities => "生涯学習課",
        Category::Construction => "建設課",
        Category::Business => "契約検査課",
        Category::CityHall | Category::Other => "総務課",
    }
}
