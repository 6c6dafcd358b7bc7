//! The bench against a small box: it works, and says nothing of how fast that is.

use bench::scenario::chat::{self, Load};
use bench::scenario::files::{self, Cargo};
use bench::scenario::{Span, fan_out, flood, history, idle, log_in, room, storm};
use bench::server::{Sizes, edge};
use std::time::Duration;

const SIZES: Sizes = Sizes { strangers: 8, writers: 4, colleagues: 40, rooms: &[] };
const OF_ROOMS: Sizes = Sizes { strangers: 8, writers: 0, colleagues: 0, rooms: &[8, 2] };
const SPAN: Span = Span { warm_up: Duration::from_millis(100), measured: Duration::from_millis(500) };
/// So few people have soon said what they may say at once; then each is heard once a second.
const LONGER: Span = Span { warm_up: Duration::from_millis(100), measured: Duration::from_millis(2500) };

#[tokio::test(flavor = "current_thread")]
async fn every_scenario_of_the_bench_measures_a_box() {
    bench::take_all_files();
    tokio::task::LocalSet::new().run_until(measure()).await;
}

#[tokio::test(flavor = "current_thread")]
async fn rooms_archives_and_files_of_a_box_are_measured() {
    bench::take_all_files();
    tokio::task::LocalSet::new().run_until(measure_collaboration()).await;
}

async fn measure_collaboration() {
    let server = edge::start_with_scanner(OF_ROOMS).await;
    let heard = room::run(&server, &server.rooms[0], SPAN).await.expect("everybody hears everybody");
    assert!(heard.latencies.count() >= 8 && heard.per_s > 0.0, "{heard:?}");
    let pages = history::run(&server, &server.rooms[1], history::PAGE * 3, SPAN).await.expect("whole pages come");
    assert!(pages.count > 0 && pages.per_s > 0.0, "{pages:?}");
    let cargo = Cargo::new(200_000, 6, 12);
    let (up, places) = files::put_in_slots(&server, &cargo).await.expect("slots are filled");
    assert!(places.len() == 6 && up.mb_per_s > 0.0 && up.with_scanner <= up.mb_per_cpu_s, "{up:?}");
    files::get(&server, &cargo, &places).await.expect("what was put is had, whole");
    let (_, places) = files::share(&server, &cargo).await.expect("files are shared");
    files::get(&server, &cargo, &places).await.expect("what was shared is had, whole");
}

async fn measure() {
    let mut server = edge::start(SIZES).await;
    let idle = idle::run(&server, SIZES.strangers).await.expect("idle sessions stay");
    assert!(idle.resident_mib > 1.0 && idle.kib_per_session >= 0.0, "{idle:?}");
    server.restart();
    // The same people come twice.
    let logins = log_in::run(&server, SIZES.strangers * 2).await.expect("everybody is let in");
    assert_eq!(logins.latencies.count(), SIZES.strangers * 2);
    let pairs = SIZES.writers / 2;
    for load in [Load::Closed { outstanding: 4 }, Load::Open { per_s: 100 }] {
        let chat = chat::run(&server, pairs, load, SPAN).await.expect("messages are taken");
        assert!(chat.latencies.count() > 0 && chat.lost == 0, "{chat:?}");
        assert!(chat.latencies.quantile_ms(0.5) <= chat.latencies.quantile_ms(0.99), "{chat:?}");
    }
    let storm = storm::run(&server, SIZES.strangers, pairs, SPAN).await.expect("everybody comes back");
    assert!(storm.latencies.count() > 0 && storm.lost == 0, "{storm:?}");
    let heard = fan_out::run(&server, SIZES.colleagues, LONGER).await.expect("everybody hears everybody");
    assert!(heard.latencies.count() >= SIZES.colleagues && heard.per_s > 0.0, "{heard:?}");
    drop(server);
    let server = edge::start_as_shipped(SIZES).await;
    let floods = flood::run(&server, pairs, SPAN, env!("CARGO_BIN_EXE_xmpp-bench")).await.expect("it is flooded");
    assert!(floods.beside.len() == 5 && floods.worst().0 > 0.0, "{floods:?}");
}
