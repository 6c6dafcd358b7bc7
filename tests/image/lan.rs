//! A network of its own that one machine is looked at from: an auditor at the same switch, and nobody else.

use std::process::Command;

use crate::error::{Fault, Outcome};
use crate::shell::Shell;
use crate::tools;

const AUDITOR: [&str; 2] = ["192.0.2.1/24", "fd00:edce::1/64"];
const MACHINE: [&str; 2] = ["192.0.2.2", "fd00:edce::2"];
const MAC: &str = "52:54:00:ed:ce:02";
/// Sorted before whatever the image brings.
const NETWORK_FILE: &str = "/run/systemd/network/00-audit.network";

pub(crate) struct Lan {
    namespace: String,
}

impl Lan {
    /// The auditor's end of the wire.
    pub(crate) const TAP: &'static str = "tap0";

    /// Needs root's rights.
    pub(crate) fn new() -> Outcome<Self> {
        let lan = Self { namespace: format!("rainbow-edge-{}", std::process::id()) };
        ip(&["netns", "add", &lan.namespace])?;
        let inside = |words: &[&str]| ip(&[&["-netns", &lan.namespace], words].concat());
        inside(&["link", "set", "lo", "up"])?;
        inside(&["tuntap", "add", "dev", Self::TAP, "mode", "tap"])?;
        for address in AUDITOR {
            inside(&["address", "add", address, "dev", Self::TAP, "nodad"]).or_else(|fault| {
                // A kernel without IPv6 has a network, too.
                if address.contains(':') { Ok(String::new()) } else { Err(fault) }
            })?;
        }
        inside(&["link", "set", Self::TAP, "up"])?;
        Ok(lan)
    }

    /// Words in front of a program that is to run inside.
    pub(crate) fn inside(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.namespace].map(str::to_owned).to_vec()
    }

    pub(crate) fn mac(&self) -> &'static str {
        MAC
    }

    /// The machine's addresses, of both kinds.
    pub(crate) fn machine(&self) -> [&'static str; 2] {
        MACHINE
    }

    /// Gives the machine its addresses, as a DHCP server would; nothing else of it changes.
    pub(crate) fn welcome(&self, shell: &mut Shell) -> Outcome<()> {
        let [four, six] = MACHINE;
        let lines =
            format!("[Match]\\nMACAddress={MAC}\\n[Network]\\nDHCP=no\\nAddress={four}/24\\nAddress={six}/64\\n");
        shell.run(&format!("mkdir -p /run/systemd/network && printf '{lines}' > {NETWORK_FILE}"))?;
        shell.run(&format!("chmod 644 {NETWORK_FILE} && networkctl reload"))?;
        shell.run(&format!("until grep -q '{four}' /proc/net/fib_trie; do sleep 1; done"))?;
        Ok(())
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        let _ = ip(&["netns", "delete", &self.namespace]);
    }
}

fn ip(words: &[&str]) -> Outcome<String> {
    let step = format!("ip {} (a network of its own needs root's rights)", words.join(" "));
    tools::output(&step, Command::new("ip").args(words)).map_err(|fault| Fault::NotReached(fault.to_string()))
}
