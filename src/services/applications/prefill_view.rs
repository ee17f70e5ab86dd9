//! A prefilled form, as its caller sees it.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What is known of a form's items already (ワンスオンリー), for the person to look through.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationPrefill)]
pub struct PrefillView {
    /// The form.
    #[schema(example = "child-allowance-claim-1")]
    pub form: String,
    /// Items for an application's `answers.applicant`: the rest is to be answered.
    #[schema(value_type = Object)]
    pub applicant: Map<String, Value>,
    /// Where each of them is from.
    pub items: Vec<PrefilledItem>,
    /// Items that self-information could fill, and that are left; and why.
    pub left: Vec<UnfilledItem>,
    /// Under which `GET /v1/receipts/{id}` gives the proof that this disclosure is in the log of evidence; absent where
    /// nothing was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "r_Zm9vYmFyYmF6cXV4MTIzNA")]
    pub receipt_id: Option<String>,
}

/// Where a prefilled item is from.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrefilledItem {
    /// The item of the form.
    #[schema(example = "address")]
    pub item: String,
    /// The data set (特定個人情報).
    #[schema(pattern = "^(TM|HI)[0-9]{14}$", example = "TM00000000000001")]
    pub data_set: String,
    /// The item of it.
    #[schema(pattern = "^[0-9]{10}$", example = "0100000050")]
    pub code: String,
    /// Who provided it (情報提供者), as told; may be empty.
    #[schema(example = "131121")]
    pub provider: String,
    /// When it was last changed there, 14 digits in Japan's time, as told; may be empty.
    #[schema(example = "20190401090703")]
    pub updated_at: String,
}

/// An item that is left to the person.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnfilledItem {
    /// The item of the form.
    #[schema(example = "address")]
    pub item: String,
    /// The data set that could have filled it.
    #[schema(pattern = "^(TM|HI)[0-9]{14}$", example = "TM00000000000001")]
    pub data_set: String,
    /// The item of it.
    #[schema(pattern = "^[0-9]{10}$", example = "0100000050")]
    pub code: String,
    /// Why: `not_consented`, `refused_by_citizen`, `no_value`, `unreadable`, `does_not_fit`, `not_in_time`, or the code or
    /// outcome with which `POST /v1/self-information-requests` would have answered.
    #[schema(example = "not_consented")]
    pub reason: String,
    /// Whether asking again may help.
    pub is_retryable: bool,
}
