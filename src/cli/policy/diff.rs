//! `madoguchi policy diff`: which grants in force other rules would cut.

use super::super::arguments::StorePlace;
use super::super::dev::command::found;
use super::super::ground::{catalog, not_in_order};
use super::super::{clients, say};
use super::progress::Progress;
use super::review::{Review, Reviewed, Side};
use super::{directory, load};
use crate::domain::{Clock as _, SystemClock};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Grants in one page.
const PAGE: u32 = 500;

/// Ends the command with a code of its own: the change would end something that a citizen agreed to.
#[derive(Debug)]
pub struct WouldCut;

impl fmt::Display for WouldCut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("grants in force would be cut")
    }
}

impl std::error::Error for WouldCut {}

/// Holds every grant in force against both directories. The other rules must be in order.
pub async fn run(new: &Path, policies: Option<PathBuf>, json: bool, place: &StorePlace) -> anyhow::Result<()> {
    let (old, new) = (directory(policies, place)?, found(new.to_path_buf()));
    let (before, after) = (load(&old)?, load(&new)?);
    let faults = after.prove(&new);
    if !faults.is_empty() {
        return Err(not_in_order(&new, &faults));
    }
    let catalog = Arc::new(catalog(&old)?);
    let of_new = new.join("data-sets").is_dir();
    let newer = if of_new { Arc::new(self::catalog(&new)?) } else { Arc::clone(&catalog) };
    let store = clients::open(place).await?;
    let now = SystemClock.now();
    let sides = (Side { rules: before, catalog }, Side { rules: after, catalog: newer });
    let mut review = Review::new(sides.0, sides.1, store.list_clients().await?, now);
    let progress = Progress::new(store.count_grants_in_force(now).await?);
    let (mut last, mut done) = (None, 0);
    loop {
        let page = store.list_grants_in_force(last.as_ref(), now, PAGE).await?;
        for grant in &page {
            review.look_at(grant);
        }
        done += page.len() as u64;
        progress.show(done);
        match page.last() {
            Some(grant) => last = Some(grant.id.clone()),
            None => break,
        }
    }
    progress.clear();
    tell(&review.end(), json)
}

fn tell(reviewed: &Reviewed, json: bool) -> anyhow::Result<()> {
    if json {
        say(&serde_json::to_string_pretty(reviewed)?);
    } else {
        for cut in &reviewed.cuts {
            let when = if cut.hours == 24 { String::new() } else { format!("\tat {} hours of the day", cut.hours) };
            say(&format!("{}\t{}\t{} grants\tby {}{when}", cut.client, cut.data_set, cut.grants, cut.rule));
        }
        say(&format!("{} grants in force, {} would be cut", reviewed.grants, reviewed.cut));
    }
    if reviewed.cuts.is_empty() { Ok(()) } else { Err(WouldCut.into()) }
}
