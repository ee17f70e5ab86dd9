//! Checks of metadata: what the served document says, against what the check wants of it.

use super::catalogue::Check;
use super::report::State;
use serde_json::Value;

/// The state, and the line of the document that it follows from.
pub(super) fn look(check: &Check, document: &Value) -> (State, String) {
    let pointer = check.pointer.as_deref().unwrap_or_default();
    let found = document.pointer(pointer).filter(|value| !value.is_null());
    let line = match found {
        Some(value) => format!("{} = {value}", pointer.trim_start_matches('/')),
        None => format!("{} is not there", pointer.trim_start_matches('/')),
    };
    (if holds(check, found) { State::Met } else { check.otherwise }, line)
}

fn holds(check: &Check, found: Option<&Value>) -> bool {
    let Some(value) = found else { return false };
    let entries: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let is_filled =
        value.as_str().is_none_or(|text| !text.is_empty()) && value.as_array().is_none_or(|a| !a.is_empty());
    (!check.is_there || is_filled)
        && check.equals.as_ref().is_none_or(|wanted| wanted == value)
        && check.holds.iter().all(|wanted| entries.contains(&wanted.as_str()))
        && !check.lacks.iter().any(|foe| entries.contains(&foe.as_str()))
        && check.within.as_ref().is_none_or(|known| {
            !entries.is_empty() && entries.iter().all(|entry| known.iter().any(|known| known == entry))
        })
}

#[cfg(test)]
mod tests {
    use super::super::Catalogue;
    use super::*;
    use serde_json::json;

    #[test]
    fn each_way_of_asking_tells_right_from_wrong() {
        let checks = Catalogue::load().unwrap().checks;
        for (id, right, wrong, state) in [
            ("code_only", json!(["code"]), json!(["code", "token"]), State::Broken),
            ("par_is_required", json!(true), json!(false), State::Broken),
            ("no_password_grant", json!(["authorization_code"]), json!(["password"]), State::Broken),
            ("dpop_offered", json!(["ES256"]), json!(["ES256", "RS256"]), State::Broken),
            ("assertion_algorithms", json!(["PS256"]), json!([]), State::Broken),
            ("jarm_is_offered", json!(["query", "jwt"]), json!(["query"]), State::NotOffered),
            ("par_endpoint", json!("https://madoguchi.example/oauth/par"), Value::Null, State::Broken),
        ] {
            let check = &checks[id];
            let name = check.pointer.as_deref().unwrap().trim_start_matches('/');
            assert_eq!(look(check, &json!({name: right})).0, State::Met, "{id}");
            assert_eq!(look(check, &json!({name: wrong})).0, state, "{id}");
            assert_eq!(look(check, &json!({})).0, state, "{id}");
        }
    }
}
