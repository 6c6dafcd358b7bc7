//! Stand-ins for tools that need a device mapper, a TPM or a person. Each notes how it was called.

use std::path::Path;

/// What each begins with: `$R` is the machine's folder, `$F` what the fakes know of one another.
pub(super) fn head(root: &Path) -> String {
    format!("#!/bin/sh\nR='{}'\nF=$R/fake\nmkdir -p $F\necho \"$(basename $0) $*\" >> $F/calls", root.display())
}

pub(super) const ALL: &[(&str, &str)] = &[
    ("systemd-repart", REPART),
    ("systemd-cryptsetup", CRYPTSETUP),
    ("systemd-cryptenroll", CRYPTENROLL),
    ("systemd-ask-password", ASK),
    ("systemd-creds", CREDS),
    ("blkid", "case \"$*\" in *PART_ENTRY_NAME*vda6) echo data ;; esac"),
    ("e2fsck", "[ -e $F/e2fsck ] && exit $(cat $F/e2fsck)\nexit 0"),
    ("mountpoint", "[ -e $F/mounted ]"),
    ("udevadm", "true"),
];

/// Makes a real LUKS2 volume in the file of the partition, with a slot as the definition says.
const REPART: &str = r#"
[ -e $F/repart-says ] && { cat $F/repart-says >&2; exit 1; }
case "$*" in *--factory-reset=yes*) rm -f $R/dev/vda6; [ -e $F/until-made ] && rm -f $F/tpm-says ;; esac
[ -e $R/dev/vda6 ] && exit 0
printf %s 'sealed to the fake TPM' > $F/tpm-key
key=$F/tpm-key
for argument in "$@"; do case $argument in --key-file=*) key=${argument#--key-file=} ;; esac; done
truncate -s 32M $R/dev/vda6
fast='--batch-mode --pbkdf=pbkdf2 --pbkdf-force-iterations=1000'
cryptsetup luksFormat --type luks2 $fast --key-file "$key" $R/dev/vda6 || exit 1
if [ $key = $F/tpm-key ]; then
  token='"tpm2-blob":"AAAA","tpm2-pcrs":[7],"tpm2-pcr-bank":"sha256","tpm2-policy-hash":"00"'
  echo "{\"type\":\"systemd-tpm2\",\"keyslots\":[\"0\"],$token}" > $F/token
  cryptsetup token import --json-file $F/token $R/dev/vda6 || exit 1
fi
mkdir -p $R/sys/devices/pci/vda/vda6
cd $R/sys/devices/pci/vda/vda6
# As the kernel tells of a partition that was added while it runs: without its name.
printf 'DEVNAME=vda6\nPARTN=6\n' > uevent; echo 6 > partition; echo 4000000 > size
"#;

/// Opens by the fake TPM or a key file, when it really fits.
const CRYPTSETUP: &str = r#"
key=$4
case "$5" in *tpm2-device*)
  [ -e $F/tpm-says ] && { cat $F/tpm-says >&2; exit 1; }
  key=$F/tpm-key ;;
esac
cryptsetup open --test-passphrase --key-file "$key" "$3" || exit 1
touch $R/dev/mapper/data
"#;

/// Makes a key by means of the fake TPM, as systemd does; sealing to it is only noted.
const CRYPTENROLL: &str = r#"
unlock=$F/tpm-key
for argument in "$@"; do
  case $argument in --unlock-key-file=*) unlock=${argument#--unlock-key-file=} ;; esac
  partition=$argument
done
case "$*" in *--wipe-slot=tpm2*) cryptsetup open --test-passphrase --key-file "$unlock" "$partition"; exit $? ;; esac
printf %s "bridge-$$" > $F/new-key
fast='--batch-mode --pbkdf=pbkdf2 --pbkdf-force-iterations=1000'
slots() { cryptsetup luksDump "$partition" | sed -n 's/^ *\([0-9]*\): luks2$/\1/p'; }
before=" $(echo $(slots)) "
cryptsetup luksAddKey $fast --key-file "$unlock" "$partition" $F/new-key || exit 1
for one in $(slots); do case "$before" in *" $one "*) ;; *) slot=$one ;; esac; done
echo "{\"type\":\"systemd-recovery\",\"keyslots\":[\"$slot\"]}" > $F/token
cryptsetup token import --json-file $F/token "$partition" || exit 1
cat $F/new-key; echo
"#;

/// The next answer of a person, and what the screen says meanwhile.
const ASK: &str = r#"
for argument in "$@"; do question=$argument; done
echo "$question" >> $F/questions
mkdir -p $F/states
cp $R/run/rainbow-edge-storage/state.json $F/states/$(grep -c '' $F/questions)
[ -s $F/answers ] || exit 1
head -n 1 $F/answers
sed -i 1d $F/answers
"#;

/// Seals by writing the name of the TPM before it.
const CREDS: &str = r#"
tpm=$(cat $F/tpm 2>/dev/null || echo none)
for argument in "$@"; do before=$last; last=$argument; done
# The host key opens with and without a TPM.
host=Whxqht+dQJax1aZeCGLxmg
case "$*" in *--with-key=host*) tpm=$host ;; esac
if [ $1 = encrypt ]; then { echo "$tpm"; cat; } > "$last"; exit; fi
[ "$(head -n 1 "$before")" = "$tpm" ] || [ "$(head -n 1 "$before")" = $host ] || { echo 'Esys Finish ErrorCode (0x000001df)' >&2; exit 1; }
tail -n +2 "$before"
"#;
