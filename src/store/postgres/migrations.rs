//! This engine's migrations, and how they are applied.

use crate::domain::Fault;
use crate::store::migration::{Applied, Migration, outstanding};
use sqlx::{Connection as _, PgConnection, Row as _};

/// Every migration, in order.
pub(in crate::store) const ALL: &[Migration] = &[
    Migration { number: 1, name: "initial", sql: include_str!("migrations/0001_initial.sql") },
    Migration { number: 2, name: "decoupled", sql: include_str!("migrations/0002_decoupled.sql") },
    Migration { number: 3, name: "registrations", sql: include_str!("migrations/0003_registrations.sql") },
    Migration { number: 4, name: "logout_notices", sql: include_str!("migrations/0004_logout_notices.sql") },
    Migration { number: 5, name: "evidence", sql: include_str!("migrations/0005_evidence.sql") },
    Migration { number: 6, name: "consent_limits", sql: include_str!("migrations/0006_consent_limits.sql") },
    Migration { number: 7, name: "decisions", sql: include_str!("migrations/0007_decisions.sql") },
    Migration { number: 8, name: "consent_notices", sql: include_str!("migrations/0008_consent_notices.sql") },
    Migration { number: 9, name: "representations", sql: include_str!("migrations/0009_representations.sql") },
    Migration { number: 10, name: "retention", sql: include_str!("migrations/0010_retention.sql") },
    Migration { number: 11, name: "acting", sql: include_str!("migrations/0011_acting.sql") },
    Migration { number: 12, name: "submissions", sql: include_str!("migrations/0012_submissions.sql") },
    Migration { number: 13, name: "webhooks", sql: include_str!("migrations/0013_webhooks.sql") },
    Migration { number: 14, name: "protections", sql: include_str!("migrations/0014_protections.sql") },
    Migration { number: 15, name: "consent_receipts", sql: include_str!("migrations/0015_consent_receipts.sql") },
    Migration { number: 16, name: "sealed_records", sql: include_str!("migrations/0016_sealed_records.sql") },
    Migration { number: 17, name: "erasure", sql: include_str!("migrations/0017_erasure.sql") },
    Migration { number: 18, name: "indexes", sql: include_str!("migrations/0018_indexes.sql") },
    Migration {
        number: 19,
        name: "predicate_thresholds",
        sql: include_str!("migrations/0019_predicate_thresholds.sql"),
    },
    Migration { number: 20, name: "emergencies", sql: include_str!("migrations/0020_emergencies.sql") },
    Migration { number: 21, name: "delegations", sql: include_str!("migrations/0021_delegations.sql") },
    Migration { number: 22, name: "invitations", sql: include_str!("migrations/0022_invitations.sql") },
    Migration { number: 23, name: "delegated_filings", sql: include_str!("migrations/0023_delegated_filings.sql") },
    Migration { number: 24, name: "documents", sql: include_str!("migrations/0024_documents.sql") },
    Migration { number: 25, name: "bulk", sql: include_str!("migrations/0025_bulk.sql") },
    Migration { number: 26, name: "kept", sql: include_str!("migrations/0026_kept.sql") },
    Migration { number: 27, name: "agency_tokens", sql: include_str!("migrations/0027_agency_tokens.sql") },
    Migration { number: 28, name: "accounts", sql: include_str!("migrations/0028_accounts.sql") },
    Migration { number: 29, name: "paused_delegations", sql: include_str!("migrations/0029_paused_delegations.sql") },
    Migration { number: 30, name: "drafts", sql: include_str!("migrations/0030_drafts.sql") },
    Migration {
        number: 31,
        name: "employment_certificates",
        sql: include_str!("migrations/0031_employment_certificates.sql"),
    },
    Migration {
        number: 32,
        name: "software_delegations",
        sql: include_str!("migrations/0032_software_delegations.sql"),
    },
    Migration {
        number: 33,
        name: "electronic_deliveries",
        sql: include_str!("migrations/0033_electronic_deliveries.sql"),
    },
    Migration { number: 34, name: "establishments", sql: include_str!("migrations/0034_establishments.sql") },
    Migration { number: 35, name: "deposits", sql: include_str!("migrations/0035_deposits.sql") },
    Migration { number: 36, name: "deposit_shares", sql: include_str!("migrations/0036_deposit_shares.sql") },
    Migration {
        number: 37,
        name: "certificate_requests",
        sql: include_str!("migrations/0037_certificate_requests.sql"),
    },
    Migration { number: 38, name: "disposition_notices", sql: include_str!("migrations/0038_disposition_notices.sql") },
    Migration { number: 39, name: "company_pages", sql: include_str!("migrations/0039_company_pages.sql") },
    Migration { number: 40, name: "company_news", sql: include_str!("migrations/0040_company_news.sql") },
    Migration { number: 41, name: "citizen_notices", sql: include_str!("migrations/0041_citizen_notices.sql") },
    Migration { number: 42, name: "applications", sql: include_str!("migrations/0042_applications.sql") },
    Migration { number: 43, name: "links", sql: include_str!("migrations/0043_links.sql") },
    Migration { number: 44, name: "payments", sql: include_str!("migrations/0044_payments.sql") },
    Migration { number: 45, name: "service_status", sql: include_str!("migrations/0045_service_status.sql") },
    Migration { number: 46, name: "client_usage", sql: include_str!("migrations/0046_client_usage.sql") },
    Migration { number: 47, name: "renewals", sql: include_str!("migrations/0047_renewals.sql") },
    Migration {
        number: 48,
        name: "application_attachments",
        sql: include_str!("migrations/0048_application_attachments.sql"),
    },
    Migration { number: 49, name: "application_drafts", sql: include_str!("migrations/0049_application_drafts.sql") },
    Migration { number: 50, name: "application_batches", sql: include_str!("migrations/0050_application_batches.sql") },
    Migration { number: 51, name: "disasters", sql: include_str!("migrations/0051_disasters.sql") },
    Migration { number: 52, name: "health_insurance", sql: include_str!("migrations/0052_health_insurance.sql") },
    Migration { number: 53, name: "statistics", sql: include_str!("migrations/0053_statistics.sql") },
    Migration { number: 54, name: "payments_about", sql: include_str!("migrations/0054_payments_about.sql") },
    Migration { number: 55, name: "interviews", sql: include_str!("migrations/0055_interviews.sql") },
];

/// One node migrates at a time; the lock is this schema's own and ends with the transaction. A migration may take
/// longer than the statements of every day.
const BEGIN: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
SELECT pg_advisory_xact_lock(hashtext('madoguchi migrations in ' || current_schema()));
CREATE TABLE IF NOT EXISTS applied_migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name   TEXT   NOT NULL,
    digest TEXT   NOT NULL
)";

/// Brings the schema up to date in one transaction.
///
/// # Errors
/// [`Fault`] when the database is newer than this program, was migrated from other texts, or cannot be changed.
pub(super) async fn apply(connection: &mut PgConnection) -> Result<(), Fault> {
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(BEGIN).execute(&mut *transaction).await?;
    let had = sqlx::query("SELECT number, digest FROM applied_migrations ORDER BY number");
    let had = had.fetch_all(&mut *transaction).await?;
    let had = had.iter().map(|row| Ok(Applied { number: row.try_get(0)?, digest: row.try_get(1)? }));
    let had = had.collect::<Result<Vec<_>, sqlx::Error>>()?;
    for migration in outstanding(ALL, &had)? {
        sqlx::raw_sql(migration.sql).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO applied_migrations (number, name, digest) VALUES ($1, $2, $3)")
            .bind(migration.number)
            .bind(migration.name)
            .bind(migration.digest())
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}
