use super::*;
use crate::bubble::Step;
use crate::dice::dice;
use crate::ids::CompanyId;

fn user(letter: char) -> UserId {
    UserId::parse(&letter.to_string().repeat(24)).expect("an id")
}

/// Organizer a, co-organizer b, member c, and d who is asked.
fn bubble() -> Bubble {
    let company = CompanyId::parse(&"c".repeat(24)).expect("an id");
    let mut bubble = Bubble::new(company, user('a'), false, 10);
    for (letter, moderator, accepted) in [('b', true, true), ('c', false, true), ('d', false, false)] {
        bubble.take(&user('a'), Step::Add { user: user(letter), moderator, accepted }, 20);
    }
    bubble
}

fn question(multiple: bool) -> Question {
    Question { text: String::from("Where?"), multiple, answers: vec![String::from("here"), String::from("there")] }
}

fn paper() -> Paper {
    let questions = vec![question(false), question(true)];
    Paper { title: String::from("Lunch"), questions, anonymous: false, duration_min: 0 }
}

fn poll() -> Poll {
    Poll { paper: paper(), created_ms: 30, published_ms: None, ended_ms: None }
}

fn ballot(choices: &[(usize, &[usize])]) -> Ballot {
    Ballot(choices.iter().map(|(question, chosen)| (*question, chosen.iter().copied().collect())).collect())
}

#[test]
fn organizers_alone_make_change_publish_and_end_polls_and_everybody_inside_votes_r2() {
    let (bubble, unpublished) = (bubble(), poll());
    let published = Poll { published_ms: Some(40), ..poll() };
    for act in [Act::Change, Act::Publish, Act::Delete] {
        for organizer in ['a', 'b'] {
            assert_eq!(unpublished.permits(&bubble, &user(organizer), act, 50), Ok(()), "{organizer} {act:?}");
        }
        for other in ['c', 'd', 'f'] {
            let refused = unpublished.permits(&bubble, &user(other), act, 50);
            assert_eq!(refused, Err(Refused::NotVisible), "{other} {act:?}");
        }
    }
    for act in [Act::Unpublish, Act::Terminate, Act::Delete] {
        assert_eq!(published.permits(&bubble, &user('b'), act, 50), Ok(()), "{act:?}");
        assert_eq!(published.permits(&bubble, &user('c'), act, 50), Err(Refused::Forbidden), "{act:?}");
        assert_eq!(published.permits(&bubble, &user('d'), act, 50), Err(Refused::NotVisible), "{act:?}");
    }
    for inside in ['a', 'b', 'c'] {
        assert_eq!(published.permits(&bubble, &user(inside), Act::Vote, 50), Ok(()));
    }
    for outside in ['d', 'f'] {
        assert_eq!(published.permits(&bubble, &user(outside), Act::Vote, 50), Err(Refused::NotVisible));
    }
    let (no, made) = (Err(Refused::Forbidden), ['a', 'b', 'c', 'd', 'f'].map(|by| permits_making(&bubble, &user(by))));
    assert_eq!(made, [Ok(()), Ok(()), no, no, no]);
}

#[test]
fn a_poll_goes_one_way_and_back_only_while_it_is_voted_on_c3() {
    let (bubble, by) = (bubble(), user('a'));
    let published = Poll { published_ms: Some(40), ..poll() };
    let over = Poll { ended_ms: Some(45), ..published.clone() };
    let acts = [Act::Change, Act::Publish, Act::Unpublish, Act::Terminate, Act::Delete, Act::Vote];
    let may = |poll: &Poll| acts.map(|act| poll.permits(&bubble, &by, act, 50).err());
    let (not_yet, shown, end) = (Some(Refused::NotPublished), Some(Refused::Published), Some(Refused::Over));
    assert_eq!(may(&poll()), [None, None, not_yet, not_yet, None, not_yet]);
    assert_eq!(may(&published), [shown, shown, None, None, None, None]);
    assert_eq!(may(&over), [end, end, end, end, None, end]);
    let mut ended = bubble.clone();
    ended.take(&by, Step::Archive, 60);
    assert_eq!(published.permits(&ended, &user('c'), Act::Vote, 70), Err(Refused::Archived));
    assert_eq!(permits_making(&ended, &by), Err(Refused::Archived));
    assert_eq!(published.permits(&ended, &by, Act::Delete, 70), Err(Refused::Archived), "it goes with the bubble");
    assert!(published.is_seen_by(&ended, &user('c'), 70) && !poll().is_seen_by(&ended, &user('c'), 70));
}

#[test]
fn a_poll_with_a_duration_ends_on_the_dot_c3() {
    let poll = Poll { paper: Paper { duration_min: 2, ..paper() }, published_ms: Some(1000), ..poll() };
    assert_eq!((poll.state(120_999), poll.state(121_000)), (State::Published, State::Terminated));
    assert_eq!(poll.permits(&bubble(), &user('c'), Act::Vote, 121_000), Err(Refused::Over));
    assert_eq!(poll.over_ms(999_999), Some(121_000), "however late it is looked at");
    let earlier = Poll { ended_ms: Some(5000), ..poll.clone() };
    assert_eq!(earlier.over_ms(999_999), Some(5000));
    let noted_late = Poll { ended_ms: Some(500_000), ..poll };
    assert_eq!(noted_late.over_ms(999_999), Some(121_000));
}

#[test]
fn who_came_later_sees_what_is_still_open_and_who_left_sees_none_c3() {
    let mut bubble = bubble();
    let over = Poll { published_ms: Some(40), ended_ms: Some(45), ..poll() };
    let open = Poll { published_ms: Some(40), ..poll() };
    bubble.take(&user('d'), Step::Accept, 50);
    assert!(!over.is_seen_by(&bubble, &user('d'), 60), "it was over before he came");
    assert!(open.is_seen_by(&bubble, &user('d'), 60) && over.is_seen_by(&bubble, &user('c'), 60));
    bubble.take(&user('c'), Step::Leave, 70);
    assert!(!open.is_seen_by(&bubble, &user('c'), 80) && !over.is_seen_by(&bubble, &user('c'), 80));
}

#[test]
fn a_guest_votes_while_he_is_there_and_manages_nothing_c4_r2() {
    let mut bubble = bubble();
    bubble.take(&user('f'), Step::Knock { guest: true }, 50);
    let open = Poll { published_ms: Some(40), ..poll() };
    assert_eq!(open.permits(&bubble, &user('f'), Act::Vote, 60), Ok(()));
    assert_eq!(open.permits(&bubble, &user('f'), Act::Terminate, 60), Err(Refused::Forbidden));
    bubble.take(&user('a'), Step::EndGuests, 70);
    assert_eq!(open.permits(&bubble, &user('f'), Act::Vote, 80), Err(Refused::NotVisible));
}

#[test]
fn a_paper_is_bounded_and_its_answers_differ_e5() {
    assert_eq!(paper().checked(), Ok(paper()));
    let trimmed = Paper { title: String::from("  Lunch "), ..paper() };
    assert_eq!(trimmed.checked(), Ok(paper()));
    let long = "x".repeat(TEXT_LENGTH_MAX + 1);
    let answers = |answers: Vec<String>| vec![Question { answers, ..question(false) }];
    let numbered = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
    assert!(Paper { questions: answers(numbered(ANSWERS_MAX)), ..paper() }.checked().is_ok());
    for (wrong, field) in [
        (Paper { title: long.clone(), ..paper() }, "title"),
        (Paper { title: String::from("a\u{0}b"), ..paper() }, "title"),
        (Paper { questions: Vec::new(), ..paper() }, "questions"),
        (Paper { questions: vec![question(false); QUESTIONS_MAX + 1], ..paper() }, "questions"),
        (Paper { questions: vec![Question { text: long.clone(), ..question(false) }], ..paper() }, "questions"),
        (Paper { questions: answers(numbered(1)), ..paper() }, "questions"),
        (Paper { questions: answers(numbered(ANSWERS_MAX + 1)), ..paper() }, "questions"),
        (Paper { questions: answers(vec![String::from("a"), long]), ..paper() }, "questions"),
        (Paper { questions: answers(vec![String::from("a"), String::from(" a ")]), ..paper() }, "questions"),
        (Paper { duration_min: DURATION_MAX_MIN + 1, ..paper() }, "duration"),
    ] {
        assert_eq!(wrong.checked().map_err(|wrong| wrong.field), Err(field));
    }
}

#[test]
fn a_ballot_answers_what_is_asked_and_no_more() {
    let questions = paper().questions;
    for fitting in [ballot(&[(0, &[1])]), ballot(&[(1, &[0, 1])]), ballot(&[(0, &[0]), (1, &[1])])] {
        assert!(fitting.fits(&questions), "{fitting:?}");
    }
    for wrong in [ballot(&[]), ballot(&[(0, &[0, 1])]), ballot(&[(0, &[])]), ballot(&[(2, &[0])]), ballot(&[(1, &[2])])]
    {
        assert!(!wrong.fits(&questions), "{wrong:?}");
    }
}

/// Whoever votes, how often and in which order: the tally is what the last ballot of each says.
#[test]
fn the_tally_counts_the_last_ballot_of_each_voter_and_nothing_else() {
    for seed in 1..200 {
        let (mut dice, questions) = (dice(seed), paper().questions);
        let (mut tally, mut last) = (Tally::none(&questions), BTreeMap::<usize, Ballot>::new());
        for _ in 0..dice(40) {
            let (voter, first, second) = (dice(5), dice(2), dice(3));
            let both: &[usize] = if second == 2 { &[0, 1] } else { &[second] };
            let now = ballot(&[(0, &[first]), (1, both)]);
            tally.count(last.insert(voter, now.clone()).as_ref(), &now);
        }
        let mut expected = Tally::none(&questions);
        for choice in last.values() {
            expected.count(None, choice);
        }
        assert_eq!(tally, expected, "seed {seed}");
    }
}
