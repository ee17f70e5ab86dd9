//! 地方税関係情報: income and individual resident tax by year.

use chrono::NaiveDate;

record! {
    /// Income and resident tax, one entry a tax year.
    IncomeAndLocalTax, IncomeAndLocalTaxKind = "income_and_local_tax" {
    } lists {
        /// Resident tax record (個人住民税情報).
        years: IncomeTaxYear,
    }
}

shape! {
    /// One tax year (年度); it taxes the income of the calendar year before.
    IncomeTaxYear {
        /// Tax year (課税年度).
        tax_year: u16,
        /// Salary earnings (給与収入額).
        employment_earnings_yen: i64,
        /// Salary income (給与所得額).
        employment_income_yen: i64,
        /// Public pension earnings (公的年金等収入額).
        pension_earnings_yen: i64,
        /// Total income (合計所得金額).
        total_income_yen: i64,
        /// Gross income and the like (総所得金額等).
        gross_income_yen: i64,
        /// Taxable base (課税標準額).
        taxable_base_yen: i64,
        /// Pension income (公的年金等に係る雑所得額).
        pension_income_yen: i64,
        /// Business income (営業等所得額).
        business_income_yen: i64,
        /// Farming income (農業所得額).
        farming_income_yen: i64,
        /// Real estate income (不動産所得額).
        real_estate_income_yen: i64,
        /// Interest income (利子所得額).
        interest_income_yen: i64,
        /// Dividend income (配当所得額).
        dividend_income_yen: i64,
        /// Other miscellaneous income (その他の雑所得額).
        other_miscellaneous_income_yen: i64,
        /// Capital gains (譲渡所得額).
        capital_gains_yen: i64,
        /// Temporary income (一時所得額).
        temporary_income_yen: i64,
        /// Loss carried over (繰越損失額).
        loss_carried_over_yen: i64,
        /// Deductions from income (所得控除).
        deductions: IncomeDeductions,
        /// Dependants (扶養人数等).
        dependants: IncomeDependants,
        /// Resident tax (個人住民税額).
        resident_tax: ResidentTax,
        /// Taxing municipality code (課税市区町村コード).
        municipality_code: String,
        /// Taxing municipality (課税市区町村名).
        municipality_name: String,
        /// How it was reported (申告区分).
        reported_by: IncomeReport,
        /// Decided on (賦課決定年月日).
        decided_on: NaiveDate,
    } lists {}
}

shape! {
    /// What is taken off the income (所得控除), in yen.
    IncomeDeductions {
        /// Casualty loss (雑損控除額).
        casualty_loss_yen: i64,
        /// Medical expenses (医療費控除額).
        medical_expenses_yen: i64,
        /// Social insurance (社会保険料控除額).
        social_insurance_yen: i64,
        /// Mutual aid and iDeCo (小規模企業共済等掛金控除額).
        small_business_mutual_aid_yen: i64,
        /// Life insurance (生命保険料控除額).
        life_insurance_yen: i64,
        /// Earthquake insurance (地震保険料控除額).
        earthquake_insurance_yen: i64,
        /// Disability (障害者控除額).
        disability_yen: i64,
        /// Widow or single parent (寡婦・ひとり親控除額).
        widow_or_single_parent_yen: i64,
        /// Working student (勤労学生控除額).
        working_student_yen: i64,
        /// Spouse (配偶者控除額).
        spouse_yen: i64,
        /// Special, spouse (配偶者特別控除額).
        special_spouse_yen: i64,
        /// Dependants (扶養控除額).
        dependants_yen: i64,
        /// Basic (基礎控除額).
        basic_yen: i64,
        /// Total of deductions (所得控除合計額).
        total_yen: i64,
    } lists {}
}

shape! {
    /// How many dependants there are (扶養人数).
    IncomeDependants {
        /// Spouse (控除対象配偶者区分).
        spouse: DependantSpouse,
        /// General dependants (一般扶養人数).
        general_count: i64,
        /// Specified dependants (特定扶養人数).
        specified_count: i64,
        /// Elderly dependants (老人扶養人数).
        elderly_count: i64,
        /// Elderly parents living together (同居老親等扶養人数).
        elderly_living_together_count: i64,
        /// Dependants under 16 (16歳未満扶養人数).
        under_sixteen_count: i64,
        /// Dependants with a disability (障害者数（普通）).
        disabled_count: i64,
        /// Dependants with a severe disability (障害者数（特別）).
        severely_disabled_count: i64,
    } lists {}
}

shape! {
    /// The amounts of individual resident tax (個人住民税), in yen.
    ResidentTax {
        /// Taxed or exempt (課税・非課税区分).
        status: ResidentTaxStatus,
        /// Municipal tax, income part (市町村民税所得割額).
        municipal_income_part_yen: i64,
        /// Municipal tax, flat part (市町村民税均等割額).
        municipal_flat_part_yen: i64,
        /// Prefectural tax, income part (道府県民税所得割額).
        prefectural_income_part_yen: i64,
        /// Prefectural tax, flat part (道府県民税均等割額).
        prefectural_flat_part_yen: i64,
        /// Forest environment tax (森林環境税額).
        forest_environment_tax_yen: i64,
        /// Adjustment credit (調整控除額).
        adjustment_credit_yen: i64,
        /// Housing loan credit (住宅借入金等特別税額控除額).
        housing_loan_credit_yen: i64,
        /// Donation credit (寄附金税額控除額).
        donation_credit_yen: i64,
        /// Tax of the year (年税額).
        annual_total_yen: i64,
    } lists {}
}

codes! {
    /// Whether there is a deductible spouse (控除対象配偶者).
    DependantSpouse {
        /// Deductible spouse (控除対象配偶者あり).
        Deductible,
        /// Deductible spouse aged 70 or over (老人控除対象配偶者あり).
        ElderlyDeductible,
        /// Spouse of the same livelihood, not deductible (同一生計配偶者（控除対象外）).
        SameLivelihood,
        /// None (なし).
        None,
    }
}

codes! {
    /// Whether resident tax is due (課税・非課税).
    ResidentTaxStatus {
        /// Taxed (課税).
        Taxed,
        /// Exempt from the income-based part (所得割非課税).
        IncomePartExempt,
        /// Exempt (非課税).
        Exempt,
        /// Not reported (未申告).
        NotReported,
    }
}

codes! {
    /// By which report the income is known (申告区分).
    IncomeReport {
        /// Final tax return (確定申告).
        FinalReturn,
        /// Resident tax return (住民税申告).
        ResidentTaxReturn,
        /// Salary report of the employer (給与支払報告書).
        SalaryReport,
        /// Report of the pension payer (公的年金等支払報告書).
        PensionReport,
        /// Not reported (未申告).
        NotReported,
    }
}
