//! Every problem there is: code, status and titles.

/// One row of the table.
#[derive(Debug)]
pub struct Kind {
    /// Stable code, last part of the `type` address.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Title in English.
    pub title: &'static str,
    /// Title in Japanese.
    pub title_ja: &'static str,
}

pub(super) const fn kind(code: &'static str, status: u16, title: &'static str, title_ja: &'static str) -> Kind {
    Kind { code, status, title, title_ja }
}

/// Every problem there is.
pub const TABLE: &[Kind] = &[
    kind("invalid_request", 400, "The request is malformed", "リクエストの形式が正しくありません"),
    kind(
        "invalid_token",
        401,
        "The access token is missing or not valid",
        "アクセストークンがないか、有効ではありません",
    ),
    kind("invalid_dpop_proof", 401, "The DPoP proof is missing or not valid", "DPoP証明がないか、有効ではありません"),
    kind("use_dpop_nonce", 401, "The DPoP proof must carry the nonce given here", "DPoP証明に指定のnonceが必要です"),
    kind(
        "insufficient_user_authentication",
        401,
        "The citizen must sign in more surely or anew",
        "本人のより確実な、または改めてのサインインが必要です",
    ),
    kind(
        "insufficient_scope",
        403,
        "The access token does not allow this",
        "このアクセストークンでは許可されていません",
    ),
    kind("client_suspended", 403, "The client has been suspended", "このクライアントは停止されています"),
    kind("not_consented", 403, "The citizen has not consented to this", "本人の同意がありません"),
    kind("outside_consented_period", 403, "Outside the consented period", "同意された対象期間の外です"),
    kind(
        "consent_used_up",
        403,
        "The consent was for one retrieval, which has been made",
        "1回限りの同意は既に使用されています",
    ),
    kind(
        "consent_limit_reached",
        403,
        "The consent is used as often as the citizen allowed for now",
        "本人が許可した取得回数に達しています",
    ),
    kind(
        "predicate_limit_reached",
        403,
        "As many thresholds of this fact were told as may be",
        "この項目について回答できるしきい値の数に達しています",
    ),
    kind("consent_paused", 403, "The citizen has paused the consent", "本人が同意を一時停止しています"),
    kind(
        "consent_outgrown",
        403,
        "The client's registration goes beyond what the citizen agreed to",
        "利用者登録の内容が本人の同意の範囲を超えています",
    ),
    kind(
        "refused_by_policy",
        403,
        "A rule of this service does not allow this",
        "本サービスの規則により許可されていません",
    ),
    kind("not_delegated", 403, "The company has not delegated this to the filer", "申請者からの委任がありません"),
    kind("not_linked", 403, "The account is linked with no delivery provider", "送達事業者と連携されていません"),
    kind("not_found", 404, "There is nothing here", "見つかりません"),
    kind("receipt_pending", 404, "The receipt is not in the log yet", "受領証はまだログに記録されていません"),
    kind("method_not_allowed", 405, "The method is not allowed here", "このメソッドは使用できません"),
    kind("not_acceptable", 406, "The answer cannot be given in the form asked for", "求められた形式では回答できません"),
    kind("request_timeout", 408, "The request took too long to arrive", "リクエストの受信に時間がかかりすぎました"),
    kind("conflict", 409, "The request is in a state that does not allow this", "現在の状態では実行できません"),
    kind(
        "card_not_shown",
        409,
        "It is not known which card the citizen signed in with",
        "利用者がどのカードでサインインしたか確認できません",
    ),
    kind("slot_full", 409, "The last place at this time is taken", "この日時は満員です"),
    kind("slot_gone", 409, "The municipality withdrew this time", "この日時は取りやめになりました"),
    kind("interview_too_late", 409, "The deadline of this time has passed", "この日時の締切を過ぎています"),
    kind("already_booked", 409, "Another time is booked than was said", "指定と異なる日時が予約されています"),
    kind("interview_not_held", 409, "The interview was not held yet", "面談がまだ実施されていません"),
    kind(
        "signature_not_valid",
        409,
        "The electronic signature does not count any more",
        "電子署名が有効ではありません",
    ),
    kind("not_insured", 409, "No insurer knows this citizen", "医療保険の加入を確認できません"),
    kind("not_cancellable", 409, "It has gone too far to be called off", "手続が進んでいるため取り消せません"),
    kind(
        "kept_by_duty",
        409,
        "The company has the duty to keep it still",
        "保存義務の期間中のため、取り下げることができません",
    ),
    kind("result_gone", 410, "The result is not kept any more", "結果は既に保存されていません"),
    kind("precondition_failed", 412, "It is not what the caller saw any more", "内容が変更されています"),
    kind("content_too_large", 413, "The request body is too large", "リクエスト本文が大きすぎます"),
    kind("uri_too_long", 414, "The address is too long", "URIが長すぎます"),
    kind(
        "unsupported_media_type",
        415,
        "The request body is of the wrong type",
        "リクエスト本文の種類が正しくありません",
    ),
    kind("range_not_satisfiable", 416, "The range begins after the end", "指定された範囲は存在しません"),
    kind("operation_gone", 410, "The operation is not served any more", "この操作の提供は終了しました"),
    kind("unknown_data_set", 422, "There is no such data set", "該当する特定個人情報はありません"),
    kind(
        "invalid_condition",
        422,
        "The condition makes no sense for this data set",
        "この特定個人情報には使用できない照会条件です",
    ),
    kind(
        "invalid_filing",
        422,
        "The filing does not keep the rules of its procedure",
        "届出の内容が手続の規則に合っていません",
    ),
    kind("invalid_value", 422, "A value is not acceptable", "値が正しくありません"),
    kind(
        "card_number_refused",
        422,
        "A text holds what looks like a card number, which is never taken here",
        "カード番号とみられる数字が含まれています。この窓口ではカード番号を一切受け付けません",
    ),
    kind(
        "idempotency_key_reused",
        422,
        "The idempotency key was used for another request",
        "Idempotency-Keyが別のリクエストで使用されています",
    ),
    kind("rate_limited", 429, "Too many requests", "リクエストが多すぎます"),
    kind("header_fields_too_large", 431, "The header fields are too large", "ヘッダーが大きすぎます"),
    kind("internal_error", 500, "Something broke on our side", "サーバー内部で問題が発生しました"),
    kind("cloud_refused", 502, "The cloud where it is kept does not give it", "保管先のクラウドがデータを提供しません"),
    kind("provider_refused", 502, "The delivery provider's answer cannot be used", "送達事業者の応答を利用できません"),
    kind("document_not_verified", 502, "The document's signature does not hold", "書類の電子署名を確認できません"),
    kind("digest_mismatch", 502, "It is not what was filed", "提出時のデータと一致しません"),
    kind("temporarily_unavailable", 503, "The service is not available for the moment", "現在サービスを利用できません"),
    kind(
        "under_maintenance",
        503,
        "The system that answers this is stopped as planned",
        "この手続を受け持つシステムは計画停止中です",
    ),
    kind(
        "not_conformant",
        503,
        "A clause of the security profile is broken here",
        "セキュリティプロファイルの条が破られています",
    ),
    kind(
        "evidence_unavailable",
        503,
        "The log of evidence takes no more for the moment",
        "証跡ログが現在記録を受け付けられません",
    ),
    kind(
        "provision_records_unavailable",
        503,
        "The records of exchanges cannot be read for the moment",
        "情報提供等記録を現在照会できません",
    ),
    kind(
        "health_insurance_unavailable",
        503,
        "The qualification system cannot be reached for the moment",
        "オンライン資格確認等システムに現在接続できません",
    ),
    kind(
        "signatures_unavailable",
        503,
        "Electronic signatures cannot be made or verified for the moment",
        "電子署名の付与または検証を現在行えません",
    ),
    kind(
        "payments_not_offered",
        503,
        "Nothing can be paid by this service",
        "このサービスでは公金決済を提供していません",
    ),
    kind(
        "payment_service_unreachable",
        504,
        "The payment service cannot be reached: whether it is being paid is not known",
        "決済サービスに接続できないため、支払いの状況を確認できません",
    ),
    kind("deadline_exceeded", 503, "The request could not be answered in time", "時間内に回答できませんでした"),
    kind("provider_unreachable", 504, "The delivery provider cannot be reached", "送達事業者に接続できません"),
    kind("cloud_unreachable", 504, "The cloud where it is kept cannot be reached", "保管先のクラウドに接続できません"),
];
