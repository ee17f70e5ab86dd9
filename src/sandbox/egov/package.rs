//! What is sent, unpacked and looked at.

use super::answer::report;
use super::{blanks, forms, keys, separate};
use crate::domain::archive::{self, File};
use crate::domain::xml::{self, Document, Element};
use crate::sandbox::agencies::Mood;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// An application as it was sent.
#[derive(Debug)]
pub(super) struct Sent {
    /// Its folder: the procedure's number.
    pub folder: String,
    /// 新規申請, 補正, 取下げ依頼.
    pub kind: String,
    /// The number that it speaks of.
    pub arrival: String,
    /// What its 備考 asks the sandbox for.
    pub mood: Option<Mood>,
    /// Its form.
    pub form: String,
}

/// The file of a body: its name and its archive.
pub(super) fn file(body: &Value) -> Option<(String, Vec<File>)> {
    let file = body.get("send_file")?;
    let name = file.get("file_name")?.as_str()?;
    let bytes = STANDARD.decode(file.get("file_data")?.as_str()?).ok()?;
    let is_name = name.strip_suffix(".zip").is_some() && name.len() <= 128;
    Some((name.to_owned(), archive::read(&bytes).ok().filter(|_| is_name)?))
}

/// The folders of an archive.
pub(super) fn folders(files: &[File]) -> Vec<String> {
    let mut found: Vec<String> =
        files.iter().filter_map(|file| Some(file.path.split_once('/')?.0.to_owned())).collect();
    found.dedup();
    found
}

/// The application in a folder.
///
/// # Errors
/// The lines of the error report.
pub(super) fn read(files: &[File], folder: &str) -> Result<Sent, Vec<Value>> {
    let fault = |item: &str, content: &str| vec![report("kousei.xml", item, content)];
    let find = |name: &str| files.iter().find(|file| file.path == format!("{folder}/{name}")).map(|file| &*file.bytes);
    let main = find("kousei.xml").ok_or_else(|| fault("-", "構成管理XMLがありません。"))?;
    let main = Document::parse(main).map_err(|bad| fault("-", &bad.to_string()))?;
    let text = |name: &str| main.root.find(name).map(Element::text).unwrap_or_default();
    let others = separate::others(files, folder);
    let is_separate = forms::blank(folder).is_some_and(|blank| blank.is_separate) && text("申請種別") != "取下げ依頼";
    if is_separate == others.is_empty() {
        return Err(fault("-", "この手続の署名形式と一致しません。"));
    }
    // The configuration that describes the form.
    let of_form = if is_separate { separate::form_configuration(&main, &others, &find)? } else { main.clone() };
    let names = separate::all(&of_form.root, "申請書ファイル名称");
    let ids = separate::all(&of_form.root, "申請書様式ID");
    if !is_separate {
        trusted(&main, &find, &names).map_err(|words| fault("署名情報", &words))?;
    }
    let parse =
        |name: &String| Document::parse(find(name).unwrap_or_default()).map_err(|bad| fault("-", &bad.to_string()));
    let all = names.iter().map(parse).collect::<Result<Vec<Document>, _>>()?;
    let form = all.first().ok_or_else(|| fault("申請書ファイル名称", "申請書がありません。"))?;
    let sent = Sent {
        form: String::from_utf8(form.to_bytes()).unwrap_or_default(),
        folder: folder.to_owned(),
        kind: text("申請種別"),
        arrival: text("初回受付番号"),
        mood: form.root.find("備考").and_then(|note| Mood::parse(narrow(&note.text()).strip_prefix("sandbox:")?)),
    };
    if sent.kind == "取下げ依頼" {
        let said = form.root.find("到達番号").map(Element::text);
        let is_right = text("手続ID") == "9990000000000003" && said.as_deref() == Some(&*sent.arrival);
        return is_right.then_some(sent).ok_or_else(|| fault("手続ID", "取下げ依頼の内容が正しくありません。"));
    }
    let mut faults = Vec::new();
    for name in ["手続名称", "氏名", "郵便番号", "住所", "電話番号"] {
        if text(name).is_empty() {
            faults.push(report("kousei.xml", name, "必須項目です。"));
        }
    }
    let blank = forms::blank(folder);
    let wanted: Vec<String> =
        (0..blank.map_or(0, |blank| blank.forms.len())).map(|n| forms::form_id(folder, n)).collect();
    if text("手続ID") != folder || blank.is_none() || ids != wanted {
        faults.push(report("kousei.xml", "手続ID", "手続と様式が一致しません。"));
    }
    for (place, form) in all.iter().enumerate() {
        let name = format!("{}_01.xml", forms::form_id(folder, place));
        faults.extend(blank.map(|blank| blanks::faults(blank, place, (&name, &form.root))).unwrap_or_default());
    }
    if faults.is_empty() { Ok(sent) } else { Err(faults) }
}

/// Whether a configuration is signed by the made-up company, itself and these files.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn trusted<'a>(
    signed: &Document,
    find: &dyn Fn(&str) -> Option<&'a [u8]>,
    wanted: &[String],
) -> Result<(), String> {
    let verified = xml::verify(signed, find).map_err(|bad| bad.to_string())?;
    let whole = std::iter::once("#構成情報").chain(wanted.iter().map(String::as_str));
    for wanted in whole {
        if !verified.targets.iter().any(|target| target == wanted) {
            return Err(format!("{wanted}が署名されていません。"));
        }
    }
    keys::is_applicant(&verified.certificate).then_some(()).ok_or_else(|| "証明書が信頼できません。".to_owned())
}

/// Full-width letters as plain ones: some forms take no others.
fn narrow(text: &str) -> String {
    let one = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(one).collect()
}
