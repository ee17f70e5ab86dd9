//! The kinds of callers, and how each calls an operation.

use super::bodies::body_of;
use super::document::{Operation, Security};
use super::stage::{BULK_FILE, Stage, claim_of, grant_of};
use crate::support::calls::{ASSERTION_TYPE, Caller, INCOME, Told, agreed, filing_tokens, wanted};
use crate::support::played::keys::{Key, unguessable};
use crate::support::played::third_party::Tokens;
use reqwest::RequestBuilder;

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Shows nothing.
    NoToken,
    /// Shows something that is no token, or no assertion.
    Garbage,
    /// Shows what was right some time ago.
    Expired,
    /// Shows the bound token as a bearer token (RFC 9449 §7.2).
    Bearer,
    /// Shows it in the query (RFC 6750 §2.3).
    InQuery,
    /// Has a token that is good for something else.
    WrongScope,
    /// Is another client, and asks for the bank's things.
    OtherClient,
    /// Signs the proof with another key.
    WrongKey,
    /// Sends a right call twice.
    Replayed,
    /// Acts on a consent that was revoked.
    Revoked,
    /// Does everything right.
    Right,
}

impl Kind {
    /// Every kind but [`Kind::Expired`], which needs the clock put forward. The right one comes last: it may end things.
    pub const BEFORE_THE_TOKENS_END: [Self; 10] = [
        Self::NoToken,
        Self::Garbage,
        Self::Bearer,
        Self::InQuery,
        Self::WrongScope,
        Self::OtherClient,
        Self::WrongKey,
        Self::Replayed,
        Self::Revoked,
        Self::Right,
    ];
}

/// Calls `operation` as `kind`.
pub async fn call(stage: &Stage, operation: &Operation, kind: Kind) -> Told {
    match operation.security {
        Security::Public if operation.id == "register_client" => {
            Told::by(stage.bank().request("POST", &operation.path).json(&serde_json::json!({}))).await
        }
        Security::Registration => {
            let path = operation.path.replace("{client_id}", &stage.bank.file.client_id);
            let request = stage.bank().request(&operation.method, &path).json(&serde_json::json!({}));
            Told::by(match kind {
                Kind::NoToken => request,
                _ => request.header("authorization", format!("Bearer {}", stage.tokens.access)),
            })
            .await
        }
        Security::Public => {
            let path = operation.path.replace("{path}", "0/000.p/1");
            Told::by(stage.bank().request(&operation.method, &path)).await
        }
        Security::Client => by_form(stage, operation, kind).await,
        Security::Token => by_token(stage, operation, kind).await,
    }
}

/// A path about applications, of which the bank has none.
fn of_applications(path: &str) -> String {
    path.replace("applications/{id}", "applications/app_unknown")
        .replace("application-attachments/{id}", "application-attachments/att_unknown")
        .replace("application-batches/{id}", "application-batches/abt_unknown")
        .replace("application-drafts/{id}", "application-drafts/dft_unknown")
        .replace("interview-slots/{id}", "interview-slots/isl_unknown")
        .replace("disasters/{code}", "disasters/R8-UNKNOWN")
        .replace("{attachment}", "att_unknown")
}

/// The operation's path, its parameters filled in with the bank's own things.
async fn path_of(stage: &Stage, operation: &Operation, tokens: &Tokens) -> String {
    let mut path = of_applications(&operation.path)
        .replace("application-forms/{code}", "application-forms/damage-certificate-1")
        .replace("forms/{code}", "forms/standard")
        .replace("{code}", if operation.is_filing() { "2200700" } else { INCOME })
        .replace("{corporate_number}", "7000012050002")
        .replace("{grant_id}", &grant_of(tokens))
        .replace("{share}", "dsh_unknown")
        .replace("{municipality_code}", "152048")
        .replace("{psid}", &stage.psid);
    if path.contains("/v1/delegations/{id}") {
        path = path.replace("{id}", &stage.delegation().await);
    } else if operation.is_filing() {
        let filing = if path.starts_with("/v1/bulk-submissions/") {
            stage.bulk(tokens, operation.id == "submit_bulk_submission").await
        } else if path.starts_with("/v1/employment-certificates/{id}") {
            stage.certificate(tokens).await
        } else if path.starts_with("/v1/employment-certificate-requests/{id}") {
            stage.certificate_request(tokens).await
        } else if path.starts_with("/v1/establishments/{id}") {
            stage.establishment(tokens).await
        } else if path.starts_with("/v1/deposits/{id}") {
            stage.deposit(tokens).await
        } else if path.starts_with("/agency/v1/payments/{id}") {
            "pmt_unknown".to_owned()
        } else if path.starts_with("/agency/v1/deposits/{id}") {
            "dep_unknown".to_owned()
        } else if path.contains("/v1/disposition-notices/{id}") {
            "dsn_unknown".to_owned()
        } else if path.starts_with("/agency/v1/notices/{id}") {
            "ntc_unknown".to_owned()
        } else if path.starts_with("/agency/v1/notices/bulk/{id}") {
            "nbk_unknown".to_owned()
        } else if path.starts_with("/v1/submission-drafts/") {
            stage.draft(tokens).await
        } else if path.starts_with("/v1/electronic-deliveries/") {
            stage.electronic_delivery().await
        } else if path.contains("{id}") {
            stage.submission(tokens, operation.id == "withdraw_submission").await
        } else {
            String::new()
        };
        let id = if operation.path.starts_with("/v1/documents") { stage.document(&filing).await } else { filing };
        path = path.replace("{id}", &id);
    } else if operation.id == "get_receipt" {
        path = stage.receipt(tokens).await;
    } else if path.starts_with("/v1/private-documents/{id}") {
        path = path.replace("{id}", "mihon-post.unknown");
    } else if path.starts_with("/v1/notices/{id}") {
        path = path.replace("{id}", "ntc_unknown").replace("{number}", "0");
    } else if path.contains("{id}") {
        path = stage.job(tokens).await;
    }
    assert!(!path.contains('{'), "{} has a parameter that these tests do not know", operation.id);
    path
}

/// A token that does not allow `operation`, of the bank's own consent.
async fn narrow_token(stage: &Stage, operation: &Operation) -> String {
    let is_openid = operation.scopes.iter().any(|scope| scope == "openid");
    stage.bank().narrowed(&stage.tokens, if is_openid { "self_information" } else { "openid" }).await
}

async fn by_token(stage: &Stage, operation: &Operation, kind: Kind) -> Told {
    let is_filing = operation.is_filing();
    let tokens = if is_filing { &stage.filing[0] } else { &stage.tokens };
    // A consent that a call may end is not the one of the token that it is made with.
    let may_end = operation.id == "revoke_grant" && matches!(kind, Kind::Right | Kind::WrongScope | Kind::Replayed);
    // A token in the query is exposed, and its consent is ended for it.
    let may_end = may_end || kind == Kind::InQuery;
    let named = if !may_end {
        tokens.clone()
    } else if is_filing {
        filing_tokens(&stage.bank()).await
    } else {
        stage.fresh().await
    };
    let path = match kind {
        // Its job could not be made any more: the clock has moved on, and the token is looked at first.
        Kind::Expired => operation.path.replace("{id}", "r_unknown").replace("{grant_id}", &grant_of(&stage.tokens)),
        _ => path_of(stage, operation, &named).await,
    };
    let bank = stage.bank();
    let token = match kind {
        Kind::Garbage => "not.a.token".to_owned(),
        Kind::WrongScope if operation.has_scopes() => narrow_token(stage, operation).await,
        Kind::OtherClient if is_filing => stage.filing[1].access.clone(),
        Kind::OtherClient => stage.others.access.clone(),
        Kind::Revoked if is_filing => stage.filing[2].access.clone(),
        Kind::Revoked => stage.revoked.access.clone(),
        Kind::InQuery => named.access.clone(),
        _ => tokens.access.clone(),
    };
    let caller = if kind == Kind::OtherClient { stage.other() } else { stage.bank() };
    let key = if kind == Kind::WrongKey { &stage.wrong_key } else { &caller.party.binding };
    let call = TokenCall { operation, path: &path, key, token: &token };
    match kind {
        Kind::NoToken => Told::by(call.request(&bank, "")).await,
        Kind::InQuery => Told::by(call.request(&bank, &format!("?access_token={token}"))).await,
        Kind::Bearer => Told::by(call.request(&bank, "").header("authorization", format!("Bearer {token}"))).await,
        Kind::Replayed => {
            let proof = call.proof(&bank);
            let first = Told::by(call.with(&bank, &proof)).await;
            let wanted = super::rules::common(operation, Kind::Right);
            assert!(wanted.contains(&first.brief()), "{}: {first:?}", operation.id);
            Told::by(call.with(&bank, &proof)).await
        }
        _ => Told::by(call.with(&caller, &call.proof(&caller))).await,
    }
}

/// A call with a token.
struct TokenCall<'a> {
    operation: &'a Operation,
    path: &'a str,
    key: &'a Key,
    token: &'a str,
}

impl TokenCall<'_> {
    fn proof(&self, caller: &Caller<'_>) -> String {
        let target = format!("{}{}", caller.party.file.issuer, self.path);
        self.key.proof(&self.operation.method, &target, Some(self.token), caller.party.last_nonce().as_deref()).unwrap()
    }

    /// Everything but the token; with a proof, lest its absence be the reason.
    fn request(&self, caller: &Caller<'_>, query: &str) -> RequestBuilder {
        self.bare(caller, query).header("dpop", self.proof(caller))
    }

    fn with(&self, caller: &Caller<'_>, proof: &str) -> RequestBuilder {
        self.bare(caller, "").header("authorization", format!("DPoP {}", self.token)).header("dpop", proof)
    }

    fn bare(&self, caller: &Caller<'_>, query: &str) -> RequestBuilder {
        let target = format!("{}{query}", self.path);
        let prefer = if self.operation.id == "create_life_event" { "dry-run" } else { "wait=0" };
        let request = caller.request(&self.operation.method, &target).header("prefer", prefer);
        if matches!(
            self.operation.id.as_str(),
            "append_bulk_submission" | "append_agency_notice_bulk" | "append_application_attachment"
        ) {
            let request = request.header("content-type", "application/partial-upload");
            return request.header("upload-offset", "0").body(BULK_FILE);
        }
        let request = match self.operation.id.as_str() {
            "put_submission_draft" | "put_application_draft" | "put_agency_disaster" => request.header("if-match", "*"),
            "call_mcp" => {
                let request = request.header("accept", "application/json, text/event-stream");
                return request.json(&serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}));
            }
            _ => request,
        };
        let has_body = matches!(self.operation.method.as_str(), "POST" | "PUT");
        if has_body && ["/v1/", "/agency/v1/"].iter().any(|family| self.operation.path.starts_with(family)) {
            return request.header("idempotency-key", unguessable()).json(&body_of(&self.operation.id, caller));
        }
        request
    }
}

async fn by_form(stage: &Stage, operation: &Operation, kind: Kind) -> Told {
    let caller = stage.bank();
    let party = if kind == Kind::OtherClient { &stage.other } else { &stage.bank };
    let assertion = match kind {
        Kind::Garbage => "not.an.assertion".to_owned(),
        _ => party.assertion().unwrap(),
    };
    let mut form = fields(stage, operation, kind).await;
    let key = if kind == Kind::WrongKey { &stage.wrong_key } else { &party.binding };
    let proof = |key: &Key| {
        let target = format!("{}{}", stage.installation.public_url, operation.path);
        key.proof("POST", &target, None, stage.bank.last_nonce().as_deref()).unwrap()
    };
    let own =
        [("client_assertion_type".to_owned(), ASSERTION_TYPE.to_owned()), ("client_assertion".to_owned(), assertion)];
    let is_in_the_form = !matches!(kind, Kind::NoToken | Kind::Bearer | Kind::InQuery);
    if is_in_the_form {
        form.extend(own.clone());
    }
    let query = match kind {
        Kind::InQuery => format!("?{}={}&{}={}", own[0].0, own[0].1, own[1].0, own[1].1),
        _ => String::new(),
    };
    let path = format!("{}{query}", operation.path);
    let mut request = caller.request("POST", &path).header("dpop", proof(key)).form(&form);
    match kind {
        Kind::Bearer => request = request.header("authorization", format!("Bearer {}", own[1].1)),
        Kind::Replayed => {
            let first = caller.request("POST", &operation.path).header("dpop", proof(key)).form(&form);
            let first = Told::by(first).await;
            assert!((200..300).contains(&first.status), "{}: {first:?}", operation.id);
        }
        _ => {}
    }
    let told = Told::by(request).await;
    check_the_others(stage, operation, kind, &told).await;
    told
}

/// What a form says besides who sends it.
async fn fields(stage: &Stage, operation: &Operation, kind: Kind) -> Vec<(String, String)> {
    let bank = &stage.bank.file;
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let refresh = if kind == Kind::Revoked { &stage.revoked.refresh } else { &stage.tokens.refresh };
    let refresh = refresh.as_deref().expect("a refresh token");
    match operation.id.as_str() {
        "push_authorization_request" => {
            let scope = if kind == Kind::WrongScope { "unheard_of" } else { "openid self_information" };
            let mut form = vec![
                own("client_id", &bank.client_id),
                own("response_type", "code"),
                own("redirect_uri", &bank.redirect_uri),
                own("scope", scope),
                own("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                own("code_challenge_method", "S256"),
                own("authorization_details", &wanted().to_string()),
            ];
            // The key of the proof must be the one that is named (RFC 9449 §10.1).
            form.extend((kind == Kind::WrongKey).then(|| own("dpop_jkt", stage.bank.binding.thumbprint())));
            form
        }
        // A confidential client's refresh token is bound to the client, its code to the key too (RFC 9449 §5, §10).
        "issue_token" if kind == Kind::WrongKey => code_form(stage).await,
        "issue_token" => {
            let mut form = vec![own("grant_type", "refresh_token"), own("refresh_token", refresh)];
            form.extend((kind == Kind::WrongScope).then(|| own("scope", "catalog")));
            form
        }
        "authorize_device" => {
            let scope = if kind == Kind::WrongScope { "openid offline_access" } else { "openid" };
            vec![own("scope", scope)]
        }
        // Another client's `sub` leads to nobody, and a revoked consent leaves the person known.
        "authenticate_backchannel" => {
            let scope = if kind == Kind::WrongScope { "self_information" } else { "openid" };
            let sub = claim_of(&stage.tokens, "sub");
            vec![own("scope", scope), own("login_hint", &sub), own("binding_message", "3番窓口")]
        }
        "introspect_token" => {
            let mut form = vec![own("token", refresh)];
            form.extend((kind == Kind::WrongScope).then(|| own("scope", "catalog")));
            form
        }
        "revoke_token" => {
            let may_end = matches!(kind, Kind::Right | Kind::WrongScope | Kind::WrongKey | Kind::Replayed);
            let token = if may_end { stage.fresh().await.refresh.unwrap() } else { refresh.to_owned() };
            vec![own("token", &token)]
        }
        // So that what takes a form is described here before it is called.
        id => unreachable!("{id} takes a form that these tests do not know"),
    }
}

/// A right exchange of a new code.
async fn code_form(stage: &Stage) -> Vec<(String, String)> {
    let (pending, answer) = agreed(&stage.installation, &stage.bank).await;
    let code = answer.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        own("grant_type", "authorization_code"),
        own("code", &code),
        own("redirect_uri", &stage.bank.file.redirect_uri),
        own("code_verifier", pending.verifier()),
    ]
}

/// Another client learns nothing of a token and ends none; a revoked token is known to nobody.
async fn check_the_others(stage: &Stage, operation: &Operation, kind: Kind, told: &Told) {
    if !matches!(kind, Kind::OtherClient | Kind::Revoked) {
        return;
    }
    match operation.id.as_str() {
        "introspect_token" => assert_eq!(told.body, serde_json::json!({"active": false}), "{kind:?}"),
        "revoke_token" => {
            let alive = stage.bank().call(&stage.tokens.access, "GET", "/v1/consent", None).await;
            assert_eq!(alive.status, 200, "another client ended the bank's consent");
        }
        _ => {}
    }
}
