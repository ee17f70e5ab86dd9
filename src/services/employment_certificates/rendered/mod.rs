//! A certificate as people read it and as municipalities load it: PDF and Excel (.xlsx).
//!
//! How it flows: `sheet` puts a certificate into the rows of the standard form (標準的な様式) by the table in `shapes`; items
//! that a municipality added come below them (追加的記載項目). `pdf` draws the rows with the font in `font/`, through
//! `letters`; `xlsx` writes the same rows on one sheet, and on another one each item in a cell of its own and of its own
//! type. Both hold the same items, say what opens the certificate, and how it is verified.
//!
//! What it must never do: leave an item out; write a text so that a spreadsheet computes it; draw nothing where the font has
//! no such character.

mod letters;
mod pdf;
mod shapes;
mod sheet;
#[cfg(test)]
mod tests;
mod xlsx;

use super::CertificateContent;
use crate::catalog::procedures::Procedure;
use crate::domain::Fault;
use crate::store::HeldCertificate;
use letters::Letters;
use sheet::Sheet;
use std::sync::Arc;

/// As what a certificate is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendering {
    /// PDF/A-2a, tagged.
    Pdf,
    /// An Excel workbook.
    Xlsx,
}

impl Rendering {
    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// How a file of it ends.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
        }
    }
}

/// A certificate as a file.
#[derive(Debug)]
pub struct RenderedCertificate {
    /// As what.
    pub rendering: Rendering,
    /// What the file is called: the certificate's id, without anything personal.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Renders certificates.
pub(super) struct Renderer {
    letters: Arc<Letters>,
    verify_at: String,
}

impl Renderer {
    /// For a counter that verifies references at this address.
    pub fn new(verify_at: String) -> Self {
        Self { letters: Arc::new(Letters::new()), verify_at }
    }

    /// Renders one beside the workers: it takes some milliseconds.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be written.
    pub async fn render(
        &self,
        rendering: Rendering,
        (held, content): (&HeldCertificate, &CertificateContent),
        form: &Procedure,
    ) -> Result<RenderedCertificate, Fault> {
        let sheet = Sheet::of((held, content), form, &self.verify_at);
        let (letters, id) = (Arc::clone(&self.letters), held.certificate.id.to_string());
        let drawing = tokio::task::spawn_blocking(move || match rendering {
            Rendering::Pdf => pdf::draw(&sheet, &letters),
            Rendering::Xlsx => xlsx::write(&sheet),
        });
        let bytes = drawing.await.map_err(|error| Fault::Internal(error.to_string()))??;
        let file_name = format!("{id}.{}", rendering.extension());
        Ok(RenderedCertificate { rendering, file_name, bytes })
    }
}
