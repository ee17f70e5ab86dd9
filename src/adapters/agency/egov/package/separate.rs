//! 個別ファイル署名形式: a configuration of its own signs each part, beside one that names them all.
//!
//! `kousei.xml` is the application (新規申請, 補正) and names every other file; each configuration whose 様式ID is
//! [`WRITE_APPLI`] (申請書作成) describes one form, in their order, and signs it; the one whose 様式ID is [`SIGN_ATTACH`] (添付書類署名) names
//! what is attached and signs that. The application itself carries no 申請書属性情報: e-Gov refuses it there. What is
//! publicly known comes from implementers; e-Gov's own check of the package has the last word.

use super::attached::{self, Attachment};
use super::{Packing, Unmade, add, document, kind, named_form, put, unspoken};
use crate::adapters::agency::Filing;
use crate::adapters::agency::egov::skeleton::{Form, Skeleton};
use crate::domain::archive::File;
use crate::domain::xml::Document;

/// The 様式ID of the configuration of the form.
const WRITE_APPLI: &str = "999000000000000009";
/// The 様式ID of the configuration of what is attached.
const SIGN_ATTACH: &str = "999000000000000001";

/// How a procedure wants its packages signed.
pub(super) enum Style<'a> {
    /// 標準形式: one configuration.
    Standard(&'a str),
    /// 個別ファイル署名形式.
    Separate(Parts<'a>),
}

/// The names of the configurations.
#[derive(Clone)]
pub(super) struct Parts<'a> {
    pub main: &'a str,
    /// One for each form.
    pub forms: Vec<&'a str>,
    pub attached: &'a str,
}

impl<'a> Style<'a> {
    /// That of a procedure's blank forms; none for what is neither.
    pub fn of(skeleton: &'a Skeleton) -> Option<Self> {
        match skeleton.configurations.as_slice() {
            [one] => Some(Self::Standard(one)),
            [main, others @ ..] if others.len() >= 2 => {
                let with = |wanted: &str| -> Vec<&'a str> {
                    let is_it = |name: &&String| form_id(skeleton, name).as_deref() == Some(wanted);
                    others.iter().filter(is_it).map(String::as_str).collect()
                };
                let (forms, attached) = (with(WRITE_APPLI), with(SIGN_ATTACH));
                let [attached] = <[&str; 1]>::try_from(attached).ok()?;
                let is_whole = forms.len() + 1 == others.len() && forms.len() <= skeleton.forms.len();
                is_whole.then_some(Self::Separate(Parts { main, forms, attached }))
            }
            _ => None,
        }
    }

    /// The configuration that is the application.
    pub fn main(&self) -> &'a str {
        match self {
            Self::Standard(main) => main,
            Self::Separate(parts) => parts.main,
        }
    }

    /// The configurations beside it.
    pub fn others(&self) -> Vec<&'a str> {
        match self {
            Self::Standard(_) => Vec::new(),
            Self::Separate(parts) => parts.forms.iter().copied().chain([parts.attached]).collect(),
        }
    }
}

fn form_id(skeleton: &Skeleton, name: &str) -> Option<String> {
    let file = skeleton.files.iter().find(|file| file.path == name)?;
    Some(Document::parse(&file.bytes).ok()?.root.find("様式ID")?.text())
}

impl Packing<'_> {
    /// Configures and signs each part, the application last.
    pub(super) fn sign_separately(
        &self,
        filing: &Filing<'_>,
        (files, parts): (&mut Vec<File>, Parts<'_>),
        (forms, title): (&[&Form], &str),
        attachments: Vec<Attachment>,
    ) -> Result<(), Unmade> {
        let mut main = document(files, parts.main)?;
        let mut named = Vec::new();
        if forms.len() > parts.forms.len() {
            return Err(unspoken());
        }
        for (n, name) in parts.forms.iter().enumerate() {
            let Some(form) = forms.get(n) else {
                files.retain(|file| file.path != *name);
                continue;
            };
            named.push((format!("{}の構成情報", form.form_name), (*name).to_owned()));
            named.push((form.form_name.clone(), form.apply_file_name.clone()));
            let mut of_form = document(files, name)?;
            self.describe(&mut of_form, filing, ("申請書作成", title));
            add(&mut of_form, named_form(form));
            self.sign(&mut of_form, files, std::slice::from_ref(&form.apply_file_name))?;
            put(files, name, of_form.to_bytes());
        }
        if attachments.is_empty() {
            files.retain(|file| file.path != parts.attached);
        } else {
            named.push(("添付書類の構成情報".to_owned(), parts.attached.to_owned()));
            let mut of_attached = document(files, parts.attached)?;
            self.describe(&mut of_attached, filing, ("添付書類署名", title));
            let mut signed = Vec::with_capacity(attachments.len());
            for one in attachments {
                attached::name(&mut of_attached, &one.name, &one.file_name)?;
                named.push((one.name, one.file_name.clone()));
                signed.push(one.file_name.clone());
                files.push(File::new(one.file_name, one.bytes));
            }
            self.sign(&mut of_attached, files, &signed)?;
            put(files, parts.attached, of_attached.to_bytes());
        }
        // Each goes right behind 管理情報: named from the last one on, they stand in their order.
        for (name, file_name) in named.iter().rev() {
            attached::name(&mut main, name, file_name)?;
        }
        self.describe(&mut main, filing, (kind(filing.act), title));
        let signed: Vec<String> = named.into_iter().map(|(_, file_name)| file_name).collect();
        self.sign(&mut main, files, &signed)?;
        put(files, parts.main, main.to_bytes());
        Ok(())
    }
}
