//! Presence (section 6; C2, B6).

use crate::{another, online, world};
use serde_json::json;
use world::stanza::ns;
use world::{Device, Element, expect};

fn available<'a>(from: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| e.is("presence", ns::CLIENT) && e.attr("from") == Some(from) && e.attr("type").is_none()
}

fn unavailable<'a>(from: &'a str) -> impl Fn(&Element) -> bool + 'a {
    move |e| e.is("presence", ns::CLIENT) && e.attr("from") == Some(from) && e.attr("type") == Some("unavailable")
}

fn level(presence: &Element) -> (Option<&str>, Option<&str>) {
    let text = |name: &str| presence.child(name, ns::CLIENT).map(|e| e.text.as_str()).filter(|text| !text.is_empty());
    (text("show"), text("status"))
}

#[tokio::test]
async fn contacts_see_each_other_on_every_device_c2() {
    let (jana, mut phone) = online("jonna").await;
    let mut laptop = another(&jana, "web_jana").await;
    phone.expect("the other own device", available(laptop.jid())).await;
    let (_, mut jens) = online("jens").await;
    for device in [&phone, &laptop] {
        let seen = jens.expect("the contact's device at sign-in", available(device.jid())).await;
        assert_eq!(level(&seen), (None, Some("mode=auto")));
    }
    let jens_jid = jens.jid().to_owned();
    for device in [&mut phone, &mut laptop] {
        device.expect("the contact who came later", available(&jens_jid)).await;
    }
}

#[tokio::test]
async fn every_level_reaches_contacts_and_own_devices_as_sent_c2() {
    let (_, mut watcher) = online("jule").await;
    let (jonas, mut device) = online("jonas").await;
    let mut second = another(&jonas, "web_jonas").await;
    for (content, shown) in [
        ("<priority>5</priority><show>dnd</show>", (Some("dnd"), None)),
        ("<priority>5</priority><show>xa</show><status>away</status>", (Some("xa"), Some("away"))),
        ("<priority>5</priority><show>away</show>", (Some("away"), None)),
        ("<priority>5</priority><status>mode=auto</status>", (None, Some("mode=auto"))),
    ] {
        let from = device.jid().to_owned();
        let echo = device.presence(content).await;
        assert_eq!(level(&echo), shown, "the echo");
        for other in [&mut watcher, &mut second] {
            other.expect(content, |e| available(&from)(e) && level(e) == shown).await;
        }
    }
}

#[tokio::test]
async fn who_is_invisible_is_gone_for_contacts_and_there_for_own_devices_c2() {
    let (_, mut watcher) = online("invisible-watcher").await;
    let (joringel, mut device) = online("invisible-one").await;
    let mut second = another(&joringel, "web_invisible").await;
    let from = device.jid().to_owned();
    watcher.expect("presence", available(&from)).await;
    device.presence("<priority>5</priority><show>xa</show>").await;
    second.expect("one's own level", |e| available(&from)(e) && level(e) == (Some("xa"), None)).await;
    watcher.expect("gone", unavailable(&from)).await;
    let (_, mut late) = online("invisible-late").await;
    late.never("presence of the invisible", available(&from)).await;
    device.presence("<priority>5</priority><status>mode=auto</status>").await;
    watcher.expect("back", available(&from)).await;
}

#[tokio::test]
async fn leaving_and_vanishing_are_both_told_c2() {
    let (_, mut watcher) = online("jadwiga").await;
    let (joerg, device) = online("joerg").await;
    let jid = device.jid().to_owned();
    watcher.expect("presence", available(&jid)).await;
    device.leave().await;
    watcher.expect("unavailable after leaving", unavailable(&jid)).await;

    let device = another(&joerg, "node_vanishing").await;
    let jid = device.jid().to_owned();
    watcher.expect("presence", available(&jid)).await;
    drop(device);
    watcher.expect("unavailable after a cut connection", unavailable(&jid)).await;
}

/// Says this often, faster than anybody reads, where it is.
async fn storm(device: &mut Device, times: u32) {
    for number in 0..times {
        device.send(&format!("<presence xmlns='jabber:client'><status>storm {number}</status></presence>")).await;
    }
}

#[tokio::test]
async fn presences_without_end_are_told_at_a_pace_and_the_last_one_always_c2_e5() {
    const TIMES: u32 = 1_000;
    let (_, mut watcher) = online("wetterfrosch").await;
    let (_, mut device) = online("wirbelwind").await;
    let jid = device.jid().to_owned();
    storm(&mut device, TIMES).await;
    let last = format!("storm {}", TIMES - 1);
    watcher.expect("the last presence", |e| available(&jid)(e) && level(e).1 == Some(last.as_str())).await;
    let told = watcher.take_all(available(&jid)).await.len();
    assert!((10..200).contains(&told), "{told} of {TIMES} were told: the first ones, and then one each second");
    // Nothing else that this client does waits for its presences.
    storm(&mut device, TIMES).await;
    device.settle().await;
}

#[tokio::test]
async fn who_goes_is_gone_at_once_and_nothing_that_waited_is_told_after_it_c2_e5() {
    let (_, mut watcher) = online("wilhelmine").await;
    let (_, mut device) = online("windbeutel").await;
    let jid = device.jid().to_owned();
    storm(&mut device, 100).await;
    device.send("<presence xmlns='jabber:client' type='unavailable'/>").await;
    watcher.expect("gone", unavailable(&jid)).await;
    watcher.take_all(available(&jid)).await;
    device.send("<presence xmlns='jabber:client'><status>back</status></presence>").await;
    watcher.expect("back", |e| available(&jid)(e) && level(e).1 == Some("back")).await;
    watcher.never("a presence from before", |e| available(&jid)(e) && level(e).1 != Some("back")).await;
}

#[tokio::test]
async fn offline_device_sees_and_is_seen_no_more_but_stays_connected() {
    let (_, mut watcher) = online("jolanda").await;
    let (_, mut device) = online("juri").await;
    let jid = device.jid().to_owned();
    device.send("<presence xmlns='jabber:client' type='unavailable'/>").await;
    watcher.expect("unavailable", unavailable(&jid)).await;
    device.settle().await;
}

#[tokio::test]
async fn nobody_is_shown_before_his_first_presence() {
    let world = world();
    let (_, mut watcher) = online("jarmo").await;
    let silent = world.signed_in("joost").await;
    let mut device = Device::sign_in(&world.edge, &silent, "node_silent").await;
    device.settle().await;
    watcher.never("presence of a device that sent none", |e| e.is_from("presence", silent.jid())).await;
}

#[tokio::test]
async fn presence_of_an_outsider_is_neither_given_nor_taken_b6() {
    let world = world();
    let eve = world.outsider("peeping").sign_in(&world.edge).await;
    let (jan, mut device) = online("jan").await;
    let mut outsider = Device::online(&world.edge, &eve, "node_eve").await;
    device.presence("<show>dnd</show>").await;
    for kind in ["", " type='probe'", " type='subscribe'", " type='subscribed'", " type='unsubscribe'"] {
        outsider.send(&format!("<presence xmlns='jabber:client' to='{}'{kind}/>", jan.jid())).await;
        outsider.send(&format!("<presence xmlns='jabber:client' to='{}'{kind}/>", device.jid())).await;
    }
    outsider
        .never("presence of somebody else's contact", |e| {
            e.is_from("presence", jan.jid()) && e.attr("type") != Some("error")
        })
        .await;
    device.never("presence of an outsider", |e| e.is_from("presence", eve.jid())).await;
}

#[tokio::test]
async fn disabled_account_vanishes_and_its_stream_ends_a5() {
    let world = world();
    let admin = world.admin.sign_in(&world.edge).await;
    let (_, mut watcher) = online("jutta").await;
    let (jakob, mut device) = online("jakob").await;
    let jid = device.jid().to_owned();
    watcher.expect("presence", available(&jid)).await;
    let path = format!("/api/rainbow/admin/v1.0/users/{}", jakob.id());
    expect::success(&admin.client.put(&path, &json!({"isActive": false})).await);
    device.expect_end().await;
    watcher.expect("unavailable of a disabled account", unavailable(&jid)).await;
    let mut again = Device::connect(&world.edge).await;
    again.open().await;
    again.authenticate(jakob.local(), jakob.secret()).await.expect_err("a disabled account's secret");
}

#[tokio::test]
async fn profile_change_is_told_to_contacts() {
    let (_, mut watcher) = online("jessica").await;
    let (joe, _device) = online("joe").await;
    let path = format!("/api/rainbow/enduser/v1.0/users/{}", joe.id());
    expect::success(&joe.client.put(&path, &json!({"firstName": "Joseph"})).await);
    let from_bare = |e: &Element| e.is_from("presence", joe.jid()) && e.find("x", "vcard-temp:x:update").is_some();
    let notice = watcher.expect("the profile notice", from_bare).await;
    assert_eq!(notice.attr("from"), Some(joe.jid()), "from the bare JID");
    assert!(notice.find("data", "vcard-temp:x:update").is_some(), "{notice:?}");
}

#[tokio::test]
async fn profile_change_of_somebody_who_is_not_connected_is_told_and_to_his_own_devices_too() {
    let world = world();
    let (_, mut watcher) = online("jolanta").await;
    let judd = world.member("judd").sign_in(&world.edge).await;
    let path = format!("/api/rainbow/enduser/v1.0/users/{}", judd.id());
    let told = |e: &Element| e.is_from("presence", judd.jid()) && e.find("x", "vcard-temp:x:update").is_some();
    expect::success(&judd.client.put(&path, &json!({"firstName": "Jude"})).await);
    watcher.expect("the notice of somebody without a device", told).await;
    let mut own = Device::online(&world.edge, &judd, "node_judd").await;
    expect::success(&judd.client.put(&path, &json!({"firstName": "Judith"})).await);
    watcher.expect("the notice of somebody with a device", told).await;
    own.expect("the notice to his own device", told).await;
}
