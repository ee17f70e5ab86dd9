//! The pieces of a text, each under a name of its own.

use crate::catalog::record::kind_tag;
use crate::catalog::services::blocks::Block;
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

kind_tag! {
    ParagraphKind = "paragraph", ListKind = "list", TableKind = "table", LinkKind = "link",
}

/// Plain text; a line break is `\n`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ParagraphBlock {
    #[doc = concat!("Always `paragraph`.")]
    #[schema(inline)]
    pub kind: ParagraphKind,
    /// The text.
    pub text: String,
}

/// A list without order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListBlock {
    #[doc = concat!("Always `list`.")]
    #[schema(inline)]
    pub kind: ListKind,
    /// What is listed.
    pub items: Vec<String>,
}

/// A table. Cells that go on from above or from the left repeat what they go on from; every row has as many cells.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TableBlock {
    #[doc = concat!("Always `table`.")]
    #[schema(inline)]
    pub kind: TableKind,
    /// The first row, where there are more.
    pub columns: Vec<String>,
    /// The other rows.
    pub rows: Vec<Vec<String>>,
}

/// A link.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkBlock {
    #[doc = concat!("Always `link`.")]
    #[schema(inline)]
    pub kind: LinkKind,
    /// What is there.
    pub text: String,
    /// The address, https.
    #[schema(value_type = String, format = "uri")]
    pub url: Url,
}

/// A piece of a text; `kind` says which of them it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "kind", mapping(
    ("paragraph" = "#/components/schemas/ParagraphBlock"),
    ("list" = "#/components/schemas/ListBlock"),
    ("table" = "#/components/schemas/TableBlock"),
    ("link" = "#/components/schemas/LinkBlock"),
)))]
pub enum ServiceBlock {
    /// Plain text.
    Paragraph(ParagraphBlock),
    /// A list.
    List(ListBlock),
    /// A table.
    Table(TableBlock),
    /// A link.
    Link(LinkBlock),
}

impl From<&Block> for ServiceBlock {
    fn from(block: &Block) -> Self {
        match block.clone() {
            Block::Paragraph { text } => Self::Paragraph(ParagraphBlock { kind: ParagraphKind, text }),
            Block::List { items } => Self::List(ListBlock { kind: ListKind, items }),
            Block::Table { columns, rows } => Self::Table(TableBlock { kind: TableKind, columns, rows }),
            Block::Link { text, url } => Self::Link(LinkBlock { kind: LinkKind, text, url }),
        }
    }
}
