//! A database as whoever holds its files or a dump of it would read it: past the ports, past the sealing.

use super::engines::TestStore;
use sqlx::{Connection as _, PgConnection, Row as _};

/// One value, of whatever type, as bytes.
pub struct Value {
    /// Where it stands.
    pub table: String,
    /// Its column.
    pub column: String,
    /// The text as UTF-8, bytes as they are, a number in digits.
    pub bytes: Vec<u8>,
}

/// Every column of every table, `(table, column)`.
pub async fn columns(test: &TestStore) -> Vec<(String, String)> {
    let mut columns = if test.directory.is_none() {
        let mut connection = PgConnection::connect(&test.url).await.unwrap();
        let rows = sqlx::query(
            "SELECT table_name::text, column_name::text FROM information_schema.columns
                WHERE table_schema = current_schema()",
        );
        let rows = rows.fetch_all(&mut connection).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    } else {
        let connection = sqlite(test);
        let mut tables = connection
            .prepare(
                "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
                    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
            )
            .unwrap();
        let rows = tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<Vec<(String, String)>, _>>().unwrap()
    };
    columns.sort();
    columns
}

/// Every value that is there.
pub async fn values(test: &TestStore) -> Vec<Value> {
    let mut values = Vec::new();
    for (table, column) in columns(test).await {
        let found = if test.directory.is_some() {
            let connection = sqlite(test);
            let text = format!("SELECT CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL");
            let mut all = connection.prepare(&text).unwrap();
            let rows = all.query_map([], |row| row.get(0)).unwrap();
            rows.collect::<Result<Vec<Vec<u8>>, _>>().unwrap()
        } else {
            let mut connection = PgConnection::connect(&test.url).await.unwrap();
            let is_bytes = sqlx::query(sqlx::AssertSqlSafe(format!(
                "SELECT data_type = 'bytea' FROM information_schema.columns
                    WHERE table_schema = current_schema() AND table_name = '{table}' AND column_name = '{column}'"
            )));
            let is_bytes: bool = is_bytes.fetch_one(&mut connection).await.unwrap().get(0);
            let as_bytes = if is_bytes { column.clone() } else { format!("convert_to({column}::text, 'UTF8')") };
            let text = format!("SELECT {as_bytes} FROM {table} WHERE {column} IS NOT NULL");
            let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        };
        values.extend(found.into_iter().map(|bytes| Value { table: table.clone(), column: column.clone(), bytes }));
    }
    values
}

/// The engine's own files: what is on the disk of every table, with what was overwritten and not yet cleared away.
pub async fn files(test: &TestStore) -> Vec<u8> {
    let mut all = Vec::new();
    if let Some(directory) = &test.directory {
        for file in std::fs::read_dir(directory.path()).unwrap() {
            all.extend(std::fs::read(file.unwrap().path()).unwrap());
        }
        return all;
    }
    let mut connection = PgConnection::connect(&test.url).await.unwrap();
    sqlx::query("CHECKPOINT").execute(&mut connection).await.unwrap();
    let relations = sqlx::query(
        "SELECT pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class c
            WHERE c.relkind IN ('r', 'i', 't') AND pg_relation_filepath(c.oid) IS NOT NULL
                AND (c.relnamespace = current_schema()::regnamespace
                    OR c.oid IN (SELECT reltoastrelid FROM pg_class WHERE relnamespace = current_schema()::regnamespace))",
    );
    for row in relations.fetch_all(&mut connection).await.unwrap() {
        all.extend(row.get::<Vec<u8>, _>(0));
    }
    all
}

/// Whether `part` stands anywhere in `whole`.
pub fn holds(whole: &[u8], part: &str) -> bool {
    whole.windows(part.len()).any(|some| some == part.as_bytes())
}

/// Runs one statement past the ports.
pub async fn run(test: &TestStore, sql: &str) {
    if test.directory.is_some() {
        sqlite(test).execute_batch(sql).unwrap();
    } else {
        let mut connection = PgConnection::connect(&test.url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    }
}

fn sqlite(test: &TestStore) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(test.url.strip_prefix("sqlite:").unwrap()).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    connection.pragma_update(None, "secure_delete", "ON").unwrap();
    connection
}
