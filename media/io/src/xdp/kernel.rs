//! The few requests of `bpf(2)` that are needed: make a map, load a program, attach it, run it once.
#![expect(unsafe_code, reason = "the kernel takes structures of pointers, and shares the memory of a map")]

use nix::libc;
use std::ffi::c_void;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64};

use super::assemble::Instruction;

const MAP_CREATE: libc::c_long = 0;
const PROG_LOAD: libc::c_long = 5;
const LINK_CREATE: libc::c_long = 28;
const TYPE_ARRAY: u32 = 2;
const TYPE_XDP: u32 = 6;
const ATTACH_XDP: u32 = 37;
/// The memory of a map may be shared with the process.
const MAPPABLE: u32 = 1 << 10;
/// Refused where only the general, slower way would be left.
const BY_ITS_DRIVER: u32 = 1 << 2;
/// The kernel's helpers that are for GPL programs only are not used.
const LICENCE: &std::ffi::CStr = c"Apache-2.0";
const NAME: &[u8; 16] = b"rainbow_relay\0\0\0";

#[repr(C)]
#[derive(Default)]
struct MapCreate {
    kind: u32,
    key_bytes: u32,
    value_bytes: u32,
    entries: u32,
    flags: u32,
    inner: u32,
    node: u32,
    name: [u8; 16],
}

#[repr(C)]
#[derive(Default)]
struct ProgLoad {
    kind: u32,
    count: u32,
    instructions: u64,
    licence: u64,
    log_level: u32,
    log_bytes: u32,
    log: u64,
    version: u32,
    flags: u32,
    name: [u8; 16],
    interface: u32,
    attach: u32,
}

#[repr(C)]
#[derive(Default)]
struct LinkCreate {
    program: u32,
    interface: u32,
    attach: u32,
    flags: u32,
}

/// One request; says the descriptor that it makes.
fn request<T>(command: libc::c_long, attributes: &mut T) -> io::Result<OwnedFd> {
    // SAFETY: the attributes are a live structure of plain numbers, of the length given, laid out as `union bpf_attr` begins for
    // this command; addresses in it lead to what the caller keeps until this returns.
    let done = unsafe { libc::syscall(libc::SYS_bpf, command, std::ptr::from_mut(attributes), size_of::<T>()) };
    match i32::try_from(done) {
        // SAFETY: the kernel just made it, and nobody else has it.
        Ok(descriptor) if descriptor >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(descriptor) }),
        _ => Err(io::Error::last_os_error()),
    }
}

fn address<T: ?Sized>(of: &T) -> u64 {
    std::ptr::from_ref(of).cast::<u8>().addr() as u64
}

fn number(descriptor: &OwnedFd) -> u32 {
    descriptor.as_raw_fd().cast_unsigned()
}

/// Values under numbers from 0 on, whose memory this process and programs of the kernel share.
#[derive(Debug)]
pub(crate) struct SharedArray {
    pub(crate) descriptor: OwnedFd,
    memory: NonNull<u8>,
    bytes: usize,
}

// SAFETY: the memory is the kernel's and lives as long as the mapping; it is read and written by atomics only.
unsafe impl Send for SharedArray {}
// SAFETY: as above.
unsafe impl Sync for SharedArray {}

impl SharedArray {
    /// So many values of so many bytes, a multiple of 8; all zero.
    pub(crate) fn new(value_bytes: u32, entries: u32) -> io::Result<Self> {
        let mut attributes = MapCreate {
            kind: TYPE_ARRAY,
            key_bytes: 4,
            value_bytes,
            entries,
            flags: MAPPABLE,
            name: *NAME,
            ..Default::default()
        };
        let descriptor = request(MAP_CREATE, &mut attributes)?;
        let bytes = usize::try_from(u64::from(value_bytes) * u64::from(entries)).unwrap_or(0);
        // SAFETY: a new mapping at a place of the kernel's choice, of a map that may be mapped, as long as it is.
        let memory = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                descriptor.as_fd().as_raw_fd(),
                0,
            )
        };
        let mapped = (memory != libc::MAP_FAILED).then(|| NonNull::new(memory.cast::<u8>())).flatten();
        let memory = mapped.ok_or_else(io::Error::last_os_error)?;
        Ok(Self { descriptor, memory, bytes })
    }

    /// Eight bytes of it, so far from its beginning.
    pub(crate) fn double(&self, at: usize) -> &AtomicU64 {
        assert!(at.is_multiple_of(8) && at + 8 <= self.bytes, "places of the table are ours");
        // SAFETY: within the mapping and aligned, as was asked just now (a mapping begins at a page); nobody makes another kind
        // of reference into it.
        unsafe { &*self.memory.as_ptr().add(at).cast::<AtomicU64>() }
    }

    /// Four bytes of it.
    pub(crate) fn word(&self, at: usize) -> &AtomicU32 {
        assert!(at.is_multiple_of(4) && at + 4 <= self.bytes, "places of the table are ours");
        // SAFETY: as above.
        unsafe { &*self.memory.as_ptr().add(at).cast::<AtomicU32>() }
    }
}

impl Drop for SharedArray {
    fn drop(&mut self) {
        // SAFETY: the mapping that `new` made; references into it borrow `self`.
        unsafe { libc::munmap(self.memory.as_ptr().cast::<c_void>(), self.bytes) };
    }
}

/// Has the kernel check a program and keep it.
pub(crate) fn load(instructions: &[Instruction]) -> io::Result<OwnedFd> {
    let mut attributes = ProgLoad {
        kind: TYPE_XDP,
        count: u32::try_from(instructions.len()).unwrap_or(u32::MAX),
        instructions: address(instructions),
        licence: address(LICENCE),
        name: *NAME,
        attach: ATTACH_XDP,
        ..Default::default()
    };
    request(PROG_LOAD, &mut attributes)
}

/// Attaches a program to an interface, by its driver, for as long as what is returned is open: until this process ends, however it ends.
pub(crate) fn attach(program: &OwnedFd, interface: u32) -> io::Result<OwnedFd> {
    let mut attributes = LinkCreate { program: number(program), interface, attach: ATTACH_XDP, flags: BY_ITS_DRIVER };
    request(LINK_CREATE, &mut attributes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const PROG_TEST_RUN: libc::c_long = 10;
    const LOG_BYTES: u32 = 1 << 20;

    #[repr(C)]
    #[derive(Default)]
    struct TestRun {
        program: u32,
        result: u32,
        bytes_in: u32,
        bytes_out: u32,
        data_in: u64,
        data_out: u64,
        repeat: u32,
        duration: u32,
    }

    /// What a program makes of one frame: its result, the frame, and how many nanoseconds a run took.
    pub(crate) fn run(program: &OwnedFd, frame: &[u8], repeat: u32) -> io::Result<(u32, Vec<u8>, u32)> {
        let mut out = vec![0_u8; frame.len() + 256];
        let mut attributes = TestRun {
            program: number(program),
            bytes_in: u32::try_from(frame.len()).expect("frames are short"),
            bytes_out: u32::try_from(out.len()).expect("frames are short"),
            data_in: address(frame),
            data_out: out.as_mut_ptr().addr() as u64,
            repeat,
            ..Default::default()
        };
        // SAFETY: as `request`; this command returns no descriptor.
        let done = unsafe { libc::syscall(libc::SYS_bpf, PROG_TEST_RUN, &raw mut attributes, size_of::<TestRun>()) };
        if done < 0 {
            return Err(io::Error::last_os_error());
        }
        out.truncate(usize::try_from(attributes.bytes_out).expect("a length"));
        Ok((attributes.result, out, attributes.duration))
    }

    /// Why the kernel refuses a program.
    pub(crate) fn complaint(instructions: &[Instruction]) -> String {
        let mut log = vec![0_u8; usize::try_from(LOG_BYTES).expect("a length")];
        let mut attributes = ProgLoad {
            kind: TYPE_XDP,
            count: u32::try_from(instructions.len()).expect("programs are short"),
            instructions: address(instructions),
            licence: address(LICENCE),
            log_level: 1,
            log_bytes: LOG_BYTES,
            log: log.as_mut_ptr().addr() as u64,
            attach: ATTACH_XDP,
            ..Default::default()
        };
        let _ = request(PROG_LOAD, &mut attributes);
        let text = String::from_utf8_lossy(&log).trim_end_matches('\0').to_owned();
        text.lines().rev().take(30).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}
