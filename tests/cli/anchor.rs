//! Data put back to an older state (D3): what the anchor shows by itself, and what only a counter in the TPM shows. The TPM is Debian's
//! swtpm.

use crate::vault::info;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use world::device::STORE;
use world::{Device, EdgeBox, Person, World, fault};

struct Swtpm(Child);

impl Swtpm {
    fn start(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("a folder");
        let socket = folder.join("tpm.sock");
        let child = Command::new("swtpm")
            .args(["socket", "--tpm2", "--flags", "not-need-init,startup-clear"])
            .args(["--tpmstate", &format!("dir={}", folder.display())])
            .args(["--server", &format!("type=unixio,path={}", socket.display())])
            .args(["--ctrl", &format!("type=unixio,path={}", folder.join("control.sock").display())])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("swtpm runs (Debian package swtpm)");
        let deadline = Instant::now() + Duration::from_secs(20);
        while !socket.exists() {
            assert!(Instant::now() < deadline, "swtpm listens");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self(child)
    }
}

impl Drop for Swtpm {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Somebody says something, and the box ends cleanly.
async fn talk(edge: &EdgeBox, alice: &Person, text: &str) -> String {
    edge.start();
    let signed_in = alice.sign_in(edge).await;
    let mut device = Device::online(edge, &signed_in, "node_alice").await;
    device.message(signed_in.jid(), text, text, STORE).await;
    device.settle().await;
    drop(device);
    edge.terminate();
    signed_in.company_id().to_owned()
}

fn put_back(edge: &EdgeBox, older: &Path) {
    fs::remove_dir_all(edge.data()).expect("our own folder");
    fault::copy_folder(older, &edge.data());
}

fn accept(edge: &EdgeBox) {
    assert_eq!(edge.edge(&["vault", "accept"], "").code, Some(2), "not by mistake");
    edge.edge(&["vault", "accept", "--older-state", "--reason", "the disk died"], "").succeeded("accept");
    let accepted = info(edge)["anchor"]["accepted"].clone();
    assert_eq!(accepted[0]["why"], "the disk died", "it leaves a trace: {accepted}");
}

#[tokio::test]
async fn one_companys_file_put_back_is_not_served_and_the_others_are_d3_b1() {
    let World { edge, alice, eve, .. } = World::new();
    edge.terminate();
    let company = talk(&edge, &alice, "first").await;
    let file = edge.data().join("companies").join(format!("{company}.db"));
    let older = fs::read(&file).expect("reads");
    talk(&edge, &alice, "second").await;
    let newest = fs::read(&file).expect("reads");
    fs::write(&file, &older).expect("writes");
    edge.start();
    let refused = alice.try_sign_in(&edge).await;
    assert!(refused.status >= 500, "{} {}", refused.status, refused.text());
    let log = edge.log_since_start();
    assert!(log.contains("was put back to an older state") && log.contains(&company), "{log}");
    eve.sign_in(&edge).await;
    edge.terminate();
    fs::write(&file, &newest).expect("writes");
    talk(&edge, &alice, "the newest is served").await;
    fs::write(&file, &older).expect("writes");
    accept(&edge);
    talk(&edge, &alice, "and the older one, once somebody has accepted it").await;
}

#[tokio::test]
async fn the_directory_put_back_alone_is_no_box_that_starts_d3() {
    let World { edge, alice, .. } = World::new();
    edge.terminate();
    talk(&edge, &alice, "first").await;
    let file = edge.data().join("directory.db");
    let older = fs::read(&file).expect("reads");
    edge.start();
    edge.add_company("Initech", "public");
    edge.terminate();
    fs::write(&file, &older).expect("writes");
    let refused = edge.start_refused().refused("an older directory");
    assert!(refused.contains("directory") && refused.contains("was put back to an older state"), "{refused}");
    let anchor = edge.data().join("anchor.sealed");
    fault::flip_byte(&anchor, 40);
    let refused = edge.start_refused().refused("a changed note");
    assert!(refused.contains("anchor.sealed was changed"), "{refused}");
}

/// The limit, so that nobody relies on what is not there.
#[tokio::test]
async fn without_a_counter_outside_a_whole_folder_put_back_cannot_be_noticed_d3() {
    let World { edge, alice, .. } = World::new();
    edge.terminate();
    talk(&edge, &alice, "first").await;
    let older = edge.beside().join("older");
    edge.copy_data_to(&older);
    talk(&edge, &alice, "second").await;
    put_back(&edge, &older);
    talk(&edge, &alice, "nobody noticed").await;
}

#[tokio::test]
async fn with_a_tpm_a_whole_folder_put_back_does_not_start_until_somebody_accepts_it_d3() {
    let World { edge, alice, .. } = World::new();
    edge.terminate();
    let tpm: PathBuf = edge.beside().join("tpm");
    let _swtpm = Swtpm::start(&tpm);
    edge.configure(&format!("[store]\ntpm_device = \"{}\"\n", tpm.join("tpm.sock").display()));
    talk(&edge, &alice, "first").await;
    let older = edge.beside().join("older");
    edge.copy_data_to(&older);
    let counter = info(&edge)["anchor"]["counter"].as_u64().expect("it is counted");
    talk(&edge, &alice, "second").await;
    assert_eq!(info(&edge)["anchor"]["counter"], counter + 1, "once for each end with something new");
    edge.start();
    alice.sign_in(&edge).await;
    edge.kill_9();
    talk(&edge, &alice, "an unclean end is no older state").await;
    let newest = edge.beside().join("newest");
    edge.copy_data_to(&newest);
    put_back(&edge, &older);
    let before = fs::read(edge.data().join("directory.db")).expect("reads");
    let refused = edge.start_refused();
    assert_eq!(refused.code, Some(65));
    let text = refused.refused("an older folder");
    assert!(text.contains("this data folder was put back to an older state: the TPM's counter stands at"), "{text}");
    assert!(text.contains("vault accept --older-state"), "{text}");
    let stopped = edge.edge(&["company", "add", "--name", "Initech"], "");
    assert_eq!(stopped.code, Some(65), "nor is it worked on while it is stopped: {}", stopped.err);
    assert_eq!(fs::read(edge.data().join("directory.db")).expect("reads"), before, "nothing was changed");
    fs::remove_file(edge.data().join("anchor.sealed")).expect("removes");
    edge.start_refused().refused("an older folder without its note");
    put_back(&edge, &newest);
    talk(&edge, &alice, "the newest starts").await;
    put_back(&edge, &older);
    accept(&edge);
    talk(&edge, &alice, "and the older one, once it is accepted").await;
    put_back(&edge, &newest);
    edge.start_refused().refused("what was the newest before");
}

/// As the image does it: what lies in the folder does not switch off what shows how old the folder is.
#[tokio::test]
async fn a_tpm_of_the_command_line_counts_whatever_the_folder_says_and_one_that_is_not_there_is_told_d3() {
    let World { edge, alice, .. } = World::new();
    edge.terminate();
    let tpm = edge.beside().join("tpm");
    let device = tpm.join("tpm.sock").display().to_string();
    let edge = edge.with_args(&["--tpm-device", &device]);
    edge.start();
    let warned = edge.edge(&["status"], "").succeeded("status").out;
    assert!(warned.contains("there is no TPM 2.0") && warned.contains("is not noticed"), "{warned}");
    edge.terminate();
    talk(&edge, &alice, "without a TPM").await;
    let told = info(&edge)["anchor"].clone();
    assert!(told["counter"].is_null() && told["counted"] == false, "{told}");
    let words = edge.edge(&["vault", "info"], "").succeeded("vault info").out;
    assert!(words.contains("the whole folder is not noticed: no TPM counts"), "{words}");
    let _swtpm = Swtpm::start(&tpm);
    edge.configure("[store]\ntpm_device = \"\"\n");
    talk(&edge, &alice, "first").await;
    let older = edge.beside().join("older");
    edge.copy_data_to(&older);
    edge.start();
    assert_eq!(info(&edge)["anchor"]["counted"], true);
    edge.add_company("Initech", "public");
    edge.terminate();
    put_back(&edge, &older);
    let refused = edge.start_refused().refused("an older folder");
    assert!(refused.contains("was put back to an older state"), "{refused}");
    let accept = ["vault", "accept", "--older-state", "--wait-s", "5", "--tpm-device", &device];
    edge.edge(&accept, "").succeeded("accept");
    talk(&edge, &alice, "accepted").await;
}
