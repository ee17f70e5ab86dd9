//! What is counted for statistics, and what was published.

use super::SqliteStore;
use super::database::Database;
use crate::domain::Fault;
use crate::domain::statistics::{ExactCount, Fact, Month, StatisticsRelease};
use crate::store::statement::statements;
use crate::store::vault::Vault;
use crate::store::{StatisticsStore, record, statistics};
use async_trait::async_trait;
use rusqlite::{Row, params};
use std::sync::Arc;

statements! {
    /// One writer: nobody notes more between the count and the write.
    ADD = "INSERT INTO statistics_facts (person, month, series, value_1, value_2) SELECT ?1, ?2, ?3, ?4, ?5
        WHERE NOT EXISTS (SELECT 1 FROM statistics_releases WHERE month = ?2)
            AND NOT EXISTS (SELECT 1 FROM data_keys WHERE id = ?7 AND destroyed_at IS NOT NULL)
            AND (SELECT count(*) FROM statistics_facts WHERE person = ?1 AND month = ?2 AND series = ?3) < ?6
        ON CONFLICT (person, month, series, value_1, value_2) DO NOTHING";
    LIST_UNCOUNTED = "SELECT municipality, counted FROM application_heads
        WHERE counted < last AND municipality > ?1 ORDER BY municipality LIMIT ?2";
    SET_COUNTED = "UPDATE application_heads SET counted = ?2 WHERE municipality = ?1 AND counted < ?2";
    FIRST_MONTH = "SELECT month FROM statistics_facts WHERE month > '' ORDER BY month LIMIT 1";
    COUNT = "SELECT series, value_1, value_2, count(*) FROM statistics_facts WHERE month = ?1
        GROUP BY series, value_1, value_2";
    RELEASE = "INSERT INTO statistics_releases (month, body) VALUES (?1, ?2) ON CONFLICT (month) DO NOTHING";
    FORGET = "DELETE FROM statistics_facts WHERE month = ?1";
    LIST_RELEASES = "SELECT month FROM statistics_releases WHERE month > '' ORDER BY month DESC LIMIT ?1";
    FIND_RELEASE = "SELECT body FROM statistics_releases WHERE month = ?1";
}

fn exact(row: &Row<'_>) -> Result<ExactCount, Fault> {
    statistics::exact(&row.get::<_, String>(0)?, [row.get(1)?, row.get(2)?], row.get(3)?)
}

fn add(database: Database<'_>, facts: &[Fact], most_cells: u32, vault: &Vault) -> Result<(), Fault> {
    for (person, fact) in statistics::ordered(facts, vault)? {
        let [first, second] = &fact.values;
        let (month, series, subject) = (fact.month.to_string(), fact.series.as_str(), fact.person.as_str());
        database.execute(ADD, params![person, month, series, first, second, most_cells, subject])?;
    }
    Ok(())
}

#[async_trait]
impl StatisticsStore for SqliteStore {
    async fn add_facts(&self, facts: &[Fact], most_cells: u32) -> Result<(), Fault> {
        let (facts, vault) = (facts.to_vec(), Arc::clone(&self.vault));
        self.write(move |database| add(database, &facts, most_cells, &vault)).await
    }

    async fn list_uncounted(&self, after: &str, limit: u32) -> Result<Vec<(String, u64)>, Fault> {
        let one = |row: &Row<'_>| Ok((row.get(0)?, record::count(row.get(1)?)?));
        self.read(|database| database.list(LIST_UNCOUNTED, params![after, limit], one))
    }

    async fn set_counted(&self, municipality: &str, place: u64) -> Result<(), Fault> {
        let (municipality, place) = (municipality.to_owned(), record::column(place)?);
        self.write(move |database| database.execute(SET_COUNTED, params![municipality, place]).map(drop)).await
    }

    async fn find_first_counted_month(&self) -> Result<Option<Month>, Fault> {
        self.read(|database| database.find(FIRST_MONTH, [], |row| statistics::month(&row.get::<_, String>(0)?)))
    }

    async fn count_facts(&self, month: Month) -> Result<Vec<ExactCount>, Fault> {
        self.read(|database| database.list(COUNT, [month.to_string()], exact))
    }

    async fn insert_release(&self, release: &StatisticsRelease) -> Result<bool, Fault> {
        let (month, body) = (release.month.to_string(), record::write(release)?);
        self.take(move |database| {
            if database.execute(RELEASE, params![month, body])? != 1 {
                return Ok(false);
            }
            database.execute(FORGET, [&month])?;
            Ok(true)
        })
        .await
    }

    async fn list_released_months(&self, limit: u32) -> Result<Vec<Month>, Fault> {
        let one = |row: &Row<'_>| statistics::month(&row.get::<_, String>(0)?);
        self.read(|database| database.list(LIST_RELEASES, [limit], one))
    }

    async fn find_release(&self, month: Month) -> Result<Option<StatisticsRelease>, Fault> {
        let one = |row: &Row<'_>| statistics::release(&row.get::<_, String>(0)?);
        self.read(|database| database.find(FIND_RELEASE, [month.to_string()], one))
    }
}
