//! What a guest may know of the people and the bubbles around his own (C4, A8).

use super::*;
use crate::bubble::{Door, Step};
use crate::dice::dice;

struct Box {
    relations: Relations,
    people: Vec<UserId>,
    guests: Vec<UserId>,
    bubbles: Vec<BubbleId>,
}

fn id(kind: char, no: usize) -> String {
    format!("{kind}{no:023}")
}

/// Two companies of three people each, two bubbles in each, four guests of either company.
fn world() -> Box {
    let mut relations = Relations::default();
    let (mut people, mut guests, mut bubbles) = (Vec::new(), Vec::new(), Vec::new());
    for company in 0..2 {
        let of = CompanyId::parse(&id('c', company)).expect("an id");
        let (kind, visibility) = (CompanyKind::EndCustomer, Visibility::Public);
        relations.put_company(of.clone(), CompanyFacts { kind, visibility, organization: None, partner: None });
        for no in 0..5 {
            let user = UserId::parse(&id('d', company * 10 + no)).expect("an id");
            let roles = if no < 3 { Roles::USER } else { Roles::GUEST };
            let facts = MemberFacts { company: of.clone(), roles, active: true, set_apart: None };
            relations.put_member(user.clone(), facts);
            if no < 3 { people.push(user) } else { guests.push(user) }
        }
        for no in 0..2 {
            let bubble = BubbleId::parse(&id('b', company * 10 + no)).expect("an id");
            let owner = people[company * 3 + no].clone();
            relations.put_bubble(&bubble, Bubble::new(of.clone(), owner, false, 1));
            bubbles.push(bubble);
        }
    }
    Box { relations, people, guests, bubbles }
}

/// Whoever steps in and out of whatever: a guest meets those who are in his bubble, by name, and reaches nobody; nobody
/// finds or asks him; and he sees no other bubble.
#[test]
fn no_sequence_of_steps_lets_a_guest_see_anything_outside_of_his_bubble_c4_a8() {
    for seed in 1..300_u64 {
        let mut below = dice(seed);
        let Box { mut relations, people, guests, bubbles } = world();
        for now_ms in 10..70 {
            let of = &bubbles[below(4)];
            let mut bubble = relations.bubble(of).expect("it is there").clone();
            let everybody: Vec<&UserId> = people.iter().chain(&guests).collect();
            let (by, to) = (everybody[below(10)].clone(), everybody[below(10)].clone());
            let guest = guests.contains(&by);
            let step = match below(8) {
                0 | 1 => Step::Knock { guest },
                2 => Step::LetIn(to.clone()),
                3 => Step::SetDoor([Door::Open, Door::Lobby, Door::Locked][below(3)]),
                4 => Step::EndGuests,
                5 => Step::Exclude(to.clone()),
                6 => Step::Leave,
                _ => Step::Add { user: to.clone(), moderator: false, accepted: true },
            };
            let asks = matches!(step, Step::Add { .. });
            let may = if asks { relations.may_ask_in(&by, &to) } else { true };
            // A guest's account is made for one bubble; the application never lets it knock at another.
            let elsewhere = guest
                && bubbles.iter().any(|other| other != of && relations.bubble(other).is_some_and(|b| b.hosts(&by)));
            if may && !elsewhere && bubble.permits(&by, &step).is_ok() {
                bubble.take(&by, step, now_ms);
                relations.put_bubble(of, bubble);
            }
            check(&relations, &people, &guests, &bubbles, seed);
        }
    }
}

fn check(relations: &Relations, people: &[UserId], guests: &[UserId], bubbles: &[BubbleId], seed: u64) {
    for guest in guests {
        let own: Vec<&Bubble> = bubbles.iter().filter_map(|id| relations.bubble(id)).filter(|b| b.has(guest)).collect();
        assert!(own.len() <= 1, "seed {seed}");
        assert_eq!(relations.bubbles_of(guest).count(), own.len(), "seed {seed}");
        let seen = bubbles.iter().filter_map(|id| relations.bubble(id)).filter(|b| b.is_seen_by(guest)).count();
        assert_eq!(seen, own.len(), "seed {seed}");
        assert!(relations.companies().all(|(company, _)| !relations.shows_page(company, guest)), "seed {seed}");
        for other in people.iter().chain(guests).filter(|other| *other != guest) {
            for (one, another) in [(guest, other), (other, guest)] {
                let near = relations.in_network(one, another) || relations.reaches(one, another);
                assert!(!near && !relations.shows_presence(one, another), "seed {seed}: {one} {another}");
                assert!(!relations.finds(one, another) && !relations.may_ask_in(one, another), "seed {seed}");
                assert!(relations.admission(one, another).is_none(), "seed {seed}");
            }
            let meets = |bubble: &&Bubble| {
                let member = bubble.members.get(other);
                member.is_some_and(|member| matches!(member.status, Status::Accepted | Status::Unsubscribed))
            };
            assert_eq!(relations.knows(guest, other), own.iter().any(meets), "seed {seed}: {guest} {other}");
        }
    }
}

#[test]
fn the_link_of_an_isolated_company_brings_colleagues_alone_b3_c4() {
    for (mode, outside) in [(Visibility::Public, true), (Visibility::Closed, true), (Visibility::Isolated, false)] {
        let Box { mut relations, people, guests, bubbles } = world();
        let home = relations.member(&people[0]).expect("a member").company.clone();
        let facts = CompanyFacts { visibility: mode, ..relations.company(&home).expect("a company").clone() };
        relations.put_company(home, facts);
        let bubble = relations.bubble(&bubbles[0]).expect("a bubble");
        assert!(relations.may_come_in(bubble, &people[0]) && relations.may_come_in(bubble, &people[1]), "{mode:?}");
        assert_eq!(relations.may_come_in(bubble, &people[4]), outside, "{mode:?}: of another company");
        assert_eq!(relations.may_come_in(bubble, &guests[0]), outside, "{mode:?}: a guest");
        assert_eq!(relations.takes_guests(bubble), outside, "{mode:?}");
    }
}
