//! Scripts in the manner of sqllogictest's own: few tables, many queries; the same rows in tables with different indexes, so that
//! the same question goes different ways.

use crate::script::{Record, Sort, Values, Wanted};
use crate::support::Seeded;

/// Tables of the same rows, and what each has of indexes.
const INDEXED: [&str; 5] = [
    "",
    "CREATE INDEX tab1_a ON tab1(a)",
    "CREATE INDEX tab2_ab ON tab2(a DESC, b)",
    "CREATE INDEX tab3_c ON tab3(c, e)",
    "CREATE UNIQUE INDEX tab4_pk ON tab4(b, pk DESC)",
];
const COLUMNS: &str = "(pk INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c FLOAT, d FLOAT, e TEXT, f TEXT)";
const ROWS: usize = 60;
const WORDS: [&str; 8] = ["alpha", "Beta", "gamma", "delta", "", "omega", "zz top", "beta"];

/// A script of about so many steps; what they come to is still to be filled in.
pub(crate) fn script(seed: u64, steps: usize) -> Vec<Record> {
    let mut writer = Writer { seeded: Seeded(seed), records: Vec::new(), next_key: ROWS, in_transaction: false };
    writer.tables();
    for _ in 0..steps {
        match writer.number(20) {
            0..=9 => writer.query(),
            10..=12 => writer.same_question(),
            13..=16 => writer.change(),
            17 => writer.schema(),
            _ => writer.transaction(),
        }
    }
    if writer.in_transaction {
        writer.statement("COMMIT".to_owned());
    }
    for table in 0..INDEXED.len() {
        writer.ask("TTTTTTT", Sort::Rows, format!("SELECT * FROM tab{table}"));
    }
    writer.ask("T", Sort::No, "PRAGMA integrity_check".to_owned());
    writer.records
}

struct Writer {
    seeded: Seeded,
    records: Vec<Record>,
    next_key: usize,
    in_transaction: bool,
}

impl Writer {
    fn number(&mut self, end: usize) -> usize {
        self.seeded.below(end)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.seeded.below(of.len())]
    }

    fn statement(&mut self, sql: String) {
        self.records.push(Record { line: 0, sql, wanted: Wanted::Success(true) });
    }

    fn ask(&mut self, types: &str, sort: Sort, sql: String) {
        let wanted = Wanted::Values { types: types.to_owned(), sort, values: Values::All(Vec::new()) };
        self.records.push(Record { line: 0, sql, wanted });
    }

    /// To all tables, which stay the same.
    fn everywhere(&mut self, sql: &str) {
        (0..INDEXED.len()).for_each(|table| self.statement(sql.replace("@TAB", &format!("tab{table}"))));
    }

    fn tables(&mut self) {
        self.everywhere(&format!("CREATE TABLE @TAB{COLUMNS}"));
        let rows: Vec<String> = (0..ROWS).map(|key| self.row(key)).collect();
        self.everywhere(&format!("INSERT INTO @TAB VALUES {}", rows.join(",")));
        INDEXED.iter().filter(|sql| !sql.is_empty()).for_each(|sql| self.statement((*sql).to_owned()));
    }

    fn row(&mut self, key: usize) -> String {
        let (a, b) = (self.integer(), self.integer());
        let (c, d) = (self.real(), self.real());
        let filler = if self.number(9) == 0 { self.number(6_000) } else { self.number(30) };
        format!("({key},{a},{b},{c},{d},{},printf('%.{filler}c','x'))", self.text())
    }

    fn integer(&mut self) -> String {
        match self.number(12) {
            0 => "NULL".to_owned(),
            1 => format!("-{}", self.number(1_000)),
            2 => (self.seeded.next() >> 2).to_string(),
            _ => self.number(1_000).to_string(),
        }
    }

    fn real(&mut self) -> String {
        if self.number(12) == 0 { "NULL".to_owned() } else { format!("{}.{}", self.number(900), self.number(100)) }
    }

    fn text(&mut self) -> String {
        if self.number(12) == 0 { "NULL".to_owned() } else { format!("'{}'", self.one(&WORDS)) }
    }

    fn table(&mut self) -> String {
        format!("tab{}", self.number(INDEXED.len()))
    }

    /// Something that is a number, of the columns of `x`.
    fn term(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.number(3) {
                0 => self.integer(),
                1 => self.real(),
                _ => format!("x.{}", self.one(&["pk", "a", "b", "c", "d"])),
            };
        }
        let (one, other) = (self.term(depth - 1), self.term(depth - 1));
        match self.number(10) {
            0 => format!("CASE WHEN {} THEN {one} ELSE {other} END", self.condition(depth - 1)),
            1 => format!("coalesce({one}, {other})"),
            2 => format!("nullif({one}, {other})"),
            3 => format!("abs({one} % 97)"),
            4 => format!("CAST({one} AS {})", self.one(&["INTEGER", "TEXT", "REAL"])),
            5 => format!("length(x.{}) + {one}", self.one(&["e", "f"])),
            6 => {
                let (which, table) = (self.one(&["count(y.a)", "max(y.c)", "sum(y.b % 50)"]), self.table());
                format!("(SELECT {which} FROM {table} AS y WHERE y.a {} x.a)", self.one(&["<", ">", "="]))
            }
            _ => format!("({one} {} {other})", self.one(&["+", "-", "*", "/", "%"])),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        if depth > 0 {
            let (one, other) = (self.condition(depth - 1), self.condition(depth - 1));
            return match self.number(4) {
                0 => format!("NOT ({one})"),
                1 => format!("({one} OR {other})"),
                _ => format!("({one} AND {other})"),
            };
        }
        let column = self.one(&["pk", "a", "b", "c", "d"]);
        let (low, span) = (self.number(900), self.number(400));
        match self.number(9) {
            0 => format!("x.{column} BETWEEN {low} AND {}", low + span),
            1 => format!("x.{column} IN ({}, {}, {})", self.integer(), self.real(), self.number(60)),
            2 => format!("x.{column} IN (SELECT {column} FROM {} WHERE b < {low})", self.table()),
            3 => format!("x.{column} IS {}NULL", self.one(&["", "NOT "])),
            4 => format!("x.e {} {}", self.one(&["=", "<>", ">=", "LIKE"]), self.text()),
            5 => format!("EXISTS (SELECT 1 FROM {} AS y WHERE y.b < x.{column})", self.table()),
            _ => format!("x.{column} {} {low}", self.one(&["<", "<=", "=", ">", ">=", "<>"])),
        }
    }

    fn query(&mut self) {
        let (table, other, condition) = (self.table(), self.table(), self.condition(1));
        let (one, two) = (self.term(2), self.term(1));
        let (column, few) = (self.one(&["a", "b", "c", "d", "e"]), 1 + self.number(9));
        match self.number(9) {
            0 => self.ask(
                "TT",
                Sort::Rows,
                format!("SELECT DISTINCT {one}, {two} FROM {table} AS x WHERE {condition}"),
            ),
            1 => self.ask("TTTTT", Sort::No, format!(
                "SELECT count(*), sum({two}), avg(DISTINCT {two}), min({one}), max(x.e) FROM {table} AS x WHERE {condition}"
            )),
            2 => self.ask("TTT", Sort::Rows, format!(
                "SELECT x.{column}, count(DISTINCT x.b), total({two}) FROM {table} AS x GROUP BY x.{column} HAVING count(*) < {few}"
            )),
            3 => self.ask("TTT", Sort::Rows, format!(
                "SELECT x.pk, y.pk, {two} FROM {table} AS x, {other} AS y WHERE x.{column} = y.{column} AND {condition}"
            )),
            4 => self.ask("TTT", Sort::Values, format!(
                "SELECT x.pk, y.a, z.e FROM {table} AS x LEFT JOIN {other} AS y ON x.a = y.b JOIN tab0 AS z ON z.pk = x.pk WHERE {condition}"
            )),
            5 => {
                let both = self.one(&["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]);
                let second = self.condition(1);
                self.ask("TT", Sort::Rows, format!(
                    "SELECT x.a, x.{column} FROM {table} AS x WHERE {condition} {both} SELECT x.a, x.{column} FROM {other} AS x WHERE {second}"
                ));
            }
            6 => {
                self.statement(format!(
                    "CREATE VIEW view_1 AS SELECT x.pk AS p, {one} AS q FROM {table} AS x WHERE {condition}"
                ));
                self.ask("TT", Sort::Rows, "SELECT p, q FROM view_1".to_owned());
                self.ask("TT", Sort::Rows, format!("SELECT v.p, y.e FROM view_1 AS v JOIN {other} AS y ON y.pk = v.p"));
                self.statement("DROP VIEW view_1".to_owned());
            }
            7 => self.ask("TTT", Sort::No, format!(
                "SELECT x.pk, rank() OVER (ORDER BY x.{column}), lag(x.e) OVER (PARTITION BY x.{column} ORDER BY x.pk) FROM {table} AS x WHERE {condition} ORDER BY 1"
            )),
            _ => self.ask(
                "TTT",
                Sort::No,
                format!("SELECT x.pk, {one}, x.f FROM {table} AS x WHERE {condition} ORDER BY 2 DESC, 1 LIMIT 25"),
            ),
        }
    }

    /// The same of each table.
    fn same_question(&mut self) {
        let (condition, term) = (self.condition(2), self.term(1));
        for table in 0..INDEXED.len() {
            self.ask("TTT", Sort::Rows, format!("SELECT x.pk, x.e, {term} FROM tab{table} AS x WHERE {condition}"));
        }
    }

    fn change(&mut self) {
        let (condition, term) = (self.condition(1), self.term(1));
        match self.number(6) {
            0 => self.everywhere(&format!("UPDATE @TAB AS x SET b = {term}, e = upper(e) WHERE {condition}")),
            1 => {
                let third = self.number(3);
                self.everywhere(&format!(
                    "DELETE FROM @TAB WHERE pk % 3 = {third} AND pk IN (SELECT x.pk FROM tab0 AS x WHERE {condition})"
                ));
            }
            2 => {
                let grown = self.number(5_000);
                self.everywhere(&format!("UPDATE @TAB AS x SET f = printf('%.{grown}c', e) WHERE {condition}"));
            }
            3 => {
                let key = self.number(ROWS);
                let row = self.row(key);
                self.everywhere(&format!("REPLACE INTO @TAB VALUES {row}"));
            }
            _ => {
                let many = 1 + self.number(20);
                let keys = self.next_key..self.next_key + many;
                self.next_key += many;
                let rows: Vec<String> = keys.map(|key| self.row(key)).collect();
                self.everywhere(&format!("INSERT INTO @TAB VALUES {}", rows.join(",")));
            }
        }
    }

    fn schema(&mut self) {
        let (table, column) = (self.table(), self.one(&["a", "c", "e", "f"]));
        let sql = match self.number(6) {
            0 | 1 => format!("CREATE INDEX i_{table}_{column} ON {table}({column})"),
            2 => format!("DROP INDEX i_{table}_{column}"),
            3 => format!("REINDEX {table}"),
            4 => "ANALYZE".to_owned(),
            _ => "VACUUM".to_owned(),
        };
        self.statement(sql);
    }

    fn transaction(&mut self) {
        let sql = match (self.in_transaction, self.number(4)) {
            (false, _) => "BEGIN",
            (true, 0) => "ROLLBACK",
            (true, 1) => "SAVEPOINT s",
            (true, 2) => "ROLLBACK TO s",
            (true, _) => "COMMIT",
        };
        self.in_transaction = !matches!(sql, "ROLLBACK" | "COMMIT");
        self.statement(sql.to_owned());
    }
}
