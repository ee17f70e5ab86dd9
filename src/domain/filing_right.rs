//! A right to file (RFC 9396, type `submission`): what one company files under some procedures, and nothing else.
//!
//! A token that carries it is worth as little to a thief as the one company and the few procedures that it names, however
//! many companies its holder files for.

use super::corporate_number::CorporateNumber;
use super::delegation::Procedures;
use super::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// The right, as a token carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilingRight {
    /// 法人番号 of the one company that is filed for.
    pub applicant: CorporateNumber,
    /// Under which procedures.
    pub procedures: Procedures,
}

impl FilingRight {
    /// Whether it opens what this company files.
    ///
    /// # Errors
    /// [`refusal`](Self::refusal) for another's.
    pub fn is_of(&self, company: &CorporateNumber) -> Result<(), Refusal> {
        if self.applicant == *company { Ok(()) } else { Err(self.refusal().at("/applicant")) }
    }

    /// Whether it opens these procedures of this company; each with its place in what was sent.
    ///
    /// # Errors
    /// [`refusal`](Self::refusal) for another, with the place of the first.
    pub fn opens<'a>(
        &self,
        company: &CorporateNumber,
        procedures: impl Iterator<Item = (usize, &'a str)>,
    ) -> Result<(), Refusal> {
        self.is_of(company)?;
        for (place, procedure) in procedures {
            if !self.procedures.cover(procedure) {
                return Err(self.refusal().at(format!("/deliveries/{place}/procedure")));
            }
        }
        Ok(())
    }

    /// Whether `part` is no more than this.
    #[must_use]
    pub fn holds(&self, part: &Self) -> bool {
        self.applicant == part.applicant && self.procedures.hold(&part.procedures)
    }

    /// What whoever comes for anything else is told.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let words = format!(
            "This token opens what the company {} files under {}, and nothing else.",
            self.applicant,
            self.procedures.names().join(", ")
        );
        Refusal::new("insufficient_scope", words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(applicant: &str, procedures: &[&str]) -> FilingRight {
        FilingRight {
            applicant: CorporateNumber::parse(applicant).unwrap(),
            procedures: Procedures::parse(procedures.iter().map(|name| (*name).to_owned()).collect()).unwrap(),
        }
    }

    #[test]
    fn it_opens_one_companys_filings_under_its_procedures() {
        let (one, other) = (right("7000012050002", &["a", "b"]), right("8000000990001", &["a"]));
        assert!(one.opens(&one.applicant, [(0, "a"), (1, "b")].into_iter()).is_ok());
        let refused = one.opens(&one.applicant, [(0, "a"), (1, "c")].into_iter()).unwrap_err();
        assert_eq!((refused.code, refused.pointer.as_deref()), ("insufficient_scope", Some("/deliveries/1/procedure")));
        assert_eq!(one.opens(&other.applicant, [].into_iter()).unwrap_err().pointer.as_deref(), Some("/applicant"));
    }

    #[test]
    fn a_part_is_of_the_same_company_and_names_no_more() {
        let whole = right("7000012050002", &["a", "b"]);
        assert!(whole.holds(&whole) && whole.holds(&right("7000012050002", &["b"])));
        assert!(!whole.holds(&right("7000012050002", &["*"])) && !whole.holds(&right("7000012050002", &["c"])));
        assert!(!whole.holds(&right("8000000990001", &["a"])));
        assert!(right("7000012050002", &["*"]).holds(&whole));
    }
}
