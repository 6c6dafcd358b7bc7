//! The bench against a small box: it works, and says nothing of how fast that is.

use bench::scenario::chat::{self, Load};
use bench::scenario::{Span, fan_out, flood, idle, log_in, storm};
use bench::server::{Sizes, edge};
use std::time::Duration;

const SIZES: Sizes = Sizes { strangers: 8, writers: 4, colleagues: 40 };
const SPAN: Span = Span { warm_up: Duration::from_millis(100), measured: Duration::from_millis(500) };

#[tokio::test(flavor = "current_thread")]
async fn every_scenario_of_the_bench_measures_a_box() {
    bench::take_all_files();
    tokio::task::LocalSet::new().run_until(measure()).await;
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
    let heard = fan_out::run(&server, SIZES.colleagues, SPAN).await.expect("everybody hears everybody");
    assert!(heard.latencies.count() >= SIZES.colleagues && heard.per_s > 0.0, "{heard:?}");
    drop(server);
    let server = edge::start_as_shipped(SIZES).await;
    let floods = flood::run(&server, pairs, SPAN, env!("CARGO_BIN_EXE_xmpp-bench")).await.expect("it is flooded");
    assert!(floods.beside.len() == 5 && floods.worst().0 > 0.0, "{floods:?}");
}
