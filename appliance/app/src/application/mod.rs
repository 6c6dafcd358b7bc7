//! Applications that identify themselves at sign-in (A11).

mod add;

pub use add::{NewApplication, add};
