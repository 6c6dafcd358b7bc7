use super::*;
use crate::dice::dice;
use Action::{Archive, ChangeParticipants, ConferenceLink, Delete, Promote, StartConference, TransferOwnership};

fn user(letter: char) -> UserId {
    UserId::parse(&letter.to_string().repeat(24)).expect("an id")
}

fn company() -> CompanyId {
    CompanyId::parse(&"c".repeat(24)).expect("an id")
}

/// Organizer a, co-organizer b, member c, and d who is asked.
fn bubble() -> Bubble {
    let mut bubble = Bubble::new(company(), user('a'), false, 10);
    for (letter, moderator, accepted) in [('b', true, true), ('c', false, true), ('d', false, false)] {
        bubble.take(&user('a'), Step::Add { user: user(letter), moderator, accepted }, 20);
    }
    bubble
}

#[test]
fn every_cell_holds_r2() {
    let row = |role| {
        [Delete, Archive, TransferOwnership, ConferenceLink, Promote, ChangeParticipants, StartConference]
            .map(|action| allows(role, action))
    };
    assert_eq!(row(Role::Member), [false; 7]);
    assert_eq!(row(Role::CoOrganizer), [false, false, false, false, true, true, true]);
    assert_eq!(row(Role::Organizer), [true; 7]);
}

#[test]
fn the_organizer_neither_leaves_nor_is_put_out_nor_demoted_before_handing_over_c3() {
    let mut bubble = bubble();
    for (by, step) in [
        ('a', Step::Leave),
        ('a', Step::Forget(user('a'))),
        ('b', Step::Exclude(user('a'))),
        ('b', Step::Demote(user('a'))),
        ('b', Step::Forget(user('a'))),
    ] {
        assert_eq!(bubble.permits(&user(by), &step), Err(Refused::OrganizerStays), "{step:?}");
    }
    assert_eq!(bubble.permits(&user('a'), &Step::Transfer(user('c'))), Err(Refused::NotACoOrganizer));
    assert_eq!(bubble.permits(&user('a'), &Step::Transfer(user('d'))), Err(Refused::NotACoOrganizer));
    assert_eq!(bubble.permits(&user('b'), &Step::Transfer(user('b'))), Err(Refused::Forbidden));
    assert_eq!(bubble.permits(&user('a'), &Step::Transfer(user('b'))), Ok(()));
    bubble.take(&user('a'), Step::Transfer(user('b')), 30);
    assert_eq!((bubble.role(&user('a')), bubble.role(&user('b'))), (Some(Role::CoOrganizer), Some(Role::Organizer)));
    assert_eq!(bubble.permits(&user('a'), &Step::Leave), Ok(()));
}

#[test]
fn an_outsider_and_who_declined_see_nothing_c3() {
    let mut bubble = bubble();
    assert_eq!(bubble.permits(&user('d'), &Step::Decline), Ok(()));
    bubble.take(&user('d'), Step::Decline, 30);
    for stranger in ['d', 'f'] {
        assert!(!bubble.is_seen_by(&user(stranger)));
        assert_eq!(bubble.permits(&user(stranger), &Step::Accept), Err(Refused::NotVisible));
        assert_eq!(bubble.reads(&user(stranger)), None);
    }
}

#[test]
fn who_is_asked_reads_nothing_and_who_left_reads_until_then_c3() {
    let mut bubble = bubble();
    assert_eq!(bubble.reads(&user('d')), None, "asked");
    bubble.take(&user('d'), Step::Accept, 30);
    assert_eq!(bubble.reads(&user('d')), Some((30, None)));
    bubble.take(&user('d'), Step::Leave, 40);
    assert_eq!(bubble.reads(&user('d')), Some((30, Some(40))));
    bubble.take(&user('a'), Step::Add { user: user('d'), moderator: false, accepted: false }, 50);
    assert_eq!(bubble.reads(&user('d')), None, "asked again: it opens with the answer");
    bubble.take(&user('d'), Step::Accept, 60);
    assert_eq!(bubble.reads(&user('d')), Some((60, None)), "not what came while he was out");
}

#[test]
fn what_was_written_is_hidden_by_each_from_himself_and_from_others_by_organizers_alone_c8() {
    let mut bubble = bubble();
    for (by, whom, expected) in [
        ('c', 'c', Ok(())),
        ('c', 'a', Err(Refused::Forbidden)),
        ('b', 'c', Ok(())),
        ('a', 'f', Err(Refused::NobodyThere)),
        ('d', 'd', Err(Refused::Forbidden)),
        ('f', 'f', Err(Refused::NotVisible)),
    ] {
        assert_eq!(bubble.permits(&user(by), &Step::Hide(user(whom))), expected, "{by} {whom}");
    }
    let others = bubble.reads(&user('b'));
    assert_eq!(bubble.take(&user('c'), Step::Hide(user('c')), 50), [user('c')]);
    assert_eq!((bubble.reads(&user('c')), bubble.reads(&user('b'))), (Some((51, None)), others));
    bubble.take(&user('c'), Step::Leave, 60);
    bubble.take(&user('c'), Step::Hide(user('c')), 70);
    assert_eq!(bubble.reads(&user('c')), None, "nothing is left of what he read");
}

#[test]
fn a_bubble_that_shares_its_history_shares_all_of_it_c3() {
    let mut bubble = Bubble { shares_history: true, ..bubble() };
    bubble.take(&user('d'), Step::Accept, 30);
    assert_eq!(bubble.reads(&user('d')), Some((10, None)));
}

#[test]
fn an_archived_bubble_is_read_by_who_was_in_it_and_changed_by_nobody_c3() {
    let mut bubble = bubble();
    bubble.take(&user('a'), Step::Archive, 50);
    assert_eq!(bubble.reads(&user('c')), Some((20, Some(50))));
    assert!(!bubble.is_seen_by(&user('d')), "was only asked");
    for step in [
        Step::Archive,
        Step::Promote(user('c')),
        Step::Exclude(user('c')),
        Step::Transfer(user('b')),
        Step::Add { user: user('f'), moderator: false, accepted: true },
    ] {
        assert!(bubble.permits(&user('a'), &step).is_err(), "{step:?}");
    }
    assert_eq!(bubble.permits(&user('c'), &Step::Forget(user('c'))), Ok(()));
    assert_eq!(bubble.needs(&user('a'), Delete), Ok(()));
    assert_eq!(bubble.needs(&user('b'), Delete), Err(Refused::Forbidden));
}

#[test]
fn an_organizer_who_leaves_as_the_last_one_ends_the_bubble_c3() {
    let mut bubble = Bubble::new(company(), user('a'), false, 10);
    bubble.take(&user('a'), Step::Add { user: user('d'), moderator: false, accepted: false }, 20);
    assert_eq!(bubble.permits(&user('a'), &Step::Leave), Ok(()));
    bubble.take(&user('a'), Step::Leave, 30);
    assert!(bubble.archived && !bubble.is_seen_by(&user('d')));
    assert_eq!(bubble.reads(&user('a')), Some((10, Some(30))));
}

#[test]
fn a_bubble_without_its_organizers_account_passes_on_or_is_archived_d4() {
    let mut bubble = bubble();
    bubble.forget_account(&user('a'), 60);
    assert_eq!(bubble.role(&user('b')), Some(Role::Organizer));
    bubble.forget_account(&user('b'), 70);
    assert!(bubble.archived && !bubble.has(&user('c')));
    assert_eq!(bubble.reads(&user('c')), Some((20, Some(70))));
}

#[test]
fn a_bubble_takes_so_many_and_no_more_c3() {
    let mut bubble = bubble();
    for no in bubble.size()..MEMBERS_MAX {
        let id = UserId::parse(&format!("d{no:023}")).expect("an id");
        bubble.take(&user('a'), Step::Add { user: id, moderator: false, accepted: true }, 80);
    }
    let step = Step::Add { user: user('f'), moderator: false, accepted: true };
    assert_eq!(bubble.permits(&user('b'), &step), Err(Refused::Full));
}

/// Whatever people do in whatever order: one organizer, and nobody reads what was written while he was not in (C3).
#[test]
fn no_sequence_of_steps_lets_anybody_read_what_was_written_without_him_c3() {
    let letters = ['a', 'b', 'c', 'd', 'f'];
    for seed in 1..400_u64 {
        let mut below = dice(seed);
        let mut bubble = bubble();
        let mut heard: BTreeMap<UserId, Vec<i64>> = BTreeMap::new();
        for now_ms in (100..700).step_by(10) {
            let (by, to) = (user(letters[below(5)]), user(letters[below(5)]));
            let step = match below(11) {
                0 | 1 => Step::Add { user: to, moderator: below(2) == 0, accepted: below(2) == 0 },
                2 => Step::Accept,
                3 => Step::Decline,
                4 => Step::Leave,
                5 => Step::Exclude(to),
                6 => Step::Forget(to),
                7 => Step::Promote(to),
                8 => Step::Demote(to),
                9 => Step::Transfer(to),
                _ => {
                    if below(9) == 0 {
                        Step::Archive
                    } else {
                        Step::Accept
                    }
                }
            };
            if bubble.permits(&by, &step).is_ok() {
                bubble.take(&by, step, now_ms);
            }
            // A message that everybody hears who is in.
            bubble.accepted().for_each(|user| heard.entry(user.clone()).or_default().push(now_ms + 5));
            for letter in letters {
                let Some((from, until)) = bubble.reads(&user(letter)) else { continue };
                let readable = (100..=now_ms)
                    .step_by(10)
                    .map(|at| at + 5)
                    .filter(|at| *at >= from && until.is_none_or(|until| *at <= until));
                let own = heard.get(&user(letter)).cloned().unwrap_or_default();
                for at in readable {
                    assert!(own.contains(&at), "seed {seed}: {letter} reads {at} of {now_ms}");
                }
            }
            let organizers = letters.iter().filter(|letter| bubble.role(&user(**letter)) == Some(Role::Organizer));
            assert_eq!(organizers.count(), usize::from(!bubble.archived), "seed {seed}");
        }
    }
}

#[test]
fn a_bubble_stays_a_conversation_of_those_who_were_in_it_at_its_end_c3() {
    let mut bubble = bubble();
    let own = |bubble: &Bubble, letter| bubble.is_conversation_of(&user(letter));
    assert_eq!(['a', 'b', 'c', 'd', 'f'].map(|letter| own(&bubble, letter)), [true, true, true, false, false]);
    bubble.take(&user('c'), Step::Leave, 30);
    assert!(!own(&bubble, 'c'));
    bubble.take(&user('a'), Step::Archive, 40);
    assert_eq!(['a', 'b', 'c', 'd'].map(|letter| own(&bubble, letter)), [true, true, false, false]);
    bubble.take(&user('a'), Step::Forget(user('a')), 50);
    assert_eq!(['a', 'b', 'c'].map(|letter| own(&bubble, letter)), [false, true, false]);
}
