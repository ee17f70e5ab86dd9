//! The sub-commands, and `wire.rs`, the only place where everything is put together.
