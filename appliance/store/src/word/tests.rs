use super::*;
use crate::{bubble, bubble_message, message, migrate};
use std::path::Path;

fn content() -> Connection {
    filled(Connection::open_in_memory().expect("memory"))
}

fn filled(content: Connection) -> Connection {
    content.execute_batch("PRAGMA secure_delete = ON").expect("a pragma");
    migrate::migrate("company", &content, migrate::COMPANY).expect("the newest version");
    let rows = "INSERT INTO person VALUES (1, 'd00000000000000000000001', 'c'), (2, 'd00000000000000000000002', 'c'),
             (3, 'd00000000000000000000003', 'c');
         INSERT INTO bubble SELECT value, printf('b%023d', value), '', '', '{}', '[]', '{}', NULL, NULL, NULL, 0
             FROM json_each('[1, 2]');";
    content.execute_batch(rows).expect("rows");
    content
}

fn write(content: &Connection, (sender, recipient): (i64, i64), body: &str, kept: bool) -> ArchiveId {
    let new = message::NewMessage {
        sender: PersonNo(sender),
        recipient: PersonNo(recipient),
        sender_resource: "r",
        stanza_id: "m",
        digest: &[],
        payload: "<body/>",
        body,
        kept,
        pending: false,
        kind: "chat",
        about: None,
    };
    message::insert(content, &new, 1).expect("written")
}

fn say(content: &Connection, bubble: i64, body: &str) -> ArchiveId {
    let new = bubble_message::NewMessage {
        bubble: BubbleNo(bubble),
        sender: PersonNo(1),
        sender_resource: "r",
        stanza_id: "m",
        digest: &[],
        payload: "<body/>",
        body,
        about: None,
    };
    bubble_message::insert(content, &new, 1).expect("written")
}

fn all(content: &Connection) {
    while follow(content).expect("indexed") {}
}

fn found(content: &Connection, conversation: Conversation, sought: &str) -> Vec<String> {
    let mut found = Vec::new();
    let everything = (ArchiveId(-1), ArchiveId(i64::MAX));
    look_up(content, conversation, everything, sought, 100, |text| {
        found.push(text.body.to_owned());
        true
    })
    .expect("looked up");
    found
}

const PAIR: Conversation = Conversation::Between(PersonNo(2), PersonNo(1));

#[test]
fn words_are_found_by_their_beginnings_in_any_script_case_and_with_any_marks_c1() {
    let content = content();
    let texts = [
        "Grüne Wiese, 100% Laub",
        "weiße GRÜNDE",
        "e\u{301}clair et crème brûlée",
        "会议在明天",
        "नमस्ते दुनिया",
        "Привет, Мир",
        "ไปเที่ยว",
    ];
    for text in texts {
        write(&content, (1, 2), text, true);
    }
    all(&content);
    for (sought, expected) in [
        ("grun", vec![texts[1], texts[0]]),
        ("GRÜN wies", vec![texts[0]]),
        ("eclair", vec![texts[2]]),
        ("Brulee CRÈME", vec![texts[2]]),
        ("明天", vec![texts[3]]),
        ("नम", vec![texts[4]]),
        ("мир", vec![texts[5]]),
        ("เที่ยว", vec![texts[6]]),
        ("iese", vec![]),
        ("%", vec![]),
        ("\" OR *", vec![]),
    ] {
        assert_eq!(found(&content, PAIR, sought), expected, "{sought}");
    }
}

#[test]
fn a_conversation_is_looked_up_alone_c1_b1() {
    let content = content();
    write(&content, (1, 2), "secret of one and two", true);
    write(&content, (3, 1), "secret of one and three", true);
    say(&content, 1, "secret of the first bubble");
    say(&content, 2, "secret of the second");
    all(&content);
    assert_eq!(found(&content, PAIR, "secret"), ["secret of one and two"]);
    assert_eq!(found(&content, Conversation::In(BubbleNo(2)), "secret"), ["secret of the second"]);
    assert_eq!(found(&content, Conversation::In(BubbleNo(12)), "secret"), [""; 0]);
    assert_eq!(found(&content, PAIR, "1.3.secret"), [""; 0], "nobody names another conversation");
}

/// Whether the file has it, free pages too: it is one that is not sealed.
fn holds(file: &Path, word: &str) -> bool {
    let bytes = std::fs::read(file).expect("reads");
    bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[test]
fn a_corrected_deleted_or_emptied_text_leaves_no_word_in_the_file_c8_d1() {
    let file = std::env::temp_dir().join(format!("word-{}.db", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let content = filled(Connection::open(&file).expect("a file"));
    let corrected = write(&content, (1, 2), "zanzibarish corrected", true);
    let early = write(&content, (1, 2), "quixotically early", true);
    say(&content, 1, "xylophones in a bubble");
    let deleted = say(&content, 2, "wombats in another");
    message::replace(&content, early, "", "", &[], 2).expect("before it is indexed");
    all(&content);
    assert!(holds(&file, "zanzibar") && holds(&file, "xylophone") && holds(&file, "wombat"));
    // Others with words beside them, in segments of their own.
    for round in 0..300 {
        write(&content, (1, 2), &format!("zanzi{round} xylo{round} wom{round} quix{round}"), true);
        all(&content);
    }
    message::replace(&content, corrected, "", "a word of the wise", &[], 2).expect("corrected");
    bubble_message::replace(&content, deleted, ("", ""), &[], 2).expect("deleted");
    bubble::empty(&content, BubbleNo(1)).expect("emptied");
    for word in ["zanzibar", "quixotical", "xylophone", "wombat"] {
        assert!(!holds(&file, word), "{word} is still there");
    }
    let many = TAKEN_OUT_SINGLY_MAX + 200;
    for round in 0..many {
        say(&content, 1, &format!("yodelling{round} in a great bubble"));
    }
    say(&content, 2, "what stays");
    all(&content);
    assert!(holds(&file, "yodelling"));
    bubble::delete(&content, &domain::ids::BubbleId::parse(&format!("b{:023}", 1)).expect("an id")).expect("deleted");
    assert!(!holds(&file, "yodelling"), "it is still there");
    assert_eq!(found(&content, Conversation::In(BubbleNo(2)), "stay"), ["what stays"]);
    assert_eq!(found(&content, PAIR, "wise"), ["a word of the wise"]);
    assert_eq!(found(&content, PAIR, "zanzi7 wom").len(), 11, "7 and 70 to 79");
    for index in ["message_word", "bubble_word"] {
        content.execute_batch(&format!("INSERT INTO {index} ({index}) VALUES ('integrity-check')")).expect("sound");
    }
    drop(content);
    std::fs::remove_file(&file).expect("removes");
}

#[test]
fn places_that_are_given_anew_are_indexed_anew_c1() {
    let content = content();
    say(&content, 2, "stays");
    say(&content, 1, "goes");
    write(&content, (1, 2), "kept", true);
    let held = write(&content, (1, 2), "not kept", false);
    all(&content);
    bubble::empty(&content, BubbleNo(1)).expect("emptied");
    message::taken(&content, held).expect("taken");
    say(&content, 2, "comes instead");
    write(&content, (1, 2), "another instead", true);
    all(&content);
    assert_eq!(found(&content, Conversation::In(BubbleNo(2)), "instead"), ["comes instead"]);
    assert_eq!(found(&content, PAIR, "instead"), ["another instead"]);
    assert_eq!(found(&content, PAIR, "kept"), ["kept"]);
}

#[test]
fn an_archive_of_an_older_version_is_indexed_lot_by_lot_c1() {
    let content = Connection::open_in_memory().expect("memory");
    migrate::migrate("company", &content, &migrate::COMPANY[..15]).expect("an older version");
    content
        .execute_batch(
            "INSERT INTO person VALUES (1, 'd00000000000000000000001', 'c'), (2, 'd00000000000000000000002', 'c')",
        )
        .expect("rows");
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LOT_MAX} * 5 / 2)
         INSERT INTO message (stamp_us, low_no, high_no, sender_no, recipient_no, sender_resource, stanza_id, digest, payload, body,
             kept, pending, kind) SELECT i, 1, 2, 1, 2, 'r', 'm' || i, x'', '', 'number n' || i || 'x', 1, 0, 'chat' FROM n"
    );
    content.execute_batch(&sql).expect("rows");
    migrate::migrate("company", &content, migrate::COMPANY).expect("the newest version");
    assert!(follow(&content).expect("indexed") && follow(&content).expect("indexed"), "there is more");
    assert_eq!(found(&content, PAIR, "n512x"), ["number n512x"]);
    assert_eq!(found(&content, PAIR, "n513x"), [""; 0]);
    assert!(!follow(&content).expect("indexed"), "that was all");
    assert_eq!(found(&content, PAIR, "n513x"), ["number n513x"]);
}
