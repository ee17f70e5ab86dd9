//! What a run took: latencies, and the gateway's own CPU time and memory as the kernel counts them.

use std::time::Duration;

/// Latencies of one run, in microseconds.
#[derive(Default)]
pub struct Latencies(Vec<u32>);

impl Latencies {
    pub fn record(&mut self, span: Duration) {
        self.0.push(u32::try_from(span.as_micros()).unwrap_or(u32::MAX));
    }

    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The latency that `share` (0 to 1) of the calls did not exceed, in milliseconds.
    pub fn percentile(&mut self, share: f64) -> f64 {
        if self.0.is_empty() {
            return 0.0;
        }
        self.0.sort_unstable();
        let last = self.0.len() - 1;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let index = ((last as f64) * share).round() as usize;
        f64::from(self.0.get(index.min(last)).copied().unwrap_or_default()) / 1000.0
    }
}

/// The measured process, read from `/proc`.
#[derive(Clone, Copy)]
pub struct Process(pub u32);

impl Process {
    /// The process listening on `port` of this machine, if it can be told.
    pub fn listening_on(port: u16) -> Option<Self> {
        let inode = ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|file| {
            let table = std::fs::read_to_string(file).ok()?;
            table.lines().skip(1).find_map(|line| {
                let columns: Vec<&str> = line.split_whitespace().collect();
                let is_it = columns.get(1)?.ends_with(&format!(":{port:04X}")) && *columns.get(3)? == "0A";
                is_it.then(|| columns.get(9).map(ToString::to_string))?
            })
        })?;
        let wanted = format!("socket:[{inode}]");
        std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
            let id: u32 = entry.file_name().to_str()?.parse().ok()?;
            let files = std::fs::read_dir(entry.path().join("fd")).ok()?;
            files
                .flatten()
                .any(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to.as_os_str() == wanted.as_str()))
                .then_some(Self(id))
        })
    }

    /// CPU time used so far, user and system; the kernel counts in hundredths of a second.
    pub fn cpu(self) -> Duration {
        let Ok(line) = std::fs::read_to_string(format!("/proc/{}/stat", self.0)) else { return Duration::ZERO };
        let after_name = line.rsplit(')').next().unwrap_or_default();
        let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory, MiB.
    pub fn memory_mib(self) -> f64 {
        self.status_mib("VmRSS:")
    }

    /// The most memory that was ever resident since the process began, MiB.
    pub fn peak_memory_mib(self) -> f64 {
        self.status_mib("VmHWM:")
    }

    fn status_mib(self, name: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        let kib = status.lines().find_map(|l| l.strip_prefix(name)?.split_whitespace().next()?.parse::<f64>().ok());
        kib.unwrap_or(0.0) / 1024.0
    }
}

/// One line of the table.
pub struct Figures {
    pub calls: usize,
    pub failures: usize,
    pub seconds: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub cpu_us: f64,
    pub memory_mib: f64,
}

impl Figures {
    pub fn heading() -> String {
        format!(
            "{:<44} {:>8} {:>8} {:>9} {:>9} {:>9} {:>11} {:>10} {:>9}",
            "what", "calls", "refused", "per s", "p50 ms", "p99 ms", "CPU us/call", "per core s", "RSS MiB"
        )
    }

    pub fn line(&self, what: &str) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a rate to print")]
        let rate = self.calls as f64 / self.seconds;
        format!(
            "{what:<44} {:>8} {:>8} {rate:>9.0} {:>9.2} {:>9.2} {:>11.0} {:>10.0} {:>9.1}",
            self.calls,
            self.failures,
            self.p50_ms,
            self.p99_ms,
            self.cpu_us,
            if self.cpu_us > 0.0 { 1e6 / self.cpu_us } else { 0.0 },
            self.memory_mib
        )
    }
}
