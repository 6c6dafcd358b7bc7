//! One machine: q35 with Secure Boot's firmware, a disk, a TPM, a network card, two serial ports and a screen.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Fault, Outcome};
use crate::firmware;
use crate::lan::Lan;
use crate::milestones::{Milestones, Record};
use crate::monitor::Monitor;
use crate::place::{Place, place};
use crate::serial::{Serial, Socket};
use crate::shell::Shell;
use crate::status_page::{self, StatusPage};
use crate::tools;
use crate::tpm;

/// For one milestone of a boot: a machine with two slow cores may have other work. It bounds a failure, it measures nothing.
pub(crate) const MILESTONE: Duration = Duration::from_secs(600);
const CARD: &str = "card";
/// What a maker writes into a machine: its identity from one start to the next.
const UUID: &str = "7d3f2c1e-5b0a-4c58-9d0c-6a1f0e2b4c77";

/// What a machine is put together from.
pub(crate) struct Plan<'a> {
    /// Names the log, too.
    pub(crate) name: &'static str,
    pub(crate) disk: PathBuf,
    pub(crate) variables: PathBuf,
    pub(crate) tpm: Option<PathBuf>,
    pub(crate) network: Network<'a>,
    /// What the clock says at the start; nothing: the time.
    pub(crate) clock: Option<&'static str>,
    /// A second disk, which is only read.
    pub(crate) more: Option<PathBuf>,
    pub(crate) kind: Kind,
}

/// What the parts are that Linux needs drivers for.
pub(crate) enum Kind {
    /// A machine of a cloud: virtio.
    Virtual,
    /// A mini PC: a disk at SATA, a network card of Intel's.
    Pc {
        /// In the USB port, and started from.
        stick: Option<PathBuf>,
    },
    /// A machine of a cloud with a processor of 64-bit ARM. It has no second serial port that is of use.
    Arm64,
}

pub(crate) enum Network<'a> {
    /// Addresses by DHCP, the way outside, and the box's two ports on 127.0.0.1.
    Usual,
    /// The same without a way outside.
    Inside,
    /// Somebody's switch that nobody else is at.
    Silent,
    /// No cable in the card.
    Unplugged,
    /// The usual one and a second card in a network that it is looked at from.
    Seen(&'a Lan),
}

impl<'a> Plan<'a> {
    pub(crate) fn usual(name: &'static str, disk: PathBuf, tpm: PathBuf) -> Outcome<Self> {
        let variables = firmware::variables(name)?;
        Ok(Self {
            name,
            disk,
            variables,
            tpm: Some(tpm),
            network: Network::Usual,
            clock: None,
            more: None,
            kind: Kind::Virtual,
        })
    }
}

/// It is switched off when it is dropped.
pub(crate) struct Machine {
    pub(crate) name: &'static str,
    process: Process,
    /// The port with the status page.
    pub(crate) serial: Serial,
    door: Serial,
    pub(crate) monitor: Monitor,
    pub(crate) ports: Ports,
    start: Instant,
    record: Record,
    _only: MutexGuard<'static, ()>,
}

/// Where the machine's two ports are on 127.0.0.1 of the network that it is in.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) https: u16,
    pub(crate) http: u16,
}

/// QEMU, which does not outlive this.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One machine at a time: each takes all the cores there are.
static ONLY: Mutex<()> = Mutex::new(());

/// Switches a machine on.
pub(crate) fn boot(plan: &Plan<'_>) -> Outcome<Machine> {
    let only = ONLY.lock().unwrap_or_else(PoisonError::into_inner);
    let place = place()?;
    let name = plan.name;
    let log = |ending: &str| place.logs.join(format!("{name}{ending}"));
    println!("\n{name}: a machine is switched on; {}", log(".log").display());
    let [serial, door, monitor] = ["s", "d", "m"].map(|kind| Socket::at(place.sockets.join(format!("{name}.{kind}"))));
    let (serial, door, monitor) = (serial?, door?, monitor?);
    let ports = Ports { https: free_port()?, http: free_port()? };
    let mut command = assembled(plan, place, ports, [&serial.path, &door.path, &monitor.path])?;
    let start = Instant::now();
    let process = Process(command.spawn().map_err(Fault::file("start", Path::new("QEMU")))?);
    let record = Record { scenario: name.to_owned(), file: place.reports.join("milestones.tsv") };
    let milestones = Milestones::from(start, record.clone());
    let serial = Serial::follow(name, serial.accept()?, &log(".log"), Some(milestones))?;
    let door = Serial::follow(name, door.accept()?, &log(".shell.log"), None)?;
    let monitor = Monitor::open(name, monitor.accept()?)?;
    let mut machine = Machine { name, process, serial, door, monitor, ports, start, record, _only: only };
    if matches!(plan.network, Network::Unplugged) {
        machine.monitor.pull_cable(CARD)?;
    }
    machine.monitor.let_run()?;
    Ok(machine)
}

impl Machine {
    /// The page, read from the serial port, once it shows what `read` looks for.
    pub(crate) fn page(&self, read: impl Fn(&str) -> Option<StatusPage>) -> Outcome<StatusPage> {
        self.serial.find(0, MILESTONE, "the status page with an address and the CA's fingerprint", read)
    }

    pub(crate) fn page_with_code(&self) -> Outcome<StatusPage> {
        self.page(status_page::read_with_code)
    }

    pub(crate) fn shell(&self) -> Outcome<Shell> {
        Shell::open(self.name, self.door.clone(), MILESTONE)
    }

    pub(crate) fn note(&self, milestone: &str) {
        self.record.note(self.start, milestone);
    }

    /// As a person does who wants to carry it away.
    pub(crate) fn switch_off(mut self) -> Outcome<()> {
        self.monitor.press_power_button()?;
        self.ended(MILESTONE)?;
        self.note("switched off");
        Ok(())
    }

    /// Waits for the end of the machine. It never starts again by itself: QEMU is told not to.
    pub(crate) fn ended(&mut self, limit: Duration) -> Outcome<()> {
        let over = self.serial.find(self.serial.mark(), limit, "its end", |_| None::<()>);
        match over {
            Err(Fault::Ended { .. }) => {
                let _ = self.process.0.wait();
                Ok(())
            }
            other => other,
        }
    }

    /// The picture on the screen is kept with the reports.
    pub(crate) fn photograph(&mut self) -> Outcome<PathBuf> {
        let file = place()?.reports.join(format!("{}.png", self.name));
        self.monitor.photograph(&file)?;
        Ok(file)
    }
}

/// QEMU with everything plugged in, waiting for the word to start.
fn assembled(plan: &Plan<'_>, place: &Place, ports: Ports, sockets: [&Path; 3]) -> Outcome<Command> {
    let chip = plan.tpm.as_deref().map(|folder| tpm::start(plan.name, folder)).transpose()?;
    let before = if let Network::Seen(lan) = plan.network { lan.inside() } else { Vec::new() };
    let mut command = emulator(plan, place, &before);
    hardware(&mut command, plan, place);
    wires(&mut command, sockets);
    if let Some(chip) = chip {
        let device = if matches!(plan.kind, Kind::Arm64) { "tpm-tis-device" } else { "tpm-tis" };
        command.args(["-chardev", &format!("socket,id=chip,path={}", chip.display())]);
        command.args(["-tpmdev", "emulator,id=tpm,chardev=chip", "-device", &format!("{device},tpmdev=tpm")]);
    }
    network(&mut command, plan, ports);
    let errors = place.logs.join(format!("{}.qemu.log", plan.name));
    let file = File::create(&errors).map_err(Fault::file("write", &errors))?;
    command.stdin(Stdio::null()).stderr(file);
    Ok(command)
}

/// The emulator is in the root folder of those who need it.
fn emulator(plan: &Plan<'_>, place: &Place, before: &[String]) -> Command {
    match plan.kind {
        Kind::Arm64 => tools::command_of(&place.cross, place, before, "qemu-system-aarch64"),
        Kind::Virtual | Kind::Pc { .. } => tools::command(place, before, "qemu-system-x86_64"),
    }
}

const PC: &[&str] = &[
    "-M",
    "q35,smm=on",
    "-device",
    "VGA",
    "-global",
    "driver=cfi.pflash01,property=secure,value=on",
    "-global",
    "ICH9-LPC.disable_s3=1",
    "-cpu",
    "max",
];
/// Without signed pointers, which are slow to emulate.
const ARM64: &[&str] = &["-M", "virt,gic-version=3", "-device", "ramfb", "-cpu", "neoverse-n1"];

fn hardware(command: &mut Command, plan: &Plan<'_>, place: &Place) {
    let emulated = "tcg,thread=multi,tb-size=512";
    let accel = std::env::var("RAINBOW_QEMU_ACCEL").unwrap_or_else(|_| emulated.to_owned());
    let (board, code, accel) = match plan.kind {
        Kind::Arm64 => (ARM64, firmware::CODE_ARM64, emulated),
        Kind::Virtual | Kind::Pc { .. } => (PC, firmware::CODE, accel.as_str()),
    };
    let code = format!("if=pflash,format=raw,unit=0,readonly=on,file={code}");
    let variables = format!("if=pflash,format=raw,unit=1,file={}", plan.variables.display());
    command.args(board).args(["-name", plan.name, "-uuid", UUID, "-accel", accel, "-smp", "2", "-m", "2048"]);
    command.args(["-nodefaults", "-display", "none", "-no-reboot", "-S"]);
    command.args(["-drive", &code, "-drive", &variables, "-device", "virtio-rng-pci", "-device", "i6300esb"]);
    disks(command, plan);
    if let Some(clock) = plan.clock {
        command.args(["-rtc", &format!("base={clock}")]);
    }
    command.current_dir(&place.state);
}

fn disks(command: &mut Command, plan: &Plan<'_>) {
    let disk = match &plan.kind {
        Kind::Virtual | Kind::Arm64 => "virtio-blk-pci,drive=disk,bootindex=1",
        Kind::Pc { .. } => "ide-hd,drive=disk,bus=ide.0,bootindex=1",
    };
    command.args(["-drive", &format!("{},cache=unsafe,discard=unmap", drive("disk", &plan.disk)), "-device", disk]);
    if let Kind::Pc { stick: Some(stick) } = &plan.kind {
        command.args(["-drive", &format!("{},snapshot=on", drive("stick", stick)), "-device", "qemu-xhci"]);
        command.args(["-device", "usb-storage,drive=stick,removable=on,bootindex=0"]);
    }
    if let Some(more) = &plan.more {
        command.args(["-drive", &format!("{},readonly=on", drive("more", more))]);
        command.args(["-device", "virtio-blk-pci,drive=more,serial=more"]);
    }
}

fn drive(id: &str, file: &Path) -> String {
    let format = if file.extension().is_some_and(|ending| ending == "qcow2") { "qcow2" } else { "raw" };
    format!("if=none,id={id},format={format},file={}", file.display())
}

fn wires(command: &mut Command, [serial, door, monitor]: [&Path; 3]) {
    for (id, path) in [("serial", serial), ("door", door), ("monitor", monitor)] {
        command.args(["-chardev", &format!("socket,id={id},path={}", path.display())]);
    }
    command.args(["-serial", "chardev:serial", "-serial", "chardev:door", "-mon", "chardev=monitor,mode=control"]);
}

fn network(command: &mut Command, plan: &Plan<'_>, ports: Ports) {
    let network = &plan.network;
    let card = if matches!(plan.kind, Kind::Pc { .. }) { "e1000e" } else { "virtio-net-pci" };
    let Ports { https, http } = ports;
    let ports = format!("hostfwd=tcp:127.0.0.1:{https}-:443,hostfwd=tcp:127.0.0.1:{http}-:80");
    let back = match network {
        Network::Inside => format!("user,id=net,restrict=on,{ports}"),
        Network::Silent => "hubport,id=net,hubid=0".to_owned(),
        Network::Usual | Network::Unplugged | Network::Seen(_) => format!("user,id=net,{ports}"),
    };
    command.args(["-netdev", &back, "-device", &format!("{card},netdev=net,id={CARD},romfile=")]);
    if let Network::Seen(lan) = network {
        command.args(["-netdev", &format!("tap,id=lan,ifname={},script=no,downscript=no", Lan::TAP)]);
        command.args(["-device", &format!("virtio-net-pci,netdev=lan,mac={},romfile=", lan.mac())]);
    }
}

/// One that was free a moment ago.
fn free_port() -> Outcome<u16> {
    let any = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    any.map(|address| address.port()).map_err(Fault::file("find a free port on", Path::new("127.0.0.1")))
}
