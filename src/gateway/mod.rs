//! The stages of every `/v1` call, each a value that the next demands: match, authenticate, consent, throttle.
