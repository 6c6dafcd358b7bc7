//! What is hidden answers as quickly as what does not exist (decision 6): compared with one another in one run, never with
//! a clock.

use crate::{NOBODY, OwnCompany, USERS, world};
use std::time::{Duration, Instant};
use world::{Client, Person};

const SAMPLES: usize = 250;

/// Times of two requests, taken in turns so that whatever else the machine does meets both.
async fn in_turns(client: &Client, one: &str, other: &str) -> [Vec<Duration>; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for sample in 0..SAMPLES * 2 {
        let which = sample % 2;
        let start = Instant::now();
        let answer = client.get(if which == 0 { one } else { other }).await;
        times[which].push(start.elapsed());
        assert_eq!(answer.status, 404, "{}", answer.text());
    }
    times
}

/// The median, and the spread of the middle half.
fn middle(times: &mut [Duration]) -> (Duration, Duration) {
    times.sort();
    let quarter = times.len() / 4;
    (times[quarter * 2], times[quarter * 3] - times[quarter])
}

#[tokio::test]
async fn hidden_people_and_companies_answer_as_quickly_as_missing_ones_b1_b3() {
    let world = world();
    let hidden = OwnCompany::new("timing");
    let victim: Person = hidden.person("tilda", &[]);
    let victim = victim.sign_in(&world.edge).await;
    let eve = world.eve.sign_in(&world.edge).await;
    let users = |path: &str| [format!("{path}/{}", victim.id()), format!("{path}/{NOBODY}")];
    // Eve's company is isolated: nobody of another sees its page, and she sees nobody of another.
    let companies = "/api/rainbow/enduser/v1.0/companies";
    let pages = [format!("{companies}/{}", eve.company_id()), format!("{companies}/{NOBODY}")];
    for (client, [hidden, missing]) in
        [(&eve.client, users(USERS)), (&eve.client, users("/api/rainbow/admin/v1.0/users")), (&victim.client, pages)]
    {
        let [mut met, mut unmet] = in_turns(client, &hidden, &missing).await;
        let ((met, met_spread), (unmet, unmet_spread)) = (middle(&mut met), middle(&mut unmet));
        let noise = met_spread.max(unmet_spread);
        assert!(met.abs_diff(unmet) <= noise, "{hidden}: {met:?}, {missing}: {unmet:?}, noise {noise:?}");
    }
}
