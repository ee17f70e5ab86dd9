//! `madoguchi doctor`: is this installation as it should be? The clauses, and the machine around them.
//!
//! It puts the counter together as `serve` does, without listening, and prints what `/conformance` shows; besides, it
//! looks at what a running process cannot see of itself or must not ask on every call: certificate files, the clock
//! against another's, the public name's DNSSEC, whether the master key opens what is kept. It changes nothing that
//! starting would not change, and fails when anything is broken.

mod machine;
mod resolver;

use super::ground::Rules;
use super::wire::Counter;
use super::witnesses::Said;
use super::{say, serve};
use crate::config;
use crate::domain::{Lang, Words};
use crate::http::conformance::{ClauseReport, Report, State};
use std::path::Path;
use std::sync::Arc;

/// One thing that was looked at.
struct Look {
    what: Words,
    state: State,
    saw: String,
}

fn words(ja: &str, en: &str) -> Words {
    Words { ja: ja.to_owned(), en: en.to_owned() }
}

/// The word for a state.
fn named(state: State, lang: Lang) -> &'static str {
    match (state, lang) {
        (State::Met, Lang::Ja) => "満たす",
        (State::Met, Lang::En) => "met",
        (State::Partial, Lang::Ja) => "一部満たす",
        (State::Partial, Lang::En) => "in part",
        (State::NotOffered, Lang::Ja) => "提供なし",
        (State::NotOffered, Lang::En) => "not offered",
        (State::Broken, Lang::Ja) => "破られている",
        (State::Broken, Lang::En) => "BROKEN",
    }
}

/// Looks at everything and tells it.
///
/// # Errors
/// The faults of the configuration, what keeps the counter from being put together, or how much is broken.
pub async fn run(path: Option<&Path>, lang: Lang) -> anyhow::Result<()> {
    let mut config = config::load::load(path)?;
    let mut looks = machine::look(&config).await;
    let ground = serve::ground(&mut config).await?;
    let rules = Rules::load(&config.policies, Arc::clone(&ground.hot))?;
    // The keys in the store are opened here: a wrong master key ends it.
    let counter = Counter::build(ground, rules, serve::plan(config)?).await?;
    looks.push(Look {
        what: words("保存された鍵が主鍵で開く", "The master key opens the keys in the store"),
        state: State::Met,
        saw: "keys.master_key".to_owned(),
    });
    looks.extend(counter.witnesses().turn().await?.into_iter().map(witness));
    let report = counter.conformance().report().await;
    tell_report(&report, lang);
    tell_machine(&looks, lang);
    let broken = report.counts.broken + looks.iter().filter(|look| look.state == State::Broken).count();
    anyhow::ensure!(broken == 0, "{broken} broken");
    Ok(())
}

fn witness(said: Said) -> Look {
    let what = words("証跡ログの証人が最新のチェックポイントに署名する", "A witness signs the log's newest checkpoint");
    let (state, saw) = match said.signed {
        Ok(size) => (State::Met, format!("{}: signed over {size} leaves", said.witness)),
        Err(reason) => (State::Partial, format!("{}: {reason}", said.witness)),
    };
    Look { what, state, saw }
}

fn tell_report(report: &Report, lang: Lang) {
    say(&format!("{} (madoguchi {}, {})", report.issuer, report.version, report.checked_at));
    for section in &report.sections {
        say(&format!("\n{} {}", section.id, section.title.get(lang)));
        for clause in &section.clauses {
            tell_clause(clause, lang);
        }
    }
    let counts = report.counts;
    let all = [
        (State::Met, counts.met),
        (State::Partial, counts.partial),
        (State::NotOffered, counts.not_offered),
        (State::Broken, counts.broken),
    ];
    let line: Vec<String> = all.iter().map(|(state, count)| format!("{} {count}", named(*state, lang))).collect();
    say(&format!("\n{}", line.join(", ")));
}

/// A clause that is met takes one line; any other says why.
fn tell_clause(clause: &ClauseReport, lang: Lang) {
    say(&format!("  [{}] {}: {}", named(clause.state, lang), clause.id, clause.requirement.get(lang)));
    if clause.state == State::Met {
        return;
    }
    if let Some(reason) = &clause.reason {
        say(&format!("      {}", reason.get(lang)));
    }
    for finding in clause.findings.iter().filter(|finding| finding.state != State::Met) {
        say(&format!("      {}: {}", finding.wants.get(lang), finding.saw));
    }
}

fn tell_machine(looks: &[Look], lang: Lang) {
    say(&format!("\n{}", words("この機械", "This machine").get(lang)));
    for look in looks {
        say(&format!("  [{}] {}: {}", named(look.state, lang), look.what.get(lang), look.saw));
    }
}
