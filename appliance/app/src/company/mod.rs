//! Companies: adding, reading, searching, changing, erasing them, and who is let see whom.

mod add;
mod change;
mod erase;
mod organization;
mod read;
mod receipt;
mod visible_by;

pub(crate) use add::wrong_name;
pub use add::{NewCompany, add, add_of_kind, create, find_by_name};
pub use change::{CompanyChange, change};
pub use erase::{Erased, destroy, erase, erasure_plan, receipts};
pub use organization::{add_organization, list_organizations};
pub use read::{CompanyPage, find_administered, list_administered, read, search};
pub use receipt::{Erasure, Receipt, receipt_key};
pub use store::organization::Organization;
pub use visible_by::set_visible_by;
