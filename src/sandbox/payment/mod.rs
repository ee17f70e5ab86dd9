//! A payment service with made-up money: Pay-easy, mobile register and card.
//!
//! How it flows: the counter asks `POST /payment-service/links/{open,look,close}`, signed; `GET /payment-service/pay/{handle}` is
//! the page of one attempt, where a card number is typed and forgotten, and nothing else; paying notifies the counter and
//! sends the browser back. `POST /payment-service/mood` makes it silent, wrong or gone.
//!
//! How to add one more mood: a variant of [`PaymentMood`] and the place where it bites.

mod page;
mod wire;

use super::server::Sandbox;
use crate::domain::payment::{PaymentKey, Taking};
use crate::domain::{Secret, Timestamp};
use actix_web::{HttpResponse, web};
pub(super) use page::PaymentPage;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use wire::Pay;

/// Path of the service under the sandbox's address.
pub const PATH: &str = "/payment-service";
/// The counter's name there.
pub const SHOP: &str = "madoguchi";
/// The secret of both: it guards made-up money, on this machine.
pub const SECRET: &str = "made-up-money-only-made-up-money-only";
/// Most attempts that it remembers.
const MOST: usize = 100_000;

/// How the service feels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMood {
    /// It takes money and says so.
    #[default]
    Well,
    /// It takes money and notifies nobody.
    Silent,
    /// It notifies twice, as one that missed our answer does.
    Twice,
    /// It takes a yen less than asked.
    Short,
    /// It signs with another secret.
    Forged,
    /// It answers nobody.
    Down,
    /// It leads citizens elsewhere.
    Elsewhere,
}

/// One attempt.
#[derive(Clone)]
struct Link {
    pay: Option<Pay>,
    handle: String,
    state: LinkState,
}

#[derive(Clone, PartialEq)]
enum LinkState {
    Waiting,
    Closed,
    Taken(Taking),
}

/// The service's state.
#[derive(Default)]
pub struct PaymentDesk {
    mood: Mutex<PaymentMood>,
    links: Mutex<HashMap<String, Link>>,
}

impl PaymentDesk {
    /// How it feels from now on.
    pub fn feel(&self, mood: PaymentMood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    fn mood(&self) -> PaymentMood {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The secret that it signs with.
    fn key(&self) -> Option<PaymentKey> {
        let secret = if self.mood() == PaymentMood::Forged { "another-secret-another-secret-another" } else { SECRET };
        PaymentKey::new(&Secret::new(secret.to_owned()))
    }

    fn links(&self) -> MutexGuard<'_, HashMap<String, Link>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The attempt behind a page.
    fn by_handle(&self, handle: &str) -> Option<(String, Link)> {
        let links = self.links();
        links.iter().find(|(_, link)| link.handle == handle).map(|(id, link)| (id.clone(), link.clone()))
    }

    /// Takes the money of an attempt once: none when it is over, or too late.
    fn take(&self, id: &str, reference: String, now: Timestamp) -> Option<Taking> {
        let is_short = self.mood() == PaymentMood::Short;
        let mut links = self.links();
        let link = links.get_mut(id).filter(|link| link.state == LinkState::Waiting)?;
        let pay = link.pay.as_ref().filter(|pay| now < pay.take_until())?;
        let amount = if is_short { pay.amount.saturating_sub(1) } else { pay.amount };
        let taking = Taking { reference, amount, way: pay.way, bank: pay.bank_type, taken_at: now };
        link.state = LinkState::Taken(taking.clone());
        Some(taking)
    }
}

#[derive(Deserialize)]
struct Feeling {
    mood: PaymentMood,
}

async fn feel(sandbox: web::Data<Sandbox>, body: web::Json<Feeling>) -> HttpResponse {
    sandbox.payments.feel(body.mood);
    HttpResponse::NoContent().finish()
}

/// Its addresses.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(format!("{PATH}/links/{{call}}")).route(web::post().to(wire::asked)));
    let page = web::resource(format!("{PATH}/pay/{{handle}}")).route(web::get().to(page::show));
    cfg.service(page.route(web::post().to(page::submit)));
    cfg.service(web::resource(format!("{PATH}/mood")).route(web::post().to(feel)));
}
