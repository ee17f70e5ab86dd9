//! The backends, one folder per wire protocol. Every byte that comes back is hostile until parsed.
