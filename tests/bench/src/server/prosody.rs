//! Prosody of Debian, in a folder of its own: the modules that Debian loads less those for other servers and for registering, with
//! archive and WebSocket.

use super::{Peer, Room, Server, Sizes, certificate, numbered, scratch, tied, wait_for_port};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use world::scram;

/// Its default number of iterations.
const ITERATIONS: u32 = 10_000;
const SALT: &str = "00000000-0000-4000-8000-000000000000";
const MODULES: &str = "roster saslauth tls disco blocklist bookmarks carbons pep private smacks vcard4 vcard_legacy csi_simple \
    ping time uptime version posix mam websocket groups";

/// Not its default, which walks the whole heap again whenever that has grown by 5 %: two thirds of its time went there.
const COLLECTOR: &str = "gc = { mode = \"generational\" }\n";

/// Rooms with an archive, and slots for files: without limits on pace and share, and whoever enters a room is told to nobody,
/// because a thousand who enter would tell each other half a million times before anything is measured.
const SERVICES: &str = r#"
Component "muc.localhost" "muc"
  modules_enabled = { "muc_mam" }
  muc_room_locking = false
  muc_room_default_persistent = true
  muc_room_default_presence_broadcast = { visitor = false; participant = false; moderator = false }
Component "upload.localhost" "http_file_share"
  http_host = "localhost"
  http_file_share_size_limit = 104857600
  http_file_share_daily_quota = 109951162777600
"#;

/// As the table calls it with its archive in files.
pub const NAME: &str = "Prosody, files";

/// Where it keeps the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// Files, as Debian configures it.
    Files,
    /// SQLite.
    Sql,
}

/// Prosody with these accounts, started.
pub fn start(archive: Archive, sizes: Sizes) -> Server {
    let folder = scratch("prosody");
    let root = certificate::make(&folder);
    let port = world::free_port();
    let accounts = numbered(sizes);
    let everybody = [&accounts.strangers, &accounts.writers, &accounts.colleagues].into_iter().flatten();
    let data = folder.join("data/localhost/accounts");
    fs::create_dir_all(&data).expect("the folder can be written");
    let kept = kept_password(&accounts.strangers[0].password);
    for account in everybody {
        fs::write(data.join(format!("{}.dat", account.name)), &kept).expect("the folder can be written");
    }
    let colleagues: String = accounts.colleagues.iter().map(|one| format!("{}@localhost\n", one.name)).collect();
    fs::write(folder.join("groups.txt"), format!("[Colleagues]\n{colleagues}")).expect("the folder can be written");
    let configuration = folder.join("prosody.cfg.lua");
    let mut text = configuration_text(&folder, port, archive);
    if !sizes.rooms.is_empty() {
        text.push_str(SERVICES);
    }
    fs::write(&configuration, text).expect("the folder can be written");
    let log = fs::File::create(folder.join("log")).expect("the folder can be written");
    let mut command = tied("prosody");
    command.arg("--config").arg(&configuration).arg("--root").arg("-F").stdin(Stdio::null());
    command.stdout(log.try_clone().expect("a file handle can be copied")).stderr(log);
    let mut child = command.spawn().expect("prosody can be started");
    wait_for_port(port, &mut child, "prosody");
    let promise = match archive {
        Archive::Files => (NAME, "in files, not synced"),
        Archive::Sql => ("Prosody, SQLite", "in SQLite, synced"),
    };
    let mut server = Server::of_peer(promise, port, accounts, root, Peer { child, folder });
    let room = |(members, number): (&usize, u32)| Room { jid: format!("r{number}@muc.localhost"), members: *members };
    server.rooms = sizes.rooms.iter().zip(0..).map(room).collect();
    server
}

/// An account as its store of files keeps one.
fn kept_password(password: &str) -> String {
    let (stored_key, server_key) = scram::kept(&scram::salted(password, SALT.as_bytes(), ITERATIONS));
    let hex = world::person::hex;
    format!(
        "return {{ [\"iteration_count\"] = {ITERATIONS}; [\"salt\"] = \"{SALT}\"; [\"stored_key\"] = \"{}\"; [\"server_key\"] = \"{}\"; }};\n",
        hex(&stored_key),
        hex(&server_key)
    )
}

fn configuration_text(folder: &Path, port: u16, archive: Archive) -> String {
    let modules: String = MODULES.split_whitespace().map(|name| format!("\"{name}\"; ")).collect();
    let store = match archive {
        Archive::Files => "internal",
        Archive::Sql => "sql",
    };
    let folder = folder.display();
    format!(
        "{COLLECTOR}run_as_root = true\npidfile = \"{folder}/pid\"\ndata_path = \"{folder}/data\"\n\
         modules_enabled = {{ {modules} }}\nmodules_disabled = {{ \"s2s\"; \"offline\" }}\n\
         authentication = \"internal_hashed\"\npassword_hash = \"SHA-256\"\n\
         storage = {{ archive = \"{store}\"; muc_log = \"{store}\" }}\ndefault_storage = \"internal\"\n\
         sql = {{ driver = \"SQLite3\"; database = \"archive.sqlite\" }}\narchive_expires_after = \"1w\"\n\
         groups_file = \"{folder}/groups.txt\"\nlog = {{ warn = \"{folder}/prosody.log\" }}\n\
         c2s_ports = {{ }}\nc2s_direct_tls_ports = {{ }}\ns2s_ports = {{ }}\nhttp_ports = {{ }}\n\
         https_ports = {{ {port} }}\nhttps_interfaces = {{ \"127.0.0.1\" }}\n\
         https_ssl = {{ certificate = \"{folder}/chain.pem\"; key = \"{folder}/key.pem\" }}\n\
         http_paths = {{ websocket = \"/xmpp-websocket\" }}\nconsider_websocket_secure = true\n\
         VirtualHost \"localhost\"\n  ssl = {{ certificate = \"{folder}/chain.pem\"; key = \"{folder}/key.pem\" }}\n"
    )
}
