//! What every target has to bear: real servers, killed in the middle, two at once, one of them dead.

use crate::servers::Server;
use crate::{Backed, shared};
use std::fs;
use std::time::{Duration, Instant};
use world::{Person, noise};

/// A box with a file of some megabytes that backs up to a server besides its disk.
async fn backed(server: &Server, more: &str) -> Backed {
    let ca =
        if server.ca_file().exists() { format!("ca_file = \"{}\"", server.ca_file().display()) } else { String::new() };
    let backed = Backed::new(&[&server.target], &format!("{ca}\n{more}"));
    let secret = backed.edge.data().join(format!("backup-{}.secret", server.name()));
    fs::write(secret, &server.secret).expect("the secret");
    backed.edge.start();
    let who = Person::first_admin().sign_in(&backed.edge).await;
    for number in 0..3 {
        shared(&who, &format!("some-{number}.bin"), &noise(6_000_000, number)).await;
    }
    backed
}

/// Backs up, with the server killed in the middle of it and started again; then all is there, and comes back.
async fn bears_a_kill(server: Server) {
    let backed = backed(&server, "").await;
    let name = server.name();
    let data = backed.edge.data();
    let running = std::thread::scope(|scope| {
        let upload = scope.spawn(|| backed.backup(&["now", "--target", name]));
        // In the middle: once something has come.
        let begun = Instant::now();
        while backed.edge.status()["backups"][1]["doing"]["stage"] != "sending" && !upload.is_finished() {
            assert!(begun.elapsed() < Duration::from_secs(60), "it never began");
            std::thread::sleep(Duration::from_millis(5));
        }
        server.kill();
        std::thread::sleep(Duration::from_millis(200));
        server.start();
        upload.join().expect("no panic")
    });
    if running.code != Some(0) {
        println!("{name}: cut off: {}", running.text());
        backed.backup(&["now", "--target", name]).succeeded("the next run");
    }
    backed.backup(&["verify", "--target", name]).succeeded("what is there can be restored");
    let again = backed.backup(&["now", "--target", name]).succeeded("another").out;
    assert!(again.contains("of which"), "{again}");
    let secret = data.join(format!("backup-{name}.secret")).display().to_string();
    let from = server.target.split_once('=').expect("a name").1;
    let mut args = backed.restore_from(from);
    args.extend([String::from("--secret-file"), secret]);
    if server.ca_file().exists() {
        args.extend([String::from("--ca-file"), server.ca_file().display().to_string()]);
    }
    let (restored, told) = backed.restored(&args);
    assert!(told.contains("everything that came after"), "{told}");
    restored.start();
    let who = Person::first_admin().sign_in(&restored).await;
    let files = world::expect::data(&who.client.get(crate::FILES).await);
    let files = files.as_array().expect("a list");
    assert_eq!(files.len(), 3);
    for file in files {
        let id = file["id"].as_str().expect("an id");
        assert_eq!(who.client.get(&format!("{}/{id}", crate::BYTES)).await.body.len(), 6_000_000);
    }
}

fn folder() -> std::path::PathBuf {
    let folder =
        std::env::temp_dir().join(format!("rainbow-edge-servers-{}-{}", std::process::id(), world::free_port()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_s3_server_may_be_killed_in_the_middle_of_an_upload_d7() {
    let folder = folder();
    bears_a_kill(Server::s3(&folder)).await;
    let _ = fs::remove_dir_all(folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webdav_server_may_be_killed_in_the_middle_of_an_upload_d7() {
    let folder = folder();
    bears_a_kill(Server::webdav(&folder)).await;
    let _ = fs::remove_dir_all(folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_sftp_server_may_be_killed_in_the_middle_of_an_upload_d7() {
    let folder = folder();
    bears_a_kill(Server::sftp(&folder)).await;
    let _ = fs::remove_dir_all(folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_another_host_key_gets_nothing_d7_e6() {
    let folder = folder();
    let mut server = Server::sftp(&folder);
    let (address, _) = server.target.split_once("SHA256:").expect("a pinned key");
    server.target = format!("{address}SHA256:{}", "A".repeat(43));
    let backed = backed(&server, "").await;
    let told = backed.backup(&["now", "--target", "attic"]).refused("a backup to a stranger");
    assert!(told.contains("host key is not the pinned one"), "{told}");
    assert!(world::fault::files(&folder.join("sftp")).is_empty(), "nothing was sent");
    let _ = fs::remove_dir_all(folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_target_does_not_hold_up_the_other_and_is_told_d7() {
    let folder = folder();
    let server = Server::webdav(&folder);
    let backed = backed(&server, "").await;
    server.kill();
    let begun = Instant::now();
    let told = backed.backup(&["now"]).refused("one of two targets is dead");
    assert!(told.contains("nas: ") && told.contains("usb: snapshot 1"), "{told}");
    println!("given up after {:?}", begun.elapsed());
    let status = backed.edge.status();
    assert!(status["backups"][0]["taken_at_ms"].is_u64(), "the disk has its snapshot: {status}");
    assert!(status["backups"][1]["failure"].is_string(), "{status}");
    let warned = status["warnings"]
        .as_array()
        .expect("a list")
        .iter()
        .any(|warning| warning.as_str().is_some_and(|warning| warning.contains("nas")));
    assert!(warned, "{status}");
    let _ = fs::remove_dir_all(folder);
}
