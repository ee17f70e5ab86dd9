//! What the engine promises besides the ports.

use super::*;

/// What may be read whole, and sorted: small tables, and how much an operator's program counts now and then.
const SMALL_TABLES: &[&str] = &["FROM clients", "FROM keys", "count(*) FROM submission_deliveries WHERE"];

fn master() -> Arc<MasterKey> {
    Arc::new(MasterKey::new([7; 32]))
}

#[test]
fn every_statement_finds_its_rows_by_an_index() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.db");
    drop(SqliteStore::open(&path, &master()).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mut faults = Vec::new();
    for statement in STATEMENTS.iter().flat_map(|list| list.iter()) {
        let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql())).unwrap();
        for n in 1..=explained.parameter_count() {
            explained.raw_bind_parameter(n, 1).unwrap();
        }
        let is_small = SMALL_TABLES.iter().any(|table| statement.sql().contains(table));
        let mut rows = explained.raw_query();
        while let Some(row) = rows.next().unwrap() {
            let step: String = row.get(3).unwrap();
            let is_slow = step.starts_with("SCAN ") && step != "SCAN CONSTANT ROW" || step.contains("TEMP B-TREE");
            if is_slow && !is_small {
                faults.push(format!("{step} in: {}", statement.sql()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[cfg(unix)]
#[test]
fn the_file_and_its_log_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let _store = SqliteStore::open(&directory.path().join("s.db"), &master()).unwrap();
    let files: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap()).collect();
    assert!(files.len() > 1, "the file and its log");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
}

#[test]
fn a_database_of_a_newer_version_or_no_database_at_all_is_not_touched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.db");
    drop(SqliteStore::open(&path, &master()).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("INSERT INTO applied_migrations VALUES (99, 'later', 'x')", []).unwrap();
    assert!(SqliteStore::open(&path, &master()).err().unwrap().to_string().contains("migration 99"));

    let other = directory.path().join("letter.txt");
    std::fs::write(&other, "This is a letter, not a database. ".repeat(100)).unwrap();
    assert!(SqliteStore::open(&other, &master()).is_err());
    assert!(std::fs::read_to_string(&other).unwrap().starts_with("This is a letter"));
}
