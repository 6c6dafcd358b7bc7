//! The disk: a boot partition, two places for roots, of which the second is empty, and room for data.

use super::{Build, recipe};
use crate::{Failure, Outcome};

/// One partition, as systemd-repart reads it.
pub(super) struct Partition {
    pub(super) file: &'static str,
    pub(super) text: String,
}

/// A disk, or a stick: named, so that its parts are made alike in every build.
pub(super) struct Disk {
    pub(super) file: &'static str,
    pub(super) size: &'static str,
    pub(super) seed: &'static str,
}

/// Room for all: what is left over becomes the data partition at the first boot. The file is sparse.
const DISK: Disk = Disk { file: "disk.raw", size: "8G", seed: "5f0c3a52-6a0e-4d0b-9c66-0f6d1b5b1c03" };

/// Composes `disk.raw`.
///
/// # Errors
/// `Failed` when a tool fails.
pub(super) fn compose(build: &Build) -> Outcome {
    boot_partition(build)?;
    let empty = |kind: &str| format!("[Partition]\nType={kind}\nLabel=_empty\n");
    let mut partitions = vec![esp(build, "esp", "esp")];
    partitions.extend(system(build)?);
    let kind = build.flavour.processor().root;
    partitions.push(Partition { file: "30-root-b.conf", text: empty(kind) + &size("512M") });
    partitions.push(Partition { file: "31-root-b-verity.conf", text: empty(&format!("{kind}-verity")) + &size("32M") });
    write(build, &DISK, &partitions)
}

/// Writes a disk with these partitions.
///
/// # Errors
/// `Failed` when a tool fails.
pub(super) fn write(build: &Build, disk: &Disk, partitions: &[Partition]) -> Outcome {
    let folder = format!("{}.repart", disk.file);
    super::remove(&build.file(&folder))?;
    for partition in partitions {
        super::write(&build.file(&folder).join(partition.file), &partition.text)?;
    }
    super::remove(&build.file(disk.file))?;
    let mut repart = build.tool("systemd-repart");
    repart.args(["--offline=yes", "--empty=create", "--dry-run=no", "--root=/", "--no-pager"]);
    // Without its size of a sector, the boot partition is made for disks of 4 KiB, and firmware finds nothing in it.
    repart.args(["--sector-size=512", &format!("--size={}", disk.size), &format!("--seed={}", disk.seed)]);
    repart.arg(format!("--definitions={}", build.inside(&folder))).arg(build.inside(disk.file));
    build.run("composing the disk", &format!("{}.repart", disk.file), &mut repart)
}

/// The boot partition, filled from a folder.
pub(super) fn esp(build: &Build, label: &str, folder: &str) -> Partition {
    let text = format!("[Partition]\nType=esp\nFormat=vfat\nLabel={label}\nCopyFiles={}:/\n", build.inside(folder));
    Partition { file: "10-esp.conf", text: text + &size("260M") }
}

/// Root and hashes, in the place that is first used.
///
/// # Errors
/// `Failed` when the root is not made.
pub(super) fn system(build: &Build) -> Result<[Partition; 2], Failure> {
    let hash = recipe::root_hash(build)?;
    let (root, verity) = (hash.get(..32).unwrap_or_default(), hash.get(32..64).unwrap_or_default());
    let version = &build.version;
    let filled = |kind: &str, label: &str, half: &str, blocks: &str| {
        let uuid = uuid(half);
        format!("[Partition]\nType={kind}\nLabel={label}\nUUID={uuid}\nCopyBlocks={}\n", build.inside(blocks))
    };
    let kind = build.flavour.processor().root;
    let a = filled(kind, &format!("rainbow-edge_{version}"), root, "root.raw");
    let hashes = filled(&format!("{kind}-verity"), &format!("rainbow-edge_{version}_verity"), verity, "verity.raw");
    Ok([
        Partition { file: "20-root-a.conf", text: a + &size("512M") },
        Partition { file: "21-root-a-verity.conf", text: hashes + &size("32M") },
    ])
}

/// systemd-boot and the kernel. `+3-0` in the name: three tries, then the other slot's turn.
fn boot_partition(build: &Build) -> Outcome {
    let esp = build.file("esp");
    super::remove(&esp)?;
    super::folder(&esp.join("EFI/BOOT"))?;
    super::folder(&esp.join("EFI/Linux"))?;
    let processor = build.flavour.processor();
    let loader = format!("mkosi/image/usr/lib/systemd/boot/efi/systemd-boot{}.efi", processor.efi);
    recipe::sign(build, &loader, &format!("esp/EFI/BOOT/{}", processor.boot))?;
    let kernel = esp.join(format!("EFI/Linux/rainbow-edge_{}+3-0.efi", build.version));
    let from = build.file("rainbow-edge.efi");
    std::fs::copy(&from, &kernel).map_err(|error| super::failed("copy", &from, &error))?;
    super::write(&esp.join("loader/loader.conf"), "timeout 0\neditor no\nconsole-mode keep\n")
}

/// Slots never change their size: the next root must fit where this one is.
fn size(value: &str) -> String {
    format!("SizeMinBytes={value}\nSizeMaxBytes={value}\n")
}

/// Half of a root hash as a partition's UUID: so the initrd finds the root that it must have, in whichever slot.
fn uuid(half: &str) -> String {
    let part = |from: usize, to: usize| half.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::{size, uuid};

    #[test]
    fn half_a_root_hash_is_the_uuid_of_a_partition() {
        assert_eq!(uuid("00112233445566778899aabbccddeeff"), "00112233-4455-6677-8899-aabbccddeeff");
    }

    #[test]
    fn a_slot_has_one_size() {
        assert_eq!(size("32M"), "SizeMinBytes=32M\nSizeMaxBytes=32M\n");
    }
}
