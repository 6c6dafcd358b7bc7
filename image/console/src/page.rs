//! How the page looks: 80 columns, plain text, the same on a screen and a serial port.

use crate::clean::{clean, wrap};
use crate::facts::{Facts, Service, ServiceState};
use crate::wrong;
use std::net::IpAddr;
use storage_contract::{Lock, Phase, Problem};

/// The last column stays empty: some terminals break the line after it.
const WIDTH: usize = 79;
/// Where what is said begins, behind the names of things.
const INDENT: usize = 15;
const URLS_MAX: usize = 4;
const SERVICES_MAX: usize = 12;

/// The page's lines. A screen has `height` of them; what does not fit is counted.
pub(crate) fn page(facts: &Facts, height: Option<usize>) -> Vec<String> {
    let mut lines = vec![title(facts), "-".repeat(WIDTH)];
    for (name, values) in [
        ("Address", addresses(facts)),
        ("CA SHA-256", fingerprint(facts)),
        ("Set-up code", code(facts)),
        ("Data", data(facts)),
        ("Services", services(facts)),
    ] {
        lines.extend(section(name, &values));
    }
    lines.push(String::new());
    let problems = wrong::problems(facts);
    if problems.is_empty() {
        lines.push("  Nothing is wrong.".to_owned());
    }
    let told = problems.iter().flat_map(in_lines);
    lines.extend(told);
    fit(lines, height)
}

/// A question below the page, without the line's end: the answer follows it.
pub(crate) fn question(message: &str) -> String {
    format!("{} ", wrap(&clean(message), WIDTH - 1).join("\r\n"))
}

fn title(facts: &Facts) -> String {
    let name = facts.server.as_ref().map_or(facts.host_name.as_str(), |server| server.name.as_str());
    let left = clean(&format!("Rainbow Edge  {name}"));
    let slot = facts.storage.as_ref().and_then(|state| state.slot.as_deref());
    let slot = slot.map(|slot| format!(", slot {slot}")).unwrap_or_default();
    let right = clean(&format!("version {}{slot}", facts.version));
    let gap = WIDTH.saturating_sub(left.chars().count() + right.chars().count()).max(2);
    format!("{left}{}{right}", " ".repeat(gap)).chars().take(WIDTH).collect()
}

fn addresses(facts: &Facts) -> Vec<String> {
    if let Some(server) = &facts.server {
        return server.urls.iter().take(URLS_MAX).cloned().collect();
    }
    let plain = facts.network.addresses.iter().take(URLS_MAX);
    plain.map(|address| format!("{} (the server does not answer yet)", shown(address))).collect()
}

fn shown(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// Thirty-two pairs, in two lines.
fn fingerprint(facts: &Facts) -> Vec<String> {
    let Some(server) = &facts.server else { return Vec::new() };
    let pairs: Vec<&str> = server.ca_fingerprint.split(':').filter(|pair| !pair.is_empty()).collect();
    pairs.chunks(16).map(|half| half.join(":")).collect()
}

fn code(facts: &Facts) -> Vec<String> {
    let code = facts.server.as_ref().and_then(|server| server.code.as_ref());
    code.map(|code| vec![code.clone(), "Open the address in a browser, and enter this code there.".to_owned()])
        .unwrap_or_default()
}

fn data(facts: &Facts) -> Vec<String> {
    let Some(state) = &facts.storage else { return Vec::new() };
    let text = match (state.phase, state.opened_by) {
        (Phase::Working, _) => "being opened",
        (Phase::Asking, _) => "locked: a key is asked for below",
        (Phase::Failed, _) => "not open",
        (Phase::Open, Some(Lock::Tpm)) => "open, unlocked by the TPM",
        (Phase::Open, Some(Lock::RecoveryKey)) => "open, unlocked by the recovery key",
        (Phase::Open, Some(Lock::Passphrase)) => "open, unlocked by the passphrase",
        (Phase::Open, None) => "open",
    };
    vec![text.to_owned()]
}

fn services(facts: &Facts) -> Vec<String> {
    let Some(services) = &facts.services else { return vec!["being started".to_owned()] };
    let ours = services.iter().filter_map(of_ours).take(SERVICES_MAX);
    let words: Vec<String> = ours.map(|(name, state)| format!("{name} {}", word(state))).collect();
    if words.is_empty() { Vec::new() } else { vec![words.join(", ")] }
}

/// Asks for the recovery key when the data is older than it should be: its question says so.
const ASKS: &str = "accept";

/// Roles, by the names that people see; not what shows them or only asks.
fn of_ours(service: &Service) -> Option<(&str, ServiceState)> {
    let name = service.unit.strip_prefix("rainbow-edge-")?.strip_suffix(".service")?;
    (!name.contains('@') && name != ASKS).then_some((name, service.state))
}

fn word(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Running => "running",
        ServiceState::Done => "done",
        ServiceState::Starting => "starting",
        ServiceState::Stopped => "stopped",
        ServiceState::Failed => "FAILED",
    }
}

fn section(name: &str, values: &[String]) -> Vec<String> {
    let wrapped = values.iter().flat_map(|value| wrap(&clean(value), WIDTH - INDENT));
    let named = |(at, text): (usize, String)| {
        let name = if at == 0 { name } else { "" };
        format!("  {name:<width$}{text}", width = INDENT - 2)
    };
    wrapped.enumerate().map(named).collect()
}

fn in_lines(problem: &Problem) -> Vec<String> {
    let what = wrap(&clean(&problem.what), WIDTH - 4);
    let what_to_do = wrap(&clean(&problem.what_to_do), WIDTH - 4);
    let first = what.into_iter().enumerate().map(|(at, line)| format!("  {} {line}", if at == 0 { '!' } else { ' ' }));
    first.chain(what_to_do.into_iter().map(|line| format!("    {line}"))).collect()
}

fn fit(mut lines: Vec<String>, height: Option<usize>) -> Vec<String> {
    let Some(height) = height.filter(|height| lines.len() > *height) else { return lines };
    let over = lines.len() - height + 1;
    lines.truncate(height - 1);
    lines.push(format!("  ... {over} more lines on the serial port, and in the browser under Health"));
    lines
}

#[cfg(test)]
pub(crate) mod examples {
    use crate::facts::{Clock, Facts, Machine, Network, Server, Service, ServiceState, Space};
    use storage_contract::{Lock, Phase, State};

    /// A box in use on which nothing is wrong.
    pub(crate) fn served() -> Facts {
        let unit = |unit: &str, state| Service { unit: unit.to_owned(), state };
        Facts {
            version: "1.2.3".to_owned(),
            host_name: "localhost".to_owned(),
            storage: Some(State {
                phase: Phase::Open,
                opened_by: Some(Lock::Tpm),
                slot: Some("A (rainbow-edge_1.2.3)".to_owned()),
                problems: Vec::new(),
            }),
            server: Some(Server {
                name: "box.example".to_owned(),
                urls: vec!["https://box.example".to_owned(), "https://192.0.2.7".to_owned()],
                ca_fingerprint: ["AB"; 16].join(":") + ":" + &["01"; 16].join(":"),
                code: None,
                warnings: Vec::new(),
            }),
            network: Network {
                adapters: 1,
                connected: 1,
                addresses: vec!["192.0.2.7".parse().expect("an address")],
                has_gateway: true,
                has_name_server: true,
                had_time: true,
            },
            clock: Clock { is_synchronised: true, chip_is_behind: false, had_time: true },
            machine: Machine { has_tpm: true, secure_boot: Some(true) },
            space: Some(Space { free_percent: 90 }),
            services: Some(vec![
                unit("rainbow-edge-console@tty1.service", ServiceState::Running),
                unit("rainbow-edge-root-key.service", ServiceState::Done),
                unit("rainbow-edge-server.service", ServiceState::Running),
                unit("systemd-journald.service", ServiceState::Running),
            ]),
        }
    }

    /// A box that nobody has set up.
    pub(crate) fn setting_up() -> Facts {
        let mut facts = served();
        let server = facts.server.as_mut().expect("it serves");
        server.name = "localhost".to_owned();
        server.urls = vec!["https://192.0.2.7".to_owned(), "https://[2001:db8::7]".to_owned()];
        server.code = Some("A1B2-C3D4".to_owned());
        facts
    }

    /// The disk is in another machine.
    pub(crate) fn locked() -> Facts {
        let mut facts = served();
        facts.server = None;
        facts.services = None;
        facts.space = None;
        facts.storage = Some(State {
            phase: Phase::Asking,
            opened_by: None,
            slot: Some("B (rainbow-edge_1.2.3)".to_owned()),
            problems: vec![storage_contract::Problem {
                what:
                    "The TPM does not know this data: the disk was locked by another machine, or the TPM was cleared."
                        .to_owned(),
                what_to_do: "Put the disk back into its machine, or type the recovery key.".to_owned(),
            }],
        });
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::examples::{locked, served, setting_up};
    use super::*;

    fn golden(name: &str, facts: &Facts, height: Option<usize>) {
        let shown = page(facts, height).join("\n") + "\n";
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages").join(name);
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(shown, expected, "\n{shown}\nis not {}", file.display());
        assert!(shown.lines().all(|line| line.chars().count() <= WIDTH), "{shown}");
    }

    #[test]
    fn the_page_of_a_box_that_nobody_has_set_up_shows_address_fingerprint_and_code_i1() {
        golden("setting_up.txt", &setting_up(), Some(24));
    }

    #[test]
    fn the_page_of_a_box_in_use_shows_no_code_i1() {
        golden("served.txt", &served(), Some(24));
        let shown = page(&served(), None).join("\n");
        assert!(!shown.contains("Set-up code"), "{shown}");
    }

    #[test]
    fn the_page_of_a_locked_box_says_why_and_shows_no_web_address_d2() {
        golden("locked.txt", &locked(), None);
        let shown = page(&locked(), None).join("\n");
        assert!(!shown.contains("https://") && !shown.contains("SHA-256"), "{shown}");
    }

    #[test]
    fn a_page_that_is_too_long_for_the_screen_says_how_much_is_missing_i1() {
        let mut facts = served();
        facts.server.as_mut().expect("it serves").warnings = (0..30).map(|at| format!("warning {at}")).collect();
        let whole = page(&facts, None);
        let cut = page(&facts, Some(24));
        assert_eq!(cut.len(), 24);
        assert_eq!(
            cut[23],
            format!("  ... {} more lines on the serial port, and in the browser under Health", whole.len() - 23)
        );
    }

    #[test]
    fn names_and_questions_from_elsewhere_cannot_drive_the_terminal_i1() {
        let mut facts = served();
        facts.server.as_mut().expect("it serves").name = "a\x1b[2Jb".to_owned();
        facts.server.as_mut().expect("it serves").warnings = vec!["x\ny\r\x07".to_owned()];
        assert!(page(&facts, None).iter().all(|line| !line.chars().any(char::is_control)));
        assert_eq!(question("Type the \x1brecovery key:"), "Type the ?recovery key: ");
    }
}
