//! What is counted for statistics, and what was published.

use super::{PostgresStore, ask, is_one};
use crate::domain::Fault;
use crate::domain::statistics::{ExactCount, Fact, Month, StatisticsRelease};
use crate::store::statement::statements;
use crate::store::{StatisticsStore, record, statistics};
use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

statements! {
    /// One node at a time notes, so that two do not each find room for one cell more of one person.
    LOCK = "SELECT pg_advisory_xact_lock(hashtext('statistics in ' || current_schema()))";
    ADD = "INSERT INTO statistics_facts (person, month, series, value_1, value_2) SELECT $1, $2, $3, $4, $5
        WHERE NOT EXISTS (SELECT 1 FROM statistics_releases WHERE month = $2)
            AND NOT EXISTS (SELECT 1 FROM data_keys WHERE id = $7 AND destroyed_at IS NOT NULL)
            AND (SELECT count(*) FROM statistics_facts WHERE person = $1 AND month = $2 AND series = $3) < $6
        ON CONFLICT (person, month, series, value_1, value_2) DO NOTHING";
    LIST_UNCOUNTED = "SELECT municipality, counted FROM application_heads
        WHERE counted < last AND municipality COLLATE \"C\" > $1 ORDER BY municipality COLLATE \"C\" LIMIT $2";
    SET_COUNTED = "UPDATE application_heads SET counted = $2 WHERE municipality = $1 AND counted < $2";
    FIRST_MONTH = "SELECT month FROM statistics_facts ORDER BY month LIMIT 1";
    COUNT = "SELECT series, value_1, value_2, count(*) FROM statistics_facts WHERE month = $1
        GROUP BY series, value_1, value_2";
    RELEASE = "INSERT INTO statistics_releases (month, body) VALUES ($1, $2) ON CONFLICT (month) DO NOTHING";
    FORGET = "DELETE FROM statistics_facts WHERE month = $1";
    LIST_RELEASES = "SELECT month FROM statistics_releases ORDER BY month DESC LIMIT $1";
    FIND_RELEASE = "SELECT body FROM statistics_releases WHERE month = $1";
}

fn exact(row: &PgRow) -> Result<ExactCount, Fault> {
    statistics::exact(row.try_get(0)?, [row.try_get(1)?, row.try_get(2)?], row.try_get(3)?)
}

#[async_trait]
impl StatisticsStore for PostgresStore {
    async fn add_facts(&self, facts: &[Fact], most_cells: u32) -> Result<(), Fault> {
        let mut transaction = self.pool.begin().await?;
        ask(LOCK).execute(&mut *transaction).await?;
        for (person, fact) in statistics::ordered(facts, &self.vault)? {
            let [first, second] = &fact.values;
            let add = ask(ADD).bind(person).bind(fact.month.to_string()).bind(fact.series.as_str());
            let add = add.bind(first).bind(second).bind(i64::from(most_cells)).bind(fact.person.as_str());
            add.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn list_uncounted(&self, after: &str, limit: u32) -> Result<Vec<(String, u64)>, Fault> {
        let rows = ask(LIST_UNCOUNTED).bind(after).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, record::count(row.try_get(1)?)?))).collect()
    }

    async fn set_counted(&self, municipality: &str, place: u64) -> Result<(), Fault> {
        ask(SET_COUNTED).bind(municipality).bind(record::column(place)?).execute(&self.pool).await?;
        Ok(())
    }

    async fn find_first_counted_month(&self) -> Result<Option<Month>, Fault> {
        let row = ask(FIRST_MONTH).fetch_optional(&self.pool).await?;
        row.map(|row| statistics::month(row.try_get(0)?)).transpose()
    }

    async fn count_facts(&self, month: Month) -> Result<Vec<ExactCount>, Fault> {
        ask(COUNT).bind(month.to_string()).fetch_all(&self.pool).await?.iter().map(exact).collect()
    }

    async fn insert_release(&self, release: &StatisticsRelease) -> Result<bool, Fault> {
        let (month, body) = (release.month.to_string(), record::write(release)?);
        let mut transaction = self.pool.begin().await?;
        // Behind whoever notes something of the month just now: it is forgotten with the rest.
        ask(LOCK).execute(&mut *transaction).await?;
        let is_first = is_one(ask(RELEASE).bind(&month).bind(&body), &mut transaction).await?;
        if is_first {
            ask(FORGET).bind(&month).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(is_first)
    }

    async fn list_released_months(&self, limit: u32) -> Result<Vec<Month>, Fault> {
        let rows = ask(LIST_RELEASES).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        rows.iter().map(|row| statistics::month(row.try_get(0)?)).collect()
    }

    async fn find_release(&self, month: Month) -> Result<Option<StatisticsRelease>, Fault> {
        let row = ask(FIND_RELEASE).bind(month.to_string()).fetch_optional(&self.pool).await?;
        row.map(|row| statistics::release(row.try_get(0)?)).transpose()
    }
}
