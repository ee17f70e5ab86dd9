//! 住民票関係情報: where a person lives and with whom.

use chrono::NaiveDate;

record! {
    /// A resident record, as of the condition asked for.
    Residence, ResidenceKind = "residence" {
        /// Full name (氏名).
        full_name: String,
        /// Name in kana (氏名のフリガナ).
        full_name_kana: String,
        /// Date of birth (生年月日).
        birth_date: NaiveDate,
        /// Sex (性別).
        sex: Sex,
        /// Address (住所).
        address: String,
        /// Municipality code (市区町村コード).
        municipality_code: String,
        /// Postal code (郵便番号).
        postal_code: String,
        /// Head of household (世帯主の氏名).
        head_of_household_name: String,
        /// Relationship to the head (世帯主との続柄).
        relationship_to_head: RelationshipToHead,
        /// Resident since (住民となった年月日).
        resident_since: NaiveDate,
        /// At this address since (住所を定めた年月日).
        address_since: NaiveDate,
        /// Notified on (届出年月日).
        notified_on: NaiveDate,
        /// Former surname (旧氏).
        former_surname: String,
        /// Alias (通称).
        alias: String,
        /// Nationality or region (国籍・地域).
        nationality: String,
        /// Status of residence (在留資格).
        residence_status: String,
        /// Residence expires on (在留期間の満了の日).
        residence_expires_on: NaiveDate,
        /// Household size (世帯の人数).
        household_size: i64,
    } lists {
        /// Moves (異動履歴).
        moves: ResidenceMove,
        /// Household members (世帯員).
        household_members: HouseholdMember,
    }
}

shape! {
    /// One move or other change.
    ResidenceMove {
        /// Reason of the change (異動事由).
        reason: MoveReason,
        /// Date of the change (異動年月日).
        moved_on: NaiveDate,
        /// Change notified on (異動届出年月日).
        notified_on: NaiveDate,
        /// Address before (異動前の住所).
        address_before: String,
        /// Address after (異動後の住所).
        address_after: String,
    } lists {}
}

shape! {
    /// One person of the household.
    HouseholdMember {
        /// Member: full name (世帯員の氏名).
        full_name: String,
        /// Member: name in kana (世帯員の氏名のフリガナ).
        full_name_kana: String,
        /// Member: date of birth (世帯員の生年月日).
        birth_date: NaiveDate,
        /// Member: sex (世帯員の性別).
        sex: Sex,
        /// Member: relationship to the head (世帯員の続柄).
        relationship_to_head: RelationshipToHead,
        /// Member: resident since (世帯員の住民となった年月日).
        resident_since: NaiveDate,
    } lists {}
}

codes! {
    /// Sex as recorded.
    Sex {
        /// Male (男).
        Male,
        /// Female (女).
        Female,
        /// Not stated (不明).
        NotStated,
    }
}

codes! {
    /// What a person is to the head of the household (続柄).
    RelationshipToHead {
        /// Head of the household (世帯主).
        Head,
        /// Husband (夫).
        Husband,
        /// Wife (妻).
        Wife,
        /// Child (子).
        Child,
        /// Child of a child (子の子).
        Grandchild,
        /// Father (父).
        Father,
        /// Mother (母).
        Mother,
        /// Grandparent (祖父母).
        Grandparent,
        /// Brother or sister (兄弟姉妹).
        Sibling,
        /// Spouse of a child (子の配偶者).
        SpouseOfChild,
        /// Parent of the spouse (配偶者の父母).
        ParentInLaw,
        /// Other relative (縁故者).
        OtherRelative,
        /// Cohabitant (同居人).
        Cohabitant,
    }
}

codes! {
    /// Why a resident record changed (異動事由).
    MoveReason {
        /// Moved in from another municipality (転入).
        MovedIn,
        /// Moved within the municipality (転居).
        MovedWithin,
        /// Moved out to another municipality (転出).
        MovedOut,
        /// Birth (出生).
        Birth,
        /// Death (死亡).
        Death,
        /// Change of household (世帯変更).
        HouseholdChanged,
        /// Moved in from abroad (国外からの転入).
        FromAbroad,
        /// Moved abroad (国外への転出).
        ToAbroad,
        /// Entered by the municipality itself (職権による記載等).
        ByAuthority,
        /// Other (その他).
        Other,
    }
}
