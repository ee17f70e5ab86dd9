//! 公金受取口座: the account on which a person receives public benefits.

use chrono::NaiveDate;

record! {
    /// The account registered for public benefits.
    PublicBenefitAccount, PublicBenefitAccountKind = "public_benefit_account" {
        /// Bank code (金融機関コード).
        bank_code: String,
        /// Bank (金融機関名).
        bank_name: String,
        /// Branch code (店番号).
        branch_code: String,
        /// Branch (支店名).
        branch_name: String,
        /// Kind of account (預金種目).
        account_kind: AccountKind,
        /// Account number (口座番号).
        account_number: String,
        /// Holder in kana (口座名義人カナ).
        holder_kana: String,
        /// Registered on (登録年月日).
        registered_on: NaiveDate,
        /// Changed on (変更年月日).
        changed_on: NaiveDate,
        /// Status (登録状況).
        status: AccountStatus,
    } lists {}
}

codes! {
    /// Kind of account (預金種目).
    AccountKind {
        /// Ordinary (普通).
        Ordinary,
        /// Current (当座).
        Current,
        /// Savings (貯蓄).
        Savings,
    }
}

codes! {
    /// How the registration stands.
    AccountStatus {
        /// Registered (登録).
        Registered,
        /// Changed (変更).
        Changed,
        /// Deleted (抹消).
        Deleted,
    }
}
