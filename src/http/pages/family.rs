//! The whole family on one page (`/docs/family`): what can be done here, which scopes open it, by which operations, and which
//! example plays it. The tests hold each row against the description, the scopes, the examples and the README.

use super::Pages;
use super::reply::{Reply, Shell};
use super::visit::Visit;
use crate::domain::Lang;
use crate::domain::scope::Scope;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// One of the family.
pub(super) struct Member {
    /// Its official name, and what it is called in English.
    pub name: (&'static str, &'static str),
    /// In a sentence.
    pub words: (&'static str, &'static str),
    /// What opens it; nothing where everybody may.
    pub scopes: &'static [Scope],
    /// Where to begin in the description, by `operationId`.
    pub operations: &'static [&'static str],
    /// `cargo run --example …`.
    pub examples: &'static [&'static str],
}

/// Every one.
pub(super) const FAMILY: &[Member] = &[
    Member {
        name: ("自己情報取得", "Self-information retrieval"),
        words: (
            "本人が同意した項目だけを、行政機関から取り寄せます。はい・いいえの答えだけにもできます。",
            "Gets from agencies what a person agreed to, item by item, or yes and no alone.",
        ),
        scopes: &[Scope::SelfInformation, Scope::Catalog],
        operations: &["create_self_information_request", "list_data_sets"],
        examples: &["loan_application", "vaccination_record", "signed_data"],
    },
    Member {
        name: ("サービス検索（ぴったりサービス）", "Service and procedure search"),
        words: (
            "市区町村の制度と手続を、場所・ことば・できごとから探します。AI エージェントも使えます（MCP）。",
            "Finds what municipalities offer, by place, words and life event; for AI agents, too (MCP).",
        ),
        scopes: &[Scope::ServiceSearch],
        operations: &["search_service_procedures", "compare_service_procedures", "call_mcp"],
        examples: &["chat_search"],
    },
    Member {
        name: ("電子申請", "Applications to municipalities"),
        words: (
            "市区町村へ申請し、審査・補正・面談・結果までを追います。一括、下書き、添付、電子署名、事前入力ができます。",
            "Applies to municipalities, books interviews, follows it to the result; together, from drafts, signed, filled in.",
        ),
        scopes: &[Scope::Applications, Scope::AgencyApplications],
        operations: &[
            "create_application",
            "create_application_batch",
            "ask_application_signature",
            "put_interview",
            "list_agency_applications",
            "list_disasters",
        ],
        examples: &["nursery_application", "signed_application", "disaster_certificate", "move_house"],
    },
    Member {
        name: ("就労証明書", "Certificates of employment"),
        words: (
            "企業が署名して発行し、市区町村が確かめます。",
            "A company signs and issues them, a municipality verifies them.",
        ),
        scopes: &[Scope::EmploymentCertificates, Scope::CertificateVerification],
        operations: &["create_employment_certificate", "open_employment_certificate"],
        examples: &["employment_certificate"],
    },
    Member {
        name: ("法人設立ワンストップ", "Establishing a company in one step"),
        words: (
            "定款認証から登記、税・社会保険までを一度に進めます。",
            "From the articles to the register, taxes and social insurance, in one step.",
        ),
        scopes: &[Scope::Establishments],
        operations: &["plan_establishment", "create_establishment"],
        examples: &["establish_company"],
    },
    Member {
        name: ("お知らせ", "Notices"),
        words: (
            "行政機関が本人へお知らせを送り、本人が選んだソフトにも届きます。",
            "Agencies post notices to a person; the software that the person chose is told, too.",
        ),
        scopes: &[Scope::Notices, Scope::AgencyNotices],
        operations: &["list_notices", "create_agency_notice", "create_agency_notice_bulk"],
        examples: &["notice_inbox"],
    },
    Member {
        name: ("民間送達", "Private delivery"),
        words: (
            "控除証明書などを署名を確かめて受け取り、年末調整の合計を一度に出します。",
            "Fetches deduction certificates, checks their signatures and adds up a year-end adjustment.",
        ),
        scopes: &[Scope::PrivateDocuments],
        operations: &["list_private_documents", "get_year_end_adjustment"],
        examples: &["deduction_certificates"],
    },
    Member {
        name: ("社会保険・税手続", "Social insurance and tax filings"),
        words: (
            "従業員の入退社などの届出を、提出先ごとにちょうど一度だけ届けます。10万人分のファイルもできます。",
            "Files for employees, delivered to each agency exactly once; a hundred thousand in one file, too.",
        ),
        scopes: &[Scope::Submissions],
        operations: &["create_submission", "create_bulk_submission", "create_life_event", "list_events"],
        examples: &["payroll_hiring", "payroll_bulk_santei"],
    },
    Member {
        name: ("やりとり履歴（情報提供等記録）", "Records of exchanges"),
        words: (
            "どの機関が、どの事務で、どこから何を得たかを、この窓口での利用とともに見せます。",
            "Which body asked which other for what, beside what was read through this counter.",
        ),
        scopes: &[Scope::ProvisionRecords],
        operations: &["list_provision_records"],
        examples: &["my_records"],
    },
    Member {
        name: ("公金決済", "Public payments"),
        words: (
            "行政機関が納付用URLを作り、ペイジー・モバイルレジ・カードで一度だけ支払われます。",
            "An agency makes an address to pay at; it is paid once, by Pay-easy, mobile register or card.",
        ),
        scopes: &[Scope::AgencyPayments],
        operations: &["create_agency_payment", "list_agency_settlements"],
        examples: &["pay_tax"],
    },
    Member {
        name: ("統計", "Statistics"),
        words: (
            "利用と結果の数を、個人が分からない形で月ごとに公表します。",
            "Counts of use and outcomes by month, of which nobody can be made out.",
        ),
        scopes: &[],
        operations: &["list_statistics", "get_statistics", "get_statistics_coverage"],
        examples: &["open_statistics"],
    },
    Member {
        name: ("もっとつながる（外部サイト連携）", "Linked services"),
        words: (
            "本人が外部サイトとつなぎ、見直し、切ります。",
            "A person links other sites, looks over the links and ends them.",
        ),
        scopes: &[Scope::LinkedServices],
        operations: &["list_linked_services"],
        examples: &["deduction_certificates"],
    },
    Member {
        name: ("健康保険証利用の初期設定", "The health insurance card on the Individual Number Card"),
        words: (
            "一度の同意で、マイナンバーカードを健康保険証として使えるように登録します。",
            "In one consent a card is registered to be shown at clinics.",
        ),
        scopes: &[Scope::HealthInsurance],
        operations: &["register_health_insurance"],
        examples: &["health_card"],
    },
    Member {
        name: ("キオスク端末", "Shared terminals"),
        words: (
            "共用端末で、何も残さずに一回だけ利用します。",
            "Serves a person once at a shared terminal that keeps nothing of it.",
        ),
        scopes: &[Scope::SelfInformation],
        operations: &["authorize_device"],
        examples: &["kiosk"],
    },
    Member {
        name: ("クラウド提出", "Filing by reference"),
        words: (
            "企業のデータは企業のクラウドに置いたまま、行政機関が必要な部分だけを参照します。",
            "A company's data stays in its own cloud; agencies read what they may, and no more.",
        ),
        scopes: &[Scope::Deposits, Scope::AgencyDeposits],
        operations: &["create_deposit", "list_agency_deposits"],
        examples: &["cloud_deposit"],
    },
];

#[derive(Template)]
#[template(path = "family.html", config = "src/http/pages/askama.toml")]
struct Family<'p> {
    shell: Shell<'p>,
    family: &'static [Member],
}

impl Family<'_> {
    const fn said(&self, (ja, en): &(&'static str, &'static str)) -> &'static str {
        match self.shell.lang {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }
}

/// `GET /docs/family`
pub(super) async fn show(request: HttpRequest, pages: web::Data<Pages>) -> HttpResponse {
    let visit = Visit::of(&request, &pages);
    let page = Family { shell: Shell::new(&pages, &visit), family: FAMILY };
    Reply::new(&pages, &visit, StatusCode::OK).page(&page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::openapi;
    use std::path::Path;

    #[test]
    fn every_row_leads_to_operations_and_examples_that_are_there_and_stands_in_the_readme() {
        let (text, readme) = (openapi::document().to_string(), std::fs::read_to_string("README.md").unwrap());
        for member in FAMILY {
            for operation in member.operations {
                assert!(text.contains(&format!("\"operationId\":\"{operation}\"")), "{operation}");
            }
            assert!(!member.examples.is_empty(), "{}", member.name.1);
            for example in member.examples {
                assert!(
                    Path::new(&format!("examples/{example}.rs")).is_file()
                        || Path::new("examples").join(example).is_dir()
                );
            }
            let examples: Vec<String> = member.examples.iter().map(|one| format!("`{one}`")).collect();
            let row = format!("| {} | {} |", member.name.0, examples.join(", "));
            assert!(readme.contains(&row), "the README has no row {row}");
        }
    }

    #[test]
    fn every_scope_has_its_place_in_the_family() {
        let bare = [Scope::Openid, Scope::OfflineAccess, Scope::Account];
        for scope in Scope::ALL.into_iter().filter(|scope| !bare.contains(scope)) {
            assert!(FAMILY.iter().any(|member| member.scopes.contains(&scope)), "{}", scope.as_str());
        }
    }
}
