//! A folder that stands for a machine: its `/sys`, its tools, and a file for its data partition.

mod fakes;

use rainbow_edge_storage::{Place, StorageError, Tools, enrol, older, prepare, root_key};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use storage_contract::{Refusal, State};
use vault::RecoveryKey;

pub(crate) const KEY: &str = "0000-1111-2222-3333-4444-5555-6666-7777";
pub(crate) const OTHER_KEY: &str = "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA";
pub(crate) const PASSPHRASE: &str = "correct horse battery";

/// The number of its dm-verity device.
const ROOT_DEVICE: (u64, u64) = (253, 0);

pub(crate) struct Machine {
    root: PathBuf,
    place: Place,
    tools: Tools,
}

impl Machine {
    pub(crate) fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("rainbow-edge-storage-{}-{name}", std::process::id()));
        fs::create_dir_all(&root).expect("a folder");
        let machine =
            Self { place: Place::for_test(&root, ROOT_DEVICE), tools: Tools::for_test(root.join("tools")), root };
        for folder in ["dev/mapper", "data", "var/lib/rainbow-edge", "run", "usr/lib/rainbow-edge/repart.d", "tools"] {
            fs::create_dir_all(machine.root.join(folder)).expect("a folder");
        }
        let definition = include_str!("../../../../../config/repart.d/50-data.conf");
        machine.write("usr/lib/rainbow-edge/repart.d/50-data.conf", definition);
        machine.make_sys();
        for (name, script) in fakes::ALL {
            machine.write(&format!("tools/{name}"), &format!("{}\n{script}", fakes::head(&machine.root)));
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(machine.root.join("tools").join(name), mode).expect("executable");
        }
        machine
    }

    /// With a TPM and a signed kernel image.
    pub(crate) fn with_tpm(self) -> Self {
        self.write("dev/tpmrm0", "");
        self.write("run/systemd/tpm2-pcr-public-key.pem", "a public key");
        self.write("fake/tpm", "one");
        self
    }

    /// Root on dm-verity on the second partition of a disk; a place for another system behind it.
    fn make_sys(&self) {
        let disk = "sys/devices/pci/vda";
        self.write(&format!("{disk}/uevent"), "MAJOR=254\nDEVNAME=vda\nDEVTYPE=disk\n");
        self.partition(1, "esp", 532_480);
        self.partition(2, "rainbow-edge_1.0.0", 1_048_576);
        self.partition(3, "rainbow-edge_1.0.0_verity", 65_536);
        self.partition(4, "_empty", 1_048_576);
        self.partition(5, "_empty", 65_536);
        let verity = self.root.join("sys/devices/virtual/block/dm-0/slaves");
        fs::create_dir_all(&verity).expect("a folder");
        for number in [2, 3] {
            let target = self.root.join(format!("{disk}/vda{number}"));
            symlink(target, verity.join(format!("vda{number}"))).expect("a link");
        }
        fs::create_dir_all(self.root.join("sys/dev/block")).expect("a folder");
        let device = self.root.join("sys/devices/virtual/block/dm-0");
        symlink(device, self.root.join("sys/dev/block/253:0")).expect("a link");
    }

    fn partition(&self, number: u32, label: &str, blocks: u64) {
        let folder = format!("sys/devices/pci/vda/vda{number}");
        self.write(&format!("{folder}/uevent"), &format!("DEVNAME=vda{number}\nPARTN={number}\nPARTNAME={label}\n"));
        self.write(&format!("{folder}/partition"), &format!("{number}\n"));
        self.write(&format!("{folder}/size"), &format!("{blocks}\n"));
    }

    pub(crate) fn prepare(&self) -> Result<(), StorageError> {
        prepare(&self.place, &self.tools)
    }

    pub(crate) fn root_key(&self) -> Result<(), StorageError> {
        root_key(&self.place, &self.tools)
    }

    pub(crate) fn older(&self) -> Result<(), StorageError> {
        older(&self.place, &self.tools)
    }

    /// As the server leaves it.
    pub(crate) fn server_refuses(&self, said: &str) {
        self.write("run/rainbow-edge-server/older", said);
    }

    pub(crate) fn enrol(&self, key: &str) -> Result<(), StorageError> {
        let (done, answer) = self.enrol_line(&storage_contract::encode_request(key));
        assert_eq!(done.is_ok(), answer.expect("an answer").is_ok());
        done
    }

    pub(crate) fn enrol_line(&self, line: &[u8]) -> (Result<(), StorageError>, Result<Result<(), Refusal>, String>) {
        let mut answer = Vec::new();
        let done = enrol(&self.place, &self.tools, line, &mut answer);
        (done, storage_contract::decode_answer(&answer).map_err(|error| error.to_string()))
    }

    /// What systemd does with an open volume.
    pub(crate) fn mount(&self) {
        self.write("fake/mounted", "");
    }

    /// Everything in memory is gone, and what was called and asked is forgotten.
    pub(crate) fn restart(&self) {
        let _ = fs::remove_dir_all(self.root.join("run/rainbow-edge-storage"));
        for gone in ["dev/mapper/data", "fake/mounted", "fake/calls", "fake/questions", "fake/answers"] {
            let _ = fs::remove_file(self.root.join(gone));
        }
    }

    pub(crate) fn state(&self) -> State {
        let json = fs::read(self.place("/run/rainbow-edge-storage/state.json")).expect("a state");
        State::from_json(&json).expect("a state")
    }

    pub(crate) fn calls(&self) -> String {
        fs::read_to_string(self.root.join("fake/calls")).unwrap_or_default()
    }

    /// The answers of a person, in order.
    pub(crate) fn will_answer(&self, answers: &[&str]) {
        self.write("fake/answers", &answers.iter().map(|answer| format!("{answer}\n")).collect::<String>());
    }

    pub(crate) fn questions(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.root.join("fake/questions")).unwrap_or_default();
        asked.lines().map(str::to_owned).collect()
    }

    pub(crate) fn states_at_questions(&self) -> Vec<State> {
        let file = |at: usize| self.root.join(format!("fake/states/{at}"));
        let all = (1..=self.questions().len()).map(|at| fs::read(file(at)).expect("a state at a question"));
        all.map(|json| State::from_json(&json).expect("a state")).collect()
    }

    pub(crate) fn tpm_refuses(&self, said: &str) {
        self.write("fake/tpm-says", said);
    }

    /// Until the partition is made anew.
    pub(crate) fn tpm_refuses_once(&self, said: &str) {
        self.tpm_refuses(said);
        self.write("fake/until-made", "");
    }

    pub(crate) fn e2fsck_ends_with(&self, code: &str) {
        self.write("fake/e2fsck", code);
    }

    pub(crate) fn repart_says(&self, said: &str) {
        self.write("fake/repart-says", said);
    }

    /// As a cut between the partition and its mark leaves it.
    pub(crate) fn make_unfinished(&self) {
        let made = Command::new(self.root.join("tools/systemd-repart")).args(["--tpm2-device=auto"]).output();
        assert!(made.expect("runs").status.success());
        self.restart();
    }

    pub(crate) fn damage_header(&self) {
        use std::os::unix::fs::FileExt;
        let file = fs::OpenOptions::new().write(true).open(self.partition_file()).expect("opens");
        file.write_all_at(&vec![0x55; 4 << 20], 0).expect("writes");
    }

    pub(crate) fn header(&self) -> String {
        let dump = cryptsetup(&["luksDump", "--dump-json-metadata"], &self.partition_file(), b"");
        String::from_utf8(dump.stdout).expect("JSON")
    }

    /// How many key slots there are.
    pub(crate) fn slots(&self) -> usize {
        self.header().matches("\"kdf\"").count()
    }

    pub(crate) fn opens(&self, recovery_key: &str) -> bool {
        let key = RecoveryKey::parse(recovery_key).expect("a recovery key");
        self.opens_raw(&key.derive("rainbow-edge data disk").to_hex())
    }

    pub(crate) fn opens_raw(&self, key: &str) -> bool {
        let tried = cryptsetup(&["open", "--test-passphrase", "--key-file=-"], &self.partition_file(), key.as_bytes());
        tried.status.success()
    }

    pub(crate) fn opens_by_tpm(&self) -> bool {
        self.opens_raw("sealed to the fake TPM")
    }

    pub(crate) fn add_unnamed_slot(&self) {
        self.write("fake/unnamed", "left behind");
        let tpm = self.root.join("fake/tpm-key");
        let mut command = Command::new("cryptsetup");
        command.args(["luksAddKey", "--batch-mode", "--pbkdf=pbkdf2", "--pbkdf-force-iterations=1000", "--key-file"]);
        command.arg(tpm).arg(self.partition_file()).arg(self.root.join("fake/unnamed"));
        assert!(command.status().expect("runs").success());
    }

    /// What `systemd-creds` of this machine opens.
    pub(crate) fn unsealed(&self) -> Vec<u8> {
        let mut command = Command::new(self.root.join("tools/systemd-creds"));
        command.args(["decrypt", "--name=root-key"]).arg(self.credential()).arg("-");
        let opened = command.output().expect("runs");
        assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
        opened.stdout
    }

    /// The TPM is another one from now on.
    pub(crate) fn other_tpm(&self) {
        self.write("fake/tpm", "another");
    }

    pub(crate) fn lose_credential(&self) {
        fs::remove_file(self.credential()).expect("removes");
    }

    fn credential(&self) -> PathBuf {
        self.place("/var/lib/rainbow-edge-storage/root-key.cred")
    }

    pub(crate) fn box_folder(&self) -> PathBuf {
        self.place("/var/lib/rainbow-edge")
    }

    pub(crate) fn hold_typed_recovery_key(&self, key: &str) {
        self.write("run/rainbow-edge-storage/keys/recovery-key", key);
    }

    pub(crate) fn holds_typed_recovery_key(&self) -> bool {
        self.place("/run/rainbow-edge-storage/keys/recovery-key").exists()
    }

    pub(crate) fn place(&self, path: &str) -> PathBuf {
        self.place.at(path)
    }

    fn partition_file(&self) -> PathBuf {
        self.root.join("dev/vda6")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("writes");
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn cryptsetup(arguments: &[&str], partition: &Path, input: &[u8]) -> Output {
    use std::io::Write;
    let mut command = Command::new("cryptsetup");
    command.args(arguments).arg(partition).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("cryptsetup is installed (package cryptsetup-bin)");
    child.stdin.take().expect("a pipe").write_all(input).expect("writes");
    child.wait_with_output().expect("ends")
}
