//! nginx of Debian, in a folder of its own: files over TLS, as Debian configures it, to whoever knows where they are.

use super::{Accounts, Peer, Server, certificate, scratch, tied, wait_for_port};
use std::fs;
use std::path::Path;
use std::process::Stdio;

/// As the table calls it.
pub const NAME: &str = "nginx";

/// The path of the file that it gives.
pub const FILE: &str = "/file";

/// nginx with one file of these bytes, started.
pub fn start(bytes: &[u8]) -> Server {
    let folder = scratch("nginx");
    let root = certificate::make(&folder);
    let port = world::free_port();
    let configuration = folder.join("nginx.conf");
    fs::create_dir_all(folder.join("files")).expect("the folder can be written");
    fs::write(folder.join("files").join(FILE.trim_start_matches('/')), bytes).expect("the folder can be written");
    fs::write(&configuration, configuration_text(&folder, port)).expect("the folder can be written");
    let log = fs::File::create(folder.join("log")).expect("the folder can be written");
    let mut command = tied("nginx");
    command.arg("-e").arg(folder.join("error.log")).arg("-p").arg(&folder).arg("-c").arg(&configuration);
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("a file handle can be copied")).stderr(log);
    let mut child = command.spawn().expect("nginx can be started");
    wait_for_port(port, &mut child, NAME);
    Server::of_peer((NAME, "-"), port, Accounts::default(), root, Peer { child, folder })
}

fn configuration_text(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("  {name}_temp_path {folder}/{name};\n"))
        .concat();
    // Its workers would otherwise be nobody, who may not enter every temporary folder.
    let user = if nix::unistd::geteuid().is_root() { "user root;\n" } else { "" };
    format!(
        "{user}daemon off;\nworker_processes auto;\npid {folder}/pid;\nerror_log {folder}/error.log;\n\
         events {{ worker_connections 768; }}\n\
         http {{\n{temporary}  sendfile on;\n  tcp_nopush on;\n  default_type application/octet-stream;\n\
           access_log {folder}/access.log;\n\
           server {{\n    listen 127.0.0.1:{port} ssl;\n    server_name localhost;\n    root {folder}/files;\n\
             ssl_certificate {folder}/chain.pem;\n    ssl_certificate_key {folder}/key.pem;\n\
             ssl_protocols TLSv1.3;\n  }}\n}}\n"
    )
}
