//! The data sets, their items and shapes, loaded from files under `policies/`; and how a backend's coded items become typed, normalised data.
