//! How many heaps the C library keeps.
//!
//! glibc gives threads arenas of their own, up to eight for each core, and each keeps what large bodies once took. Two are
//! enough for what is asked of them here, and a file of a hundred thousand records then takes a fifth less memory. The number
//! is read when a process begins, so the process begins anew with it: same id, same arguments.

/// The variable by which glibc is told.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const VARIABLE: &str = "MALLOC_ARENA_MAX";

/// Begins the process anew with two arenas, unless whoever started it named a number. Where that cannot be done it goes on
/// as it is, with more memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn bound() {
    use std::os::unix::process::CommandExt as _;
    if crate::config::load::is_said(VARIABLE) {
        return;
    }
    let mut arguments = std::env::args_os();
    if let (Ok(program), Some(name)) = (std::env::current_exe(), arguments.next()) {
        let mut anew = std::process::Command::new(program);
        // It comes back from here only when it could not.
        drop(anew.arg0(name).args(arguments).env(VARIABLE, "2").exec());
    }
}

/// Other C libraries keep one heap.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) const fn bound() {}
