//! 予防接種: vaccinations under the law.

use chrono::NaiveDate;

record! {
    /// The vaccinations on record.
    VaccinationRecord, VaccinationRecordKind = "vaccination" {
    } lists {
        /// Vaccination (接種記録).
        vaccinations: Vaccination,
    }
}

shape! {
    /// One vaccination.
    Vaccination {
        /// Kind of vaccine (予防接種の種類).
        vaccine: Vaccine,
        /// Given on (接種年月日).
        given_on: NaiveDate,
        /// Dose number (接種回数).
        dose_number: i64,
        /// Stage (接種期区分).
        stage: VaccinationStage,
        /// Product name (ワクチン名).
        product_name: String,
        /// Manufacturer (製造販売業者名).
        manufacturer: String,
        /// Lot number (ロット番号).
        lot_number: String,
        /// Amount (接種量).
        dose_ml: f64,
        /// How it was given (接種方法).
        route: VaccinationRoute,
        /// Medical institution (接種医療機関名).
        medical_institution: String,
        /// Physician (接種医師名).
        physician: String,
        /// Municipality code (実施市区町村コード).
        municipality_code: String,
        /// Municipality (実施市区町村名).
        municipality_name: String,
        /// Category (接種区分).
        category: VaccinationCategory,
        /// Given or put off (実施区分).
        result: VaccinationResult,
    } lists {}
}

codes! {
    /// Which vaccination (予防接種の種類).
    Vaccine {
        /// Rotavirus (ロタウイルス).
        Rotavirus,
        /// Hepatitis B (B型肝炎).
        HepatitisB,
        /// Hib (Hib（ヒブ）).
        Hib,
        /// Pneumococcal, child (小児用肺炎球菌).
        PneumococcalChild,
        /// Five-in-one (DPT-IPV-Hib) (5種混合).
        DptIpvHib,
        /// Four-in-one (DPT-IPV) (4種混合).
        DptIpv,
        /// Diphtheria and tetanus (2種混合).
        Dt,
        /// Polio, inactivated (不活化ポリオ).
        Polio,
        /// BCG (BCG).
        Bcg,
        /// Measles and rubella (麻しん風しん混合（MR）).
        MeaslesRubella,
        /// Measles (麻しん).
        Measles,
        /// Rubella (風しん).
        Rubella,
        /// Chickenpox (水痘).
        Varicella,
        /// Japanese encephalitis (日本脳炎).
        JapaneseEncephalitis,
        /// HPV (ヒトパピローマウイルス感染症).
        Hpv,
        /// Influenza, elderly (高齢者インフルエンザ).
        InfluenzaElderly,
        /// Pneumococcal, elderly (高齢者肺炎球菌).
        PneumococcalElderly,
        /// COVID-19 (新型コロナウイルス感染症).
        Covid19,
        /// Shingles (帯状疱疹).
        Shingles,
    }
}

codes! {
    /// Which period of the series (接種期).
    VaccinationStage {
        /// Primary (初回（1期初回）).
        Primary,
        /// Booster (追加（1期追加）).
        Booster,
        /// Second period (2期).
        Second,
        /// Third period (3期).
        Third,
        /// Fourth period (4期).
        Fourth,
        /// Fifth period (5期).
        Fifth,
    }
}

codes! {
    /// How it was given (接種方法).
    VaccinationRoute {
        /// Under the skin (皮下).
        Subcutaneous,
        /// Into the muscle (筋肉内).
        Intramuscular,
        /// By mouth (経口).
        Oral,
        /// Through the skin (経皮).
        Percutaneous,
    }
}

codes! {
    /// Under which part of the law (接種区分).
    VaccinationCategory {
        /// Routine, category A (定期接種（A類）).
        RoutineA,
        /// Routine, category B (定期接種（B類）).
        RoutineB,
        /// Special (臨時接種).
        Special,
        /// Catch-up (特例・キャッチアップ接種).
        CatchUp,
    }
}

codes! {
    /// Whether it was given (実施区分).
    VaccinationResult {
        /// Given (接種済).
        Given,
        /// Put off after the pre-check (予診の結果見合わせ).
        Postponed,
    }
}
