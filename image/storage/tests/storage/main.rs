//! Whole runs of the storage on a folder that stands for the machine: a real LUKS volume in a file, the real cryptsetup,
//! and small fakes for what needs a device mapper, a TPM, or a person.

mod enrol;
mod machine;
mod older;
mod root_key;
mod start;
