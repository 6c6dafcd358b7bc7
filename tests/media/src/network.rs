use media_io::{FastPath, Wanted};
use std::fs::File;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Two machines and a cable: the box, and one that is everybody else. Gone at the end.
pub struct Network {
    /// The box's namespace.
    pub inner: String,
    outer: String,
    /// A card of this kind takes what the other one's driver sends back only where a program is at it, too.
    far: Option<FastPath>,
}

/// The box's addresses.
pub const BOX: [&str; 2] = ["10.77.0.1", "fd77::1"];
/// Of everybody else.
pub const OTHERS: [[&str; 3]; 2] = [["10.77.0.2", "10.77.0.3", "10.77.0.4"], ["fd77::2", "fd77::3", "fd77::4"]];
/// The box's card.
pub(crate) const CARD: &str = "card0";
/// The other end of its cable.
pub(crate) const FAR: &str = "far0";

impl Network {
    /// Makes it. Its cards finish no checksums, as those of no two machines do for one another.
    pub fn make() -> Self {
        let number = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let network = Self { inner: format!("relay-{number}"), outer: format!("people-{number}"), far: None };
        let Self { inner, outer, .. } = &network;
        for name in [inner, outer] {
            run(&["ip", "netns", "add", name]);
        }
        run(&["ip", "link", "add", CARD, "netns", inner, "type", "veth", "peer", "name", FAR, "netns", outer]);
        for address in BOX {
            network.address(inner, CARD, address);
        }
        for address in OTHERS.iter().flatten() {
            network.address(outer, FAR, address);
        }
        for (name, card) in [(inner, CARD), (outer, FAR)] {
            run(&["ip", "-n", name, "link", "set", "lo", "up"]);
            run(&["ip", "-n", name, "link", "set", card, "up"]);
        }
        run(&["ip", "netns", "exec", outer, "ethtool", "-K", FAR, "tx", "off"]);
        run(&["ip", "netns", "exec", inner, "ethtool", "-K", CARD, "tx", "off"]);
        network
    }

    fn address(&self, of: &str, card: &str, address: &str) {
        let bits = if address.contains(':') { "64" } else { "24" };
        let mut words = vec!["ip", "-n", of, "address", "add"];
        let address = format!("{address}/{bits}");
        words.extend([address.as_str(), "dev", card]);
        if bits == "64" {
            words.push("nodad");
        }
        run(&words);
    }

    /// From now on this thread's sockets are everybody else's.
    pub fn enter(&mut self) {
        set(&self.outer);
        let wanted = Wanted { on: true, interfaces: vec![FAR.to_owned()] };
        let (far, found) = FastPath::find(&wanted, &[SocketAddr::from(([0, 0, 0, 0], 1))], 0);
        assert!(found.used, "{found:?}");
        self.far = far;
    }

    /// What `ip` says of the box's card.
    pub fn card(&self) -> String {
        let told = Command::new("ip").args(["-n", &self.inner, "-details", "link", "show", CARD]).output();
        String::from_utf8(told.expect("ip runs").stdout).expect("text")
    }

    /// A socket of the box's own, whoever's this thread's are.
    pub fn bind_at_box(&self) -> UdpSocket {
        set(&self.inner);
        let socket = UdpSocket::bind((BOX[0], 0)).expect("a port is free");
        set(&self.outer);
        socket
    }

    /// The box's addresses.
    pub fn addresses() -> Vec<IpAddr> {
        BOX.map(|text| text.parse().expect("an address")).to_vec()
    }
}

/// This thread's sockets are of this namespace from now on.
fn set(namespace: &str) {
    let file = File::open(format!("/run/netns/{namespace}")).expect("it was made");
    nix::sched::setns(file, nix::sched::CloneFlags::CLONE_NEWNET).expect("it may");
}

fn run(words: &[&str]) {
    let output = Command::new(words[0]).args(&words[1..]).output().expect("iproute2 and ethtool are installed");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in [&self.inner, &self.outer] {
            let _ = Command::new("ip").args(["netns", "delete", name]).status();
        }
    }
}
