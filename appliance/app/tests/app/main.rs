//! What can be seen only from inside the application: devices that come and go, lives by a clock that is moved.

mod accounts;
mod application_passwords;
mod backups;
mod between_companies;
mod devices;
mod erasing;
mod files_left;
mod guests;
mod joining;
mod late;
mod lock_out;
mod polls;
mod sessions;
mod setup;
mod signs_of_life;
mod support;
