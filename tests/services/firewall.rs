//! The firewall: nft takes it, it opens what E1 says, and `docs/outbound.md` tells what it lets out (E6).

use crate::root::{config, repository, run};
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

const RULES: &str = "nftables/rainbow-edge.nft";

fn rules() -> String {
    fs::read_to_string(config().join(RULES)).expect("rules")
}

/// The lines of a chain.
fn chain(name: &str) -> Vec<String> {
    let text = rules();
    let begin = text.split(&format!("chain {name} {{")).nth(1).expect("the chain");
    begin.split("\n    }").next().unwrap_or_default().lines().map(|line| line.trim().to_owned()).collect()
}

/// Service, destination, protocol and port, and why, of each rule that lets something out.
fn let_out() -> Vec<[String; 4]> {
    let accepting = chain("output").into_iter().filter(|line| line.contains(" accept"));
    accepting
        .map(|line| {
            let comment = line.split('"').nth(1).unwrap_or_else(|| panic!("without a comment: {line}")).to_owned();
            let told: Vec<&str> = comment.split(" | ").collect();
            let [service, destination, why] = told[..] else { panic!("service | destination | why: {comment}") };
            [service.to_owned(), destination.to_owned(), protocol(&line), why.to_owned()]
        })
        .collect()
}

fn protocol(rule: &str) -> String {
    let words: Vec<&str> = rule.split_whitespace().collect();
    let port = words.windows(3).find(|three| three[1] == "dport").map(|three| (three[0].to_uppercase(), three[2]));
    match port {
        Some((protocol, port)) => format!("{protocol} {port}"),
        None if rule.contains("icmpv6") => String::from("ICMPv6"),
        None => String::from("any"),
    }
}

fn page() -> String {
    let mut page = String::from("| service | destination | protocol and port | why |\n| --- | --- | --- | --- |\n");
    for row in let_out() {
        writeln!(page, "| {} |", row.join(" | ")).expect("text");
    }
    page
}

#[test]
fn nft_takes_the_firewall_e1_e6() {
    // Users of this machine in place of those that only a box has.
    let text = rules().replace("\"systemd-resolve\"", "\"nobody\"").replace("\"systemd-timesync\"", "\"nobody\"");
    let text = text.replace("\"systemd-network\"", "\"nobody\"");
    let file = std::env::temp_dir().join(format!("rainbow-edge-{}.nft", std::process::id()));
    fs::write(&file, text).expect("a temporary file");
    // A namespace of its own, where whoever runs the tests may speak of rules.
    let mut nft = Command::new("unshare");
    nft.args(["--user", "--map-root-user", "--net", "/usr/sbin/nft", "--check", "--file"]).arg(&file);
    let (content, said) = run(&mut nft);
    let _ = fs::remove_file(&file);
    assert!(content, "{said}");
}

#[test]
fn only_443_and_80_come_in_e1() {
    let input = chain("input");
    assert!(input.iter().any(|line| line.ends_with("policy drop;")));
    let ports: Vec<&str> = input.iter().filter(|line| line.contains("dport")).map(String::as_str).collect();
    let expected = [
        "tcp dport { 80, 443 } accept",
        "udp dport 443 accept",
        "udp sport 67 udp dport 68 accept",
        "ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept",
    ];
    assert_eq!(ports, expected);
}

#[test]
fn nothing_goes_out_without_a_service_that_it_belongs_to_e6() {
    let output = chain("output");
    assert!(output.iter().any(|line| line.ends_with("policy drop;")));
    let free = ["ct state established,related accept", "oif lo accept", "meta l4proto ipv6-icmp"];
    for rule in output.iter().filter(|line| line.contains(" accept")) {
        let of_service = rule.starts_with("meta skuid $") && rule.contains(" dport ");
        assert!(of_service || free.iter().any(|start| rule.starts_with(start)), "{rule}");
    }
}

#[test]
fn one_page_tells_what_goes_out_e6() {
    let document = fs::read_to_string(repository().join("docs/outbound.md")).expect("docs/outbound.md");
    let page = page();
    assert!(document.contains(&page), "docs/outbound.md is not what the firewall says; its table should be:\n{page}");
    let hosts = config_schema::Config::default().push.hosts;
    assert!(!hosts.is_empty(), "the default list");
    for host in hosts {
        assert!(document.contains(&format!("- `{host}`\n")), "docs/outbound.md does not name `{host}` of push.hosts");
    }
}
