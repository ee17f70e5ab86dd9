//! The table's codes, and what a fault does not tell.

use super::*;

#[test]
fn codes_are_stable_names_each_once() {
    for (n, row) in TABLE.iter().enumerate() {
        assert!(row.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", row.code);
        assert!(TABLE.iter().skip(n + 1).all(|other| other.code != row.code), "{} twice", row.code);
        assert!((400..600).contains(&row.status) && !row.title.is_empty() && !row.title_ja.is_empty());
    }
}

#[actix_web::test]
async fn a_fault_tells_the_caller_nothing_of_its_source() {
    let fault = Fault::unavailable("sqlite", std::io::Error::other("/var/secret/path is full"));
    let problem = Problem::from(fault);
    assert!(problem.for_the_log().contains("is full"));
    let body = actix_web::body::to_bytes(problem.render("e_1").into_body()).await.unwrap();
    let text = String::from_utf8(body.to_vec()).unwrap();
    assert!(!text.contains("secret") && text.contains("e_1"), "{text}");
}
