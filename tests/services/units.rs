//! The units: what systemd says of them, and how much they leave open (I5).

use crate::root::{Root, config, names};

/// Options that systemd of Debian 12 does not know yet; the box's systemd does.
const NEWER_THAN_DEBIAN_12: [&str; 2] = ["RestartSteps", "RestartMaxDelaySec"];

/// An instance of each service, and the most that it may leave open on systemd's scale of 0 to 10, in tenths.
const EXPOSED_AT_MOST: [(&str, u32); 9] = [
    ("rainbow-edge-server.service", 19),
    ("rainbow-edge-worker@1.service", 9),
    ("rainbow-edge-scanner.service", 9),
    ("rainbow-edge-media.service", 19),
    ("rainbow-edge-console@tty1.service", 19),
    ("rainbow-edge-root-key.service", 19),
    ("rainbow-edge-enrol@1.service", 19),
    ("rainbow-edge-accept.service", 19),
    ("rainbow-edge-storage.service", 19),
];

fn text(unit: &str) -> String {
    std::fs::read_to_string(config().join("systemd").join(unit)).expect("a unit")
}

#[test]
fn systemd_understands_every_unit_i5() {
    let root = Root::new();
    let shipped = names("systemd").into_iter().map(|name| ("usr/lib/systemd/system", name));
    let mounts = names("etc/systemd/system").into_iter().filter(|name| name.ends_with(".mount"));
    let units: Vec<String> = shipped
        .chain(mounts.map(|name| ("etc/systemd/system", name)))
        .map(|(folder, name)| root.at(folder).join(name.replace("@.", "@tty1.")).display().to_string())
        .collect();
    for template in names("systemd").iter().filter(|name| name.contains("@.")) {
        let folder = root.at("usr/lib/systemd/system");
        std::os::unix::fs::symlink(template, folder.join(template.replace("@.", "@tty1."))).expect("an instance");
    }
    let mut arguments = vec!["verify", "--man=no"];
    arguments.extend(units.iter().map(String::as_str));
    let (_, said) = root.tool("systemd-analyze", &arguments);
    let newer = |line: &&str| NEWER_THAN_DEBIAN_12.iter().any(|key| line.contains(&format!("Unknown key '{key}'")));
    let ours: Vec<&str> = said
        .lines()
        .filter(|line| ["rainbow-edge", "data.mount", "var.mount"].iter().any(|ours| line.contains(ours)))
        .filter(|line| !newer(line))
        .collect();
    assert!(ours.is_empty(), "{}", ours.join("\n"));
}

#[test]
fn every_service_has_a_bound_on_what_it_leaves_open_i5() {
    let root = Root::new();
    for (service, tenths) in EXPOSED_AT_MOST {
        let threshold = format!("--threshold={tenths}");
        let arguments = ["security", "--offline=yes", "--no-pager", &threshold, service];
        let (content, said) = root.tool("systemd-analyze", &arguments);
        assert!(
            content && said.contains("Overall exposure level"),
            "{service} leaves more open than {tenths}:\n{said}"
        );
    }
    let services = names("systemd").into_iter().filter(|name| name.ends_with(".service"));
    for service in services {
        let bounded =
            |name: &str| name == service || service.split_once('@').is_some_and(|(stem, _)| name.starts_with(stem));
        assert!(EXPOSED_AT_MOST.iter().any(|(name, _)| bounded(name)), "{service} has no bound in EXPOSED_AT_MOST");
    }
}

#[test]
fn the_unit_of_a_machine_that_is_only_a_relay_is_understood_bounded_and_opens_443_alone_j10_i5() {
    let root = Root::new();
    let printed = std::fs::read_to_string(config().join("../appliance/main/src/commands/media/relay.service"));
    let printed = printed.expect("what `media unit` prints");
    let unit = root.at("usr/lib/systemd/system/rainbow-edge-relay.service");
    // The sandbox that a box gives all services of ours is not there.
    std::fs::remove_dir_all(root.at("usr/lib/systemd/system/rainbow-edge-.service.d")).expect("a box's");
    std::fs::write(&unit, &printed).expect("a file");
    let (_, said) = root.tool("systemd-analyze", &["verify", "--man=no", &unit.display().to_string()]);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("rainbow-edge-relay")).collect();
    assert!(ours.is_empty(), "{}", ours.join("\n"));
    let arguments = ["security", "--offline=yes", "--no-pager", "--threshold=19", "rainbow-edge-relay.service"];
    let (content, said) = root.tool("systemd-analyze", &arguments);
    assert!(content && said.contains("Overall exposure level"), "{said}");
    let doors: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix("SocketBindAllow=")).collect();
    assert_eq!(doors, ["tcp:443", "udp:443"]);
    for kept in ["StateDirectory", "CacheDirectory", "LogsDirectory", "ReadWritePaths"] {
        assert!(!printed.contains(kept), "it stores nothing: {kept}");
    }
}

#[test]
fn whatever_a_service_needs_beyond_the_sandbox_stands_in_its_drop_in_i5() {
    let sandbox = text("rainbow-edge-.service.d/10-sandbox.conf");
    let setting =
        |line: &str| line.split_once('=').map(|(key, _)| key.to_owned()).filter(|key| !key.contains([' ', '#']));
    let kept: Vec<String> = sandbox.lines().filter_map(setting).collect();
    assert!(kept.len() > 30, "the sandbox has lost its lines: {kept:?}");
    for name in names("systemd").iter().filter(|name| name.ends_with(".service")) {
        // The drop-in is read last and would win silently.
        let lost: Vec<String> = text(name).lines().filter_map(setting).filter(|key| kept.contains(key)).collect();
        assert!(
            lost.is_empty(),
            "{name} sets what the sandbox sets after it: {lost:?}; say it in {name}.d/20-needs.conf"
        );
    }
}

#[test]
fn the_server_is_watched_bounded_and_started_anew_with_growing_pauses_i5() {
    let unit = text("rainbow-edge-server.service");
    let needs = text("rainbow-edge-server.service.d/20-needs.conf");
    for line in ["Type=notify", "WatchdogSec=2min", "Restart=always", "RestartSteps=6", "RestartMaxDelaySec=1min"] {
        assert!(unit.lines().any(|found| found == line), "{line}");
    }
    for limit in ["MemoryMax=", "MemorySwapMax=0", "TasksMax=", "LimitNOFILE="] {
        assert!(needs.lines().any(|found| found.starts_with(limit)), "{limit}");
    }
}

#[test]
fn who_looks_at_what_strangers_send_has_a_user_of_its_own_and_no_network_i5() {
    for (service, user) in [
        ("rainbow-edge-worker@.service", "rainbow-edge-worker"),
        ("rainbow-edge-scanner.service", "rainbow-edge-scanner"),
    ] {
        let (unit, needs) = (text(service), text(&format!("{service}.d/20-needs.conf")));
        assert!(unit.lines().any(|line| line == format!("User={user}")), "{service}");
        for opened in ["PrivateNetwork=no", "IPAddressAllow", "AF_INET", "ReadWritePaths", "CapabilityBoundingSet"] {
            assert!(!needs.contains(opened), "{service} is given {opened}");
        }
        assert!(needs.contains("MemoryMax=") && needs.contains("MemorySwapMax=0"), "{service}");
    }
    for socket in ["rainbow-edge-worker.socket", "rainbow-edge-scanner.socket"] {
        let socket = text(socket);
        let only_the_server = ["SocketUser=root", "SocketGroup=rainbow-edge", "SocketMode=0660"];
        assert!(only_the_server.iter().all(|wanted| socket.lines().any(|line| line == *wanted)), "{socket}");
    }
    let server = std::fs::read_to_string(config().join("../appliance/worker-contract/src/lib.rs")).expect("our file");
    assert!(server.contains("\"/run/rainbow-edge-worker.sock\""), "where the server looks for the worker");
}

#[test]
fn no_unit_opens_a_door_besides_443_and_80_and_one_of_the_loopback_e1_f4() {
    let sockets = names("systemd").into_iter().filter(|name| name.ends_with(".socket"));
    let mut doors: Vec<String> = Vec::new();
    for socket in sockets {
        let text = text(&socket);
        let listens = text.lines().filter_map(|line| line.strip_prefix("Listen")?.split_once('='));
        doors.extend(listens.map(|(_, to)| to.to_owned()).filter(|to| !to.starts_with("/run/")));
    }
    doors.sort();
    // One UDP socket a thread, of one port.
    doors.dedup();
    assert_eq!(doors, ["0.0.0.0:443", "0.0.0.0:80", "127.0.0.1:9464", "[::]:443", "[::]:80"]);
    let sandbox = text("rainbow-edge-.service.d/10-sandbox.conf");
    assert!(sandbox.contains("SocketBindDeny=any"), "no service of ours opens one by itself");
    let services = names("systemd").into_iter().filter(|name| name.ends_with(".service"));
    let opening = services.filter(|name| {
        let needs = config().join("systemd").join(format!("{name}.d/20-needs.conf"));
        std::fs::read_to_string(needs).is_ok_and(|needs| needs.contains("SocketBindAllow"))
    });
    let opening: Vec<String> = opening.collect();
    assert_eq!(opening, ["rainbow-edge-media.service"], "but the relay's, which the firewall keeps shut");
}

#[test]
fn who_relays_calls_has_a_user_of_its_own_no_disk_and_no_key_i5_g1() {
    let (unit, needs) = (text("rainbow-edge-media.service"), text("rainbow-edge-media.service.d/20-needs.conf"));
    for line in ["User=rainbow-edge-media", "Restart=always"] {
        assert!(unit.lines().any(|found| found == line), "{line}");
    }
    for given in ["LoadCredential", "StateDirectory", "ReadWritePaths"] {
        assert!(!unit.contains(given) && !needs.contains(given), "the media node is given {given}");
    }
    // Given up before the first packet: tests/media looks at a node at work.
    let rights: Vec<&str> = needs.lines().filter(|line| line.contains("Capabilit")).collect();
    let both = "CAP_BPF CAP_NET_ADMIN";
    assert_eq!(rights, [format!("CapabilityBoundingSet={both}"), format!("AmbientCapabilities={both}")]);
    assert!(needs.contains("MemoryMax=") && needs.contains("MemorySwapMax=0"), "keys of calls are in no swap");
    let contract = std::fs::read_to_string(config().join("../media/contract/src/lib.rs")).expect("our file");
    for (socket, name) in
        [("rainbow-edge-media-control.socket", "control"), ("rainbow-edge-media-streams.socket", "streams")]
    {
        let socket = text(socket);
        let path = format!("/run/rainbow-edge-media/{name}.sock");
        assert!(contract.contains(&format!("\"{path}\"")), "where the server looks for {name}");
        let wanted = [format!("ListenStream={path}"), format!("FileDescriptorName={name}")];
        let only_the_server = ["SocketUser=root", "SocketGroup=rainbow-edge", "SocketMode=0660"].map(str::to_owned);
        for line in wanted.iter().chain(&only_the_server) {
            assert!(socket.lines().any(|found| found == line), "{name}: {line}");
        }
    }
}
