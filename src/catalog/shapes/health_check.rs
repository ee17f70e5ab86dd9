//! 特定健診: results of health checks, each with its unit in its name.

use chrono::NaiveDate;

record! {
    /// Health checks, one entry each.
    HealthCheck, HealthCheckKind = "health_check" {
    } lists {
        /// Health check (健診情報).
        checkups: HealthCheckup,
    }
}

shape! {
    /// One health check.
    HealthCheckup {
        /// Examined on (健診実施年月日).
        examined_on: NaiveDate,
        /// Institution (健診機関名).
        institution: String,
        /// Programme (健診区分).
        program: HealthCheckProgram,
        /// Insurer (保険者名).
        insurer: String,
        /// Body (身体計測).
        body: BodyMeasurements,
        /// Blood pressure (血圧).
        blood_pressure: BloodPressure,
        /// Lipids (血中脂質検査).
        lipids: BloodLipids,
        /// Liver (肝機能検査).
        liver: LiverFunction,
        /// Blood sugar (血糖検査).
        blood_sugar: BloodSugar,
        /// Urine (尿検査).
        urine: UrineTests,
        /// Kidney and blood count (腎機能・貧血検査).
        kidney_and_blood: KidneyAndBlood,
        /// Heart and eyes (心電図・眼底検査).
        heart_and_eyes: HeartAndEyes,
        /// Questionnaire (質問票).
        questionnaire: HealthQuestionnaire,
        /// Metabolic syndrome (メタボリックシンドローム判定).
        metabolic_syndrome: MetabolicSyndrome,
        /// Guidance (保健指導レベル).
        guidance: HealthGuidance,
        /// Physician's judgement (医師の判断).
        physician_comment: String,
    } lists {}
}

shape! {
    /// The body measured (身体計測).
    BodyMeasurements {
        /// Height (身長).
        height_cm: f64,
        /// Weight (体重).
        weight_kg: f64,
        /// BMI (BMI).
        bmi_kg_per_m2: f64,
        /// Waist (腹囲).
        waist_cm: f64,
    } lists {}
}

shape! {
    /// Blood pressure (血圧).
    BloodPressure {
        /// Systolic (収縮期血圧).
        systolic_mmhg: i64,
        /// Diastolic (拡張期血圧).
        diastolic_mmhg: i64,
    } lists {}
}

shape! {
    /// Lipids (脂質).
    BloodLipids {
        /// Triglycerides (中性脂肪).
        triglycerides_mg_per_dl: i64,
        /// HDL cholesterol (HDLコレステロール).
        hdl_cholesterol_mg_per_dl: i64,
        /// LDL cholesterol (LDLコレステロール).
        ldl_cholesterol_mg_per_dl: i64,
        /// Non-HDL cholesterol (Non-HDLコレステロール).
        non_hdl_cholesterol_mg_per_dl: i64,
        /// Time since a meal (採血時間（食後）).
        blood_drawn: BloodDrawnAfterMeal,
    } lists {}
}

shape! {
    /// Liver (肝機能).
    LiverFunction {
        /// AST (GOT) (AST（GOT）).
        ast_u_per_l: i64,
        /// ALT (GPT) (ALT（GPT）).
        alt_u_per_l: i64,
        /// Gamma-GT (γ-GT（γ-GTP）).
        gamma_gt_u_per_l: i64,
    } lists {}
}

shape! {
    /// Sugar (血糖).
    BloodSugar {
        /// Fasting glucose (空腹時血糖).
        fasting_glucose_mg_per_dl: i64,
        /// Casual glucose (随時血糖).
        casual_glucose_mg_per_dl: i64,
        /// HbA1c (NGSP) (HbA1c（NGSP値）).
        hba1c_ngsp_percent: f64,
    } lists {}
}

shape! {
    /// Urine (尿検査).
    UrineTests {
        /// Urine glucose (尿糖).
        glucose: UrineResult,
        /// Urine protein (尿蛋白).
        protein: UrineResult,
    } lists {}
}

shape! {
    /// Kidney and blood count (腎機能・貧血検査).
    KidneyAndBlood {
        /// Serum creatinine (血清クレアチニン).
        serum_creatinine_mg_per_dl: f64,
        /// eGFR (eGFR).
        egfr_ml_per_min_per_1_73m2: f64,
        /// Haematocrit (ヘマトクリット値).
        hematocrit_percent: f64,
        /// Haemoglobin (血色素量（ヘモグロビン）).
        hemoglobin_g_per_dl: f64,
        /// Red blood cells (赤血球数).
        red_blood_cells_10000_per_ul: i64,
    } lists {}
}

shape! {
    /// Heart and eyes (心電図・眼底検査).
    HeartAndEyes {
        /// ECG findings (心電図所見).
        ecg_findings: String,
        /// Fundus findings (眼底検査所見).
        fundus_findings: String,
    } lists {}
}

shape! {
    /// What the person answered (質問票).
    HealthQuestionnaire {
        /// Takes medicine for blood pressure (服薬（血圧）).
        takes_blood_pressure_medicine: YesNo,
        /// Takes medicine for blood sugar (服薬（血糖）).
        takes_diabetes_medicine: YesNo,
        /// Takes medicine for lipids (服薬（脂質）).
        takes_lipid_medicine: YesNo,
        /// Had a stroke (既往歴（脳血管）).
        had_stroke: YesNo,
        /// Had heart disease (既往歴（心血管）).
        had_heart_disease: YesNo,
        /// Had kidney failure (既往歴（腎不全・人工透析）).
        had_kidney_failure: YesNo,
        /// Smoking (喫煙).
        smoking: Smoking,
    } lists {}
}

codes! {
    /// Which programme (健診区分).
    HealthCheckProgram {
        /// Specific health check (特定健診).
        Specific,
        /// Health check for those aged 75 or over (後期高齢者健診).
        Elderly,
        /// Employer's health check (事業主健診).
        Employer,
        /// Other (その他の健診).
        Other,
    }
}

codes! {
    /// Time since the last meal (採血時間).
    BloodDrawnAfterMeal {
        /// Ten hours or more after a meal (食後10時間以上).
        AfterTenHours,
        /// Three and a half to ten hours after a meal (食後3.5時間以上10時間未満).
        AfterThreeAndAHalfHours,
        /// Less than three and a half hours after a meal (食後3.5時間未満).
        WithinThreeAndAHalfHours,
    }
}

codes! {
    /// A urine result, from negative to 3+.
    UrineResult {
        /// Negative (－).
        Negative,
        /// Trace (±).
        Trace,
        /// 1+ (＋).
        OnePlus,
        /// 2+ (＋＋).
        TwoPlus,
        /// 3+ (＋＋＋).
        ThreePlus,
    }
}

codes! {
    /// Yes or no.
    YesNo {
        /// Yes (はい).
        Yes,
        /// No (いいえ).
        No,
    }
}

codes! {
    /// Smoking (喫煙).
    Smoking {
        /// Smokes now (現在喫煙している).
        Current,
        /// Smoked before, not in the last month (以前は吸っていたが最近1か月は吸っていない).
        Former,
        /// Does not smoke (吸わない).
        Never,
    }
}

codes! {
    /// メタボリックシンドローム判定.
    MetabolicSyndrome {
        /// Applies (基準該当).
        Applies,
        /// Borderline (予備群該当).
        Borderline,
        /// Does not apply (非該当).
        DoesNotApply,
        /// Cannot be judged (判定不能).
        Undetermined,
    }
}

codes! {
    /// 保健指導レベル.
    HealthGuidance {
        /// Active support (積極的支援).
        ActiveSupport,
        /// Motivational support (動機付け支援).
        MotivationalSupport,
        /// None (なし).
        None,
        /// Cannot be judged (判定不能).
        Undetermined,
    }
}
