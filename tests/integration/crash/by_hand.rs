//! Calls that a careful client never makes: the same proof, assertion or code once more.

use crate::support::played::third_party::ThirdParty;
use serde_json::Value;

impl ThirdParty {
    /// The token endpoint with exactly this form and a fresh proof; gives status and body.
    pub async fn token_form(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let url = self.token_endpoint().expect("a token endpoint");
        let mut answer = (0, Value::Null);
        for _ in 0..2 {
            let proof = self.binding.proof("POST", &url, None, self.last_nonce().as_deref()).expect("a proof");
            let response = self.http.post(&url).header("dpop", proof).form(form).send().await.expect("an answer");
            let is_challenge = self.keep_nonce(response.headers());
            answer = (response.status().as_u16(), response.json().await.unwrap_or(Value::Null));
            if !(is_challenge && answer.1["error"] == "use_dpop_nonce") {
                break;
            }
        }
        answer
    }

    /// A GET with exactly this token and proof; gives status and body.
    pub async fn raw_get(&self, url: &str, access: &str, proof: &str) -> (u16, Value) {
        let request = self.http.get(url).header("authorization", format!("DPoP {access}")).header("dpop", proof);
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }

    /// RFC 7009; gives the status.
    pub async fn revoke(&self, token: &str) -> anyhow::Result<u16> {
        let form = [
            ("token", token),
            ("client_assertion_type", super::ASSERTION_TYPE),
            ("client_assertion", &self.assertion()?),
        ];
        Ok(self.http.post(format!("{}/oauth/revoke", self.file.issuer)).form(&form).send().await?.status().as_u16())
    }
}
