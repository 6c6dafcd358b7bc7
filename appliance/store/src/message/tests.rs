//! How much of a long archive its pages read (C1: an archive of millions of messages stays quick).

use super::*;
use crate::bubble::BubbleNo;
use crate::steps::steps;
use crate::{bubble_message, migrate};

const MESSAGES: i64 = 200_000;
const ONE: PersonNo = PersonNo(1);
const OTHER: PersonNo = PersonNo(2);
const BUBBLE: BubbleNo = BubbleNo(1);
const END: ArchiveId = ArchiveId(i64::MAX);
const BEGINNING: ArchiveId = ArchiveId(-1);
/// Steps of SQLite's machine for one row that a page holds, joined with its people: far fewer are needed.
const STEPS_A_ROW: u64 = 120;

/// Two people, and a bubble of theirs, with as many messages each.
fn content(messages: i64) -> Connection {
    let content = Connection::open_in_memory().expect("memory");
    migrate::migrate("company", &content, migrate::COMPANY).expect("the newest version");
    let numbers = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {messages})");
    let rows = format!(
        "INSERT INTO person VALUES (1, 'd00000000000000000000001', 'c'), (2, 'd00000000000000000000002', 'c');
         INSERT INTO bubble VALUES (1, 'b00000000000000000000001', '', '', '{{}}', '[]', '{{}}', NULL, NULL, NULL, 0);
         {numbers} INSERT INTO message (stamp_us, low_no, high_no, sender_no, recipient_no, sender_resource, stanza_id,
             digest, payload, body, kept, pending)
             SELECT i, 1, 2, 1 + i % 2, 2 - i % 2, 'r', 'm' || i, x'', '<body>hello</body>', 'hello', 1, 0 FROM n;
         {numbers} INSERT INTO bubble_message SELECT i, 1, 1 + i % 2, 'r', 'm' || i, x'', NULL, '<body>hello</body>', 'hello',
             NULL, NULL FROM n;"
    );
    content.execute_batch(&rows).expect("rows");
    content
}

fn range(before: ArchiveId, newest: bool) -> Range {
    Range { after: BEGINNING, before, limit: 101, newest, every_kind: false }
}

#[test]
fn a_page_costs_the_same_at_the_end_in_the_middle_and_at_the_beginning_of_a_long_archive_c1() {
    // Ten million pass as well, in five times the time and the memory.
    let messages = 2_000_000;
    let mut content = content(messages);
    for before in [END, ArchiveId(messages / 2), ArchiveId(500)] {
        for newest in [true, false] {
            let (cost, page) = steps(&mut content, |c| between(c, ONE, OTHER, range(before, newest)).expect("read"));
            assert_eq!(page.len(), 101);
            assert!(cost < 101 * STEPS_A_ROW, "between two: {cost} steps before {before:?}");
            let (cost, page) =
                steps(&mut content, |c| bubble_message::page(c, BUBBLE, range(before, newest)).expect("read"));
            assert_eq!(page.len(), 101);
            assert!(cost < 101 * STEPS_A_ROW, "in a bubble: {cost} steps before {before:?}");
        }
    }
}

#[test]
fn a_count_ends_where_it_is_bounded_however_long_the_archive_is_c1() {
    const MOST: u32 = 10_001;
    let mut content = content(MESSAGES);
    for every_kind in [true, false] {
        let (cost, counted) =
            steps(&mut content, |c| count_between(c, (ONE, OTHER), (BEGINNING, END), every_kind, MOST).expect("read"));
        assert_eq!(counted, MOST);
        assert!(cost < u64::from(MOST) * 20, "between two: {cost} steps");
        let (cost, counted) = steps(&mut content, |c| {
            bubble_message::count(c, BUBBLE, (BEGINNING, END), every_kind, MOST).expect("read")
        });
        assert_eq!(counted, MOST);
        assert!(cost < u64::from(MOST) * 20, "in a bubble: {cost} steps");
    }
}

#[test]
fn pages_and_what_is_newest_are_found_by_an_index_and_nothing_is_sorted_c1() {
    let content = content(MESSAGES);
    let of_two =
        "SELECT 1 FROM message WHERE low_no = 1 AND high_no = 2 AND stamp_us > 0 AND stamp_us < 9 AND kept = 1";
    let in_bubble = "SELECT payload FROM bubble_message WHERE bubble_no = 1 AND stamp_us > 0 AND stamp_us < 9";
    for (sql, index) in [
        (format!("{of_two} ORDER BY stamp_us DESC LIMIT 101"), "message_by_pair"),
        (format!("{of_two} ORDER BY stamp_us LIMIT 101"), "message_by_pair"),
        (format!("{in_bubble} ORDER BY stamp_us DESC LIMIT 101"), "bubble_message_by_bubble"),
        (String::from("SELECT 1 FROM message WHERE sender_no = 1 AND stanza_id = 'm'"), "message_by_name"),
        (
            String::from("SELECT 1 FROM bubble_message WHERE bubble_no = 1 AND stanza_id = 'm'"),
            "bubble_message_by_name",
        ),
    ] {
        let mut statement = content.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a plan");
        let lines = statement.query_map([], |r| r.get::<_, String>(3)).expect("a plan");
        let plan: Vec<String> = lines.collect::<Result<_, _>>().expect("a plan");
        assert!(plan.iter().any(|line| line.contains(index)), "{sql}: {plan:?}");
        assert!(plan.iter().all(|line| !line.contains("TEMP B-TREE") && !line.starts_with("SCAN")), "{sql}: {plan:?}");
    }
}
