//! The one writer: a thread that runs jobs in groups, one durable commit a group, and answers after the commit.
//!
//! While one group is being synced to disk the next gathers in the queue, so that the cost of a sync is shared by
//! all who wait. Each job has its own savepoint: one that fails, panics or takes itself back leaves the others whole.

use super::database::Database;
use crate::domain::Fault;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Jobs that may wait; one more is told that the engine is unavailable (503 with Retry-After) instead of waiting.
const QUEUE: usize = 4096;
/// Jobs in one commit, at most: it bounds how long the first of them waits.
const GROUP: usize = 512;

/// What a job came to.
pub(super) enum Done<T> {
    /// Its writes are kept.
    Keep(T),
    /// Its writes are taken back; the answer stands.
    Undo(T),
}

impl<T> Done<T> {
    fn into_answer(self) -> T {
        match self {
            Self::Keep(answer) | Self::Undo(answer) => answer,
        }
    }
}

trait Job: Send {
    /// Does the work; true when its writes are to be kept.
    fn run(&mut self, database: Database<'_>) -> bool;
    /// Answers the caller, after the commit; `lost` tells why there was none.
    fn answer(self: Box<Self>, lost: Option<&str>);
}

struct Asked<T, W> {
    work: Option<W>,
    outcome: Option<Result<T, Fault>>,
    reply: oneshot::Sender<Result<T, Fault>>,
}

impl<T, W> Job for Asked<T, W>
where
    T: Send,
    W: FnOnce(Database<'_>) -> Result<Done<T>, Fault> + Send,
{
    fn run(&mut self, database: Database<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        let done = catch_unwind(AssertUnwindSafe(|| work(database)));
        let done = done.unwrap_or_else(|_| Err(Fault::Internal("a storage job panicked".into())));
        let is_kept = matches!(done, Ok(Done::Keep(_)));
        self.outcome = Some(done.map(Done::into_answer));
        is_kept
    }

    fn answer(self: Box<Self>, lost: Option<&str>) {
        let outcome = match (self.outcome, lost) {
            (Some(Err(own)), _) => Err(own),
            (Some(Ok(answer)), None) => Ok(answer),
            (_, lost) => Err(unavailable(lost.unwrap_or("the job was not run"))),
        };
        // A caller that went away meanwhile does not want its answer; the write stands.
        drop(self.reply.send(outcome));
    }
}

/// The writer's front: any thread may ask.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It restarts the log of `connection` between groups whenever `is_log_long` is set.
    pub(super) fn start(connection: Connection, is_log_long: Arc<AtomicBool>) -> Result<Self, Fault> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new().name("sqlite-writer".into());
        let thread = thread.spawn(move || work_off(&connection, jobs, &is_log_long));
        let thread = thread.map_err(|e| Fault::unavailable("sqlite", e))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Queues `work` and waits until its group is committed.
    pub(super) async fn write<T, W>(&self, work: W) -> Result<T, Fault>
    where
        T: Send + 'static,
        W: FnOnce(Database<'_>) -> Result<Done<T>, Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Asked { work: Some(work), outcome: None, reply };
        let queue = self.queue.as_ref().ok_or_else(|| unavailable("the writer has stopped"))?;
        queue.try_send(Box::new(job)).map_err(|_| unavailable("the writer's queue is full"))?;
        answer.await.unwrap_or_else(|_| Err(unavailable("the writer has stopped")))
    }
}

impl Drop for Writer {
    /// Lets what is queued be written, then closes the file.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn unavailable(why: &str) -> Fault {
    Fault::unavailable("sqlite", std::io::Error::other(why.to_owned()))
}

fn work_off(connection: &Connection, mut jobs: mpsc::Receiver<Box<dyn Job>>, is_log_long: &AtomicBool) {
    while let Some(first) = jobs.blocking_recv() {
        // Jobs catch their own panics; this one keeps the thread alive should answering a job panic.
        let group = catch_unwind(AssertUnwindSafe(|| write_group(connection, first, &mut jobs)));
        if group.is_err() || !connection.is_autocommit() {
            drop(connection.execute_batch("ROLLBACK"));
        }
        if is_log_long.swap(false, Ordering::Relaxed) {
            drop(connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())));
        }
    }
}

fn write_group(connection: &Connection, first: Box<dyn Job>, jobs: &mut mpsc::Receiver<Box<dyn Job>>) {
    let mut group = vec![first];
    let written = run(connection, "BEGIN IMMEDIATE").and_then(|()| run_jobs(connection, &mut group, jobs));
    let committed = written.and_then(|()| run(connection, "COMMIT"));
    let lost = committed.err();
    if lost.is_some() && !connection.is_autocommit() {
        drop(connection.execute_batch("ROLLBACK"));
    }
    for job in group {
        job.answer(lost.as_deref());
    }
}

/// Runs the first job and those that wait. An error is the whole group's: on some (disk full, I/O) SQLite takes the
/// transaction back by itself.
fn run_jobs(
    connection: &Connection,
    group: &mut Vec<Box<dyn Job>>,
    jobs: &mut mpsc::Receiver<Box<dyn Job>>,
) -> Result<(), String> {
    while let Some(job) = group.last_mut() {
        run_job(connection, job.as_mut())?;
        if group.len() == GROUP {
            break;
        }
        match jobs.try_recv() {
            Ok(next) => group.push(next),
            Err(_) => break,
        }
    }
    Ok(())
}

fn run_job(connection: &Connection, job: &mut dyn Job) -> Result<(), String> {
    run(connection, "SAVEPOINT job")?;
    if !job.run(Database::new(connection)) {
        run(connection, "ROLLBACK TO job")?;
    }
    run(connection, "RELEASE job")
}

fn run(connection: &Connection, sql: &str) -> Result<(), String> {
    let mut statement = connection.prepare_cached(sql).map_err(|e| e.to_string())?;
    statement.execute([]).map(drop).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests;
