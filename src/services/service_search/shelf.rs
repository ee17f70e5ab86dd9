//! The catalogue of the moment, exchanged as a whole.

use crate::catalog::services::ServiceCatalogue;
use std::sync::{Arc, PoisonError, RwLock};

/// Where the catalogue stands.
#[derive(Debug, Default)]
pub struct Shelf {
    current: RwLock<Option<Arc<ServiceCatalogue>>>,
}

impl Shelf {
    /// One with a catalogue on it from the start.
    #[must_use]
    pub fn with(catalogue: ServiceCatalogue) -> Self {
        Self { current: RwLock::new(Some(Arc::new(catalogue))) }
    }

    /// The catalogue of the moment; none until the first one was read.
    #[must_use]
    pub fn now(&self) -> Option<Arc<ServiceCatalogue>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another one in its place. Calls under way end with the one that they began with.
    pub fn put(&self, catalogue: ServiceCatalogue) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(catalogue));
    }
}
