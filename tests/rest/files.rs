//! Shared files from announcement to deletion: who gets which bytes of them, and when (C6, C8, C3, D1).

use crate::tenant::text;
use crate::{NOBODY, OwnCompany, bubbles, world};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
pub(crate) use world::noise;
use world::stanza::ns;
use world::{Client, Device, SignedIn, expect, fault, secrecy};

pub(crate) const FILES: &str = "/api/rainbow/filestorage/v1.0/files";
pub(crate) const BYTES: &str = "/api/rainbow/fileserver/v1.0/files";
const CONSUMPTION: &str = "/api/rainbow/filestorage/v1.0/users/consumption";
const CAPABILITIES: &str = "/api/rainbow/fileserver/v1.0/capabilities";

/// Announces a file; its descriptor.
pub(crate) async fn announced(who: &SignedIn, name: &str, size: usize, viewers: &[(&str, &str)]) -> Value {
    let viewers: Vec<Value> = viewers.iter().map(|(kind, id)| json!({"viewerId": id, "type": kind})).collect();
    let extension = name.rsplit('.').next().unwrap_or_default();
    let body = json!({"fileName": name, "extension": extension, "size": size, "viewers": viewers});
    expect::data(&who.client.post(FILES, &body).await)
}

pub(crate) async fn put(who: &SignedIn, path: &str, bytes: &[u8]) -> world::Answer {
    who.client.request("PUT", path).body("application/octet-stream", bytes).send().await
}

/// What is known of a file once the scanner has looked at it.
pub(crate) async fn judged(who: &SignedIn, id: &str) -> Value {
    let begun = Instant::now();
    loop {
        let file = expect::data(&who.client.get(&format!("{FILES}/{id}")).await);
        if !file["isClean"].is_null() {
            return file;
        }
        assert!(begun.elapsed() < Duration::from_secs(world::PATIENCE_S), "not scanned: {file}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Uploads a file in one go and waits for the scanner; its id.
pub(crate) async fn shared(who: &SignedIn, name: &str, bytes: &[u8], viewers: &[(&str, &str)]) -> String {
    let id = text(&announced(who, name, bytes.len(), viewers).await["id"]).to_owned();
    expect::data(&put(who, &format!("{BYTES}/{id}"), bytes).await);
    assert_eq!(judged(who, &id).await["isClean"], json!(true));
    id
}

/// The status that somebody meets at a file's descriptor and at its bytes.
pub(crate) async fn meets(client: &Client, id: &str) -> (u16, u16) {
    (client.get(&format!("{FILES}/{id}")).await.status, client.get(&format!("{BYTES}/{id}")).await.status)
}

#[tokio::test]
async fn a_file_goes_to_its_viewers_and_to_nobody_else_c6() {
    let (sender, viewer, colleague) = (
        world().signed_in("file-frida").await,
        world().signed_in("file-fritz").await,
        world().signed_in("file-fabian").await,
    );
    let eve = world().eve.sign_in(&world().edge).await;
    let bytes = [b"\x89PNG\r\n\x1a\n".to_vec(), noise(200_000, 1)].concat();
    let file = announced(&sender, "Plan für Ökö.txt", bytes.len(), &[("user", viewer.id())]).await;
    let id = text(&file["id"]);
    assert_eq!((&file["isUploaded"], &file["ownerId"]), (&json!(false), &json!(sender.id())));
    assert_eq!(meets(&viewer.client, id).await, (200, 409), "announced, and not there yet");
    let held = expect::data(&put(&sender, &format!("{BYTES}/{id}"), &bytes).await);
    assert_eq!(held["isUploaded"], json!(true));
    let file = judged(&viewer, id).await;
    assert_eq!((&file["typeMIME"], &file["isClean"]), (&json!("image/png"), &json!(true)), "its bytes say what it is");
    assert_eq!(file["viewers"], json!([{"viewerId": viewer.id(), "type": "user"}]));
    let got = viewer.client.get(&format!("{BYTES}/{id}")).await;
    assert_eq!((got.status, &got.body[..]), (200, &bytes[..]));
    for (header, expected) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "attachment; filename*=UTF-8''Plan%20f%C3%BCr%20%C3%96k%C3%B6.txt"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(got.header(header), Some(expected), "{header}");
    }
    assert!(got.header("content-security-policy").is_some_and(|policy| policy.contains("sandbox")));
    assert_eq!(meets(&sender.client, id).await, (200, 200));
    for other in [&colleague, &eve] {
        assert_eq!(meets(&other.client, id).await, (404, 404));
        assert_eq!(other.client.delete(&format!("{FILES}/{id}")).await.status, 404);
    }
    assert_eq!(meets(&Client::new(&world().edge), id).await, (401, 401));
    assert_eq!(meets(&viewer.client, NOBODY).await, (404, 404));
}

#[tokio::test]
async fn a_range_is_the_bytes_that_were_asked_for_c6() {
    let who = world().signed_in("file-ria").await;
    let bytes = noise(300_000, 2);
    let id = shared(&who, "ranges.bin", &bytes, &[]).await;
    let path = format!("{BYTES}/{id}");
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=65530-65545", 65_530, 65_546),
        ("bytes=299999-", 299_999, 300_000),
        ("bytes=-70000", 230_000, 300_000),
    ] {
        let got = who.client.request("GET", &path).header("range", range).send().await;
        assert_eq!((got.status, &got.body[..]), (206, &bytes[from..to]), "{range}");
        assert_eq!(got.header("content-range"), Some(format!("bytes {from}-{}/300000", to - 1).as_str()));
    }
    let beyond = who.client.request("GET", &path).header("range", "bytes=300000-").send().await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some("bytes */300000")));
    let whole = who.client.get(&path).await;
    let tag = whole.header("etag").expect("an ETag").to_owned();
    let again = who.client.request("GET", &path).header("if-none-match", &tag).send().await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other =
        who.client.request("GET", &path).header("range", "bytes=0-9").header("if-range", "\"other\"").send().await;
    assert_eq!((other.status, other.body.len()), (200, 300_000), "a range of another file is none");
}

/// Sends the head and a share of the body, then resets the connection.
async fn cut(who: &SignedIn, path: &str, bytes: &[u8], sent: usize) {
    let mut stream = who.client.door().tls(&["http/1.1"]).await.expect("TLS connects");
    let head = format!(
        "PUT {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
        who.token,
        bytes.len()
    );
    stream.write_all(head.as_bytes()).await.expect("the head is taken");
    stream.write_all(&bytes[..sent]).await.expect("a share is taken");
    stream.flush().await.expect("a share is taken");
    stream.get_ref().0.set_zero_linger().expect("an open socket");
}

#[tokio::test]
async fn an_upload_that_is_cut_at_every_tenth_goes_on_where_it_was_c6() {
    let who = world().signed_in("file-rolf").await;
    let bytes = noise(1_000_003, 3);
    let file = announced(&who, "long.bin", bytes.len(), &[]).await;
    let id = text(&file["id"]);
    let progress = format!("/api/edge/v1/files/{id}/upload");
    let parts: Vec<&[u8]> = bytes.chunks(bytes.len().div_ceil(10)).collect();
    for (number, part) in parts.iter().enumerate() {
        let path = format!("{BYTES}/{id}/parts/{number}");
        cut(&who, &path, part, part.len() * (number + 1) / 11).await;
        let far = expect::data(&who.client.get(&progress).await);
        let whole: usize = parts[..number].iter().map(|part| part.len()).sum();
        assert_eq!(far, json!({"nextPart": number, "receivedBytes": whole}), "what was cut counts for nothing");
        expect::data(&put(&who, &path, part).await);
    }
    let end = format!("{BYTES}/{id}/parts/end");
    expect::data(&put(&who, &end, b"").await);
    expect::data(&put(&who, &end, b"").await);
    judged(&who, id).await;
    assert_eq!(who.client.get(&format!("{BYTES}/{id}")).await.body[..], bytes[..]);
    let late = put(&who, &format!("{BYTES}/{id}/parts/0"), &parts[0][..1000]).await;
    expect::refusal(&late, 409);
}

#[tokio::test]
async fn parts_that_do_not_fit_are_refused_and_nothing_that_came_is_lost_c6() {
    let (who, other) = (world().signed_in("file-paula").await, world().signed_in("file-pavel").await);
    let bytes = noise(150_000, 4);
    let file = announced(&who, "parts.bin", bytes.len(), &[("user", other.id())]).await;
    let id = text(&file["id"]);
    let part = |number: usize| format!("{BYTES}/{id}/parts/{number}");
    let end = format!("{BYTES}/{id}/parts/end");
    expect::refusal(&put(&who, &end, b"").await, 409);
    expect::data(&put(&who, &part(0), &bytes[..100_000]).await);
    expect::refusal(&put(&who, &part(2), &bytes[100_000..]).await, 409);
    expect::refusal(&put(&who, &part(1), &bytes[..100_000]).await, 400);
    expect::refusal(&put(&who, &end, b"").await, 409);
    expect::refusal(&put(&other, &part(1), &bytes[100_000..]).await, 403);
    assert_eq!(put(&who, &format!("{BYTES}/{id}/parts/x"), b"").await.status, 404);
    // The first part again, another cut of the same bytes.
    expect::data(&put(&who, &part(0), &bytes[..10]).await);
    expect::data(&put(&who, &part(1), &bytes[10..]).await);
    expect::data(&put(&who, &end, b"").await);
    let file = judged(&who, id).await;
    let copied = expect::data(&who.client.post(&format!("{FILES}/{id}/copy"), &json!({})).await);
    assert_eq!((text(&file["md5sum"]).len(), &file["md5sum"]), (32, &copied["md5sum"]));
    assert_eq!(other.client.get(&format!("{BYTES}/{id}")).await.body[..], bytes[..]);
}

#[tokio::test]
async fn names_sizes_and_viewers_that_cannot_be_are_refused_c6_b6() {
    let who = world().signed_in("file-nora").await;
    let eve = world().eve.sign_in(&world().edge).await;
    let refused = async |body: Value, status: u16| {
        expect::refusal(&who.client.post(FILES, &body).await, status);
    };
    for name in ["", "../../etc/passwd", "a/b", "a\u{202e}fdp.exe", "a\nb"] {
        refused(json!({"fileName": name, "extension": "x", "size": 1, "viewers": []}), 400).await;
    }
    refused(json!({"fileName": "a", "size": -1}), 400).await;
    refused(json!({"fileName": "a", "size": "1"}), 400).await;
    refused(json!({"fileName": "a"}), 400).await;
    refused(json!({"fileName": "a", "size": 3_000_000_000_u64}), 413).await;
    refused(json!({"fileName": "a", "size": 1, "viewers": [{"viewerId": "me", "type": "user"}]}), 400).await;
    for viewer in [eve.id(), NOBODY] {
        refused(json!({"fileName": "a", "size": 1, "viewers": [{"viewerId": viewer, "type": "user"}]}), 404).await;
    }
    refused(json!({"fileName": "a", "size": 1, "viewers": [{"viewerId": NOBODY, "type": "room"}]}), 404).await;
    assert_eq!(expect::list(&who.client.get(FILES).await), Vec::<Value>::new());
}

#[tokio::test]
async fn a_file_in_a_bubble_is_for_who_is_in_it_then_c3_c6() {
    let home = OwnCompany::new("filebubble");
    let (owner, member, late) =
        (home.signed_in("owner").await, home.signed_in("member").await, home.signed_in("late").await);
    let room = expect::data(&owner.client.post(bubbles::ROOMS, &json!({"name": "Files"})).await);
    let room = text(&room["id"]).to_owned();
    let users = format!("{}/{room}/users", bubbles::ROOMS);
    let add = async |who: &SignedIn| {
        let body = json!({"userId": who.id(), "privilege": "user", "status": "accepted"});
        expect::data(&owner.client.post(&users, &body).await);
    };
    add(&member).await;
    let refused = json!({"fileName": "a", "size": 1, "viewers": [{"viewerId": room, "type": "room"}]});
    expect::refusal(&late.client.post(FILES, &refused).await, 404);
    let mut device = Device::online(&world().edge, &member, "web_member").await;
    let id = shared(&owner, "minutes.txt", b"what was said", &[("room", &room)]).await;
    device.expect("the notice of the file", |e| file_notice(e, "create", &id)).await;
    assert_eq!(meets(&member.client, &id).await, (200, 200));
    add(&late).await;
    assert_eq!(meets(&late.client, &id).await, (404, 404), "who came later reads nothing from before");
    let listed = expect::list(&member.client.get(&format!("{FILES}/viewers/{room}")).await);
    assert_eq!(listed.len(), 1);
    let own = expect::list(&member.client.get(&format!("{FILES}/viewers/{}", member.id())).await);
    assert_eq!((own.len(), &own[0]["id"]), (1, &json!(id)));
    assert_eq!(late.client.get(&format!("{FILES}/viewers/{}", member.id())).await.status, 404, "another's list");
    let of_late = expect::list(&late.client.get(&format!("{FILES}/viewers/{room}")).await);
    assert_eq!(of_late, Vec::<Value>::new());
    expect::success(&owner.client.delete(&format!("{}/{room}", bubbles::ROOMS)).await);
    assert_eq!(meets(&member.client, &id).await, (404, 404), "a deleted bubble is gone with its files (D5)");
}

fn file_notice(e: &world::Element, action: &str, id: &str) -> bool {
    e.child("file", ns::CONFIGURATION).is_some_and(|file| {
        file.attr("action") == Some(action) && file.child("fileid", ns::CONFIGURATION).is_some_and(|f| f.text == id)
    })
}

#[tokio::test]
async fn a_deleted_file_is_gone_for_everybody_and_from_the_disk_c8() {
    let (owner, viewer) = (world().signed_in("file-dora").await, world().signed_in("file-dirk").await);
    let id = shared(&owner, "gone.txt", b"abc", &[("user", viewer.id())]).await;
    let known = expect::data(&viewer.client.get(&format!("{FILES}/{id}")).await);
    assert_eq!(known["md5sum"], json!("900150983cd24fb0d6963f7d28e17f72"), "of RFC 1321");
    let link = expect::data(&viewer.client.get(&format!("{BYTES}/{id}/temporary-url")).await);
    let link = text(&link["url"]).split_once("/api/").map(|(_, rest)| format!("/api/{rest}")).expect("a path");
    let nobody = Client::new(&world().edge);
    assert_eq!(nobody.get(&link).await.body[..], b"abc"[..]);
    let on_disk = || fault::files(&world().edge.data()).into_iter().any(|file| file.ends_with(&id));
    assert!(on_disk(), "a file of this name lies on the disk");
    expect::refusal(&viewer.client.delete(&format!("{FILES}/{id}")).await, 403);
    let mut device = Device::online(&world().edge, &viewer, "web_viewer").await;
    expect::success(&owner.client.delete(&format!("{FILES}/{id}")).await);
    device.expect("the notice of the deletion", |e| file_notice(e, "delete", &id)).await;
    for who in [&owner, &viewer] {
        assert_eq!(meets(&who.client, &id).await, (404, 404));
    }
    assert_eq!(nobody.get(&link).await.status, 404);
    assert!(!on_disk(), "its bytes are gone");
    for broken in [link.replace(&id, NOBODY), format!("{link}x"), String::from("/api/edge/v1/files/links/x")] {
        assert_eq!(nobody.get(&broken).await.status, 404, "{broken}");
    }
}

#[tokio::test]
async fn viewers_come_and_go_and_files_are_copied_and_handed_over_c6() {
    let (owner, friend, heir) = (
        world().signed_in("file-olga").await,
        world().signed_in("file-otto").await,
        world().signed_in("file-odo").await,
    );
    let id = shared(&owner, "shared.txt", b"for some", &[]).await;
    let viewers = format!("{FILES}/{id}/viewers");
    assert_eq!(meets(&friend.client, &id).await.0, 404);
    let body = json!({"viewerId": friend.id(), "type": "user"});
    expect::refusal(&friend.client.post(&viewers, &body).await, 404);
    assert_eq!(expect::data(&owner.client.post(&viewers, &body).await)["viewerId"], json!(friend.id()));
    let copy = expect::data(&friend.client.post(&format!("{FILES}/{id}/copy"), &json!({})).await);
    let copy = text(&copy["id"]).to_owned();
    assert_eq!(meets(&owner.client, &copy).await, (404, 404), "a copy is its maker's");
    expect::success(&owner.client.delete(&format!("{viewers}/{}", friend.id())).await);
    assert_eq!(meets(&friend.client, &id).await, (404, 404));
    assert_eq!(friend.client.get(&format!("{BYTES}/{copy}")).await.body[..], b"for some"[..]);
    let drop = format!("{FILES}/{id}/drop");
    expect::refusal(&owner.client.put(&drop, &json!({"userId": NOBODY})).await, 404);
    let handed = expect::data(&owner.client.put(&drop, &json!({"userId": heir.id()})).await);
    assert_eq!(handed["ownerId"], json!(heir.id()));
    assert_eq!((meets(&owner.client, &id).await, meets(&heir.client, &id).await), ((404, 404), (200, 200)));
    let of_company = format!("/api/rainbow/filestorage/v1.0/companies/{}/files", owner.company_id());
    assert_eq!(owner.client.get(&of_company).await.status, 403);
    let manager = world().manager.sign_in(&world().edge).await;
    let listed = expect::list(&manager.client.get(&format!("{of_company}?limit=1000")).await);
    assert!(listed.iter().any(|file| file["id"] == json!(id)));
    assert_eq!(
        meets(&manager.client, &id).await,
        (404, 404),
        "who administers sees that there is one, not what is in it"
    );
}

#[tokio::test]
async fn ones_own_files_and_those_received_come_in_the_order_that_is_asked_for_c6() {
    let (owner, friend) = (world().signed_in("order-ora").await, world().signed_in("order-olf").await);
    let to = [("user", friend.id())];
    for (name, bytes) in [("beta.txt", 30), ("Alpha.txt", 10), ("gamma.txt", 20)] {
        shared(&owner, name, &noise(bytes, 7), &to).await;
    }
    let received = format!("{FILES}/viewers/{}", friend.id());
    for (who, path) in [(&owner, FILES), (&friend, received.as_str())] {
        for (order, wanted) in [
            ("fileName&sortOrder=1", ["Alpha.txt", "beta.txt", "gamma.txt"]),
            ("size&sortOrder=1", ["Alpha.txt", "gamma.txt", "beta.txt"]),
            ("size&sortOrder=-1", ["beta.txt", "gamma.txt", "Alpha.txt"]),
            ("dateToSort&sortOrder=1", ["beta.txt", "Alpha.txt", "gamma.txt"]),
            ("something", ["gamma.txt", "Alpha.txt", "beta.txt"]),
        ] {
            let listed = expect::list(&who.client.get(&format!("{path}?sortField={order}")).await);
            let names: Vec<_> = listed.iter().map(|file| text(&file["fileName"])).collect();
            assert_eq!(names, wanted, "{order}");
        }
    }
}

#[tokio::test]
async fn a_hundred_uploads_at_once_all_come_c6() {
    let who = world().signed_in("file-hugo").await;
    let mut uploads = tokio::task::JoinSet::new();
    for seed in 0..100 {
        let who = who.clone();
        uploads.spawn(async move {
            let bytes = noise(150_000, 1000 + seed);
            let id = shared(&who, &format!("{seed}.bin"), &bytes, &[]).await;
            assert_eq!(who.client.get(&format!("{BYTES}/{id}")).await.body[..], bytes[..]);
        });
    }
    while let Some(done) = uploads.join_next().await {
        done.expect("each upload comes whole");
    }
    let used = expect::data(&who.client.get(CONSUMPTION).await);
    assert_eq!((&used["currentValue"], &used["unit"]), (&json!(15_000_000), &json!("octet")));
    let listed = expect::success(&who.client.get(&format!("{FILES}?limit=10&fileName=9")).await);
    assert_eq!((listed["data"].as_array().map(Vec::len), &listed["total"]), (Some(10), &json!(19)));
    assert!(expect::data(&who.client.get(CAPABILITIES).await)["maxChunkSizeUpload"].is_u64());
}

#[tokio::test]
async fn no_byte_of_a_file_stands_in_clear_d1() {
    let who = world().signed_in("file-clara").await;
    let secret = "the formula of the secret sauce ";
    let id = shared(&who, "secret-sauce.txt", secret.repeat(10_000).as_bytes(), &[]).await;
    secrecy::assert_nothing_readable(&world().edge, &[secret, "secret-sauce"], "after an upload");
    assert_eq!(who.client.get(&format!("{BYTES}/{id}")).await.body.len(), secret.len() * 10_000);
}

#[tokio::test]
async fn file_sharing_ends_for_a_company_or_for_one_of_its_people_c7() {
    let home = OwnCompany::new("filesoff");
    let (one, other) = (home.signed_in("one").await, home.signed_in("other").await);
    let admin = home.person("boss", &["--admin"]).sign_in(&world().edge).await;
    let before = shared(&one, "before.txt", b"while it was let", &[("user", other.id())]).await;
    let company = format!("{}/{}", crate::ADMIN_COMPANIES, one.company_id());
    let of = |who: &SignedIn| format!("{}/{}", crate::ADMIN_USERS, who.id());
    let may = async |who: &SignedIn| {
        let body = json!({"fileName": "a.txt", "extension": "txt", "size": 1});
        let announced = who.client.post(FILES, &body).await.status == 200;
        let copied = who.client.post(&format!("{FILES}/{before}/copy"), &json!({})).await.status == 200;
        assert_eq!(announced, copied);
        announced
    };
    let set = async |path: &str, value: &str| {
        let changed = expect::data(&admin.client.put(path, &json!({"fileSharingCustomisation": value})).await);
        assert_eq!(changed["fileSharingCustomisation"], json!(value));
    };
    assert!(may(&one).await && may(&other).await);
    set(&of(&one), "disabled").await;
    assert!(!may(&one).await && may(&other).await);
    let viewer = json!({"viewerId": other.id(), "type": "user"});
    expect::refusal(&one.client.post(&format!("{FILES}/{before}/viewers"), &viewer).await, 403);
    set(&company, "disabled").await;
    assert!(!may(&one).await && !may(&other).await);
    assert_eq!(meets(&other.client, &before).await, (200, 200), "what was shared stays");
    set(&of(&other), "enabled").await;
    assert!(!may(&one).await && may(&other).await, "apart from the company");
    set(&of(&one), "same_than_company").await;
    set(&company, "enabled").await;
    assert!(may(&one).await && may(&other).await);
    for path in [&company, &of(&one)] {
        expect::refusal(&admin.client.put(path, &json!({"fileSharingCustomisation": "perhaps"})).await, 400);
        expect::refusal(&other.client.put(path, &json!({"fileSharingCustomisation": "disabled"})).await, 403);
    }
    let health = world().admin.sign_in(&world().edge).await.client.get("/api/edge/v1/health").await;
    let services = expect::data(&health)["services"].clone();
    let files = services.as_array().expect("a list").iter().find(|service| service["name"] == json!("files"));
    assert!(text(&files.expect("files are among them")["detail"]).contains("ClamAV"));
}
