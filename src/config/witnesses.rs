//! The witnesses of the log of evidence: whose signatures its heads carry, and where they are asked for.

use super::reader::Reader;
use crate::domain::Environment;
use crate::evidence::WitnessSettings;

const WITNESSES: &str = "evidence.witnesses";
const QUORUM: &str = "evidence.witness_quorum";
/// More signatures than this would make a head too long.
const MOST: usize = 8;

/// The witnesses, and how many of them an audit demands.
pub(super) fn read(reader: &mut Reader<'_>, environment: Environment) -> Option<(Vec<WitnessSettings>, usize)> {
    let mut witnesses: Vec<WitnessSettings> = Vec::new();
    for text in reader.list(WITNESSES) {
        match WitnessSettings::parse(&text, environment) {
            Ok(one) if witnesses.iter().any(|other| other.key == one.key) => {
                reader.fault(WITNESSES, &format!("{} is named twice", one.key.name()), "name each witness once");
            }
            Ok(one) => witnesses.push(one),
            Err(problem) => {
                let fix = "write each as \"KEY\" or \"KEY URL\": the key as `madoguchi audit make-witness` prints it";
                reader.fault(WITNESSES, &format!("{text:?}: {problem}"), fix);
            }
        }
    }
    if witnesses.len() > MOST {
        reader.fault(WITNESSES, "names too many", &format!("name at most {MOST}"));
    }
    let quorum = reader.parsed(QUORUM, "a number from 0 to 8", |text| text.parse().ok().filter(|n| *n <= MOST))?;
    if quorum > witnesses.len() {
        reader.fault(QUORUM, "is more than there are witnesses", "name more in evidence.witnesses, or demand fewer");
    }
    Some((witnesses, quorum))
}
