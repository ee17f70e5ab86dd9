//! What the agencies have, and how they feel.

use super::registry::Registration;
use crate::domain::Timestamp;
use crate::domain::submission::SubmissionState;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;

/// How an agency treats one application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Reviews it and completes it.
    #[default]
    Auto,
    /// Takes it, and looks at it when it gets to it: never.
    Slow,
    /// Asks for an amendment, then completes it.
    Amend,
    /// Reviews it, completes it, and issues an official document (公文書).
    Issue,
    /// Reviews it, completes it, and issues an official document some looks later.
    IssueLate,
    /// Wants to be paid first, then completes it.
    Pay,
    /// Sends it back after a review.
    Return,
    /// Does not take it, by a rule of its own.
    Reject,
    /// Takes it, and loses the answer on its way.
    LoseReply,
    /// Answers like something between us and it that has broken: nobody knows whether it took it. It did not.
    Broken,
    /// Takes it, and tells it twice whenever it is asked for it.
    Twice,
    /// Tells of a new company what is another's, as long as it feels so.
    Nonsense,
    /// Is away, and says when to come back.
    Down,
}

impl Mood {
    pub(in crate::sandbox) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "auto" => Self::Auto,
            "slow" => Self::Slow,
            "amend" => Self::Amend,
            "issue" => Self::Issue,
            "issue_late" => Self::IssueLate,
            "pay" => Self::Pay,
            "return" => Self::Return,
            "reject" => Self::Reject,
            "lose_reply" => Self::LoseReply,
            "broken" => Self::Broken,
            "twice" => Self::Twice,
            "nonsense" => Self::Nonsense,
            "down" => Self::Down,
            _ => return None,
        })
    }
}

/// Something that an agency did because it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// At which agency.
    pub agency: String,
    /// By whose reference.
    pub reference: String,
    /// `file`, `amend` or `withdraw`.
    pub act: String,
    /// Its number.
    pub arrival: String,
}

/// A moment in the life of a call, told to whoever listens before the call goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A call to hand something in has arrived; nothing is done yet.
    Received,
    /// It is done, and not answered yet.
    Done,
    /// A look-up or a look has arrived.
    Asked,
    /// A document is asked for; it is not given yet.
    Fetched,
    /// A call has arrived that says that a document was fetched; it is not noted yet.
    Confirming,
    /// It is noted, and not answered yet.
    Confirmed,
}

/// An application as an agency has it.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct Application {
    pub arrival: String,
    pub reference: String,
    pub state: SubmissionState,
    pub until: Option<Timestamp>,
    pub mood: Mood,
}

#[derive(Default)]
struct Inside {
    effects: Vec<Effect>,
    /// By agency and number.
    applications: BTreeMap<(String, String), Application>,
    /// By agency and reference, each round of an application.
    references: BTreeMap<(String, String), String>,
    mood: Option<Mood>,
    /// By agency.
    moods: BTreeMap<String, Mood>,
    /// By number at the registry.
    registrations: BTreeMap<String, Registration>,
    linger: Duration,
    count: u64,
}

/// The agencies' books and moods.
pub struct Agencies {
    inside: Mutex<Inside>,
    moments: broadcast::Sender<Moment>,
}

impl Default for Agencies {
    fn default() -> Self {
        Self { inside: Mutex::default(), moments: broadcast::channel(1024).0 }
    }
}

impl Agencies {
    /// Everything that was done, in order.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.lock().effects.clone()
    }

    /// How each application is treated from now on, whatever it asks for; as it asks when none.
    pub fn feel(&self, mood: Option<Mood>) {
        self.lock().mood = mood;
    }

    /// How one agency treats each application from now on, whatever the others do.
    pub fn feel_at(&self, agency: &str, mood: Option<Mood>) {
        let mut inside = self.lock();
        match mood {
            Some(mood) => drop(inside.moods.insert(agency.to_owned(), mood)),
            None => drop(inside.moods.remove(agency)),
        }
    }

    /// How long each call waits before and after it is done.
    pub fn linger(&self, span: Duration) {
        self.lock().linger = span;
    }

    /// Hears of each moment from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Moment> {
        self.moments.subscribe()
    }

    /// Tells of a moment, and waits as long as calls do.
    pub(in crate::sandbox) async fn pass(&self, moment: Moment) {
        let span = self.lock().linger;
        drop(self.moments.send(moment));
        if !span.is_zero() {
            tokio::time::sleep(span).await;
        }
    }

    pub(in crate::sandbox) fn mood(&self, asked: Option<Mood>) -> Mood {
        self.lock().mood.or(asked).unwrap_or_default()
    }

    /// How an agency feels about an application.
    pub(super) fn mood_at(&self, agency: &str, asked: Option<Mood>) -> Mood {
        let own = self.lock().moods.get(agency).copied();
        own.unwrap_or_else(|| self.mood(asked))
    }

    /// Notes what a registration was applied for with, once.
    pub(super) fn note_registration(&self, number: &str, applied: Registration) {
        self.lock().registrations.entry(number.to_owned()).or_insert(applied);
    }

    /// What a registration was applied for with, once it is completed.
    pub(super) fn registration(&self, agency: &str, number: &str) -> Option<Registration> {
        let inside = self.lock();
        let application = inside.applications.get(&(agency.to_owned(), number.to_owned()))?;
        let is_there = application.state == SubmissionState::Completed;
        inside.registrations.get(number).filter(|_| is_there).cloned()
    }

    /// The number that a reference led to before.
    pub(super) fn known(&self, agency: &str, reference: &str) -> Option<String> {
        self.lock().references.get(&(agency.to_owned(), reference.to_owned())).cloned()
    }

    /// Does what is asked, once more each time; gives the number, none for an application that is not there.
    pub(in crate::sandbox) fn take(&self, agency: &str, asked: &Asked<'_>, mood: Mood) -> Option<String> {
        let mut inside = self.lock();
        let arrival = if let Some(number) = asked.arrival {
            number.to_owned()
        } else {
            inside.count += 1;
            format!("{:018}", inside.count)
        };
        let key = (agency.to_owned(), arrival.clone());
        match (asked.act, asked.arrival) {
            ("file", None) => {
                let application = Application {
                    arrival: arrival.clone(),
                    reference: asked.reference.to_owned(),
                    state: SubmissionState::Arrived,
                    until: None,
                    mood,
                };
                inside.applications.insert(key, application);
            }
            ("amend" | "withdraw", Some(_)) => {
                let application = inside.applications.get_mut(&key)?;
                let is_amended = asked.act == "amend";
                application.state = if is_amended { SubmissionState::UnderReview } else { SubmissionState::Cancelled };
                (application.until, application.mood) = (None, Mood::Auto);
            }
            _ => return None,
        }
        inside.effects.push(Effect {
            agency: agency.to_owned(),
            reference: asked.reference.to_owned(),
            act: asked.act.to_owned(),
            arrival: arrival.clone(),
        });
        inside.references.insert((agency.to_owned(), asked.reference.to_owned()), arrival.clone());
        Some(arrival)
    }

    /// An application was paid for: it goes on.
    pub(in crate::sandbox) fn paid(&self, agency: &str, number: &str) {
        if let Some(one) = self.lock().applications.get_mut(&(agency.to_owned(), number.to_owned())) {
            one.mood = Mood::Auto;
        }
    }

    /// How an application stands, without moving it on.
    pub(in crate::sandbox) fn peek(&self, agency: &str, number: &str) -> Option<Application> {
        self.lock().applications.get(&(agency.to_owned(), number.to_owned())).cloned()
    }

    /// How an application stands now; each look moves it on.
    pub(in crate::sandbox) fn look(&self, agency: &str, number: &str, now: Timestamp) -> Option<Application> {
        let mut inside = self.lock();
        let one = inside.applications.get_mut(&(agency.to_owned(), number.to_owned()))?;
        let next = match (one.state, one.mood) {
            (SubmissionState::Arrived, Mood::Slow) => SubmissionState::Arrived,
            (SubmissionState::Arrived, _) | (SubmissionState::UnderReview, Mood::Pay) => SubmissionState::UnderReview,
            (SubmissionState::UnderReview, Mood::Amend) => SubmissionState::ActionRequired,
            (SubmissionState::UnderReview, Mood::Return) => SubmissionState::Returned,
            (SubmissionState::UnderReview, _) => SubmissionState::Completed,
            (state, _) => state,
        };
        if next == SubmissionState::ActionRequired && one.until.is_none() {
            one.until = Some(now.plus(WEEK));
        }
        one.state = next;
        Some(one.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Each change is made whole before anything can panic.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long an amendment may take.
const WEEK: Duration = Duration::from_hours(7 * 24);

/// What is asked of an agency.
pub(in crate::sandbox) struct Asked<'a> {
    pub reference: &'a str,
    pub act: &'a str,
    pub arrival: Option<&'a str>,
}
