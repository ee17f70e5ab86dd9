//! The connection to the server, and what is known about the server.
//!
//! Three things are watched. *Is it there?* A call that fails or waits too long marks the server away; from then on calls
//! fail at once until the heartbeat reaches it again. *Is it the same?* The epoch names the server's process and since
//! when it remembers; taking a mark demands the epoch that this node knows, so that a server which restarted empty can't
//! give out a mark that was taken before. *Do we hear it?* After every gap in hearing, listeners are told to drop
//! everything, since word may have been lost.

use super::scripts;
use crate::domain::{Digest, Fault, Timestamp};
use crate::hot::memory::BACKLOG;
use crate::hot::ports::Invalidation;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, FromRedisValue, PushInfo, PushKind, Script, ScriptInvocation};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;
use tokio::sync::broadcast;

/// The longest a call waits for its answer.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);
/// How often the server is looked after while it is there, and while it is away.
const BEAT_EVERY: Duration = Duration::from_secs(1);
const BEAT_WHILE_AWAY_EVERY: Duration = Duration::from_millis(200);
/// By how many failed beats a connection that doesn't end by itself (a cut cable sends no farewell) is given up.
const BEATS_BEFORE_ANEW: u32 = 2;
/// By how much the clocks of server and nodes may differ, in milliseconds.
const CLOCKS_DIFFER_BY: u32 = 5_000;

/// Which process of the server remembers, and since when.
#[derive(Clone, Debug)]
pub(super) struct Epoch {
    /// As the server keeps it.
    pub text: Arc<str>,
    /// Every mark taken since then is remembered.
    pub since: Timestamp,
}

/// What the connection's own events change.
struct State {
    is_away: AtomicBool,
    /// How often the server was lost. A beat counts only if this stood still meanwhile.
    losses: AtomicU64,
    word: broadcast::Sender<Invalidation>,
}

impl State {
    /// Marks the server away; logged once for each time.
    fn lose(&self, why: &dyn std::fmt::Display) {
        self.losses.fetch_add(1, Ordering::SeqCst);
        if !self.is_away.swap(true, Ordering::SeqCst) {
            tracing::warn!(hot.engine = "redis", reason = %why, "hot state is away: limits count on this node alone, proofs are refused");
        }
        self.tell(Invalidation::All);
    }

    fn tell(&self, what: Invalidation) {
        // An error only says that nobody listens.
        let _ = self.word.send(what);
    }
}

/// One connection; replaced when it is given up.
#[derive(Clone)]
struct Connection {
    manager: ConnectionManager,
    is_subscribed: Arc<AtomicBool>,
}

/// The link to the server.
pub(super) struct Link {
    client: Client,
    namespace: String,
    /// Whether the first epoch learned may be one without a beginning; never a later one.
    first_start: AtomicBool,
    state: Arc<State>,
    connection: RwLock<Connection>,
    epoch: RwLock<Epoch>,
    epoch_script: Script,
    failed_beats: AtomicU32,
}

impl Link {
    pub async fn connect(url: &str, first_start: bool) -> Result<Self, Fault> {
        let (url, namespace) = address(url)?;
        let client = Client::open(url).map_err(|_| bad_url())?;
        let (is_away, losses) = (AtomicBool::new(false), AtomicU64::new(0));
        let state = Arc::new(State { is_away, losses, word: broadcast::Sender::new(BACKLOG) });
        let connection = Connection::open(&client, &namespace, &state)?;
        // Nobody has learned the epoch yet, so no mark can be taken by this one.
        let epoch = RwLock::new(Epoch { text: "".into(), since: Timestamp::from_millis(i64::MAX) });
        let (epoch_script, failed_beats) = (scripts::epoch(), AtomicU32::new(0));
        let (connection, first_start) = (RwLock::new(connection), AtomicBool::new(first_start));
        let link = Self { client, namespace, first_start, state, connection, epoch, epoch_script, failed_beats };
        tokio::time::timeout(ANSWER_WITHIN * 4, link.settle())
            .await
            .map_err(|late| Fault::unavailable("redis", late))??;
        Ok(link)
    }

    /// What must hold before the first call.
    async fn settle(&self) -> Result<(), Fault> {
        let mut manager = self.connection().manager;
        let memory: String = redis::cmd("INFO").arg("memory").query_async(&mut manager).await.map_err(unavailable)?;
        let told = |name: &str| memory.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
        if told("maxmemory:") != "0" && told("maxmemory_policy:") != "noeviction" {
            let problem = "the Redis may evict keys before their time; set `maxmemory-policy noeviction`";
            return Err(Fault::Internal(problem.to_owned()));
        }
        self.learn().await.map(|_| ()).map_err(unavailable)
    }

    /// One call by script, or nothing within half a second.
    pub async fn ask<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> Result<T, Fault> {
        if self.state.is_away.load(Ordering::SeqCst) {
            return Err(Fault::Unavailable { what: "redis", source: None });
        }
        let mut manager = self.connection().manager;
        match tokio::time::timeout(ANSWER_WITHIN, call.invoke_async(&mut manager)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.state.lose(&error);
                Err(unavailable(error))
            }
            Err(late) => {
                self.state.lose(&late);
                Err(Fault::unavailable("redis", late))
            }
        }
    }

    /// Tells this node's listeners at once, and the other nodes by way of the server.
    pub async fn publish(&self, what: &Invalidation) -> Result<(), Fault> {
        self.state.tell(what.clone());
        if self.state.is_away.load(Ordering::SeqCst) {
            return Err(Fault::Unavailable { what: "redis", source: None });
        }
        let text = match what {
            Invalidation::Grant(grant) => format!("grant {grant}"),
            Invalidation::All => "all".to_owned(),
        };
        let mut manager = self.connection().manager;
        let mut call = redis::cmd("PUBLISH");
        call.arg(channel(&self.namespace)).arg(text);
        let told = tokio::time::timeout(ANSWER_WITHIN, call.query_async::<i64>(&mut manager)).await;
        told.map_err(|late| Fault::unavailable("redis", late))?.map(|_| ()).map_err(unavailable)
    }

    pub fn listen(&self) -> broadcast::Receiver<Invalidation> {
        self.state.word.subscribe()
    }

    pub fn epoch(&self) -> Epoch {
        self.epoch.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The server no longer knows what it knew: nothing is let through until the heartbeat has learned the new epoch.
    pub fn forgot(&self) -> Fault {
        self.state.lose(&"the server has forgotten its epoch");
        Fault::Unavailable { what: "redis", source: None }
    }

    /// The key on the server for one of ours, which may name a client or a citizen and so is hashed.
    pub fn key(&self, kind: &str, key: &str) -> String {
        let mut digest = Digest::of(key).base64url();
        digest.truncate(22); // 132 bits
        self.plain_key(kind, &digest)
    }

    pub fn plain_key(&self, kind: &str, name: &str) -> String {
        ["{", &self.namespace, "}:", kind, ":", name].concat()
    }

    pub fn epoch_key(&self) -> String {
        self.plain_key("epoch", "current")
    }

    fn connection(&self) -> Connection {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Learns the epoch, and makes sure that we hear. Gives whether it is another epoch than before.
    async fn learn(&self) -> redis::RedisResult<bool> {
        let mut connection = self.connection();
        let mut call = self.epoch_script.prepare_invoke();
        call.key(self.epoch_key()).arg(CLOCKS_DIFFER_BY).arg(u8::from(self.first_start.load(Ordering::SeqCst)));
        let text: String = call.invoke_async(&mut connection.manager).await?;
        self.first_start.store(false, Ordering::SeqCst);
        if !connection.is_subscribed.load(Ordering::SeqCst) {
            connection.manager.subscribe(channel(&self.namespace)).await?;
            connection.is_subscribed.store(true, Ordering::SeqCst);
            self.state.tell(Invalidation::All);
        }
        let is_another = *self.epoch().text != *text;
        if is_another {
            let since = text.split_once(' ').and_then(|(_, since)| since.parse().ok()).unwrap_or(i64::MAX);
            let epoch = Epoch { text: text.into(), since: Timestamp::from_millis(since) };
            *self.epoch.write().unwrap_or_else(PoisonError::into_inner) = epoch;
        }
        Ok(is_another)
    }

    /// Looks after the server once.
    async fn beat(&self) {
        let losses = self.state.losses.load(Ordering::SeqCst);
        let outcome = match tokio::time::timeout(ANSWER_WITHIN, self.learn()).await {
            Ok(Ok(false)) => Ok(()),
            // A call that looked at the old epoch's beginning must not take its mark in the new one; until the next beat,
            // all such calls are over.
            Ok(Ok(true)) => return self.state.lose(&"the server has forgotten"),
            Ok(Err(error)) => Err(error.to_string()),
            Err(late) => Err(late.to_string()),
        };
        let Err(why) = outcome else {
            self.failed_beats.store(0, Ordering::SeqCst);
            let is_whole = self.state.losses.load(Ordering::SeqCst) == losses;
            if is_whole && self.state.is_away.swap(false, Ordering::SeqCst) {
                tracing::info!(hot.engine = "redis", "hot state is back");
                self.state.tell(Invalidation::All);
            }
            return;
        };
        self.state.lose(&why);
        if self.failed_beats.fetch_add(1, Ordering::SeqCst) + 1 >= BEATS_BEFORE_ANEW {
            self.failed_beats.store(0, Ordering::SeqCst);
            if let Ok(connection) = Connection::open(&self.client, &self.namespace, &self.state) {
                *self.connection.write().unwrap_or_else(PoisonError::into_inner) = connection;
            }
        }
    }
}

/// Looks after the server for as long as the link is used.
pub(super) async fn heartbeat(link: Weak<Link>) {
    loop {
        let Some(is_away) = link.upgrade().map(|link| link.state.is_away.load(Ordering::SeqCst)) else { return };
        tokio::time::sleep(if is_away { BEAT_WHILE_AWAY_EVERY } else { BEAT_EVERY }).await;
        let Some(link) = link.upgrade() else { return };
        link.beat().await;
    }
}

impl Connection {
    /// A connection that is made at its first call.
    fn open(client: &Client, namespace: &str, state: &Arc<State>) -> Result<Self, Fault> {
        let is_subscribed = Arc::new(AtomicBool::new(false));
        let (hears, state, channel) = (Arc::clone(&is_subscribed), Arc::clone(state), channel(namespace));
        let heard = move |push: PushInfo| -> Result<(), std::convert::Infallible> {
            match push.kind {
                PushKind::Disconnection => {
                    hears.store(false, Ordering::SeqCst);
                    state.lose(&"the connection ended");
                }
                PushKind::Message => state.tell(message(&push, &channel)),
                _ => {}
            }
            Ok(())
        };
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(50))
            .set_max_delay(Duration::from_millis(100))
            .set_connection_timeout(Some(ANSWER_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN))
            .set_pipeline_buffer_size(1_024)
            .set_push_sender(heard)
            .set_automatic_resubscription();
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(unavailable)?;
        Ok(Self { manager, is_subscribed })
    }
}

/// What another node told. What can't be read is taken as everything: dropping too much is only slow.
fn message(push: &PushInfo, channel: &str) -> Invalidation {
    let texts: Vec<String> = push.data.iter().filter_map(|value| String::from_redis_value_ref(value).ok()).collect();
    match texts.as_slice() {
        [from, text] if from == channel => text
            .strip_prefix("grant ")
            .and_then(|grant| crate::domain::ids::GrantId::parse(grant).ok())
            .map_or(Invalidation::All, Invalidation::Grant),
        _ => Invalidation::All,
    }
}

fn channel(namespace: &str) -> String {
    format!("{namespace}:invalidations")
}

fn unavailable(error: redis::RedisError) -> Fault {
    Fault::unavailable("redis", error)
}

/// The URL as the client wants it, and the namespace in it.
fn address(url: &str) -> Result<(url::Url, String), Fault> {
    let mut url = url::Url::parse(url).map_err(|_| bad_url())?;
    let mut namespace = "madoguchi".to_owned();
    let mut others = Vec::new();
    for (name, value) in url.query_pairs() {
        match &*name {
            "namespace" => namespace = value.into_owned(),
            "protocol" => {}
            _ => others.push((name.into_owned(), value.into_owned())),
        }
    }
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if !(1..=64).contains(&namespace.len()) || !namespace.bytes().all(is_name) {
        return Err(Fault::Internal(
            "the hot state's namespace must be 1 to 64 characters of A-Z a-z 0-9 - _".to_owned(),
        ));
    }
    // Word of invalidations comes as push messages, which only RESP3 has.
    url.query_pairs_mut().clear().extend_pairs(others).append_pair("protocol", "resp3");
    Ok((url, namespace))
}

/// The URL may carry a password, so it is not repeated.
fn bad_url() -> Fault {
    Fault::Internal("the hot state's URL is not one of a Redis: redis://[user:password@]host:port/database".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_taken_from_the_url_and_the_protocol_is_ours() {
        let (url, namespace) = address("redis://u:p@h:1/2?namespace=a-b&protocol=2").unwrap();
        assert_eq!((url.as_str(), namespace.as_str()), ("redis://u:p@h:1/2?protocol=resp3", "a-b"));
        assert_eq!(address("rediss://h").unwrap().1, "madoguchi");
        for bad in ["redis://h?namespace=", "redis://h?namespace=a%7D", "no url", "redis://h?namespace=a:b"] {
            let fault = address(bad).unwrap_err().to_string();
            assert!(!fault.contains("redis://h"), "{fault}");
        }
    }

    #[test]
    fn word_that_cannot_be_read_drops_everything() {
        let push = |data: &[&str]| PushInfo {
            kind: PushKind::Message,
            data: data.iter().map(|text| redis::Value::BulkString(text.as_bytes().to_vec())).collect(),
        };
        let grant = Invalidation::Grant(crate::domain::ids::GrantId::parse("g_1").unwrap());
        assert_eq!(message(&push(&["c", "grant g_1"]), "c"), grant);
        for strange in [&["c", "all"][..], &["c", "grant é"], &["c", "grnt g_1"], &["d", "grant g_1"], &["c"], &[]] {
            assert_eq!(message(&push(strange), "c"), Invalidation::All, "{strange:?}");
        }
    }
}
