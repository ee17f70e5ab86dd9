//! The package (申請データ): a folder named for the procedure with the signed configuration, the forms and what is attached.
//! `separate` signs it where each part has a configuration of its own.

mod attached;
mod separate;

pub(super) use attached::attachment_findings;

use super::envelope::Pointers;
use super::settings::EgovSettings;
use super::skeleton::{Form, Skeleton};
use super::{described, form};
use crate::adapters::agency::Filing;
use crate::catalog::procedures::Procedure;
use crate::domain::archive::{self, File};
use crate::domain::submission::{Act, Finding};
use crate::domain::xml::{Document, Element, Node, Placing, Target, XmlSigner};
use crate::domain::{Fault, Timestamp};
use attached::Attachment;
use separate::Style;
use serde_json::{Map, Value};

/// What is signed of a configuration, by its ID.
const CONFIGURATION: &str = "構成情報";
/// The procedure by which a filing is withdrawn (取下げ), and its form.
const WITHDRAWAL: (&str, &str) = ("9990000000000003", "999000000000000003");
/// The file of that form.
const WITHDRAWAL_FILE: &str = "torisageirai.xml";

/// A package that is ready.
pub(super) struct Package {
    pub bytes: Vec<u8>,
    /// Where the items of its form came from.
    pub pointers: Pointers,
}

/// What kept a package from being made.
pub(super) enum Unmade {
    /// The filing.
    Findings(Vec<Finding>),
    /// What e-Gov sent, or we ourselves.
    Fault(Fault),
}

impl From<Fault> for Unmade {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What packages are made with.
pub(super) struct Packing<'a> {
    pub egov: &'a EgovSettings,
    pub signer: &'a XmlSigner,
    pub now: Timestamp,
    /// How the filing's items go to its form; by the elements' own names when none.
    pub described: Option<&'a Procedure>,
}

impl Packing<'_> {
    /// The package of a filing, an amendment or a withdrawal.
    pub fn pack(&self, filing: &Filing<'_>, skeleton: &Skeleton) -> Result<Package, Unmade> {
        let (Some(style), Some(first)) = (Style::of(skeleton), skeleton.forms.first()) else { return Err(unspoken()) };
        let mut files = skeleton.files.clone();
        let title = self.title(filing.procedure, first);
        let mut pointers = Pointers::new();
        if filing.act == Act::Withdraw {
            // One configuration does, whatever the procedure's own style is.
            let forms = skeleton.forms.iter().map(|form| form.apply_file_name.as_str());
            let gone: Vec<&str> = forms.chain(style.others()).collect();
            files.retain(|file| !gone.contains(&file.path.as_str()));
            files.push(File::new(WITHDRAWAL_FILE, self.withdrawal(filing, &title).to_bytes()));
            self.sign_withdrawal(filing, (&mut files, style.main()), &title)?;
        } else {
            let content = content(filing)?;
            let attached = attached::read(&content)?;
            let forms = self.fill_all((&mut files, &mut pointers), &skeleton.forms, &content)?;
            match style {
                Style::Standard(main) => self.sign_at_once(filing, (&mut files, main), (&forms, &title), attached)?,
                Style::Separate(parts) => {
                    self.sign_separately(filing, (&mut files, parts), (&forms, &title), attached)?;
                }
            }
        }
        let folder = |file: File| File::new(format!("{}/{}", filing.procedure, file.path), file.bytes);
        let files: Vec<File> = files.into_iter().map(folder).collect();
        let bytes = archive::write(&files).map_err(|bad| {
            Unmade::Findings(vec![Finding::reject(
                "EG005",
                "/attachments",
                "添付書類のファイル名が使用できません。",
                &bad.to_string(),
            )])
        })?;
        Ok(Package { bytes, pointers })
    }

    /// 標準形式: one configuration names and signs everything.
    fn sign_at_once(
        &self,
        filing: &Filing<'_>,
        (files, configuration): (&mut Vec<File>, &str),
        (forms, title): (&[&Form], &str),
        attachments: Vec<Attachment>,
    ) -> Result<(), Unmade> {
        let mut main = document(files, configuration)?;
        let mut signed: Vec<String> = forms.iter().map(|form| form.apply_file_name.clone()).collect();
        for one in attachments {
            attached::name(&mut main, &one.name, &one.file_name)?;
            signed.push(one.file_name.clone());
            files.push(File::new(one.file_name, one.bytes));
        }
        self.describe(&mut main, filing, (kind(filing.act), title));
        for form in forms {
            add(&mut main, named_form(form));
        }
        self.sign(&mut main, files, &signed)?;
        put(files, configuration, main.to_bytes());
        Ok(())
    }

    fn sign_withdrawal(
        &self,
        filing: &Filing<'_>,
        (files, configuration): (&mut Vec<File>, &str),
        title: &str,
    ) -> Result<(), Unmade> {
        let mut main = document(files, configuration)?;
        self.describe(&mut main, filing, (kind(filing.act), title));
        let (id, name) = (WITHDRAWAL.1, "取下げ依頼XML");
        add(&mut main, named(id, 1, name, WITHDRAWAL_FILE));
        self.sign(&mut main, files, &[WITHDRAWAL_FILE.to_owned()])?;
        put(files, configuration, main.to_bytes());
        Ok(())
    }

    /// Fills every form that the content has something for, and leaves the others out of the package; gives those.
    fn fill_all<'f>(
        &self,
        (files, pointers): (&mut Vec<File>, &mut Pointers),
        blank: &'f [Form],
        content: &Value,
    ) -> Result<Vec<&'f Form>, Unmade> {
        let written = self.described.map(|described| described.written_for_e_gov(content, self.now.date_in_japan()));
        let (written, none) = (written.unwrap_or_default(), Map::new());
        let each = form::each(content.as_object().unwrap_or(&none)).map_err(Unmade::Findings)?;
        let wanted = if written.is_empty() { each.len() } else { written.len() };
        if wanted > blank.len() {
            let ja = format!(
                "この手続の様式は{}種類しかありません。様式が改められていないか確認してください。",
                blank.len()
            );
            let en = "The procedure has fewer forms than this fills: hold its file, or `more_forms`, against its blank forms.";
            return Err(Unmade::Findings(vec![Finding::reject("EG018", "", &ja, en)]));
        }
        let mut filled = Vec::new();
        for (n, form) in blank.iter().enumerate() {
            let mut document = document(files, &form.apply_file_name)?;
            let from = match (written.get(n), each.get(n)) {
                (Some(written), _) => described::fill(&mut document.root, written),
                (None, Some(Some((members, above)))) if written.is_empty() => {
                    form::fill(&mut document.root, (members, above))
                }
                _ => {
                    files.retain(|file| file.path != form.apply_file_name);
                    continue;
                }
            };
            // A name that several forms have leads to the first.
            for (element, pointer) in from.map_err(Unmade::Findings)? {
                pointers.entry(element).or_insert(pointer);
            }
            put(files, &form.apply_file_name, document.to_bytes());
            filled.push(form);
        }
        Ok(filled)
    }

    fn title(&self, procedure: &str, form: &Form) -> String {
        self.egov.titles.get(procedure).cloned().unwrap_or_else(|| form.form_name.clone())
    }

    /// Fills a configuration: which procedure, who applies, where it goes.
    fn describe(&self, main: &mut Document, filing: &Filing<'_>, (kind, title): (&str, &str)) {
        let applicant = &self.egov.applicant;
        let office = format!("100{}", filing.procedure.get(..3).unwrap_or_default());
        let procedure = if filing.act == Act::Withdraw { WITHDRAWAL.0 } else { filing.procedure };
        let destination = self.egov.destinations.get(filing.procedure);
        for (name, value) in [
            ("受付行政機関ID", office.as_str()),
            ("手続ID", procedure),
            ("手続名称", title),
            ("申請種別", kind),
            ("初回受付番号", filing.arrival.map_or("", |number| number.as_str())),
            ("法人名", &applicant.corporation),
            ("氏名", &applicant.name),
            ("氏名フリガナ", &applicant.name_kana),
            ("郵便番号", &applicant.postal_code),
            ("住所", &applicant.address),
            ("住所フリガナ", &applicant.address_kana),
            ("電話番号", &applicant.telephone),
            ("電子メールアドレス", &applicant.mail),
            ("提出先識別子", destination.map_or("", |destination| &destination.id)),
            ("提出先名称", destination.map_or("", |destination| &destination.name)),
        ] {
            if let Some(element) = main.root.path_to(name).and_then(|path| main.root.at_mut(&path))
                && !value.is_empty()
            {
                element.set_text(value);
            }
        }
    }

    fn withdrawal(&self, filing: &Filing<'_>, title: &str) -> Document {
        let day = self.now.rfc3339();
        let part = |from: usize, to: usize| day.get(from..to).unwrap_or_default().trim_start_matches('0').to_owned();
        let date = Element::with_children(
            "依頼年月日",
            vec![
                Element::with_text("年", &part(0, 4)),
                Element::with_text("月", &part(5, 7)),
                Element::with_text("日", &part(8, 10)),
            ],
        );
        let said = Element::with_children(
            "取下げ依頼情報",
            vec![
                Element::with_text("到達番号", filing.arrival.map_or("", |number| number.as_str())),
                Element::with_text("手続名称", title),
                Element::with_text("申請者氏名", &self.egov.applicant.name),
                date,
                Element::with_text("理由", "申請者の都合による"),
            ],
        );
        let sheet = format!("{}.xsl", WITHDRAWAL.1);
        let root = Element::with_children(
            "DataRoot",
            vec![
                Element::with_text("様式ID", WITHDRAWAL.1),
                Element::with_text("様式バージョン", "0001"),
                Element::with_text("STYLESHEET", &sheet),
                said,
            ],
        );
        Document { instructions: vec![format!("xml-stylesheet href=\"{sheet}\" type=\"text/xsl\"")], root }
    }

    fn sign(&self, main: &mut Document, files: &[File], signed: &[String]) -> Result<(), Unmade> {
        let missing = || Fault::Internal("e-Gov's blank configuration has no 構成情報".into());
        let after = main.root.path_to(CONFIGURATION).ok_or_else(missing)?;
        if let Some(element) = main.root.at_mut(&after)
            && element.get("ID").is_none()
        {
            element.attributes.push(("ID".to_owned(), CONFIGURATION.to_owned()));
        }
        let mut targets = vec![Target::Element(CONFIGURATION)];
        for file in files.iter().filter(|file| signed.contains(&file.path)) {
            targets.push(Target::File(&file.path, &file.bytes));
        }
        // yyyyMMddHHmmss in Japan.
        let id: String = self.now.rfc3339().chars().take(19).filter(char::is_ascii_digit).collect();
        let placing = Placing { after: &after, inside: "署名情報", id: &id };
        Ok(self.signer.sign(main, &targets, &placing)?)
    }
}

fn unspoken() -> Unmade {
    let (ja, en) = (
        "この手続の申請データの形式には対応していません。",
        "This procedure wants its package signed in a way that is not spoken here.",
    );
    Unmade::Findings(vec![Finding::reject("EG003", "", ja, en)])
}

/// 申請種別: what is wanted.
const fn kind(act: Act) -> &'static str {
    match act {
        Act::File => "新規申請",
        Act::Amend => "補正",
        Act::Withdraw => "取下げ依頼",
    }
}

/// 申請書属性情報: which form it brings.
fn named(id: &str, version: u32, name: &str, file: &str) -> Element {
    Element::with_children(
        "申請書属性情報",
        vec![
            Element::with_text("申請書様式ID", id),
            Element::with_text("申請書様式バージョン", &format!("{version:04}")),
            Element::with_text("申請書様式名称", name),
            Element::with_text("申請書ファイル名称", file),
        ],
    )
}

/// The same of a procedure's own form.
fn named_form(form: &Form) -> Element {
    named(&form.form_id, form.form_version, &form.form_name, &form.apply_file_name)
}

fn add(main: &mut Document, block: Element) {
    if let Some(element) = main.root.path_to(CONFIGURATION).and_then(|path| main.root.at_mut(&path)) {
        element.children.push(Node::Element(block));
    }
}

fn content(filing: &Filing<'_>) -> Result<Value, Unmade> {
    let read = serde_json::from_slice(filing.content).ok().filter(Value::is_object);
    read.ok_or_else(|| Unmade::Fault(Fault::Internal("a filing that was checked is no JSON object".into())))
}

fn document(files: &[File], name: &str) -> Result<Document, Unmade> {
    let broken = |what: String| Fault::Internal(format!("e-Gov's blank forms: {what}"));
    let file = files.iter().find(|file| file.path == name).ok_or_else(|| broken("a file is missing".into()))?;
    Ok(Document::parse(&file.bytes).map_err(|bad| broken(bad.to_string()))?)
}

fn put(files: &mut [File], name: &str, bytes: Vec<u8>) {
    if let Some(file) = files.iter_mut().find(|file| file.path == name) {
        file.bytes = bytes;
    }
}

#[cfg(test)]
mod tests;
