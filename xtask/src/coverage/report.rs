//! The counts, as a table for people.

use std::fmt::Write as _;

use super::table::{Service, Table};

/// How many calls there are of each kind.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    calls: usize,
    proved: usize,
    served: usize,
    empty: usize,
    not_served: usize,
}

/// A line a service, and one of all at the end.
pub(super) fn text(table: &Table) -> String {
    let mut text = format!(
        "{:<28} {:>5}  {:>6}  {:>17}  {:>15}  {:>16}\n",
        "service of the SDK", "calls", "proved", "served, no proof", "empty by design", "not served (501)"
    );
    let services = table.services();
    for service in &services {
        line(&mut text, service, counts(table, |one| one == *service));
    }
    line(&mut text, "total", counts(table, |_| true));
    text
}

fn line(text: &mut String, name: &str, counts: Counts) {
    let Counts { calls, proved, served, empty, not_served } = counts;
    let _ = writeln!(text, "{name:<28} {calls:>5}  {proved:>6}  {served:>17}  {empty:>15}  {not_served:>16}");
}

fn counts(table: &Table, of: impl Fn(&str) -> bool) -> Counts {
    let mut counts = Counts::default();
    for function in table.calls.keys().filter(|(service, _)| of(service)) {
        counts.calls += 1;
        let Some(said) = table.said.get(function) else {
            counts.not_served += 1;
            continue;
        };
        match said.service {
            Service::Served if said.proofs.is_empty() => counts.served += 1,
            Service::Served => counts.proved += 1,
            Service::Empty => counts.empty += 1,
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_is_counted_once_and_the_total_comes_last() {
        let calls = "A\ta\tGET\t/a\nA\ta\tPUT\t/a\nA\tb\tGET\t/b\nB\tc\tGET\t/c\nB\td\tGET\t/d\n";
        let table = Table::parse(calls, "A\ta\tserved\tx.rs:y\nB\tc\tempty\nB\td\tserved\n").expect("well formed");
        let all = Counts { calls: 4, proved: 1, served: 1, empty: 1, not_served: 1 };
        assert_eq!(counts(&table, |_| true), all);
        let text = text(&table);
        let last: Vec<&str> = text.lines().last().expect("lines").split_whitespace().collect();
        assert_eq!(last, ["total", "4", "1", "1", "1", "1"]);
    }
}
