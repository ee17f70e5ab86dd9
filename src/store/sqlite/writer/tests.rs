//! What the writer promises to each of those who share a commit.

use super::*;
use crate::store::statement::Statement;
use std::sync::Barrier;

const INSERT: Statement = Statement::new("INSERT INTO t (n) VALUES (?1)");
const COUNT: Statement = Statement::new("SELECT count(*) FROM t");
const INSERT_BIG: Statement = Statement::new("INSERT INTO t (n, filler) VALUES (?1, zeroblob(100000))");
const ROLLBACK: Statement = Statement::new("ROLLBACK");

fn connection(directory: &tempfile::TempDir) -> Connection {
    let connection = super::super::database::open_for_writing(&directory.path().join("w.db")).unwrap();
    let table = "CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY CHECK (n >= 0), filler BLOB)";
    connection.execute_batch(table).unwrap();
    connection
}

fn writer(directory: &tempfile::TempDir) -> Writer {
    Writer::start(connection(directory), Arc::new(AtomicBool::new(false))).unwrap()
}

async fn insert(writer: &Writer, n: i64) -> Result<usize, Fault> {
    writer.write(move |database| database.execute(INSERT, [n]).map(Done::Keep)).await
}

async fn count(writer: &Writer) -> i64 {
    let counted = writer.write(|database| database.find(COUNT, [], |row| Ok(row.get(0)?)).map(Done::Keep)).await;
    counted.unwrap().unwrap()
}

/// Holds the writer in a job until the returned closure is called, so that what is queued meanwhile is one group.
fn hold(writer: &Arc<Writer>) -> (tokio::task::JoinHandle<Result<(), Fault>>, Arc<Barrier>) {
    let gate = Arc::new(Barrier::new(2));
    let (inside, writer) = (Arc::clone(&gate), Arc::clone(writer));
    let held = tokio::spawn(async move {
        let wait = move |_: Database<'_>| {
            inside.wait();
            inside.wait();
            Ok(Done::Keep(()))
        };
        writer.write(wait).await
    });
    (held, gate)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_fails_or_panics_or_takes_itself_back_leaves_its_group_whole() {
    let directory = tempfile::tempdir().unwrap();
    let writer = Arc::new(writer(&directory));
    let (held, gate) = hold(&writer);
    let entered = Arc::clone(&gate);
    tokio::task::spawn_blocking(move || entered.wait()).await.unwrap();
    let spawn = |n: i64| {
        let writer = Arc::clone(&writer);
        tokio::spawn(async move {
            let work = move |database: Database<'_>| {
                let changed = database.execute(INSERT, [n])?;
                match n {
                    1 => panic!("planted"),
                    2 => Err(Fault::Internal("planted".into())),
                    3 => Ok(Done::Undo(changed)),
                    4 => database.execute(INSERT, [-1]).map(Done::Keep),
                    _ => Ok(Done::Keep(changed)),
                }
            };
            writer.write(work).await
        })
    };
    let jobs: Vec<_> = (0..20).map(spawn).collect();
    while writer.queue.as_ref().unwrap().capacity() > QUEUE - 20 {
        tokio::task::yield_now().await;
    }
    tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
    held.await.unwrap().unwrap();
    for (n, job) in jobs.into_iter().enumerate() {
        assert_eq!(job.await.unwrap().is_ok(), !matches!(n, 1 | 2 | 4), "job {n}");
    }
    assert_eq!(count(&writer).await, 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_says_unavailable_at_once_and_loses_nothing_it_took() {
    let directory = tempfile::tempdir().unwrap();
    let writer = Arc::new(writer(&directory));
    let (held, gate) = hold(&writer);
    let entered = Arc::clone(&gate);
    tokio::task::spawn_blocking(move || entered.wait()).await.unwrap();
    let jobs: Vec<_> = (0..QUEUE)
        .map(|n| {
            let writer = Arc::clone(&writer);
            tokio::spawn(async move { insert(&writer, i64::try_from(n).unwrap()).await })
        })
        .collect();
    while writer.queue.as_ref().unwrap().capacity() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(matches!(insert(&writer, 1_000_000).await, Err(Fault::Unavailable { what: "sqlite", .. })));
    tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
    held.await.unwrap().unwrap();
    for job in jobs {
        job.await.unwrap().unwrap();
    }
    assert_eq!(count(&writer).await, i64::try_from(QUEUE).unwrap());
}

#[tokio::test]
async fn a_transaction_that_the_engine_took_back_acknowledges_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let writer = writer(&directory);
    let lost = writer.write(|database| {
        database.execute(INSERT, [1])?;
        // What SQLite does by itself when the disk is full.
        database.execute(ROLLBACK, []).map(Done::Keep)
    });
    assert!(matches!(lost.await, Err(Fault::Unavailable { .. })));
    assert_eq!(insert(&writer, 1).await.unwrap(), 1);
    assert_eq!(count(&writer).await, 1);
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_what_still_fits_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let connection = connection(&directory);
    // What a full disk looks like to SQLite: no page more.
    connection.pragma_update(None, "max_page_count", 40).unwrap();
    let writer = Writer::start(connection, Arc::new(AtomicBool::new(false))).unwrap();
    let insert_big =
        async |n: i64| writer.write(move |database| database.execute(INSERT_BIG, [n]).map(Done::Keep)).await;
    assert_eq!(insert_big(1).await.unwrap(), 1);
    let full = insert_big(2).await;
    assert!(matches!(full, Err(Fault::Unavailable { what: "sqlite", .. })), "{full:?}");
    assert_eq!(insert(&writer, 3).await.unwrap(), 1);
    assert_eq!(count(&writer).await, 2);
}

#[tokio::test]
async fn a_long_log_starts_anew_instead_of_growing() {
    let directory = tempfile::tempdir().unwrap();
    let is_log_long = Arc::new(AtomicBool::new(false));
    let writer = Writer::start(connection(&directory), Arc::clone(&is_log_long)).unwrap();
    let length = || std::fs::metadata(directory.path().join("w.db-wal")).unwrap().len();
    for n in 0..20 {
        writer.write(move |database| database.execute(INSERT_BIG, [n]).map(Done::Keep)).await.unwrap();
    }
    let long = length();
    assert!(long > 2_000_000);
    for n in 20..40 {
        is_log_long.store(true, Ordering::Relaxed);
        writer.write(move |database| database.execute(INSERT_BIG, [n]).map(Done::Keep)).await.unwrap();
    }
    assert!(length() < long + long / 10, "its space is used again");
    assert_eq!(count(&writer).await, 40);
}
