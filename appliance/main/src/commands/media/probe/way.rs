//! One relay by one transport: reached, two addresses allocated, and an echo from one to the other and back.

use super::Findings;
use super::client::{Client, Failed};
use super::line::Line;
use appliance_contract::{RelayProbe, RelayTransport, RelayWay};
use rustls::ClientConfig;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the echo is tried; a network may lose one.
const ECHOES: u32 = 5;
const ECHO_WITHIN: Duration = Duration::from_millis(800);

/// The hop that does not work.
struct Broken {
    hop: &'static str,
    told: String,
    what_to_do: &'static str,
}

fn broken(hop: &'static str, told: String, what_to_do: &'static str) -> Broken {
    Broken { hop, told, what_to_do }
}

/// Walks until the first hop that is broken.
pub(super) fn walk(
    way: &RelayWay,
    to: SocketAddr,
    probe: &RelayProbe,
    tls: &Arc<ClientConfig>,
    findings: &mut Findings<'_>,
) {
    if let Err(Broken { hop, told, what_to_do }) = go(way, to, probe, tls, findings) {
        findings.broken(hop, told, what_to_do);
    }
}

fn go(
    way: &RelayWay,
    to: SocketAddr,
    probe: &RelayProbe,
    tls: &Arc<ClientConfig>,
    findings: &mut Findings<'_>,
) -> Result<(), Broken> {
    let begun = Instant::now();
    let mut here = connect(way, to, tls)?;
    if way.transport == RelayTransport::Tls {
        findings.works("certificate", format!("it is for {} and by a CA that this machine trusts", way.host));
    }
    let seen = here.binding().map_err(|failed| unreached(way, to, &failed))?;
    let took = begun.elapsed().as_secs_f64() * 1_000.0;
    findings.works("reach", format!("{to} answers after {took:.1} ms and sees you as {seen}"));
    let mut there = connect(way, to, tls)?;
    let ours = here.allocate().map_err(not_allocated)?;
    let theirs = there.allocate().map_err(not_allocated)?;
    findings.works("allocation", format!("the relayed address is {ours}"));
    here.permit(theirs).and_then(|()| there.permit(ours)).map_err(not_permitted)?;
    here.bind(theirs).and_then(|()| there.bind(ours)).map_err(not_permitted)?;
    findings.works("permission", format!("{ours} and {theirs} may speak with one another"));
    let echoed = echo(&mut here, &mut there);
    here.release();
    there.release();
    let took = echoed.map_err(no_echo)?.as_secs_f64() * 1_000.0;
    findings.works("echo", format!("through the relay and back in {took:.1} ms"));
    address(ours, to, way, probe, tls, findings)
}

fn connect(way: &RelayWay, to: SocketAddr, tls: &Arc<ClientConfig>) -> Result<Client, Broken> {
    let line = match way.transport {
        RelayTransport::Udp => Line::udp(to).map_err(|e| unreached(way, to, &Failed::Io(e)))?,
        RelayTransport::Tls => Line::tls(to, &way.host, Arc::clone(tls)).map_err(|e| no_stream(to, &e))?,
    };
    Ok(Client::new(line, &way.username, way.password.reveal()))
}

/// TLS tells whether TCP, the certificate or what is behind it is wrong.
fn no_stream(to: SocketAddr, failure: &io::Error) -> Broken {
    let of_tls = failure.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match of_tls {
        Some(rustls::Error::InvalidCertificate(wrong)) => broken(
            "certificate",
            format!("browsers will refuse the certificate of {to}: {wrong}"),
            "give it one for this name of a CA that clients trust: rainbow-edge certificate set",
        ),
        Some(other) => {
            broken("certificate", format!("TLS with {to} fails: {other}"), "look at what answers there: is it the box?")
        }
        None => broken(
            "reach",
            format!("{to} cannot be reached by TCP: {failure}"),
            "open TCP 443 to the box in the firewall in between, or correct the name's address",
        ),
    }
}

fn unreached(way: &RelayWay, to: SocketAddr, failed: &Failed) -> Broken {
    let what_to_do = match way.transport {
        RelayTransport::Udp => {
            "open UDP to that port in the firewall in between; until then calls use TLS, which is slower"
        }
        RelayTransport::Tls => "look whether the media node runs: TCP 443 answers, and nothing relays behind it",
    };
    broken("reach", format!("{to} does not answer as a relay: {failed}"), what_to_do)
}

fn not_allocated(failed: Failed) -> Broken {
    let what_to_do = match &failed {
        Failed::Refused { code: 401, .. } => {
            "compare the clocks of both machines; at another site, enrol the relay anew: its key is another one"
        }
        Failed::Refused { code: 486, .. } => {
            "raise media.allocations_per_person_max, or wait until other probes have expired"
        }
        Failed::Refused { code: 508, .. } => "raise media.allocations_max, or end the drain",
        Failed::Refused { code: 440, .. } => "the relay has no address of this family: set media.external_addresses",
        _ => "look at the log of the media role",
    };
    broken("allocation", format!("the relay gives no address: {failed}"), what_to_do)
}

fn not_permitted(failed: Failed) -> Broken {
    broken(
        "permission",
        format!("the relay does not let one of its own addresses in: {failed}"),
        "look at media.external_addresses and media.peers_refused; with relay_ports a private address needs media.peers_allowed",
    )
}

fn no_echo(failed: Failed) -> Broken {
    broken(
        "echo",
        format!("what is sent to the relayed address does not come back: {failed}"),
        "look at the log of the media role",
    )
}

/// From one relayed address to the other and back.
fn echo(here: &mut Client, there: &mut Client) -> Result<Duration, Failed> {
    for number in 0..ECHOES {
        let (begun, said) = (Instant::now(), format!("rainbow-edge probe {number}").into_bytes());
        let until = begun + ECHO_WITHIN;
        here.send(&said)?;
        while let Some(heard) = there.receive(until)? {
            there.send(&heard)?;
            if heard == said {
                break;
            }
        }
        while let Some(back) = here.receive(until)? {
            if back == said {
                return Ok(begun.elapsed());
            }
        }
    }
    Err(Failed::Silent)
}

/// Whether the address that others are told leads to this relay. A virtual one they need not reach: both ends of a call come
/// to the box. With ports of its own whoever uses no relay sends there.
fn address(
    ours: SocketAddr,
    to: SocketAddr,
    way: &RelayWay,
    probe: &RelayProbe,
    tls: &Arc<ClientConfig>,
    findings: &mut Findings<'_>,
) -> Result<(), Broken> {
    let told = ours.ip();
    if told == to.ip() || way.host != probe.name {
        findings.works("address", format!("{told} is the address by which the relay is reached"));
        return Ok(());
    }
    match leads_here(way, SocketAddr::new(told, way.port), tls) {
        Ok(()) => findings.works("address", format!("{told}, which others are told, leads to this relay, too")),
        Err(why) if probe.virtual_addresses => findings.works(
            "address",
            format!(
                "{told}, which others are told, does not lead here ({why}); it is virtual, so calls work all the same"
            ),
        ),
        Err(why) => {
            return Err(broken(
                "address",
                format!(
                    "others are told {told}, which does not lead to this relay ({why}); it is reached at {}",
                    to.ip()
                ),
                "set media.external_addresses to the address by which clients reach the box; if it is that one, the NAT \
                 before the box does not lead back in: then test from outside (Settings, Calls)",
            ));
        }
    }
    Ok(())
}

/// Whether a relay answers there that takes what this one has given.
fn leads_here(way: &RelayWay, there: SocketAddr, tls: &Arc<ClientConfig>) -> Result<(), String> {
    let mut client = connect(way, there, tls).map_err(|broken| broken.told)?;
    client.binding().map_err(|failed| failed.to_string())?;
    match client.allocate() {
        Ok(_) => {
            client.release();
            Ok(())
        }
        Err(Failed::Refused { code: 401, .. }) => Err(String::from("another relay answers there")),
        // Whoever is known has been let in.
        Err(Failed::Refused { .. }) => Ok(()),
        Err(failed) => Err(failed.to_string()),
    }
}
