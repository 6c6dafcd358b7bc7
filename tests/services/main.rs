//! What `config/` holds for the box's system, and the server as systemd starts it.

mod accounts;
mod firewall;
mod root;
mod server;
mod units;
