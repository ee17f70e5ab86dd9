//! Whose browser an example needs, and whether it plays that itself.

use super::browser::Page;
use super::callback;
use super::citizen::Citizen;
use super::third_party::{Pending, ThirdParty, Tokens};
use std::path::PathBuf;

/// What every example with a citizen is told.
#[derive(clap::Args)]
pub struct Person {
    /// Where `madoguchi dev` keeps its files.
    #[arg(long, default_value = ".madoguchi")]
    pub directory: PathBuf,
    /// Play the citizen's browser too, through the real pages.
    #[arg(long)]
    pub auto: bool,
    /// The citizen's card (with --auto).
    #[arg(long, default_value = "1000000000000001")]
    pub card: String,
    /// Its PIN (with --auto).
    #[arg(long, default_value = "1234")]
    pub pin: String,
}

impl Person {
    /// The citizen, in a browser of their own.
    pub fn citizen(&self) -> anyhow::Result<Citizen> {
        Citizen::new(&self.card, &self.pin)
    }

    /// Lets the citizen decide over what `party` pushed, and gives what comes of it.
    pub async fn consent(&self, party: &ThirdParty, pending: Pending) -> anyhow::Result<Tokens> {
        self.consent_as(&mut self.citizen()?, (party, pending), |_| ()).await
    }

    #[expect(clippy::print_stdout, reason = "its story is its output")]
    /// The same in a browser that goes on, whose consent page `read` looks at first.
    pub async fn consent_as(
        &self,
        citizen: &mut Citizen,
        (party, pending): (&ThirdParty, Pending),
        read: impl FnOnce(&Page),
    ) -> anyhow::Result<Tokens> {
        let answer = if self.auto {
            let page = citizen.arrive(&pending.address).await?;
            read(&page);
            citizen.decide(&page, "agree", &party.file.redirect_uri).await?
        } else {
            println!("   Open this address, sign in with a sandbox card, and decide:\n\n   {}\n", pending.address);
            callback::wait(&party.file.redirect_uri).await?
        };
        party.exchange(pending, &answer).await
    }
}
