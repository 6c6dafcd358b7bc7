//! A machine that is only a relay (J10): the service that `media unit` prints, started by the box's own systemd, in a network of
//! its own so that its port is free. What systemd takes from it is missed here and nowhere else.

use crate::error::{Fault, Outcome};
use crate::shell::Shell;

/// Not by the name that it would have: units of the box whose names begin with its own get more than it asks for.
const UNIT: &str = "only-a-relay.service";
const FOLDER: &str = "/run/only-a-relay";
const HOST: &str = "relay.test";

/// What the relay's own system showed of it.
pub(super) struct Record {
    /// Sockets of its network once systemd says that it is there.
    pub(super) sockets: String,
    /// How it is after its node was killed and is there again.
    pub(super) after: String,
}

/// Makes the box's machine a relay as well, for a moment.
pub(super) fn beside(shell: &mut Shell) -> Outcome<Record> {
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()]);
    let made = made.map_err(|error| Fault::Wrong(format!("no certificate could be made: {error}")))?;
    shell.run(&format!("mkdir -m 700 {FOLDER} && cd {FOLDER}"))?;
    shell.run(&format!("rainbow-edge media enrol --data /var/lib/rainbow-edge --host {HOST} > relay.key"))?;
    write(shell, "chain.pem", &made.cert.pem())?;
    write(shell, "key.pem", &made.signing_key.serialize_pem())?;
    // The box waits for no network, and has nobody who says when it is there.
    let unit = "rainbow-edge media unit | grep -v network-online.target";
    shell.run(&format!("{unit} > /run/systemd/system/{UNIT}; mkdir /run/systemd/system/{UNIT}.d"))?;
    let given = ["relay.key", "chain.pem", "key.pem"].map(|file| format!("LoadCredential={file}:{FOLDER}/{file}\n"));
    let here = format!("[Service]\nPrivateNetwork=yes\nLoadCredential=\n{}", given.concat());
    write(shell, &format!("/run/systemd/system/{UNIT}.d/here.conf"), &here)?;
    // It returns when the unit has said that it is ready.
    shell.run(&format!("systemctl daemon-reload && systemctl start {UNIT}"))?;
    shell.run(&format!("SERVER=$(systemctl show -P MainPID {UNIT})"))?;
    let sockets =
        shell.run("cat /proc/$SERVER/net/udp /proc/$SERVER/net/udp6 /proc/$SERVER/net/tcp /proc/$SERVER/net/tcp6")?;
    shell.run("NODE=$(cat /proc/$SERVER/task/*/children) && kill -9 $NODE")?;
    shell.run(
        "until NEXT=$(cat /proc/$SERVER/task/*/children) && [ -n \"$NEXT\" ] && [ \"$NEXT\" != \"$NODE\" ] \
            && grep -q :01BB /proc/$SERVER/net/udp; do sleep 1; done",
    )?;
    let after = shell.run(&format!("systemctl show -p ActiveState,NRestarts {UNIT}"))?;
    shell.run(&format!("systemctl stop {UNIT}; rm -r /run/systemd/system/{UNIT}* && systemctl daemon-reload"))?;
    shell
        .run(&format!("rainbow-edge media dismiss --data /var/lib/rainbow-edge --host {HOST}; cd /; rm -r {FOLDER}"))?;
    Ok(Record { sockets, after })
}

/// A text of several lines as one that the terminal takes.
fn write(shell: &mut Shell, file: &str, text: &str) -> Outcome<String> {
    shell.run(&format!("printf '%b' '{}' > {file}", text.replace("\r\n", "\n").replace('\n', "\\n")))
}
