//! The package (申請データ): a folder named for the procedure with the signed configuration, the forms and what is attached.

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
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What is signed of a configuration, by its ID.
const CONFIGURATION: &str = "構成情報";
/// The procedure by which a filing is withdrawn (取下げ), and its form.
const WITHDRAWAL: (&str, &str) = ("9990000000000003", "999000000000000003");
/// The file of that form.
const WITHDRAWAL_FILE: &str = "torisageirai.xml";
/// Most files attached.
const MOST_ATTACHED: usize = 20;

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

/// Something attached, as the content says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attached {
    name: String,
    file_name: String,
    /// Base64.
    data: String,
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
        let ([configuration], Some(first)) = (skeleton.configurations.as_slice(), skeleton.forms.first()) else {
            let (ja, en) = (
                "個別ファイル署名形式の手続には対応していません。",
                "This procedure wants each file to be signed by itself (個別ファイル署名形式), which is not spoken here.",
            );
            return Err(Unmade::Findings(vec![Finding::reject("EG003", "", ja, en)]));
        };
        let mut files = skeleton.files.clone();
        let mut main = document(&files, configuration)?;
        let mut pointers = Pointers::new();
        let title = self.title(filing.procedure, first);
        let signed = if filing.act == Act::Withdraw {
            files.retain(|file| skeleton.forms.iter().all(|form| form.apply_file_name != file.path));
            files.push(File::new(WITHDRAWAL_FILE, self.withdrawal(filing, &title).to_bytes()));
            vec![WITHDRAWAL_FILE.to_owned()]
        } else {
            let content = content(filing)?;
            let (form, attached) = (self.filled(&files, first, &content)?, attached(&content)?);
            pointers = form.1;
            put(&mut files, &first.apply_file_name, form.0.to_bytes());
            let mut signed = vec![first.apply_file_name.clone()];
            for one in attached {
                attach(&mut main, &one)?;
                signed.push(one.file_name.clone());
                files.push(File::new(one.file_name.clone(), one.bytes));
            }
            signed
        };
        self.configure(&mut main, filing, (first, &title));
        self.sign(&mut main, &files, &signed)?;
        put(&mut files, configuration, main.to_bytes());
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

    fn filled(&self, files: &[File], form: &Form, content: &Value) -> Result<(Document, Pointers), Unmade> {
        let mut document = document(files, &form.apply_file_name)?;
        let today = self.now.date_in_japan();
        let written = self.described.and_then(|procedure| procedure.written_for_e_gov(content, today));
        let pointers = match written {
            Some(written) => described::fill(&mut document.root, &written),
            None => form::fill(&mut document.root, content.as_object().unwrap_or(&Map::new())),
        };
        Ok((document, pointers.map_err(Unmade::Findings)?))
    }

    fn title(&self, procedure: &str, form: &Form) -> String {
        self.egov.titles.get(procedure).cloned().unwrap_or_else(|| form.form_name.clone())
    }

    /// Fills the configuration: which procedure, who applies, where it goes, which form it brings.
    fn configure(&self, main: &mut Document, filing: &Filing<'_>, (form, title): (&Form, &str)) {
        let (applicant, is_withdrawal) = (&self.egov.applicant, filing.act == Act::Withdraw);
        let office = format!("100{}", filing.procedure.get(..3).unwrap_or_default());
        let kind = match filing.act {
            Act::File => "新規申請",
            Act::Amend => "補正",
            Act::Withdraw => "取下げ依頼",
        };
        let destination = self.egov.destinations.get(filing.procedure);
        for (name, value) in [
            ("受付行政機関ID", office.as_str()),
            ("手続ID", if is_withdrawal { WITHDRAWAL.0 } else { filing.procedure }),
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
        let (id, version, name, file) = if is_withdrawal {
            (WITHDRAWAL.1, 1, "取下げ依頼XML", WITHDRAWAL_FILE)
        } else {
            (form.form_id.as_str(), form.form_version, form.form_name.as_str(), form.apply_file_name.as_str())
        };
        let block = Element::with_children(
            "申請書属性情報",
            vec![
                Element::with_text("申請書様式ID", id),
                Element::with_text("申請書様式バージョン", &format!("{version:04}")),
                Element::with_text("申請書様式名称", name),
                Element::with_text("申請書ファイル名称", file),
            ],
        );
        if let Some(element) = main.root.path_to(CONFIGURATION).and_then(|path| main.root.at_mut(&path)) {
            element.children.push(Node::Element(block));
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

/// What is wrong with what is attached.
pub(super) fn attachment_findings(content: &Value) -> Vec<Finding> {
    match attached(content) {
        Err(Unmade::Findings(findings)) => findings,
        _ => Vec::new(),
    }
}

struct Attachment {
    name: String,
    file_name: String,
    bytes: Vec<u8>,
}

fn attached(content: &Value) -> Result<Vec<Attachment>, Unmade> {
    let Some(said) = content.get("attachments") else { return Ok(Vec::new()) };
    let wrong = |pointer: String| {
        let (ja, en) = (
            "添付書類は name, file_name, data (Base64) で指定してください。",
            "Attachments have name, file_name and data (Base64); each file_name once, and of plain characters.",
        );
        Unmade::Findings(vec![Finding::reject("EG004", pointer, ja, en)])
    };
    let said = Vec::<Attached>::deserialize(said).map_err(|_| wrong("/attachments".into()))?;
    if said.len() > MOST_ATTACHED {
        return Err(wrong("/attachments".into()));
    }
    let mut read: Vec<Attachment> = Vec::with_capacity(said.len());
    for (n, one) in said.into_iter().enumerate() {
        let is_name = !one.file_name.contains('/')
            && !one.file_name.to_ascii_lowercase().ends_with("xml")
            && !one.name.is_empty();
        let is_once = read.iter().all(|other| other.file_name != one.file_name);
        let bytes = STANDARD.decode(one.data.as_bytes()).ok().filter(|_| is_name && is_once);
        let bytes = bytes.ok_or_else(|| wrong(format!("/attachments/{n}")))?;
        read.push(Attachment { name: one.name, file_name: one.file_name, bytes });
    }
    Ok(read)
}

/// Names an attachment in the configuration, after what else it manages.
fn attach(main: &mut Document, one: &Attachment) -> Result<(), Unmade> {
    let missing = || Fault::Internal("e-Gov's blank configuration has no 管理情報".into());
    let path = main.root.path_to("管理情報").ok_or_else(missing)?;
    let (last, above) = path.split_last().ok_or_else(missing)?;
    let parent = main.root.at_mut(above).ok_or_else(missing)?;
    let block = Element::with_children(
        "添付書類属性情報",
        vec![
            Element::with_text("添付種別", "添付"),
            Element::with_text("添付書類名称", &one.name),
            Element::with_text("添付書類ファイル名称", &one.file_name),
            Element::with_text("提出情報", "1"),
        ],
    );
    parent.children.insert(last + 1, Node::Element(block));
    Ok(())
}

#[cfg(test)]
mod tests;
