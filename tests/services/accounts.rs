//! Users, folders, and what runs on a box.

use crate::root::{Root, config};
use std::fs;

#[test]
fn our_users_have_their_numbers_no_password_and_no_shell_i5() {
    let root = Root::new();
    fs::create_dir_all(root.at("etc")).expect("a folder");
    let file = root.at("usr/lib/sysusers.d/rainbow-edge.conf").display().to_string();
    let (content, said) = root.tool("systemd-sysusers", &[&file]);
    assert!(content, "{said}");
    let passwd = fs::read_to_string(root.at("etc/passwd")).expect("accounts");
    let ours: Vec<&str> = passwd.lines().filter(|line| line.starts_with("rainbow-edge")).collect();
    assert_eq!(
        ours,
        [
            "rainbow-edge:x:640:640:Rainbow Edge server:/var/lib/rainbow-edge:/usr/sbin/nologin",
            "rainbow-edge-worker:x:641:641:Rainbow Edge worker:/:/usr/sbin/nologin",
            "rainbow-edge-scanner:x:642:642:Rainbow Edge virus scanner:/:/usr/sbin/nologin",
            "rainbow-edge-media:x:643:643:Rainbow Edge media node:/:/usr/sbin/nologin",
        ]
    );
    let shadow = fs::read_to_string(root.at("etc/shadow")).expect("passwords");
    for line in shadow.lines() {
        let password = line.split(':').nth(1).unwrap_or_default();
        assert!(password.starts_with(['!', '*']), "a password fits: {line}");
    }
}

#[test]
fn the_folders_of_a_box_are_made_for_their_owners_alone_i5_d1() {
    let root = Root::new();
    let file = root.at("usr/lib/tmpfiles.d/rainbow-edge.conf").display().to_string();
    root.tool("systemd-sysusers", &[&root.at("usr/lib/sysusers.d/rainbow-edge.conf").display().to_string()]);
    let (content, said) = root.tool("systemd-tmpfiles", &["--create", &file]);
    assert!(content, "{said}");
    for (folder, mode) in
        [("var/lib/rainbow-edge", 0o700), ("var/lib/rainbow-edge-storage", 0o700), ("run/rainbow-edge", 0o755)]
    {
        let found = fs::metadata(root.at(folder)).expect("made");
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777, mode, "{folder}");
    }
}

#[test]
fn what_is_enabled_on_a_box_is_on_the_list_and_nothing_else_i5() {
    let root = Root::new();
    let (content, said) = root.tool("systemctl", &["preset-all"]);
    assert!(content, "{said}");
    for (target, unit) in [
        ("sockets.target", "rainbow-edge-server.socket"),
        ("sockets.target", "rainbow-edge-server-http.socket"),
        ("sockets.target", "rainbow-edge-status.socket"),
        ("sockets.target", "rainbow-edge-metrics.socket"),
        ("sockets.target", "rainbow-edge-enrol.socket"),
        ("sockets.target", "rainbow-edge-worker.socket"),
        ("sockets.target", "rainbow-edge-scanner.socket"),
        ("sockets.target", "rainbow-edge-media.socket"),
        ("sockets.target", "rainbow-edge-media-control.socket"),
        ("sockets.target", "rainbow-edge-media-streams.socket"),
        ("multi-user.target", "rainbow-edge-media.service"),
        ("multi-user.target", "rainbow-edge-scanner.service"),
        ("multi-user.target", "rainbow-edge-server.service"),
        ("multi-user.target", "rainbow-edge-root-key.service"),
        ("local-fs.target", "rainbow-edge-storage.service"),
        ("local-fs.target", "data.mount"),
        ("local-fs.target", "var.mount"),
        ("sysinit.target", "rainbow-edge-console@tty1.service"),
        ("sysinit.target", "rainbow-edge-console@ttyS0.service"),
        ("sysinit.target", "rainbow-edge-console@ttyAMA0.service"),
        ("sysinit.target", "nftables.service"),
        ("multi-user.target", "systemd-networkd.service"),
        ("sysinit.target", "systemd-timesyncd.service"),
    ] {
        let link = root.at("etc/systemd/system").join(format!("{target}.wants")).join(unit);
        assert!(fs::symlink_metadata(&link).is_ok(), "{unit} is not started by {target}:\n{said}");
    }
    for unit in ["getty@.service", "serial-getty@.service", "autovt@.service", "emergency.service", "rescue.service"] {
        let mask = fs::read_link(root.at("etc/systemd/system").join(unit)).expect("masked");
        assert_eq!(mask.to_str(), Some("/dev/null"), "{unit} would let somebody sign in");
    }
    let apt = fs::symlink_metadata(root.at("etc/systemd/system/timers.target.wants/apt-daily.timer"));
    assert!(apt.is_err(), "the last line of the preset disables all that is not on the list");
}

#[test]
fn the_units_of_the_password_agent_are_ours_alone_d2() {
    for unit in ["console.path", "console.service", "wall.path", "wall.service"] {
        let link = config().join("etc/systemd/system").join(format!("systemd-ask-password-{unit}"));
        assert_eq!(fs::read_link(link).expect("masked").to_str(), Some("/dev/null"), "{unit}");
    }
}

#[test]
fn the_journal_of_a_machine_without_an_identity_is_bounded_i5() {
    let root = Root::new();
    let (own, other) = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
    fs::write(root.at("etc/machine-id"), format!("{own}\n")).expect("a file");
    let journal = |id: &str| root.at("var/log/journal").join(id).join("system.journal");
    for id in [own, other] {
        fs::create_dir_all(journal(id).parent().expect("a folder of each")).expect("a folder");
        fs::write(journal(id), "").expect("a file");
    }
    let rule = root.at("etc/tmpfiles.d/journal-of-other-identities.conf").display().to_string();
    let clean = |rule: &str| root.tool("systemd-tmpfiles", &["--clean", rule]);
    assert!(clean(&rule).0);
    assert!(journal(own).exists() && journal(other).exists(), "what is a week old or less is kept");
    // Nobody can set the time that an entry was made: the same rule with no patience.
    let text = fs::read_to_string(&rule).expect("our file");
    fs::write(&rule, text.replace(" 1w", " 0")).expect("our file");
    let (content, said) = clean(&rule);
    assert!(content, "{said}");
    assert!(journal(own).exists() && !journal(other).exists(), "{said}");
}
