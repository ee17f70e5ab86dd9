//! Looks for rules that can decide nothing: that never hold, that a forbidding rule always overrules, or that say only
//! what a rule before them says already.
//!
//! What it covers: every combination of the facts in `space.rs`, which are all that rules can tell apart as long as they
//! compare third parties, data sets, groups and purposes with names (`==`, `in`, `contains`) and numbers with numbers. A
//! rule that matches a purpose by a pattern (`like`), that calculates, or that asks for another class in
//! `resource.classes` than the asker's own, is looked at for those values only that are in the space.
//!
//! A rule that is in order is found to be so after some questions, its own names first. Only for one that isn't are all
//! rules written out as tables and the whole space is walked, which takes seconds.

use super::Question;
use super::evaluate::Evaluator;
use super::load::{PolicyFault, Rule};
use super::reads::Reads;
use super::space::{DIMENSIONS, Point, Space};
use crate::domain::Lang;
use std::collections::{BTreeSet, HashMap};

/// Questions that are put to all rules at once before the tables are made.
const MOST_TRIED: usize = 6_000;
/// Longest table of one rule, and most points walked for one: rules of an operator's own may not stop a start for hours.
const LONGEST_TABLE: usize = 1_000_000;
const MOST_WALKED: usize = 100_000_000;

/// Every rule that can decide nothing, or that doesn't say in both languages why it is there.
pub(super) fn inspect(evaluator: &Evaluator) -> Vec<PolicyFault> {
    let reads: Vec<Reads> = evaluator.rules().map(Reads::of).collect();
    let mut all = Reads::default();
    for reads in &reads {
        all.add(reads);
    }
    let space = Space::of(&all);
    let mut tables = None;
    let mut faults = Vec::new();
    for (n, (rule, reads)) in evaluator.rules().zip(&reads).enumerate() {
        for (lang, annotation) in [(Lang::En, "reason"), (Lang::Ja, "reason_ja")] {
            if rule.reason(lang).is_none_or(str::is_empty) {
                let problem = format!("rule {} needs an @{annotation}(\"…\"): one sentence for people", rule.id);
                faults.push(PolicyFault::new(&rule.file, problem));
            }
        }
        if decides_soon(evaluator, (rule, reads), &space) {
            continue;
        }
        let tables = tables.get_or_insert_with(|| Tables::of(evaluator, &space));
        faults.extend(
            tables.fault_of(n).map(|problem| {
                PolicyFault::new(&rule.file, format!("rule {} can't decide anything: {problem}", rule.id))
            }),
        );
    }
    faults
}

/// Tries the rule where it says that it is about, with everything else out of the way.
fn decides_soon(evaluator: &Evaluator, (rule, reads): (&Rule, &Reads), space: &Space) -> bool {
    let mut own: Vec<_> = Space::dimensions(reads).into_iter().map(|d| (d, space.order(d, reads))).collect();
    // The fact with the most values turns slowest: where the rule names any, the first is one of them.
    own.sort_by_key(|(_, values)| values.len());
    let mut facts =
        Space::points(Point([0; DIMENSIONS]), &own).take(MOST_TRIED).filter_map(|point| space.facts(&point));
    facts.any(|facts| evaluator.decide(&Question::of(&facts)).rule == rule.id)
}

/// One rule, written out: where it holds.
struct Table {
    name: String,
    permits: bool,
    /// The facts it reads, each with its number of values and its step in `holds`.
    dimensions: Vec<(usize, usize, usize)>,
    holds: Vec<bool>,
    /// What keeps the table from being whole.
    fault: Option<&'static str>,
}

impl Table {
    fn of(evaluator: &Evaluator, rule: &Rule, space: &Space) -> Self {
        let own: Vec<(usize, Vec<usize>)> =
            Space::dimensions(&Reads::of(rule)).into_iter().map(|d| (d, (0..space.size(d)).collect())).collect();
        let mut step = 1;
        let mut dimensions = Vec::new();
        for (dimension, values) in &own {
            dimensions.push((*dimension, values.len(), step));
            step *= values.len();
        }
        let too_long =
            (step > LONGEST_TABLE).then_some("it reads too many facts at once to be proven; write it as several");
        let mut fault = too_long;
        let mut holds = Vec::new();
        for point in Space::points(Point([0; DIMENSIONS]), &own).take_while(|_| too_long.is_none()) {
            let held = space.facts(&point).and_then(|facts| evaluator.holds(rule, &Question::of(&facts)));
            fault = fault.or_else(|| held.is_none().then_some("there are questions for which it can't be evaluated"));
            holds.push(held.unwrap_or(false));
        }
        Self { name: rule.id.to_string(), permits: rule.permits(), dimensions, holds, fault }
    }

    fn holds_at(&self, point: &Point) -> bool {
        let place: usize = self.dimensions.iter().map(|(dimension, _, step)| point.at(*dimension) * step).sum();
        self.holds.get(place).copied().unwrap_or(false)
    }

    /// What the rule says where the fact has this value: two values with the same are the same to it.
    fn slice(&self, dimension: usize, value: usize) -> Vec<bool> {
        let Some((_, size, step)) = self.dimensions.iter().find(|(own, _, _)| *own == dimension) else {
            return Vec::new();
        };
        let is_in = |(place, _): &(usize, &bool)| place / step % size == value;
        self.holds.iter().enumerate().filter(is_in).map(|(_, holds)| *holds).collect()
    }
}

/// All rules, written out.
struct Tables {
    rules: Vec<Table>,
    /// One value of each kind that any rule tells apart, by fact.
    values: Vec<Vec<usize>>,
}

impl Tables {
    fn of(evaluator: &Evaluator, space: &Space) -> Self {
        let rules: Vec<Table> = evaluator.rules().map(|rule| Table::of(evaluator, rule, space)).collect();
        let different = |dimension: usize| {
            let mut seen: HashMap<Vec<Vec<bool>>, usize> = HashMap::new();
            for value in 0..space.size(dimension) {
                seen.entry(rules.iter().map(|rule| rule.slice(dimension, value)).collect()).or_insert(value);
            }
            let values: BTreeSet<usize> = seen.into_values().collect();
            values.into_iter().collect()
        };
        let values = (0..DIMENSIONS).map(different).collect();
        Self { rules, values }
    }

    /// Why the rule decides nothing; nothing when it does.
    fn fault_of(&self, n: usize) -> Option<String> {
        let rule = self.rules.get(n)?;
        if let Some(fault) = rule.fault {
            return Some(fault.to_owned());
        }
        let all: Vec<(usize, Vec<usize>)> = self.values.iter().cloned().enumerate().collect();
        let (own, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(dimension, _)| rule.dimensions.iter().any(|(own, _, _)| own == dimension));
        let (mut instead, mut walked) = (BTreeSet::new(), 0_usize);
        for place in Space::points(Point([0; DIMENSIONS]), &own).filter(|point| rule.holds_at(point)) {
            for point in Space::points(place, &others) {
                walked += 1;
                if walked > MOST_WALKED {
                    return Some("no question was found that it decides, and too many are left to look at".to_owned());
                }
                let first = |permits: bool| {
                    self.rules.iter().position(|other| other.permits == permits && other.holds_at(&point))
                };
                match first(false).or_else(|| first(true)) {
                    Some(decider) if decider == n => return None,
                    decider => instead.extend(decider),
                }
            }
        }
        if instead.is_empty() {
            return Some("its conditions never hold together".to_owned());
        }
        let (mut overruled, mut repeated) = (Vec::new(), Vec::new());
        for other in instead.iter().filter_map(|n| self.rules.get(*n)) {
            let names = if other.permits == rule.permits { &mut repeated } else { &mut overruled };
            names.push(other.name.as_str());
        }
        let told = [("is always overruled by", overruled), ("says only what is said before by", repeated)];
        let told = told.into_iter().filter(|(_, names)| !names.is_empty());
        Some(told.map(|(words, names)| format!("it {words} {}", names.join(", "))).collect::<Vec<_>>().join("; "))
    }
}
