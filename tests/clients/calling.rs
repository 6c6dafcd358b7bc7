//! Calls between clients that others wrote, and with the box's own application: ringing, DTLS-SRTP, a picture that moves and a
//! tone, in both directions (G2, E3).

use crate::program::{AIORTC, Client, RAINBOW_WEB};
use crate::{with_password, world};
use serde_json::{Value, json};
use world::SignedIn;

/// The tone of `aiortc/client.py`, and that of Chromium's fake microphone.
const AIORTC_HERTZ: f64 = 440.0;
const BROWSER_HERTZ: f64 = 400.0;

async fn aiortc(name: &str) -> (SignedIn, Client) {
    let (who, password) = with_password(name).await;
    let (client, _) = Client::started(&AIORTC, &who, &password, world().edge.https()).await;
    (who, client)
}

fn call(to: &SignedIn, media: &[&str]) -> Value {
    json!({ "do": "call", "to": to.jid(), "id": to.id(), "media": media })
}

fn is_near(hertz: &Value, wanted: f64) -> bool {
    hertz.as_f64().is_some_and(|hertz| (hertz - wanted).abs() < wanted / 8.0)
}

fn channel(colours: &Value, at: usize) -> f64 {
    colours[at].as_f64().unwrap_or_default()
}

/// Red, as `aiortc/client.py` paints it, and moving.
fn is_red(seen: &Value) -> bool {
    let colour = &seen["colour"];
    channel(colour, 0) > 2.0 * channel(colour, 1) && seen["moved"].as_u64().is_some_and(|moved| moved > 20)
}

async fn hears_and_sees(client: &mut Client) {
    let heard = client.expect("heard", |_| true).await;
    assert!(is_near(&heard["hertz"], AIORTC_HERTZ), "{heard}");
    let seen = client.expect("seen", |_| true).await;
    assert!(is_red(&seen), "{seen}");
}

#[tokio::test]
async fn two_standard_clients_call_each_other_and_hear_and_see_the_other_g2_e3() {
    let ((_, mut yara), (zeno, mut zenos)) = (aiortc("yara").await, aiortc("zeno").await);
    yara.obey(&call(&zeno, &["audio", "video"]));
    zenos.expect("rings", |_| true).await;
    hears_and_sees(&mut yara).await;
    hears_and_sees(&mut zenos).await;
    zenos.obey(&json!({ "do": "hang up" }));
    yara.expect("over", |_| true).await;
}

async fn rainbow(name: &str) -> (SignedIn, Client) {
    let person = world().member(name);
    let who = person.sign_in(&world().edge).await;
    let signs_in = format!("{} {}", person.email, person.password);
    let (client, _) = Client::started(&RAINBOW_WEB, &who, &signs_in, world().edge.https()).await;
    (who, client)
}

/// What the browser was told of the other's media.
fn is_of_aiortc(media: &Value) -> bool {
    let red = media["red"].as_f64() > media["green"].as_f64().map(|green| 2.0 * green);
    red && media["moved"].as_f64().is_some_and(|moved| moved > 5.0) && is_near(&media["hertz"], AIORTC_HERTZ)
}

/// Green is the ground of Chromium's fake camera.
async fn hears_and_sees_a_browser(client: &mut Client) {
    let heard = client.expect("heard", |_| true).await;
    assert!(is_near(&heard["hertz"], BROWSER_HERTZ), "{heard}");
    let seen = client.expect("seen", |_| true).await;
    assert!(channel(&seen["colour"], 1) > 2.0 * channel(&seen["colour"], 0), "{seen}");
}

#[tokio::test]
async fn the_browser_application_calls_a_standard_client_and_is_called_by_it_g2_e3_j9() {
    let (xandra, mut client) = aiortc("xandra").await;
    let (wanda, mut browser) = rainbow("wanda").await;
    browser.obey(&call(&xandra, &[]));
    browser.expect("calls", |_| true).await;
    client.expect("rings", |event| event["sender"] == wanda.jid()).await;
    hears_and_sees_a_browser(&mut client).await;
    let media = browser.expect("media", |_| true).await;
    assert!(is_of_aiortc(&media), "{media}");
    client.obey(&json!({ "do": "hang up" }));
    browser.expect("over", |_| true).await;

    client.obey(&call(&wanda, &["audio", "video"]));
    browser.obey(&json!({ "do": "answer" }));
    hears_and_sees_a_browser(&mut client).await;
    let media = browser.expect("media", |_| true).await;
    assert!(is_of_aiortc(&media), "{media}");
    browser.obey(&json!({ "do": "hang up" }));
    client.expect("over", |event| event["event"] == "over").await;
}
