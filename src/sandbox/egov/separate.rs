//! 個別ファイル署名形式, looked at: every part named by the application and signed by a configuration of its own.

use super::answer::report;
use super::package::trusted;
use crate::domain::archive::File;
use crate::domain::xml::{Document, Element};
use serde_json::Value;

/// The 様式ID of the configuration of the form, and of that of what is attached.
pub(super) const FORM_IDS: [&str; 2] = ["999000000000000009", "999000000000000001"];

/// The configurations beside the application in a folder.
pub(super) fn others<'a>(files: &'a [File], folder: &str) -> Vec<&'a File> {
    let is_other = |file: &&File| {
        let name = file.path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
        name.starts_with("kousei") && name != "kousei.xml"
    };
    files.iter().filter(is_other).collect()
}

pub(super) fn all(root: &Element, name: &str) -> Vec<String> {
    let places = root.paths(&|element| element.local_name() == name);
    places.iter().filter_map(|path| root.at(path)).map(Element::text).collect()
}

/// Checks the parts of an application; gives the configuration that describes the form.
///
/// # Errors
/// The lines of the error report.
pub(super) fn form_configuration<'a>(
    main: &Document,
    others: &[&File],
    find: &dyn Fn(&str) -> Option<&'a [u8]>,
) -> Result<Document, Vec<Value>> {
    let fault = |file: &str, item: &str, content: &str| vec![report(file, item, content)];
    if main.root.find("申請書属性情報").is_some() {
        return Err(fault(
            "kousei.xml",
            "申請書属性情報",
            "申請書属性情報は\"申請書送信\"の場合は指定することができません。",
        ));
    }
    let named = all(&main.root, "添付書類ファイル名称");
    trusted(main, find, &named).map_err(|words| fault("kousei.xml", "署名情報", &words))?;
    let (mut of_form, mut attached) = (None, Vec::new());
    for file in others {
        let name = file.name();
        let read = Document::parse(&file.bytes).map_err(|bad| fault(name, "-", &bad.to_string()))?;
        let text = |item: &str| read.root.find(item).map(Element::text).unwrap_or_default();
        let (kind, signed) = match FORM_IDS.iter().position(|id| *id == text("様式ID")) {
            Some(0) => ("申請書作成", vec![text("申請書ファイル名称")]),
            Some(_) => ("添付書類署名", all(&read.root, "添付書類ファイル名称")),
            None => return Err(fault(name, "様式ID", "構成情報の様式が正しくありません。")),
        };
        if text("申請種別") != kind || !named.iter().any(|known| known == name) {
            return Err(fault(name, "申請種別", "構成情報の申請種別または名称が正しくありません。"));
        }
        trusted(&read, find, &signed).map_err(|words| fault(name, "署名情報", &words))?;
        attached.extend(signed);
        if kind == "申請書作成" {
            of_form = Some(read);
        }
    }
    let is_signed = |name: &String| name.starts_with("kousei") || attached.contains(name);
    if let Some(unsigned) = named.iter().find(|name| !is_signed(name)) {
        return Err(fault(unsigned, "署名情報", "個別の署名がありません。"));
    }
    of_form.ok_or_else(|| fault("kousei.xml", "-", "申請書の構成情報がありません。"))
}
