//! Guests (C4): people without an account who came to a bubble by its link.
//!
//! A guest has an account of the bubble's company whose only role is `guest`. It is good for one bubble and for as long as
//! he is in it: it is closed when he leaves or is put out, when the link is replaced or taken away, when the bubble is
//! archived or deleted, and when he was not there for a set time. Conferences will bound it further.

mod close;
mod doorstep;
mod register;
mod sweep;

pub(crate) use close::close;
pub(crate) use doorstep::{Bound, Doorstep};
pub use register::{NewGuest, Registered, SignIn, register};
pub use sweep::put_out_absent;
pub(crate) use sweep::sweep;
