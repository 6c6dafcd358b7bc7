use super::*;
use std::collections::{HashMap, VecDeque};
use world::Seeded;

const WRONG: Unauthenticated = Unauthenticated::WrongCredentials;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

fn limits() -> Limits {
    Limits {
        failures: 5,
        account_failures: 20,
        first_ms: 30_000,
        longest_ms: 900_000,
        forget_ms: HOUR_MS,
        entries_max: 10_000,
    }
}

fn mark(parts: &[u64]) -> Mark {
    let hash =
        parts.iter().fold(7_u128, |hash, part| (hash ^ u128::from(*part)).wrapping_mul(0x0123_4567_89AB_CDEF_1357));
    Mark(hash.to_le_bytes())
}

fn attempt(account: u64, source: u64, password: u64, known: bool) -> Attempt {
    Attempt { account: mark(&[1, account]), pair: mark(&[2, account, source]), proof: mark(&[3, password]), known }
}

/// The verdict, and the end of the check if there is one.
fn show(rule: &mut Rule, attempt: &Attempt, outcome: Outcome, now_ms: i64) -> (Verdict, Vec<Lock>) {
    let verdict = rule.ask(attempt, now_ms);
    let locks = if verdict == Verdict::Check { rule.finish(attempt, outcome, now_ms) } else { Vec::new() };
    (verdict, locks)
}

fn guess(rule: &mut Rule, source: u64, password: u64, now_ms: i64) -> Verdict {
    show(rule, &attempt(1, source, password, false), Outcome::Wrong(WRONG), now_ms).0
}

#[test]
fn each_further_wrong_password_doubles_the_wait_up_to_the_longest_a5() {
    let (mut rule, mut now_ms) = (Rule::new(limits()), 0);
    let mut waits = Vec::new();
    for password in 0..12 {
        let (verdict, locks) = show(&mut rule, &attempt(1, 1, password, true), Outcome::Wrong(WRONG), now_ms);
        assert_eq!(verdict, Verdict::Check, "password {password}");
        let wait_ms = locks.first().map_or(0, |lock| match lock {
            Lock::AtSource(wait_ms) => *wait_ms,
            Lock::AtStrangers(_) => panic!("a known source is no stranger"),
        });
        if wait_ms > 0 {
            let early = rule.ask(&attempt(1, 1, 1000, true), now_ms + wait_ms - 1);
            assert_eq!(early, Verdict::Wait(1));
        }
        waits.push(wait_ms / 1000);
        now_ms += wait_ms;
    }
    assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
}

#[test]
fn one_wrong_password_shown_again_and_again_counts_once_and_is_looked_at_once_a5() {
    let mut rule = Rule::new(limits());
    let same = attempt(1, 1, 7, false);
    assert_eq!(show(&mut rule, &same, Outcome::Wrong(Unauthenticated::WrongApplication), 0).0, Verdict::Check);
    for now_ms in 1..100 {
        assert_eq!(rule.ask(&same, now_ms), Verdict::Remembered(Unauthenticated::WrongApplication));
    }
    assert_eq!(guess(&mut rule, 1, 8, 100), Verdict::Check, "two failures so far");
}

#[test]
fn the_same_shown_many_times_at_once_counts_once_a5() {
    let mut rule = Rule::new(limits());
    let same = attempt(1, 1, 7, false);
    for _ in 0..50 {
        assert_eq!(rule.ask(&same, 0), Verdict::Check, "it may be right");
    }
    let locks: Vec<Lock> = (0..50).flat_map(|_| rule.finish(&same, Outcome::Wrong(WRONG), 0)).collect();
    assert_eq!(locks, []);
    for password in 10..13 {
        assert_eq!(guess(&mut rule, 1, password, 0), Verdict::Check);
    }
    assert_eq!(show(&mut rule, &attempt(1, 1, 14, false), Outcome::Wrong(WRONG), 0).1, [Lock::AtSource(30_000)]);
}

#[test]
fn no_more_passwords_are_looked_at_together_than_may_be_wrong_a5() {
    let mut rule = Rule::new(limits());
    let looked_at = |rule: &mut Rule, sources: u64| {
        let all = (0..100).map(|n| attempt(1, n % sources, 1000 * sources + n, false));
        all.filter(|one| rule.ask(one, 0) == Verdict::Check).count()
    };
    assert_eq!(looked_at(&mut rule, 1), 5);
    assert_eq!(looked_at(&mut rule, 50), 15, "twenty from all sources together");
}

#[test]
fn a_check_that_was_given_up_counts_for_nothing() {
    let mut rule = Rule::new(limits());
    for password in 0..100 {
        let (verdict, locks) = show(&mut rule, &attempt(1, 1, password, false), Outcome::GivenUp, 0);
        assert_eq!((verdict, locks), (Verdict::Check, Vec::new()));
    }
    assert_eq!((rule.pairs.len(), rule.strangers.len()), (0, 0), "and leaves nothing behind");
}

#[test]
fn while_an_account_waits_right_and_wrong_are_told_alike_a5() {
    let mut rule = Rule::new(limits());
    for password in 0..5 {
        guess(&mut rule, 1, password, 0);
    }
    let answers = [4, 5, 6].map(|password| rule.ask(&attempt(1, 1, password, false), 1000));
    assert_eq!(answers, [Verdict::Wait(29_000); 3], "one that is remembered, one that is wrong, one that is right");
}

#[test]
fn guessing_from_many_sources_delays_strangers_and_no_source_with_an_earlier_success_a5() {
    let mut rule = Rule::new(limits());
    for source in 0..20 {
        assert_eq!(guess(&mut rule, source, source, 0), Verdict::Check);
    }
    assert_eq!(guess(&mut rule, 1000, 1000, 1), Verdict::Wait(29_999));
    assert_eq!(rule.ask(&attempt(1, 2000, 1, true), 1), Verdict::Check);
    assert_eq!(rule.ask(&attempt(2, 1000, 1, false), 1), Verdict::Check, "another account");
}

#[test]
fn an_office_of_500_behind_one_address_is_never_locked_a5() {
    let mut rule = Rule::new(limits());
    for account in 0..500 {
        for password in 0..4 {
            let typo = attempt(account, 1, password, account % 2 == 0);
            assert_eq!(show(&mut rule, &typo, Outcome::Wrong(WRONG), 0).0, Verdict::Check);
        }
    }
    for account in 0..500 {
        let right = attempt(account, 1, 100, account % 2 == 0);
        assert_eq!(show(&mut rule, &right, Outcome::Right, 0).0, Verdict::Check);
    }
}

#[test]
fn failures_are_forgotten_one_by_one_a5() {
    let mut rule = Rule::new(limits());
    for password in 0..30 {
        let now_ms = i64::try_from(password).expect("small") * HOUR_MS;
        assert_eq!(show(&mut rule, &attempt(1, 1, password, true), Outcome::Wrong(WRONG), now_ms).1, []);
    }
    let mut rule = Rule::new(limits());
    for password in 0..5 {
        guess(&mut rule, 1, password, 0);
    }
    let later = 3 * HOUR_MS;
    let locks = [10, 11, 12].map(|n| show(&mut rule, &attempt(1, 1, n, true), Outcome::Wrong(WRONG), later).1.len());
    assert_eq!(locks, [0, 0, 1], "three of five were forgotten");
}

#[test]
fn what_a_long_attack_leaves_behind_is_forgotten_in_bounded_time_a5() {
    let (mut rule, mut now_ms) = (Rule::new(limits()), 0);
    for password in 0..1000 {
        if let Verdict::Wait(wait_ms) = guess(&mut rule, password, password, now_ms) {
            now_ms += wait_ms;
        }
    }
    now_ms += 7 * HOUR_MS;
    assert_eq!(guess(&mut rule, 5000, 5000, now_ms), Verdict::Check);
    assert_eq!(rule.ask(&attempt(1, 5000, 5001, false), now_ms), Verdict::Check, "that was one of several");
}

#[test]
fn a_clock_that_is_put_back_locks_nobody_for_ever() {
    let mut rule = Rule::new(limits());
    for password in 0..5 {
        guess(&mut rule, 1, password, 1000 * HOUR_MS);
    }
    let Verdict::Wait(wait_ms) = guess(&mut rule, 1, 100, 0) else { panic!("it still waits") };
    assert!(wait_ms <= limits().longest_ms);
    assert_eq!(guess(&mut rule, 1, 100, wait_ms), Verdict::Check);
}

#[test]
fn a_flood_of_names_unlocks_no_account_and_grows_no_memory_a5() {
    let mut rule = Rule::new(Limits { entries_max: 800, ..limits() });
    for password in 0..20 {
        guess(&mut rule, 1 + password / 5, password, 0);
    }
    for name in 10..5000 {
        for password in 0..3 {
            let flood = attempt(name, name, password, false);
            assert_eq!(show(&mut rule, &flood, Outcome::Wrong(WRONG), 1).0, Verdict::Check);
        }
        assert!(rule.pairs.len() <= 800 && rule.strangers.len() <= 800);
    }
    assert!(matches!(guess(&mut rule, 1, 1000, 2), Verdict::Wait(_)), "at its source");
    assert!(matches!(guess(&mut rule, 999, 1000, 2), Verdict::Wait(_)), "and at new ones");
}

/// Passwords looked at in the last hour, at most so many.
struct Window {
    checks: VecDeque<i64>,
    most: usize,
}

impl Window {
    fn new() -> Self {
        Self { checks: VecDeque::new(), most: 0 }
    }

    fn note(&mut self, now_ms: i64) {
        self.checks.push_back(now_ms);
        while self.checks.front().is_some_and(|check| now_ms - check >= HOUR_MS) {
            self.checks.pop_front();
        }
        self.most = self.most.max(self.checks.len());
    }
}

#[test]
fn an_attacker_with_any_number_of_sources_has_few_passwords_looked_at_in_an_hour_a5() {
    let mut chance = Seeded::from_environment();
    for greed_ms in [1, 1000, 60_000, 600_000] {
        let (mut rule, mut window, mut now_ms) = (Rule::new(limits()), Window::new(), 0);
        let mut password = 0;
        while now_ms < 48 * HOUR_MS {
            // As soon as it may, or a little later; from new sources, or from ones that were used before.
            let source = if chance.between(0, 2) == 0 { password } else { chance.between(0, 50) };
            password += 1;
            match guess(&mut rule, source, password, now_ms) {
                Verdict::Check => window.note(now_ms),
                Verdict::Wait(wait_ms) => now_ms += wait_ms.min(10_000),
                Verdict::Remembered(_) => panic!("every password is a new one"),
            }
            now_ms += i64::try_from(chance.between(0, greed_ms)).expect("small");
        }
        // Twenty, then one after each wait of 30, 60, 120, 240, 480, 900, 900 s, and what an hour forgets.
        assert!(window.most <= 20 + 7 + 2, "{} with {greed_ms} ms", window.most);
        assert!(greed_ms > 1000 || window.most >= 20, "only {}: this test would check nothing", window.most);
    }
}

#[test]
fn who_guesses_beside_the_rightful_user_gains_no_fresh_start_by_every_sign_in_a5() {
    let (mut rule, mut window, mut password) = (Rule::new(limits()), Window::new(), 0);
    let mut delayed = 0;
    for minute in 0..48 * 60 {
        let now_ms = minute * MINUTE_MS;
        let rightful = attempt(1, 1, 0, true);
        match show(&mut rule, &rightful, Outcome::Right, now_ms).0 {
            Verdict::Check => {}
            _ => delayed += 1,
        }
        for _ in 0..10 {
            password += 1;
            let (verdict, _) = show(&mut rule, &attempt(1, 1, password, true), Outcome::Wrong(WRONG), now_ms + 1);
            if verdict == Verdict::Check {
                window.note(now_ms + 1);
            }
        }
    }
    assert!(delayed > 0, "an account is delayed by what is guessed at its own source");
    assert!(window.most <= 2 * (5 + 7 + 1), "{} in an hour", window.most);
}

/// A password in flight, in both rules.
struct Flight {
    attempt: Attempt,
    outcome: Outcome,
    alone: bool,
}

/// Plays anybody against a few accounts. Of every account at a source with an earlier success a rule of its own is fed
/// with nothing but its own attempts: whatever all others do, it must hear the same.
#[test]
fn a_source_with_an_earlier_success_is_delayed_by_its_own_failures_only_a5() {
    let mut chance = Seeded::from_environment();
    let mut rule = Rule::new(limits());
    let mut alone: HashMap<Mark, Rule> = HashMap::new();
    let (mut now_ms, mut flying, mut seen) = (0_i64, Vec::<Flight>::new(), [0_u32; 3]);
    for step in 0..60_000_u64 {
        now_ms += i64::try_from(chance.between(0, 4000)).expect("small");
        if !flying.is_empty() && chance.between(0, 2) == 0 {
            let at = usize::try_from(chance.bits()).unwrap_or(0) % flying.len();
            let Flight { attempt, outcome, alone: known } = flying.swap_remove(at);
            rule.finish(&attempt, outcome, now_ms);
            if known {
                alone.get_mut(&attempt.pair).expect("asked before").finish(&attempt, outcome, now_ms);
            }
            continue;
        }
        let (account, source) = (chance.between(0, 3), chance.between(0, 40));
        let known = source < 2;
        // Few passwords, so that some come again; 0 is the right one.
        let password = if chance.between(0, 3) == 0 { chance.between(0, 4) } else { step };
        let attempt = attempt(account, source, password, known);
        let verdict = rule.ask(&attempt, now_ms);
        if known {
            let own = alone.entry(attempt.pair).or_insert_with(|| Rule::new(limits()));
            assert_eq!(own.ask(&attempt, now_ms), verdict, "step {step}");
            seen[match verdict {
                Verdict::Check => 0,
                Verdict::Remembered(_) => 1,
                Verdict::Wait(_) => 2,
            }] += 1;
        }
        if verdict == Verdict::Check {
            let outcome = match (password, chance.between(0, 20)) {
                (_, 0) => Outcome::GivenUp,
                (0, _) => Outcome::Right,
                _ => Outcome::Wrong(WRONG),
            };
            flying.push(Flight { attempt, outcome, alone: known });
        }
    }
    assert!(seen.iter().all(|count| *count > 50), "every verdict was compared: {seen:?}");
}
