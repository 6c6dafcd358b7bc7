//! The disk: a boot partition, two places for roots, of which the second is empty, and room for data.

use super::{Build, recipe};
use crate::Outcome;

/// One partition, as systemd-repart reads it.
struct Partition {
    file: &'static str,
    text: String,
}

/// Room for all: what is left over becomes the data partition at the first boot. The file is sparse.
const DISK_SIZE: &str = "8G";
const SEED: &str = "5f0c3a52-6a0e-4d0b-9c66-0f6d1b5b1c03";

/// Composes `disk.raw`.
///
/// # Errors
/// `Failed` when a tool fails.
pub(super) fn compose(build: &Build) -> Outcome {
    boot_partition(build)?;
    let hash = recipe::root_hash(build)?;
    let definitions = build.file("disk.repart");
    super::remove(&definitions)?;
    for partition in partitions(build, &hash) {
        super::write(&definitions.join(partition.file), &partition.text)?;
    }
    super::remove(&build.file("disk.raw"))?;
    let mut repart = build.tool("systemd-repart");
    repart.args(["--offline=yes", "--empty=create", "--dry-run=no", "--root=/", "--no-pager"]);
    // Without its size of a sector, the boot partition is made for disks of 4 KiB, and firmware finds nothing in it.
    repart.args(["--sector-size=512", &format!("--size={DISK_SIZE}"), &format!("--seed={SEED}")]);
    repart.arg(format!("--definitions={}", build.inside("disk.repart"))).arg(build.inside("disk.raw"));
    build.run("composing the disk", "repart", &mut repart)
}

/// systemd-boot and the kernel. `+3-0` in the name: three tries, then the other slot's turn.
fn boot_partition(build: &Build) -> Outcome {
    let esp = build.file("esp");
    super::remove(&esp)?;
    super::folder(&esp.join("EFI/BOOT"))?;
    super::folder(&esp.join("EFI/Linux"))?;
    let loader = "mkosi/image/usr/lib/systemd/boot/efi/systemd-bootx64.efi";
    recipe::sign(build, loader, "esp/EFI/BOOT/BOOTX64.EFI")?;
    let kernel = esp.join(format!("EFI/Linux/rainbow-edge_{}+3-0.efi", build.version));
    let from = build.file("rainbow-edge.efi");
    std::fs::copy(&from, &kernel).map_err(|error| super::failed("copy", &from, &error))?;
    super::write(&esp.join("loader/loader.conf"), "timeout 0\neditor no\nconsole-mode keep\n")
}

fn partitions(build: &Build, hash: &str) -> Vec<Partition> {
    let version = &build.version;
    let part = |file, text| Partition { file, text };
    let (root, verity) = (size("512M"), size("32M"));
    let filled = |kind: &str, label: &str, uuid: &str, blocks: &str| {
        format!("[Partition]\nType={kind}\nLabel={label}\nUUID={uuid}\nCopyBlocks={}\n", build.inside(blocks))
    };
    let a = filled("root-x86-64", &format!("rainbow-edge_{version}"), &uuid(&hash[..32]), "root.raw");
    let a_verity =
        filled("root-x86-64-verity", &format!("rainbow-edge_{version}_verity"), &uuid(&hash[32..]), "verity.raw");
    let empty = |kind: &str| format!("[Partition]\nType={kind}\nLabel=_empty\n");
    let esp = format!("[Partition]\nType=esp\nFormat=vfat\nLabel=esp\nCopyFiles={}:/\n", build.inside("esp"));
    vec![
        part("10-esp.conf", format!("{esp}{}", size("260M"))),
        part("20-root-a.conf", format!("{a}{root}")),
        part("21-root-a-verity.conf", format!("{a_verity}{verity}")),
        part("30-root-b.conf", format!("{}{root}", empty("root-x86-64"))),
        part("31-root-b-verity.conf", format!("{}{verity}", empty("root-x86-64-verity"))),
    ]
}

/// Slots never change their size: the next root must fit where this one is.
fn size(value: &str) -> String {
    format!("SizeMinBytes={value}\nSizeMaxBytes={value}\n")
}

/// Half of a root hash as a partition's UUID: so the initrd finds the root that it must have, in whichever slot.
fn uuid(half: &str) -> String {
    [&half[..8], &half[8..12], &half[12..16], &half[16..20], &half[20..]].join("-")
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
