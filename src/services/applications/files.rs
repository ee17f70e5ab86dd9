//! An application as a file that municipalities load: XML, CSV or an Excel workbook, item by item with its title.

use super::agency_view::AgencyApplication;
use crate::catalog::application_forms::ApplicationForm;
use crate::domain::Fault;
use crate::domain::application::Application;
use crate::services::body::cell;
use quick_xml::escape::escape;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Serialize;
use serde_json::Value;

/// As what file an application is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// XML 1.0, UTF-8.
    Xml,
    /// CSV (RFC 4180), UTF-8.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Xml, Self::Csv, Self::Xlsx];

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xml => "application/xml",
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// A file.
#[derive(Debug)]
pub struct ApplicationFile {
    /// As what.
    pub kind: FileKind,
    /// Under which name it is kept: its arrival number.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// One item: its place in the application, its title, what it says.
struct Row {
    place: String,
    title: String,
    value: String,
}

/// The file of an application.
///
/// # Errors
/// [`Fault`] when it cannot be written.
pub(super) fn written(
    (view, form): (&AgencyApplication, Option<&ApplicationForm>),
    one: &Application,
    kind: FileKind,
) -> Result<ApplicationFile, Fault> {
    let rows = rows(view, form, one);
    let bytes = match kind {
        FileKind::Xml => xml(&rows).into_bytes(),
        FileKind::Csv => csv(&rows).into_bytes(),
        FileKind::Xlsx => {
            workbook(&rows).map_err(|error| Fault::Internal(format!("an application as a workbook: {error}")))?
        }
    };
    Ok(ApplicationFile { kind, name: format!("{}.{}", one.arrival, kind.ending()), bytes })
}

fn rows(view: &AgencyApplication, form: Option<&ApplicationForm>, one: &Application) -> Vec<Row> {
    let row = |place: &str, title: &str, value: String| Row { place: place.to_owned(), title: title.to_owned(), value };
    let of = |value: &dyn Fn() -> Option<String>| value().unwrap_or_default();
    let summary = &view.application;
    let mut rows = vec![
        row("/application/arrival_number", "到達番号", summary.arrival_number.clone()),
        row("/application/arrived_at", "到達日時", summary.arrived_at.clone()),
        row("/application/state", "状態", summary.state.as_str().to_owned()),
        row("/application/procedure", "手続", summary.procedure.clone()),
        row("/title/ja", "手続名", view.title.ja.clone()),
        row("/application/form", "様式", summary.form.clone()),
        row("/applied_by/kind", "申請者区分", one.applied_by.kind.as_str().to_owned()),
    ];
    for (place, title, value) in [
        ("/applied_by/name", "届出者氏名", &one.applied_by.name),
        ("/applied_by/relationship", "届出者の続柄", &one.applied_by.relationship),
        ("/applied_by/organisation", "代理人の所属", &one.applied_by.organisation),
        ("/applied_by/organisation_number", "事業者番号", &one.applied_by.organisation_number),
    ] {
        rows.extend(value.as_ref().map(|value| row(place, title, value.clone())));
    }
    if let Some(signature) = &view.signature {
        rows.push(row("/signature/state", "電子署名", signature.word().to_owned()));
        for (place, title, value) in [
            ("/signature/signed_at", "署名日時", &signature.signed_at),
            ("/signature/issuer", "署名用電子証明書の発行者", &signature.issuer),
            ("/signature/not_after", "署名用電子証明書の有効期限", &signature.not_after),
        ] {
            rows.extend(value.as_ref().map(|value| row(place, title, value.clone())));
        }
        let covers = signature.covers.as_ref().and_then(word);
        rows.extend(covers.map(|value| row("/signature/covers", "署名の範囲", value)));
    }
    if let Some(form) = form {
        let told = form.told(&one.answers).into_iter();
        rows.extend(told.map(|(place, title, value)| row(&place, &title.ja, said(value))));
    }
    for (n, file) in view.attachments.iter().enumerate() {
        let document = form.and_then(|form| form.document(&file.document));
        let title = document.map_or(&*file.document, |document| &document.title.ja);
        rows.push(row(&format!("/attachments/{n}/name"), title, file.name.clone()));
        rows.push(row(&format!("/attachments/{n}/id"), "添付書類", file.id.clone()));
    }
    if let Some(appointment) = &summary.appointment {
        let place = |name: &str| format!("/interview/appointment/{name}");
        rows.push(row(&place("meeting/starts_at"), "面談予約の日時", appointment.meeting.starts_at.clone()));
        rows.push(row(&place("state"), "面談予約の状態", appointment.state.as_str().to_owned()));
    }
    for (n, certificate) in view.certificates.iter().enumerate() {
        let place = |name: &str| format!("/certificates/{n}/{name}");
        rows.push(row(&place("slot"), "就労証明書の対象", certificate.slot.clone()));
        rows.push(row(&place("state"), "就労証明書の状態", of(&|| word(&certificate.state))));
        if let Some(one) = &certificate.certificate {
            rows.push(row(&place("certificate/reference"), "就労証明書の参照番号", one.reference.clone()));
            rows.push(row(&place("certificate/corporate_number"), "証明した法人", one.corporate_number.clone()));
        }
    }
    rows
}

/// An enumeration's word, as JSON has it.
fn word(value: &impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

/// What an item says, as a text.
fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn xml(rows: &[Row]) -> String {
    let item = |Row { place, title, value }: &Row| {
        let (place, title, value) = (escape(place.as_str()), escape(title.as_str()), escape(value.as_str()));
        format!("  <item place=\"{place}\" title=\"{title}\">{value}</item>\n")
    };
    let items = rows.iter().map(item).collect::<Vec<_>>().concat();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<application>\n{items}</application>\n")
}

fn csv(rows: &[Row]) -> String {
    let line = |Row { place, title, value }: &Row| format!("{},{},{}\r\n", cell(place), cell(title), cell(value));
    format!("place,title,value\r\n{}", rows.iter().map(line).collect::<Vec<_>>().concat())
}

/// Every cell is a text, never a formula.
fn workbook(rows: &[Row]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (head, quoted) = (Format::new().set_bold(), Format::new().set_quote_prefix());
    let worksheet = workbook.add_worksheet().set_name("申請データ")?;
    for (column, (title, width)) in (0..).zip([("place", 40.0), ("title", 32.0), ("value", 60.0)]) {
        worksheet.set_column_width(column, width)?;
        worksheet.write_string_with_format(0, column, title, &head)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (column, text) in (0..).zip([&row.place, &row.title, &row.value]) {
            worksheet.write_string_with_format(line, column, text, &quoted)?;
        }
    }
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_citizens_write_breaks_out_of_no_file() {
        let rows = [Row {
            place: "/answers/applicant/name".into(),
            title: "氏名".into(),
            value: "=HYPERLINK(\"http://evil.example\")</item><item>, '\"&".into(),
        }];
        let xml = xml(&rows);
        assert_eq!(xml.matches("<item ").count(), 1, "{xml}");
        assert!(crate::domain::xml::Document::parse(xml.as_bytes()).is_ok() || xml.contains("&lt;/item&gt;"), "{xml}");
        let csv = csv(&rows);
        assert!(csv.contains("\"'=HYPERLINK(\"\"http://evil.example\"\")"), "{csv}");
        assert_eq!(csv.lines().count(), 2);
        assert!(workbook(&rows).unwrap().starts_with(b"PK"));
    }
}
