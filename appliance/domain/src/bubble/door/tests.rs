use super::*;
use crate::bubble::{Role, allows};
use crate::dice::dice;
use crate::ids::CompanyId;
use std::collections::BTreeMap;

fn user(letter: char) -> UserId {
    UserId::parse(&format!("{letter}{}", "d".repeat(23))).expect("an id")
}

fn company() -> CompanyId {
    CompanyId::parse(&"c".repeat(24)).expect("an id")
}

/// Organizer a, co-organizer b, member c; what was said before is for members who come.
fn bubble(door: Door) -> Bubble {
    let mut bubble = Bubble::new(company(), user('a'), true, 10);
    for (letter, moderator) in [('b', true), ('c', false)] {
        bubble.take(&user('a'), Step::Add { user: user(letter), moderator, accepted: true }, 20);
    }
    bubble.door = door;
    bubble
}

const GUEST: Step = Step::Knock { guest: true };
const MEMBER: Step = Step::Knock { guest: false };

fn knock(bubble: &mut Bubble, letter: char, step: Step, now_ms: i64) {
    assert_eq!(bubble.permits(&user(letter), &step), Ok(()), "{letter}");
    bubble.take(&user(letter), step, now_ms);
}

#[test]
fn an_open_door_lets_in_who_knocks_and_a_guest_reads_from_then_on_c4() {
    let mut bubble = bubble(Door::Open);
    knock(&mut bubble, 'd', MEMBER, 30);
    knock(&mut bubble, 'f', GUEST, 30);
    assert_eq!((bubble.role(&user('d')), bubble.role(&user('f'))), (Some(Role::Member), Some(Role::Guest)));
    assert_eq!(bubble.reads(&user('d')), Some((10, None)), "a member reads what is shared");
    assert_eq!(bubble.reads(&user('f')), Some((30, None)), "a guest does not");
    assert!(bubble.take(&user('f'), GUEST, 40).is_empty(), "he is in it already");
    assert_eq!(bubble.reads(&user('f')), Some((30, None)));
}

#[test]
fn a_guest_may_nothing_of_the_table_and_stays_a_guest_r2_c4() {
    let mut bubble = bubble(Door::Open);
    knock(&mut bubble, 'f', GUEST, 30);
    for action in super::super::ACTIONS {
        assert!(!allows(Role::Guest, action), "{action:?}");
        assert_eq!(bubble.needs(&user('f'), action), Err(Refused::Forbidden), "{action:?}");
    }
    for by in ['a', 'b'] {
        assert_eq!(bubble.permits(&user(by), &Step::Promote(user('f'))), Err(Refused::GuestStaysGuest));
    }
    assert_eq!(bubble.permits(&user('a'), &Step::Transfer(user('f'))), Err(Refused::NotACoOrganizer));
}

#[test]
fn a_lobby_shows_nothing_to_who_waits_and_an_organizer_opens_it_c5() {
    let mut bubble = bubble(Door::Lobby);
    for (letter, step) in [('d', MEMBER), ('f', GUEST)] {
        knock(&mut bubble, letter, step, 30);
        assert!(bubble.waits(&user(letter)) && !bubble.is_seen_by(&user(letter)) && !bubble.has(&user(letter)));
        assert_eq!(bubble.reads(&user(letter)), None);
    }
    for (by, refused) in [('c', Refused::Forbidden), ('d', Refused::NotVisible), ('f', Refused::NotVisible)] {
        for step in [Step::LetIn(user('f')), Step::TurnAway(user('f'))] {
            assert_eq!(bubble.permits(&user(by), &step), Err(refused), "{by} {step:?}");
        }
    }
    assert_eq!(bubble.permits(&user('b'), &Step::LetIn(user('c'))), Err(Refused::NobodyThere));
    assert_eq!(bubble.permits(&user('b'), &Step::LetIn(user('f'))), Ok(()));
    bubble.take(&user('b'), Step::LetIn(user('f')), 50);
    assert_eq!((bubble.role(&user('f')), bubble.reads(&user('f'))), (Some(Role::Guest), Some((50, None))));
    bubble.take(&user('a'), Step::TurnAway(user('d')), 60);
    assert!(!bubble.waits(&user('d')) && !bubble.is_seen_by(&user('d')));
    assert_eq!(bubble.permits(&user('d'), &MEMBER), Err(Refused::NotVisible), "turned away is turned away");
    bubble.take(&user('a'), Step::Add { user: user('d'), moderator: false, accepted: false }, 70);
    assert_eq!(bubble.permits(&user('d'), &Step::Accept), Ok(()), "and may be asked in");
}

#[test]
fn who_is_asked_by_name_passes_the_door_and_who_was_put_out_does_not_c3() {
    for door in [Door::Open, Door::Lobby, Door::Locked] {
        let mut bubble = bubble(door);
        bubble.take(&user('a'), Step::Add { user: user('d'), moderator: false, accepted: false }, 30);
        knock(&mut bubble, 'd', MEMBER, 40);
        assert!(bubble.has(&user('d')), "{door:?}");
        bubble.take(&user('b'), Step::Exclude(user('d')), 50);
        assert_eq!(bubble.permits(&user('d'), &MEMBER), Err(Refused::NotVisible), "{door:?}");
        bubble.take(&user('c'), Step::Leave, 60);
        let again = bubble.permits(&user('c'), &MEMBER);
        assert_eq!(again, if door == Door::Locked { Err(Refused::Locked) } else { Ok(()) }, "who left may come back");
    }
}

#[test]
fn only_the_organizer_sets_the_door_and_opening_it_lets_in_who_waits_r2_c5() {
    let mut bubble = bubble(Door::Lobby);
    knock(&mut bubble, 'f', GUEST, 30);
    for (by, expected) in [('a', Ok(())), ('b', Err(Refused::Forbidden)), ('c', Err(Refused::Forbidden))] {
        assert_eq!(bubble.permits(&user(by), &Step::SetDoor(Door::Open)), expected, "{by}");
    }
    assert!(bubble.take(&user('a'), Step::SetDoor(Door::Locked), 40).is_empty() && bubble.waits(&user('f')));
    assert_eq!(bubble.permits(&user('d'), &GUEST), Err(Refused::Locked));
    assert_eq!(bubble.take(&user('a'), Step::SetDoor(Door::Open), 50), [user('f')]);
    assert_eq!(bubble.reads(&user('f')), Some((50, None)));
}

#[test]
fn a_guests_time_ends_with_the_bubble_with_the_link_and_when_he_is_put_out_c4() {
    let ends: [(char, Step); 4] =
        [('a', Step::Archive), ('b', Step::EndGuests), ('b', Step::Exclude(user('f'))), ('f', Step::Leave)];
    for (by, step) in ends {
        let mut bubble = bubble(Door::Open);
        knock(&mut bubble, 'f', GUEST, 30);
        bubble.door = Door::Lobby;
        knock(&mut bubble, 'd', GUEST, 30);
        assert_eq!(bubble.permits(&user(by), &step), Ok(()));
        let changed = bubble.take(&user(by), step.clone(), 40);
        assert!(changed.contains(&user('f')), "{step:?}");
        assert_eq!((bubble.is_seen_by(&user('f')), bubble.reads(&user('f'))), (false, None), "{step:?}");
        assert!(!bubble.hosts(&user('f')));
        if matches!(step, Step::Archive | Step::EndGuests) {
            assert!(changed.contains(&user('d')) && !bubble.waits(&user('d')), "{step:?}");
        }
    }
    assert_eq!(bubble(Door::Open).permits(&user('c'), &Step::EndGuests), Err(Refused::Forbidden));
    let mut over = bubble(Door::Open);
    over.take(&user('a'), Step::Archive, 30);
    assert_eq!(over.permits(&user('f'), &GUEST), Err(Refused::NotVisible));
}

#[test]
fn lobby_and_guests_have_bounds_e5() {
    let id = |no: usize| UserId::parse(&format!("d{no:023}")).expect("an id");
    let mut crowded = bubble(Door::Lobby);
    for no in 0..WAITING_MAX {
        assert_eq!(crowded.permits(&id(no), &MEMBER), Ok(()));
        crowded.take(&id(no), MEMBER, 30);
    }
    assert_eq!(crowded.permits(&user('f'), &MEMBER), Err(Refused::Full));
    assert_eq!(crowded.permits(&id(0), &MEMBER), Ok(()), "who waits already goes on waiting");
    let mut visited = bubble(Door::Open);
    for no in 0..GUESTS_MAX {
        visited.take(&id(no), GUEST, 30);
    }
    assert_eq!(visited.permits(&user('f'), &GUEST), Err(Refused::Full));
    assert_eq!(visited.permits(&user('f'), &MEMBER), Ok(()));
}

/// Whatever is done in whatever order: a guest reads what was said while he was in it, as long as he is in it, and not a
/// word that was said before or after; who waits reads nothing (C4, C5).
#[test]
fn no_sequence_of_steps_lets_a_guest_read_what_was_said_before_or_after_c4_c5() {
    let letters = ['a', 'b', 'c', 'd', 'e', 'f'];
    let guest = |letter: char| matches!(letter, 'e' | 'f');
    for seed in 1..400_u64 {
        let mut below = dice(seed);
        let mut bubble = bubble([Door::Open, Door::Lobby, Door::Locked][below(3)]);
        let mut heard: BTreeMap<char, Vec<i64>> = BTreeMap::new();
        for now_ms in (100..900).step_by(10) {
            let (by, to) = (letters[below(6)], user(letters[below(6)]));
            let step = match below(12) {
                0 | 1 => Step::Knock { guest: guest(by) },
                2 => Step::LetIn(to),
                3 => Step::TurnAway(to),
                4 => Step::SetDoor([Door::Open, Door::Lobby, Door::Locked][below(3)]),
                5 => Step::EndGuests,
                6 => Step::Leave,
                7 => Step::Exclude(to),
                8 => Step::Promote(to),
                9 => Step::Forget(to),
                10 if below(40) == 0 => Step::Archive,
                // Nobody asks a guest into anything: his relations say so.
                _ if !guest(letters[below(6)]) => Step::Accept,
                _ => Step::Knock { guest: guest(by) },
            };
            if bubble.permits(&user(by), &step).is_ok() {
                bubble.take(&user(by), step.clone(), now_ms);
            }
            for letter in letters {
                let own = heard.entry(letter).or_default();
                if bubble.has(&user(letter)) {
                    own.push(now_ms + 5);
                } else if guest(letter) {
                    own.clear();
                    assert_eq!(bubble.reads(&user(letter)), None, "seed {seed}: {letter} after {step:?}");
                    assert!(!bubble.is_seen_by(&user(letter)), "seed {seed}: {letter} after {step:?}");
                }
                assert!(!bubble.waits(&user(letter)) || !bubble.has(&user(letter)), "seed {seed}: {letter}");
                let Some((from, until)) = bubble.reads(&user(letter)).filter(|_| guest(letter)) else { continue };
                let readable = (15..=now_ms + 5).step_by(10).filter(|at| *at >= from && until.is_none_or(|u| *at <= u));
                assert_eq!(readable.collect::<Vec<_>>(), *own, "seed {seed}: {letter}");
                assert_eq!(bubble.role(&user(letter)), Some(Role::Guest), "seed {seed}: {letter}");
            }
        }
    }
}
