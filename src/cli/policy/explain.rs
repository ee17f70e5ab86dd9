//! `madoguchi policy explain`: a decision put to the rules again.

use super::super::arguments::StorePlace;
use super::super::ground::catalog;
use super::super::{clients, say};
use super::arguments::Asked;
use super::{directory, load};
use crate::domain::Lang;
use crate::domain::client::{ClientClass, ClientStatus};
use crate::domain::data_set::DataSetCode;
use crate::domain::decision::{DataSetFacts, DecisionRecord, Facts};
use crate::domain::ids::{ClientId, DecisionId};
use crate::policy::{DEFAULT_DENY, POLICY_ERROR, Question, RuleSet};
use anyhow::Context as _;
use std::path::Path;

/// Explains a decision that was made, or one that would be.
pub async fn run(asked: Asked) -> anyhow::Result<()> {
    let rules_at = directory(asked.policies.clone(), &asked.place)?;
    let rules = load(&rules_at)?;
    let facts = match &asked.decision {
        Some(id) => {
            let record = find(id, &asked.place).await?;
            tell_record(&record, &rules, asked.lang);
            record.facts
        }
        None => made_up(&asked, &rules_at).await?,
    };
    tell(&rules, &facts, asked.lang);
    Ok(())
}

async fn find(id: &str, place: &StorePlace) -> anyhow::Result<DecisionRecord> {
    let id = DecisionId::parse(id).with_context(|| format!("{id:?} is no decision's id"))?;
    let store = clients::open(place).await?;
    store.find_decision(&id).await?.with_context(|| {
        format!("no decision {id} is kept; they are kept for 90 days after they last came up, and not without bound")
    })
}

async fn made_up(asked: &Asked, rules_at: &Path) -> anyhow::Result<Facts> {
    let (client, class, status) = asker(asked).await?;
    let data_set = asked.data_set.as_ref().map(|code| data_set(code, rules_at)).transpose()?;
    let is_about_one = asked.action.is_about_data();
    anyhow::ensure!(
        data_set.is_some() || !is_about_one,
        "--data-set: say which, or --action read_catalogue, read_provision_records, register_health_insurance, file_for_another, establish_company, \
         collect_payments, reference_deposit, search_services, read_notices, read_private_documents, post_notices, \
         apply_for_citizen or take_applications"
    );
    Ok(Facts {
        client,
        class,
        status,
        action: asked.action,
        data_set,
        acr: asked.acr,
        purpose: asked.purpose.clone(),
        access_days: asked.access_days,
        hour: asked.hour,
    })
}

async fn asker(asked: &Asked) -> anyhow::Result<(ClientId, ClientClass, ClientStatus)> {
    if let Some(id) = &asked.client {
        let id = ClientId::parse(id).with_context(|| format!("{id:?} is no client id"))?;
        let store = clients::open(&asked.place).await?;
        let client = store.find_client(&id).await?.with_context(|| format!("no client {id} is registered"))?;
        return Ok((client.id, client.class, client.status));
    }
    let class = asked.class.context("say a DECISION_ID, or who asks: --client or --class")?;
    Ok((ClientId::parse("made-up")?, class, asked.status))
}

fn data_set(code: &str, rules_at: &Path) -> anyhow::Result<DataSetFacts> {
    let code = DataSetCode::parse(code).with_context(|| format!("{code:?} is no data set's code"))?;
    let catalog = catalog(rules_at)?;
    let set = catalog.data_set(code).with_context(|| format!("the catalogue has no data set {code}"))?;
    Ok(set.facts())
}

const fn in_lang(lang: Lang, ja: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Ja => ja,
        Lang::En => en,
    }
}

const fn answer(is_allowed: bool, lang: Lang) -> &'static str {
    if is_allowed { in_lang(lang, "許可", "allowed") } else { in_lang(lang, "拒否", "refused") }
}

fn tell_record(record: &DecisionRecord, rules: &RuleSet, lang: Lang) {
    let then = in_lang(lang, "当時の判断", "decided then");
    say(&format!("{} {} {}", record.id, in_lang(lang, "最終記録", "last kept"), record.at.rfc3339()));
    say(&format!("{then}: {} ({})", answer(record.is_allowed, lang), record.rule));
    let is_same = record.rules == rules.digest().base64url();
    let words = if is_same {
        in_lang(lang, "以下の規則は当時と同じです", "the rules here are those that decided")
    } else {
        in_lang(
            lang,
            "以下の規則は当時と異なります（--policies で当時の規則を指定できます）",
            "the rules here are other ones; --policies names the directory of those that decided, if you have it",
        )
    };
    say(&format!("{words}: {}", record.rules));
}

fn tell(rules: &RuleSet, facts: &Facts, lang: Lang) {
    let question = Question::of(facts);
    let decision = rules.decide(&question);
    let purpose = facts.purpose.as_deref().unwrap_or("-");
    let code = facts.data_set.as_ref().map_or("-", |set| set.code.as_str());
    let acr = facts.acr.map_or("-", crate::domain::acr::Acr::as_str);
    let days = facts.access_days.map_or_else(|| "-".to_owned(), |days| days.to_string());
    let (class, status) = (facts.class.as_str(), facts.status.as_str());
    say(&format!("client={} class={class} status={status} action={}", facts.client, facts.action.as_str()));
    say(&format!("data_set={code} purpose={purpose} acr={acr} access_days={days} hour={}", facts.hour));
    say(&format!("{}: {}", answer(decision.is_allowed, lang), decision.rule));
    let reason = match &*decision.rule {
        DEFAULT_DENY => Some(in_lang(lang, "これを許可する規則がありません。", "No rule permits it.")),
        POLICY_ERROR => Some(in_lang(lang, "規則を評価できませんでした。", "A rule could not be evaluated.")),
        rule => rules.reason(rule, lang),
    };
    say(&format!("  {}", reason.unwrap_or("-")));
    for held in rules.holding(&question).iter().filter(|held| held.rule != decision.rule) {
        let effect = if held.permits {
            in_lang(lang, "許可する規則も該当", "a rule that permits holds too")
        } else {
            in_lang(lang, "禁止する規則も該当", "a rule that forbids holds too")
        };
        say(&format!("{effect}: {}\n  {}", held.rule, rules.reason(&held.rule, lang).unwrap_or("-")));
    }
}
