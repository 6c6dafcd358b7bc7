//! Companies: adding them, reading one's own.

mod add;
mod read;

pub use add::{add, find_by_name};
pub use read::{CompanyPage, read};
