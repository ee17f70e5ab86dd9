//! The real binary in a directory of its own, killed and started again on the same ports.

use crate::support::child::{FILTER, Heard, said};
use crate::support::played::files::ClientFile;
use crate::support::played::third_party::ThirdParty;
use std::process::Command;
use std::time::Duration;

/// A running `madoguchi dev`, with a sandbox of its own process so that only the gateway is killed.
pub struct Counter {
    gateway: Option<Heard>,
    port: u16,
    sandbox_port: u16,
    directory: tempfile::TempDir,
}

impl Counter {
    /// Starts it and waits until it is ready.
    pub async fn start() -> Self {
        crate::support::played::install_crypto();
        let directory = tempfile::tempdir().expect("a directory");
        let (port, sandbox_port) = (free_port(), free_port());
        let gateway = Some(spawn(&directory, port, sandbox_port));
        let counter = Self { gateway, port, sandbox_port, directory };
        counter.ready().await;
        counter
    }

    /// The ready-made client of this name.
    pub async fn party(&self, name: &str) -> ThirdParty {
        ThirdParty::open(ClientFile::read(self.directory.path(), name).expect("a client file")).await.expect("metadata")
    }

    /// SIGKILL: no destructor runs, no buffer is flushed.
    pub fn kill(&mut self) {
        drop(self.gateway.take().expect("it was running"));
    }

    /// Starts it again on what it left behind.
    pub async fn restart(&mut self) {
        self.gateway = Some(spawn(&self.directory, self.port, self.sandbox_port));
        self.ready().await;
    }

    /// Both.
    pub async fn kill_and_restart(&mut self) {
        self.kill();
        self.restart().await;
    }

    /// `madoguchi audit` on what it has; gives whether it ended well, and what it said.
    pub fn audit(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
        command.arg("audit").args(arguments).arg("--dev").arg(self.directory.path());
        let ended = command.output().expect("the binary starts");
        (ended.status.success(), said(&ended))
    }

    async fn ready(&self) {
        let url = format!("http://localhost:{}/readyz", self.port);
        let ready = async {
            while !reqwest::get(&url).await.is_ok_and(|r| r.status().is_success()) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(3), ready).await.expect("the counter is ready in the end");
    }
}

fn spawn(directory: &tempfile::TempDir, port: u16, sandbox_port: u16) -> Heard {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    command.args(["dev", "--port", &port.to_string(), "--sandbox-port", &sandbox_port.to_string(), "--log", FILTER]);
    Heard::start(command.arg("--directory").arg(directory.path()), Some(directory.path()))
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).expect("a free port").port()
}
