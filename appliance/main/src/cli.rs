//! The command line. Scripts rely on it: names and meanings stay.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Rainbow Edge: the whole Rainbow collaboration service in a single box.
#[derive(Debug, Parser)]
#[command(name = "rainbow-edge", version, about, max_term_width = 100)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new box in an empty data folder (the administrator's password is read from standard input)
    Init(Init),
    /// Start the box in a data folder and keep it running; where there is none yet, it is set up in a browser
    Run(Run),
    /// The server role alone, as `run` and the system's service manager start it
    #[command(hide = true)]
    Server(Server),
    /// The worker role alone, for one picture
    #[command(hide = true)]
    Worker(Worker),
    /// The relay for calls: the media role alone (as `run` and the service manager start it, or as the whole of a relay at
    /// another site), and what is done about it
    Media(Media),
    /// Say how the box is
    Status(Status),
    /// Explain every mistake in the configuration and what is unsafe about the set-up
    Check(Folder),
    /// Accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Companies
    #[command(subcommand)]
    Company(CompanyCommand),
    /// Applications that identify themselves when they sign in
    #[command(subcommand)]
    Application(ApplicationCommand),
    /// The certificate of the TLS port; works while the box runs and while it does not
    #[command(subcommand)]
    Certificate(CertificateCommand),
    /// Databases and stored files: what is there, and first aid
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Backups: take one now, list them, show that they can be restored
    #[command(subcommand)]
    Backup(BackupCommand),
    /// List the routes of the REST interface
    Routes(Routes),
}

/// Where the box's data is, and the key to it.
#[derive(Debug, Clone, Args)]
pub struct Folder {
    /// Data folder of the box
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// File with the root key: 32 bytes, or 64 hexadecimal digits
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_file")]
    pub key_file: Option<PathBuf>,
    /// File with the passphrase that the root key is made from (Argon2id)
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// File with the recovery key, which opens the box when its root key or passphrase is lost
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key_file", "passphrase_file"])]
    pub recovery_key_file: Option<PathBuf>,
    /// TPM 2.0 that counts where it is there, whatever the configuration names (docs/vault.md)
    #[arg(long, value_name = "FILE")]
    pub tpm_device: Option<PathBuf>,
}

/// `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// Host name under which clients reach the box; may change later
    #[arg(long, value_name = "HOST")]
    pub name: String,
    /// XMPP domain, part of every address; never changes [default: the name given now]
    #[arg(long, value_name = "DOM")]
    pub domain: Option<String>,
    /// First company
    #[arg(long, value_name = "NAME")]
    pub company: String,
    /// E-mail address of its administrator, who also owns the box
    #[arg(long, value_name = "EMAIL")]
    pub admin: String,
    /// Make a recovery key and print it, this once
    #[arg(long)]
    pub recovery_key: bool,
}

/// `run`.
#[derive(Debug, Clone, Args)]
pub struct Run {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// Another host name for the box, from now on
    #[arg(long, value_name = "HOST")]
    pub name: Option<String>,
    /// Port for HTTPS and WSS [default: the configured one (443), else the next free one]
    #[arg(long, value_name = "PORT")]
    pub https: Option<u16>,
    /// Port that redirects to HTTPS [default: the configured one (80), else the next free one]
    #[arg(long, value_name = "PORT")]
    pub http: Option<u16>,
    /// UDP port of the relay for calls [default: the configured one (443), else a free one]
    #[arg(long, value_name = "PORT")]
    pub media: Option<u16>,
}

/// `server`.
#[derive(Debug, Clone, Args)]
pub struct Server {
    /// As for `run`.
    #[command(flatten)]
    pub run: Run,
    /// End when the process that started this one ends
    #[arg(long)]
    pub supervised: bool,
    /// Abstract socket of the worker [default: where systemd listens for it]
    #[arg(long, value_name = "NAME")]
    pub worker: Option<String>,
    /// Abstract sockets of the media node [default: where systemd listens for it]
    #[arg(long, value_name = "NAME")]
    pub media_node: Option<String>,
}

/// `worker`.
#[derive(Debug, Clone, Args)]
pub struct Worker {
    /// End when the process that started this one ends
    #[arg(long)]
    pub supervised: bool,
}

/// `media`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Media {
    /// What to do about it; nothing: to be it.
    #[command(subcommand)]
    pub command: Option<MediaCommand>,
    /// The role.
    #[command(flatten)]
    pub role: MediaRole,
}

/// The media role: the node of a box, or a relay at another site.
#[derive(Debug, Clone, Args)]
pub struct MediaRole {
    /// End when the process that started this one ends
    #[arg(long, hide = true)]
    pub supervised: bool,
    /// Abstract sockets for the server [default: as systemd gives them]
    #[arg(long, value_name = "NAME", hide = true)]
    pub node: Option<String>,
    /// UDP port [default: the configured one (443)]
    #[arg(long, value_name = "PORT")]
    pub udp: Option<u16>,
    /// Configuration file, of which [media], [gate] and [log] count
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Relay for the box that `media enrol` wrote this file on, without a server, and store nothing
    #[arg(long, value_name = "FILE", requires_all = ["chain", "key"], conflicts_with = "node")]
    pub enrolled: Option<PathBuf>,
    /// TCP port for TLS [default: the configured one (443)]
    #[arg(long, value_name = "PORT", requires = "enrolled")]
    pub https: Option<u16>,
    /// PEM file with the relay's certificate, followed by those of its issuers
    #[arg(long, value_name = "FILE", requires = "enrolled")]
    pub chain: Option<PathBuf>,
    /// PEM file with the certificate's private key, unencrypted
    #[arg(long, value_name = "FILE", requires = "enrolled")]
    pub key: Option<PathBuf>,
}

/// `media` and what to do.
#[derive(Debug, Clone, Subcommand)]
pub enum MediaCommand {
    /// Try the relay as a call would, by UDP and by TLS, and say what does not work
    Probe(MediaProbe),
    /// Make the key of a relay at another site and print it, this once: the file that it is started with; calls use it from now on
    Enrol(MediaEnrol),
    /// Print the systemd unit of a machine that is only a relay: rainbow-edge-relay.service
    Unit,
    /// Send no more calls to a relay of another site
    Dismiss(MediaDismiss),
    /// List the relays of other sites
    List(Folder),
}

/// `media probe`.
#[derive(Debug, Clone, Args)]
pub struct MediaProbe {
    /// Where the box is, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// Try this address instead of what the box's name leads to
    #[arg(long, value_name = "ADDRESS")]
    pub at: Option<std::net::IpAddr>,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `media enrol`.
#[derive(Debug, Clone, Args)]
pub struct MediaEnrol {
    /// Where the box is, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// Name or address by which clients reach the relay
    #[arg(long, value_name = "HOST")]
    pub host: String,
    /// Its UDP and TCP port
    #[arg(long, value_name = "PORT", default_value_t = 443)]
    pub port: u16,
}

/// `media dismiss`.
#[derive(Debug, Clone, Args)]
pub struct MediaDismiss {
    /// Where the box is, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// Name or address, as given when it was enrolled
    #[arg(long, value_name = "HOST")]
    pub host: String,
}

/// `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Data folder of the box
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// As JSON, for scripts; `ready` tells whether people are served
    #[arg(long)]
    pub json: bool,
}

/// `user`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add an account (its password is read from standard input); works while the box runs and while it does not
    Add(UserAdd),
}

/// `user add`.
#[derive(Debug, Args)]
pub struct UserAdd {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// Company that the user belongs to
    #[arg(long, value_name = "NAME")]
    pub company: String,
    /// E-mail address by which the user signs in
    #[arg(long, value_name = "E")]
    pub email: String,
    /// First name
    #[arg(long, value_name = "F")]
    pub first_name: Option<String>,
    /// Last name
    #[arg(long, value_name = "L")]
    pub last_name: Option<String>,
    /// The user administers the company
    #[arg(long)]
    pub admin: bool,
}

/// `company`.
#[derive(Debug, Subcommand)]
pub enum CompanyCommand {
    /// Add a company
    Add(CompanyAdd),
}

/// `company add`.
#[derive(Debug, Args)]
pub struct CompanyAdd {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// Its name
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Who sees it: public, private, organization, closed, isolated [default: public]
    #[arg(long, value_name = "MODE")]
    pub visibility: Option<String>,
    /// What it is: customer, partner (administers customers), default (people who belong to no company) [default: customer]
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
}

/// `application`.
#[derive(Debug, Subcommand)]
pub enum ApplicationCommand {
    /// Register an application; prints its id and, this once, its secret
    Add(ApplicationAdd),
}

/// `application add`.
#[derive(Debug, Args)]
pub struct ApplicationAdd {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// Its name
    #[arg(long, value_name = "NAME")]
    pub name: String,
}

/// `certificate`.
#[derive(Debug, Subcommand)]
pub enum CertificateCommand {
    /// Show a certificate of a CA of your choice; a running box shows it at once, and open connections go on
    Set(CertificateSet),
    /// Tell which certificate is shown, for which names and until when
    Show(CertificateShow),
    /// Forget the given certificate and its key: the box's own CA signs again
    Remove(Folder),
}

/// `certificate set`.
#[derive(Debug, Args)]
pub struct CertificateSet {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// PEM file with the box's certificate, followed by those of its issuers, each signed by the next
    #[arg(long, value_name = "FILE")]
    pub chain: PathBuf,
    /// PEM file with the certificate's private key, unencrypted; kept in the encrypted directory, so remove the file
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
}

/// `certificate show`.
#[derive(Debug, Args)]
pub struct CertificateShow {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `vault`.
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Tell what is there: databases, sizes, keys, logs, files; works while the box runs and while it does not
    ///
    /// One line a database: its size and pages, the write-ahead log beside it, the epochs of the keys that open its pages (two while
    /// a key is turned), its schema and the newest that this version knows, shared files. Above them: what was last noted of all
    /// databases and of the TPM's counter, older states that somebody accepted, companies that were written out in clear. It writes
    /// nothing and looks into no content. A database that does not open is named, with why, and the others are told all the same.
    ///
    /// Ends with 0, or where nothing could be told with another number (2: wrong use, 65: wrong key, 75: in use by another process).
    Info(VaultInfo),
    /// Look whether all of it is sound: every seal, the logs, SQLite's own checks, rows beside files. It mends nothing.
    ///
    /// Ends with 0 where everything is sound, with 4 where something is hurt, with 8 where something could not be looked at, and
    /// with another number where it did not even begin (2: wrong use, 65: wrong key, 75: in use by another process). A running
    /// box looks itself, beside those whom it serves and at most half of the time; stop it for the fastest look.
    Check(VaultCheck),
    /// Take the data of a stopped box for the newest there is: after a backup was put back by hand, or when the newest is lost.
    ///
    /// A box notes now and then which state its databases are in, and refuses one that is older: somebody may have put it back to
    /// undo what was done since. This notes the present state instead, counts the TPM's counter up where there is one, and leaves
    /// a trace that `vault info` tells.
    Accept(VaultAccept),
    /// Bring a box back from a backup, into a folder that holds none; the same line goes on with a restore that was cut off
    ///
    /// Every page and every file is opened under its key and compared with what was backed up before the folder is a box; until then
    /// it is none. It tells which snapshot it was and what is missing: all that came after it, companies that were erased since or
    /// could not be read then, files that were lost before. --dry-run tells that and writes nothing. Afterwards nobody is signed in,
    /// passwords and rights are those of the snapshot, and the old box must not run any more.
    ///
    /// Ends with 0 where all of it is back, else with another number (2: wrong use, or a folder that holds something, 65: wrong key,
    /// or a backup that is damaged or cannot be reached, 74: the disk failed, 75: in use by another process).
    Restore(VaultRestore),
    /// Give a company, the directory or the box another key, while people read and write
    ///
    /// Whatever is written from then on is sealed under the new key. What lies under the old one is sealed anew in the
    /// background, page by page, with a seventeenth of the writer's time; `status` tells how far it is. A crash or a stop takes nothing
    /// back: the next start goes on. When nothing is left, the old key is forgotten, and opens older copies and backups only.
    /// It may be interrupted: a running box goes on by itself, and a stopped one with its next start.
    ///
    /// Ends with 0 where the old key is gone, else with another number (1: it stopped, at a damaged page for example, and the old key
    /// is kept, 2: wrong use, 65: wrong key, 75: in use by another process).
    Rekey(VaultRekey),
    /// Open the box by another passphrase from now on
    ///
    /// The root key is made from it (Argon2id). Whatever opened the box before, a key or a passphrase, opens nothing any more; the
    /// recovery key stays, and has to be given where the box has one. A box that runs goes on; start it with --passphrase-file.
    Passphrase(VaultPassphrase),
    /// Erase a company by destroying its key
    ///
    /// Its people are signed out, its messages and files open nowhere any more, in no backup and no copy. What its people wrote to
    /// others stays with those, under the name `***`. It tells what would go, and asks for the company's name, typed; then it
    /// prints a receipt that the box has signed. It cannot be taken back. Interrupted after the name was typed, it goes on in the box,
    /// or with its next start. Whoever wants to keep something exports it first: `rainbow-edge vault export`.
    ///
    /// Ends with 0 where it is erased, else with another number (1: refused, 2: wrong use, 65: wrong key, 75: in use by another process).
    Erase(VaultErase),
    /// Write a company out in clear, for who takes its data along: people, messages, files, and a plain database
    ///
    /// The folder holds people as CSV and JSON, each conversation and each bubble as JSON Lines, shared files under their names, all
    /// rows as a plain SQLite database, and the SHA-256 of each (README.txt there says what is what). Passwords, sign-ins, tokens and
    /// keys are not in it, nor what was deleted. Nothing of it is encrypted: it takes the key of the box, tells what would be written,
    /// and asks for the company's name, typed. The folder is its owner's alone, and is there whole or not at all: what an export that
    /// was cut off left, under the name with .part behind it, the same line removes and begins anew.
    ///
    /// Works while the box runs and while it does not. A running box lays down a sealed snapshot in its data folder, which needs room
    /// for the database there and goes afterwards; people go on. The box notes that it was done: `vault info` tells it.
    ///
    /// Ends with 0 where all of it was written, with 4 where files could not be read (the rest was written), else with another
    /// number (1: refused, or not finished, and nothing is left of it, 2: wrong use, 65: wrong key, 75: in use by another process).
    Export(VaultExport),
    /// Tell the receipts of erased companies, and the key of the box that signed them
    Receipts(Folder),
    /// Tell whether a receipt is authentic; needs no box
    Receipt(VaultReceipt),
    /// Make another recovery key: it is shown once, and counts as soon as it has been typed
    ///
    /// Until then the one before opens the box, and from then on it opens nothing. On a machine of the box's own the disk gets the
    /// same key; where the disk does not take it, all stays as it was.
    RecoveryKey(VaultRecoveryKey),
}

/// `vault accept`.
#[derive(Debug, Args)]
pub struct VaultAccept {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// That the data may be older than it was once
    #[arg(long)]
    pub older_state: bool,
    /// Why, for who looks at the trace
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Wait at most so long for a server that is just being started and refuses
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=600))]
    pub wait_s: u16,
}

/// `vault check`.
#[derive(Debug, Args)]
pub struct VaultCheck {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// One company alone, by its id (`vault info` lists them)
    #[arg(long, value_name = "ID")]
    pub company: Option<String>,
    /// Read all bytes of stored files too, not only whether they are there
    #[arg(long)]
    pub files: bool,
    /// The seals of pages and logs alone
    #[arg(long, conflicts_with = "files")]
    pub quick: bool,
    /// End the look that a running box is at, if somebody who began it went away
    #[arg(long, conflicts_with_all = ["company", "files", "quick"])]
    pub stop: bool,
    /// As JSON, for scripts; the exit code is the same
    #[arg(long)]
    pub json: bool,
}

/// `vault restore`.
#[derive(Debug, Args)]
pub struct VaultRestore {
    /// Where to, and the key: the recovery key, or what opened the box.
    #[command(flatten)]
    pub folder: Folder,
    /// Where the backups are: file:///PATH, s3://ACCESSKEY@HOST/BUCKET, sftp://USER@HOST/PATH?host_key=SHA256:..., davs://USER@HOST/PATH
    #[arg(long, value_name = "ADDRESS")]
    pub from: String,
    /// File with the secret of that address: the secret key of S3, a password, a private key of SSH
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// PEM file of further CAs that are trusted for s3 and davs
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Number of the snapshot [default: the newest]
    #[arg(long, value_name = "N")]
    pub snapshot: Option<u64>,
    /// Tell what would come and what would be lost, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `vault rekey`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whose").required(true).args(["company", "directory", "root"]))]
pub struct VaultRekey {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// A company's key, by the company's id: all its pages are sealed and its files' keys wrapped anew
    #[arg(long, value_name = "ID")]
    pub company: Option<String>,
    /// The key of the directory, which holds no content but who belongs where
    #[arg(long)]
    pub directory: bool,
    /// The root key: the keys of directory and companies are wrapped anew, and the old one opens nothing at once
    #[arg(long)]
    pub root: bool,
    /// With --root: file with the new root key [default: the box makes another root.key in its data folder]
    #[arg(long, value_name = "FILE")]
    pub new_key_file: Option<PathBuf>,
    /// With --root: file with the box's recovery key, which has to open the box afterwards too
    #[arg(long, value_name = "FILE")]
    pub recovery: Option<PathBuf>,
    /// Only tell what it would go through
    #[arg(long)]
    pub dry_run: bool,
}

/// `backup`.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Take a snapshot and send it to the targets; works while the box runs and while it does not
    Now(BackupNow),
    /// List the snapshots at the targets
    List(BackupList),
    /// Show that a backup can be restored: bring it into a scratch folder, open every page and file, compare
    Verify(BackupVerify),
}

/// `backup now`.
#[derive(Debug, Args)]
pub struct BackupNow {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// One target [default: all]
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// Look at everything anew, remove what no snapshot needs, and verify the result by a restore
    #[arg(long)]
    pub full: bool,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `backup list`.
#[derive(Debug, Args)]
pub struct BackupList {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// One target [default: all]
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `backup verify`.
#[derive(Debug, Args)]
pub struct BackupVerify {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// One target [default: all]
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// Number of the snapshot [default: the newest]
    #[arg(long, value_name = "N")]
    pub snapshot: Option<u64>,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `vault erase`.
#[derive(Debug, Args)]
pub struct VaultErase {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// The company's id
    #[arg(long, value_name = "ID")]
    pub company: String,
    /// For scripts: the company's name, in place of typing it
    #[arg(long, value_name = "NAME")]
    pub yes_erase: Option<String>,
    /// Keep the signed receipt in a new file [default: it is printed]
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// Only tell what would go
    #[arg(long)]
    pub dry_run: bool,
}

/// `vault export`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["company", "all"]))]
pub struct VaultExport {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// One company, by id or name
    #[arg(long, value_name = "ID|NAME")]
    pub company: Option<String>,
    /// All companies, each in a folder of its own
    #[arg(long)]
    pub all: bool,
    /// Folder that is to be made, or an empty one; never in the data folder
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// For scripts: nobody is asked
    #[arg(long)]
    pub yes_in_clear: bool,
    /// Only tell what would be written, and whether there is room for it
    #[arg(long)]
    pub dry_run: bool,
}

/// `vault receipt`.
#[derive(Debug, Args)]
pub struct VaultReceipt {
    /// File with the receipt
    #[arg(long, value_name = "FILE")]
    pub verify: PathBuf,
    /// The key that has to have signed it, in hexadecimal, as `vault receipts` tells it
    #[arg(long, value_name = "HEX")]
    pub public_key: Option<String>,
}

/// `vault passphrase`.
#[derive(Debug, Args)]
pub struct VaultPassphrase {
    /// Where, and the key of now.
    #[command(flatten)]
    pub folder: Folder,
    /// File with the new passphrase, 12 characters or more; `/dev/stdin` reads it from standard input
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: PathBuf,
    /// File with the box's recovery key, which has to open the box afterwards too
    #[arg(long, value_name = "FILE")]
    pub recovery: Option<PathBuf>,
    /// Only tell what it would go through
    #[arg(long)]
    pub dry_run: bool,
}

/// `vault recovery-key`.
#[derive(Debug, Args)]
pub struct VaultRecoveryKey {
    /// Where, and the key of now.
    #[command(flatten)]
    pub folder: Folder,
}

/// `vault info`.
#[derive(Debug, Args)]
pub struct VaultInfo {
    /// Where, and the key.
    #[command(flatten)]
    pub folder: Folder,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

/// `routes`.
#[derive(Debug, Args)]
pub struct Routes {
    /// As JSON: method, path, access, whether the list is empty by design
    #[arg(long)]
    pub json: bool,
}
