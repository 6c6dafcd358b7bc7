//! What a person meets who edits the configuration file.

use std::net::IpAddr;
use std::path::Path;

use config_schema::{Config, LogFormat, LogLevel, Mistake};

fn mistakes(text: &str) -> Vec<Mistake> {
    Config::parse(text, "edge.toml").expect_err("the text has mistakes")
}

fn told(text: &str) -> String {
    mistakes(text).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The sample with every key active.
fn uncommented(sample: &str) -> String {
    let active = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) => rest.to_owned(),
        _ => line.to_owned(),
    };
    sample.lines().map(active).collect::<Vec<_>>().join("\n")
}

#[test]
fn missing_file_means_the_defaults() {
    let config = Config::read(Path::new("/nonexistent/edge.toml")).expect("a missing file is no mistake");
    assert_eq!(config, Config::default());
    assert_eq!((config.gate.https_port, config.gate.http_port), (443, 80));
    assert_eq!(config.gate.body_limit_bytes, 1024 * 1024);
    assert_eq!(config.sign_in.token_life_s, 3600);
}

#[test]
fn empty_text_means_the_defaults() {
    assert_eq!(Config::parse("", "edge.toml"), Ok(Config::default()));
}

#[test]
fn values_of_every_type_are_read() {
    let text = "[gate]\nlisten = [\"127.0.0.1\", \"::1\"]\nhttps_port = 8_443\n[sign_in]\ntoken_life_s = 0x0a\n[log]\nformat = \"json\"\nlevel = \"debug\"\n";
    let config = Config::parse(text, "edge.toml").expect("valid");
    let addresses: Vec<IpAddr> = vec![[127, 0, 0, 1].into(), "::1".parse().expect("an address")];
    assert_eq!(config.gate.listen, addresses);
    assert_eq!(config.gate.https_port, 8443);
    assert_eq!(config.sign_in.token_life_s, 10);
    assert_eq!((config.log.format, config.log.level), (LogFormat::Json, LogLevel::Debug));
    assert_eq!(config.gate.http_port, 80, "what is absent keeps its default");
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_lines() {
    let text = "[gate]\nhttps_prot = 1\nhttp_port = 70000\nheader_timeout_ms = \"long\"\n[valut]\nx = 1\n[log]\nlevel = \"loud\"\n";
    let lines: Vec<_> = mistakes(text).iter().map(|mistake| (mistake.line, mistake.key.clone())).collect();
    let expected =
        [(2, "gate.https_prot"), (3, "gate.http_port"), (4, "gate.header_timeout_ms"), (5, "valut"), (8, "log.level")];
    assert_eq!(lines, expected.map(|(line, key)| (Some(line), key.to_owned())));
}

#[test]
fn a_mistake_says_file_line_key_value_and_what_is_allowed() {
    assert_eq!(
        told("[gate]\nhttp_port = 70000\n"),
        "edge.toml, line 2: gate.http_port = 70000: is not allowed; allowed: 1 to 65535 (default 80)"
    );
    assert_eq!(
        told("[log]\nlevel = 3\n"),
        "edge.toml, line 2: log.level = 3: is an integer, not a string; allowed: \"error\", \"warn\", \"info\", \"debug\", \"trace\" (default \"info\")"
    );
}

#[test]
fn unknown_names_come_with_the_nearest_known_one() {
    assert_eq!(
        told("[gate]\nhttps_prot = 1\n"),
        "edge.toml, line 2: gate.https_prot: unknown key; did you mean gate.https_port?"
    );
    assert_eq!(told("[signin]\n"), "edge.toml, line 1: signin: unknown section; did you mean sign_in?");
    assert!(told("[log]\nzzzzzz = 1\n").contains("known are: format, level"));
    assert!(told("port = 1\n").contains("unknown section"));
}

#[test]
fn numbers_beyond_any_type_are_refused_not_wrapped() {
    for value in ["-1", "4294967297", "9223372036854775807", "99999999999999999999999", "1.5", "true", "\"80\"", "[80]"]
    {
        let all = mistakes(&format!("[gate]\nhttp_port = {value}\n"));
        assert_eq!((all.len(), all[0].key.as_str()), (1, "gate.http_port"), "{value}");
    }
}

#[test]
fn range_ends_are_allowed_and_their_neighbours_are_not() {
    for (value, valid) in [(9, false), (10, true), (86_400, true), (86_401, false)] {
        let text = format!("[sign_in]\ntoken_life_s = {value}\n");
        assert_eq!(Config::parse(&text, "edge.toml").is_ok(), valid, "{value}");
    }
}

#[test]
fn syntax_errors_name_their_lines() {
    let all = mistakes("[gate]\nhttps_port = = 1\n");
    assert_eq!(all[0].line, Some(2));
    assert!(all[0].problem.starts_with("not TOML"), "{}", all[0]);
    assert!(Config::parse("[gate]\nhttp_port = 1\nhttp_port = 2\n", "edge.toml").is_err(), "a key given twice");
}

#[test]
fn a_section_that_is_no_table_is_told() {
    assert_eq!(
        told("gate = 1\n"),
        "edge.toml, line 1: gate = 1: is an integer, not a section; write [gate] and its keys below"
    );
}

#[test]
fn settings_that_contradict_one_another_are_told() {
    assert!(told("[gate]\nhttps_port = 80\n").contains("another port than https_port"));
    let text = "[sign_in]\nsession_life_s = 120\nsession_idle_life_s = 121\ntoken_life_s = 60\n";
    assert_eq!(mistakes(text)[0].key, "sign_in.session_idle_life_s");
    assert_eq!(mistakes(text)[0].line, Some(3));
    assert!(told("[sign_in]\nlock_out_first_s = 901\n").contains("at most lock_out_longest_s"));
}

#[test]
fn address_lists_are_checked() {
    for list in ["[]", "[\"here\"]", "[1]", "\"::\"", "[\"::\", \"::\"]"] {
        assert_eq!(mistakes(&format!("[gate]\nlisten = {list}\n"))[0].key, "gate.listen", "{list}");
    }
}

#[test]
fn push_services_are_listed_by_host_and_port_e6() {
    let text = "[push]\nhosts = [\"push.acme.test:8443\", \"*.push.acme.test\"]\nca_file = \"ca.pem\"\ncontact = \"mailto:it@acme.test\"\n";
    let push = Config::parse(text, "edge.toml").expect("valid").push;
    let hosts: Vec<String> = push.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["push.acme.test:8443", "*.push.acme.test"]);
    assert_eq!(
        (push.ca_file.as_deref(), push.contact.as_deref()),
        (Some(Path::new("ca.pem")), Some("mailto:it@acme.test"))
    );
    assert_eq!((push.enabled, push.allow_private), (true, false), "what is absent keeps its default");
    assert!(Config::parse("[push]\nhosts = []\n", "edge.toml").expect("valid").push.hosts.is_empty(), "none at all");
    for list in ["\"*\"", "\"https://a.test\"", "\"a.test\", \"a.test\"", "1", "\"a.test:0\""] {
        assert_eq!(mistakes(&format!("[push]\nhosts = [{list}]\n"))[0].key, "push.hosts", "{list}");
    }
    for contact in ["it@acme.test", "mailto:", "http://acme.test", "https://", "mailto:a@b.test\\r\\nX"] {
        assert_eq!(mistakes(&format!("[push]\ncontact = \"{contact}\"\n"))[0].key, "push.contact", "{contact}");
    }
    assert_eq!(mistakes("[push]\nenabled = \"yes\"\n")[0].key, "push.enabled");
}

#[test]
fn what_may_be_relayed_is_listed_by_network_and_port_g1() {
    let text = "[media]\nexternal_addresses = [\"198.51.100.7\", \"198.51.100.8/10.0.0.8\", \"2001:db8::7\"]\n\
                relay_ports = \"50000-50099\"\npeers_allowed = [\"10.1.0.0/16\", \"fd00::/8\"]\n";
    let media = Config::parse(text, "edge.toml").expect("valid").media;
    let external: Vec<_> = media.external_addresses.iter().map(|of| (of.public.to_string(), of.local)).collect();
    let local = "10.0.0.8".parse().ok();
    let expected = [("198.51.100.7", None), ("198.51.100.8", local), ("2001:db8::7", None)];
    assert_eq!(external, expected.map(|(public, local)| (public.to_owned(), local)));
    assert_eq!(media.relay_ports.map(|range| (range.first, range.last)), Some((50_000, 50_099)));
    assert!(media.peers_allowed[0].contains("10.1.2.3".parse::<IpAddr>().expect("an address")));
    let usual = Config::default().media;
    assert!(usual.xdp && usual.xdp_interfaces.is_empty(), "where it can be");
    let named = Config::parse("[media]\nxdp_interfaces = [\"eth0\", \"enp1s0\"]\n", "edge.toml").expect("valid").media;
    assert_eq!(named.xdp_interfaces, ["eth0", "enp1s0"]);
    assert!(usual.relay && usual.relay_ports.is_none() && usual.peers_allowed.is_empty(), "no port is open but 443");
    let mistaken = [
        ("external_addresses", "[\"198.51.100.7\", \"198.51.100.7\"]"),
        ("external_addresses", "[\"edge.test\"]"),
        ("external_addresses", "[\"0.0.0.0\"]"),
        ("external_addresses", "[\"198.51.100.7/fd00::1\"]"),
        ("relay_ports", "\"443-500\""),
        ("relay_ports", "\"50001-50000\""),
        ("relay_ports", "\"50000\""),
        ("peers_allowed", "[\"10.1.0.1/16\"]"),
        ("peers_refused", "[\"10.1.0.0\"]"),
        ("xdp_interfaces", "[\"../eth0\"]"),
        ("xdp_interfaces", "[\"a-name-too-long-for-it\"]"),
        ("port", "0"),
        ("credential_life_s", "86401"),
    ];
    for (key, value) in mistaken {
        let all = mistakes(&format!("[media]\n{key} = {value}\n"));
        assert_eq!((all.len(), all[0].key.clone()), (1, format!("media.{key}")), "{value}");
    }
}

#[test]
fn metrics_are_served_on_the_loopback_or_not_at_all_f4() {
    assert_eq!(Config::default().metrics.listen, None, "nobody asked for them");
    for address in ["127.0.0.1:9464", "127.9.9.9:1", "[::1]:65535"] {
        let config = Config::parse(&format!("[metrics]\nlisten = \"{address}\"\n"), "edge.toml").expect(address);
        assert_eq!(config.metrics.listen, address.parse().ok());
    }
    let others = [
        "0.0.0.0:9464",
        "[::]:9464",
        "192.0.2.1:9464",
        "127.0.0.1:0",
        "127.0.0.1",
        "localhost:9464",
        "[::ffff:127.0.0.1]:9464",
    ];
    for address in others {
        let all = mistakes(&format!("[metrics]\nlisten = \"{address}\"\n"));
        assert_eq!((all.len(), all[0].key.as_str()), (1, "metrics.listen"), "{address}");
    }
    assert_eq!(
        told("[metrics]\nlisten = \"0.0.0.0:9464\"\n"),
        "edge.toml, line 2: metrics.listen = \"0.0.0.0:9464\": is not allowed; allowed: an address of this machine's \
         loopback with a port, as 127.0.0.1:9464 or [::1]:9464, or \"\" for none (default \"\")"
    );
}

#[test]
fn control_characters_do_not_reach_the_terminal_and_long_values_are_cut() {
    let shown = told(&format!("[log]\n\"\\u001b[31m{}\" = 1\nlevel = \"{}\"\n", "k".repeat(500), "v".repeat(500)));
    assert!(!shown.contains('\u{1b}') && shown.len() < 500, "{shown:?}");
}

#[test]
fn unreadable_files_are_told_with_what_to_do() {
    let all = Config::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect_err("a folder is no file");
    assert!(all[0].to_string().contains("cannot be read"), "{}", all[0]);
}

#[test]
fn sample_file_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../edge.sample.toml");
    let committed = std::fs::read_to_string(path).expect("config/edge.sample.toml is there");
    assert!(
        committed == Config::sample(),
        "config/edge.sample.toml is not what the code says: cargo run --release -p config-schema --example sample > config/edge.sample.toml"
    );
}

#[test]
fn sample_means_the_defaults_commented_or_not() {
    let sample = Config::sample();
    let active = uncommented(&sample);
    assert_eq!(active.matches(" = ").count(), 82, "every setting stands in the sample");
    assert_eq!(Config::parse(&sample, "sample"), Ok(Config::default()));
    assert_eq!(Config::parse(&active, "sample"), Ok(Config::default()));
}
