//! Codes of data sets (特定個人情報名コード) and of the items inside them (特定個人情報項目コード).

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text is no code of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct InvalidCode(&'static str);

/// A data set's code: two capital letters and 14 digits. `TM…` is the official 特定個人情報名コード; `HI…` is our own
/// numbering of the health-insurance group, which has no such code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DataSetCode([u8; 16]);

impl DataSetCode {
    /// Reads a code; whether the catalogue has it is another question.
    ///
    /// # Errors
    /// [`InvalidCode`] when the form is another.
    pub fn parse(text: &str) -> Result<Self, InvalidCode> {
        const FORM: InvalidCode = InvalidCode("TM or HI and 14 digits");
        let bytes: [u8; 16] = text.as_bytes().try_into().map_err(|_| FORM)?;
        let (kind, number) = bytes.split_at(2);
        if matches!(kind, b"TM" | b"HI") && number.iter().all(u8::is_ascii_digit) { Ok(Self(bytes)) } else { Err(FORM) }
    }

    /// The sixteen characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// An item's code: ten digits, the first ones being the data set's number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ItemCode([u8; 10]);

impl ItemCode {
    /// Reads ten digits.
    ///
    /// # Errors
    /// [`InvalidCode`] when the form is another.
    pub fn parse(text: &str) -> Result<Self, InvalidCode> {
        const FORM: InvalidCode = InvalidCode("10 digits");
        let bytes: [u8; 10] = text.as_bytes().try_into().map_err(|_| FORM)?;
        if bytes.iter().all(u8::is_ascii_digit) { Ok(Self(bytes)) } else { Err(FORM) }
    }

    /// The ten digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

macro_rules! code_text {
    ($name:ident) => {
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
        impl TryFrom<String> for $name {
            type Error = InvalidCode;
            fn try_from(text: String) -> Result<Self, InvalidCode> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.as_str().to_owned()
            }
        }
    };
}
code_text!(DataSetCode);
code_text!(ItemCode);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_one_form() {
        assert_eq!(DataSetCode::parse("TM00000000000002").unwrap().as_str(), "TM00000000000002");
        for bad in
            ["TM0000000000002", "tm00000000000002", "TM0000000000000x", "XX00000000000002", "", "ＴＭ０００００００"]
        {
            assert!(DataSetCode::parse(bad).is_err(), "{bad}");
        }
        assert!(ItemCode::parse("0200000010").is_ok());
        assert!(ItemCode::parse("020000001").is_err());
    }
}
