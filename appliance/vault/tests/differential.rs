//! Random SQL gives the same on sealed files as on plain ones: same rows in the same order, same refusals, same content at the
//! end (D1). `RAINBOW_EDGE_FULL=1` runs fifty times as many scripts; `RAINBOW_EDGE_SEED=N` repeats a run.

mod support;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use support::{Folder, Seeded, key};

const SCRIPTS: u64 = 150;
const STATEMENTS: usize = 80;

/// One script's generator: what exists is not tracked, so a part of the statements is refused, by both or by neither.
struct Script(Seeded);

impl Script {
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.0.below(of.len())]
    }

    fn number(&mut self, end: usize) -> usize {
        self.0.below(end)
    }

    fn table(&mut self) -> &'static str {
        self.one(&["t0", "t1", "t2"])
    }

    fn column(&mut self) -> &'static str {
        self.one(&["a", "b", "c", "d", "id"])
    }

    fn literal(&mut self) -> String {
        match self.number(9) {
            0 => "NULL".to_owned(),
            1 => format!("{}.{}", self.number(100), self.number(1000)),
            2 => format!("x'{:08x}'", self.0.next() & 0xffff_ffff),
            3 => format!("'{}'", "Grüße ".repeat(self.number(40))),
            4 => format!("zeroblob({})", self.number(9_000)),
            5 => format!("-{}", self.0.next() >> 8),
            6 => format!("'{}'", self.one(&["", "a", "B", "aa", "zz top", "ÄÖÜ"])),
            _ => self.number(60).to_string(),
        }
    }

    fn term(&mut self, depth: usize) -> String {
        if depth == 0 {
            return if self.number(2) == 0 { self.column().to_owned() } else { self.literal() };
        }
        let (one, other) = (self.term(depth - 1), self.term(depth - 1));
        match self.number(9) {
            0 => format!("coalesce({one}, {other})"),
            1 => format!("({one} || {other})"),
            2 => format!("length({one})"),
            3 => format!("CASE WHEN {one} > {other} THEN 1 ELSE {other} END"),
            4 => format!("typeof({one})"),
            5 => format!("substr({one}, 2, 5)"),
            6 => format!("abs({one} % 17)"),
            7 => format!("hex({one})"),
            _ => format!("({one} {} {other})", self.one(&["+", "-", "*", "/", "<", "=", "IS", "AND", "OR"])),
        }
    }

    fn filter(&mut self) -> String {
        let (column, literal) = (self.column(), self.literal());
        match self.number(7) {
            0 => format!("{column} BETWEEN {literal} AND {}", self.literal()),
            1 => format!("{column} IN ({literal}, {}, {})", self.literal(), self.number(60)),
            2 => format!("{column} LIKE '%{}%'", self.one(&["a", "r", "zz", "ß"])),
            3 => format!("{column} IS {}NULL", self.one(&["", "NOT "])),
            4 => format!("{column} IN (SELECT {} FROM {})", self.column(), self.table()),
            5 => self.term(1),
            _ => format!("{column} {} {literal}", self.one(&["<", "<=", "=", ">", "<>"])),
        }
    }

    fn select(&mut self) -> String {
        let (table, other, filter) = (self.table(), self.table(), self.filter());
        let (one, two) = (self.column(), self.column());
        match self.number(8) {
            0 => format!(
                "SELECT {}, {} FROM {table} WHERE {filter} ORDER BY {one}, id LIMIT 40",
                self.term(2),
                self.term(1)
            ),
            1 => {
                format!("SELECT {one}, count(*), sum(length({two})), min({two}) FROM {table} GROUP BY {one} ORDER BY 1")
            }
            2 => format!(
                "SELECT x.id, y.{one} FROM {table} x JOIN {other} y ON x.{one} = y.{two} ORDER BY 1, 2 LIMIT 60"
            ),
            3 => {
                format!("SELECT x.id, y.id FROM {table} x LEFT JOIN {other} y ON x.id = y.{one} ORDER BY 1, 2 LIMIT 60")
            }
            4 => format!(
                "SELECT id, {one} FROM {table} WHERE {filter} UNION SELECT id, {two} FROM {other} ORDER BY 1, 2 LIMIT 80"
            ),
            5 => format!(
                "SELECT id, rank() OVER (PARTITION BY {one} ORDER BY id), lag({two}) OVER (ORDER BY id) FROM {table} ORDER BY id LIMIT 50"
            ),
            6 => format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i, (SELECT count(*) FROM {table} WHERE id % i = 0) FROM n"
            ),
            _ => format!("SELECT * FROM {table} WHERE {filter} ORDER BY id DESC LIMIT 30"),
        }
    }

    fn change(&mut self) -> String {
        let (table, filter, column) = (self.table(), self.filter(), self.column());
        match self.number(7) {
            0 => format!("UPDATE {table} SET {column} = {} WHERE {filter}", self.term(1)),
            1 => format!("DELETE FROM {table} WHERE {filter} AND id % 3 = {}", self.number(3)),
            2 => format!(
                "INSERT INTO {table}(a, b, c) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i * {}, {}, printf('%0*d', {}, i) FROM n",
                1 + self.number(120),
                self.number(9),
                self.literal(),
                1 + self.number(700)
            ),
            3 => format!(
                "INSERT INTO {table}(id, a, d) VALUES({}, {}, {}) ON CONFLICT(id) DO UPDATE SET a = excluded.a RETURNING id, a",
                self.number(200),
                self.literal(),
                self.literal()
            ),
            4 => format!(
                "INSERT INTO {table}(a, b, c, d) SELECT b, a, d, c FROM {} WHERE {filter} LIMIT 30",
                self.table()
            ),
            _ => format!(
                "REPLACE INTO {table}(id, a, b, c) VALUES({}, {}, {}, {})",
                self.number(150),
                self.literal(),
                self.literal(),
                self.literal()
            ),
        }
    }

    fn schema(&mut self) -> String {
        let (table, column) = (self.table(), self.column());
        match self.number(9) {
            0 => format!("CREATE INDEX i_{table}_{column} ON {table}({column})"),
            1 => format!("DROP INDEX i_{table}_{column}"),
            2 => format!("CREATE INDEX part_{table} ON {table}(length({column})) WHERE {column} IS NOT NULL"),
            3 => format!("ALTER TABLE {table} ADD COLUMN e{} DEFAULT {}", self.number(3), self.number(9)),
            4 => format!(
                "CREATE TRIGGER g_{table} AFTER DELETE ON {table} BEGIN INSERT INTO gone VALUES('{table}', old.id); END"
            ),
            5 => format!("CREATE VIEW v_{table} AS SELECT id, {column} AS x FROM {table}"),
            6 => format!("SELECT * FROM v_{table} ORDER BY 1 LIMIT 20"),
            7 => "ANALYZE".to_owned(),
            _ => format!("INSERT INTO words SELECT c FROM {table} WHERE c IS NOT NULL LIMIT 20"),
        }
    }

    fn statement(&mut self) -> String {
        match self.number(40) {
            0..=15 => self.change(),
            16..=27 => self.select(),
            28..=31 => self.schema(),
            32 => "BEGIN".to_owned(),
            33 => "COMMIT".to_owned(),
            34 => "ROLLBACK".to_owned(),
            35 => "SAVEPOINT s".to_owned(),
            36 => self.one(&["ROLLBACK TO s", "RELEASE s"]).to_owned(),
            37 => {
                self.one(&["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)", "REINDEX", "PRAGMA integrity_check"]).to_owned()
            }
            38 => format!(
                "SELECT rowid, * FROM words WHERE words MATCH '{}' ORDER BY rowid",
                self.one(&["Grüße", "0*", "zz top"])
            ),
            _ => "SELECT * FROM gone ORDER BY 1, 2".to_owned(),
        }
    }
}

const SCHEMA: &str = "CREATE TABLE t0(id INTEGER PRIMARY KEY, a, b, c, d);
    CREATE TABLE t1(id INTEGER PRIMARY KEY, a INTEGER, b TEXT COLLATE NOCASE, c, d UNIQUE);
    CREATE TABLE t2(id INTEGER PRIMARY KEY, a, b NOT NULL DEFAULT 7, c TEXT, d CHECK(d IS NULL OR length(d) < 500)) STRICT;
    CREATE TABLE t2(id INTEGER, a, b NOT NULL DEFAULT 7, c TEXT, d CHECK(d IS NULL OR length(d) < 500), PRIMARY KEY(id)) WITHOUT ROWID;
    CREATE TABLE gone(t, id); CREATE VIRTUAL TABLE words USING fts5(w)";

/// What a statement came to: its rows, or the refusal in SQLite's words.
fn outcome(connection: &Connection, sql: &str) -> Result<Vec<Vec<Value>>, String> {
    let run = || -> rusqlite::Result<Vec<Vec<Value>>> {
        let mut statement = connection.prepare(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push((0..columns).map(|column| row.get(column)).collect::<rusqlite::Result<_>>()?);
        }
        Ok(all)
    };
    run().map_err(|error| error.to_string())
}

#[test]
fn random_sql_gives_the_same_on_sealed_files_as_on_plain_ones_d1() {
    let full = std::env::var("RAINBOW_EDGE_FULL").is_ok_and(|value| value == "1");
    let given = std::env::var("RAINBOW_EDGE_SEED").ok().and_then(|text| text.parse::<u64>().ok());
    let seed = given.unwrap_or(20_261_130);
    println!("seed: RAINBOW_EDGE_SEED={seed}");
    let (mut done, mut refused, mut rows) = (0, 0, 0);
    for script in 0..if full { 50 * SCRIPTS } else { SCRIPTS } {
        let folder = Folder::new("differential");
        let (sealed_path, plain_path) = (folder.file("sealed.db"), folder.file("plain.db"));
        vault::create(&sealed_path, &key(1), |_| Ok(())).expect("a new database");
        let sealed = support::open(&sealed_path, &key(1));
        let plain = Connection::open_with_flags(&plain_path, OpenFlags::default()).expect("opens");
        // The same settings, but that nobody waits for the disk.
        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;
            PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA cache_size = 15";
        for connection in [&sealed, &plain] {
            connection.execute_batch(settings).expect("settings");
        }
        let mut written = Script(Seeded(seed.wrapping_add(script << 20)));
        let opening = SCHEMA.split(';').map(str::to_owned);
        let rest: Vec<String> = (0..STATEMENTS).map(|_| written.statement()).collect();
        for (at, sql) in opening.chain(rest).enumerate() {
            let (ours, theirs) = (outcome(&sealed, &sql), outcome(&plain, &sql));
            assert_eq!(ours, theirs, "seed {seed}, script {script}, statement {at}: {sql}");
            done += 1;
            refused += usize::from(ours.is_err());
            rows += ours.map_or(0, |rows| rows.len());
        }
        let _ = (outcome(&sealed, "COMMIT"), outcome(&plain, "COMMIT"));
        drop(sealed);
        assert_eq!(vault::verify(&sealed_path, &key(1)).expect("verifies"), Vec::<u32>::new());
        let sealed = support::open(&sealed_path, &key(1));
        for table in ["t0", "t1", "t2", "gone", "words", "sqlite_schema"] {
            let all = format!("SELECT * FROM {table}");
            // Where a table's pages lie is nobody's promise.
            let all =
                if table == "sqlite_schema" { "SELECT type, name, sql FROM sqlite_schema".to_owned() } else { all };
            assert_eq!(
                outcome(&sealed, &all),
                outcome(&plain, &all),
                "seed {seed}, script {script}, {table} at the end"
            );
        }
    }
    println!("{done} statements, {refused} refused by both, {rows} rows compared");
    assert!(refused * 2 < done && rows > done, "most statements were refused: this shows little");
}
