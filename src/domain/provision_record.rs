//! A record of an exchange of information (情報提供等記録): which body asked which other for what about a person, under which
//! work (事務) and which of its procedures (事務手続), and when.
//!
//! All eighteen columns of the record are typed here. Some are an office's own and leave the counter for nobody: the numbers
//! by which the asking body keeps the person (番号体系, 宛名番号, 統合宛名番号), and its department and official (部署コード,
//! ユーザーID). They are secrets here, and have no way into any answer.
//!
//! The non-disclosure code (照会側不開示コード) is obeyed before anything else is done with a record: only `0` is disclosed. Any
//! other one, a blank and a digit that nobody explained to us among them, is not, to anyone.

use super::data_set::DataSetCode;
use super::grant::Grant;
use super::ids::{ProvisionRecordId, SubjectId};
use super::scope::Scope;
use super::secret::{Digest, Secret};
use super::time::Timestamp;
use chrono::NaiveDate;
use std::fmt;

/// Why a text is no code of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct InvalidRecordCode(&'static str);

macro_rules! record_code {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Reads a code; whether anybody knows it is another question.
            ///
            /// # Errors
            /// [`InvalidRecordCode`] when the form is another.
            pub fn parse(text: &str) -> Result<Self, InvalidRecordCode> {
                const FORM: InvalidRecordCode = InvalidRecordCode($form);
                let bytes: [u8; 16] = text.as_bytes().try_into().map_err(|_| FORM)?;
                let number = text.strip_prefix($prefix).ok_or(FORM)?;
                if number.bytes().all(|b| b.is_ascii_digit()) { Ok(Self(bytes)) } else { Err(FORM) }
            }

            /// The sixteen characters.
            #[must_use]
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
record_code!(
    /// A body that asks or provides (機関コード).
    BodyCode,
    "",
    "16 digits"
);
record_code!(
    /// A work (事務) for which the law lets a body ask (事務コード).
    WorkCode,
    "JM",
    "JM and 14 digits"
);
record_code!(
    /// A procedure of such a work (事務手続コード).
    WorkProcedureCode,
    "JT",
    "JT and 14 digits"
);

/// Whether a record is shown (照会側不開示コード).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disclosure {
    /// It is.
    Disclosed,
    /// It is not, and neither is that there is one.
    Withheld,
}

impl Disclosure {
    /// Of the column's one character: only `0` is disclosed.
    #[must_use]
    pub const fn of(code: char) -> Self {
        if code == '0' { Self::Disclosed } else { Self::Withheld }
    }
}

/// For which time it was asked (照会条件区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InquiryKind {
    /// The newest there is.
    Latest,
    /// As it stood on a day.
    OnDate,
    /// Between two days.
    Range,
    /// A code that is not known here.
    Other(char),
}

impl InquiryKind {
    /// Of the column's one character. The real code table is not public: this one is decided here.
    #[must_use]
    pub const fn of(code: char) -> Self {
        match code {
            '1' => Self::Latest,
            '2' => Self::OnDate,
            '3' => Self::Range,
            other => Self::Other(other),
        }
    }

    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> char {
        match self {
            Self::Latest => '1',
            Self::OnDate => '2',
            Self::Range => '3',
            Self::Other(code) => code,
        }
    }
}

/// Which kind of year the days are of (照会年度区分).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YearKind {
    /// A calendar year (年).
    Calendar,
    /// A fiscal year, from April (年度).
    Fiscal,
    /// A code that is not known here.
    Other(char),
}

impl YearKind {
    /// Of the column's one character. The real code table is not public: this one is decided here.
    #[must_use]
    pub const fn of(code: char) -> Self {
        match code {
            '1' => Self::Calendar,
            '2' => Self::Fiscal,
            other => Self::Other(other),
        }
    }

    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> char {
        match self {
            Self::Calendar => '1',
            Self::Fiscal => '2',
            Self::Other(code) => code,
        }
    }
}

/// For which time it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InquiryCondition {
    /// 照会条件区分, where it is set.
    pub kind: Option<InquiryKind>,
    /// 照会年度区分, where it is set.
    pub year: Option<YearKind>,
    /// 照会開始日付, where it is set.
    pub from: Option<NaiveDate>,
    /// 照会終了日付, where it is set.
    pub to: Option<NaiveDate>,
}

/// What an office keeps for itself: it leaves the counter for nobody.
#[derive(Clone, Debug)]
pub struct OfficesOwn {
    /// In which numbering the person's numbers are (番号体系).
    pub numbering: Secret<String>,
    /// The asking body's number of the person (宛名番号).
    pub addressee: Secret<String>,
    /// The same across the body's systems (統合宛名番号).
    pub integrated_addressee: Secret<String>,
    /// Its department (情報照会者部署コード).
    pub department: Secret<String>,
    /// Its official (ユーザーID).
    pub official: Secret<String>,
}

/// One record.
#[derive(Clone, Debug)]
pub struct ProvisionRecord {
    /// Of the record as it was sent, which nothing that leaves the counter contains.
    pub digest: Digest,
    /// When it was asked (照会依頼日時).
    pub at: Timestamp,
    /// Who asked (情報照会者機関コード).
    pub inquirer: BodyCode,
    /// Whether it is shown.
    pub disclosure: Disclosure,
    /// Under which work (事務コード).
    pub work: WorkCode,
    /// Under which procedure of it (事務手続コード).
    pub procedure: WorkProcedureCode,
    /// For whom the asking body does that work, where it is not its own (委任元機関コード).
    pub delegators: Vec<BodyCode>,
    /// Who provided (情報提供者機関コード).
    pub provider: BodyCode,
    /// What (特定個人情報名コード).
    pub data_set: DataSetCode,
    /// For which time.
    pub condition: InquiryCondition,
    /// What is nobody else's.
    pub own: OfficesOwn,
}

/// A record that may be shown, with its id. The only way to one is [`disclosed`].
#[derive(Clone, Debug)]
pub struct DisclosedRecord {
    /// Its id: the same each time that it is read.
    pub id: ProvisionRecordId,
    record: ProvisionRecord,
}

impl DisclosedRecord {
    /// The record.
    #[must_use]
    pub const fn record(&self) -> &ProvisionRecord {
        &self.record
    }
}

/// What of a person's records may be shown, newest first. Withheld ones are dropped before anything is counted, ordered or
/// named: an id is made of the record alone, and of how many just like it stand before it.
#[must_use]
pub fn disclosed(subject: &SubjectId, records: Vec<ProvisionRecord>) -> Vec<DisclosedRecord> {
    let mut seen: std::collections::HashMap<Digest, u32> = std::collections::HashMap::new();
    let shown = records.into_iter().filter(|record| record.disclosure == Disclosure::Disclosed);
    let mut shown: Vec<DisclosedRecord> = shown
        .map(|record| {
            let same = seen.entry(record.digest).or_insert(0);
            let id = ProvisionRecordId::of(subject, &record.digest, *same);
            *same = same.saturating_add(1);
            DisclosedRecord { id, record }
        })
        .collect();
    shown.sort_by(|a, b| (b.record.at, &b.id).cmp(&(a.record.at, &a.id)));
    shown
}

/// The proof that somebody's records may be read now: by software to which they gave their word, or by themselves.
#[derive(Clone, Debug)]
pub struct RecordsClearance {
    subject: SubjectId,
}

impl RecordsClearance {
    /// Under a grant with the scope, in force at `now`; none otherwise, and none where somebody else decided for the person.
    #[must_use]
    pub fn under(grant: &Grant, now: Timestamp) -> Option<Self> {
        let may = grant.scope.has(Scope::ProvisionRecords) && grant.is_in_force(now) && grant.acting.is_none();
        grant.subject.clone().filter(|_| may).map(|subject| Self { subject })
    }

    /// The person themselves, at the counter's own pages, recognised just now.
    #[must_use]
    pub const fn of_oneself(subject: SubjectId) -> Self {
        Self { subject }
    }

    /// Whose records.
    #[must_use]
    pub const fn subject(&self) -> &SubjectId {
        &self.subject
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str, at: i64, code: char) -> ProvisionRecord {
        let secret = || Secret::new(String::new());
        ProvisionRecord {
            digest: Digest::of(text),
            at: Timestamp::from_millis(at),
            inquirer: BodyCode::parse("0000000099990101").unwrap(),
            disclosure: Disclosure::of(code),
            work: WorkCode::parse("JM01000000121000").unwrap(),
            procedure: WorkProcedureCode::parse("JT01010000000214").unwrap(),
            delegators: vec![],
            provider: BodyCode::parse("0000000099990102").unwrap(),
            data_set: DataSetCode::parse("TM00000000000002").unwrap(),
            condition: InquiryCondition { kind: None, year: None, from: None, to: None },
            own: OfficesOwn {
                numbering: secret(),
                addressee: secret(),
                integrated_addressee: secret(),
                department: secret(),
                official: secret(),
            },
        }
    }

    #[test]
    fn codes_have_one_form() {
        assert_eq!(BodyCode::parse("0220113112101700").unwrap().as_str(), "0220113112101700");
        assert_eq!(WorkCode::parse("JM01000000121000").unwrap().to_string(), "JM01000000121000");
        for bad in ["", "JM0100000012100", "jm01000000121000", "JT01000000121000", "JM0100000012100x", "ＪＭ０１００"]
        {
            assert!(WorkCode::parse(bad).is_err(), "{bad}");
        }
        assert!(BodyCode::parse("022011311210170A").is_err());
        assert!(WorkProcedureCode::parse("JM01010000000214").is_err());
    }

    #[test]
    fn only_zero_is_disclosed() {
        assert_eq!(Disclosure::of('0'), Disclosure::Disclosed);
        for code in ['1', '2', '9', ' ', 'x'] {
            assert_eq!(Disclosure::of(code), Disclosure::Withheld, "{code:?}");
        }
    }

    #[test]
    fn what_is_withheld_leaves_no_trace_in_ids_or_order() {
        let subject = SubjectId::parse("s_1").unwrap();
        let ids = |records: Vec<ProvisionRecord>| -> Vec<String> {
            disclosed(&subject, records).iter().map(|one| one.id.to_string()).collect()
        };
        let alone = ids(vec![record("a", 1, '0'), record("b", 2, '0'), record("b", 2, '0')]);
        let among = ids(vec![
            record("x", 0, '1'),
            record("a", 1, '0'),
            record("y", 1, ' '),
            record("b", 2, '0'),
            record("z", 3, '9'),
            record("b", 2, '0'),
        ]);
        assert_eq!(alone, among);
        assert_eq!(alone.len(), 3);
        assert_ne!(alone[0], alone[1], "two records that are just alike are two");
        assert_ne!(ids(vec![record("a", 1, '0')]), {
            let other = SubjectId::parse("s_2").unwrap();
            disclosed(&other, vec![record("a", 1, '0')]).iter().map(|one| one.id.to_string()).collect::<Vec<_>>()
        });
    }
}
