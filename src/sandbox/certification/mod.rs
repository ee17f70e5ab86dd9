//! The made-up authority that vouches for citizens' certificates for signing (署名用電子証明書), and takes them back.
//!
//! A root, which is the anchor; an authority below it, which issues; each with its list of what was taken back, made anew at each
//! look and in force for a day. There is a second root, of the same make, that nobody trusts. Shaped after 公的個人認証サービス:
//! RSA of 2048 bits with SHA-256, key usage for committing to contents, a critical policy, the holder's name among the
//! alternative names. The policy's number and the names are made up.
//!
//! How to add one more trouble: a variant of [`ListTrouble`], or of [`SigningState`].
//!
//! What it must never do: issue what somebody could take for a real certificate.

mod make;

pub(super) use make::Made;
pub use make::{POLICY, anchors};

use super::people::Person;
use super::person::SigningState;
use super::server::Sandbox;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use aws_lc_rs::digest;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

/// Where anchors and lists are, below the sandbox's address.
pub const PATH: &str = "/certification";
/// The lists, below that.
pub const LISTS: [&str; 2] = ["root.crl", "citizens.crl"];
/// For how long a list is in force.
const LIST_LIFE: Duration = Duration::from_hours(24);
/// Larger than any list that is taken.
const TOO_LARGE: usize = 5 * 1024 * 1024;

/// What is wrong with the lists of what was taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListTrouble {
    /// Nothing.
    #[default]
    None,
    /// They are not answered.
    Away,
    /// They are something else.
    Garbage,
    /// They are no longer in force.
    Expired,
    /// Somebody else signed them.
    OtherSigner,
    /// They are larger than anybody takes.
    TooLarge,
}

/// What is wrong with what is answered about a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerTrouble {
    /// Nothing.
    #[default]
    None,
    /// Something else was signed.
    OtherDigest,
    /// The certificate is another person's.
    OtherCertificate,
    /// The id_token speaks of another transaction.
    OtherTransaction,
    /// The id_token names another certificate.
    OtherSerial,
    /// It is no answer at all.
    Garbage,
}

/// What the authority and the signing service do.
#[derive(Default)]
pub struct Certification {
    lists: RwLock<ListTrouble>,
    answers: RwLock<AnswerTrouble>,
    /// Whose certificates were taken back since the start, by their ids.
    taken_back: RwLock<Vec<String>>,
    /// Made when somebody signs: RSA keys take a moment.
    cards: Vec<OnceLock<Option<Made>>>,
}

impl Certification {
    pub(super) fn new(cards: usize) -> Self {
        Self { cards: std::iter::repeat_with(OnceLock::new).take(cards).collect(), ..Self::default() }
    }

    /// From now on the lists are like this.
    pub fn trouble_lists(&self, trouble: ListTrouble) {
        *self.lists.write().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// From now on signatures are answered like this.
    pub fn trouble_answers(&self, trouble: AnswerTrouble) {
        *self.answers.write().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Takes the certificate of the person with this id back.
    pub fn take_back(&self, person: &str) {
        self.taken_back.write().unwrap_or_else(PoisonError::into_inner).push(person.to_owned());
    }

    fn is_taken_back(&self, person: &Person) -> bool {
        let state = person.file.card.signing.as_ref().map(|signing| signing.state);
        let since = self.taken_back.read().unwrap_or_else(PoisonError::into_inner);
        state == Some(SigningState::Revoked) || since.contains(&person.file.id)
    }

    pub(super) fn answers(&self) -> AnswerTrouble {
        *self.answers.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is on a person's card; none without a certificate for signing, or when no key can be made.
    pub(super) fn card(&self, place: usize, person: &Person) -> Option<&Made> {
        let signing = person.file.card.signing.as_ref()?;
        self.cards.get(place)?.get_or_init(|| make::leaf(&person.file, signing.state).ok()).as_ref()
    }
}

impl Made {
    /// Signs a digest, as a card does; none for what is no SHA-256.
    pub(super) fn sign(&self, hash: &[u8]) -> Option<Vec<u8>> {
        let key = match PrivateKeyDer::from_pem_slice(self.key.as_bytes()).ok()? {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok()?,
            _ => return None,
        };
        let hash = digest::Digest::import_less_safe(hash, &digest::SHA256).ok()?;
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign_digest(&RSA_PKCS1_SHA256, &hash, &mut signature).ok()?;
        Some(signature)
    }
}

/// Below [`PATH`].
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource(format!("{PATH}/anchors.pem")).route(web::get().to(anchor_file)))
        .service(web::resource(format!("{PATH}/{{list}}")).route(web::get().to(list)));
}

async fn anchor_file() -> HttpResponse {
    match anchors() {
        Ok(pem) => HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/x-pem-file")).body(pem),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn list(sandbox: web::Data<Sandbox>, name: web::Path<String>) -> HttpResponse {
    let Some(which) = LISTS.iter().position(|list| *list == name.as_str()) else {
        return HttpResponse::NotFound().finish();
    };
    let trouble = *sandbox.certification.lists.read().unwrap_or_else(PoisonError::into_inner);
    let der = |bytes: Vec<u8>| HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/pkix-crl")).body(bytes);
    match trouble {
        ListTrouble::Away => return HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE).finish(),
        ListTrouble::Garbage => return der(b"\x30\x82\x00\x10 no list at all".to_vec()),
        ListTrouble::TooLarge => return der(vec![0x30; TOO_LARGE]),
        ListTrouble::None | ListTrouble::Expired | ListTrouble::OtherSigner => {}
    }
    let now = sandbox.clock.now();
    let from = if trouble == ListTrouble::Expired { now.minus(LIST_LIFE * 2) } else { now.minus(LIST_LIFE / 24) };
    let certification = &sandbox.certification;
    let taken_back = sandbox.people.iter().filter(|person| certification.is_taken_back(person));
    let taken_back: Vec<Vec<u8>> = taken_back.map(|person| make::serial(&person.file)).collect();
    let made = make::list((which == 1, trouble == ListTrouble::OtherSigner), &taken_back, (from, from.plus(LIST_LIFE)));
    made.map_or_else(|_| HttpResponse::InternalServerError().finish(), der)
}
