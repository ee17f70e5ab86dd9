//! What is attached to a form (添付書類).

use super::Unmade;
use crate::domain::Fault;
use crate::domain::submission::Finding;
use crate::domain::xml::{Document, Element, Node};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

/// Most files attached.
const MOST_ATTACHED: usize = 20;

/// Something attached, as the content says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attached {
    name: String,
    file_name: String,
    /// Base64.
    data: String,
}

/// Something attached.
pub(super) struct Attachment {
    pub name: String,
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// What is wrong with what is attached.
pub(in crate::adapters::agency::egov) fn attachment_findings(content: &Value) -> Vec<Finding> {
    match read(content) {
        Err(Unmade::Findings(findings)) => findings,
        _ => Vec::new(),
    }
}

/// What a content attaches.
pub(super) fn read(content: &Value) -> Result<Vec<Attachment>, Unmade> {
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

/// Names a file that goes with it in a configuration, after what else that manages.
pub(super) fn name(main: &mut Document, title: &str, file_name: &str) -> Result<(), Unmade> {
    let missing = || Fault::Internal("e-Gov's blank configuration has no 管理情報".into());
    let path = main.root.path_to("管理情報").ok_or_else(missing)?;
    let (last, above) = path.split_last().ok_or_else(missing)?;
    let parent = main.root.at_mut(above).ok_or_else(missing)?;
    let block = Element::with_children(
        "添付書類属性情報",
        vec![
            Element::with_text("添付種別", "添付"),
            Element::with_text("添付書類名称", title),
            Element::with_text("添付書類ファイル名称", file_name),
            Element::with_text("提出情報", "1"),
        ],
    );
    parent.children.insert(last + 1, Node::Element(block));
    Ok(())
}
