//! What can be seen only from inside the application: devices that come and go, lives by a clock that is moved.

mod devices;
mod sessions;
mod support;
