//! What the node gives up once its sockets are open: files, other processes, and sockets other than those of IP datagrams. On a box systemd
//! takes most of it away once more.

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter_all_threads,
};
use std::collections::BTreeMap;
use thiserror::Error;

use nix::libc;

/// Calls that stay. Anything else ends the process.
const CALLS: &[libc::c_long] = &[
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_accept4,
    libc::SYS_bind,
    libc::SYS_setsockopt,
    libc::SYS_getsockopt,
    libc::SYS_getsockname,
    libc::SYS_shutdown,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_ppoll,
    libc::SYS_fcntl,
    libc::SYS_ioctl,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getcpu,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
/// Older ways to wait, which only one kind of machine has.
#[cfg(target_arch = "x86_64")]
const CALLS_OF_MACHINE: &[libc::c_long] = &[libc::SYS_epoll_wait, libc::SYS_poll];
#[cfg(not(target_arch = "x86_64"))]
const CALLS_OF_MACHINE: &[libc::c_long] = &[];

/// Datagrams of IP for relayed addresses; netlink tells the machine's own addresses.
const FAMILIES: [libc::c_int; 3] = [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Why the process could not be confined: it must not go on.
#[derive(Debug, Error)]
pub enum ConfineError {
    /// The filter cannot be made for this machine.
    #[error("the filter of system calls could not be made")]
    Filter(#[from] seccompiler::BackendError),
    /// The kernel does not take the filter.
    #[error("the kernel does not take the filter of system calls")]
    Refused(#[from] seccompiler::Error),
}

/// Gives up whatever relaying does not need, for all threads and the rest of this process's life.
///
/// # Errors
/// [`ConfineError`].
pub fn confine() -> Result<(), ConfineError> {
    Ok(apply_filter_all_threads(&filter()?)?)
}

fn filter() -> Result<BpfProgram, ConfineError> {
    let calls = CALLS.iter().chain(CALLS_OF_MACHINE);
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = calls.map(|call| (*call, Vec::new())).collect();
    let equals = |argument, value: libc::c_int| {
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, u64::from(value.unsigned_abs()))
    };
    // Memory is never made to hold code.
    let executable = u64::from(libc::PROT_EXEC.unsigned_abs());
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        let masked = SeccompCmpOp::MaskedEq(executable);
        let data_only = SeccompCondition::new(2, SeccompCmpArgLen::Dword, masked, 0)?;
        rules.insert(call, vec![SeccompRule::new(vec![data_only])?]);
    }
    let families = FAMILIES.into_iter().map(|family| SeccompRule::new(vec![equals(0, family)?]));
    rules.insert(libc::SYS_socket, families.collect::<Result<_, _>>()?);
    // The allocator names the memory that it takes.
    rules.insert(libc::SYS_prctl, vec![SeccompRule::new(vec![equals(0, libc::PR_SET_VMA)?])?]);
    let machine = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, machine)?;
    Ok(filter.try_into()?)
}
