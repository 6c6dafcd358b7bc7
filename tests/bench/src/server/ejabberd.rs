//! ejabberd of Debian, in a folder of its own and without a node name: the modules that Debian loads less those for other servers,
//! with archive and WebSocket, and without limits on pace.

use super::{Peer, Server, Sizes, certificate, numbered, scratch, tied, wait_for_port};
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How long it may take to make the accounts.
const ACCOUNTS_LIMIT: Duration = Duration::from_secs(60);
const MODULES: &str = "adhoc blocking caps carboncopy client_state disco last ping privacy private push roster shared_roster \
    stream_mgmt vcard version";

/// As the table calls it with its archive in Mnesia.
pub const NAME: &str = "ejabberd, Mnesia";

/// Where it keeps the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// Mnesia, its default.
    Mnesia,
    /// SQLite.
    Sql,
}

/// ejabberd with these accounts, started.
pub fn start(archive: Archive, sizes: Sizes) -> Server {
    let folder = scratch("ejabberd");
    let root = certificate::make(&folder);
    let port = world::free_port();
    let accounts = numbered(sizes);
    let password = accounts.strangers[0].password.clone();
    let configuration = folder.join("ejabberd.yml");
    fs::write(&configuration, configuration_text(&folder, port, archive)).expect("the folder can be written");
    let mut child = spawn(&folder, &configuration, &seeding(&folder, sizes, &password));
    wait_for_port(port, &mut child, "ejabberd");
    wait_for_file(&folder.join("seeded"));
    let promise = match archive {
        Archive::Mnesia => (NAME, "in Mnesia, not synced"),
        Archive::Sql => ("ejabberd, SQLite", "in SQLite, synced"),
    };
    Server::of_peer(promise, port, accounts, root, Peer { child, folder })
}

fn spawn(folder: &Path, configuration: &Path, seeding: &str) -> Child {
    let log = fs::File::create(folder.join("log")).expect("the folder can be written");
    let mut command = tied("erl");
    // As Debian's ejabberdctl calls it.
    command.args(["-noinput", "+K", "true", "+P", "250000", "-mnesia", "dir"]);
    command.arg(format!("\"{}\"", folder.join("mnesia").display()));
    command.args(["-ejabberd", "quiet", "true", "-s", "ejabberd", "-eval", seeding]);
    command.env("ERL_LIBS", libraries()).env("ERL_MAX_PORTS", "32000").env("ERL_MAX_ETS_TABLES", "1400");
    command.env("EJABBERD_CONFIG_PATH", configuration).env("EJABBERD_LOG_PATH", folder.join("ejabberd.log"));
    command.env("SPOOL_DIR", folder).env("HOME", folder).env("ERL_CRASH_DUMP", folder.join("crash.dump"));
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("a file handle can be copied")).stderr(log);
    command.spawn().expect("erl can be started")
}

/// Debian has them by architecture.
fn libraries() -> String {
    format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH)
}

/// Registers one account and gives all others what is kept of its password: to derive each anew takes long.
fn seeding(folder: &Path, sizes: Sizes, password: &str) -> String {
    let Sizes { strangers, writers, colleagues, rooms: _ } = sizes;
    format!(
        "ejabberd_auth:try_register(<<\"s0\">>, <<\"localhost\">>, <<\"{password}\">>), \
         [Row] = mnesia:dirty_read(passwd, {{<<\"s0\">>, <<\"localhost\">>}}), \
         Give = fun(Kind, Count) -> [mnesia:dirty_write(setelement(2, Row, \
             {{list_to_binary(Kind ++ integer_to_list(N)), <<\"localhost\">>}})) || N <- lists:seq(0, Count - 1)] end, \
         Give(\"s\", {strangers}), Give(\"w\", {writers}), Give(\"c\", {colleagues}), \
         mod_shared_roster:create_group(<<\"localhost\">>, <<\"c\">>, [{{displayed_groups, [<<\"c\">>]}}, {{name, <<\"c\">>}}]), \
         [mod_shared_roster:add_user_to_group(<<\"localhost\">>, \
             {{list_to_binary(\"c\" ++ integer_to_list(N)), <<\"localhost\">>}}, <<\"c\">>) || N <- lists:seq(0, {colleagues} - 1)], \
         file:write_file(\"{}/seeded\", <<>>).",
        folder.display()
    )
}

fn wait_for_file(file: &Path) {
    let begun = Instant::now();
    while !file.exists() {
        assert!(begun.elapsed() < ACCOUNTS_LIMIT, "ejabberd made no accounts; its log is beside {}", file.display());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn configuration_text(folder: &Path, port: u16, archive: Archive) -> String {
    let modules: String = MODULES.split_whitespace().map(|name| format!("  mod_{name}: {{}}\n")).collect();
    let (sql, store) = match archive {
        Archive::Mnesia => (String::new(), "mnesia"),
        Archive::Sql => (format!("sql_type: sqlite\nsql_database: \"{}/archive.sqlite\"\n", folder.display()), "sql"),
    };
    let folder = folder.display();
    format!(
        "loglevel: warning\nhosts: [localhost]\ncertfiles: [\"{folder}/chain.pem\", \"{folder}/key.pem\"]\n\
         ca_file: \"{folder}/chain.pem\"\n{sql}\
         listen:\n  -\n    port: {port}\n    ip: \"127.0.0.1\"\n    module: ejabberd_http\n    tls: true\n    backlog: 1000\n    \
         request_handlers:\n      /xmpp-websocket: ejabberd_http_ws\n\
         auth_password_format: scram\nauth_scram_hash: sha256\ndisable_sasl_mechanisms: [\"digest-md5\", \"X-OAUTH2\"]\n\
         access_rules:\n  local:\n    allow: all\n  c2s:\n    allow: all\n\
         shaper_rules:\n  max_user_sessions: 10\n  c2s_shaper: none\n\
         modules:\n  mod_mam:\n    default: always\n    db_type: {store}\n  \
         mod_pubsub:\n    plugins: [flat, pep]\n{modules}"
    )
}
