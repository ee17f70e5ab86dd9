//! The pages' few static files, embedded and named by their content, so that browsers may keep them for good.

use crate::domain::Digest;
use actix_web::http::header;
use actix_web::{HttpResponse, web};

pub(super) const CSS: &str = include_str!("assets/madoguchi.css");
/// The script of the page that checks receipts.
pub(super) const VERIFY: &str = include_str!("assets/verify.js");
const MARK: &str = include_str!("assets/mark.svg");

/// Where the static files are found.
#[derive(Clone, Debug)]
pub struct Assets {
    /// Path of the style sheet.
    pub css: String,
    /// Path of the mark, as an icon.
    pub mark: String,
    /// Path of the script that checks receipts.
    pub verify: String,
}

impl Assets {
    /// The paths, each with a digest of its content.
    #[must_use]
    pub fn new() -> Self {
        let named = |name: &str, extension: &str, content: &str| {
            let digest = Digest::of(content).base64url();
            format!("/assets/{name}.{}.{extension}", digest.get(..12).unwrap_or_default())
        };
        Self {
            css: named("madoguchi", "css", CSS),
            mark: named("mark", "svg", MARK),
            verify: named("verify", "js", VERIFY),
        }
    }
}

impl Default for Assets {
    fn default() -> Self {
        Self::new()
    }
}

/// `GET /assets/{name}`
pub(super) async fn serve(pages: web::Data<super::Pages>, name: web::Path<String>) -> HttpResponse {
    let path = format!("/assets/{name}");
    let (content, kind) = if path == pages.assets.css {
        (CSS, "text/css; charset=utf-8")
    } else if path == pages.assets.mark {
        (MARK, "image/svg+xml")
    } else if path == pages.assets.verify {
        (VERIFY, "text/javascript; charset=utf-8")
    } else {
        return HttpResponse::NotFound().insert_header((header::CACHE_CONTROL, "no-store")).finish();
    };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // An SVG can be opened as a document of its own: then it may do nothing at all.
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox"))
        .body(content)
}
