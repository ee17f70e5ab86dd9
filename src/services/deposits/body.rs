//! What is handed in about deposits, read strictly.

use crate::catalog::deposits::{DepositProcedure, DepositRules};
use crate::domain::deposit::{ByteSpan, Holding, Pieces};
use crate::domain::{Digest, Refusal};
use crate::services::body::unknown;
use serde::Deserialize;
use url::{Url, form_urlencoded};
use utoipa::ToSchema;

/// Most characters of an address.
const LONGEST_ADDRESS: usize = 2000;
/// Most characters of a name.
const LONGEST_NAME: usize = 200;

/// That a procedure will be filed by cloud.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepositRequest {
    /// The agency, by its name: `GET /v1/agencies`.
    #[schema(example = "tax")]
    pub agency: String,
    /// The procedure: `GET /v1/deposits/procedures`.
    #[schema(example = "tax-withholding-statements-by-cloud")]
    pub procedure: String,
    /// The company whose data it is (法人番号); your own when not said. Another one must have delegated the procedure to you.
    #[schema(nullable = false, example = "7000012050002")]
    pub applicant: Option<String>,
    /// Where the company's cloud is: `https://`, host and port, and nothing else.
    #[schema(format = "uri", example = "https://cloud.example")]
    pub cloud_origin: String,
    /// Your own name for it, at most 200 characters.
    #[schema(nullable = false)]
    pub reference: Option<String>,
}

/// What is filed: where it is, and by what it is known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepositFiling {
    /// Its address, under the cloud's origin. It must answer `Range` with `206`.
    #[schema(format = "uri", example = "https://cloud.example/ledgers/2026.csv")]
    pub location: String,
    /// How many bytes it is.
    #[schema(example = 1_048_577)]
    pub size: u64,
    /// Its media type: one of the procedure's.
    #[schema(example = "text/csv")]
    pub media_type: String,
    /// The schema that it is in, at most 200 characters: an address or a name that the agency knows.
    #[schema(example = "https://schemas.example/withholding/2026")]
    pub schema: String,
    /// SHA-256 of the whole (base64url, no padding).
    #[schema(example = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    pub sha256: String,
    /// SHA-256 of each piece of 1048576 bytes, in order; the last piece is the rest. So any part can be checked without the
    /// whole.
    pub pieces: Vec<String>,
}

/// What something that stays in a cloud may be.
pub(super) struct Bounds<'a> {
    pub media_types: &'a [String],
    pub largest_bytes: u64,
    /// Its place in the body: a JSON pointer.
    pub at: &'a str,
}

impl DepositRequest {
    /// The origin as it is kept.
    pub(super) fn origin(&self) -> Result<String, Refusal> {
        let wrong = || {
            let words = "It must be `https://`, a host and a port if it is not 443, and nothing else.";
            Refusal::new("invalid_value", words).at("/cloud_origin")
        };
        let url = address(&self.cloud_origin).ok_or_else(wrong)?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_bare = is_bare && url.username().is_empty() && url.password().is_none();
        if is_bare { Ok(url.origin().ascii_serialization()) } else { Err(wrong()) }
    }

    /// The filer's own name for it.
    pub(super) fn own_name(&self) -> Result<Option<String>, Refusal> {
        self.reference.as_deref().map(|text| name(text, "/reference")).transpose()
    }
}

impl DepositFiling {
    /// What is filed, and the digests of its pieces.
    pub(super) fn read(&self, bounds: &Bounds<'_>, origin: &str) -> Result<(Holding, Pieces), Refusal> {
        let wrong = |at: &str, words: String| Refusal::new("invalid_value", words).at(format!("{}{at}", bounds.at));
        let url = address(&self.location).filter(|url| {
            url.origin().ascii_serialization() == origin
                && url.username().is_empty()
                && url.password().is_none()
                && url.fragment().is_none()
        });
        let url = url.ok_or_else(|| wrong("/location", format!("It must be an address under {origin}.")))?;
        let most = bounds.largest_bytes;
        if !(1..=most).contains(&self.size) {
            return Err(wrong("/size", format!("It must be 1 to {most} bytes.")));
        }
        bounds.check_type(&self.media_type)?;
        let digest = |text: &str, at: &str| digest(text, &format!("{}{at}", bounds.at));
        let wanted = Pieces::count(self.size);
        if self.pieces.len() != wanted {
            return Err(wrong("/pieces", format!("{} bytes have {wanted} pieces.", self.size)));
        }
        let pieces = self.pieces.iter().enumerate().map(|(n, text)| digest(text, &format!("/pieces/{n}")));
        let pieces = Pieces::of(pieces.collect::<Result<_, _>>()?, self.size);
        let holding = Holding {
            location: url.into(),
            size: self.size,
            media_type: self.media_type.clone(),
            schema: name(&self.schema, &format!("{}/schema", bounds.at))?,
            digest: digest(&self.sha256, "/sha256")?,
        };
        Ok((holding, pieces.map_err(|words| wrong("/pieces", format!("It {words}.")))?))
    }
}

impl<'a> Bounds<'a> {
    /// Those of a procedure.
    pub(super) fn of(procedure: &'a DepositProcedure) -> Self {
        Self { media_types: &procedure.media_types, largest_bytes: procedure.largest_bytes, at: "" }
    }

    /// Whether something may be of this media type.
    pub(super) fn check_type(&self, media_type: &str) -> Result<(), Refusal> {
        let words = || format!("It must be one of: {}.", self.media_types.join(", "));
        let wrong = || Refusal::new("invalid_value", words()).at(format!("{}/media_type", self.at));
        if self.media_types.iter().any(|one| one == media_type) { Ok(()) } else { Err(wrong()) }
    }
}

/// A digest that is handed in at this place.
pub(super) fn digest(text: &str, at: &str) -> Result<Digest, Refusal> {
    let wrong = || Refusal::new("invalid_value", "It must be a SHA-256 digest: 43 characters of base64url.").at(at);
    Digest::parse(text).ok_or_else(wrong)
}

/// An address that is neither too long nor holds what an address may not.
pub(super) fn address(text: &str) -> Option<Url> {
    let is_plain = text.len() <= LONGEST_ADDRESS && text.bytes().all(|byte| byte.is_ascii_graphic());
    Url::parse(text).ok().filter(|url| is_plain && url.has_host())
}

/// Where what is at such an address comes from.
pub(super) fn origin_of(location: &str) -> Option<String> {
    address(location).map(|url| url.origin().ascii_serialization())
}

/// A name that is handed in at this place.
pub(super) fn name(text: &str, at: &str) -> Result<String, Refusal> {
    let is_good =
        !text.trim().is_empty() && text.chars().count() <= LONGEST_NAME && !text.chars().any(char::is_control);
    let wrong =
        || Refusal::new("invalid_value", format!("It must be 1 to {LONGEST_NAME} printable characters.")).at(at);
    is_good.then(|| text.to_owned()).ok_or_else(wrong)
}

/// What data is asked for.
pub(super) fn purpose(rules: &DepositRules, query: &str) -> Result<String, Refusal> {
    let known = || rules.purposes().iter().map(|one| one.code.as_str()).collect::<Vec<_>>().join(", ");
    let mut said = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "purpose" if said.is_none() => said = Some(value.into_owned()),
            "purpose" => return Err(Refusal::new("invalid_value", "Say one purpose.").at("purpose")),
            _ => return Err(unknown(&name, "purpose")),
        }
    }
    let is_known = |said: &String| rules.purposes().iter().any(|one| one.code == *said);
    let wrong = || Refusal::new("invalid_value", format!("Say what for: {}.", known())).at("purpose");
    said.filter(is_known).ok_or_else(wrong)
}

/// Which bytes are asked for: those of `Range`, unless `If-Range` names another content than this one (RFC 9110 §13.1.5).
pub(super) fn span(
    (range, if_range): (Option<&str>, Option<&str>),
    (size, tag): (u64, &str),
) -> Result<Option<ByteSpan>, Refusal> {
    let range = range.filter(|_| if_range.is_none_or(|told| told.trim() == tag));
    let read = range.map(|range| ByteSpan::read(range, size)).transpose();
    let beyond = |_| {
        let words = format!("The range begins after the end: it is {size} bytes.");
        Refusal::new("range_not_satisfiable", words).at("Range")
    };
    read.map_err(beyond).map(Option::flatten)
}
