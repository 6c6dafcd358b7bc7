//! What is wrong, and what to do: rules from facts to words. What keeps people from working comes first.

use crate::facts::{Facts, Server};
use storage_contract::{Phase, Problem};

/// Below this much free space nothing is taken any more before long.
const FULL_PERCENT: u64 = 2;
const NEARLY_FULL_PERCENT: u64 = 10;

/// All that is wrong.
pub(crate) fn problems(facts: &Facts) -> Vec<Problem> {
    let mut all = storage(facts);
    if !facts.data_is_open() {
        // Nothing else matters until it is, and most of it has not been started.
        return all;
    }
    all.extend(network(facts));
    all.extend(space(facts));
    all.extend(server(facts));
    all.extend(failed(facts));
    all.extend(clock(facts));
    all.extend(machine(facts));
    all.extend(facts.server.iter().flat_map(warnings));
    all
}

fn storage(facts: &Facts) -> Vec<Problem> {
    let Some(state) = &facts.storage else { return Vec::new() };
    let mut all = state.problems.clone();
    if state.phase == Phase::Failed && all.is_empty() {
        all.push(problem("The data partition cannot be opened.", "Start the box again."));
    }
    all
}

fn network(facts: &Facts) -> Option<Problem> {
    let network = &facts.network;
    if !network.had_time {
        return None;
    }
    Some(if network.adapters == 0 {
        problem(
            "No network: no network adapter was found.",
            "Switch the adapter on in the firmware's settings, or use another one.",
        )
    } else if network.connected == 0 {
        problem("No network: no cable is plugged in.", "Plug a network cable in; check the switch at its other end.")
    } else if network.addresses.is_empty() {
        problem("No address: no DHCP server answers.", "Connect the box to a network with DHCP.")
    } else if !network.has_gateway {
        problem("No router: the box is reached in this network only.", "Check the router address that DHCP gives.")
    } else if !network.has_name_server {
        problem("No name server (DNS): the box finds no other by name.", "Check the name servers that DHCP gives.")
    } else {
        return None;
    })
}

fn space(facts: &Facts) -> Option<Problem> {
    let free = facts.space?.free_percent;
    if free < FULL_PERCENT {
        return Some(problem(
            "The data partition is full.",
            "Delete files in the browser, or put the box on a larger disk.",
        ));
    }
    (free < NEARLY_FULL_PERCENT).then(|| {
        let what = format!("The data partition is nearly full: {free} % of it are free space.");
        problem(&what, "Delete files in the browser, or put the box on a larger disk.")
    })
}

fn server(facts: &Facts) -> Option<Problem> {
    let running = facts.services.iter().flatten().any(|service| {
        service.unit == "rainbow-edge-server.service" && service.state == crate::facts::ServiceState::Running
    });
    (running && facts.server.is_none() && facts.data_is_open()).then(|| {
        problem("The server runs but does not answer.", "Wait for a minute; if it stays so, start the box again.")
    })
}

fn failed(facts: &Facts) -> Option<Problem> {
    let names: Vec<&str> = facts.failed_units().map(|service| service.unit.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    let what = format!("Failed: {}.", names.join(", "));
    Some(problem(&what, "It is started again by itself where that can help; if it stays so, start the box again."))
}

fn clock(facts: &Facts) -> Option<Problem> {
    let clock = &facts.clock;
    if clock.is_synchronised {
        return None;
    }
    if clock.chip_is_behind {
        let what = "The clock is wrong: its chip tells a time before this system was made.";
        return Some(problem(
            what,
            "Give the box a way to a time server (NTP); the battery of its board may be empty.",
        ));
    }
    clock.had_time.then(|| {
        problem("The clock is not synchronised: no time server (NTP) answers.", "Give the box a way to a time server.")
    })
}

fn machine(facts: &Facts) -> Vec<Problem> {
    let mut all = Vec::new();
    if !facts.machine.has_tpm {
        all.push(problem(
            "No TPM 2.0: somebody must type a key at every start.",
            "Switch it on in the firmware's settings, if there is one.",
        ));
    }
    match facts.machine.secure_boot {
        Some(true) => {}
        Some(false) => all.push(problem(
            "Secure Boot is off: a changed system would be started.",
            "Switch it on in the firmware's settings. The recovery key will be asked for once.",
        )),
        None => {
            all.push(problem("No UEFI: a changed system would be started.", "Start the box by UEFI with Secure Boot."))
        }
    }
    all
}

fn warnings(server: &Server) -> impl Iterator<Item = Problem> {
    server.warnings.iter().map(|warning| problem(warning, ""))
}

fn problem(what: &str, what_to_do: &str) -> Problem {
    Problem { what: what.to_owned(), what_to_do: what_to_do.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Service, ServiceState, Space};
    use crate::page::examples::{served, setting_up};
    use storage_contract::State;

    fn said(change: impl FnOnce(&mut Facts)) -> Vec<String> {
        let mut facts = served();
        change(&mut facts);
        problems(&facts).into_iter().map(|problem| format!("{} | {}", problem.what, problem.what_to_do)).collect()
    }

    #[test]
    fn a_box_that_is_well_says_nothing_i1() {
        assert_eq!(said(|_| {}), [""; 0]);
        assert_eq!(problems(&setting_up()), []);
    }

    #[test]
    fn the_first_thing_that_cuts_the_box_off_is_told_i1() {
        let first = |change: fn(&mut crate::facts::Network)| said(|facts| change(&mut facts.network)).remove(0);
        assert!(first(|network| network.adapters = 0).starts_with("No network: no network adapter"));
        assert!(first(|network| network.connected = 0).starts_with("No network: no cable is plugged in"));
        assert!(first(|network| network.addresses.clear()).starts_with("No address: no DHCP server answers"));
        assert!(first(|network| network.has_gateway = false).starts_with("No router"));
        assert!(first(|network| network.has_name_server = false).starts_with("No name server (DNS)"));
    }

    #[test]
    fn a_network_that_had_no_time_to_come_is_not_complained_of_i1() {
        let all = said(|facts| facts.network = crate::facts::Network::default());
        assert_eq!(all, [""; 0]);
    }

    #[test]
    fn a_clock_is_told_as_wrong_at_once_and_as_not_synchronised_after_a_while_i1() {
        let clock = |chip_is_behind, had_time| {
            said(|facts| facts.clock = crate::facts::Clock { is_synchronised: false, chip_is_behind, had_time })
        };
        assert!(clock(true, false)[0].starts_with("The clock is wrong"));
        assert!(clock(false, true)[0].starts_with("The clock is not synchronised"));
        assert_eq!(clock(false, false), [""; 0]);
    }

    #[test]
    fn a_machine_without_tpm_or_secure_boot_is_told_d2_i1() {
        assert!(said(|facts| facts.machine.has_tpm = false)[0].starts_with("No TPM 2.0: somebody must type a key"));
        assert!(said(|facts| facts.machine.secure_boot = Some(false))[0].starts_with("Secure Boot is off"));
        assert!(said(|facts| facts.machine.secure_boot = None)[0].starts_with("No UEFI"));
    }

    #[test]
    fn data_is_told_when_it_is_nearly_full_and_when_it_is_i1() {
        let free = |free_percent| said(|facts| facts.space = Some(Space { free_percent }));
        assert_eq!(free(10), [""; 0]);
        assert!(free(9)[0].contains("nearly full: 9 %"));
        assert!(free(1)[0].starts_with("The data partition is full."));
    }

    #[test]
    fn failed_units_and_a_silent_server_are_told_by_name_i5() {
        let failed = |facts: &mut Facts| {
            facts.services = Some(vec![Service { unit: "nftables.service".to_owned(), state: ServiceState::Failed }]);
        };
        assert!(said(failed)[0].starts_with("Failed: nftables.service."));
        assert!(said(|facts| facts.server = None)[0].starts_with("The server runs but does not answer."));
    }

    #[test]
    fn what_the_storage_and_the_server_say_is_told_in_their_words_d2() {
        let state = State {
            phase: Phase::Failed,
            opened_by: None,
            slot: None,
            problems: vec![problem("the disk is gone", "Put it back.")],
        };
        let all = said(|facts| facts.storage = Some(state.clone()));
        assert_eq!(all, ["the disk is gone | Put it back."]);
        let all = said(|facts| {
            facts.storage = Some(State { phase: Phase::Open, ..state });
            facts.server.as_mut().expect("it serves").warnings.push("the certificate ends in 3 days".to_owned());
        });
        assert_eq!(all, ["the disk is gone | Put it back.", "the certificate ends in 3 days | "]);
    }
}
