//! Files of notices: each line once, whatever is sent again, and each wrong line told by its place.

use super::{POST, Town, town};
use crate::support::calls::{Caller, Told};
use futures_util::future::join_all;
use serde_json::{Value, json};

async fn begin(town: &Town, key: &str) -> Told {
    let (caller, path) = (Caller::new(&town.city, &town.installation, 0), format!("{POST}/bulk"));
    let proof = caller.proof("POST", &path, Some(&town.posting));
    let request = caller.request("POST", &path).header("authorization", format!("DPoP {}", town.posting));
    Told::by(request.header("dpop", proof).header("idempotency-key", key)).await
}

async fn send(town: &Town, id: &str, (offset, is_last): (u64, bool), piece: impl Into<Vec<u8>>) -> Told {
    let (caller, path) = (Caller::new(&town.city, &town.installation, 0), format!("{POST}/bulk/{id}"));
    let proof = caller.proof("PATCH", &path, Some(&town.posting));
    let request = caller.request("PATCH", &path).header("authorization", format!("DPoP {}", town.posting));
    let request = request.header("dpop", proof).header("content-type", "application/partial-upload");
    let request = request.header("upload-offset", offset.to_string());
    let request = request.header("upload-complete", if is_last { "?1" } else { "?0" });
    Told::by(request.body(piece.into())).await
}

fn line(town: &Town, n: usize) -> String {
    let mut notice = town.notice();
    notice["ja"]["title"] = json!(format!("{n}"));
    format!("{notice}\n")
}

async fn begun(town: &Town) -> String {
    let told = begin(town, "file").await;
    assert_eq!((told.status, &told.body["offset"]), (201, &json!(0)), "{told:?}");
    told.body["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_on_where_it_broke_off_and_no_line_is_lost_or_comes_twice() {
    let town = town().await;
    let id = begun(&town).await;
    assert_eq!(begin(&town, "file").await.body["id"], json!(id), "the same call begins the same file");
    let lines: Vec<String> = (0..60).map(|n| line(&town, n)).collect();
    let first = lines[..25].concat();
    let broken = format!("{first}{}", &lines[25][..40]);
    let told = send(&town, &id, (0, false), broken).await;
    let counts =
        |told: &Told| ["offset", "total", "accepted", "rejected"].map(|name| told.body[name].as_u64().unwrap());
    assert_eq!(counts(&told), [first.len() as u64, 25, 25, 0], "what is no whole line is left: {told:?}");
    assert_eq!(told.header("upload-offset"), first.len().to_string());
    // Its answer was lost: it is sent again, by many at once.
    for again in join_all((0..5).map(|_| send(&town, &id, (0, false), first.clone()))).await {
        assert_eq!((again.brief(), again.body["pointer"].as_str()), ((409, "conflict"), Some("Upload-Offset")));
    }
    let at = first.len() as u64;
    let second = lines[25..40].concat();
    let racers = join_all((0..8).map(|_| send(&town, &id, (at, false), second.clone()))).await;
    let taken = racers.iter().filter(|told| told.status == 200).count();
    assert_eq!(taken, 1, "of those who send the same piece one is taken");
    let rest = lines[40..].concat();
    let told = send(&town, &id, (at + second.len() as u64, true), rest.trim_end()).await;
    assert_eq!((told.status, &told.body["is_complete"]), (200, &json!(true)), "{told:?}");
    assert_eq!(counts(&told)[1..], [60, 60, 0]);
    assert_eq!(send(&town, &id, (counts(&told)[0], false), "x\n").await.brief(), (409, "conflict"), "it is whole");

    let mut seen = Vec::new();
    for _ in 0..200 {
        let page = town.read("GET", "/v1/notices?limit=100").await.body;
        seen = page["items"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect();
        if seen.len() >= 60 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut sorted: Vec<usize> = seen.iter().map(|title| title.parse().unwrap()).collect();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..60).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_line_is_told_by_its_place_and_never_repeated() {
    let town = town().await;
    let id = begun(&town).await;
    let mut unknown = town.notice();
    unknown["recipient"] = json!("p~canary-unknown");
    let mut wrong = town.notice();
    wrong["category"] = json!("canary-category");
    let long = format!("{{\"recipient\":\"{}\"}}", "a".repeat(70_000));
    let piece =
        format!("{}{unknown}\n{wrong}\nnonsense-canary\n\n[\"canary\"]\n{long}\n{}", line(&town, 1), line(&town, 8));
    let told = send(&town, &id, (0, true), piece).await;
    assert_eq!(
        (&told.body["total"], &told.body["accepted"], &told.body["rejected"]),
        (&json!(8), &json!(2), &json!(6))
    );
    let rejections = |query: &str| format!("{POST}/bulk/{id}/rejections{query}");
    let page = town.read_as((&town.city, &town.posting), "GET", &rejections("")).await.body;
    let brief = |one: &Value| {
        let pointer = one["pointer"].as_str().unwrap_or_default().to_owned();
        (one["line"].as_u64().unwrap(), one["code"].as_str().unwrap().to_owned(), pointer)
    };
    let found: Vec<_> = page["items"].as_array().unwrap().iter().map(brief).collect();
    let wanted = [
        (2, "invalid_value", "/recipient"),
        (3, "invalid_value", "/category"),
        (4, "invalid_request", ""),
        (5, "invalid_request", ""),
        (6, "invalid_request", ""),
        (7, "content_too_large", ""),
    ];
    assert_eq!(found, wanted.map(|(line, code, at)| (line, code.to_owned(), at.to_owned())));
    assert!(!page.to_string().contains("canary"), "{page}");
    let two = town.read_as((&town.city, &town.posting), "GET", &rejections("?limit=2&after=3")).await.body;
    assert_eq!((two["items"].as_array().unwrap().len(), &two["next"]), (2, &json!(5)));

    for (offset, is_last, piece, code) in
        [(1, false, b"x\n".to_vec(), "conflict"), (0, false, b"x\n".to_vec(), "conflict")]
    {
        assert_eq!(send(&town, &id, (offset, is_last), piece).await.code(), code);
    }
    let other = begin(&town, "other").await.body["id"].as_str().unwrap().to_owned();
    assert_eq!(send(&town, &other, (0, false), vec![0xff, b'\n']).await.brief(), (422, "invalid_value"));
    assert_eq!(send(&town, &other, (0, false), vec![b'a'; 70_000]).await.brief(), (413, "content_too_large"));
    let nothing = send(&town, &other, (0, true), Vec::new()).await;
    assert_eq!((nothing.status, &nothing.body["total"]), (200, &json!(0)), "an empty file is whole");
    let path = format!("{POST}/bulk/{id}");
    assert_eq!(town.read_as((&town.inbox, &town.tokens.access), "GET", &path).await.code(), "insufficient_scope");
}
