//! Rainbow's portal that tells clients which places are near them.

pub(crate) mod ice_servers;
