use super::*;
use crate::{bubble, migrate, person};
use domain::ids::CompanyId;
use domain::poll::Question;

fn opened() -> (Connection, BubbleNo) {
    let content = Connection::open_in_memory().expect("memory");
    content.pragma_update(None, "foreign_keys", true).expect("as the vault sets it");
    migrate::migrate("company", &content, migrate::COMPANY).expect("the newest version");
    let description = bubble::Description {
        name: String::from("Team"),
        topic: String::new(),
        custom_data: String::from("{}"),
        tags: String::from("[]"),
        wishes: String::from("{}"),
        avatar_ms: None,
    };
    bubble::insert(&content, &bubble_id(), &description, 0).expect("a bubble");
    let no = bubble::number(&content, &bubble_id()).expect("read").expect("a bubble");
    (content, no)
}

fn bubble_id() -> BubbleId {
    BubbleId::parse("b00000000000000000000001").expect("an id")
}

fn poll_id(letter: char) -> PollId {
    PollId::parse(&letter.to_string().repeat(24)).expect("an id")
}

fn voter(content: &Connection, letter: char) -> PersonNo {
    let id = UserId::parse(&letter.to_string().repeat(24)).expect("an id");
    let company = CompanyId::parse("c00000000000000000000001").expect("an id");
    person::enter(content, &id, &company).expect("a person")
}

fn poll(anonymous: bool) -> Poll {
    let answers = vec![String::from("here"), String::from("there")];
    let questions = vec![Question { text: String::from("Where?"), multiple: true, answers }];
    let paper = Paper { title: String::from("Lunch"), questions, anonymous, duration_min: 5 };
    Poll { paper, created_ms: 10, published_ms: None, ended_ms: None }
}

fn ballot(chosen: &[usize]) -> Ballot {
    Ballot([(0, chosen.iter().copied().collect())].into())
}

fn voted(content: &Connection, id: &PollId, who: PersonNo, chosen: &[usize]) {
    let found = find(content, id, Some(who)).expect("read").expect("a poll");
    vote(content, &found, who, &ballot(chosen)).expect("a vote");
}

#[test]
fn a_vote_takes_the_place_of_the_one_before_and_is_counted_once_c3() {
    let (content, bubble) = opened();
    let (id, one, other) = (poll_id('a'), voter(&content, 'a'), voter(&content, 'b'));
    insert(&content, bubble, &id, one, &poll(false)).expect("a poll");
    let no = find(&content, &id, None).expect("read").expect("a poll").no;
    publish(&content, no, 20).expect("published");
    voted(&content, &id, one, &[0]);
    voted(&content, &id, other, &[0, 1]);
    voted(&content, &id, one, &[1]);
    let found = find(&content, &id, Some(one)).expect("read").expect("a poll");
    assert_eq!((&found.tally, found.voters), (&Tally(vec![vec![1, 2]]), 2));
    assert_eq!((found.voted, found.own), (true, Some(ballot(&[1]))));
    let of_nobody = find(&content, &id, None).expect("read").expect("a poll");
    assert_eq!((of_nobody.voted, of_nobody.own), (false, None));
    let ballots = ballots(&content, no).expect("read");
    assert_eq!(ballots.into_iter().map(|(_, ballot)| ballot).collect::<Vec<_>>(), [ballot(&[1]), ballot(&[0, 1])]);
    unpublish(&content, no, &found.poll.paper).expect("taken back");
    let found = find(&content, &id, Some(one)).expect("read").expect("a poll");
    assert_eq!((found.tally, found.voters, found.voted), (Tally(vec![vec![0, 0]]), 0, false));
}

#[test]
fn who_chose_what_in_an_anonymous_poll_is_forgotten_with_its_end_c3() {
    let (content, bubble) = opened();
    let one = voter(&content, 'a');
    for (letter, anonymous) in [('a', true), ('b', false)] {
        let id = poll_id(letter);
        insert(&content, bubble, &id, one, &poll(anonymous)).expect("a poll");
        let no = find(&content, &id, None).expect("read").expect("a poll").no;
        publish(&content, no, 20).expect("published");
        voted(&content, &id, one, &[1]);
        assert!(running(&content).expect("read").iter().any(|found| found.id == id));
        end(&content, no, 30).expect("ended");
        end(&content, no, 40).expect("ended before");
        let found = find(&content, &id, Some(one)).expect("read").expect("a poll");
        assert_eq!((&found.tally, found.voters, found.voted), (&Tally(vec![vec![0, 1]]), 1, true));
        assert_eq!((found.own.is_none(), ballots(&content, no).expect("read").is_empty()), (anonymous, anonymous));
        assert_eq!(found.poll.ended_ms, Some(30));
    }
    assert!(running(&content).expect("read").is_empty());
}

#[test]
fn with_the_bubble_its_polls_and_their_votes_go_d5() {
    let (content, bubble) = opened();
    let one = voter(&content, 'a');
    insert(&content, bubble, &poll_id('a'), one, &poll(false)).expect("a poll");
    voted(&content, &poll_id('a'), one, &[1]);
    insert(&content, bubble, &poll_id('b'), one, &Poll { created_ms: 20, ..poll(false) }).expect("a poll");
    let newest_first = of_bubble(&content, bubble, None).expect("read");
    assert_eq!(newest_first.iter().map(|found| found.id.clone()).collect::<Vec<_>>(), [poll_id('b'), poll_id('a')]);
    assert_eq!(count(&content, bubble).expect("read"), 2);
    bubble::delete(&content, &bubble_id()).expect("gone");
    let left = |table| {
        content.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get::<_, i64>(0)).expect("a count")
    };
    assert_eq!((left("poll"), left("poll_vote")), (0, 0));
}
