//! Real servers, as processes of this suite; killed and started again on what they have.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const START_LIMIT: Duration = Duration::from_secs(90);

/// A server of one kind.
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
    program: PathBuf,
    arguments: Vec<String>,
    running: Mutex<Option<Child>>,
    /// `NAME=ADDRESS` of the configuration.
    pub(crate) target: String,
    /// What lies in `backup-NAME.secret`.
    pub(crate) secret: String,
    name: &'static str,
}

impl Server {
    /// S3: a bucket below the folder.
    pub(crate) fn s3(folder: &Path) -> Self {
        let port = world::free_port();
        let tls = certificate(folder);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/s3rver/bin/s3rver.js");
        let node = std::env::var_os("RAINBOW_EDGE_NODE").map_or_else(|| PathBuf::from("node"), PathBuf::from);
        let data = made(folder.join("s3"));
        let arguments = [
            text(&script),
            String::from("--directory"),
            text(&data),
            String::from("--address=127.0.0.1"),
            format!("--port={port}"),
            String::from("--configure-bucket"),
            String::from("bucket"),
            String::from("--key"),
            text(&tls.key),
            String::from("--cert"),
            text(&tls.chain),
        ];
        let target = format!("cloud=s3://S3RVER@localhost:{port}/bucket/box?region=us-east-1");
        Self::new(folder, port, node, arguments.to_vec(), ("cloud", target, "S3RVER"))
    }

    /// WebDAV with a password.
    pub(crate) fn webdav(folder: &Path) -> Self {
        let port = world::free_port();
        let tls = certificate(folder);
        let data = made(folder.join("dav"));
        let settings = folder.join("wsgidav.yaml");
        let (chain, key) = (text(&tls.chain), text(&tls.key));
        let content = format!(
            "host: 127.0.0.1\nport: {port}\nserver: cheroot\nprovider_mapping:\n  \"/\": \"{}\"\nverbose: 1\n\
             ssl_certificate: \"{chain}\"\nssl_private_key: \"{key}\"\nssl_adapter: builtin\n\
             http_authenticator:\n  accept_basic: true\n  accept_digest: false\n  default_to_digest: false\n\
             simple_dc:\n  user_mapping:\n    \"*\":\n      \"box\":\n        password: \"pass-word-9\"\n",
            text(&data)
        );
        fs::write(&settings, content).expect("the settings");
        let python = std::env::var_os("RAINBOW_EDGE_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
        let arguments = ["-m", "wsgidav.server.server_cli", "--config", &text(&settings)].map(str::to_owned);
        let target = format!("nas=davs://box@localhost:{port}/");
        Self::new(folder, port, python, arguments.to_vec(), ("nas", target, "pass-word-9"))
    }

    /// OpenSSH, as whoever runs the tests, with a key of its own.
    pub(crate) fn sftp(folder: &Path) -> Self {
        let port = world::free_port();
        let data = made(folder.join("sftp"));
        let (host, own) = (folder.join("host_key"), folder.join("user_key"));
        for key in [&host, &own] {
            run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(key));
        }
        fs::copy(own.with_extension("pub"), folder.join("authorized_keys")).expect("the key is let in");
        let settings = folder.join("sshd_config");
        let content = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nPidFile none\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n",
            text(&host),
            text(&folder.join("authorized_keys"))
        );
        fs::write(&settings, content).expect("the settings");
        let told = Command::new("ssh-keygen").arg("-lf").arg(&host).output().expect("ssh-keygen");
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let fingerprint = told.split_whitespace().nth(1).expect("a fingerprint").to_owned();
        let who = nix::unistd::User::from_uid(nix::unistd::getuid()).expect("users").expect("this user").name;
        let target = format!("attic=sftp://{who}@localhost:{port}{}?host_key={fingerprint}", text(&data));
        let secret = fs::read_to_string(&own).expect("the private key");
        let arguments = [String::from("-D"), String::from("-e"), String::from("-f"), text(&settings)];
        // It refuses to start without.
        let _ = fs::create_dir_all("/run/sshd");
        Self::new(folder, port, PathBuf::from("/usr/sbin/sshd"), arguments.to_vec(), ("attic", target, &secret))
    }

    fn new(
        folder: &Path,
        port: u16,
        program: PathBuf,
        arguments: Vec<String>,
        (name, target, secret): (&'static str, String, &str),
    ) -> Self {
        let (folder, secret, running) = (folder.to_owned(), secret.to_owned(), Mutex::default());
        let server = Self { folder, port, program, arguments, running, target, secret, name };
        server.start();
        server
    }

    /// The name of the target.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Starts it and waits until it listens.
    pub(crate) fn start(&self) {
        let log = fs::File::options().create(true).append(true).open(self.folder.join("server.log")).expect("a log");
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        command.stdout(log.try_clone().expect("a handle can be copied")).stderr(log);
        let child = command.spawn().unwrap_or_else(|e| panic!("{}: {e}", self.program.display()));
        *self.running.lock().expect("no panic holds this") = Some(child);
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = || fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
            assert!(begun.elapsed() < START_LIMIT, "{} does not listen:\n{}", self.name, log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills it without warning, and what it has started for connections.
    pub(crate) fn kill(&self) {
        if let Some(mut child) = self.running.lock().expect("no panic holds this").take() {
            for process in world::process::family(child.id()) {
                let pid = nix::unistd::Pid::from_raw(i32::try_from(process.id()).expect("a process id fits"));
                let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
            }
            let _ = child.wait();
        }
    }

    /// Lines of `edge.toml` of this target alone.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

struct Tls {
    chain: PathBuf,
    key: PathBuf,
}

/// A CA of this folder, and a certificate of it for this machine.
fn certificate(folder: &Path) -> Tls {
    let mut ca = CertificateParams::new(Vec::<String>::new()).expect("parameters");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(DnType::CommonName, "Backup suite CA");
    let ca_key = KeyPair::generate().expect("a key");
    let ca_pem = ca.self_signed(&ca_key).expect("a CA").pem();
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().expect("a key");
    let own = CertificateParams::new(vec![String::from("localhost")]).expect("parameters");
    let own = own.signed_by(&key, &issuer).expect("a certificate");
    let tls = Tls { chain: folder.join("chain.pem"), key: folder.join("key.pem") };
    fs::write(folder.join("ca.pem"), &ca_pem).expect("the CA");
    fs::write(&tls.chain, own.pem() + &ca_pem).expect("the chain");
    fs::write(&tls.key, key.serialize_pem()).expect("the key");
    tls
}

fn run(command: &mut Command) {
    let status = command.stdin(Stdio::null()).status().expect("it is installed");
    assert!(status.success(), "{command:?}");
}

fn made(folder: PathBuf) -> PathBuf {
    fs::create_dir_all(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("its permissions");
    folder
}

fn text(path: &Path) -> String {
    path.to_str().expect("a plain path").to_owned()
}
