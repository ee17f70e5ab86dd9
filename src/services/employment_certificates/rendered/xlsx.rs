//! The workbook that municipalities load.
//!
//! The sheet 様式 shows the rows as people read them; データ has one row of cells, one item in each, of its own type, below a
//! row of names and a row of titles; コード says what codes mean. Nothing is ever a formula: texts are written as texts, and
//! one that begins as a formula would keeps that when it is edited.

use super::sheet::{Item, Sheet};
use crate::catalog::procedures::{Kind, dates};
use crate::domain::Fault;
use chrono::Datelike as _;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use serde_json::Value;

/// The workbook's bytes.
///
/// # Errors
/// [`Fault`] when it cannot be written.
pub(super) fn write(sheet: &Sheet) -> Result<Vec<u8>, Fault> {
    workbook(sheet).map_err(|error| Fault::Internal(format!("a certificate as a workbook: {error}")))
}

fn workbook(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let at = ExcelDateTime::from_timestamp(sheet.issued_at / 1000)?;
    workbook.set_properties(&DocProperties::new().set_title(&sheet.title).set_creation_datetime(&at));
    shown(workbook.add_worksheet().set_name("様式")?, sheet)?;
    data(workbook.add_worksheet().set_name("データ")?, &sheet.items)?;
    codes(workbook.add_worksheet().set_name("コード")?, &sheet.items)?;
    workbook.save_to_buffer()
}

/// A text, never more.
fn text(worksheet: &mut Worksheet, (row, column): (u32, u16), text: &str, format: &Format) -> Result<(), XlsxError> {
    let is_alike = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let format = if is_alike { format.clone().set_quote_prefix() } else { format.clone() };
    worksheet.write_string_with_format(row, column, text, &format).map(|_| ())
}

fn shown(worksheet: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let cell = Format::new().set_border(FormatBorder::Thin).set_text_wrap().set_align(FormatAlign::Top);
    let head = Format::new().set_bold();
    for (column, width) in [(0, 5.0), (1, 32.0), (2, 90.0)] {
        worksheet.set_column_width(column, width)?;
    }
    worksheet.set_paper_size(9).set_print_fit_to_pages(1, 0);
    let mut row = 0;
    for line in std::iter::once(&sheet.title).chain(&sheet.revoked) {
        text(worksheet, (row, 0), line, &head)?;
        row += 1;
    }
    for part in &sheet.parts {
        text(worksheet, (row, 0), &part.title, &head)?;
        row += 1;
        for one in &part.rows {
            let lines: Vec<_> = one.lines.iter().map(|pieces| pieces.join("　")).collect();
            for (column, words) in [(0, &one.number), (1, &one.title), (2, &lines.join("\n"))] {
                text(worksheet, (row, column), words, &cell)?;
            }
            row += 1;
        }
    }
    for line in &sheet.verify {
        text(worksheet, (row, 0), line, &Format::new())?;
        row += 1;
    }
    Ok(())
}

fn data(worksheet: &mut Worksheet, items: &[Item]) -> Result<(), XlsxError> {
    let (plain, head) = (Format::new(), Format::new().set_bold());
    worksheet.set_freeze_panes(2, 0)?;
    for (column, item) in (0..).zip(items) {
        worksheet.set_column_width(column, 16.0)?;
        text(worksheet, (0, column), &item.name, &head)?;
        text(worksheet, (1, column), &item.title, &head)?;
        if let Some(value) = &item.value {
            typed(worksheet, (2, column), (&item.kind, value), &plain)?;
        }
    }
    Ok(())
}

/// A value in the type of its item; as text where it has none, as a day before 1900.
fn typed(
    worksheet: &mut Worksheet,
    (row, column): (u32, u16),
    (kind, value): (&Kind, &Value),
    plain: &Format,
) -> Result<(), XlsxError> {
    let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let moment = match kind {
        Kind::Date => dates::day(&said).ok().zip(Some("yyyy-mm-dd")),
        Kind::Month => dates::month(&said).ok().zip(Some("yyyy-mm")),
        _ => None,
    };
    if let Some((day, shown)) = moment
        && let (Ok(year), Ok(month), Ok(of_month)) =
            (u16::try_from(day.year()), u8::try_from(day.month()), u8::try_from(day.day()))
        && let Ok(day) = ExcelDateTime::from_ymd(year, month, of_month)
    {
        let format = plain.clone().set_num_format(shown);
        return worksheet.write_datetime_with_format(row, column, day, &format).map(|_| ());
    }
    if let (Kind::Time, Some((hours, minutes))) = (kind, said.split_once(':'))
        && let (Ok(hours), Ok(minutes)) = (hours.parse(), minutes.parse::<u8>())
        && let Ok(time) = ExcelDateTime::from_hms(hours, minutes, 0)
    {
        let format = plain.clone().set_num_format("hh:mm");
        return worksheet.write_datetime_with_format(row, column, time, &format).map(|_| ());
    }
    match (kind, value.as_bool(), value.as_u64()) {
        (Kind::Flag, Some(flag), _) => worksheet.write_boolean(row, column, flag).map(|_| ()),
        // Forms hold numbers under a thousand million: they are exact.
        (Kind::Number { .. } | Kind::Yen { .. }, _, Some(number)) if u32::try_from(number).is_ok() => {
            worksheet.write_number(row, column, f64::from(u32::try_from(number).unwrap_or_default())).map(|_| ())
        }
        _ => text(worksheet, (row, column), &said, plain),
    }
}

fn codes(worksheet: &mut Worksheet, items: &[Item]) -> Result<(), XlsxError> {
    let (plain, head) = (Format::new(), Format::new().set_bold());
    for (column, (title, width)) in (0..).zip([("項目", 28.0), ("項目名", 32.0), ("コード", 10.0), ("内容", 44.0)])
    {
        worksheet.set_column_width(column, width)?;
        text(worksheet, (0, column), title, &head)?;
    }
    let mut row = 1;
    for item in items {
        let Kind::Code(choices) = &item.kind else { continue };
        for choice in choices {
            let words = [&item.name, &item.title, &choice.code, &choice.words.ja];
            for (column, words) in (0..).zip(words) {
                text(worksheet, (row, column), words, &plain)?;
            }
            row += 1;
        }
    }
    Ok(())
}
