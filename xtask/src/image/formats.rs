//! The disk in the forms that hypervisors take. Each is read back and compared with the disk it was made from.

use super::{Build, failed, recipe};
use crate::{Failure, Outcome, process};

struct Format {
    /// Ending of the file's name.
    ending: &'static str,
    /// As qemu-img knows it.
    name: &'static str,
    options: &'static [&'static str],
    who: &'static str,
}

const FORMATS: &[Format] = &[
    Format {
        ending: "qcow2",
        name: "qcow2",
        options: &["-c", "-o", "compression_type=zstd"],
        who: "QEMU, libvirt, Proxmox",
    },
    Format { ending: "vhdx", name: "vhdx", options: &["-o", "subformat=dynamic"], who: "Hyper-V" },
    // The one form of a disk that an OVA may hold.
    Format {
        ending: "vmdk",
        name: "vmdk",
        options: &["-o", "subformat=streamOptimized"],
        who: "VMware, inside of the OVA",
    },
];

/// Makes `rainbow-edge.{qcow2,vhdx,ova}` from `disk.raw`.
///
/// # Errors
/// `Failed` when a form cannot be made, or does not hold what the disk holds.
pub(super) fn make(build: &Build) -> Outcome {
    for format in FORMATS {
        let name = format!("rainbow-edge.{}", format.ending);
        println!("  {name}, for {}", format.who);
        super::remove(&build.file(&name))?;
        let mut convert = build.tool("qemu-img");
        convert.args(["convert", "-f", "raw", "-O", format.name]).args(format.options);
        convert.args([build.inside("disk.raw"), build.inside(&name)]);
        build.run("converting the disk", &name, &mut convert)?;
        check(build, format, &name)?;
    }
    ova(build)
}

/// What was written is what was read, and says what it is.
fn check(build: &Build, format: &Format, name: &str) -> Outcome {
    let mut compare = build.tool("qemu-img");
    compare.args(["compare", "-f", "raw", "-F", format.name, &build.inside("disk.raw"), &build.inside(name)]);
    build.run("comparing the converted disk", &format!("{name}.compare"), &mut compare)?;
    let said = process::output(build.tool("qemu-img").args(["info", &build.inside(name)]))?;
    if said.lines().any(|line| line == format!("file format: {}", format.name)) {
        return Ok(());
    }
    Err(Failure::Failed(format!("{name} is not what it should be; qemu-img says:\n{said}")))
}

/// A description, the checksums, the disk: in this order, so that who reads a stream knows what comes.
fn ova(build: &Build) -> Outcome {
    println!("  rainbow-edge.ova, for VMware, VirtualBox");
    let template = process::root().join("image/build/rainbow-edge.ovf");
    let text = std::fs::read_to_string(&template).map_err(|error| failed("read", &template, &error))?;
    let text = described(&text, size(build, "rainbow-edge.vmdk")?, size(build, "disk.raw")?, &build.version);
    super::write(&build.file("rainbow-edge.ovf"), &text)?;
    let mut manifest = String::new();
    for name in ["rainbow-edge.ovf", "rainbow-edge.vmdk"] {
        manifest.push_str(&format!("SHA256({name})= {}\n", recipe::digest(build, name)?));
    }
    super::write(&build.file("rainbow-edge.mf"), &manifest)?;
    let mut tar = build.tool("tar");
    tar.args(["--create", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mode=0644"]);
    tar.arg(format!("--mtime=@{}", build.epoch)).arg(format!("--directory=/out/{}", build.flavour.name()));
    tar.arg(format!("--file={}", build.inside("rainbow-edge.ova")));
    tar.args(["rainbow-edge.ovf", "rainbow-edge.mf", "rainbow-edge.vmdk"]);
    build.run("packing the OVA", "ova", &mut tar)
}

fn size(build: &Build, name: &str) -> Result<u64, Failure> {
    let path = build.file(name);
    std::fs::metadata(&path).map(|found| found.len()).map_err(|error| failed("read", &path, &error))
}

fn described(template: &str, file_bytes: u64, disk_bytes: u64, version: &str) -> String {
    template
        .replace("@FILE_BYTES@", &file_bytes.to_string())
        .replace("@DISK_BYTES@", &disk_bytes.to_string())
        .replace("@VERSION@", version)
}

#[cfg(test)]
mod tests {
    use super::described;

    #[test]
    fn the_description_names_sizes_and_version_and_leaves_no_blank() {
        let text = described(include_str!("../../../image/build/rainbow-edge.ovf"), 11, 22, "1.2.3");
        assert!(text.contains("ovf:size=\"11\"") && text.contains("ovf:capacity=\"22\"") && text.contains(">1.2.3<"));
        assert!(!text.contains('@'));
    }
}
