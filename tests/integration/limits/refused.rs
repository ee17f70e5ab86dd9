//! A call that is refused after it was counted tells where its limits stand, like one that is answered.

use crate::support::calls::{Caller, consented, retrieval};
use crate::support::installation::Installation;
use madoguchi::domain::client::ClientClass;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_after_counting_tell_where_the_limits_stand() {
    let installation = Installation::start(1).await;
    let bank = installation.party("bank", ClientClass::Bank, "standard").await;
    let caller = Caller::new(&bank, &installation, 0);
    let tokens = consented(&installation, &bank).await;
    let unknown = json!({"data_sets": [{"code": "TM99999999999999", "condition": {"kind": "tax_year", "year": 2025}}]});
    let refused = [
        caller.form("/oauth/token", &[("grant_type", "authorization_code"), ("code", "x")]).await,
        caller.form("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await,
        caller.form("/oauth/par", &[("client_id", "bank"), ("response_type", "token")]).await,
        caller.form("/oauth/introspect", &[]).await,
        caller.call(&tokens.access, "GET", "/oauth/grants/g_Zm9vYmFyYmF6cXV4MTIzNA", None).await,
        caller.call(&tokens.access, "POST", "/v1/self-information-requests", Some(&unknown)).await,
        caller.call(&tokens.access, "GET", "/v1/self-information-requests/sir_Zm9vYmFyYmF6cXV4MTIzNA", None).await,
    ];
    for told in refused {
        assert!((400..500).contains(&told.status) && told.status != 401, "{told:?}");
        assert!(told.header("ratelimit-policy").contains(r#""client";q="#), "{told:?}");
        assert!(told.header("ratelimit").contains(r#""client";r="#), "{told:?}");
        assert_eq!(told.headers.get_all("ratelimit").iter().count(), 1, "{told:?}");
    }
    // Answers carry them once too, and what is refused before it is counted carries none.
    let told = caller.call(&tokens.access, "POST", "/v1/self-information-requests", Some(&retrieval())).await;
    assert_eq!((told.status, told.headers.get_all("ratelimit").iter().count()), (202, 1), "{told:?}");
    let told = caller.call("x", "GET", "/v1/consent", None).await;
    assert_eq!((told.status, told.header("ratelimit")), (401, ""), "{told:?}");
}
