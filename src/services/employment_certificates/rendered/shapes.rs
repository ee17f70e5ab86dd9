//! The rows of the standard form (標準的な様式), in its order.
//!
//! A line is text with items in braces: `{name}` is the item as people read it, `{name:日}` a flag with its box, `{name:可/否}`
//! a flag with a box for either answer. A code shows all its choices, each with its box. `|` parts what may be broken to
//! the next line from what may not.

/// One row.
pub(super) struct Shape {
    /// Its number on the form; empty where it has none.
    pub number: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Its lines.
    pub lines: &'static [&'static str],
}

const fn shape(number: &'static str, title: &'static str, lines: &'static [&'static str]) -> Shape {
    Shape { number, title, lines }
}

/// Every row.
pub(super) const SHAPES: &[Shape] = &[
    shape("1", "業種", &["{industry}", "その他の内容：{industry_other}"]),
    shape("2", "本人", &["フリガナ：{name_kana}", "氏名：{name}", "生年月日：{birth_date}"]),
    shape("3", "雇用（予定）期間等", &["{term}", "{employed_from} から|{employed_until} まで"]),
    shape("4", "本人就労先事業所", &["名称：{workplace_name}", "住所：{workplace_address}"]),
    shape("5", "雇用の形態", &["{employment_type}", "その他の内容：{employment_type_other}"]),
    shape(
        "6",
        "就労時間（固定就労の場合）",
        &[
            "{works_monday:月}|{works_tuesday:火}|{works_wednesday:水}|{works_thursday:木}|{works_friday:金}|\
             {works_saturday:土}|{works_sunday:日}|{works_holidays:祝日}",
            "月間合計：{hours_per_month}時間{minutes_per_month}分|うち休憩：{break_per_month}分",
            "月間就労日数：{days_per_month}日",
            "週間合計：{hours_per_week}時間{minutes_per_week}分",
            "週間就労日数：{days_per_week}日",
            "平日：{weekday_from} ～ {weekday_until}|うち休憩：{weekday_break}分",
            "土曜：{saturday_from} ～ {saturday_until}|うち休憩：{saturday_break}分",
            "日祝：{sunday_from} ～ {sunday_until}|うち休憩：{sunday_break}分",
        ],
    ),
    shape(
        "7",
        "就労時間（変則就労の場合）",
        &[
            "{irregular_unit}",
            "合計：{irregular_hours}時間{irregular_minutes}分|うち休憩：{irregular_break}分",
            "就労日数：{irregular_days}日",
            "主な就労時間帯・シフト時間帯：{shift_from} ～ {shift_until}|うち休憩：{shift_break}分",
        ],
    ),
    shape(
        "8",
        "就労実績（休暇等の日数を含む）",
        &[
            "{worked_month_1}：|{worked_days_1}日|{worked_hours_1}時間",
            "{worked_month_2}：|{worked_days_2}日|{worked_hours_2}時間",
            "{worked_month_3}：|{worked_days_3}日|{worked_hours_3}時間",
        ],
    ),
    shape(
        "9",
        "産前・産後休業の取得",
        &["{maternity_leave}", "期間：{maternity_leave_from} から|{maternity_leave_until} まで"],
    ),
    shape(
        "10",
        "育児休業の取得",
        &[
            "{child_care_leave}",
            "期間：{child_care_leave_from} から|{child_care_leave_until} まで",
            "入所内定時育休短縮可否：|{child_care_leave_can_end_early:可/否}",
        ],
    ),
    shape(
        "11",
        "産休・育休以外の休業の取得",
        &["{other_leave}", "理由：|{other_leave_reason}", "期間：{other_leave_from} から|{other_leave_until} まで"],
    ),
    shape("12", "復職（予定）年月日", &["{return}", "{returned_on}"]),
    shape(
        "13",
        "育児のための短時間勤務制度利用有無",
        &[
            "{short_hours}",
            "期間：{short_hours_from} から|{short_hours_until} まで",
            "就労時間帯：{short_day_from} ～ {short_day_until}|うち休憩：{short_day_break}分",
        ],
    ),
    shape("14", "保育士等としての勤務実態の有無", &["{child_care_worker}"]),
    shape("", "備考欄", &["{remarks}"]),
];
