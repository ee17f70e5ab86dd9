//! The relying party against providers that misbehave.
