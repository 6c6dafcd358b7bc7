//! The image for 64-bit ARM, with `--full`.

use super::hardship::in_full;
use crate::error::Outcome;
use crate::machine::{self, Kind, Plan};
use crate::place::place;
use crate::{browser, disk, firmware, status_page, tpm};

fn first_boot() -> Outcome<()> {
    let name = "arm64";
    let disk = disk::layer(name, &disk::copied(&place()?.arm64_disk()?, "arm64.raw")?)?;
    let mut plan = Plan::usual(name, disk, tpm::new(name)?)?;
    plan.variables = firmware::variables_arm64(name)?;
    plan.kind = Kind::Arm64;
    let machine = machine::boot(&plan)?;
    machine.page(status_page::read_with_code)?;
    browser::served(&machine, &[])?;
    machine.switch_off()
}

#[test]
fn box_of_64_bit_arm_seals_its_data_shows_its_page_and_serves_i1_d2() {
    in_full(first_boot);
}
