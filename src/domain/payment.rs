//! A payment (公金決済) that an agency asks for, and what becomes of it.
//!
//! open → started (handed over to a bank or card company) → paid; cancelled by the agency, or expired at the end of its due day,
//! as long as nothing is taken. It is settled once. Money that comes besides is an excess: written down with why, and never
//! counted as the payment.

mod numbers;
mod signature;
#[cfg(test)]
mod tests;

pub use numbers::{LONGEST_CATEGORY, LONGEST_CONFIRMATION, LONGEST_NUMBER, PaymentNumbers};
pub use signature::{PaymentKey, SHORTEST_KEY};

use super::ids::{ApplicationId, CitizenNoticeId, ClientId, PaymentAttemptId, PaymentId, ReceiptId, SettlementId};
use super::retrieval::IdempotencyKey;
use super::secret::Secret;
use super::time::Timestamp;
use super::words::Words;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most yen of one payment.
pub const MOST_YEN: u64 = 9_999_999_999;
/// Where the page of a payment stands, before the token of its link.
pub const LINK: &str = "/pay/";

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$own:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        $(#[$doc])*
        pub enum $name {
            $($(#[$own])* $variant),+
        }

        impl $name {
            /// Each, in the order in which people are shown them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire and in the store.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// Reads the name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    };
}

words!(
    /// By what something is paid (支払方法).
    PaymentWay {
        /// Net banking by Pay-easy (ペイジー, 情報リンク方式).
        PayEasy = "pay_easy",
        /// Mobile register (モバイルレジ).
        MobileRegister = "mobile_register",
        /// A credit card; its number is typed at the card company's page only.
        Card = "card",
    }
);

words!(
    /// Which kind of bank (金融機関の種類) somebody pays from.
    BankType {
        /// Banks and trust banks (銀行・信託銀行).
        Bank = "bank",
        /// Credit banks (信用金庫).
        ShinkinBank = "shinkin_bank",
        /// Credit unions (信用組合).
        CreditUnion = "credit_union",
        /// The Norinchukin Bank and the co-operatives that it stands for (農林中央金庫・JAバンク).
        Norinchukin = "norinchukin",
        /// Labour banks (労働金庫).
        LabourBank = "labour_bank",
    }
);

words!(
    /// Where a payment stands.
    #[schema(as = AgencyPaymentState)]
    PaymentState {
        /// It can be paid.
        Open = "open",
        /// Somebody was handed over to pay it.
        Started = "started",
        /// It is paid.
        Paid = "paid",
        /// The agency cancelled it.
        Cancelled = "cancelled",
        /// Its due day is over.
        Expired = "expired",
    }
);

words!(
    /// What money that was taken counts as.
    SettlementKind {
        /// The payment: there is one of these at most.
        Settled = "settled",
        /// An excess: it had been paid before.
        AlreadyPaid = "already_paid",
        /// An excess: it had been cancelled.
        Cancelled = "cancelled",
        /// An excess: it was taken after the end of the due day, or the payment had expired.
        Late = "late",
        /// An excess: it is another amount.
        AmountDiffers = "amount_differs",
    }
);

words!(
    /// What happened to a payment.
    PaymentNews {
        /// The agency made it.
        Made = "made",
        /// It is paid.
        Settled = "settled",
        /// Money came besides.
        Excess = "excess",
        /// The agency cancelled it.
        Cancelled = "cancelled",
        /// Its due day ended.
        Expired = "expired",
    }
);

impl PaymentState {
    /// Whether it can still be paid.
    #[must_use]
    pub const fn is_payable(self) -> bool {
        matches!(self, Self::Open | Self::Started)
    }
}

impl PaymentNews {
    /// Whether the agency's software is told: of what it did itself it is not.
    #[must_use]
    pub const fn is_told(self) -> bool {
        matches!(self, Self::Settled | Self::Excess | Self::Expired)
    }
}

/// What is paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentAbout {
    /// Something that the agency told a citizen.
    Notice(CitizenNoticeId),
    /// Something that a citizen applied for there.
    Application(ApplicationId),
}

impl PaymentAbout {
    /// The id of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Notice(id) => id.as_str(),
            Self::Application(id) => id.as_str(),
        }
    }
}

/// A payment as its agency made it; nothing of it ever changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// By whose software.
    pub client: ClientId,
    /// The agency's name at that time.
    pub payee: Words,
    /// What a bank finds it by.
    pub numbers: PaymentNumbers,
    /// The payer's name in kana, where the agency gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer_kana: Option<String>,
    /// How much, in yen.
    pub amount: u64,
    /// What for, in words.
    pub title: Words,
    /// The last day in Japan on which it can be paid.
    pub due_on: NaiveDate,
    /// What for, where that is something here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<PaymentAbout>,
    /// By what it may be paid; at least one.
    pub ways: Vec<PaymentWay>,
    /// By what the same call is known again.
    pub key: IdempotencyKey,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Payment {
    /// The first moment at which it cannot be paid any more: the end of its due day in Japan.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        let next = self.due_on.checked_add_days(chrono::Days::new(1));
        next.and_then(Timestamp::of_day_in_japan).unwrap_or(Timestamp::from_millis(i64::MAX))
    }

    /// What money that was taken for it is, whatever else was: none where it can be the payment.
    #[must_use]
    pub fn excess_of(&self, taking: &Taking) -> Option<SettlementKind> {
        if taking.amount != self.amount {
            return Some(SettlementKind::AmountDiffers);
        }
        (taking.taken_at >= self.due_at()).then_some(SettlementKind::Late)
    }
}

/// That somebody was handed over to pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentAttempt {
    /// Its id, unguessable: where the browser comes back to.
    pub id: PaymentAttemptId,
    /// By what.
    pub way: PaymentWay,
    /// From which kind of bank, where it is from a bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankType>,
    /// When.
    pub started_at: Timestamp,
    /// Until when money is taken.
    pub until: Timestamp,
}

/// Money that a provider took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taking {
    /// The provider's own name for it: no two are named alike.
    pub reference: String,
    /// How much, in yen.
    pub amount: u64,
    /// By what.
    pub way: PaymentWay,
    /// From which kind of bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankType>,
    /// When.
    pub taken_at: Timestamp,
}

/// Money that was taken, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// Its id.
    pub id: SettlementId,
    /// For which payment.
    pub payment: PaymentId,
    /// What was taken.
    pub taking: Taking,
    /// What it counts as.
    pub kind: SettlementKind,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// By what the log of evidence knows it.
    pub receipt: ReceiptId,
}

impl Settlement {
    /// The day in Japan on which it was taken, by which it is reconciled.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        self.taking.taken_at.date_in_japan()
    }

    /// What happened by it.
    #[must_use]
    pub fn news(&self) -> PaymentNews {
        if self.kind == SettlementKind::Settled { PaymentNews::Settled } else { PaymentNews::Excess }
    }
}

/// A payment as it stands.
#[derive(Clone, Debug)]
pub struct HeldPayment {
    /// As it was made.
    pub payment: Payment,
    /// Where it stands.
    pub state: PaymentState,
    /// The token of its link. It is kept nowhere: the store makes it anew of the id and a key of its own.
    pub token: Secret<String>,
    /// Who is on the way to pay, where somebody may be.
    pub attempt: Option<PaymentAttempt>,
    /// How it was paid.
    pub settlement: Option<Settlement>,
    /// Counts its changes.
    pub version: u64,
    /// Since when it is over.
    pub ended_at: Option<Timestamp>,
}

impl HeldPayment {
    /// Where it stands: one whose due day is over and that nobody is on the way to pay has expired, whether or not that was written
    /// down yet.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> PaymentState {
        let is_over = self.state.is_payable() && self.attempt.is_none() && now >= self.payment.due_at();
        if is_over { PaymentState::Expired } else { self.state }
    }

    /// Where it is paid, below the address that everybody sees.
    #[must_use]
    pub fn address(&self, public_url: &str) -> String {
        format!("{public_url}{LINK}{}", self.token.expose())
    }
}

/// Which payment an agency's software is told of. Nothing of what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMention {
    /// Which.
    pub id: PaymentId,
    /// What happened.
    pub news: PaymentNews,
}
