//! 薬剤情報: dispensed medicines, from the insurance claims.

use chrono::NaiveDate;

record! {
    /// The medicines dispensed, one entry a dispensing.
    Medicines, MedicinesKind = "medicines" {
    } lists {
        /// Dispensing (調剤情報).
        dispensings: Dispensing,
    }
}

shape! {
    /// One dispensing.
    Dispensing {
        /// Dispensed on (調剤年月日).
        dispensed_on: NaiveDate,
        /// Pharmacy (調剤薬局名).
        pharmacy: String,
        /// Pharmacy code (調剤医療機関コード).
        pharmacy_code: String,
        /// Prescribed at (処方医療機関名).
        prescribing_institution: String,
        /// Prescribed on (処方年月日).
        prescribed_on: NaiveDate,
        /// Where dispensed (処方区分).
        place: DispensingPlace,
    } lists {
        /// Drug (薬剤).
        drugs: Drug,
    }
}

shape! {
    /// One drug of a dispensing.
    Drug {
        /// Name of the drug (医薬品名).
        name: String,
        /// Drug code (医薬品コード).
        receipt_code: String,
        /// Ingredient (成分名).
        ingredient: String,
        /// Directions (用法).
        directions: String,
        /// Amount (用量).
        amount: f64,
        /// Unit of the amount (用量の単位).
        amount_unit: String,
        /// Days supplied (調剤数量（日数）).
        days: i64,
        /// Form (剤形区分).
        form: DrugForm,
        /// Generic (後発品区分).
        generic: GenericStatus,
    } lists {}
}

codes! {
    /// Where it was dispensed (処方区分).
    DispensingPlace {
        /// Dispensed at a pharmacy (院外処方).
        OutpatientPharmacy,
        /// Dispensed at the institution (院内処方).
        InHouse,
        /// During a stay in hospital (入院).
        Inpatient,
    }
}

codes! {
    /// How it is taken (剤形区分).
    DrugForm {
        /// By mouth (内服).
        Internal,
        /// As needed (頓服).
        AsNeeded,
        /// External (外用).
        External,
        /// Injection (注射).
        Injection,
        /// Other (その他).
        Other,
    }
}

codes! {
    /// Brand or generic (後発品区分).
    GenericStatus {
        /// Brand (先発医薬品).
        Brand,
        /// Generic (後発医薬品).
        Generic,
        /// Not stated (区分なし).
        NotStated,
    }
}
