//! What an image is for, and the processor that it runs on.

/// What the image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    /// Virtual machines.
    Vm,
    /// Mini PCs and other hardware.
    Pc,
    /// Virtual machines of 64-bit ARM.
    Arm64,
}

/// Names of one kind of processor.
#[derive(Debug)]
pub(super) struct Processor {
    /// mkosi's.
    pub(super) mkosi: &'static str,
    /// In the names of systemd's EFI programs.
    pub(super) efi: &'static str,
    /// The program that firmware starts by itself.
    pub(super) boot: &'static str,
    /// Type of the root's partition (Discoverable Partitions Specification); `-verity` behind it is that of the hashes.
    pub(super) root: &'static str,
    /// The serial port that the kernel's words go to.
    pub(super) serial: &'static str,
}

const X86_64: Processor =
    Processor { mkosi: "x86-64", efi: "x64", boot: "BOOTX64.EFI", root: "root-x86-64", serial: "ttyS0" };
const AARCH64: Processor =
    Processor { mkosi: "arm64", efi: "aa64", boot: "BOOTAA64.EFI", root: "root-arm64", serial: "ttyAMA0" };

impl Flavour {
    pub(super) const ALL: [Self; 3] = [Self::Vm, Self::Pc, Self::Arm64];

    /// Also the name of the folder below `target/image` and of mkosi's profile.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Vm => "vm",
            Self::Pc => "pc",
            Self::Arm64 => "arm64",
        }
    }

    /// The parts of Debian's archive. Only hardware needs firmware that is not free.
    pub(super) fn parts(self) -> &'static str {
        match self {
            Self::Vm | Self::Arm64 => "main",
            Self::Pc => "main non-free-firmware",
        }
    }

    pub(super) fn processor(self) -> &'static Processor {
        match self {
            Self::Vm | Self::Pc => &X86_64,
            Self::Arm64 => &AARCH64,
        }
    }
}
