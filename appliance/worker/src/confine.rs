//! What is given up before the first byte of a stranger is read, wherever the worker runs: files, network, other processes,
//! and more memory or time than a picture takes. On a box systemd takes most of it away once more (`config/systemd`).

use nix::sys::resource::{Resource, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter,
};
use std::collections::BTreeMap;
use thiserror::Error;

/// Memory of the whole process.
const MEMORY_BYTES_MAX: u64 = 640 * 1024 * 1024;
/// A picture that takes longer is none: the process is killed.
const PROCESSOR_S_MAX: u64 = 10;

/// Calls that stay: bytes of what is open already, memory without code, the end. Anything else ends the process.
const CALLS: [nix::libc::c_long; 23] = [
    nix::libc::SYS_read,
    nix::libc::SYS_readv,
    nix::libc::SYS_recvfrom,
    nix::libc::SYS_write,
    nix::libc::SYS_writev,
    nix::libc::SYS_sendto,
    nix::libc::SYS_close,
    nix::libc::SYS_munmap,
    nix::libc::SYS_mremap,
    nix::libc::SYS_madvise,
    nix::libc::SYS_brk,
    nix::libc::SYS_futex,
    nix::libc::SYS_sched_yield,
    nix::libc::SYS_clock_gettime,
    nix::libc::SYS_getcpu,
    nix::libc::SYS_getrandom,
    nix::libc::SYS_setsockopt,
    nix::libc::SYS_sigaltstack,
    nix::libc::SYS_rt_sigprocmask,
    nix::libc::SYS_rt_sigreturn,
    nix::libc::SYS_restart_syscall,
    nix::libc::SYS_exit,
    nix::libc::SYS_exit_group,
];

/// Why the process could not be confined: it must not go on.
#[derive(Debug, Error)]
pub enum ConfineError {
    /// The system refuses a limit.
    #[error("the limit of {what} could not be set")]
    Limit {
        /// Of what.
        what: &'static str,
        /// Why.
        #[source]
        source: nix::Error,
    },
    /// The filter cannot be made for this machine.
    #[error("the filter of system calls could not be made")]
    Filter(#[from] seccompiler::BackendError),
    /// The kernel does not take the filter.
    #[error("the kernel does not take the filter of system calls")]
    Refused(#[from] seccompiler::Error),
}

/// Gives up whatever a picture does not need, for the rest of this process's life.
///
/// # Errors
/// [`ConfineError`].
pub fn confine() -> Result<(), ConfineError> {
    for (resource, most, what) in [
        (Resource::RLIMIT_AS, MEMORY_BYTES_MAX, "memory"),
        (Resource::RLIMIT_CPU, PROCESSOR_S_MAX, "processor time"),
        (Resource::RLIMIT_CORE, 0, "core dumps"),
        (Resource::RLIMIT_FSIZE, 0, "written files"),
    ] {
        setrlimit(resource, most, most).map_err(|source| ConfineError::Limit { what, source })?;
    }
    Ok(apply_filter(&filter()?)?)
}

fn filter() -> Result<BpfProgram, ConfineError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = CALLS.iter().map(|call| (*call, Vec::new())).collect();
    // Memory is never made to hold code.
    let executable = u64::from(nix::libc::PROT_EXEC.unsigned_abs());
    for call in [nix::libc::SYS_mmap, nix::libc::SYS_mprotect] {
        let masked = SeccompCmpOp::MaskedEq(executable);
        let data_only = SeccompCondition::new(2, SeccompCmpArgLen::Dword, masked, 0)?;
        rules.insert(call, vec![SeccompRule::new(vec![data_only])?]);
    }
    // The allocator names the memory that it takes.
    let naming = SeccompCmpOp::Eq;
    let naming =
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, naming, u64::from(nix::libc::PR_SET_VMA.unsigned_abs()))?;
    rules.insert(nix::libc::SYS_prctl, vec![SeccompRule::new(vec![naming])?]);
    let machine = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, machine)?;
    Ok(filter.try_into()?)
}
