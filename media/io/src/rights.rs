//! What a process may do beyond others.
#![expect(unsafe_code, reason = "the kernel takes structures")]

use nix::libc;
use std::io;

/// `_LINUX_CAPABILITY_VERSION_3`: two words of each set.
const VERSION: u32 = 0x2008_0522;

#[repr(C)]
struct Head {
    version: u32,
    thread: i32,
}

/// Gives up every capability of this thread, and of those that it will start. To be called before the first of them.
///
/// # Errors
/// What the kernel says.
pub fn give_up_rights() -> io::Result<()> {
    let mut head = Head { version: VERSION, thread: 0 };
    // Effective, permitted and inheritable, twice; ambient ones go with them.
    let mut sets = [0_u32; 6];
    // SAFETY: both are live and laid out as version 3 of the call takes them.
    let done = unsafe { libc::syscall(libc::SYS_capset, &raw mut head, sets.as_mut_ptr()) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
